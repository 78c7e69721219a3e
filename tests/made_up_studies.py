"""Studies whose truth is known: scores made to measure, and all tables and pages that the workflow makes from them."""

from __future__ import annotations

import copy
import gc
import io
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pandas as pd

from parity.comparison import StudyScores, contrasts_table, estimates_table
from parity.config import load_schema
from parity.files import read_table
from parity.latex import latex_table
from parity.plan import plan_page, plan_table
from parity.results import DETERMINISTIC, ONE_RUN, SCORE_COLUMNS, SEEDS, result_record
from parity.stats import MethodScores
from parity.tables import results_table, summary_page, summary_table
from parity.verdict import verdict_page

KINDS = {
    "zero_shot": "zero_shot",
    "full": "full",
    "everything": "full",
    "lora": "peft",
    "lora_r_16": "peft",
    "ia3": "peft",
    "prefix": "peft",
    "lead": "baseline",
    "human": "baseline",
    "other": "predictions",
}
WITHOUT_SEEDS = ("zero_shot", "baseline")
# Every other metric is a multiple of the primary one, so that a page that shows the wrong one is seen to.
FACTORS = dict(zip(SCORE_COLUMNS, (1.0, 0.5, 0.8, 0.9, 1.1, 0.6, 0.85, 0.95), strict=True))
MACHINE = {"system": "Linux", "processor": "a CPU", "cores": 2, "memory_bytes": 8_000_000_000}
SHA = "0" * 64
# What a job's Meter says of it, but for its seconds.
COSTS = {
    "peak_host_bytes": 2_500_000_000,
    "peak_gpu_bytes": None,
    "gpu_hours": 0,
    "gpu_energy_joules": None,
    "cpu_energy_joules": 1500.0,
}
SPEED = {
    "token_sums": dict.fromkeys(
        ("step", "example", "source", "target", "source_squared", "source_target", "target_squared", "computed"), 9
    ),
    "padding_share": 0.125,
    "examples_per_second": 10.5,
    "tokens_per_second": 1234.0,
    "peak_flops_per_second": 5_000_000,
    "model_flops": 2_000_000,
    "model_flops_utilisation": 0.25,
}


def seconds_by_phase(**phases: float) -> dict:
    """Of a job that took 2 and 3 seconds to begin."""
    return {"seconds_by_phase": {"start_up": 2.0, "load": 3.0, **phases}}


TASK = {
    "prompt": "Sum up: {dialogue}",
    "max_source_length": 512,
    "max_target_length": 128,
    "cpu_threads": 1,
    "model": {"source": "folder", "name_or_path": "models/mine", "revision": None},
    "data": {"source": "hub", "name_or_path": "someone/talks", "revision": "main"},
}
SCORING = {"backend": "rouge_score"} | COSTS | seconds_by_phase(score=1.5)


def scores(
    mean: float,
    n_seeds: int = 1,
    n_dialogues: int = 60,
    seed_sd: float = 0.0,
    own_sd: float = 2.0,
    residual_sd: float = 2.0,
    draw: int = 0,
) -> np.ndarray:
    """Scores, shape (seeds, dialogues), whose sample mean and deviations are exactly the ones asked for.

    Args:
        mean: over seeds and dialogues, in points.
        seed_sd: sample standard deviation of the seeds' means.
        own_sd: between dialogues, of what the method adds to their difficulty, which all methods share (SD 6).
        residual_sd: root of the residual mean square; 0 for one seed.
        draw: of the patterns that are scaled; another one for every method.
    """
    difficulty = 6 * _standardised(np.random.default_rng(99).normal(size=n_dialogues))
    generator = np.random.default_rng(draw)
    values = mean + difficulty + own_sd * _standardised(generator.normal(size=n_dialogues)) + np.zeros((n_seeds, 1))
    if n_seeds > 1:
        values = values + seed_sd * _standardised(generator.normal(size=n_seeds))[:, None]
        residual = generator.normal(size=(n_seeds, n_dialogues))
        residual += residual.mean() - residual.mean(axis=0) - residual.mean(axis=1, keepdims=True)
        values = values + residual_sd * residual / np.sqrt((residual**2).sum() / ((n_seeds - 1) * (n_dialogues - 1)))
    return values


