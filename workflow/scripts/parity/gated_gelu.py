"""The middle of a gated layer, GEGLU (Shazeer 2020, equation 6) with dropout, in parts that stay in a processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from .cheap_dropout import keep_mask

# Numbers of a part: a handful of tensors of so many in bf16 fit into a core's own cache.
PART = 2**17


def gated_gelu(gate: torch.Tensor, linear: torch.Tensor, p: float) -> torch.Tensor:
    """gelu(gate) * linear, with dropout of chance p; gelu in its tanh form, as in T5 1.1 and FLAN-T5.

    gate, linear: of one shape and type.
    """
    return _GatedGelu.apply(gate, linear, p)


class _GatedGelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, gate, linear, p):
        activated, gated = torch.empty_like(gate), torch.empty_like(gate)
        keep = keep_mask(gate, p) if p else None
        ctx.scale = 1 / (1 - p)
        for some_gate, some_linear, some_activated, some_gated, *some_keep in _parts(gate, linear, activated, gated, keep):
            torch.ops.aten.gelu.out(some_gate, approximate="tanh", out=some_activated)
            torch.mul(some_activated, some_linear, out=some_gated)
            for mask in some_keep:
                some_gated.mul_(mask).mul_(ctx.scale)
        ctx.save_for_backward(gate, linear, activated, keep)
        return gated

    @staticmethod
    def backward(ctx, gradient):
        gate, linear, activated, keep = ctx.saved_tensors
        of_gate, of_linear = torch.empty_like(gate), torch.empty_like(gate)
        tensors = (gradient, gate, linear, activated, of_gate, of_linear, keep)
        for some, some_gate, some_linear, some_activated, some_of_gate, some_of_linear, *some_keep in _parts(*tensors):
            for mask in some_keep:
                some = (some * mask).mul_(ctx.scale)
            torch.mul(some, some_activated, out=some_of_linear)
            of_activated = some * some_linear
            torch.ops.aten.gelu_backward.grad_input(of_activated, some_gate, approximate="tanh", grad_input=some_of_gate)
        return of_gate, of_linear, None


def _parts(*tensors: torch.Tensor | None) -> Iterator[tuple[torch.Tensor, ...]]:
    """Rows of all tensors but None, some at a time."""
    given = [tensor.flatten(0, -2) for tensor in tensors if tensor is not None]
    rows = max(1, PART // given[0].shape[-1])
    return zip(*(tensor.split(rows) for tensor in given), strict=True)
