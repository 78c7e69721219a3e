"""How long a study's inputs and targets are in tokens, after cutting."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc
from datasets import Dataset, DatasetDict


@dataclass(frozen=True)
class Extent:
    """The longest source and target of train and of validation, and the longest source of test."""

    train: tuple[int, int]
    validation: tuple[int, int]
    test: int

    @classmethod
    def of(cls, tokens: DatasetDict) -> Extent:
        train, validation = (
            (longest(tokens[split], "input_ids"), longest(tokens[split], "labels")) for split in ("train", "validation")
        )
        return cls(train, validation, longest(tokens["test"], "input_ids"))


def longest(split: Dataset, column: str) -> int:
    """The most tokens of a row in a column of token ids."""
    return pc.max(pc.list_value_length(split.data.column(column))).as_py()


def lengths(split: Dataset) -> list[tuple[int, int]]:
    """The tokens of every row's source and target."""
    columns = split.with_format("arrow")[:]
    counted = [pc.list_value_length(columns[name]).to_pylist() for name in ("input_ids", "labels")]
    return list(zip(*counted, strict=True))
