"""A look at a study whose seeds are added until its questions are settled: what is answered, and who gets more seeds.

Looks are planned: at `min` seeds, and whenever `step` more may have been added, to `max`. A look's time is its number of seeds as
a share of `max`, which is known before anything runs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy import stats
from statsmodels.stats.multitest import multipletests

from .adaptive_seeds import FOLDER, NONINFERIORITY, SUPERIORITY, planned_counts
from .errors import InputError
from .files import write_text
from .power import CAUTIOUS
from .spending import nominal_levels, p_over_looks, spent
from .stats import ALPHA, ROUNDING, Estimate, MethodScores, difference
from .wording import counted

LEDGER = f"{FOLDER}/ledger.jsonl"
# Why no more seeds are added.
ANSWERED, MAXIMUM, NO_USE = "every question is answered", "the maximum is reached", "more seeds would change nothing"
# A method gets seeds where they lower the variance of an open question's estimate at least so much, beside the method that lowers it most.
WORTH = 0.5
# How sure a limit of a seed variance has to be, for degrees of freedom.
UNLUCKY = 0.95


@dataclass(frozen=True)
class Taken:
    """A look that was taken, as the ledger has it.

    Attributes:
        number: of the look, from 1; seeds: that a method could have by then.
        counted: whether there was alpha to spend on it. Of two looks at one time only the first is counted.
        scores: digests of the scores that were looked at, a run each.
        p: of every question, one-sided p values by side (see `sides`), of this look alone.
    """

    number: int
    seeds: int
    counted: bool
    scores: dict[str, str]
    p: list[dict[str, float]]


def design_of(config: dict) -> dict:
    """What must not change between two looks."""
    settings = config["comparison"]
    return {
        "seeds": config["seeds"],
        "primary_metric": settings["primary_metric"],
        "margin": settings["margin"],
        "questions": settings["questions"],
    }


def take_look(
    number: int,
    of_metric: Mapping[str, MethodScores],
    with_seeds: Sequence[str],
    scores: dict[str, str],
    config: dict,
    folder: Path,
) -> dict:
    """Take a look, put it on the ledger, and say how it goes on.

    Args:
        number: of the look, from 1.
        of_metric: every method's scores on the primary metric.
        with_seeds: the methods that more seeds can be run of.
        scores: digests of the runs' scores by run.
        folder: of the study, where the ledger lies.
    Returns:
        the record of the look, see `look_record`.
    Raises:
        InputError: the design is not that of the looks on the ledger.
    """
    design = design_of(config)
    taken = read_ledger(folder / LEDGER, design)
    now = next((each for each in taken if each.number == number and each.scores == scores), None)
    if now is None:
        seeds = planned_counts(config["seeds"])[number - 1]
        p = [sides(question, of_metric, config) for question in config["comparison"]["questions"]]
        now = Taken(number, seeds, all(seeds > each.seeds for each in taken), scores, p)
        taken.append(now)
        _write_ledger(folder / LEDGER, design, taken)
    # What was looked at later does not bear on this look.
    return look_record(now, [each for each in taken if each.number <= number], of_metric, with_seeds, config)


def look_record(
    now: Taken, taken: Sequence[Taken], of_metric: Mapping[str, MethodScores], with_seeds: Sequence[str], config: dict
) -> dict:
    """What a look says.

    Args:
        now: the look at hand; taken: it, and those before it.
    Returns:
        look, planned_looks: its number, and how many there can be.
        alpha_spent: so far, of 0.05.
        not_counted: looks that were taken once more, on other scores, with nothing left to spend on them.
        seeds: of each method that can have more.
        questions: each with its contrast, the `interval` of the difference that holds at all looks, `p` of this look alone,
            `p_looks` adjusted for all looks, `p_holm` for all questions too, `p_beyond` of the opposite answer adjusted
            likewise, and its `answer`, None while it is open.
        stopped: why no more seeds are added, and next: how many seeds each method is to have; one of the two is None.
    """
    settings = config["seeds"]
    planned = planned_counts(settings)
    questions = _answered(now, taken, of_metric, config)
    counts = {name: of_metric[name].n_seeds for name in with_seeds}
    stopped, following = None, None
    if all(question["answer"] for question in questions):
        stopped = ANSWERED
    elif now.number == len(planned):
        stopped = MAXIMUM
    else:
        following = next_counts(counts, planned[now.number], questions, of_metric)
        stopped = NO_USE if following is None else None
    time = max(each.seeds for each in taken) / settings["max"]
    return {
        "look": now.number,
        "planned_looks": len(planned),
        "alpha_spent": float(spent(ALPHA, time, settings["spending"])),
        "spending": settings["spending"],
        "not_counted": sum(not each.counted for each in taken),
        "seeds": counts,
        "questions": questions,
        "stopped": stopped,
        "next": following,
    }


def sides(question: dict, of_metric: Mapping[str, MethodScores], config: dict) -> dict[str, float]:
    """One-sided p values of what a question can be answered with: the true difference lies above, or below, a bound."""
    estimate = cautious_difference(*(of_metric[name] for name in question["contrast"]))
    bounds = _bounds(question["question"], config["comparison"]["margin"])
    return {side: _p(estimate, *bound) for side, bound in bounds.items()}


def cautious_difference(method: MethodScores, reference: MethodScores) -> Estimate:
    """The difference of two means as `stats.difference` has it, with degrees of freedom that allow for unlucky seeds.

    Where the few seeds of a method that varies much happen to lie close together, Satterthwaite's degrees of freedom are many,
    since the rest seems to decide. At 5 % that hardly shows; at the small levels of early looks it does. The degrees of freedom
    are therefore the fewer of his and those with each seed part at its upper 95 % limit.
    """
    estimate = difference(method, reference)
    if math.isnan(estimate.se):
        return estimate
    parts = [
        (_seed_variance_limit(scores, UNLUCKY) / scores.n_seeds, scores.n_seeds - 1)
        for scores in (method, reference)
        if scores.n_seeds > 1
    ]
    parts.append((_dialogue_part(method, reference), method.n_dialogues - 1))
    spread = sum(part**2 / df for part, df in parts)
    fewest = sum(part for part, _ in parts) ** 2 / spread if spread > 0 else math.inf
    return Estimate(estimate.value, estimate.se, min(estimate.df, fewest))


def next_counts(
    counts: Mapping[str, int], most: int, questions: Sequence[dict], of_metric: Mapping[str, MethodScores]
) -> dict[str, int] | None:
    """The methods that get seeds, up to `most`: those whose seeds would lower the variance of an open question's estimate most.

    A seed variance is taken at its upper 80 % limit (Browne 1995). Taken as estimated, a method whose few seeds happen to lie
    close together would never get more, and the error rate would rest on that accident.

    Returns:
        None where no seed of any method would lower anything.
    """
    gains = dict.fromkeys(counts, 0.0)
    for question in questions:
        if question["answer"]:
            continue
        pair = {name: of_metric[name] for name in question["contrast"]}
        limits = {name: _seed_variance_limit(scores, CAUTIOUS) for name, scores in pair.items()}
        whole = _dialogue_part(*pair.values()) + sum(limits[name] / scores.n_seeds for name, scores in pair.items())
        if whole <= ROUNDING**2:
            continue
        for name in counts.keys() & pair.keys():
            gains[name] = max(gains[name], limits[name] * (1 / counts[name] - 1 / most) / whole)
    best = max(gains.values(), default=0.0)
    if best <= 0:
        return None
    return {name: most if gains[name] >= WORTH * best else count for name, count in counts.items()}


def repeated_interval(estimate: Estimate, counts: Sequence[int], settings: dict) -> list[float | None]:
    """The interval that holds the true value at all looks so far with 95 % (Jennison and Turnbull 2000, section 9.1).

    Args:
        counts: seeds at the looks that were taken; settings: the config's block `seeds`.
    Returns:
        low and high; None for both where there is no bound.
    """
    level = nominal_levels(ALPHA / 2, counts, planned_counts(settings), settings["spending"])[-1]
    reach = float(stats.t.isf(level, estimate.df) * estimate.se) if level > 0 else math.inf
    return [estimate.value - reach, estimate.value + reach] if math.isfinite(reach) else [None, None]


def read_ledger(path: Path, design: dict) -> list[Taken]:
    """The looks that were taken, in their order.

    Raises:
        InputError: the file is damaged, or the looks were taken by another design.
    """
    if not path.exists():
        return []
    try:
        head, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        taken = [Taken(**line) for line in lines]
        before = head["design"]
    except (ValueError, TypeError, KeyError) as error:
        remedy = (
            "Put it back from a copy. Without it nobody knows how often the data were looked at; begin anew under another name"
        )
        raise InputError(str(path), f"is not as it was written ({error})", remedy) from error
    for key, value in design.items():
        if before.get(key) != value:
            raise InputError(
                f"{'comparison.' if key != 'seeds' else ''}{key} = {value}",
                f"was {before.get(key)} at the first look, and {counted(len(taken), 'look')} {'was' if len(taken) == 1 else 'were'} taken ({path})",
                "Put it back. What is asked, and how often, is declared before the first look: another question is another study,"
                " under another name",
            )
    return taken


def _write_ledger(path: Path, design: dict, taken: Sequence[Taken]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"design": design}), *(json.dumps(vars(each)) for each in taken)]
    write_text(path, "\n".join(lines) + "\n")


def _bounds(question: str, margin: float | None) -> dict[str, tuple[str, float]]:
    """Of every side: in which direction from which bound the true difference is said to lie."""
    if question == SUPERIORITY:
        return {"better": ("above", 0.0), "worse": ("below", 0.0)}
    no_worse = {"noninferior": ("above", -margin), "inferior": ("below", -margin)}
    return (
        no_worse if question == NONINFERIORITY else no_worse | {"nonsuperior": ("below", margin), "superior": ("above", margin)}
    )


def _p(estimate: Estimate, direction: str, bound: float) -> float:
    if math.isnan(estimate.se):
        return 1.0
    return float(estimate.p_above(bound) if direction == "above" else estimate.p_below(bound))


def _over_looks(place: int, now: Taken, taken: Sequence[Taken], settings: dict) -> dict[str, float]:
    """A question's p values by side, adjusted for the looks so far.

    Of a look whose scores are no longer there, what was spent on it is spent, and what it found is not found.
    """
    spending_on = [each for each in taken if each.counted]
    found = dict.fromkeys(spending_on[0].p[place], 1.0)
    planned = planned_counts(settings)
    for last, each in enumerate(spending_on, 1):
        if each.scores.items() <= now.scores.items():
            design = [look.seeds for look in spending_on[:last]], planned, settings["spending"]
            found = {side: min(p, p_over_looks(each.p[place][side], *design)) for side, p in found.items()}
    return found


def _answered(now: Taken, taken: Sequence[Taken], of_metric: Mapping[str, MethodScores], config: dict) -> list[dict]:
    """The questions with their p values, intervals and answers."""
    asked, settings = config["comparison"]["questions"], config["seeds"]
    seen = [each.seeds for each in taken if each.counted]
    over_looks = [_over_looks(place, now, taken, settings) for place in range(len(asked))]
    positive, opposite = zip(
        *(_of_question(question["question"], p) for question, p in zip(asked, over_looks, strict=True)), strict=True
    )
    # statsmodels collects garbage at every adjustment, which takes long where much is imported.
    holm = multipletests(positive, alpha=ALPHA, method="holm")[1] if len(asked) > 1 else positive
    rows = []
    for place, question in enumerate(asked):
        estimate = cautious_difference(*(of_metric[name] for name in question["contrast"]))
        row = question | {
            "interval": repeated_interval(estimate, seen, settings),
            "p": _of_question(question["question"], now.p[place])[0],
            "p_looks": positive[place],
            "p_holm": float(holm[place]),
            "p_beyond": min(1.0, opposite[place] * len(asked)),
        }
        rows.append(row | {"answer": _answer(row, over_looks[place])})
    return rows


def _of_question(question: str, p: dict[str, float]) -> tuple[float, float]:
    """p of what a question asks for, and of its opposite, two-sided where it has two sides."""
    if question == SUPERIORITY:
        return min(1.0, 2 * min(p["better"], p["worse"])), 1.0
    if question == NONINFERIORITY:
        return p["noninferior"], min(1.0, 2 * p["inferior"])
    return max(p["noninferior"], p["nonsuperior"]), min(1.0, 2 * min(p["inferior"], p["superior"]))


def _answer(row: dict, p: dict[str, float]) -> str | None:
    if row["p_holm"] <= ALPHA:
        if row["question"] == SUPERIORITY:
            return "better" if p["better"] < p["worse"] else "worse"
        return "non-inferior" if row["question"] == NONINFERIORITY else "equivalent"
    if row["p_beyond"] <= ALPHA:
        return "inferior" if row["question"] == NONINFERIORITY else "not equivalent"
    return None


def _seed_variance_limit(scores: MethodScores, confidence: float) -> float:
    """The upper limit of the variance of a method's seed means; 0 where it has one seed."""
    freedom = scores.n_seeds - 1
    return scores.seed_variance * freedom / float(stats.chi2.ppf(1 - confidence, freedom)) if freedom else 0.0


def _dialogue_part(method: MethodScores, reference: MethodScores) -> float:
    """The variance of the difference of means that the dialogues show; 0 for one dialogue."""
    gaps = method.dialogue_means - reference.dialogue_means
    return float(gaps.var(ddof=1)) / len(gaps) if len(gaps) > 1 else 0.0
