"""Linear layers whose weights are kept in 8 or 4 bits: their bytes, and stand-ins that take as much memory in a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
import torch.nn.functional as F


def packed_names(model: torch.nn.Module) -> list[str]:
    """The names that linear layers in few bits have in a base model, bitsandbytes' or stand-ins, an adapter on them or not."""
    # By name, since bitsandbytes may be missing. PEFT's layers around them have the same.
    kinds = ("Linear4bit", "Linear8bitLt", PackedLinear.__name__)
    packed = [name for name, module in model.named_modules() if type(module).__name__ in kinds]
    return sorted({name.removesuffix(".base_layer") for name in packed})


def held_bytes(model: torch.nn.Module) -> int:
    """Bytes of a model's parameters and buffers, with the scales that belong to packed weights."""
    tensors = [*model.parameters(), *model.buffers()]
    return sum(tensor.nbytes for tensor in tensors) + sum(map(_scale_bytes, model.parameters()))


def stand_in(model: torch.nn.Module, names: Iterable[str], settings: dict) -> None:
    """Let the named linear layers of an unquantised model compute as quantised ones do, in place.

    Args:
        settings: the `quantization` block.
    """
    computes_in = settings.get("bnb_4bit_compute_dtype", "float32") if settings.get("load_in_4bit") else None
    for name in names:
        layer = model.get_submodule(name)
        layer.__class__ = PackedLinear
        layer.compute_dtype = computes_in and getattr(torch, computes_in)


class PackedLinear(torch.nn.Linear):
    """A linear layer that makes its whole weights for the moment of a product, as bitsandbytes' do.

    Attributes:
        compute_dtype: of the products of 4-bit weights; None for 8-bit ones, which take the input's.
    """

    compute_dtype: torch.dtype | None = None

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        # bitsandbytes' own operations know nothing of autocast.
        with torch.autocast("cpu", enabled=False):
            result = _Product.apply(input.to(self.compute_dtype or input.dtype), self.weight, self.compute_dtype is None)
            return (result if self.bias is None else result + self.bias).to(input.dtype)


class _Product(torch.autograd.Function):
    """As bitsandbytes' MatMul4Bit, and MatMul8bitLt, which holds on to its input."""

    @staticmethod
    def forward(ctx, input, weight, keeps_input):
        ctx.save_for_backward(weight, input if keeps_input else None)
        return F.linear(input, torch.empty_like(weight, dtype=input.dtype))

    @staticmethod
    def backward(ctx, gradient):
        weight, _ = ctx.saved_tensors
        return gradient @ torch.empty_like(weight, dtype=gradient.dtype), None, None


def _scale_bytes(parameter: torch.nn.Parameter) -> int:
    return sum(tensor.nbytes for tensor in _scales(getattr(parameter, "quant_state", None)))


def _scales(state: object) -> Iterator[torch.Tensor]:
    """The scales of 4-bit weights; with double quantisation these have scales of their own."""
    if state is not None:
        yield state.absmax
        yield from _scales(state.state2)
