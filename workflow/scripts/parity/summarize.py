"""Summarising new dialogues with a run of a study, just as the study had it summarise its test dialogues."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING

from .dialogues import Dialogue
from .trained_run import TrainedRun

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

WORDS_SHOWN = 8


def summarize(run: TrainedRun, dialogues: Sequence[Dialogue], warn: Callable[[str], None]) -> list[str]:
    """A summary a dialogue, with the run's own prompt, lengths, precision and decoding.

    Args:
        warn: told of every dialogue that is longer than the run reads, and where it was cut.
    """
    import torch
    from datasets import Dataset

    from .ctranslate2_generation import generate_with_ctranslate2
    from .ctranslate2_rules import uses_ctranslate2
    from .generation import generate_summaries
    from .methods import load_trained
    from .tokens import load_tokenizer

    record, task = run.record, run.record["task"]
    settings, seed, title = record["settings"]["generation"], record["seed"] or 0, record["method"]
    torch.set_num_threads(task["cpu_threads"])
    tokenizer = load_tokenizer(run.trained if record["kind"] == "full" else run.base)
    inputs = [_input_ids(dialogue, tokenizer, task, warn) for dialogue in dialogues]
    rows = Dataset.from_dict({"id": [dialogue.id for dialogue in dialogues], "input_ids": inputs})

    def load():
        return load_trained(run.base, run.trained, record["kind"], record["settings"].get("quantization"))

    # What a job writes into its log would stand among the summaries here.
    with redirect_stdout(StringIO()):
        if uses_ctranslate2(settings):
            return generate_with_ctranslate2(load, tokenizer, rows, settings, seed, title, task["cpu_threads"])[0]
        return generate_summaries(load(), tokenizer, rows, settings, seed, title)[0]


def _input_ids(dialogue: Dialogue, tokenizer: PreTrainedTokenizerBase, task: dict, warn: Callable[[str], None]) -> list[int]:
    from .tokens import shortened

    ids = tokenizer(task["prompt"].replace("{dialogue}", dialogue.text)).input_ids
    limit = task["max_source_length"]
    kept = shortened(ids, limit)
    if len(kept) < len(ids):
        words = tokenizer.decode(kept, skip_special_tokens=True).split()
        warn(
            f"{dialogue.id}: {len(ids):,} tokens with the prompt, and this study reads {limit:,}: the last {len(ids) - limit:,} were cut."
            f" Read up to: ... {' '.join(words[-WORDS_SHOWN:])}"
        )
    return kept


def written(dialogues: Sequence[Dialogue], summaries: Sequence[str], alone: bool) -> str:
    """A summary as text where a single dialogue was given as such, JSON Lines with `id` and `summary` otherwise."""
    if alone:
        return f"{summaries[0]}\n"
    rows = ({"id": dialogue.id, "summary": summary} for dialogue, summary in zip(dialogues, summaries, strict=True))
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
