"""How often the intervals of the statistics library hold the truth, over simulated studies whose truth is known.

    python benchmarks/coverage.py [--repetitions 1500] [--seed 1] [--study results/NAME] [--processes 2]

Prints a Markdown table a section. Exits with status 1 and says why where a promise is broken: the 95 % interval of a
difference holds the truth in 93 to 97 % of studies, that of retention in 93 % or more, and the tests are wrong in at most
5.7 %. Nothing is estimated here: intervals and tests are those of parity.stats and parity.bootstrap.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))
sys.path.append(str(Path(__file__).parent))

from simulated_scores import INTERACTION_SD, RESIDUAL_SD, Method, NormalStudy, OverlapStudy, ResampledStudy, real_scores

from parity.bootstrap import crossed_bootstrap, percentile_interval
from parity.stats import ALPHA, CONFIDENCE, MethodScores, difference, linear_estimate, probability_better, ratio

# Draws of a bootstrap inside one simulated study; the workflow itself draws more. Each end of an interval then wobbles by
# about 2 % of the width, which costs about a tenth of a point of coverage.
BOOTSTRAP_DRAWS = 1000
# Results do not depend on how chunks fall to processes: each has its own generator.
CHUNK = 50
# So many times the repetitions where nothing is bootstrapped: rates near 5 % need them.
CHEAP = 4
MARGIN = 1.0
FIVE_CELLS = {f"{seeds} seeds, SD {sd:.2f}": (seeds, sd) for seeds, sd in ((3, 0.35), (5, 0.15), (5, 0.35), (5, 0.8), (10, 0.35))}
METRICS = ("rouge1", "rouge2", "rougeL")
STUDY_METHODS = ("full", "lora")

Outcomes = dict[str, tuple[float, float]]
"""Of one simulated study, by name: 1 or 0 for what is counted, and the width of the interval or NaN for a test."""


@dataclass(frozen=True)
class Promise:
    """Percent that an outcome must come to. The limits hold from 1,500 repetitions on; below they widen as chance does."""

    nominal: float
    below: float = math.inf
    above: float = math.inf

    def limits(self, repetitions: int) -> tuple[float, float]:
        factor = max(1.0, math.sqrt(1500 / repetitions))
        return self.nominal - self.below * factor, self.nominal + self.above * factor


DIFFERENCE_HOLDS = Promise(95, below=2, above=2)
RETENTION_HOLDS = Promise(95, below=2)
ERROR_RATE = Promise(5, above=0.7)


@dataclass(frozen=True)
class Section:
    """A table: every cell simulated, every outcome counted.

    Attributes:
        number: which section; part of the seed of its draws.
        part: of the section, likewise.
        cells: label -> study to draw from.
        experiment: what is done with one drawn study.
        promises: outcome -> what it must come to in every cell.
        factor: how many times the repetitions asked for. A rate is sharper so where a study is cheap.
        typical: what the widths are summarised with.
        cells_are_rows: whether the table has a row a cell, not a row an outcome.
    """

    number: int
    title: str
    text: str
    cells: dict
    experiment: Callable[..., Outcomes]
    promises: dict[str, Promise] = field(default_factory=dict)
    part: int = 0
    factor: int = 1
    typical: Callable[[np.ndarray], float] = np.mean
    cells_are_rows: bool = False


def held(interval: tuple[float, float], truth: float) -> tuple[float, float]:
    low, high = interval
    return float(low <= truth <= high), float(high - low)


def rejected(p: float) -> tuple[float, float]:
    return float(p < ALPHA), math.nan


def bootstrap_difference(pair: list[MethodScores], generator: np.random.Generator) -> tuple[float, float]:
    """The percentile interval of the first method's mean less the second's, or of a lone method's mean."""
    draws = list(crossed_bootstrap(dict(zip("ab", pair, strict=False)), BOOTSTRAP_DRAWS, bootstrap_seed(generator)).values())
    return percentile_interval(draws[0] - draws[1] if len(pair) == 2 else draws[0])


