"""In plain sentences: what a study establishes, what it does not, and what that would take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import pandas as pd
from scipy import stats

from . import power
from .adaptive_seeds import EQUIVALENCE, NONINFERIORITY, SUPERIORITY, asked_of
from .config import first_of_kind
from .human_verdict import human_verdict
from .look_verdict import look_verdict, rules_of_looks
from .remedy import Question, remedy
from .results import ONE_RUN, THESE_RUNS
from .stats import ALPHA
from .wording import markdown, metric_name, number, opening, p_is, p_value, points


@dataclass(frozen=True)
class Finding:
    """One answer.

    Attributes:
        text: the sentence.
        is_established: whether the data settle the question.
        remedy: what would settle it.
        short: the same in the headline, before the topic.
        topic: what is to be settled.
    """

    text: str
    is_established: bool
    remedy: str = ""
    short: str = ""
    topic: str = ""


def verdict_page(
    estimates: pd.DataFrame,
    contrasts: pd.DataFrame,
    results: pd.DataFrame,
    config: dict,
    human: dict | None = None,
    look: dict | None = None,
) -> str:
    """The verdict of a study as Markdown.

    Args:
        human: the summary.json of a human evaluation, where there is one.
        look: the record of the last look, where seeds were added until the questions were settled.
    """
    found = verdict_parts(estimates, contrasts, config, human, look)
    return "\n\n".join([f"# What `{config['name']}` establishes", *opening(results, config), *found]) + "\n"


def verdict_parts(
    estimates: pd.DataFrame, contrasts: pd.DataFrame, config: dict, human: dict | None = None, look: dict | None = None
) -> list[str]:
    """The page without what stands above every table: a headline a confirmatory contrast, then established, open, and what is needed."""
    metric = config["comparison"]["primary_metric"]
    confirmatory = contrasts[contrasts["family"] == "confirmatory"]
    of_metric = estimates[estimates["metric"] == metric].set_index("method")
    findings = []
    headlines = []
    n_tests = len(look["questions"]) if look else len(confirmatory)
    for _, contrast in confirmatory.iterrows():
        found = contrast_findings(contrast, n_tests, config)
        kept = retention_findings(contrast, of_metric, config)
        headlines.append(headline(contrast, found, of_metric, config, n_tests))
        findings += [*found, *kept]
    # After looks at some contrasts, nobody can say how often all pairs would mislead.
    findings += best_finding(of_metric, contrasts, config) if look is None else []
    parts = [
        rules_of_looks(look, config) if look else _rules_of_the_game(confirmatory, config),
        "\n".join(f"- **{line}.**" for line in headlines),
        *_section("Established", [found.text for found in findings if found.is_established]),
        *_section("Not established", [found.text for found in findings if not found.is_established]),
        *(look_verdict(look) if look else []),
        *_section("What it would take", [found.remedy for found in findings if found.remedy], _promise(config)),
        *(human_verdict(human) if human else []),
        *_limits(of_metric),
    ]
    if len(confirmatory):
        parts += ["## The numbers", markdown(_rows(confirmatory)), _numbers(config, look)]
    return [part for part in parts if part]


def contrast_findings(contrast: pd.Series, n_contrasts: int, config: dict) -> list[Finding]:
    """What one confirmatory contrast says of difference, non-inferiority and equivalence."""
    if math.isnan(contrast["se"]):
        pair = f"`{contrast['method']}` and `{contrast['reference']}`"
        remedy = f"{pair}: test on two dialogues or more; one says nothing about the next."
        text = f"Anything about {pair}: there is one test dialogue{these_runs(contrast['scope'])}."
        return [Finding(text, False, remedy, "one test dialogue settles", "nothing")]
    asked = asked_of(config, contrast["method"], contrast["reference"])
    answers = [_difference(contrast, n_contrasts, config)] if SUPERIORITY in asked else []
    return answers + _parity(contrast, n_contrasts, asked, config)


def retention_findings(contrast: pd.Series, estimates: pd.DataFrame, config: dict) -> list[Finding]:
    """How much of full fine-tuning a method keeps, where the contrast is with full; no test, but an interval."""
    if contrast["reference"] != first_of_kind(config, "full") or math.isnan(contrast["se"]):
        return []
    method, row = contrast["method"], estimates.loc[contrast["method"]]
    full, zero_shot = contrast["reference"], first_of_kind(config, "zero_shot")
    findings = []
    for share, of in (
        ("percent_of_full", f"`{full}`'s {metric_name(contrast['metric'])}"),
        ("percent_of_gain", f"the gain of `{full}` over `{zero_shot}`"),
    ):
        if math.isnan(row[share]):
            continue
        scope = THESE_RUNS if share == "percent_of_gain" and estimates.loc[zero_shot, "chance"] == ONE_RUN else contrast["scope"]
        if math.isinf(row[f"{share}_low"]):
            text = (
                f"What share of {of} `{method}` keeps: the estimate is {_percent(row, share)}, but its 95 % interval is unbounded, "
                f"because {of} is not distinguishable from zero{these_runs(scope)}."
            )
            findings.append(Finding(text, False))
        else:
            findings.append(Finding(f"`{method}` {_keeps(row, share)} of {of}{these_runs(scope)}.", True))
    return findings


def best_method(estimates: pd.DataFrame, contrasts: pd.DataFrame, config: dict) -> tuple[str | None, pd.DataFrame]:
    """The method with the highest primary mean, floors and ceiling left out, and the contrasts that do not yet set it apart.

    It is established as the best where the second is empty: its difference from every other method is significant after Holm
    over all pairs, which allows for its having been picked after the fact, and speaks of methods and not of single runs.

    Args:
        estimates: of the primary metric, indexed by method.
    Returns:
        None as the method where there are not two to choose from.
    """
    means = estimates.loc[estimates["kind"] != "baseline", "mean"]
    if len(means) < 2:
        return None, contrasts.iloc[:0]
    best = means.idxmax()
    of_primary = contrasts[contrasts["metric"] == config["comparison"]["primary_metric"]]
    pairs = of_primary[of_primary[["method", "reference"]].isin(means.index).all(axis=1)]
    of_best = pairs[(pairs[["method", "reference"]] == best).any(axis=1)]
    return best, of_best[~((of_best["p_holm_all_pairs"] <= ALPHA) & (of_best["scope"] != THESE_RUNS))]


def best_finding(estimates: pd.DataFrame, contrasts: pd.DataFrame, config: dict) -> list[Finding]:
    """Whether one method is the best of all."""
    best, open_contrasts = best_method(estimates, contrasts, config)
    if best is None:
        return []
    metric = metric_name(config["comparison"]["primary_metric"])
    rivals = [f"`{row.method if row.reference == best else row.reference}`" for row in open_contrasts.itertuples()]
    left_out = "floors and ceiling left out" if (estimates["kind"] == "baseline").any() else ""
    if rivals:
        scope = these_runs(THESE_RUNS if (open_contrasts["scope"] == THESE_RUNS).any() else "")
        text = (
            f"Which method is the best{left_out and ', '}{left_out}: none has a higher {metric} than `{best}`, which is not shown to be "
            f"better than {_list(rivals, 'or')}{scope}."
        )
        return [Finding(text, False)]
    text = f"`{best}` is better than every other method on {metric} (after Holm over all pairs{left_out and '; '}{left_out})."
    return [Finding(text, True)]


def headline(contrast: pd.Series, findings: list[Finding], estimates: pd.DataFrame, config: dict, n_contrasts: int) -> str:
    """One contrast in one sentence, without its full stop."""
    method, reference = f"`{contrast['method']}`", f"`{contrast['reference']}`"
    row = estimates.loc[contrast["method"]]
    is_of_full = contrast["reference"] == first_of_kind(config, "full") and math.isfinite(row["percent_of_full_low"])
    parts = [
        f"{method} {_keeps(row, 'percent_of_full')} of {reference}'s {metric_name(contrast['metric'])}"
        if is_of_full
        else f"{method} against {reference}: {_difference_text(contrast)}"
    ]
    if not math.isnan(contrast["se"]):
        parts += _answers(contrast, n_contrasts, config)
    topics: dict[str, list[str]] = {}
    for found in findings:
        if found.short:
            topics.setdefault(found.short, []).append(found.topic)
    parts += [f"{short} {(' or ' if ' not ' in short else ' and ').join(of)}" for short, of in topics.items()]
    return "; ".join(parts) + these_runs(contrast["scope"])


def _answers(contrast: pd.Series, n_contrasts: int, config: dict) -> list[str]:
    """What of difference and parity is shown, for the headline."""
    reference, margin = f"`{contrast['reference']}`", config["comparison"]["margin"]
    asked = asked_of(config, contrast["method"], contrast["reference"])
    is_different = contrast["p_holm"] <= ALPHA
    if not {NONINFERIORITY, EQUIVALENCE}.intersection(asked):
        return [f"{_direction(contrast)} {reference}"] if is_different else []
    at_margin = f"the declared margin of {points(margin)}"
    if _is_beyond(contrast, margin, n_contrasts):
        return [f"worse than {reference} by more than {at_margin}"]
    parts = [f"{_direction(contrast)} {reference}"] if is_different else []
    if contrast["p_equivalent_holm"] <= ALPHA:
        parts.append(f"equivalent within {at_margin}")
    elif contrast["p_noninferior_holm"] <= ALPHA:
        # Of a better method nobody asks whether it is no worse.
        parts += [] if is_different and contrast["difference"] > 0 else [f"non-inferior at {at_margin}"]
    elif NONINFERIORITY in asked:
        parts.append(f"not shown to be non-inferior at {at_margin}")
    else:
        parts.append(f"not shown to be equivalent within {at_margin}")
    return parts


def _is_beyond(contrast: pd.Series, margin: float, n_contrasts: int) -> bool:
    """Whether a loss of more than the margin is shown, at 5 % / the number of contrasts (Bonferroni), two-sided."""
    if "p_beyond" in contrast:
        return contrast["p_beyond"] <= ALPHA and contrast["difference"] < -margin
    reach = stats.t.ppf(1 - ALPHA / n_contrasts / 2, contrast["df"]) * contrast["se"]
    return contrast["difference"] + reach < -margin


def _difference(contrast: pd.Series, n_contrasts: int, config: dict) -> Finding:
    method, reference = f"`{contrast['method']}`", f"`{contrast['reference']}`"
    margin = config["comparison"]["margin"]
    shown = f"{_difference_text(contrast)}, {_p_is(contrast['p_holm'], n_contrasts, config)}{these_runs(contrast['scope'])}"
    if contrast["p_holm"] <= ALPHA:
        beyond = ""
        if margin is not None and _is_beyond(contrast, margin, n_contrasts):
            beyond = f" The loss is greater than the declared margin of {points(margin)}."
        return Finding(f"{method} is {_direction(contrast)} {reference}: {shown}.{beyond}", True)
    question = Question(
        f"which of {method} and {reference} is better",
        "which is better",
        partial(power.power_of_difference, contrast["difference"], alpha=ALPHA / n_contrasts),
        "" if contrast["difference"] else "the estimated difference is zero",
        "the estimated difference is too small",
    )
    text = f"Which of {method} and {reference} is better: the difference is {shown}."
    return Finding(text, False, *remedy(contrast, question, config))


def _parity(contrast: pd.Series, n_contrasts: int, asked: list[str], config: dict) -> list[Finding]:
    if not {NONINFERIORITY, EQUIVALENCE}.intersection(asked):
        return []
    if _is_beyond(contrast, config["comparison"]["margin"], n_contrasts):
        # Where it was asked which is better, that answer says so.
        return [] if SUPERIORITY in asked else [_loss(contrast, n_contrasts, config)]
    return [
        *([_noninferiority(contrast, n_contrasts, config)] if NONINFERIORITY in asked else []),
        *(_equivalence(contrast, n_contrasts, config) if EQUIVALENCE in asked else []),
    ]


def _loss(contrast: pd.Series, n_contrasts: int, config: dict) -> Finding:
    p = f"{_p_is(contrast['p_beyond'], n_contrasts, config)}{these_runs(contrast['scope'])}"
    text = (
        f"`{contrast['method']}` is worse than `{contrast['reference']}` by more than the declared margin of "
        f"{points(config['comparison']['margin'])}: {_difference_text(contrast)}, {p}."
    )
    return Finding(text, True)


def _noninferiority(contrast: pd.Series, n_contrasts: int, config: dict) -> Finding:
    method, reference = f"`{contrast['method']}`", f"`{contrast['reference']}`"
    margin = config["comparison"]["margin"]
    bound = contrast["difference"] - stats.t.ppf(1 - ALPHA, contrast["df"]) * contrast["se"]
    found = f"the one-sided lower 95 % bound of the difference is {number(bound, 2)} points"
    if "looks_low" in contrast:
        # A bound of this look alone would not hold over all of them.
        found = f"the difference is {_difference_text(contrast)}"
    shown = f"{found}, {_p_is(contrast['p_noninferior_holm'], n_contrasts, config)}{these_runs(contrast['scope'])}"
    claim = f"{method} is non-inferior to {reference} at the declared margin of {points(margin)}"
    if contrast["p_noninferior_holm"] <= ALPHA:
        return Finding(f"{claim}: {shown}.", True)
    question = Question(
        f"that {method} is non-inferior to {reference}",
        "non-inferiority",
        partial(power.power_of_noninferiority, contrast["difference"], margin, alpha=ALPHA / n_contrasts),
        "" if contrast["difference"] > -margin else "the estimated loss is no smaller than the margin",
        "the estimated difference lies too close to the margin",
    )
    return Finding(f"Whether {claim}: {shown}.", False, *remedy(contrast, question, config))


def _equivalence(contrast: pd.Series, n_contrasts: int, config: dict) -> list[Finding]:
    method, reference = f"`{contrast['method']}`", f"`{contrast['reference']}`"
    margin = config["comparison"]["margin"]
    p = f"{_p_is(contrast['p_equivalent_holm'], n_contrasts, config)}{these_runs(contrast['scope'])}"
    within = f"equivalent within ±{points(margin)}"
    if contrast["p_equivalent_holm"] <= ALPHA:
        return [Finding(f"{method} and {reference} are {within}: {p}.", True)]
    if contrast["p_holm"] <= ALPHA:
        return []
    question = Question(
        f"that {method} and {reference} are equivalent",
        "equivalence",
        partial(power.power_of_equivalence, contrast["difference"], margin, alpha=ALPHA / n_contrasts),
        "" if abs(contrast["difference"]) < margin else "the estimated difference is no smaller than the margin",
        "the estimated difference lies too close to the margin",
    )
    takes, _, _ = remedy(contrast, question, config)
    return [Finding(f"Whether {method} and {reference} are {within}: {p}.", False, takes)]


def _promise(config: dict) -> str:
    return (
        f"A design named here answers its question with a probability of {100 * config['comparison']['power']:g} %, if the true difference "
        "and variances are the estimated ones; `plan.md` (`make plan`) takes the seeds' variances more cautiously."
    )


def _rules_of_the_game(confirmatory: pd.DataFrame, config: dict) -> str:
    margin = config["comparison"]["margin"]
    if confirmatory.empty:
        return (
            "Confirmatory: nothing, since no contrast is declared. Declare `comparison.contrasts` in the config; left out, it stands for every "
            "PEFT method against the first full one. All pairs and metrics, in `contrasts.csv`, are exploratory."
        )
    pairs = _list([f"`{row.method}` against `{row.reference}`" for row in confirmatory.itertuples()])
    declared = (
        f"a loss of {points(margin)} is declared not to matter"
        if margin is not None
        else "no margin is declared, so parity is not judged"
    )
    adjusted = (
        f", adjusted after Holm over the {len(confirmatory)} confirmatory contrasts; intervals and bounds are of one contrast each and "
        "not adjusted"
        if len(confirmatory) > 1
        else ""
    )
    return (
        f"Confirmatory: {pairs}; {declared}. Something is established at p of at most 0.05{adjusted}. p above 0.05 is never evidence of "
        "parity. All other pairs and metrics, in `contrasts.csv`, are exploratory."
    )


def _limits(estimates: pd.DataFrame) -> list[str]:
    single = [f"`{name}`" for name in estimates.index if estimates.loc[name, "chance"] == ONE_RUN]
    if not single:
        return []
    each, them, these, methods = (
        ("", "it", "that run", "the method") if len(single) == 1 else (" each", "them", "these runs", "the methods")
    )
    text = (
        f"Of {_list(single)} there is one run{each}: what is said of {them} holds for {these} on new dialogues and not for {methods}, "
        "which another seed may move by more than any interval here shows."
    )
    return _section("Limits", [text])


def _rows(contrasts: pd.DataFrame) -> list[dict]:
    rows = []
    for _, row in contrasts.iterrows():
        known = not math.isnan(row["se"])
        entry = {
            "Contrast": f"{row['method']} - {row['reference']}{these_runs(row['scope'])}",
            "Seeds": " / ".join(str(n or "-") for n in (row["n_seeds"], row["n_seeds_reference"])),
            "Difference": number(row["difference"], 2),
            "95 % interval": _bounds(row, "") or "-",
            **({"At all looks": _bounds(row, "looks_") or "-"} if "looks_low" in row else {}),
            # Seeds alone could be drawn again from one dialogue, which would say nothing about another.
            "Crossed bootstrap": _bounds(row, "bootstrap_") if known else "-",
            "p (Holm)": p_value(row["p_holm"]),
        }
        if not math.isnan(row["margin"]):
            entry |= {
                "p non-inferior": p_value(row["p_noninferior_holm"]),
                "p equivalent": p_value(row["p_equivalent_holm"]),
            }
        entry |= {
            "P(better)": f"{number(row['probability_better'], 2)} {_bounds(row, 'probability_better_')}".strip(),
            "Detectable": number(row["smallest_detectable_difference"], 2),
        }
        rows.append(entry)
    return rows


def _numbers(config: dict, look: dict | None) -> str:
    of_looks = (
        "The 95 % interval and the crossed bootstrap are those of data that are looked at once; *At all looks* is the interval that holds "
        "at every look. "
    )
    return (
        f"Points of the primary metric. {of_looks if look else ''}The crossed bootstrap is a cross-check of the interval. P(better): the probability that the first "
        "method scores above the second on a new dialogue, with new seeds where it has several, a tie counting one half. Detectable: the "
        f"smallest true difference that such a design finds with a probability of {100 * config['comparison']['power']:g} %, tested at 5 %. "
        "`plan.md` (`make plan`) says what more seeds and dialogues would bring."
    )


def these_runs(scope: str) -> str:
    """What is added to a sentence that speaks of single runs."""
    return " (these runs only)" if scope == THESE_RUNS else ""


def _difference_text(contrast: pd.Series) -> str:
    bounds = _bounds(contrast, "looks_" if "looks_low" in contrast else "")
    return f"{number(contrast['difference'], 2)} points{bounds and ' '}{bounds} of {metric_name(contrast['metric'])}"


def _bounds(row: pd.Series, prefix: str, digits: int = 2) -> str:
    """'[-0.93, 0.47]', or nothing where there is no bound."""
    low, high = row[f"{prefix}low"], row[f"{prefix}high"]
    return f"[{number(low, digits)}, {number(high, digits)}]" if math.isfinite(low) else ""


def _keeps(row: pd.Series, share: str) -> str:
    return ("reaches" if round(row[share], 1) > 100 else "keeps") + f" {_percent(row, share)}"


def _percent(row: pd.Series, share: str) -> str:
    return f"{number(row[share], 1)} % {_bounds(row, f'{share}_', 1)}".strip()


def _direction(contrast: pd.Series) -> str:
    return "better than" if contrast["difference"] > 0 else "worse than"


def _p_is(p: float, n_contrasts: int, config: dict) -> str:
    if config["comparison"]["questions"] is None:
        return p_is(p) + (f" after Holm over {n_contrasts} contrasts" if n_contrasts > 1 else "")
    return f"{p_is(p)} over all looks" + (f" and {n_contrasts} questions" if n_contrasts > 1 else "")


def _section(title: str, sentences: list[str], introduction: str = "") -> list[str]:
    return [f"## {title}", introduction, "\n".join(f"- {text}" for text in sentences)] if sentences else []


def _list(names: list[str], link: str = "and") -> str:
    return f" {link} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
