"""The examples browser: every dialogue with its references and each method's summary, in the page itself."""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from .data import Record
from .failures import KINDS, FailureFinder
from .files import read_json_lines
from .page import Section, embedded_data, read_part, render
from .wording import metric_name

# What the texts and scores may take of a page, which shall stay below 10 MB with its pictures.
BYTES = 7_000_000
DATA = "examples-data"
# In place of a summary: there is none; it is each of the references.
NONE, REFERENCES = -1, -2


@dataclass(frozen=True)
class Run:
    """A run's summaries and scores.

    Attributes:
        rows: of predictions.jsonl.
        scores: id of a dialogue -> points on the primary metric.
    """

    method: str
    seed: int
    rows: list[dict]
    scores: dict[str, float]


def read_run(method: str, seed: int, predictions: Path, scores: Path, metric: str) -> Run:
    """A run from its predictions.jsonl and scores.csv; `metric` is a column of the latter."""
    return Run(method, seed, read_json_lines(predictions), _read_scores(scores, metric))


def _read_scores(path: Path, metric: str) -> dict[str, float]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: float(row[metric]) for row in csv.DictReader(file)}


def examples_section(
    records: list[Record],
    runs: list[Run],
    methods: Sequence[str],
    metric: str,
    contrasts: Sequence[tuple[str, str]] = (),
    limit: int = BYTES,
) -> Section:
    """The examples as a section of a page.

    Args:
        records: the test dialogues.
        runs: a method's runs in the order of its seeds.
        methods: in the study's order; one without a run shows as a hole.
        metric: the scores' name.
        contrasts: the first is the pair of methods that is compared when the page is opened; the first two methods otherwise.
        limit: bytes of the section's data. Of the summaries those of all seeds go in, or else of each method's first seeds, or else,
            where one seed's are too many, of the first dialogues.
    """
    of_method = {method: [run for run in runs if run.method == method] for method in methods}
    most = max(map(len, of_method.values()), default=0)
    marked = _failures(records, runs)

    def data(n_dialogues: int, n_seeds: int) -> Markup:
        return embedded_data(DATA, _data(records[:n_dialogues], of_method, marked, n_seeds, metric))

    def size(n_dialogues: int, n_seeds: int) -> int:
        return len(data(n_dialogues, n_seeds).encode())

    n_seeds = _most(most, lambda count: size(len(records), count) <= limit)
    n_dialogues = len(records) if n_seeds else _most(len(records), lambda count: size(count, 1) <= limit)
    values = {
        "kinds": KINDS,
        "methods": list(methods),
        "metric": metric_name(metric),
        "pair": contrasts[0] if contrasts else (methods[0], methods[min(1, len(methods) - 1)]),
        "n_dialogues": max(1, n_dialogues),
        "all_dialogues": len(records),
        "n_seeds": max(1, n_seeds),
        "all_seeds": most,
    }
    html = render("examples.html.j2", **values) + data(values["n_dialogues"], values["n_seeds"])
    return Section("examples", "Examples", html, style=read_part("examples.css"), script=read_part("examples.js"))


def _most(upper: int, fits: Callable[[int], bool]) -> int:
    """The largest number from 1 to `upper` that fits, where all below it do; 0 if none does."""
    if upper and fits(upper):
        return upper
    return bisect_left(range(1, upper + 1), True, key=lambda count: not fits(count))


def _failures(records: list[Record], runs: list[Run]) -> dict[tuple[str, int], dict[str, int]]:
    """(method, seed) -> id -> failures as bits, those of KINDS in order; of several summaries of a dialogue, of any of them."""
    finder = FailureFinder(records)
    found: dict[tuple[str, int], dict[str, int]] = {}
    for run in runs:
        of_run = found[run.method, run.seed] = dict.fromkeys((record.id for record in records), 0)
        for row in run.rows:
            failures = finder.find(row)
            of_run[row["id"]] |= sum(1 << bit for bit, kind in enumerate(KINDS) if failures[kind])
    return found


def _data(records: list[Record], of_method: dict[str, list[Run]], marked: dict, n_seeds: int, metric: str) -> dict:
    """What examples.js reads. Texts stand once each in `texts` and are named by their place in it.

    Of each method: `seeds` of the runs that are shown, and of each of these and each dialogue `texts`, `scores` and `failures`;
    `n` runs in all, over which `mean` scores are taken. Scores have one decimal, and are null where there is none.
    """
    places: dict[str, int] = {}

    def place(text: str) -> int:
        return places.setdefault(text, len(places))

    def place_of(rows: list[dict]) -> int:
        if not rows:
            return NONE
        return REFERENCES if "leave_out" in rows[0] else place(rows[0]["prediction"])

    methods = []
    for name, runs in of_method.items():
        shown = runs[:n_seeds]
        by_id = [_by_id(run.rows) for run in shown]
        methods.append(
            {
                "name": name,
                "n": len(runs),
                "seeds": [run.seed for run in shown],
                "texts": [[place_of(rows.get(record.id, [])) for record in records] for rows in by_id],
                "scores": [[_rounded([run.scores.get(record.id)]) for record in records] for run in shown],
                "failures": [[marked[name, run.seed][record.id] for record in records] for run in shown],
                "mean": [_rounded([run.scores.get(record.id) for run in runs]) for record in records],
            }
        )
    return {
        "ids": [record.id for record in records],
        "dialogues": [place(record.dialogue) for record in records],
        "references": [[place(text) for text in record.references] for record in records],
        "methods": methods,
        "kinds": list(KINDS.values()),
        "kindNames": list(KINDS),
        "metric": metric_name(metric),
        "texts": list(places),
    }


def _by_id(rows: list[dict]) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(row)
    return found


def _rounded(scores: list[float | None]) -> float | None:
    known = [score for score in scores if score is not None]
    return round(sum(known) / len(known), 1) if known else None
