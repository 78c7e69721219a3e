"""Where a model's positions end: BART, PEGASUS and their kin have so many and no more, T5's families count distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datasets import DatasetDict
from transformers import PreTrainedConfig

from .errors import InputError
from .extent import longest

if TYPE_CHECKING:
    # The rule prepare needs no PEFT, which takes seconds to load.
    from peft import PeftConfig

# These types take positions of the decoder; every other kind of prompt takes the encoder's.
DECODER_PROMPTS = ("PREFIX_TUNING", "CARTRIDGE")
# Products over multiples of 8 rows and columns are what processors' bf16 instructions and GPUs' tensor cores are made for.
PADDING = 8


def position_limits(config: PreTrainedConfig) -> tuple[int | None, int | None]:
    """The most tokens that encoder and decoder can read; None where there is no such limit."""
    encoder, decoder = getattr(config, "encoder", config), getattr(config, "decoder", config)
    return (
        getattr(encoder, "max_encoder_position_embeddings", getattr(encoder, "max_position_embeddings", None)),
        getattr(decoder, "max_decoder_position_embeddings", getattr(decoder, "max_position_embeddings", None)),
    )


def padding_multiple(config: PreTrainedConfig, adapter: PeftConfig | None, data: DatasetDict) -> int | None:
    """8, to a multiple of which batches are best padded; None where the longest text would then go beyond the model's positions."""
    for limit, column, virtual in zip(position_limits(config), ("input_ids", "labels"), _virtual_tokens(adapter), strict=True):
        longest_padded = -(-_longest(data, column) // PADDING) * PADDING
        if limit is not None and longest_padded + virtual > limit:
            return None
    return PADDING


def check_lengths(config: PreTrainedConfig, max_source_length: int, max_target_length: int) -> None:
    """Raises InputError where the study lets texts be longer than the model's positions: they would end training midway."""
    encoder, decoder = position_limits(config)
    _refuse_beyond(config, encoder, "max_source_length", max_source_length)
    _refuse_beyond(config, decoder, "max_target_length", max_target_length)


def check_method_lengths(
    name: str, config: PreTrainedConfig, adapter: PeftConfig | None, data: DatasetDict, new_tokens: int = 0
) -> None:
    """Raises InputError where a method's texts, and the virtual tokens of its prompt, go beyond the model's positions.

    Args:
        name: the method's.
        adapter: its PEFT config, or None.
        data: tokenised splits with input_ids and, but for test, labels.
        new_tokens: the longest summary that it may write.
    """
    encoder, decoder = position_limits(config)
    for_encoder, for_decoder = _virtual_tokens(adapter)
    prompt = f"methods.{name}.peft.num_virtual_tokens"
    if encoder is not None:
        _refuse_beyond(config, encoder, "max_source_length", _longest(data, "input_ids"), for_encoder, prompt)
    if decoder is not None:
        _refuse_beyond(config, decoder, "max_target_length", _longest(data, "labels"), for_decoder, prompt)
        _refuse_beyond(config, decoder, f"methods.{name}.generation.max_new_tokens", new_tokens, for_decoder, prompt)


def _longest(data: DatasetDict, column: str) -> int:
    return max(longest(split, column) for split in data.values() if column in split.column_names)


def _virtual_tokens(adapter: PeftConfig | None) -> tuple[int, int]:
    """Positions that a prompt takes in encoder and decoder."""
    if adapter is None or not adapter.is_prompt_learning:
        return 0, 0
    return (0, adapter.num_virtual_tokens) if adapter.peft_type in DECODER_PROMPTS else (adapter.num_virtual_tokens, 0)


def _refuse_beyond(
    config: PreTrainedConfig, limit: int | None, key: str, tokens: int, virtual: int = 0, prompt: str = ""
) -> None:
    if limit is None or tokens + virtual <= limit:
        return
    has = f"{config.model_type} has {limit} positions"
    if not virtual:
        raise InputError(f"{key} = {tokens}", has, f"Set it to {limit} or less")
    remedy = f"Set {key} to {limit - virtual} or less, or take fewer virtual tokens"
    problem = f"with {tokens} tokens of text that makes {tokens + virtual}, and {has}"
    raise InputError(f"{prompt} = {virtual}", problem, remedy if virtual < limit else "Take fewer virtual tokens")
