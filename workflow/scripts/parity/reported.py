"""Everything that a study's report shows, read from what its rules wrote, or made from as much of it as is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from .comparison import StudyScores, contrasts_table, estimates_table, read_study
from .config import Run
from .data import Record, read_records
from .examples import Run as RunSummaries
from .examples import read_run
from .files import read_json, read_table
from .holes import Hole
from .stats import MethodScores
from .tables import results_table, summary_table

# From so many characters a word on, a text is taken for one in a script that does not set its words apart.
LONGEST_MEAN_WORD = 10


@dataclass(frozen=True)
class Course:
    """How one training went.

    Attributes:
        loss, eval_loss: rows of (epoch, loss), shape (points, 2).
    """

    seed: int
    loss: np.ndarray
    eval_loss: np.ndarray


@dataclass(frozen=True)
class Reported:
    """A study as its report shows it.

    Attributes:
        config: see compared.report_config; `compare` holds only methods that have a scored run.
        folder: results/<name>, where sections find what else they need of the runs.
        runs: those that have scores, in the config's order.
        scores: of `runs`; None, as the tables are, where there are none or they cannot be joined.
        lengths: of the test dialogues, in the order of the scores, in `length_unit`s.
        courses: of the trained methods.
        records: the test dialogues.
        summaries: what each of `runs` wrote, with its scores on the primary metric.
        human: the summary.json of a human evaluation, where there is one.
        look: the record of the last look, where seeds were added until the questions were settled.
        holes: what is missing. A report with holes gives no verdict.
    """

    config: dict
    folder: Path
    runs: list[Run]
    scores: StudyScores | None = None
    estimates: pd.DataFrame | None = None
    contrasts: pd.DataFrame | None = None
    results: pd.DataFrame | None = None
    lengths: np.ndarray | None = None
    length_unit: str = "words"
    courses: dict[str, list[Course]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    summaries: list[RunSummaries] = field(default_factory=list)
    human: dict | None = None
    look: dict | None = None
    holes: list[Hole] = field(default_factory=list)

    @property
    def has_tables(self) -> bool:
        return self.results is not None

    @property
    def methods(self) -> list[str]:
        return self.config["compare"]

    @property
    def metric(self) -> str:
        return self.config["comparison"]["primary_metric"]

    @cached_property
    def of_metric(self) -> dict[str, MethodScores]:
        """Every method's scores on the primary metric."""
        return self.scores.scores[self.metric]

    @cached_property
    def primary(self) -> pd.DataFrame:
        """The estimates of the primary metric, by method."""
        return self.estimates[self.estimates["is_primary"]].set_index("method", drop=False)

    @cached_property
    def summary(self) -> pd.DataFrame:
        return summary_table(self.results, self.estimates, self.config)

    @property
    def ceilings(self) -> list[str]:
        """What people reach against people."""
        return [name for name in self.methods if self.config["methods"][name].get("baseline") == "human"]

    @property
    def floors(self) -> list[str]:
        """What takes no training: parts of the dialogue, and the model as it is."""
        kinds = {name: self.config["methods"][name]["kind"] for name in self.methods}
        return [name for name, kind in kinds.items() if kind in ("baseline", "zero_shot") and name not in self.ceilings]

    @property
    def contenders(self) -> list[str]:
        """The methods between floors and ceilings."""
        return [name for name in self.methods if name not in {*self.floors, *self.ceilings}]


def intervals(study: Reported) -> str:
    """What the intervals in a study's pictures are."""
    repeated = (study.primary["n_seeds"] > 1).any()
    return "95 % intervals over new dialogues" + (" and, where a method has several seeds, new seeds" if repeated else "")


def read_whole(
    folder: Path, runs: list[Run], deterministic: set[str], config: dict, human: Path | None = None, look: Path | None = None
) -> Reported:
    """A finished study, with the tables that the rules wrote.

    Args:
        human: the summary.json of a human evaluation of it.
        look: the record of its last look.
    """
    tables = {name: read_table(folder / f"{name}.csv") for name in ("estimates", "contrasts", "results")}
    said = {name: read_json(path) if path else None for name, path in (("human", human), ("look", look))}
    return Reported(config, folder, runs, **_of_runs(folder, runs, deterministic, config), **tables, **said)


def read_part(folder: Path, runs: list[Run], deterministic: set[str], config: dict, holes: list[Hole]) -> Reported:
    """A study of which only `runs` have scores, with tables made from these alone.

    Raises:
        InputError: as comparison.read_study.
    """
    there = {run.method for run in runs}
    kept = config | {"compare": [name for name in config["compare"] if name in there]}
    if not runs:
        return Reported(kept, folder, [], holes=holes)
    if (declared := config["comparison"]["contrasts"]) is not None:
        contrasts = [pair for pair in declared if set(pair) <= there]
        kept["comparison"] = config["comparison"] | {"contrasts": contrasts}
    if (asked := config["comparison"]["questions"]) is not None:
        questions = [question for question in asked if set(question["contrast"]) <= there]
        kept["comparison"] = config["comparison"] | {"questions": questions}
    parts = _of_runs(folder, runs, deterministic & there, kept)
    records = [read_json(_place(folder, run) / "rouge.json") for run in runs]
    tables = {
        "estimates": estimates_table(parts["scores"], kept),
        "contrasts": contrasts_table(parts["scores"], kept),
        "results": results_table(records),
    }
    return Reported(kept, folder, runs, **parts, **tables, holes=holes)


def _place(folder: Path, run: Run) -> Path:
    return folder / run.method / f"seed-{run.seed}"


def _of_runs(folder: Path, runs: list[Run], deterministic: set[str], config: dict) -> dict:
    places = [_place(folder, run) for run in runs]
    scores = read_study([(run.method, place / "scores.csv") for run, place in zip(runs, places, strict=True)], deterministic)
    ids = pd.read_csv(places[0] / "scores.csv", usecols=["id"], dtype=str, keep_default_na=False)["id"]
    records = read_records(folder / "data/test.jsonl")
    dialogues = {record.id: record.dialogue for record in records}
    lengths, unit = dialogue_lengths([dialogues[name] for name in ids])
    courses: dict[str, list[Course]] = {}
    summaries = []
    for run, place in zip(runs, places, strict=True):
        if (record := place / "train.json").exists():
            courses.setdefault(run.method, []).append(_course(run.seed, read_json(record)))
        files = place / "predictions.jsonl", place / "scores.csv"
        summaries.append(read_run(run.method, run.seed, *files, config["comparison"]["primary_metric"]))
    return {
        "scores": scores,
        "lengths": lengths,
        "length_unit": unit,
        "courses": courses,
        "records": records,
        "summaries": summaries,
    }


def dialogue_lengths(dialogues: list[str]) -> tuple[np.ndarray, str]:
    """Lengths in words, or in characters where the script does not set words apart; and the unit."""
    words = np.array([len(text.split()) for text in dialogues])
    characters = np.array([len(text) for text in dialogues])
    return (words, "words") if characters.sum() <= LONGEST_MEAN_WORD * words.sum() else (characters, "characters")


def _course(seed: int, record: dict) -> Course:
    curves = (np.array([(row["epoch"], row[key]) for row in record[key]], float) for key in ("loss", "eval_loss"))
    return Course(seed, *(curve.reshape(-1, 2) for curve in curves))
