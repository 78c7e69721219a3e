"""softmax(query key^T + summands) value with dropout, forward and backward, in as few operations as plain products allow."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from .cheap_dropout import keep_mask


def attend(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, summands: Iterable[torch.Tensor], p: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Attention (Vaswani et al. 2017, equation 1) with the scores as they are, plus summands that spread over them.

    Args:
        query, key, value: ... x tokens x width.
        p: of its weights' dropout.
    Returns:
        what is attended to, ... x tokens x width; the weights before dropout; and what dropout keeps of them, None without.
    """
    scores = query @ key.mT
    for summand in summands:
        scores += summand
    weights = torch.softmax(scores, -1)
    keep = keep_mask(weights, p) if p else None
    attended = _kept(weights, keep) @ value
    return attended if keep is None else attended.mul_(1 / (1 - p)), weights, keep


def attend_backward(
    gradient: torch.Tensor,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    weights: torch.Tensor,
    keep: torch.Tensor | None,
    p: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """The gradients of query, key, value and scores, from that of what was attended to and what `attend` was given and gave."""
    if keep is not None:
        gradient = gradient * (1 / (1 - p))
    of_value = _kept(weights, keep).mT @ gradient
    of_weights = gradient @ value.mT
    if keep is not None:
        of_weights *= keep
    of_scores = torch.ops.aten._softmax_backward_data(of_weights, weights, -1, weights.dtype)
    return of_scores @ key, of_scores.mT @ query, of_value, of_scores


def _kept(weights: torch.Tensor, keep: torch.Tensor | None) -> torch.Tensor:
    return weights if keep is None else weights * keep
