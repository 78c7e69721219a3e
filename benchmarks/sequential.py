"""How often looks at ever more seeds mislead, and how many seeds they save, over simulated studies whose truth is known.

    python benchmarks/sequential.py [--repetitions 4000] [--seed 1] [--processes 2]

Prints a Markdown table a section. Exits with status 1 and says why where a promise is broken: over all looks together, at most 5.5 % of
studies claim what is not so, and the interval of the last look holds the truth in 94.5 % or more. Nothing is decided here:
looks, tests and the choice of the methods that get more seeds are those of parity.looks.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))
sys.path.append(str(Path(__file__).parent))

from coverage import Outcomes, Promise, Section, exit_status, print_sections, processes, run_section
from simulated_scores import INTERACTION_SD, N_DIALOGUES, RESIDUAL_SD, Method, NormalStudy

from parity import power
from parity.adaptive_seeds import EQUIVALENCE, NONINFERIORITY, SUPERIORITY, planned_counts
from parity.looks import Taken, look_record, sides
from parity.spending import OBRIEN_FLEMING, POCOCK
from parity.stats import ALPHA, MethodScores, difference

MARGIN = 1.0
DESIGN = {"until": "settled", "min": 3, "max": 20, "step": 2, "first": 1}
SPENDINGS = {"O'Brien-Fleming-like": OBRIEN_FLEMING, "Pocock-like": POCOCK}
SEED_SDS = {"SD 0.15": (0.15, 0.15), "SD 0.35": (0.35, 0.35), "SD 0.80": (0.8, 0.8), "SD 0.15 and 0.80": (0.15, 0.8)}
ERROR_RATE = Promise(5, above=0.5)
INTERVAL_HOLDS = Promise(95, below=0.5)
# Of the sections on power, beside the repetitions of those on errors, which have to be sharper.
CHEAPER = 0.5


def config_of(questions: list[str], spending: str, pairs: list[list[str]]) -> dict:
    return {
        "seeds": DESIGN | {"spending": spending},
        "comparison": {
            "margin": MARGIN,
            "questions": [{"contrast": pair, "question": question} for pair in pairs for question in questions],
        },
    }


def run_study(drawn: dict[str, MethodScores], config: dict) -> dict:
    """Look at a drawn study with as many seeds as there may be, as the workflow would. Returns the record of the last look."""
    counts, taken, planned = {}, [], planned_counts(config["seeds"])
    for number, most in enumerate(planned, 1):
        seen = {name: MethodScores(scores.values[: counts.get(name, planned[0])]) for name, scores in drawn.items()}
        p = [sides(question, seen, config) for question in config["comparison"]["questions"]]
        taken.append(Taken(number, most, True, {}, p))
        record = look_record(taken[-1], taken, seen, list(drawn), config)
        counts = record["next"]
        if counts is None:
            return record
    raise AssertionError("the last planned look ends a study")


def false_claims(study: NormalStudy, generator: np.random.Generator, question: str) -> Outcomes:
    """Claims of what is not so, by spending function; behind it the mean number of seeds a method."""
    method, reference = study.draw(generator)
    outcomes = {}
    for name, spending in SPENDINGS.items():
        record = run_study({"method": method, "reference": reference}, config_of([question], spending, [["method", "reference"]]))
        answer, seeds = record["questions"][0]["answer"], float(np.mean(list(record["seeds"].values())))
        outcomes[name] = (float(answer not in (None, "inferior", "not equivalent")), seeds)
        low, high = record["questions"][0]["interval"]
        truth = study.means[0] - study.means[1]
        outcomes[f"interval of the last look, {name}"] = (float(low is None or low <= truth <= high), math.nan)
    outcomes["5 % at every look"] = (float(any(_claims_at_once(method, reference, question))), math.nan)
    return outcomes


def _claims_at_once(method: MethodScores, reference: MethodScores, question: str) -> Iterator[bool]:
    """Of every planned look, whether a test at 5 %, as of data that are looked at once, would claim what is not so."""
    for count in planned_counts(DESIGN):
        estimate = difference(MethodScores(method.values[:count]), MethodScores(reference.values[:count]))
        tests = {
            SUPERIORITY: estimate.p_difference,
            NONINFERIORITY: partial(estimate.p_noninferior, MARGIN),
            EQUIVALENCE: partial(estimate.p_equivalent, MARGIN),
        }
        yield tests[question]() <= ALPHA


def families(study: NormalStudy, generator: np.random.Generator) -> Outcomes:
    """Any false claim, where four questions of two contrasts are all to be answered with no."""
    method, other, reference = study.draw(generator)
    drawn = {"method": method, "other": other, "reference": reference}
    outcomes = {}
    for name, spending in SPENDINGS.items():
        pairs = [["method", "reference"], ["other", "reference"]]
        record = run_study(drawn, config_of([NONINFERIORITY, EQUIVALENCE], spending, pairs))
        claims = [question["answer"] in ("non-inferior", "equivalent") for question in record["questions"]]
        outcomes[name] = (float(any(claims)), float(np.mean(list(record["seeds"].values()))))
    return outcomes


def answers(study: NormalStudy, generator: np.random.Generator, question: str) -> Outcomes:
    """Right answers, by spending function; behind it the mean number of seeds a method."""
    wanted = {SUPERIORITY: "better", NONINFERIORITY: "non-inferior", EQUIVALENCE: "equivalent"}[question]
    method, reference = study.draw(generator)
    outcomes = {}
    for name, spending in SPENDINGS.items():
        record = run_study({"method": method, "reference": reference}, config_of([question], spending, [["method", "reference"]]))
        seeds = float(np.mean(list(record["seeds"].values())))
        outcomes[name] = (float(record["questions"][0]["answer"] == wanted), seeds)
    return outcomes


def cells(*means: float) -> dict[str, NormalStudy]:
    most = DESIGN["max"]
    found = {}
    for label, (sd, sd_reference) in SEED_SDS.items():
        sds = [*[sd] * (len(means) - 1), sd_reference]
        found[label] = NormalStudy(tuple(Method(mean, most, each) for mean, each in zip(means, sds, strict=True)))
    return found


def sections() -> list[Section]:
    promises = dict.fromkeys(SPENDINGS, ERROR_RATE) | {f"interval of the last look, {name}": INTERVAL_HOLDS for name in SPENDINGS}
    text = "Percent of studies that claim, at any look, what is not so (mean number of seeds a method), and whose last interval holds the truth."
    nulls = {
        SUPERIORITY: ("Superiority, where the methods are equal", 0.0),
        NONINFERIORITY: (f"Non-inferiority, where the method is {MARGIN:g} point worse, the margin", -MARGIN),
        EQUIVALENCE: (f"Equivalence, where the method is {MARGIN:g} point worse, the margin", -MARGIN),
    }
    found = [
        Section(1, title, text, cells(40 + true, 40), partial(false_claims, question=question), promises, part=part)
        for part, (question, (title, true)) in enumerate(nulls.items())
    ]
    found.append(
        Section(
            2,
            f"Four questions of two methods that are both {MARGIN:g} point worse",
            "Percent of studies with any false claim, after Holm over the four (mean number of seeds a method).",
            cells(39, 39, 40),
            families,
            dict.fromkeys(SPENDINGS, ERROR_RATE),
        )
    )
    return found


ALTERNATIVES = {
    SUPERIORITY: (f"Superiority, where the method is {MARGIN:g} point better", MARGIN),
    NONINFERIORITY: ("Non-inferiority at 1 point, where the methods are equal", 0.0),
    EQUIVALENCE: ("Equivalence within 1 point, where the methods are equal", 0.0),
}


def power_page(repetitions: int, seed: int, pool: ProcessPoolExecutor) -> str:
    """Of each alternative: power and seeds of the looks, and the seeds of a fixed design with the same power."""
    rows = []
    for part, (question, (title, true)) in enumerate(ALTERNATIVES.items()):
        section = Section(3, title, "", cells(40 + true, 40), partial(answers, question=question), part=part)
        table = run_section(section, repetitions, seed, pool.map)
        for label in section.cells:
            for name in SPENDINGS:
                percent, seeds = table[name][label]
                fixed = fixed_seeds(question, true, SEED_SDS[label], percent / 100)
                saved = "-" if fixed is None else f"{100 * (1 - seeds / fixed):.0f} %"
                needed = f"more than {power.MOST_SEEDS}" if fixed is None else f"{fixed:.1f}"
                rows.append([title, label, name, f"{percent:.1f}", f"{seeds:.1f}", needed, saved])
    headers = [
        "Question and truth",
        "Seeds",
        "Spending",
        "Right answers, %",
        "Seeds a method",
        "Fixed design of the same power",
        "Saved",
    ]
    return f"## 3. What the looks save\n\n{tabulate(rows, headers=headers, tablefmt='pipe', disable_numparse=True)}\n"


def fixed_seeds(question: str, true: float, seed_sds: tuple[float, float], wanted: float) -> float | None:
    """Seeds a method with which a study that is looked at once has this power, between whole numbers on a straight line."""
    components = power.ContrastComponents(
        tuple(sd**2 for sd in seed_sds), (RESIDUAL_SD**2, RESIDUAL_SD**2), 2 * INTERACTION_SD**2, (True, True)
    )
    designs = components.planned(np.arange(2, power.MOST_SEEDS + 1), N_DIALOGUES)
    reached = {
        SUPERIORITY: lambda: power.power_of_difference(true, designs),
        NONINFERIORITY: lambda: power.power_of_noninferiority(true, MARGIN, designs),
        EQUIVALENCE: lambda: power.power_of_equivalence(true, MARGIN, designs),
    }[question]()
    if reached[0] >= wanted:
        return 2.0
    enough = np.flatnonzero(reached >= wanted)
    if not len(enough):
        return None
    place = enough[0]
    return float(1 + place + (wanted - reached[place - 1]) / (reached[place] - reached[place - 1]))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=4000, help="simulated studies a cell; half as many for powers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    with processes(options.processes) as pool:
        broken = print_sections(sections(), options.repetitions, options.seed, pool)
        print(power_page(max(round(CHEAPER * options.repetitions), 1), options.seed, pool), flush=True)
    print(
        f"{options.repetitions} studies a cell, {CHEAPER * options.repetitions:g} in section 3; seed {options.seed}; {N_DIALOGUES} dialogues; looks "
        f"at {', '.join(map(str, planned_counts(DESIGN)))} seeds. The Monte Carlo error of 5 % at {options.repetitions} studies is "
        f"{100 * math.sqrt(0.95 * 0.05 / options.repetitions):.2f} points."
    )
    return exit_status(broken)


if __name__ == "__main__":
    sys.exit(main())