def bootstrap_seed(generator: np.random.Generator) -> int:
    return int(generator.integers(2**63))


def procedures(study: NormalStudy, generator: np.random.Generator) -> Outcomes:
    """The usual ways to compare two methods, each on the same drawn study."""
    pair = study.draw(generator)
    truth = study.means[0] - study.means[1]
    # One call draws the dialogues for three procedures at once: most of the time goes into these draws.
    shapes = {"run": [scores.values[:1] for scores in pair], "average": [scores.dialogue_means[None] for scores in pair]}
    shapes["crossed"] = [scores.values for scores in pair]
    cut = {f"{name} {place}": MethodScores(values) for name, both in shapes.items() for place, values in enumerate(both)}
    draws = crossed_bootstrap(cut, BOOTSTRAP_DRAWS, bootstrap_seed(generator))
    run, average, crossed = (percentile_interval(draws[f"{name} 0"] - draws[f"{name} 1"]) for name in shapes)
    seeds_alone = [MethodScores(scores.seed_means[:, None]) for scores in pair]
    welch = stats.ttest_ind(pair[0].seed_means, pair[1].seed_means, equal_var=False)
    return {
        "one run each, paired bootstrap over dialogues": held(run, truth),
        "seed average, bootstrap over dialogues": held(average, truth),
        "percentile bootstrap over seeds": held(bootstrap_difference(seeds_alone, generator), truth),
        "Welch's t on seed means": held(welch.confidence_interval(CONFIDENCE), truth),
        "crossed bootstrap": held(crossed, truth),
        "two-way t": held(difference(*pair).interval(), truth),
    }


def extra_designs(study: NormalStudy, generator: np.random.Generator) -> Outcomes:
    """The two procedures that know both sources of chance: on a difference, or on the mean of a lone method."""
    drawn = study.draw(generator)
    weights = (1, -1)[: len(drawn)]
    truth = float(np.dot(weights, study.means))
    estimate = difference(*drawn) if len(drawn) == 2 else linear_estimate([(1, drawn[0])])
    return {
        "two-way t": held(estimate.interval(), truth),
        "crossed bootstrap": held(bootstrap_difference(drawn, generator), truth),
    }


def parity_tests(study: NormalStudy, generator: np.random.Generator) -> Outcomes:
    estimate = difference(*study.draw(generator))
    return {
        "non-inferiority": rejected(estimate.p_noninferior(MARGIN)),
        "equivalence": rejected(estimate.p_equivalent(MARGIN)),
    }


def families(study: NormalStudy, generator: np.random.Generator) -> Outcomes:
    """Any true null rejected? Of the methods after the reference, the first three equal it and the last does not."""
    reference, *methods = study.draw(generator)
    is_null = np.array([mean == study.means[0] for mean in study.means[1:]])
    p = np.array([difference(scores, reference).p_difference() for scores in methods])
    outcomes = {}
    for name, members in {"all three nulls true": [0, 1, 2], "one of three false": [3, 0, 1]}.items():
        null = is_null[members]
        holm = multipletests(p[members], alpha=ALPHA, method="holm")[0]
        outcomes[f"Holm, {name}"] = (float((holm & null).any()), math.nan)
        outcomes[f"unadjusted, {name}"] = (float(((p[members] < ALPHA) & null).any()), math.nan)
    return outcomes


def retention(study: NormalStudy, generator: np.random.Generator) -> Outcomes:
    """The three methods are a cheap one, full fine-tuning and zero-shot. Widths in percent points."""
    cheap, full, zero_shot = study.draw(generator)
    mean_cheap, mean_full, mean_zero_shot = study.means
    share = (mean_cheap - mean_zero_shot) / (mean_full - mean_zero_shot)
    of_mean = ratio([(1, cheap)], [(1, full)])
    of_gain = ratio([(1, cheap), (-1, zero_shot)], [(1, full), (-1, zero_shot)])
    # The delta method: the standard error of numerator - ratio x denominator at the estimated ratio, over the denominator.
    terms = [(1, cheap), (-of_gain.value, full), (of_gain.value - 1, zero_shot)]
    low, high = linear_estimate(terms).interval()
    reach = (high - low) / 2 / abs(full.mean - zero_shot.mean)
    return {
        "mean / mean of full": held((100 * of_mean.low, 100 * of_mean.high), 100 * mean_cheap / mean_full),
        "share of full's gain": held((100 * of_gain.low, 100 * of_gain.high), 100 * share),
        "share of full's gain: unbounded": (float(not of_gain.is_bounded), math.nan),
        "share of full's gain, delta method": held((100 * (of_gain.value - reach), 100 * (of_gain.value + reach)), 100 * share),
    }


