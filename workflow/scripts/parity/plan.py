"""From a pilot's variance components: what designs of seeds and test dialogues can show."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd

from . import power
from .adaptive_seeds import EQUIVALENCE, NONINFERIORITY, SUPERIORITY, asked_of
from .results import ESTIMAND, PROTOCOLS, UNIT
from .stats import ALPHA
from .study_costs import price
from .wording import counted, integer, markdown, metric_name, number, points, protocol

SEEDS = (2, 3, 5, 10, 20, 50)
# Test sets as multiples of the pilot's.
DIALOGUES = (0.5, 1, 2, 4, 10)
# How the pilot's seed variance is taken.
ESTIMATED, CAUTIOUS = "as estimated", "cautious"


def plan_table(contrasts: pd.DataFrame, config: dict) -> pd.DataFrame:
    """A row a confirmatory contrast, assumption and design: standard error, smallest detectable difference, powers.

    Powers are probabilities: of finding the wanted difference, and of showing non-inferiority and equivalence at the margin
    where the methods do not differ at all. With k contrasts each is tested at 0.05 / k, as the first step of Holm does.
    """
    settings = config["comparison"]
    chosen = contrasts[contrasts["family"] == "confirmatory"]
    alpha = ALPHA / max(_tests(chosen, settings), 1)
    tables = [pd.DataFrame(columns=["method", "reference", "metric", "assumption", "n_seeds", "n_dialogues"])]
    for _, contrast in chosen.iterrows():
        for assumption, components in _assumptions(contrast):
            n_seeds, n_dialogues = (grid.ravel() for grid in np.meshgrid(*_design(contrast, components), indexing="ij"))
            planned = components.planned(np.maximum(n_seeds, 2), n_dialogues)
            table = pd.DataFrame({"n_seeds": n_seeds, "n_dialogues": n_dialogues, "se": planned.se})
            table["smallest_detectable_difference"] = power.smallest_detectable_difference(planned, settings["power"], alpha)
            table["power_of_difference"] = power.power_of_difference(settings["difference"], planned, alpha)
            if settings["margin"] is not None:
                table["power_of_noninferiority"] = power.power_of_noninferiority(0.0, settings["margin"], planned, alpha)
                table["power_of_equivalence"] = power.power_of_equivalence(0.0, settings["margin"], planned, alpha)
            for place, key in enumerate(("method", "reference", "metric")):
                table.insert(place, key, contrast[key])
            table.insert(3, "assumption", assumption)
            table["difference"], table["margin"], table["alpha"] = settings["difference"], settings["margin"], alpha
            tables.append(table.assign(unit=UNIT, protocol=PROTOCOLS[contrast["metric"]]))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def plan_page(table: pd.DataFrame, contrasts: pd.DataFrame, config: dict, results: pd.DataFrame) -> str:
    """The plan as Markdown; `results` are those of the pilot's runs, which say what a run costs."""
    settings = config["comparison"]
    chosen = contrasts[contrasts["family"] == "confirmatory"]
    metric = settings["primary_metric"]
    parts = [
        f"# Plan: what `{config['name']}` would need",
        f"**Estimated:** {ESTIMAND}",
        f"Scores are ROUGE F-measures in points (0 to 100): {protocol(metric)}. Primary metric: {metric_name(metric)}.",
        "The runs at hand serve as the pilot: their variance components say what a design of so many seeds a method and so many test "
        f"dialogues can show. *Detectable* is the true difference that is found with a probability of {100 * settings['power']:g} %, tested "
        f"at {_alpha(_tests(chosen, settings), settings)}. *Cautious* takes each seed variance at its upper 80 % limit, since a pilot of few seeds knows it badly "
        "(Browne 1995); plan with it where you can. Dialogues are assumed to be drawn like the pilot's. With few seeds more dialogues may "
        "not help, or even raise what is detectable: the interval then rests on the few degrees of freedom of the seeds.",
    ]
    if chosen.empty:
        parts.append("No contrast is declared: name the ones to plan for as `comparison.contrasts` in the config.")
    elif len(table):
        parts.append("![Smallest detectable difference against seeds and dialogues](plan.svg)")
    for _, contrast in chosen.iterrows():
        parts += _contrast_parts(contrast, table, config, results, ALPHA / _tests(chosen, settings))
    if len(chosen) and settings["questions"] is not None:
        parts += _at_most(config, results)
    return "\n\n".join(parts) + "\n"


