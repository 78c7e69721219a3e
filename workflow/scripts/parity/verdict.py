"""In plain sentences: what a study establishes, what it does not, and what that would take."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from . import power
from .config import first_of_kind
from .results import ONE_RUN, THESE_RUNS
from .stats import ALPHA, Estimate
from .wording import integer, markdown, metric_name, number, opening, p_value, points


@dataclass(frozen=True)
class Finding:
    """One answer.

    Attributes:
        text: the sentence.
        is_established: whether the data settle the question.
        remedy: what would settle it.
        short: the remedy in the headline.
    """

    text: str
    is_established: bool
    remedy: str = ""
    short: str = ""


def verdict_page(estimates: pd.DataFrame, contrasts: pd.DataFrame, results: pd.DataFrame, config: dict) -> str:
    """The verdict of a study as Markdown: a headline a confirmatory contrast, then established, open, and what is needed."""
    metric = config["comparison"]["primary_metric"]
    confirmatory = contrasts[contrasts["family"] == "confirmatory"]
    of_metric = estimates[estimates["metric"] == metric].set_index("method")
    findings = []
    headlines = []
    for _, contrast in confirmatory.iterrows():
        found = contrast_findings(contrast, len(confirmatory), config)
        kept = retention_findings(contrast, of_metric, config)
        headlines.append(headline(contrast, found, of_metric, config))
        findings += [*found, *kept]
    findings += best_finding(of_metric, contrasts, config)
    parts = [
        f"# What `{config['name']}` establishes",
        *opening(results, config),
        _rules_of_the_game(confirmatory, config),
        "\n".join(f"- **{line}**" for line in headlines),
        *_section("Established", [found.text for found in findings if found.is_established]),
        *_section("Not established", [found.text for found in findings if not found.is_established]),
        *_section("What it would take", [found.remedy for found in findings if found.remedy]),
        *_limits(of_metric, config),
    ]
    if len(confirmatory):
        parts += ["## The numbers", markdown(_rows(confirmatory)), _NUMBERS]
    return "\n\n".join(part for part in parts if part) + "\n"


def contrast_findings(contrast: pd.Series, n_contrasts: int, config: dict) -> list[Finding]:
    """What one confirmatory contrast says of difference, non-inferiority and equivalence."""
    if math.isnan(contrast["se"]):
        pair = f"`{contrast['method']}` and `{contrast['reference']}`"
        remedy = f"{pair}: test on two dialogues or more; one says nothing about the next."
        return [
            Finding(f"Anything about {pair}: there is one test dialogue.", False, remedy, "one test dialogue settles nothing")
        ]
    answers = [_difference(contrast, n_contrasts, config)]
    if config["comparison"]["margin"] is not None:
        answers += _parity(contrast, n_contrasts, config)
    return answers


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
        if math.isinf(row[f"{share}_low"]):
            text = (
                f"What share of {of} `{method}` keeps: the estimate is {_percent(row, share)}, but its 95 % interval is unbounded, "
                "because what is divided by could as well be zero."
            )
            findings.append(Finding(text, False))
        else:
            findings.append(Finding(f"`{method}` keeps {_percent(row, share)} of {of}{_scope(contrast)}.", True))
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
    baselines = [name for name in config["compare"] if config["methods"][name]["kind"] == "baseline"]
    means = estimates["mean"].drop(baselines)
    if len(means) < 2:
        return None, contrasts.iloc[:0]
    best = means.idxmax()
    of_primary = contrasts[contrasts["metric"] == config["comparison"]["primary_metric"]]
    pairs = of_primary[~of_primary[["method", "reference"]].isin(baselines).any(axis=1)]
    of_best = pairs[(pairs[["method", "reference"]] == best).any(axis=1)]
    return best, of_best[~((of_best["p_holm_all_pairs"] <= ALPHA) & (of_best["scope"] != THESE_RUNS))]


def best_finding(estimates: pd.DataFrame, contrasts: pd.DataFrame, config: dict) -> list[Finding]:
    """Whether one method is the best of all."""
    best, open_contrasts = best_method(estimates, contrasts, config)
    if best is None:
        return []
    metric = metric_name(config["comparison"]["primary_metric"])
    rivals = [f"`{row.method if row.reference == best else row.reference}`" for row in open_contrasts.itertuples()]
    if rivals:
        text = f"Which method is the best: `{best}` has the highest {metric}, but is not set apart from {_list(rivals)}."
        return [Finding(text, False)]
    return [
        Finding(f"`{best}` has the highest {metric} of all methods (all pairs, after Holm; floors and ceiling left out).", True)
    ]


def headline(contrast: pd.Series, findings: list[Finding], estimates: pd.DataFrame, config: dict) -> str:
    """One contrast in one sentence."""
    method, reference = contrast["method"], contrast["reference"]
    row = estimates.loc[method]
    is_of_full = reference == first_of_kind(config, "full") and math.isfinite(row["percent_of_full_low"])
    parts = [
        f"{method} keeps {_percent(row, 'percent_of_full')} of {reference}'s {metric_name(contrast['metric'])}"
        if is_of_full
        else f"{method} against {reference}: {_difference_text(contrast)}"
    ]
    margin = config["comparison"]["margin"]
    if math.isnan(contrast["se"]):
        return "; ".join([*parts, findings[0].short])
    if contrast["p_holm"] <= ALPHA:
        parts.append(f"{_direction(contrast)} {reference}")
    if margin is not None:
        if contrast["p_equivalent_holm"] <= ALPHA:
            parts.append(f"equivalent within the declared margin of {points(margin)}")
        else:
            shown = "" if contrast["p_noninferior_holm"] <= ALPHA else "not shown to be "
            parts.append(f"{shown}non-inferior at the declared margin of {points(margin)}")
    parts += [found.short for found in findings if found.short]
    return "; ".join(parts) + _scope(contrast)


def _difference(contrast: pd.Series, n_contrasts: int, config: dict) -> Finding:
    method, reference = f"`{contrast['method']}`", f"`{contrast['reference']}`"
    margin = config["comparison"]["margin"]
    numbers = f"{_difference_text(contrast)}, p = {p_value(contrast['p_holm'])}{_after_holm(n_contrasts)}{_scope(contrast)}"
    if contrast["p_holm"] <= ALPHA:
        beyond = ""
        if margin is not None and contrast["high"] < -margin:
            beyond = f" The whole interval lies beyond the margin of {points(margin)}."
        return Finding(f"{method} is {_direction(contrast)} {reference}: {numbers}.{beyond}", True)
    power_of = partial(power.power_of_difference, contrast["difference"], alpha=ALPHA / n_contrasts)
    remedy, short = _remedy(contrast, f"which of {method} and {reference} is better", power_of, config)
    return Finding(f"Which of {method} and {reference} is better: {numbers}.", False, remedy, short)


def _parity(contrast: pd.Series, n_contrasts: int, config: dict) -> list[Finding]:
    method, reference = f"`{contrast['method']}`", f"`{contrast['reference']}`"
    margin = config["comparison"]["margin"]
    bound = contrast["difference"] - stats.t.ppf(1 - ALPHA, contrast["df"]) * contrast["se"]
    numbers = (
        f"the one-sided 95 % bound of the difference is {number(bound, 2)} points, p = {p_value(contrast['p_noninferior_holm'])}"
        f"{_after_holm(n_contrasts)}{_scope(contrast)}"
    )
    at_margin = f"the declared margin of {points(margin)}"
    true, alpha = contrast["difference"], ALPHA / n_contrasts
    findings = []
    if contrast["p_noninferior_holm"] <= ALPHA:
        findings.append(Finding(f"{method} is non-inferior to {reference} at {at_margin}: {numbers}.", True))
    else:
        text = f"Whether {method} is non-inferior to {reference} at {at_margin}: {numbers}."
        power_of = partial(power.power_of_noninferiority, true, margin, alpha=alpha)
        question = f"that {method} is non-inferior to {reference}"
        findings.append(Finding(text, False, *_remedy(contrast, question, power_of, config, true > -margin)))
    p = f"p = {p_value(contrast['p_equivalent_holm'])}{_after_holm(n_contrasts)}{_scope(contrast)}"
    if contrast["p_equivalent_holm"] <= ALPHA:
        findings.append(Finding(f"{method} and {reference} are equivalent within ±{points(margin)}: {p}.", True))
    elif not contrast["p_holm"] <= ALPHA:
        power_of = partial(power.power_of_equivalence, true, margin, alpha=alpha)
        question = f"that {method} and {reference} are equivalent"
        remedy, _ = _remedy(contrast, question, power_of, config, abs(true) < margin)
        findings.append(Finding(f"Whether {method} and {reference} are equivalent within ±{points(margin)}: {p}.", False, remedy))
    return findings


def _remedy(
    contrast: pd.Series, question: str, power_of: Callable[[Estimate], np.ndarray], config: dict, is_possible: bool = True
) -> tuple[str, str]:
    """What would settle a question, in a sentence and in a few words for the headline."""
    components = power.from_columns(contrast)
    topic = "non-inferiority" if "non-inferior" in question else "which is better"
    if components is None:
        sentence = f"To show {question}: a second seed of every method that has one run; one run says nothing about the next."
        return sentence, f"a second seed is needed to settle {topic}"
    assumed = "if the true difference is the estimated one"
    if not is_possible or (not abs(contrast["difference"]) > 0 and topic == "which is better"):
        return f"To show {question}: nothing would, {assumed}.", ""
    seeds = [n for n in (contrast["n_seeds"], contrast["n_seeds_reference"]) if n]
    present = max(seeds, default=1)
    found = power.need(power_of, components[0], present, contrast["n_dialogues"], config["comparison"]["power"])
    chance = f"with a probability of {100 * config['comparison']['power']:.0f} %, {assumed}"
    dialogues = f"{integer(contrast['n_dialogues'])} dialogues"
    if found.seeds is not None and found.seeds > present:
        more = found.seeds - present
        now = f"now {' and '.join(map(str, dict.fromkeys(seeds)))}"
        plural = "s" if more > 1 else ""
        return (
            f"To show {question}: {found.seeds} seeds a method ({now}) with the same {dialogues} would, {chance}.",
            f"{more} more seed{plural} a method would settle {topic}",
        )
    if found.dialogues is not None:
        needed, with_seeds = found.dialogues
        design = f"about {integer(needed)} dialogues" + (f" with {with_seeds} seeds a method" if seeds else "")
        return (
            f"To show {question}: no number of seeds would with these {dialogues}; {design} would, {chance}.",
            f"seeds alone would not settle {topic}",
        )
    if found.seeds is not None:
        return f"To show {question}: another {present} seeds a method; it is close.", f"a few more seeds would settle {topic}"
    return f"To show {question}: no design within reach would; the estimated difference is too small.", ""


def _rules_of_the_game(confirmatory: pd.DataFrame, config: dict) -> str:
    margin = config["comparison"]["margin"]
    if confirmatory.empty:
        return (
            "No contrast is declared, and there is no PEFT method beside a full one to contrast by default: everything below is "
            "exploratory. Declare `comparison.contrasts` in the config."
        )
    pairs = _list([f"`{row.method}` against `{row.reference}`" for row in confirmatory.itertuples()])
    declared = (
        f"a loss of {points(margin)} is declared not to matter"
        if margin is not None
        else "no margin is declared, so parity is not judged"
    )
    return (
        f"Confirmatory: {pairs}; {declared}. Something is established at p of at most 0.05, adjusted after Holm over the "
        "confirmatory contrasts. p above 0.05 is never evidence of parity. All other pairs and metrics, in `contrasts.csv`, are exploratory."
    )


def _limits(estimates: pd.DataFrame, config: dict) -> list[str]:
    single = [f"`{name}`" for name in estimates.index if estimates.loc[name, "chance"] == ONE_RUN]
    if not single:
        return []
    return _section(
        "Limits",
        [
            f"Of {_list(single)} there is one run: what is said of it holds for that run on new dialogues and not for the method, "
            "which another seed may move by more than any interval here shows."
        ],
    )


def _rows(contrasts: pd.DataFrame) -> list[dict]:
    def interval(row, low, high, digits=2):
        return "-" if pd.isna(row[low]) else f"[{number(row[low], digits)}, {number(row[high], digits)}]"

    rows = []
    for _, row in contrasts.iterrows():
        entry = {
            "Contrast": f"{row['method']} - {row['reference']}",
            "Seeds": " / ".join(str(n or "-") for n in (row["n_seeds"], row["n_seeds_reference"])),
            "Difference": number(row["difference"], 2),
            "95 % interval": interval(row, "low", "high"),
            "Crossed bootstrap": interval(row, "bootstrap_low", "bootstrap_high"),
            "p (Holm)": p_value(row["p_holm"]),
        }
        if not math.isnan(row["margin"]):
            entry |= {
                "p non-inferior": p_value(row["p_noninferior_holm"]),
                "p equivalent": p_value(row["p_equivalent_holm"]),
            }
        entry |= {
            "P(better)": number(row["probability_better"], 2)
            + " "
            + interval(row, "probability_better_low", "probability_better_high"),
            "Detectable": number(row["smallest_detectable_difference"], 2),
        }
        rows.append(entry)
    return rows


_NUMBERS = (
    "Points of the primary metric. The crossed bootstrap is a cross-check of the interval. P(better): the probability that the first "
    "method scores above the second on a new dialogue with new seeds. Detectable: the smallest difference that such a design finds "
    "with the declared power, unadjusted. `plan.md` (`make plan`) says what more seeds and dialogues would bring."
)


def _difference_text(contrast: pd.Series) -> str:
    bounds = "" if math.isnan(contrast["low"]) else f" [{number(contrast['low'], 2)}, {number(contrast['high'], 2)}]"
    return f"{number(contrast['difference'], 2)} points{bounds} of {metric_name(contrast['metric'])}"


def _direction(contrast: pd.Series) -> str:
    return "better than" if contrast["difference"] > 0 else "worse than"


def _percent(row: pd.Series, share: str) -> str:
    low, high = row[f"{share}_low"], row[f"{share}_high"]
    bounds = f" [{number(low, 1)}, {number(high, 1)}]" if math.isfinite(low) else ""
    return f"{number(row[share], 1)} %{bounds}"


def _scope(contrast: pd.Series) -> str:
    return " (these runs only)" if contrast["scope"] == THESE_RUNS else ""


def _after_holm(n_contrasts: int) -> str:
    return f" after Holm over {n_contrasts} contrasts" if n_contrasts > 1 else ""


def _section(title: str, sentences: list[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {text}" for text in sentences)] if sentences else []


def _list(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
