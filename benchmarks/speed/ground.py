"""What the rows of the table share: a model of FLAN-T5-small's shape, DialogSum's own lengths, and sides timed in turn."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/data"
DIALOGSUM = next((folder for folder in (ROOT / "resources/dialogsum", SHARED / "dialogsum") if folder.is_dir()), SHARED)
T5_TOKENIZER = SHARED / "t5_tokenizer"
PROMPT = "Summarize the following conversation.\n\n{dialogue}\n\nSummary: "
sys.path[:0] = [str(ROOT / "workflow/scripts"), str(ROOT / "tests")]


class Missing(RuntimeError):
    """The real data or vocabulary is not here, and a row cannot be measured without it."""


@contextmanager
def flan_t5_small_shape() -> Iterator[str]:
    """A folder with a model of the shape, random weights and the real T5 vocabulary. Raises Missing where that is not here."""
    from benchmarks.real_shape import make_model

    if not T5_TOKENIZER.is_dir():
        raise Missing(f"no T5 tokenizer in {T5_TOKENIZER.relative_to(ROOT.parent)}")
    with tempfile.TemporaryDirectory() as folder:
        make_model(Path(folder), T5_TOKENIZER)
        yield folder


@cache
def tokens(split: str, count: int):
    """The first `count` records of DialogSum's train or test split as a Dataset of id, input_ids and, in train, labels."""
    from datasets import Dataset
    from transformers import AutoTokenizer

    file = DIALOGSUM / f"dialogsum.{split}.jsonl"
    if not file.is_file():
        raise Missing(f"no {file.name} in resources/dialogsum")
    tokenizer = AutoTokenizer.from_pretrained(T5_TOKENIZER)
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()[:count]]
    sources = tokenizer([PROMPT.replace("{dialogue}", r["dialogue"]) for r in records], truncation=True, max_length=512).input_ids
    columns = {"id": [r["fname"] for r in records], "input_ids": sources}
    if split == "train":
        columns["labels"] = tokenizer([r["summary"] for r in records], truncation=True, max_length=128).input_ids
    return Dataset.from_dict(columns)


def apart(module: str, function: str, *arguments: Any) -> Any:
    """What a function of a module here gives, called in a process of its own: what one side sets does not help the other."""
    code = f"import json, sys, {module} as module; print(json.dumps(module.{function}(*json.loads(sys.argv[1]))))"
    command = [sys.executable, "-c", code, json.dumps(arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{module}.{function}{arguments}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def in_turn(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> tuple[float, float, float]:
    """Medians of what both say over some rounds, and the median of a round's ratio theirs / ours. What is slow is said first."""
    pairs = [(theirs(), ours()) for _ in range(rounds)]
    return (
        statistics.median(our for _, our in pairs),
        statistics.median(their for their, _ in pairs),
        statistics.median(their / our for their, our in pairs),
    )