def _tests(chosen: pd.DataFrame, settings: dict) -> int:
    """How many tests share the 5 %."""
    return len(chosen) if settings["questions"] is None else len(settings["questions"])


def _at_most(config: dict, results: pd.DataFrame) -> list[str]:
    """What the study costs if its looks go on to the end."""
    most = config["seeds"]["max"]
    counts = {name: most if (results["method"] == name).sum() > 1 else 1 for name in dict.fromkeys(results["method"])}
    return [
        "## At most",
        f"Seeds are added until the questions are settled. If they never are, all methods have {counted(most, 'seed')}, for "
        f"{price(counts, results, config)}. A study that is looked at on the way needs somewhat more seeds for the same power, if it goes "
        "to the end, and on average fewer.",
    ]


def _contrast_parts(contrast: pd.Series, table: pd.DataFrame, config: dict, results: pd.DataFrame, alpha: float) -> list[str]:
    settings = config["comparison"]
    title = f"## {contrast['method']} against {contrast['reference']}"
    assumptions = _assumptions(contrast)
    if not assumptions:
        why = (
            "there is one test dialogue"
            if math.isnan(contrast["se"])
            else "a method has one run, which says nothing about the next"
        )
        return [title, f"No plan is possible: {why}. A pilot takes two seeds or more of each method, and two dialogues or more."]
    components = assumptions[0][1]
    rows = table[(table["method"] == contrast["method"]) & (table["reference"] == contrast["reference"])]
    parts = [
        title,
        _where_variance_comes_from(contrast, components, settings, alpha),
        "What it takes, and what these seeds of both methods cost if a run costs what the pilot's did (±: one standard deviation, as runs differ):",
        markdown(_needs(contrast, config, results, alpha)),
    ]
    for assumption, _ in assumptions:
        of_seeds = f", seed variance {assumption}" if any(components.has_seeds) else ""
        parts += [f"Detectable difference in points{of_seeds}:", markdown(_grid(rows[rows["assumption"] == assumption]))]
    return parts


def _where_variance_comes_from(contrast: pd.Series, components: power.ContrastComponents, settings: dict, alpha: float) -> str:
    n_seeds, n_dialogues = _present(contrast), contrast["n_dialogues"]
    variance = float(components.planned(max(n_seeds, 2), n_dialogues).se) ** 2
    deviations = [
        f"of `{contrast[name]}` between seeds {number(contrast[f'{column}'], 2)} (cautious: {number(contrast[f'{column}_cautious'], 2)})"
        for name, column, has_seeds in zip(
            ("method", "reference"), ("sd_seed", "sd_seed_reference"), components.has_seeds, strict=True
        )
        if has_seeds
    ]
    deviations.append(f"of the two methods' difference between dialogues {number(contrast['sd_interaction'], 2)}")
    text = f"Standard deviations in points: {'; '.join(deviations)}."
    if not any(components.has_seeds):
        return f"{text} Neither method has seeds: dialogues alone decide."
    if not variance:
        return f"{text} Nothing varies, so that every design shows every difference."
    floor = power.of_dialogues(components.interaction / n_dialogues, n_dialogues - 1)
    least = float(power.smallest_detectable_difference(floor, settings["power"], alpha))
    share = round(100 * components.interaction / n_dialogues / variance)
    dialogues = counted(n_dialogues, "dialogue")
    return (
        f"{text} With {counted(n_seeds, 'seed')} and {dialogues}, {100 - share} % of the variance of the estimated difference would shrink "
        f"with more seeds, and {share} % only with more dialogues. However many seeds there are, with {dialogues} a difference below "
        f"{number(least, 2)} points is found with a probability of less than {100 * settings['power']:g} %."
    )