def wins(study: NormalStudy, generator: np.random.Generator) -> Outcomes:
    """P(a score of the first method is above one of another) is normal too, with the variances of both seeds' draws."""
    first, *others = study.draw(generator)
    variance = sum(INTERACTION_SD**2 + RESIDUAL_SD**2 + method.seed_sd**2 for method in study.methods[:2])
    outcomes = {}
    for scores, mean in zip(others, study.means[1:], strict=True):
        gap = study.means[0] - mean
        truth = stats.norm.cdf(gap / math.sqrt(variance))
        outcomes[f"true difference {gap:g}"] = held(probability_better(first, scores).interval(), truth)
    return outcomes


def skewed_scores(study: OverlapStudy | ResampledStudy, generator: np.random.Generator) -> Outcomes:
    """The first method is the lower one; its loss is the margin, so that the null of non-inferiority holds with equality."""
    lower, higher = study.draw(generator)
    mean_lower, mean_higher = study.means
    estimate = difference(lower, higher)
    found = ratio([(1, lower)], [(1, higher)])
    return {
        "difference": held(estimate.interval(), mean_lower - mean_higher),
        "ratio of means": held((100 * found.low, 100 * found.high), 100 * mean_lower / mean_higher),
        "non-inferiority, type I error": rejected(estimate.p_noninferior(mean_higher - mean_lower)),
    }


def normal_cells(*means: float, zero_shot: float | None = None) -> dict[str, NormalStudy]:
    """The five cells with these means; a deterministic method comes last where `zero_shot` gives its mean."""
    last = () if zero_shot is None else (Method(zero_shot, 0),)
    return {
        label: NormalStudy((*(Method(mean, n_seeds, seed_sd) for mean in means), *last))
        for label, (n_seeds, seed_sd) in FIVE_CELLS.items()
    }


def sections_of_differences() -> list[Section]:
    text = "Percent of studies whose 95 % interval holds the true difference for new seeds and dialogues (mean width in points)."
    other_designs = {
        "3 seeds against 8, SD 0.35": NormalStudy((Method(39, 3, 0.35), Method(40, 8, 0.35))),
        "deterministic against 5 seeds, SD 0.35": NormalStudy((Method(39, 0), Method(40, 5, 0.35))),
        "2 seeds each, SD 0.35": NormalStudy((Method(39, 2, 0.35), Method(40, 2, 0.35))),
        "5 seeds, SD 0": NormalStudy((Method(39, 5), Method(40, 5))),
        "5 seeds, SD 0.35, 50 dialogues": NormalStudy((Method(39, 5, 0.35), Method(40, 5, 0.35)), 50),
        # The seed effects of the two runs are part of the truth here, as they would be of the means.
        "one run each": NormalStudy((Method(39, 1), Method(40, 1))),
        "one method's mean, 3 seeds, SD 0.35": NormalStudy((Method(40, 3, 0.35),)),
        "one method's mean, 5 seeds, SD 0.35": NormalStudy((Method(40, 5, 0.35),)),
    }
    about_runs = " One run each: the true difference is that of these two runs, on new dialogues."
    return [
        Section(1, "Difference of two methods", text, normal_cells(39.0, 40.0), procedures, {"two-way t": DIFFERENCE_HOLDS}),
        Section(2, "Other designs", text + about_runs, other_designs, extra_designs, cells_are_rows=True),
    ]


