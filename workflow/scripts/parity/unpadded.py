"""T5's stacks without padding: all layers but attention are given a batch's real tokens alone, one behind another.

Padding takes part in every product of a stack, and in nothing that comes of it. Where a batch's sources are of similar lengths,
it is still a twentieth of them, and more than a quarter of the targets.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import starmap
from types import MethodType
from typing import Any

import torch
from transformers.masking_utils import create_bidirectional_mask, create_causal_mask
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

from .cpu_attention import NAME
from .padding import Layout, Unpadded

# In these one bias, which the first layer computes, is that of all layers.
STACKS = ("T5Stack", "MT5Stack")


@contextmanager
def unpadded(model: torch.nn.Module) -> Iterator[None]:
    """Let T5's encoder and decoder, an adapter on them or not, leave padding out; afterwards they are as they were.

    Other models stay as they are, and so does one with a prompt, which adds tokens of its own, and a call with a cache or without a
    mask.
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
    sources = encoder_hidden_states
    masks = [(attention_mask, texts)] + ([] if sources is None else [(encoder_attention_mask, sources)])
    if past_key_values is not None or stack.config._attn_implementation != NAME or not all(starmap(_tells, masks)):
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
    layout = Layout.of(attention_mask)
    of_sources = None if sources is None else Layout.of(encoder_attention_mask)
    make_mask = create_causal_mask if stack.is_decoder else create_bidirectional_mask
    # Of these a mask is only told shape and type.
    rows = {"config": stack.config, "inputs_embeds": texts.new_empty(*texts.shape[:2], 1, dtype=torch.float32)}
    within = Unpadded(make_mask(attention_mask=attention_mask, past_key_values=None, **rows), layout, layout)
    across = encoded = None
    if of_sources:
        mask = create_bidirectional_mask(attention_mask=encoder_attention_mask, encoder_hidden_states=sources, **rows)
        across, encoded = Unpadded(mask, layout, of_sources), of_sources.take(sources)
    joined = layout.take(texts)
    hidden = stack.dropout(stack.embed_tokens(joined) if inputs_embeds is None else joined)
    bias = stack.block[0].layer[0].SelfAttention.compute_bias(layout.width, layout.width).contiguous()
    # Of attention to the encoder there is no bias; where none is given, a layer would make one.
    no_bias = hidden.new_zeros(1)
    for block in stack.block:
        hidden, _, _ = block(hidden, within, bias, encoded, across, no_bias)
    hidden = stack.dropout(stack.final_layer_norm(hidden))
    return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=layout.put(hidden))


def _tells(mask: torch.Tensor | None, texts: torch.Tensor) -> bool:
    """Whether the mask is the texts', has values, which those of tensors without memory have not, and leaves something of each text."""
    has_values = mask is not None and mask.shape == texts.shape[:2] and type(mask) is torch.Tensor
    return has_values and bool(mask.any(1).all())
