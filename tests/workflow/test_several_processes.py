"""A run on several processes gives what it gives on one: curves, summaries and scores, through Snakemake."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from project import ROOT, Project
from test_other_models import LORA, SPLITS
from tiny import make_model, train_tokenizer

TWO = {"train": {"gpus_per_run": 2}}
FULL = {"kind": "full"}
METHODS = {
    "full": FULL,
    "full_ddp": FULL | TWO,
    "full_fsdp": FULL | {"train": {"gpus_per_run": 2, "fsdp": True}},
    "lora": LORA,
    "lora_ddp": LORA | {"train": {"gpus_per_run": 2, "gradient_accumulation_steps": 2}},
}
SAME = {"full_ddp": "full", "full_fsdp": "full", "lora_ddp": "lora"}
STUDY = {
    "name": "processes",
    "seeds": [1],
    "compare": list(METHODS),
    "methods": METHODS,
    "model": {"source": "folder", "name_or_path": "models/tiny"},
    "data": {"source": "files", "name_or_path": "resources/quickstart", "splits": SPLITS}
    | {"max_train_samples": 12, "max_validation_samples": 5, "max_test_samples": 6},
    "max_source_length": 100,
    "max_target_length": 30,
    "train": {"learning_rate": 0.01, "batch_size": 4, "num_train_epochs": 3, "logging_steps": 1, "eval_batch_size": 2},
    "generation": {"max_new_tokens": 12},
    "comparison": {"n_bootstrap": 100},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project(tmp_path_factory.mktemp("processes") / "project")
    lines = (ROOT / "resources/quickstart/train.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    tokenizer = train_tokenizer(text for row in map(json.loads, lines) for text in (row["dialogue"], row["summary"]))
    # Each process draws dropout for its own examples: with dropout, the runs are no more alike than two seeds.
    model = make_model(vocab_size=len(tokenizer), dropout_rate=0.0)
    for part in (model, tokenizer):
        part.save_pretrained(project.folder / "models/tiny")
    (project.folder / "config/processes.yaml").write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    project.snakemake("--cores", "2", "--configfile", "config/processes.yaml")
    return project.folder / "results/processes"


def read(results: Path, method: str, file: str) -> str:
    return (results / method / "seed-1" / file).read_text(encoding="utf-8")


def losses(record: dict) -> list[float]:
    return [point[kind] for kind in ("loss", "eval_loss") for point in record[kind]]


@pytest.mark.parametrize(("several", "one"), SAME.items())
def test_the_curves_are_those_of_one_process(results, several, one):
    record, alone = (json.loads(read(results, name, "train.json")) for name in (several, one))
    assert (record["processes"], alone["processes"]) == (2, 1)
    assert losses(record) == pytest.approx(losses(alone), rel=1e-5)
    assert len(losses(record)) == 3 * 3 + 3
    assert record["input_tokens"] == alone["input_tokens"]


@pytest.mark.parametrize(("several", "one"), SAME.items())
def test_the_summaries_and_scores_are_those_of_one_process(results, several, one):
    assert read(results, several, "predictions.jsonl") == read(results, one, "predictions.jsonl")
    table = pd.read_csv(results / "summary.csv").set_index("method")
    scores = [column for column in table if column.startswith("rouge")]
    assert table.loc[several, scores].equals(table.loc[one, scores])
    assert table.loc[several, "trainable"] == table.loc[one, "trainable"]


def test_what_was_learned_shows_in_the_summaries(results):
    assert read(results, "full", "predictions.jsonl") != read(results, "lora", "predictions.jsonl")
