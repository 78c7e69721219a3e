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

from .cheap_dropout import keep_mask
from .padding import Unpadded

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
    attention_mask: torch.Tensor | Unpadded | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    is_causal: bool | None = None,
    position_bias: torch.Tensor | None = None,
    **named: Any,
) -> tuple[torch.Tensor, None]:
    """One of transformers' attention functions: softmax(query key^T scaling + position_bias + mask) value, with dropout.

    Args:
        query, key, value: batch x heads x tokens x width; without padding 1 x heads x tokens x width.
        attention_mask: booleans, or summands, that spread over batch x heads x tokens of query x tokens of key; or what says so of
            a batch without padding.
        position_bias: spreads over the same; of one number where there is none.
    Returns:
        batch x tokens of query x heads x width, without padding where query is; and no attention weights.
    """
    if isinstance(attention_mask, Unpadded):
        # Padded for the while of attention: text by text it takes longer, by so many more operations.
        of_queries, of_keys = attention_mask.queries, attention_mask.keys
        query, key, value = (
            layout.put(tensor.transpose(1, 2)).transpose(1, 2)
            for layout, tensor in ((of_queries, query), (of_keys, key), (of_keys, value))
        )
        if position_bias.dim() == 1:
            position_bias = None
        attended, _ = attention_forward(
            module, query, key, value, attention_mask.mask, dropout, scaling, is_causal, position_bias, **named
        )
        return of_queries.take(attended), None
    # A prefix is in fp32 under autocast, too.
    device = query.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else query.dtype
    query, key, value = (tensor.to(dtype) for tensor in (query, key, value))
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    is_causal = getattr(module, "is_causal", False) if is_causal is None else is_causal
    if attention_mask is None and is_causal and query.shape[2] > 1:
        attention_mask = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool, device=query.device).tril_()
    mask = None if attention_mask is None else _additive(attention_mask, dtype)
    # T5 looks its bias up head by head last; added in that order it takes ten times as long.
    bias = None if position_bias is None else position_bias.to(dtype).contiguous()
    attended = _Attention.apply(
        query if scaling == 1 else query * scaling, key, value, bias, mask, dropout if module.training else 0.0
    )
    return attended.transpose(1, 2).contiguous(), None


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
        scores = query @ key.transpose(-1, -2)
        for part in (bias, mask):
            if part is not None:
                scores += part
        weights = torch.softmax(scores, -1)
        keep = keep_mask(weights, p) if p else None
        ctx.save_for_backward(query, key, value, weights, keep)
        ctx.scale = 1 / (1 - p)
        ctx.bias_shape = bias is not None and bias.shape
        attended = _kept(weights, keep) @ value
        return attended if keep is None else attended.mul_(ctx.scale)

    @staticmethod
    def backward(ctx, gradient):
        query, key, value, weights, keep = ctx.saved_tensors
        if keep is not None:
            gradient = gradient * ctx.scale
        of_value = _kept(weights, keep).transpose(-1, -2) @ gradient
        of_weights = _kept(gradient @ value.transpose(-1, -2), keep)
        of_scores = torch.ops.aten._softmax_backward_data(of_weights, weights, -1, weights.dtype)
        of_bias = of_scores.sum_to_size(ctx.bias_shape) if ctx.needs_input_grad[3] else None
        return of_scores @ key, of_scores.transpose(-1, -2) @ query, of_value, of_bias, None, None


def _kept(weights: torch.Tensor, keep: torch.Tensor | None) -> torch.Tensor:
    return weights if keep is None else weights * keep