def sections_of_tests() -> list[Section]:
    return [
        Section(
            3,
            f"Tests at a margin of {MARGIN:g} point",
            f"Percent of studies in which the test at 5 % claims parity of a method that is {MARGIN:g} point worse: type I error.",
            normal_cells(39.0, 39.0 + MARGIN),
            parity_tests,
            {"non-inferiority": ERROR_RATE, "equivalence": ERROR_RATE},
            factor=CHEAP,
        ),
        Section(
            4,
            "Three contrasts with one reference",
            "Percent of studies in which at least one true null is rejected at 5 %. The false null is 2 points off.",
            normal_cells(40.0, 40.0, 40.0, 40.0, 38.0),
            families,
            {"Holm, all three nulls true": ERROR_RATE, "Holm, one of three false": ERROR_RATE},
            factor=CHEAP,
        ),
    ]


def sections_of_ratios_and_wins() -> list[Section]:
    # With 5 seeds of SD 0.35 the standard error of full's gain over zero-shot is 0.28 points.
    weak = NormalStudy((Method(28.25, 5, 0.35), Method(28.28, 5, 0.35), Method(28, 0)))
    return [
        Section(
            5,
            "Retention",
            "Percent of studies whose 95 % interval holds the true ratio (median width in percent points); an unbounded one holds"
            " every ratio. True: 97 % of full's mean, 90 % of its gain. Weak: the gain of full is one standard error.",
            normal_cells(38.8, 40.0, zero_shot=28.0) | {"5 seeds, SD 0.35, weak": weak},
            retention,
            {"mean / mean of full": RETENTION_HOLDS, "share of full's gain": RETENTION_HOLDS},
            typical=np.median,
        ),
        Section(
            6,
            "Probability of being better on a new dialogue with a new seed",
            "Percent of studies whose 95 % interval holds the true probability (mean width).",
            normal_cells(40.0, 39.0, 30.0),
            wins,
        ),
    ]


def sections_of_skewed_scores(study: Path | None) -> list[Section]:
    """Scores from n-gram counts, and the real scores of a finished study drawn again."""
    like_rouge1 = OverlapStudy((35.0, 36.0), order=1, dialogue_sd=0.35, interaction_sd=0.2, residual_sd=0.1)
    like_rouge2 = OverlapStudy((3.5, 4.0), order=2, dialogue_sd=1.2, interaction_sd=0.5, residual_sd=0.5)
    kinds = {"like ROUGE-1": like_rouge1, "like ROUGE-2": like_rouge2}
    for metric in METRICS if study else ():
        kinds[f"{metric} of {study.name}, drawn again"] = ResampledStudy(real_scores(study, STUDY_METHODS, metric))
    return [
        Section(
            7,
            f"Skewed and bounded scores: {name}",
            "Percent of studies; of the intervals, that hold the truth (mean width in points, of the ratio in percent points).",
            {label: replace(kind, n_seeds=n_seeds, seed_sd=seed_sd) for label, (n_seeds, seed_sd) in FIVE_CELLS.items()},
            skewed_scores,
            {"difference": DIFFERENCE_HOLDS, "ratio of means": RETENTION_HOLDS, "non-inferiority, type I error": ERROR_RATE},
            part=part,
            factor=CHEAP,
        )
        for part, (name, kind) in enumerate(kinds.items())
    ]


def all_sections(study: Path | None = None) -> list[Section]:
    return [
        *sections_of_differences(),
        *sections_of_tests(),
        *sections_of_ratios_and_wins(),
        *sections_of_skewed_scores(study),
    ]


def run_chunk(job: tuple) -> list[Outcomes]:
    experiment, study, seed, key, repetitions = job
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
    return [experiment(study, generator) for _ in range(repetitions)]


