"""Attention on a CPU, by plain products.

torch's fused kernel there takes neither dropout nor a bias with a gradient, and for the one query of a token that is written it is
slower than a product. transformers gives it a mask that holds T5's bias for every example and layer anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils.weak import WeakIdKeyDictionary
from transformers import AttentionInterface, PreTrainedModel
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, AttentionMaskInterface

from .attention import attend, attend_backward
from .span_attention import Spans, attend_within

NAME = "parity_cpu"
# All layers of a stack are given the same mask: it is made a sum's part once.
_ADDITIVE: WeakIdKeyDictionary = WeakIdKeyDictionary()


@contextmanager
def cpu_attention(model: PreTrainedModel) -> Iterator[None]:
    """Let `model` attend by `attention_forward` where it lets its attention be exchanged; else it stays as it is."""
    before = model.config._attn_implementation
    if before != "sdpa" or not model._supports_sdpa:
        yield
        return
    AttentionInterface.register(NAME, attention_forward)
    AttentionMaskInterface.register(NAME, ALL_MASK_ATTENTION_FUNCTIONS["sdpa"])
    model.set_attn_implementation(NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(before)


def attention_forward(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | Spans | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    is_causal: bool | None = None,
    position_bias: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """One of transformers' attention functions: softmax(query key^T scaling + position_bias + mask) value, with dropout.

    Args:
        query, key, value: batch x heads x tokens x width.
        attention_mask: booleans, or summands, that spread over batch x heads x tokens of query x tokens of key; or, of texts that
            lie one behind another, where each of them lies.
    Returns:
        batch x tokens of query x heads x width; and no attention weights.
    """
    # A prefix is in fp32 under autocast, too.
    dtype = computing_dtype(query)
    query, key, value = (tensor.to(dtype) for tensor in (query, key, value))
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    query = query if scaling == 1 else query * scaling
    bias = None if position_bias is None else position_bias.to(dtype)
    p = dropout if module.training else 0.0
    if isinstance(attention_mask, Spans):
        has_bias = bias is not None and bias.dim() == 4
        return attend_within(query, key, value, bias if has_bias else None, attention_mask, p), None
    is_causal = getattr(module, "is_causal", False) if is_causal is None else is_causal
    if attention_mask is None and is_causal and query.shape[2] > 1:
        attention_mask = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool, device=query.device).tril_()
    mask = None if attention_mask is None else _additive(attention_mask, dtype)
    attended = _Attention.apply(query, key, value, bias, mask, p)
    return attended.transpose(1, 2).contiguous(), None


def computing_dtype(tensor: torch.Tensor) -> torch.dtype:
    """The type that products with `tensor` are computed in: autocast's, where that is on."""
    device = tensor.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else tensor.dtype


def _additive(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    if mask.dtype != torch.bool:
        return mask.to(dtype)
    if mask not in _ADDITIVE or _ADDITIVE[mask].dtype != dtype:
        _ADDITIVE[mask] = torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill_(~mask, torch.finfo(dtype).min)
    return _ADDITIVE[mask]


class _Attention(torch.autograd.Function):
    """With what a backward needs and no more: the weights before dropout, and which of them dropout keeps."""

    @staticmethod
    def forward(ctx, query, key, value, bias, mask, p):
        attended, weights, keep = attend(query, key, value, [part for part in (bias, mask) if part is not None], p)
        ctx.save_for_backward(query, key, value, weights, keep)
        ctx.p, ctx.bias_shape = p, bias is not None and bias.shape
        return attended

    @staticmethod
    def backward(ctx, gradient):
        *of_products, of_scores = attend_backward(gradient, *ctx.saved_tensors, ctx.p)
        of_bias = of_scores.sum_to_size(ctx.bias_shape) if ctx.needs_input_grad[3] else None
        return *of_products, of_bias, None, None
