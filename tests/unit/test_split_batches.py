"""A batch gives the same loss and the same step in whatever parts it is computed."""

from __future__ import annotations

import json

import pytest
from test_training import BLOCKS, train

from parity.split_batches import EveryNthBatch, ShareOfBatches

# Dropout draws other masks in other parts; tests compare what is left.
PARTS = {"gradient_accumulation_steps": 2}


class Two:
    """Two processes, seen from one."""

    count = 2

    def __init__(self, index: int):
        self.index = index


@pytest.mark.parametrize(("examples", "first", "second"), [
    (8, [[0, 1], [4, 5]], [[2, 3], [6, 7]]),
    (7, [[0, 1], [4, 5]], [[2, 3], [6]]),
    (6, [[0, 1], [4]], [[2, 3], [5]]),
    (5, [[0, 1], [4]], [[2, 3], [5]]),
])  # fmt: skip
def test_each_batch_is_shared_evenly(examples, first, second):
    shares = [list(ShareOfBatches(range(examples), 2, Two(rank))) for rank in (0, 1)]
    assert shares == [first, second]


def test_every_batch_is_evaluated_once():
    batches = [[0, 1], [2, 3], [4]]
    assert [list(EveryNthBatch(batches, 5, Two(rank))) for rank in (0, 1)] == [[[0, 1], [4]], [[2, 3], [5]]]


@pytest.fixture(scope="module")
def steady_model(tiny_model, tmp_path_factory) -> str:
    """The tiny model without dropout."""
    import shutil
    from pathlib import Path

    folder = tmp_path_factory.mktemp("steady") / "model"
    shutil.copytree(tiny_model, folder)
    config = Path(folder) / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"dropout_rate": 0.0}))
    return str(folder)


@pytest.mark.parametrize("name", ["full", "LORA", "PREFIX_TUNING"])
def test_accumulation_changes_neither_losses_nor_weights(steady_model, tokens, tmp_path, name):
    whole = train(name, 1, steady_model, tokens, tmp_path / "whole", batch_size=4)
    parts = train(name, 1, steady_model, tokens, tmp_path / "parts", batch_size=4, gradient_accumulation_steps=2)
    single = train(name, 1, steady_model, tokens, tmp_path / "single", batch_size=4, gradient_accumulation_steps=4)
    for other in (parts, single):
        assert other["steps"] == whole["steps"]
        assert other["input_tokens"] == whole["input_tokens"]
        assert curve(other) == pytest.approx(curve(whole), abs=1e-5)
    assert name in BLOCKS


def curve(record: dict) -> list[float]:
    return [point["loss"] for point in record["loss"]] + [point["eval_loss"] for point in record["eval_loss"]]
