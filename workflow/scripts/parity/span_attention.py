"""Attention among the tokens of one text each, of texts that lie one behind another without padding."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from .attention import attend, attend_backward


@dataclass(frozen=True)
class Spans:
    """Which queries see which keys: those of the first text the first text's keys, and so on.

    queries, keys: how many tokens each text has.
    """

    queries: list[int]
    keys: list[int]


def attend_within(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, bias: torch.Tensor | None, spans: Spans, p: float
) -> torch.Tensor:
    """softmax(query key^T + bias) value of each text, with dropout of chance p.

    Args:
        query, key, value: 1 x heads x tokens of all texts x width.
        bias: 1 x heads x queries x keys of the longest text; of a shorter one its first ones count.
    Returns:
        1 x tokens x heads x width.
    """
    # Not by an index, whose gradient would be copied into zeros.
    query, key, value = (tensor.squeeze(0) for tensor in (query, key, value))
    return _SpanAttention.apply(query, key, value, None if bias is None else bias.squeeze(0), spans, p).unsqueeze(0)


class _SpanAttention(torch.autograd.Function):
    """Text by text, so that a text's scores stay in the processor's cache from one operation to the next."""

    @staticmethod
    def forward(ctx, query, key, value, bias, spans, p):
        attended = _by_token(query)
        kept = []
        texts = zip(*_of_texts(spans, query, key, value), attended.split(spans.queries), strict=True)
        for queries, keys, values, of_text in texts:
            own_bias = [] if bias is None else [bias[:, : queries.shape[1], : keys.shape[1]]]
            of_text_by_head, *of_weights = attend(queries, keys, values, own_bias, p)
            of_text.copy_(of_text_by_head.transpose(0, 1))
            kept += of_weights
        ctx.save_for_backward(query, key, value, bias, *kept)
        ctx.spans, ctx.p = spans, p
        return attended

    @staticmethod
    def backward(ctx, gradient):
        query, key, value, bias, *kept = ctx.saved_tensors
        spans, results = ctx.spans, [_by_token(tensor) for tensor in (query, key, value)]
        of_bias = torch.zeros_like(bias, dtype=torch.float32) if ctx.needs_input_grad[3] else None
        gradients = gradient.transpose(0, 1).split(spans.queries, 1)
        weights = zip(kept[::2], kept[1::2], strict=True)
        parts = zip(
            *(result.split(n) for result, n in zip(results, (spans.queries, spans.keys, spans.keys), strict=True)), strict=True
        )
        texts = zip(*_of_texts(spans, query, key, value), strict=True)
        for of_text, own, own_weights, own_parts in zip(gradients, texts, weights, parts, strict=True):
            *of_products, of_scores = attend_backward(of_text, *own, *own_weights, ctx.p)
            for part, of_product in zip(own_parts, of_products, strict=True):
                part.copy_(of_product.transpose(0, 1))
            if of_bias is not None:
                of_bias[:, : of_scores.shape[1], : of_scores.shape[2]] += of_scores
        by_head = (result.transpose(0, 1) for result in results)
        return *by_head, None if of_bias is None else of_bias.to(bias.dtype), None, None


def _of_texts(spans: Spans, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> tuple[tuple[torch.Tensor, ...], ...]:
    """The queries, the keys and the values of each text, from heads x tokens x width."""
    return query.split(spans.queries, 1), key.split(spans.keys, 1), value.split(spans.keys, 1)


def _by_token(like: torch.Tensor) -> torch.Tensor:
    """Room for tokens x heads x width, as attention's surroundings have it, for a tensor of heads x tokens x width."""
    heads, tokens, width = like.shape
    return like.new_empty(tokens, heads, width)
