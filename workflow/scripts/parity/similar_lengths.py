"""The order of training examples: shuffled, or shuffled so that the examples of a batch are about equally long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler

# As transformers' group_by_length has it: of so many batches, drawn at random, the examples are sorted by length ...
MEGABATCH = 50
# ... but of fewer where an epoch would not have so many draws.
LEAST_DRAWS = 4


class EpochOrder(Sampler[int]):
    """All examples in an order that follows from the seed and the epoch alone, on however many processes.

    With `random` any order is equally likely. With `group_by_length` examples are drawn at random for MEGABATCH batches at a
    time; each draw is sorted by length and cut into batches, and these are shuffled. Every example comes once an epoch; an
    incomplete batch comes last.
    """

    def __init__(self, lengths: Sequence[tuple[int, int]], batch_size: int, strategy: str, seed: int):
        """
        Args:
            lengths: of each example's source and target, in tokens.
            batch_size: examples a step, on all processes together.
            strategy: `random` or `group_by_length`.
        """
        self.lengths = lengths
        self.batch_size = batch_size
        self.strategy = strategy
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        order = torch.randperm(len(self.lengths), generator=generator).tolist()
        return iter(self._grouped(order, generator) if self.strategy == "group_by_length" else order)

    def _grouped(self, order: list[int], generator: torch.Generator) -> Iterator[int]:
        draws = min(MEGABATCH, max(1, len(order) // (self.batch_size * LEAST_DRAWS))) * self.batch_size
        for start in range(0, len(order), draws):
            drawn = sorted(order[start : start + draws], key=lambda index: self.lengths[index], reverse=True)
            batches = [drawn[at : at + self.batch_size] for at in range(0, len(drawn), self.batch_size)]
            last = [batches.pop()] if len(batches[-1]) < self.batch_size else []
            shuffled = [batches[at] for at in torch.randperm(len(batches), generator=generator).tolist()]
            for batch in shuffled + last:
                yield from batch


def by_length(lengths: Sequence[tuple[int, int]], batch_size: int) -> list[list[int]]:
    """Batches of indices, longest first."""
    order = sorted(range(len(lengths)), key=lambda index: lengths[index], reverse=True)
    return [order[at : at + batch_size] for at in range(0, len(order), batch_size)]
