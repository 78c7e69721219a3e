"""From a pilot's variance components: what designs of seeds and test dialogues can show."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd

from . import power
from .results import PROTOCOLS, UNIT
from .stats import ALPHA, Estimate
from .wording import integer, markdown, metric_name, number, points

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
    alpha = ALPHA / max(len(chosen), 1)
    tables = [pd.DataFrame(columns=["method", "reference", "metric", "assumption", "n_seeds", "n_dialogues"])]
    for _, contrast in chosen.iterrows():
        for assumption, components in _assumptions(contrast):
            n_seeds, n_dialogues = (grid.ravel() for grid in np.meshgrid(*_design(contrast, components), indexing="ij"))
            planned = components.planned(np.maximum(n_seeds, 2), n_dialogues)
            table = pd.DataFrame({"n_seeds": n_seeds, "n_dialogues": n_dialogues, "se": planned.se, "df": planned.df})
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


def plan_page(table: pd.DataFrame, contrasts: pd.DataFrame, config: dict) -> str:
    """The plan as Markdown."""
    settings = config["comparison"]
    chosen = contrasts[contrasts["family"] == "confirmatory"]
    metric = settings["primary_metric"]
    parts = [
        f"# Plan: what `{config['name']}` would need",
        f"Points of {metric_name(metric)}, {PROTOCOLS[metric]}. The runs at hand serve as the pilot: their variance components say what a design "
        f"of so many seeds a method and so many test dialogues can show. *Detectable* is the true difference that is found with a probability "
        f"of {100 * settings['power']:.0f} %, tested at {_alpha(len(chosen))}. *Cautious* takes each seed variance at its upper 80 % limit, "
        "since a pilot of few seeds knows it badly (Browne 1995); plan with it where you can. Dialogues are assumed to be drawn like the pilot's. With few seeds more dialogues need not help: the interval then rests on the few "
        "degrees of freedom of the seeds.",
    ]
    if chosen.empty:
        parts.append("No contrast is declared: name the ones to plan for as `comparison.contrasts` in the config.")
    else:
        parts.append("![Smallest detectable difference against seeds](plan.svg)")
    for _, contrast in chosen.iterrows():
        parts += _contrast_parts(contrast, table, settings, ALPHA / len(chosen))
    return "\n\n".join(parts) + "\n"


def _contrast_parts(contrast: pd.Series, table: pd.DataFrame, settings: dict, alpha: float) -> list[str]:
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
        _where_variance_comes_from(contrast, components),
        "What it takes:",
        markdown(_needs(contrast, settings, alpha)),
    ]
    for assumption, _ in assumptions:
        grid = rows[rows["assumption"] == assumption]
        parts += [f"Detectable difference in points, seed variance {assumption}:", markdown(_grid(grid))]
    return parts


def _where_variance_comes_from(contrast: pd.Series, components: power.ContrastComponents) -> str:
    n_seeds, n_dialogues = _present(contrast), contrast["n_dialogues"]
    now = components.planned(max(n_seeds, 2), n_dialogues)
    floor = math.sqrt(components.interaction / n_dialogues)
    unlimited = Estimate(0.0, np.array([floor]), np.array([n_dialogues - 1.0]))
    least = power.smallest_detectable_difference(unlimited, 0.8)[0]
    if not any(components.has_seeds):
        return "Neither method has seeds: dialogues alone decide."
    share = 100 * (1 - floor**2 / float(now.se) ** 2) if now.se > 0 else 0.0
    deviations = (
        f"Between seeds the methods' means vary with standard deviations of {number(math.sqrt(components.seed[0]), 2)} and "
        f"{number(math.sqrt(components.seed[1]), 2)} points (cautious: {number(contrast['sd_seed_cautious'], 2)} and "
        f"{number(contrast['sd_seed_reference_cautious'], 2)}); the difference between the methods varies from dialogue to dialogue with "
        f"{number(math.sqrt(components.interaction), 2)}."
    )
    return (
        f"{deviations} With {n_seeds} seeds and {integer(n_dialogues)} dialogues, seeds make up {share:.0f} % of the variance of the difference, "
        f"and dialogues {100 - share:.0f} %. However many seeds there are, {integer(n_dialogues)} dialogues leave differences below "
        f"{number(least, 2)} points undetected."
    )


def _needs(contrast: pd.Series, settings: dict, alpha: float) -> list[dict]:
    questions = {
        f"a difference of {points(settings['difference'])}": partial(
            power.power_of_difference, settings["difference"], alpha=alpha
        )
    }
    if settings["margin"] is not None:
        margin = settings["margin"]
        at_margin = f"at {points(margin)}, if the methods are equal"
        questions[f"non-inferiority {at_margin}"] = partial(power.power_of_noninferiority, 0.0, margin, alpha=alpha)
        questions[f"equivalence {at_margin}"] = partial(power.power_of_equivalence, 0.0, margin, alpha=alpha)
    n_seeds, n_dialogues = max(_present(contrast), 2), contrast["n_dialogues"]
    rows = []
    for question, power_of in questions.items():
        row = {"To show": question}
        for assumption, components in _assumptions(contrast):
            if any(components.has_seeds):
                seeds = power.seeds_needed(power_of, components, n_dialogues, settings["power"])
                row[f"seeds with {integer(n_dialogues)} dialogues, {assumption}"] = seeds or f"more than {power.MOST_SEEDS}"
            dialogues = power.dialogues_needed(power_of, components, n_seeds, settings["power"])
            given = f" with {n_seeds} seeds" if any(components.has_seeds) else ""
            row[f"dialogues{given}, {assumption}"] = integer(dialogues) if dialogues else "no number"
        rows.append(row)
    return rows


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


def _alpha(n_contrasts: int) -> str:
    return "5 %" if n_contrasts < 2 else f"5 % / {n_contrasts}, the first step of Holm over {n_contrasts} contrasts"