def _needs(contrast: pd.Series, config: dict, results: pd.DataFrame, alpha: float) -> list[dict]:
    settings = config["comparison"]
    margin, asked = settings["margin"], asked_of(config, contrast["method"], contrast["reference"])
    questions = {}
    if SUPERIORITY in asked:
        of_difference = partial(power.power_of_difference, settings["difference"], alpha=alpha)
        questions[f"a difference of {points(settings['difference'])}"] = of_difference
    if NONINFERIORITY in asked:
        of_noninferiority = partial(power.power_of_noninferiority, 0.0, margin, alpha=alpha)
        questions[f"non-inferiority at {points(margin)}, if the methods are equal"] = of_noninferiority
    if EQUIVALENCE in asked:
        of_equivalence = partial(power.power_of_equivalence, 0.0, margin, alpha=alpha)
        questions[f"equivalence at {points(margin)}, if the methods are equal"] = of_equivalence
    n_seeds, n_dialogues = max(_present(contrast), 2), contrast["n_dialogues"]
    rows = []
    for question, power_of in questions.items():
        row = {"To show": question}
        for assumption, components in _assumptions(contrast):
            if any(components.has_seeds):
                seeds = power.seeds_needed(power_of, components, n_dialogues, settings["power"])
                row[f"seeds with {counted(n_dialogues, 'dialogue')}, {assumption}"] = seeds or f"more than {power.MOST_SEEDS}"
                row[f"that costs, {assumption}"] = price(_counts(contrast, seeds, components), results, config) if seeds else "-"
            dialogues = power.dialogues_needed(power_of, components, n_seeds, settings["power"])
            given = f" with {n_seeds} seeds, {assumption}" if any(components.has_seeds) else ""
            row[f"dialogues{given}"] = integer(dialogues) if dialogues else "none up to a million"
        rows.append(row)
    return rows


def _counts(contrast: pd.Series, seeds: int, components: power.ContrastComponents) -> dict[str, int]:
    """So many runs of each of the two methods, of one without seeds one."""
    pair = contrast["method"], contrast["reference"]
    return {name: seeds if has_seeds else 1 for name, has_seeds in zip(pair, components.has_seeds, strict=True)}


def _grid(rows: pd.DataFrame) -> list[dict]:
    table = rows.pivot(index="n_seeds", columns="n_dialogues", values="smallest_detectable_difference")
    return [
        {"Seeds": n_seeds or "-"} | {f"{integer(n)} dialogues": number(value, 2) for n, value in row.items()}
        for n_seeds, row in table.iterrows()
    ]


def _assumptions(contrast: pd.Series) -> list[tuple[str, power.ContrastComponents]]:
    components = power.from_columns(contrast)
    if components is None:
        return []
    # Without seeds there is nothing to be cautious about.
    return list(zip((ESTIMATED, CAUTIOUS), components, strict=True))[: 2 if any(components[0].has_seeds) else 1]


def _design(contrast: pd.Series, components: power.ContrastComponents) -> tuple[list[int], list[int]]:
    seeds = sorted({*SEEDS, max(_present(contrast), 2)}) if any(components.has_seeds) else [0]
    return seeds, sorted({max(2, round(factor * contrast["n_dialogues"])) for factor in DIALOGUES})


def _present(contrast: pd.Series) -> int:
    return int(max(contrast["n_seeds"], contrast["n_seeds_reference"]))


def _alpha(n_tests: int, settings: dict) -> str:
    of = "contrasts" if settings["questions"] is None else "questions"
    return "5 %" if n_tests < 2 else f"5 % / {n_tests}, the first step of Holm over {n_tests} {of}"