def table(*rows: list[float]) -> MethodScores:
    """A method's scores, a row a seed."""
    return MethodScores(np.array(rows, float))


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std(ddof=1)


def settings(**comparison) -> dict:
    """The block `comparison` with its defaults, few draws of the bootstrap, and what is given here."""
    properties = load_schema("config")["properties"]["comparison"]["properties"]
    return {key: block["default"] for key, block in properties.items()} | {"n_bootstrap": 100} | comparison


def record(
    method: str, seed: int | None, kind: str, metrics: dict, counts: dict, training: dict | None, generation: dict | None = None
) -> dict:
    """A run's rouge.json."""
    provenance = {
        "finished": "2025-01-01T00:00:00+00:00",
        "code": {"commit": "abc", "dirty": False},
        "packages": {"python": "3.11"},
        "machine": MACHINE,
        "digests": {"data": SHA, "data_used": SHA, "model": SHA, "predictions": SHA, "code": {"score": SHA}},
    }
    return result_record(
        "made_up", method, seed, {"kind": kind}, metrics, counts, training, generation, SCORING, provenance, TASK
    )


def training_record(trainable: int = 1000, parameters: int = 1000, seconds: float = 100.0, losses: tuple = (1.25,)) -> dict:
    """What train.json holds; `seconds` are those of the steps, and `losses` those of the evaluations."""
    return {
        "parameters": parameters,
        "trainable": trainable,
        "trainable_percent": 100 * trainable / parameters,
        "target_modules": None,
        "steps": 10,
        "precision": "fp32",
        "processes": 1,
        "cpu_threads": 1,
        "gradient_accumulation_steps": 1,
        "resumed": [],
        "input_tokens": 500,
        "target_tokens": 50,
        **COSTS,
        **SPEED,
        **seconds_by_phase(train=seconds, evaluate=4.0, save=0.5),
        "bytes_on_disk": trainable * 4000,
        "device": "cpu",
        "machine": MACHINE,
        "loss": [{"step": 10, "loss": 1.5}],
        "eval_loss": [{"step": step, "eval_loss": loss} for step, loss in enumerate(losses, 1)],
    }


def generation_record(seconds: float = 3.0) -> dict:
    """What generate.json holds."""
    return {
        "dialogues": 4,
        "input_tokens": 400,
        "new_tokens": 40,
        "cut_off": 1,
        "empty": 0,
        "precision": "fp32",
        "backend": "transformers",
        "compute_type": None,
        "cpu_threads": 1,
        "device": "cpu",
        "machine": MACHINE,
        **COSTS,
        **SPEED,
        **seconds_by_phase(generate=seconds),
    }


@cache
def _template(kind: str) -> dict:
    """A record of this kind: checking each run's against its contract would take most of the tests' time."""
    training = training_record() if kind in ("full", "peft") else None
    counts = dict.fromkeys(("dialogues", "references", "predictions"), 1) | {"empty_predictions": 0}
    return record("full", 1, kind, dict.fromkeys(SCORE_COLUMNS, 0.0), counts, training)


