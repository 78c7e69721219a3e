"""How numbers, metrics and methods are written on every page, and what stands above every table."""

from __future__ import annotations

import math
import re

import pandas as pd
from tabulate import tabulate

from .results import ESTIMAND, ONE_RUN

NAMES = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L", "rougeLsum": "ROUGE-Lsum"}
# Nobody here knows what chance went into a file of somebody else's.
SEEDLESS = {"predictions": "one file"}
UNBOUNDED = "[unbounded]"
UNBOUNDED_NOTE = "what the share is taken of is not distinguishable from zero, so that its interval has no bounds and the share itself says little."


def opening(results: pd.DataFrame, config: dict) -> list[str]:
    """What stands above every table: what is estimated, of what, by which protocol and in which unit."""
    primary = config["comparison"]["primary_metric"]
    return [
        f"**Estimated:** {ESTIMAND}",
        f"Scores are ROUGE F-measures in points (0 to 100) on {size_of_test_set(results)}: {protocol(primary)}. "
        f"Primary metric: {metric_name(primary)}. [a, b] is a 95 % interval over new dialogues and, where a method has several seeds, new seeds.",
        f"Model: {as_text(config['model']['name_or_path'])}. Data: {as_text(config['data']['name_or_path'])}.",
    ]


def as_text(text: str) -> str:
    """Text of somebody else's for a line of Markdown: none of it is markup, and it stays one line."""
    return re.sub(r"([\\`*\[\]<>|&~])", r"\\\1", " ".join(text.split()))


def size_of_test_set(results: pd.DataFrame) -> str:
    """'500 test dialogues with 3 references each'."""
    counts = results.iloc[0]
    references = counts["references"] / counts["dialogues"]
    each = " each" if counts["dialogues"] > 1 else ""
    return (
        f"{counted(counts['dialogues'], 'test dialogue')} with {references:.3g} reference{'' if references == 1 else 's'}{each}"
    )


def protocol(metric: str) -> str:
    """How a method's score comes from its summaries' scores."""
    over = "the best of a dialogue's references" if metric.endswith("_max") else "the mean over a dialogue's references"
    return f"{over}, then the mean over dialogues and seeds"


def metric_name(metric: str) -> str:
    """A metric as people write it: rouge1 is ROUGE-1."""
    return NAMES[metric.removesuffix("_max")] + (" (best reference)" if metric.endswith("_max") else "")


def seeds_of(row: pd.Series) -> str:
    """The number of seeds, and what an interval cannot speak of where there is one run."""
    if row["chance"] == ONE_RUN:
        return f"{SEEDLESS.get(row['kind'], '1')} (this run only)"
    return str(row["n_seeds"] or row["chance"])


def with_interval(row: pd.Series, column: str, bounds: str | None = None) -> str:
    """'24.7 [23.8, 25.6]' from `column` and the columns <bounds>_low and <bounds>_high."""
    bounds = bounds or column
    low, high = row[f"{bounds}_low"], row[f"{bounds}_high"]
    if math.isinf(low):
        return f"{number(row[column], 1)} {UNBOUNDED}"
    # An interval without width says nothing that the value does not.
    return number(row[column], 1) + ("" if pd.isna(low) or low == high else f" [{number(low, 1)}, {number(high, 1)}]")


def number(value: float, digits: int) -> str:
    """A number with so many decimals, without a sign where it rounds to 0, and - where it is missing."""
    if value is None or pd.isna(value):
        return "-"
    return f"{round(value, digits) + 0.0:.{digits}f}"


def markdown(rows: list[dict]) -> str:
    """Rows as a Markdown table."""
    return tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True)


def integer(value: float) -> str:
    """A whole number with thousands set apart."""
    return f"{int(value):,}"


def counted(value: float, noun: str) -> str:
    """'1 seed', '2,000 seeds'."""
    return f"{integer(value)} {noun}{'' if value == 1 else 's'}"


def points(value: float) -> str:
    """A declared number as it was declared: '1.0 point', '0.5 points'."""
    return f"{value:g}" + (".0" if float(value).is_integer() else "") + (" point" if value == 1 else " points")


def p_value(value: float) -> str:
    """Three decimals, a fourth where three would hide on which side of 0.05 it lies, and a bound below 0.001."""
    if pd.isna(value):
        return "-"
    return "< 0.001" if value < 0.001 else f"{value:.{4 if round(value, 3) == 0.05 else 3}f}"


def p_is(value: float) -> str:
    """'p = 0.017', 'p < 0.001'."""
    return f"p {p_value(value)}" if value < 0.001 else f"p = {p_value(value)}"