def run_section(section: Section, repetitions: int, seed: int, apply: Callable = map) -> dict[str, dict[str, tuple]]:
    """Simulate every cell.

    Args:
        repetitions: studies a cell, before the section's factor.
        apply: map, or that of a pool of processes. Either gives the same results.
    Returns:
        outcome -> cell -> (percent counted, typical width).
    """
    repetitions *= section.factor
    sizes = [min(CHUNK, repetitions - start) for start in range(0, repetitions, CHUNK)]
    jobs = [
        (section.experiment, study, seed, (section.number, section.part, place, chunk), size)
        for place, study in enumerate(section.cells.values())
        for chunk, size in enumerate(sizes)
    ]
    done = list(apply(run_chunk, jobs))
    table: dict[str, dict[str, tuple]] = {}
    for place, label in enumerate(section.cells):
        studies = [outcomes for chunk in done[place * len(sizes) : (place + 1) * len(sizes)] for outcomes in chunk]
        for name in studies[0]:
            counted, widths = np.array([outcomes[name] for outcomes in studies]).T
            table.setdefault(name, {})[label] = (100 * float(counted.mean()), float(section.typical(widths)))
    return table


def broken_promises(section: Section, table: dict[str, dict[str, tuple]], repetitions: int) -> list[str]:
    messages = []
    for name, promise in section.promises.items():
        low, high = promise.limits(repetitions)
        for label, (percent, _) in table[name].items():
            if not low <= percent <= high:
                messages.append(
                    f"Section {section.number}, {section.title}: {name} in the cell {label} is {percent:.1f} %,"
                    f" outside {max(low, 0):.1f} to {min(high, 100):.1f} %"
                )
    return messages


def page(section: Section, table: dict[str, dict[str, tuple]]) -> str:
    def cell(percent: float, width: float) -> str:
        if math.isnan(width):
            return f"{percent:.1f}"
        digits = max(2, 1 - math.floor(math.log10(width))) if 0 < width < math.inf else 0
        return f"{percent:.1f} ({f'{width:.{digits}f}' if width < math.inf else '∞'})"

    if section.cells_are_rows:
        table = {label: {name: cells[label] for name, cells in table.items()} for label in section.cells}
    rows = [[name, *(cell(*values) for values in cells.values())] for name, cells in table.items()]
    headers = ["", *next(iter(table.values()))]
    text = tabulate(rows, headers=headers, tablefmt="pipe", disable_numparse=True)
    return f"## {section.number}. {section.title}\n\n{section.text}\n\n{text}\n"


def processes(count: int) -> ProcessPoolExecutor:
    """Fresh processes of one thread each: their matrix products are too small to share cores."""
    os.environ["OMP_NUM_THREADS"] = "1"
    # multipletests collects garbage in every call, which costs a hundred times the test unless what is imported is left out.
    return ProcessPoolExecutor(count, get_context("spawn"), initializer=gc.freeze)


def print_sections(sections: list[Section], repetitions: int, seed: int, pool: ProcessPoolExecutor) -> list[str]:
    """Simulate and print every section. Returns what promises were broken."""
    broken = []
    for section in sections:
        table = run_section(section, repetitions, seed, pool.map)
        print(page(section, table), flush=True)
        broken += broken_promises(section, table, repetitions)
    return broken


def exit_status(broken: list[str]) -> int:
    for message in broken:
        print(message, file=sys.stderr)
    return 1 if broken else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=1500, help="simulated studies a cell; four times as many for tests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--study", type=Path, help="folder in results/ whose scores of full and lora are drawn again")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--sections", type=int, nargs="+", help="only these")
    options = parser.parse_args(arguments)
    chosen = [section for section in all_sections(options.study) if not options.sections or section.number in options.sections]
    with processes(options.processes) as pool:
        broken = print_sections(chosen, options.repetitions, options.seed, pool)
    print(
        f"{options.repetitions} repetitions a cell, {CHEAP * options.repetitions} in sections 3, 4 and 7; seed {options.seed};"
        f" {BOOTSTRAP_DRAWS} draws a bootstrap. The Monte Carlo error of 95 % or 5 % at {options.repetitions} repetitions is"
        f" {100 * math.sqrt(0.95 * 0.05 / options.repetitions):.2f} points."
    )
    return exit_status(broken)


if __name__ == "__main__":
    sys.exit(main())
