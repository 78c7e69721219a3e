"""Whether a model and the tokenizer in its folder belong together."""

from __future__ import annotations

from datasets import DatasetDict
from transformers import PreTrainedConfig, PreTrainedTokenizerBase

from .errors import InputError

NEEDED_TOKENS = {
    "pad_token_id": "fills up a batch",
    "eos_token_id": "ends a summary",
    "decoder_start_token_id": "starts one: with T5 and its kin it is pad_token_id, with BART eos_token_id",
}


def check_special_tokens(config: PreTrainedConfig, tokenizer: PreTrainedTokenizerBase, folder: str) -> None:
    """Raises InputError where the model's config or the tokenizer lacks a token without which nothing is learnt or ends."""
    for key, purpose in NEEDED_TOKENS.items():
        if getattr(config, key, None) is None:
            known = ", ".join(f"{token} is {getattr(tokenizer, f'{token}_token_id')}" for token in ("pad", "eos", "bos"))
            raise InputError(
                f"{folder}/config.json: {key}", f"not set; this token {purpose}", f"Write it there (the tokenizer says: {known})"
            )
    if tokenizer.pad_token_id is None:
        raise InputError(
            folder, "its tokenizer has no pad token", f'Set "pad_token" in tokenizer_config.json to token {config.pad_token_id}'
        )


def check_tokens(data: DatasetDict, config: PreTrainedConfig, tokenizer: PreTrainedTokenizerBase, folder: str) -> None:
    """Raises InputError where token ids are none of the model's, or a training target lacks the model's end mark.

    Args:
        data: tokenised splits with input_ids and, but for test, labels.
    """
    for split in data.values():
        for column, part in (("input_ids", "encoder"), ("labels", "decoder")):
            size = getattr(getattr(config, part, config), "vocab_size", None)
            if column in split.column_names and size and (largest := max(map(max, split[column]))) >= size:
                token = tokenizer.convert_ids_to_tokens(largest)
                raise InputError(
                    folder,
                    f"its tokenizer makes the token id {largest} ({token!r}), and the model knows {size} tokens",
                    "Put the tokenizer there that the model was trained with",
                )
    ends = end_marks(config.eos_token_id)
    if not all(ends.intersection(ids) for ids in data["train"]["labels"]):
        raise InputError(
            folder,
            f"its tokenizer does not end a summary with the model's end mark (eos_token_id = {config.eos_token_id}, while the"
            f" tokenizer's is {tokenizer.eos_token_id}): the model would never learn to stop",
            "Put the tokenizer there that the model was trained with, or one that adds its end mark by itself",
        )


def end_marks(eos_token_id: int | list[int]) -> set[int]:
    """A model's end marks: its config holds one or a list."""
    return set(eos_token_id) if isinstance(eos_token_id, list) else {eos_token_id}
