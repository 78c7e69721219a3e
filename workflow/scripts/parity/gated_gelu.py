"""The middle of a gated layer, GEGLU (Shazeer 2020, equation 6) with dropout, in parts that stay in a processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F

from .cheap_dropout import keep_mask

# Numbers of a part: a handful of tensors of so many in bf16 fit into a core's own cache.
PART = 2**17


def gated_gelu(gate: torch.Tensor, linear: torch.Tensor, p: float) -> torch.Tensor:
    """gelu(gate) * linear, with dropout of chance p; gelu in its tanh form, as in T5 1.1 and FLAN-T5.

    gate, linear: of one shape and type.
    """
    return _GatedGelu.apply(gate, linear, p) if p else F.gelu(gate, approximate="tanh") * linear


class _GatedGelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, gate, linear, p):
        activated, gated = torch.empty_like(gate), torch.empty_like(gate)
        keep, ctx.scale = keep_mask(gate, p), 1 / (1 - p)
        for some_gate, some_linear, some_keep, some_activated, some_gated in _parts(gate, linear, keep, activated, gated):
            torch.ops.aten.gelu.out(some_gate, approximate="tanh", out=some_activated)
            torch.mul(some_activated, some_linear, out=some_gated).mul_(some_keep).mul_(ctx.scale)
        ctx.save_for_backward(gate, linear, keep, activated)
        return gated

    @staticmethod
    def backward(ctx, gradient):
        saved = ctx.saved_tensors
        of_gate, of_linear = map(torch.empty_like, saved[:2])
        for of_gated, gate, linear, keep, activated, some_of_gate, some_of_linear in _parts(gradient, *saved, of_gate, of_linear):
            of_kept = (of_gated * keep).mul_(ctx.scale)
            torch.mul(of_kept, activated, out=some_of_linear)
            torch.ops.aten.gelu_backward.grad_input(of_kept.mul_(linear), gate, approximate="tanh", grad_input=some_of_gate)
        return of_gate, of_linear, None


def _parts(*tensors: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
    """Rows of all tensors, some at a time."""
    rows = max(1, PART // tensors[0].shape[-1])
    return zip(*(tensor.flatten(0, -2).split(rows) for tensor in tensors), strict=True)
