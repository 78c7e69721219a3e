"""Studies whose truth is known, as their report takes them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from made_up_studies import scores, study_of

from parity.config import TRAINED_KINDS, Run
from parity.data import Record
from parity.examples import Run as RunSummaries
from parity.holes import Hole
from parity.reported import Course, Reported

BASELINES = ("lead", "longest", "human")
POINTS = {
    "zero_shot": scores(20, draw=1),
    "full": scores(40, 3, seed_sd=0.5, draw=2),
    "lora": scores(39.4, 3, seed_sd=0.6, draw=3),
    "lead": scores(30, draw=6),
    "human": scores(55, draw=7),
}


def reported(
    points: dict[str, np.ndarray] = POINTS, holes: tuple[Hole, ...] = (), points_a_curve: int = 8, **settings
) -> Reported:
    """A study of these scores; `settings` as study_of's. Dialogue i has i + 20 words."""
    study = study_of(points, **{"margin": 1.0} | settings)
    config = study.config
    for name, block in config["methods"].items():
        if block["kind"] == "baseline":
            block["baseline"] = name.split("_")[0]
    trained = [name for name in points if config["methods"][name]["kind"] in TRAINED_KINDS]
    runs = [Run(name, seed) for name, values in points.items() for seed in range(1, len(values) + 1)]
    records = [Record(f"test_{i}", f"#Person1#: {'so ' * (i + 19)}", ("#Person1# agrees.",)) for i in range(study_size(points))]
    return Reported(
        config,
        Path("results/made_up"),
        runs,
        scores=study.scores,
        estimates=study.estimates,
        contrasts=study.contrasts,
        results=study.results,
        lengths=np.arange(study_size(points)) + 20,
        courses={name: [course(seed, points_a_curve) for seed in range(1, len(points[name]) + 1)] for name in trained},
        records=records,
        summaries=[summaries(run, points[run.method], records) for run in runs],
        holes=list(holes),
    )


def study_size(points: dict[str, np.ndarray]) -> int:
    return next(iter(points.values())).shape[1]


def summaries(run: Run, points: np.ndarray, records: list[Record]) -> RunSummaries:
    of_run = points[min(run.seed, len(points)) - 1]
    rows = [{"id": record.id, "prediction": f"#Person1# agrees, says {run.method}."} for record in records]
    return RunSummaries(
        run.method, run.seed, rows, {record.id: float(score) for record, score in zip(records, of_run, strict=True)}
    )


def course(seed: int, n_points: int) -> Course:
    epochs = np.linspace(0.1, 2, n_points)
    return Course(seed, np.column_stack([epochs, 1 / epochs + 0.01 * seed]), np.array([[1.0, 1.1], [2.0, 0.9 + 0.01 * seed]]))


def many(n_methods: int, n_seeds: int, n_dialogues: int = 60) -> dict:
    """Arguments of `reported` for a large study: full, PEFT methods with long names, and the human ceiling."""
    names = ["full", *(f"prefix_tuning_of_{number}_virtual_tokens_and_more" for number in range(n_methods - 1))]
    points = {name: scores(40 + 0.3 * n, n_seeds, n_dialogues, 0.4, draw=n) for n, name in enumerate(names)}
    points["human"] = scores(55, 1, n_dialogues, draw=99)
    return {"points": points, "kinds": dict.fromkeys(names[1:], "peft"), "n_bootstrap": 100}


def without(study: Reported, **changes) -> Reported:
    return dataclasses.replace(study, **changes)
