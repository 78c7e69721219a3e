"""How many summaries of each run fail in each way: failures.csv, and the table of it on a page."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from .data import Record
from .failures import COPIED_RUN, FAR_DEVIATIONS, KINDS, LEAST_PHRASE, LEAST_SENTENCE, LEAST_TIMES, FailureFinder
from .page import Section, read_part, render

COLUMNS = ("method", "seed", "failure", "summaries", "count", "share", "factor", "held_against")
# Of the baseline human, each reference is held against the dialogue's others.
REFERENCES, OTHERS = "references", "other references"


def failures_table(runs: Iterable[tuple[str, int, list[dict]]], records: list[Record]) -> pd.DataFrame:
    """A row a run and kind of failure.

    Args:
        runs: method, seed (that of the run's folder) and rows of predictions.jsonl of each run.
        records: the test dialogues.
    Returns:
        `summaries` that could fail so, the `count` that do, its `share` (0 to 1; missing where none could), the `factor` from which
        lengths are far apart, and what the summaries were `held_against`.
    """
    finder, rows = FailureFinder(records), []
    for method, seed, predictions in runs:
        found = [finder.find(row) for row in predictions]
        held_against = OTHERS if any("leave_out" in row for row in predictions) else REFERENCES
        for kind in KINDS:
            known = [failures[kind] for failures in found if failures[kind] is not None]
            share = sum(known) / len(known) if known else float("nan")
            factor = finder.factor if kind in ("short", "long") else float("nan")
            rows.append((method, seed, kind, len(known), sum(known), share, factor, held_against))
    return pd.DataFrame(rows, columns=COLUMNS)


def failures_section(table: pd.DataFrame, config: dict, *, has_examples: bool = False) -> Section:
    """The shares as a table, a row a method: means over seeds, with the seeds' range.

    Args:
        table: see failures_table. A method without a run in it has a row that says so.
        config: the study's `compare`.
        has_examples: whether the examples stand in the same page, to which each cell then links.
    """
    by_method = {method: of_method for method, of_method in table.groupby("method", sort=False)}
    rows = []
    for method in config["compare"]:
        of_method = by_method.get(method)
        if of_method is None:
            rows.append({"method": method, "is_human": False, "cells": None})
            continue
        cells = {kind: _cell(of_method[of_method["failure"] == kind]) for kind in KINDS}
        rows.append({"method": method, "is_human": (of_method["held_against"] == OTHERS).all(), "cells": cells})
    limits = {
        "least_phrase": LEAST_PHRASE,
        "least_times": LEAST_TIMES,
        "least_sentence": LEAST_SENTENCE,
        "copied_run": COPIED_RUN,
        "deviations": FAR_DEVIATIONS,
        "factor": None if table.empty else table["factor"].max(),
    }
    html = render("failures.html.j2", kinds=KINDS, rows=rows, limits=limits, has_examples=has_examples)
    return Section("failures", "Failures to see at a glance", html, style=read_part("failures.css"))


def _cell(runs: pd.DataFrame) -> dict | None:
    """Mean, least and largest share over seeds in percent; None where no run's summaries could fail so."""
    shares = 100 * runs["share"].dropna()
    if shares.empty:
        return None
    return {"mean": shares.mean(), "low": shares.min(), "high": shares.max(), "has_range": len(shares) > 1 and shares.max() > 0}
