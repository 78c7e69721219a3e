"""A batch that does not fit into memory is computed in smaller parts: with real limits on this machine's memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, DatasetDict
from patience import PATIENCE_SECONDS
from test_training import BLOCKS, TRAIN
from tiny import make_model

from parity.tokens import load_tokenizer
from parity.training_process import Request

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
# Scores over a vocabulary of 60,000 are nearly all that a part of a batch needs: about 220 MB an example.
VOCABULARY, EXAMPLES, LENGTH = 60_000, 4, 400
MB = 10**6
# In MB beside what the first run leaves: up to about 500 not even one example fits, from about 1,350 on all four do.
LESS_THAN_ONE_EXAMPLE, ONE_EXAMPLE_TO_ALL = 120, 900
REST = {"checkpoint_seconds": 0, "cpu_threads": 1}
# All texts at a time take 300 to 400 MB beside what one takes.
LONG_TEXT, TEXTS = 600, 256
# What memory a process has then depends on the machine: it is limited to so much more than it holds after a first run.
JOB = """
import json, resource, sys
from parity.errors import InputError
from parity.launch import train
from parity.training_process import Request
first, second = (Request(**request) for request in json.loads(sys.argv[1]))
train(first)
held = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmData"))
resource.setrlimit(resource.RLIMIT_DATA, (held + int(sys.argv[2]),) * 2)
try:
    record = train(second)
except InputError as error:
    record = str(error)
open(sys.argv[3], "w").write(json.dumps(record))
"""

GENERATE = """
import json, resource, sys
import torch
from datasets import Dataset
from parity.generation import generate_summaries
from parity.models import load_model
from parity.tokens import load_tokenizer
torch.set_num_threads(1)
folder, texts, tokens, settings = json.loads(sys.argv[1])
rows = Dataset.from_dict({"input_ids": [[5 + text] * tokens for text in range(texts)]})
def summaries(batch_size):
    return generate_summaries(load_model(folder), load_tokenizer(folder), rows, settings | {"batch_size": batch_size}, 1, "t")[0]
found = {"alone": summaries(1)}
held = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmData"))
resource.setrlimit(resource.RLIMIT_DATA, (held + int(sys.argv[2]),) * 2)
try:
    found["together"] = summaries(texts)
except RuntimeError as error:
    found["error"] = str(error)
open(sys.argv[3], "w").write(json.dumps(found))
"""


@pytest.fixture(scope="module")
def folders(tiny_model, tmp_path_factory) -> dict[str, str]:
    """A model with a large vocabulary, and examples for it."""
    root = tmp_path_factory.mktemp("large")
    make_model(vocab_size=VOCABULARY).save_pretrained(root / "model")
    load_tokenizer(tiny_model).save_pretrained(root / "model")
    ids = [list(range(5, 5 + LENGTH))] * EXAMPLES
    examples = Dataset.from_dict({"id": list(map(str, range(EXAMPLES))), "input_ids": ids, "labels": ids})
    DatasetDict(train=examples, validation=examples.select([0])).save_to_disk(root / "tokens")
    return {"model": str(root / "model"), "tokens": str(root / "tokens")}


@pytest.fixture
def train_within(folders, tmp_path):
    def run(megabytes: int):
        """Train a step with so much memory; the record or the message, and the log."""

        def request(out: str, batch_size: int) -> dict:
            block = BLOCKS["LORA"] | {"train": TRAIN | {"max_steps": 1, "batch_size": batch_size}}
            place = {"folder": str(tmp_path / "checkpoints"), "study": "s", "method": "LORA", "seed": 1, "key": out}
            return asdict(
                Request(name="lora", seed=1, block=block, out=str(tmp_path / out), checkpoints=place, **folders, **REST)
            )

        requests = json.dumps([request("first", 1), request("second", EXAMPLES)])
        outcome = tmp_path / "outcome.json"
        return outcome_of(JOB, requests, megabytes, outcome)

    return run


def outcome_of(job: str, arguments: str, megabytes: int, file: Path) -> tuple[Any, str]:
    """What a job with so much memory writes into `file`, and its log."""
    done = subprocess.run(
        [sys.executable, "-c", job, arguments, str(megabytes * MB), str(file)],
        env=os.environ | {"PYTHONPATH": str(SCRIPTS), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(file.read_text()), done.stdout


def test_a_batch_that_does_not_fit_is_computed_in_parts_and_stays_what_it_is(train_within):
    record, log = train_within(ONE_EXAMPLE_TO_ALL)
    parts = record["gradient_accumulation_steps"]
    assert parts in (2, 4)
    assert record["settings"]["gradient_accumulation_steps"] == 1
    assert "lora seed 1: 4 examples at a time do not fit into memory" in log
    assert f"Now {EXAMPLES // parts} at a time, gradient_accumulation_steps {parts}; a step's batch is still 4 examples" in log
    assert record["input_tokens"] == EXAMPLES * LENGTH
    whole, _ = train_within(10_000)
    assert whole["gradient_accumulation_steps"] == 1


def test_where_not_even_one_example_fits_the_remedies_are_named(train_within):
    message, _ = train_within(LESS_THAN_ONE_EXAMPLE)
    assert message.startswith("methods.lora.train.batch_size = 4: not even one example at a time fits into memory")
    assert "gradient_checkpointing: true" in message


@pytest.fixture
def generate_within(tiny_model, tmp_path):
    def run(megabytes: int, **changes):
        settings = {"max_new_tokens": 5, "num_beams": 1, "do_sample": False, "precision": "fp32"} | changes
        arguments = json.dumps([tiny_model, TEXTS, LONG_TEXT, settings])
        return outcome_of(GENERATE, arguments, megabytes, tmp_path / "outcome.json")

    return run


def test_summaries_of_too_many_dialogues_at_a_time_are_written_in_halves(generate_within):
    found, log = generate_within(200)
    assert found["together"] == found["alone"]
    assert f"{TEXTS} dialogues at a time do not fit into memory: {TEXTS // 2} now" in log


def test_drawn_tokens_are_not_drawn_anew_in_halves(generate_within):
    found, log = generate_within(200, do_sample=True)
    assert "memory" in found["error"]
    assert "do not fit" not in log
