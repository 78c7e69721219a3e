"""Counting the tokens that go through a model, padding apart, in the sums that its floating-point operations follow from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

# Sums over parts of batches (step) and over examples (all else): of 1, of their lengths, and of the lengths' products.
SUMS = ("step", "example", "source", "target", "source_squared", "source_target", "target_squared")
IGNORED = -100


class TokenCounts:
    """Sums over all examples that were added. On a GPU nothing is waited for until they are asked for."""

    def __init__(self):
        self._products: torch.Tensor | None = None
        self._steps = self._computed = 0
        self._carried: dict[str, int] = {}

    def add_batch(self, inputs: dict[str, torch.Tensor]) -> None:
        """Count a part of a training batch. An example without anything to predict counts as padding.

        Args:
            inputs: input_ids and attention_mask, shape (examples, source), and labels, shape (examples, target).
        """
        targets = (inputs["labels"] != IGNORED).sum(1)
        real = targets > 0
        lengths = torch.stack([real, inputs["attention_mask"].sum(1) * real, targets])
        self.add(lengths, inputs["input_ids"].numel() + inputs["labels"].numel())

    def add(self, lengths: torch.Tensor, computed: int) -> None:
        """Count examples that were computed together.

        Args:
            lengths: shape (3, examples): 1, tokens of the source, tokens of the target.
            computed: tokens of sources and targets with their padding.
        """
        # Exact: doubles hold whole numbers up to 2**53.
        lengths = lengths.double()
        products = lengths @ lengths.T
        self._products = products if self._products is None else self._products + products
        self._steps += 1
        self._computed += computed

    def carry(self, sums: dict[str, int]) -> None:
        """Go on from what `sums` said."""
        self._carried = dict(sums)

    def sums(self, gathered: Callable[[Any], list] = lambda value: [value]) -> dict[str, int]:
        """SUMS, and `computed` tokens, of all processes of a run.

        Args:
            gathered: as Ranks.gathered.
        """
        numbers = [0.0] * 6
        if self._products is not None:
            numbers = self._products.cpu()[(0, 0, 0, 1, 1, 2), (0, 1, 2, 1, 2, 2)].tolist()
        mine = dict(zip((*SUMS, "computed"), (self._steps, *numbers, self._computed), strict=True))
        everyone = [*gathered(mine), self._carried]
        return {name: sum(int(each.get(name, 0)) for each in everyone) for name in mine}


def padding_share(sums: dict[str, int]) -> float | None:
    """The share of the batches' tokens that was padding, 0 to 1; None where there was no batch."""
    return round(1 - (sums["source"] + sums["target"]) / sums["computed"], 6) if sums["computed"] else None