@dataclass(frozen=True)
class Study:
    """A study and everything that the rules compare, aggregate and plan make of it.

    Attributes:
        points: method -> scores on the primary metric, shape (seeds, dialogues).
        config: as the rules pass it on.
    """

    points: dict[str, np.ndarray]
    config: dict
    references: int = 3

    @cached_property
    def scores(self) -> StudyScores:
        primary = FACTORS[self.config["comparison"]["primary_metric"]]
        of_metric = {
            metric: {method: MethodScores(np.asarray(values) * (factor / primary)) for method, values in self.points.items()}
            for metric, factor in FACTORS.items()
        }
        return StudyScores(of_metric, {method: self._chance(method) for method in self.points})

    def _chance(self, method: str) -> str:
        if self.config["methods"][method]["kind"] in WITHOUT_SEEDS:
            return DETERMINISTIC
        return SEEDS if len(self.points[method]) > 1 else ONE_RUN

    @cached_property
    def estimates(self) -> pd.DataFrame:
        return written_and_read(estimates_table(self.scores, self.config))

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        # statsmodels collects garbage at every adjustment, which takes long where much is imported.
        gc.freeze()
        try:
            return written_and_read(contrasts_table(self.scores, self.config))
        finally:
            gc.unfreeze()

    @cached_property
    def records(self) -> list[dict]:
        n_dialogues = next(iter(self.points.values())).shape[1]
        counts = {
            "dialogues": n_dialogues,
            "references": n_dialogues * self.references,
            "predictions": n_dialogues,
            "empty_predictions": 0,
        }
        found = []
        for method, values in self.points.items():
            kind = self.config["methods"][method]["kind"]
            seeded = kind in ("full", "peft") or len(values) > 1
            for number in range(len(values)):
                metrics = {metric: float(of[method].values[number].mean()) for metric, of in self.scores.scores.items()}
                seed = number + 1 if seeded else None
                found.append(_template(kind) | {"method": method, "seed": seed, "metrics": metrics, "counts": counts})
        return found

    @cached_property
    def results(self) -> pd.DataFrame:
        return results_table(self.records)

    @cached_property
    def summary(self) -> pd.DataFrame:
        return summary_table(self.results, self.estimates, self.config)

    @cached_property
    def plan(self) -> pd.DataFrame:
        return plan_table(self.contrasts, self.config)

    @cached_property
    def summary_page(self) -> str:
        return summary_page(self.summary, self.estimates, self.results, self.config)

    @cached_property
    def verdict_page(self) -> str:
        return verdict_page(self.estimates, self.contrasts, self.results, self.config)

    @cached_property
    def latex(self) -> str:
        return latex_table(self.estimates, self.contrasts, self.results, self.config)

    @cached_property
    def plan_page(self) -> str:
        return plan_page(self.plan, self.contrasts, self.config, self.results)

    @property
    def pages(self) -> dict[str, str]:
        return {
            "summary.md": self.summary_page,
            "verdict.md": self.verdict_page,
            "table.tex": self.latex,
            "plan.md": self.plan_page,
        }

    def contrast(self, method: str, reference: str) -> pd.Series:
        """The pair's row on the primary metric."""
        table = self.contrasts[self.contrasts["metric"] == self.config["comparison"]["primary_metric"]]
        return table.set_index(["method", "reference"], drop=False).loc[(method, reference)]


def study_of(
    points: dict[str, np.ndarray], references: int = 3, published: dict | None = None, kinds: dict | None = None, **comparison
) -> Study:
    """A study of these scores on the primary metric; the order of `points` is that of `compare`. `kinds` goes before KINDS."""
    kinds = KINDS | (kinds or {})
    config = {
        "name": "made_up",
        "model": {"source": "folder", "name_or_path": "a/model"},
        "data": {"source": "files", "name_or_path": "some/data"},
        "compare": list(points),
        "methods": {name: {"kind": kinds[name]} for name in points},
        "comparison": settings(**comparison),
        "costs": {"currency": "EUR", "per_hour": None, "per_gpu_hour": None, "per_kwh": None},
    }
    if published:
        config["published"] = published
    return Study({name: np.asarray(values, float) for name, values in points.items()}, copy.deepcopy(config), references)


def written_and_read(table: pd.DataFrame) -> pd.DataFrame:
    """A table as the next rule finds it."""
    return read_table(io.StringIO(table.to_csv(index=False, float_format="%.12g")))


def small_config(**changes) -> dict:
    """A config as somebody writes one, with these top-level keys changed; a copy of its own for every call."""
    config = {
        "name": "study",
        "seeds": [1, 2],
        "compare": ["full", "lora"],
        "model": {"source": "folder", "name_or_path": "model"},
        "data": {
            "source": "files",
            "name_or_path": "data",
            "splits": {"train": "train.jsonl", "validation": "validation.jsonl", "test": "test.jsonl"},
        },
        "train": {"num_train_epochs": 1, "learning_rate": 1e-4, "batch_size": 8},
        "methods": {
            "zero_shot": {"kind": "zero_shot"},
            "full": {"kind": "full"},
            "lora": {"kind": "peft", "peft": {"peft_type": "LORA"}},
            "lead": {"kind": "baseline", "baseline": "lead", "n": 3},
            "other": {"kind": "predictions", "file": "a.jsonl"},
        },
    }
    return copy.deepcopy(config | changes)
