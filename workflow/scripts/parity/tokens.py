"""Turning records into token ids once, for all runs of a study."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
from datasets import Dataset, DatasetDict
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from .data import Record
from .errors import InputError
from .model_safety import SAFE

# What a tokenizer says of a text beside its ids, and Python numbers, take many times the memory of the ids.
TEXTS_AT_A_TIME = 1000
TOKENIZER_FILES = ("tokenizer.json", "*.model", "vocab.*")


def load_tokenizer(folder: str) -> PreTrainedTokenizerBase:
    """The tokenizer in a model's folder, which pads at the end. Raises InputError where there is none."""
    remedy = "Put the model's tokenizer files beside its weights"
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="right", **SAFE)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            folder,
            f"no tokenizer can be loaded ({str(error).splitlines()[0]})",
            remedy,
        ) from error
    # transformers would make one up from config.json alone.
    if tokenizer.vocab_files_names and not any(file for pattern in TOKENIZER_FILES for file in Path(folder).glob(pattern)):
        raise InputError(folder, "no tokenizer.json or vocabulary there", remedy)
    return tokenizer


def tokenise(
    splits: dict[str, list[Record]],
    tokenizer: PreTrainedTokenizerBase,
    prompt: str,
    max_source_length: int,
    max_target_length: int,
) -> tuple[DatasetDict, dict]:
    """Token ids of every split, and how many of them the limits cut.

    Returns:
        the datasets: train and validation have a row a reference (id, input_ids, labels), test has a row a dialogue
        (id, input_ids); and the truncation: for each split, `sources` and `targets` cut off, and the mean, 95th
        percentile and longest length in tokens before the cut.
    """
    datasets, truncation = DatasetDict(), {}
    for split, records in splits.items():
        prompts = (prompt.replace("{dialogue}", r.dialogue) for r in records)
        sources, source_lengths = _token_ids(prompts, tokenizer, max_source_length)
        targets, target_lengths = _token_ids((ref for r in records for ref in r.references), tokenizer, max_target_length)
        truncation[split] = {
            "sources": _cut(source_lengths, max_source_length),
            "targets": _cut(target_lengths, max_target_length),
        }
        if split == "test":
            columns = {"id": [r.id for r in records], "input_ids": sources}
        else:
            repeats = [index for index, r in enumerate(records) for _ in r.references]
            columns = {
                "id": [records[index].id for index in repeats],
                "input_ids": [sources[index] for index in repeats],
                "labels": targets,
            }
        datasets[split] = Dataset.from_dict(columns)
    return datasets, truncation


def shortened(ids: list[int], limit: int) -> list[int]:
    """`ids` cut to `limit`, the end mark kept, which is what the tokenizers' own truncation gives."""
    return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]


def _token_ids(texts: Iterable[str], tokenizer: PreTrainedTokenizerBase, limit: int) -> tuple[list[np.ndarray], np.ndarray]:
    """The token ids of each text, shortened to `limit`, and the lengths before that."""
    rows, lengths, texts = [], [], iter(texts)
    while batch := list(islice(texts, TEXTS_AT_A_TIME)):
        for ids in tokenizer(batch).input_ids:
            lengths.append(len(ids))
            rows.append(np.array(shortened(ids, limit), np.int64))
    return rows, np.array(lengths)


def _cut(lengths: np.ndarray, limit: int) -> dict:
    return {
        "truncated": int((lengths > limit).sum()),
        "mean": round(float(lengths.mean()), 1),
        "p95": int(np.percentile(lengths, 95, method="inverted_cdf")),
        "longest": int(lengths.max()),
    }
