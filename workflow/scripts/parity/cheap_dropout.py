"""Dropout whose mask costs four times less to draw than torch's on a CPU, from the same generator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F

# A mask's chance is a multiple of 2**-16: 0.1 becomes 0.100006.
LEVELS = 2**16


@dataclass(frozen=True)
class Draws:
    """Who draws for which rows of a batch: the first `rows[0]` rows are the first generator's, and so on."""

    rows: Sequence[int]
    generators: Sequence[torch.Generator]


# Set while the rows of several runs are computed together.
_draws: Draws | None = None
# How often `cheap_dropout` is entered; of several runs in one process the first to begin need not be the last to end.
_entered = 0
_before = F.dropout


@contextmanager
def drawn_apart(draws: Draws) -> Iterator[None]:
    """Let every mask be drawn by the rows' own generators instead of torch's global one."""
    global _draws
    before, _draws = _draws, draws
    try:
        yield
    finally:
        _draws = before


def keep_mask(like: torch.Tensor, p: float) -> torch.Tensor:
    """What dropout multiplies `like` by: of its shape, 0 with probability p and else 1, from torch's global generator, or as
    `drawn_apart` says.

    One draw of 64 bits makes four places. On a CPU the mask is of `like`'s type: to multiply by booleans, torch would make them
    numbers first, every time, which takes seven times as long as the product (docs/PERFORMANCE.md).

    Raises:
        RuntimeError: the first dimension is not that of the rows that are drawn apart.
    """
    if _draws is None:
        return _mask(like, p, None)
    if len(like) != sum(_draws.rows):
        raise RuntimeError(f"dropout of the shape {tuple(like.shape)} cannot be told apart by rows: {list(_draws.rows)}")
    parts = zip(like.split(list(_draws.rows)), _draws.generators, strict=True)
    return torch.cat([_mask(part, p, generator) for part, generator in parts])


def _mask(like: torch.Tensor, p: float, generator: torch.Generator | None) -> torch.Tensor:
    count = like.numel()
    # From the smallest number on, since without one torch leaves the highest bit 0.
    words = torch.empty(-(-count // 4), dtype=torch.int64, device=like.device).random_(-(2**63), None, generator=generator)
    threshold = round(p * LEVELS) - LEVELS // 2
    mask = torch.empty(like.shape, dtype=like.dtype if like.device.type == "cpu" else torch.bool, device=like.device)
    return torch.ge(words.view(torch.int16)[:count].view(like.shape), threshold, out=mask)


@contextmanager
def cheap_dropout() -> Iterator[None]:
    """Let torch.nn.functional.dropout, which torch.nn.Dropout calls, too, use `keep_mask` on a CPU, or where it is drawn apart."""
    global _entered, _before
    if not _entered:
        _before, F.dropout = F.dropout, _dropout
    _entered += 1
    try:
        yield
    finally:
        _entered -= 1
        if not _entered:
            F.dropout = _before


def _dropout(input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
    is_ours = input.device.type == "cpu" or _draws is not None
    if not training or not 0 < p < 1 or not is_ours or not input.is_floating_point():
        return _before(input, p, training, inplace)
    return _Dropout.apply(input, p)


class _Dropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, p):
        keep = keep_mask(input, p)
        ctx.save_for_backward(keep)
        ctx.scale = 1 / (1 - p)
        return (input * keep).mul_(ctx.scale)

    @staticmethod
    def backward(ctx, gradient):
        (keep,) = ctx.saved_tensors
        return (gradient * keep).mul_(ctx.scale), None
