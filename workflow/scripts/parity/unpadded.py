"""T5's stacks without padding: a batch's real tokens go through them as one long text, in which each attends to its own.

Padding takes part in every product of a stack, and in nothing that comes of it. Where a batch's texts are of similar lengths it
is a tenth of the sources and a third of the targets.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import MethodType
from typing import Any

import torch
import torch.nn.functional as F
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

from .cpu_attention import NAME, computing_dtype
from .span_attention import Spans

# In these one bias, which the first layer computes, is that of all layers.
STACKS = ("T5Stack", "MT5Stack")


@contextmanager
def unpadded(model: torch.nn.Module) -> Iterator[None]:
    """Let T5's encoder and decoder, an adapter on them or not, leave padding out; afterwards they are as they were.

    Other models stay as they are, and so does one with a prompt, which adds tokens of its own, and a call with a cache or with a mask
    that is not of texts with padding behind.
    """
    has_prompt = getattr(getattr(model, "active_peft_config", None), "is_prompt_learning", False)
    with ExitStack() as entered:
        for module in model.modules():
            if type(module).__name__ in STACKS and not has_prompt:
                module.forward = MethodType(_forward, module)
                entered.callback(delattr, module, "forward")
        yield


def is_unpadded(model: torch.nn.Module) -> bool:
    """Whether `model` has a stack that leaves padding out."""
    return any(type(module).__name__ in STACKS and "forward" in vars(module) for module in model.modules())


def _forward(
    stack: torch.nn.Module,
    input_ids: torch.Tensor | None = None,
    attention_mask: torch.Tensor | None = None,
    encoder_hidden_states: torch.Tensor | None = None,
    encoder_attention_mask: torch.Tensor | None = None,
    inputs_embeds: torch.Tensor | None = None,
    past_key_values: Any = None,
    **named: Any,
) -> BaseModelOutputWithPastAndCrossAttentions:
    texts = input_ids if inputs_embeds is None else inputs_embeds
    lengths = _lengths(attention_mask, texts)
    sources = None if encoder_hidden_states is None else _lengths(encoder_attention_mask, encoder_hidden_states)
    is_whole = lengths and (sources or encoder_hidden_states is None)
    if not is_whole or past_key_values is not None or stack.config._attn_implementation != NAME:
        return type(stack).forward(
            stack,
            input_ids=input_ids,
            attention_mask=attention_mask,
            encoder_hidden_states=encoder_hidden_states,
            encoder_attention_mask=encoder_attention_mask,
            inputs_embeds=inputs_embeds,
            past_key_values=past_key_values,
            **named,
        )
    joined = _joined(texts, lengths)
    hidden = stack.dropout(stack.embed_tokens(joined) if inputs_embeds is None else joined)
    encoded = None if encoder_hidden_states is None else _joined(encoder_hidden_states, sources)
    bias = _bias(stack, max(lengths), computing_dtype(hidden))
    within, across = Spans(lengths, lengths), Spans(lengths, sources) if sources else None
    # Of attention to the encoder there is no bias; where there is none, a layer would make one.
    no_bias = hidden.new_zeros(1)
    for block in stack.block:
        hidden, _, _ = block(hidden, within, bias, encoded, across, no_bias)
    hidden = stack.dropout(stack.final_layer_norm(hidden))
    return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=_apart(hidden, lengths, attention_mask.shape[1]))


def _bias(stack: torch.nn.Module, longest: int, dtype: torch.dtype) -> torch.Tensor:
    """What is added to all scores: T5's bias by distance (Raffel et al. 2020, section 2.1), and in a decoder what hides later tokens."""
    bias = stack.block[0].layer[0].SelfAttention.compute_bias(longest, longest).to(dtype)
    if not stack.is_decoder:
        return bias
    later = torch.ones(longest, longest, dtype=torch.bool, device=bias.device).triu(1)
    return bias.masked_fill(later, torch.finfo(dtype).min)


def _lengths(mask: torch.Tensor | None, texts: torch.Tensor) -> list[int] | None:
    """How many tokens each text has; None where a text has none, or padding in front of one, or where none of this is known."""
    if mask is None or mask.shape != texts.shape[:2] or type(mask) is not torch.Tensor:
        return None
    lengths = mask.sum(1)
    in_front = torch.arange(mask.shape[1], device=mask.device) < lengths[:, None]
    return lengths.tolist() if lengths.all() and torch.equal(in_front, mask.bool()) else None


def _joined(rows: torch.Tensor, lengths: list[int]) -> torch.Tensor:
    """The rows' real tokens one behind another: 1 x tokens, and what else `rows` has behind its first two dimensions."""
    return torch.cat([row[:length] for row, length in zip(rows, lengths, strict=True)])[None]


def _apart(joined: torch.Tensor, lengths: list[int], width: int) -> torch.Tensor:
    """The inverse of _joined, padded with zeros to `width` tokens a row."""
    rows = torch.nn.utils.rnn.pad_sequence(joined[0].split(lengths), batch_first=True)
    return F.pad(rows, (0, 0, 0, width - rows.shape[1]))
