"""Whether CTranslate2 can write a method's summaries, and writes those that transformers would."""

from __future__ import annotations

from collections.abc import Iterator

from transformers import GenerationConfig, PreTrainedConfig

from .ctranslate2_model import FAMILIES, check_installed, merged
from .ctranslate2_rules import TRANSFORMERS
from .errors import InputError
from .fit import end_marks
from .generation import generation_config
from .models import base_model
from .skeletons import without_values
from .traced_steps import Subject


def convertible(name: str, generation: dict, subject: Subject) -> Subject:
    """A method's model with its adapter, if any, merged in place: what would be converted.

    Args:
        generation: the method's resolved block.
    Raises:
        InputError: CTranslate2 does not know the model, decodes it otherwise than transformers, or the adapter is none of its weights.
        NeedsValues: the subject has none, and merging asks for some.
    """
    where = f"methods.{name}.generation"
    check_installed(f"{where}.backend = 'ctranslate2'")
    check_family(where, subject.model.config)
    for key, problem in _unlike(generation, generation_config(base_model(subject.model), generation)):
        raise InputError(f"{where}.{key} = {generation[key]!r}", problem, f"Remove it. {TRANSFORMERS} otherwise")
    with without_values(), subject.mode:
        return Subject(merged(subject.model, f"methods.{name}.peft"), subject.mode)


def check_family(where: str, config: PreTrainedConfig) -> None:
    """Raises InputError where models of this architecture are not converted."""
    if config.model_type not in FAMILIES:
        raise InputError(
            f"{where}.backend = 'ctranslate2'",
            f"{config.model_type} models cannot be converted for it; these can: {', '.join(FAMILIES)}",
            TRANSFORMERS,
        )


def _unlike(generation: dict, special: GenerationConfig) -> Iterator[tuple[str, str]]:
    """Settings that CTranslate2 reads otherwise than transformers where a model has such special tokens: key and problem."""
    forced = [key for key in ("forced_bos_token_id", "forced_eos_token_id") if getattr(special, key) is not None]
    if generation["num_beams"] > 1 and forced:
        yield "num_beams", f"this model's {forced[0]} gets other scores in CTranslate2's beam search than in transformers'"
    if special.decoder_start_token_id not in end_marks(special.eos_token_id):
        return
    counted = {"repetition_penalty": generation.get("repetition_penalty", 1) != 1}
    counted |= {"no_repeat_ngram_size": generation.get("no_repeat_ngram_size") == 1}
    for key in [key for key, counts in counted.items() if counts]:
        yield key, "this model's summaries start with its end mark, which transformers counts for it and CTranslate2 does not"
