"""How long a study's inputs and targets are in tokens, after cutting, and whether the model has room for them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc
import torch
from datasets import Dataset, DatasetDict
from transformers import PreTrainedModel

from .errors import InputError


@dataclass(frozen=True)
class Extent:
    """The longest (source, target) of train and of validation, the longest source of test, and the largest token id of all."""

    train: tuple[int, int]
    validation: tuple[int, int]
    test: int
    largest_token: int

    @classmethod
    def of(cls, tokens: DatasetDict) -> Extent:
        columns = [(split, column) for split in ("train", "validation") for column in ("input_ids", "labels")]
        columns.append(("test", "input_ids"))
        longest = {key: _longest(tokens[key[0]], key[1]) for key in columns}
        train, validation = ((longest[split, "input_ids"], longest[split, "labels"]) for split in ("train", "validation"))
        largest = max(_largest(tokens[split], column) for split, column in columns)
        return cls(train, validation, longest["test", "input_ids"], largest)


def check_room(model: PreTrainedModel, extent: Extent, model_folder: str) -> None:
    """What a run on tensors without values cannot find: tokens that the vocabulary lacks, and too few positions.

    Raises:
        InputError: names the key to change.
    """
    vocabulary = model.get_input_embeddings().num_embeddings
    if extent.largest_token >= vocabulary:
        raise InputError(
            model_folder,
            f"its tokenizer gives tokens up to {extent.largest_token}, and the model knows {vocabulary}",
            "Fetch or copy model and tokenizer again, both of the same model",
        )
    sources = max(extent.train[0], extent.validation[0], extent.test)
    targets = max(extent.train[1], extent.validation[1])
    for key, longest, part in (
        ("max_source_length", sources, model.get_encoder()),
        ("max_target_length", targets, model.get_decoder()),
    ):
        positions = _positions(part)
        if positions is not None and longest > positions:
            raise InputError(key, f"this {model.config.model_type} has {positions} positions, fewer than {longest}", f"Set it to {positions}")


def _positions(part: torch.nn.Module) -> int | None:
    """How many tokens a table of positions holds; None where positions are computed, as in T5."""
    for module in part.modules():
        if isinstance(module, torch.nn.Embedding) and "Position" in type(module).__name__:
            return module.num_embeddings - getattr(module, "offset", 0)
    return None


def _longest(rows: Dataset, column: str) -> int:
    return pc.max(pc.list_value_length(rows.data.column(column))).as_py()


def _largest(rows: Dataset, column: str) -> int:
    return pc.max(pc.list_flatten(rows.data.column(column))).as_py()
