"""Layers that compute the same in less time on a CPU, put into a model while it trains or writes.

What they stand for is what transformers and torch do in many small operations over whole tensors: on a CPU these take as
long as the matrix products. docs/PERFORMANCE.md has the gain of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import MethodType

import torch
import torch.nn.functional as F
from transformers.activations import NewGELUActivation

from .cheap_dropout import cheap_dropout
from .cpu_attention import cpu_attention
from .gated_gelu import gated_gelu
from .models import base_model


@contextmanager
def fast_layers(model: torch.nn.Module) -> Iterator[None]:
    """Let `model`, an adapter on it or not, compute with the layers of this package; afterwards it is as it was.

    Under autocast norms give bf16, which is what every product behind them takes. Attention and dropout are as exact as
    before, and dropout draws from torch's global generator as before, other numbers.
    """
    with one_step_layers(model), cpu_attention(base_model(model)), cheap_dropout():
        yield


@contextmanager
def one_step_layers(model: torch.nn.Module) -> Iterator[None]:
    """Let T5's norms, its GELU and the middle of its gated layers take as few operations as they can."""
    with ExitStack() as stack:
        for module in model.modules():
            if forward := _forward_for(module):
                stack.enter_context(replaced(module, "forward", MethodType(forward, module)))
        yield


def _forward_for(module: torch.nn.Module) -> Callable | None:
    if is_t5_norm(module):
        return _rms_norm
    if isinstance(module, NewGELUActivation):
        return _gelu
    if type(module).__name__.endswith("T5DenseGatedActDense") and isinstance(module.act, NewGELUActivation):
        return _gated_layer
    return None


def is_t5_norm(module: torch.nn.Module) -> bool:
    """T5LayerNorm, MT5LayerNorm, LongT5LayerNorm, UMT5LayerNorm: one layer under many names."""
    return type(module).__name__.endswith("T5LayerNorm")


@contextmanager
def replaced(module: torch.nn.Module, name: str, method: Callable) -> Iterator[None]:
    """Let `module` have another method, such as its `forward`; afterwards it has the one that it had, its class's or its own."""
    before = module.__dict__.get(name)
    setattr(module, name, method)
    try:
        yield
    finally:
        if before is None:
            delattr(module, name)
        else:
            setattr(module, name, before)


def _gelu(_: torch.nn.Module, input: torch.Tensor) -> torch.Tensor:
    return F.gelu(input, approximate="tanh")


def _gated_layer(module: torch.nn.Module, hidden_states: torch.Tensor) -> torch.Tensor:
    gate, linear = module.wi_0(hidden_states), module.wi_1(hidden_states)
    dtype = torch.promote_types(gate.dtype, linear.dtype)
    gated = gated_gelu(gate.to(dtype), linear.to(dtype), module.dropout.p if module.training else 0.0)
    weight = module.wo.weight
    # transformers keeps this layer in fp32 where others are in bf16, and casts to what it computes in. Autocast does that by itself.
    if not torch.is_autocast_enabled("cpu") and isinstance(weight, torch.Tensor) and weight.is_floating_point():
        gated = gated.to(weight.dtype)
    return module.wo(gated)


def _rms_norm(module: torch.nn.Module, hidden_states: torch.Tensor) -> torch.Tensor:
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else hidden_states.dtype
    return _RMSNorm.apply(hidden_states, module.weight, module.variance_epsilon, dtype)


class _RMSNorm(torch.autograd.Function):
    """x / rms(x) * weight (Zhang and Sennrich 2019, equation 4), computed in fp32 and given in `dtype`.

    The weight spreads over x: one for all, or one for every row.
    """

    @staticmethod
    def forward(ctx, hidden_states, weight, epsilon, dtype):
        hidden = hidden_states.float()
        squares = torch.linalg.vector_norm(hidden, dim=-1, keepdim=True).square_()
        scale = squares.div_(hidden.shape[-1]).add_(epsilon).rsqrt_()
        ctx.save_for_backward(hidden, scale, weight)
        ctx.dtype = hidden_states.dtype
        return (hidden * scale).mul_(weight).to(dtype)

    @staticmethod
    def backward(ctx, gradient):
        hidden, scale, weight = ctx.saved_tensors
        gradient = gradient.float()
        normed = hidden * scale
        of_weight = (gradient * normed).sum_to_size(weight.shape) if ctx.needs_input_grad[1] else None
        through = gradient * weight
        mean = (through * normed).mean(-1, keepdim=True)
        of_hidden = through.sub_(normed.mul_(mean)).mul_(scale)
        return of_hidden.to(ctx.dtype), of_weight, None, None
