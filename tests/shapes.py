"""Encoder-decoders of other families than FLAN-T5: tiny, random weights, in folders laid out as on the hub."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import sentencepiece
import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import (
    BartConfig,
    BartModel,
    LongT5Config,
    LongT5ForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    PegasusConfig,
    PegasusForConditionalGeneration,
    PreTrainedModel,
    T5Config,
    T5ForConditionalGeneration,
)

VOCABULARY = 300
# Of BART and PEGASUS; the families of T5 count distances and have no end.
POSITIONS = 176
_T5 = {"d_model": 16, "d_kv": 4, "d_ff": 32, "num_layers": 2, "num_heads": 2, "decoder_start_token_id": 0}
_BART = {
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "max_position_embeddings": POSITIONS,
}
# What checkpoints of these families carry in their configs beside the shape.
_T5_EXTRAS = {"n_positions": 512, "output_past": True}
_BART_EXTRAS = {
    "early_stopping": True,
    "forced_bos_token_id": 0,
    "no_repeat_ngram_size": 3,
    "num_beams": 4,
    "normalize_before": False,
    "task_specific_params": {"summarization": {"length_penalty": 1.0, "max_length": 128, "min_length": 12, "num_beams": 4}},
}
_PEGASUS_EXTRAS = {"length_penalty": 0.6, "max_length": 64, "num_beams": 8, "static_position_embeddings": True}


@dataclass(frozen=True)
class Family:
    """How a family's checkpoints are made and laid out.

    Attributes:
        build: a model with random weights from the size of its vocabulary.
        tokenizer: writes the files of the tokenizer into a folder, from texts.
        extras: keys of config.json beside the shape.
        own_head: whether the head's weights are not the embedding's.
    """

    build: Callable[[int], PreTrainedModel]
    tokenizer: Callable[[Path, Iterable[str]], int]
    extras: dict
    own_head: bool = False


def make_shape(name: str, folder: Path, texts: Iterable[str]) -> Path:
    """The checkpoint of family `name` (a key of FAMILIES) over `texts`, in the new folder `folder`."""
    family = FAMILIES[name]
    folder.mkdir(parents=True)
    size = family.tokenizer(folder, texts)
    torch.manual_seed(0)
    model = family.build(size)
    if family.own_head:
        model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight))
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | family.extras), encoding="utf-8")
    return folder


def sentencepiece_files(folder: Path, texts: Iterable[str], **settings: object) -> int:
    """spiece.model alone, without tokenizer.json: a Unigram model with the ids of T5 and PEGASUS. Returns its pieces."""
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text for text in texts for text in text.split("\n")),
        model_prefix=str(folder / "spiece"),
        vocab_size=VOCABULARY,
        hard_vocab_limit=False,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        num_threads=1,
        minloglevel=2,
    )
    (folder / "spiece.vocab").unlink()
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return sentencepiece.SentencePieceProcessor(model_file=str(folder / "spiece.model")).get_piece_size()


def t5_tokenizer(folder: Path, texts: Iterable[str]) -> int:
    extra_ids = 100
    return sentencepiece_files(folder, texts, tokenizer_class="T5Tokenizer", extra_ids=extra_ids) + extra_ids


def mt5_tokenizer(folder: Path, texts: Iterable[str]) -> int:
    return sentencepiece_files(folder, texts, tokenizer_class="T5Tokenizer", extra_ids=0)


def pegasus_tokenizer(folder: Path, texts: Iterable[str]) -> int:
    masks = {"mask_token": "<mask_2>", "mask_token_sent": "<mask_1>", "offset": 103}
    # 103 tokens of pretraining stand before the pieces.
    return sentencepiece_files(folder, texts, tokenizer_class="PegasusTokenizer", **masks) + 103


def bart_tokenizer(folder: Path, texts: Iterable[str]) -> int:
    """vocab.json and merges.txt alone, without tokenizer.json. Returns the size of the vocabulary."""
    tokenizer = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(texts, vocab_size=VOCABULARY, special_tokens=special, show_progress=False)
    tokenizer.save_model(str(folder))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 1024}), encoding="utf-8")
    return tokenizer.get_vocab_size()


def _t5(**shape: object) -> Callable[[int], PreTrainedModel]:
    return lambda size: T5ForConditionalGeneration(T5Config(vocab_size=size, **_T5 | shape))


def _longt5(attention: str) -> Callable[[int], PreTrainedModel]:
    shape = {"encoder_attention_type": attention, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}
    return lambda size: LongT5ForConditionalGeneration(LongT5Config(vocab_size=size, **_T5 | shape))


def _mt5(size: int) -> PreTrainedModel:
    return MT5ForConditionalGeneration(MT5Config(vocab_size=size, feed_forward_proj="gated-gelu", **_T5))


def _bart(size: int) -> PreTrainedModel:
    """As facebook/bart-base is stored: without the head, which is the embedding, and its bias."""
    return BartModel(BartConfig(vocab_size=size, **_BART))


def _pegasus(size: int) -> PreTrainedModel:
    return PegasusForConditionalGeneration(
        PegasusConfig(vocab_size=size, activation_function="relu", scale_embedding=True, **_BART)
    )


FAMILIES = {
    "t5": Family(_t5(), t5_tokenizer, _T5_EXTRAS),
    "t5_v1_1": Family(_t5(feed_forward_proj="gated-gelu"), t5_tokenizer, {"tie_word_embeddings": False}, own_head=True),
    "mt5": Family(_mt5, mt5_tokenizer, {"tie_word_embeddings": False}, own_head=True),
    "bart": Family(_bart, bart_tokenizer, _BART_EXTRAS),
    "pegasus": Family(_pegasus, pegasus_tokenizer, _PEGASUS_EXTRAS),
    "longt5_local": Family(_longt5("local"), t5_tokenizer, {"n_positions": 4096}),
    "longt5_global": Family(_longt5("transient-global"), t5_tokenizer, {"n_positions": 4096}),
}
