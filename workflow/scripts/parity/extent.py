"""How long a study's inputs and targets are in tokens, after cutting."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc
from datasets import DatasetDict


@dataclass(frozen=True)
class Extent:
    """The longest source and target of train and of validation, and the longest source of test."""

    train: tuple[int, int]
    validation: tuple[int, int]
    test: int

    @classmethod
    def of(cls, tokens: DatasetDict) -> Extent:
        def longest(split: str, column: str) -> int:
            return pc.max(pc.list_value_length(tokens[split].data.column(column))).as_py()

        train, validation = ((longest(split, "input_ids"), longest(split, "labels")) for split in ("train", "validation"))
        return cls(train, validation, longest("test", "input_ids"))
