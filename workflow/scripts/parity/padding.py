"""Where a padded batch has real tokens: taking them out, and putting them back."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Layout:
    """A batch of `rows` x `width` tokens.

    places: of its real tokens, counted row by row.
    """

    places: torch.Tensor
    rows: int
    width: int

    @classmethod
    def of(cls, mask: torch.Tensor) -> Layout:
        """Of an attention mask, rows x width, that is not 0 where there is a token."""
        return cls(mask.flatten().nonzero().squeeze(1), *mask.shape)

    def take(self, padded: torch.Tensor) -> torch.Tensor:
        """The real tokens, one behind another, 1 x tokens x ...; from rows x width x ..."""
        return _Take.apply(padded.flatten(0, 1), self.places).unsqueeze(0)

    def put(self, joined: torch.Tensor) -> torch.Tensor:
        """The inverse of `take`, with zeros for padding."""
        return _Put.apply(joined.squeeze(0), self.places, self.rows * self.width).unflatten(0, (self.rows, self.width))


@dataclass(frozen=True)
class Unpadded:
    """What attention is given for a mask where queries and keys come without padding.

    mask: the one that it would be given with padding.
    """

    mask: torch.Tensor | None
    queries: Layout
    keys: Layout


class _Take(torch.autograd.Function):
    # torch's own index_select has a gradient that adds row by row, although no place comes twice.
    @staticmethod
    def forward(ctx, padded, places):
        ctx.count = len(padded)
        ctx.save_for_backward(places)
        return padded.index_select(0, places)

    @staticmethod
    def backward(ctx, gradient):
        return _spread(gradient, *ctx.saved_tensors, ctx.count), None


class _Put(torch.autograd.Function):
    @staticmethod
    def forward(ctx, joined, places, count):
        ctx.save_for_backward(places)
        return _spread(joined, places, count)

    @staticmethod
    def backward(ctx, gradient):
        return gradient.index_select(0, *ctx.saved_tensors), None, None


def _spread(joined: torch.Tensor, places: torch.Tensor, count: int) -> torch.Tensor:
    return joined.new_zeros(count, *joined.shape[1:]).index_copy_(0, places, joined)
