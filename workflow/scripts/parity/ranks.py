"""The processes that train one run together, and what they tell each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.distributed as dist


class Ranks:
    """All processes of a run; alone, a process hears only itself. Every method is called by all of them, or none.

    Attributes:
        count: how many they are.
        index: this one's number, from 0. The first alone writes files.
    """

    def __init__(self):
        """Where torch.distributed is initialised, by all its processes at the same point."""
        self.count = dist.get_world_size() if dist.is_initialized() else 1
        self.index = dist.get_rank() if dist.is_initialized() else 0
        # Over the CPU: a GPU need not wait for what is said here.
        self._group = dist.new_group(backend="gloo") if self.count > 1 else None

    @property
    def is_first(self) -> bool:
        return self.index == 0

    def largest(self, values: Sequence[int]) -> list[int]:
        """Of each of `values`, the largest that any process has."""
        return self._reduced(torch.tensor(values, dtype=torch.int64), dist.ReduceOp.MAX)

    def sums(self, values: Sequence[float]) -> list[float]:
        """Of each of `values`, the sum over all processes."""
        return self._reduced(torch.tensor(values, dtype=torch.float64), dist.ReduceOp.SUM)

    def gathered(self, value: Any) -> list[Any]:
        """Every process's `value`, in their order."""
        if self._group is None:
            return [value]
        values = [None] * self.count
        dist.all_gather_object(values, value, group=self._group)
        return values

    def of_first(self, value: Any) -> Any:
        """The first process's `value`, for all."""
        if self._group is None:
            return value
        values = [value]
        dist.broadcast_object_list(values, src=0, group=self._group)
        return values[0]

    def _reduced(self, values: torch.Tensor, operation: dist.ReduceOp) -> list:
        if self._group is not None:
            dist.all_reduce(values, op=operation, group=self._group)
        return values.tolist()
