"""From a model of transformers to one of CTranslate2."""

from __future__ import annotations

from importlib.util import find_spec
from types import SimpleNamespace

from peft import PeftModel
from transformers import GenerationConfig, PreTrainedConfig, PreTrainedModel

from .ctranslate2_rules import TRANSFORMERS, precision_of
from .errors import InputError
from .fit import end_marks

# The version that the tests have run with; requirements-ctranslate2.txt holds it too.
PACKAGE = "ctranslate2==4.8.5"
# Of those that CTranslate2's converter knows, the families whose summaries the tests compare with transformers'; and what
# their configs must say to the converter: transformers' code has it, and writes it into no config.
FAMILIES = {
    "t5": {},
    "mt5": {},
    "bart": {"normalize_before": False, "normalize_embedding": True},
    "pegasus": {"normalize_before": True, "normalize_embedding": False},
}
UNMERGEABLE = (AttributeError, NotImplementedError, TypeError, ValueError)


def check_installed(where: str) -> None:
    """Raises InputError where CTranslate2 is missing."""
    if find_spec("ctranslate2") is None:
        raise InputError(where, "ctranslate2 is not installed", f"Install it: .venv/bin/python -m pip install {PACKAGE}")


def merged(model: PreTrainedModel, where: str) -> PreTrainedModel:
    """The base model with its adapter in its weights, by PEFT's merge_and_unload, in place; a model without one as it is.

    Raises:
        InputError: the adapter is none of the weights, or lies on ones that two layers share.
    """
    if not isinstance(model, PeftModel):
        return model
    kind = model.active_peft_config.peft_type.value
    remedy = f"LORA, LOHA, LOKR, IA3, OFT, VERA and most other types can be merged. {TRANSFORMERS} otherwise"
    try:
        # PEFT would add to the other layer's weights too.
        shared = [key for key in model.base_model._get_tied_target_modules(model.base_model.model) if _is_shared(model, key)]
        if not shared:
            return model.merge_and_unload().eval()
    except UNMERGEABLE as error:
        problem = f"an adapter of type {kind} cannot be merged into the weights, which backend: ctranslate2 needs"
        raise InputError(f"{where}.peft_type = {kind}", problem, remedy) from error
    problem = f"an adapter on {shared[0]} cannot be merged for backend: ctranslate2: its weights are the embedding's too"
    raise InputError(f"{where}.target_modules", problem, f"Name other modules. {TRANSFORMERS} otherwise")


def _is_shared(model: PeftModel, name: str) -> bool:
    base = model.get_base_model()
    weights = [module.weight for module in (base.get_input_embeddings(), base.get_output_embeddings())]
    return getattr(weights[0], "base_layer", weights[0]) is getattr(weights[1], "base_layer", weights[1])


def convert(model: PreTrainedModel, special: GenerationConfig, compute_type: str, folder: str) -> None:
    """Write `model`, in fp32, as a model of CTranslate2 into the new folder `folder`. Its words are the token ids.

    Args:
        special: with the model's special tokens.
        compute_type: of CTranslate2.
    """
    from ctranslate2.converters import TransformersConverter

    for key, value in FAMILIES[model.config.model_type].items():
        setattr(model.config, key, value)
    words = _words(model.config.vocab_size, special)

    class InMemory(TransformersConverter):
        """Of a model that is loaded already."""

        def load_model(self, *_, **__):
            return model

        def load_tokenizer(self, *_, **__):
            return words

        def _load(self):
            spec = super()._load()
            if model.config.model_type in ("t5", "mt5"):
                _scale_outputs(spec, model.config)
            return spec

    InMemory(model.config._name_or_path).convert(folder, quantization=compute_type)


def _scale_outputs(spec, config: PreTrainedConfig) -> None:
    """CTranslate2 4.8.5 goes by tie_word_embeddings, which transformers 5 sets for every T5: FLAN-T5 would be scaled too."""
    from ctranslate2.specs.model_spec import OPTIONAL

    spec.decoder.scale_outputs = config.d_model**-0.5 if getattr(config, "scale_decoder_outputs", False) else OPTIONAL


def _words(size: int, special: GenerationConfig) -> SimpleNamespace:
    """What the converter asks of a tokenizer, for a vocabulary whose words are its ids: no word stands for two of them."""
    return SimpleNamespace(
        get_vocab=lambda: {str(number): number for number in range(size)},
        convert_ids_to_tokens=str,
        pad_token=str(special.pad_token_id),
        bos_token=str(special.decoder_start_token_id),
        eos_token=str(min(end_marks(special.eos_token_id))),
        # Of words that are in no vocabulary, of which there are none.
        unk_token=str(special.pad_token_id),
    )


def loaded_bytes(model: PreTrainedModel, compute_type: str | None) -> int:
    """Bytes of a model's weights when CTranslate2 has loaded them. In 8 bits are matrices, with a scale a row."""
    compute_type = compute_type or "float32"
    width = 2 if precision_of(compute_type) == "bf16" else 4
    if not compute_type.startswith("int8"):
        return width * sum(parameter.numel() for parameter in model.parameters())
    return sum(p.numel() + 4 * len(p) if p.dim() == 2 else width * p.numel() for p in model.parameters())
