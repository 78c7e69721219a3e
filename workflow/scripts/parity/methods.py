"""Building what a method trains: the whole model, or an adapter of any PEFT type on it."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from pathlib import Path

from peft import LoraConfig, PeftConfig, PeftModel, PeftType, PrefixTuningConfig, TaskType, get_peft_model
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING
from transformers import PreTrainedConfig, PreTrainedModel

from .errors import InputError
from .model_safety import refuse_code_and_pickles
from .models import count_parameters, count_trainable, load_model
from .quantization import load_quantized
from .targets import fill_targets, module_names

# Their schedules or losses hook the training step, which a config block cannot do.
NEED_CODE = {
    "ADALORA": "AdaLoRA changes its ranks in every training step, for which the training loop would have to call it",
    "MULTITASK_PROMPT_TUNING": "multitask prompt tuning wants a task id in every batch",
}


def peft_config(name: str, settings: dict) -> PeftConfig:
    """The PEFT config of a method's `peft` block, for an encoder-decoder.

    Raises:
        InputError: an unknown peft_type or key, a value that PEFT refuses, or a type that needs code of its own.
    """
    where = f"methods.{name}.peft"
    peft_type = str(settings["peft_type"]).upper()
    if peft_type not in PeftType.__members__ or PeftType[peft_type] not in PEFT_TYPE_TO_CONFIG_MAPPING:
        known = sorted(str(t.value) for t in PEFT_TYPE_TO_CONFIG_MAPPING)
        near = difflib.get_close_matches(peft_type, known, n=1)
        raise InputError(
            f"{where}.peft_type = {settings['peft_type']!r}",
            "PEFT knows no such type",
            f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}",
        )
    if peft_type in NEED_CODE:
        raise InputError(f"{where}.peft_type = {peft_type}", NEED_CODE[peft_type], "Choose another type, such as LORA")
    if folder := settings.get("tokenizer_name_or_path"):
        # PEFT would ask on the terminal whether to run a tokenizer's own code.
        if not Path(str(folder)).is_dir():
            raise InputError(f"{where}.tokenizer_name_or_path = {folder!r}", "no such folder", "Name the model's folder")
        refuse_code_and_pickles(folder)
    config_class = PEFT_TYPE_TO_CONFIG_MAPPING[PeftType[peft_type]]
    keys = {key: value for key, value in settings.items() if key != "peft_type"}
    known = set(inspect.signature(config_class).parameters) - {"peft_type", "task_type"}
    for key in keys:
        if key not in known:
            raise InputError(
                f"{where}.{key} = {keys[key]!r}", f"{config_class.__name__} has no such key", _unknown_key(key, known, peft_type)
            )
    try:
        return config_class(task_type=TaskType.SEQ_2_SEQ_LM, **keys)
    except (TypeError, ValueError) as error:
        raise InputError(f"{where} = {settings}", str(error), f"See PEFT's {config_class.__name__}") from error


def _unknown_key(key: str, known: set[str], peft_type: str) -> str:
    """What to do about a key that PEFT's config class of `peft_type` has not."""
    if near := difflib.get_close_matches(key, known, n=1):
        return f"Did you mean {near[0]}?"
    of_lora = key in inspect.signature(LoraConfig).parameters and key != "task_type"
    remedy = f"It is a key of LORA, not of {peft_type}: remove it, or set peft_type: LORA" if of_lora else "Remove it"
    return f"{remedy}. Known: {', '.join(sorted(known))}"


def build_method(
    name: str, block: dict, model_folder: str, load: Callable[[str], PreTrainedModel] | None = None
) -> PreTrainedModel | PeftModel:
    """The base model ready to train as the method's resolved `block` says. Draws from torch's global generator.

    Args:
        load: another way to come by the base model.
    Raises:
        InputError: a PEFT type or its settings do not fit this model.
    """
    model = load(model_folder) if load else load_base(model_folder, block.get("quantization"), f"methods.{name}.quantization")
    return model if block["kind"] != "peft" else _with_adapter(name, block["peft"], model)


def load_base(model_folder: str, quantization: dict | None, where: str = "quantization") -> PreTrainedModel:
    """The model in fp32, or as a `quantization` block says."""
    return load_quantized(model_folder, where, quantization) if quantization else load_model(model_folder)


def parameter_counts(model: PreTrainedModel | PeftModel) -> dict:
    """`parameters` of the base model, `trainable` ones, and their `trainable_percent` of the base model's."""
    trainable = count_trainable(model)
    total = count_parameters(model)
    base = total - trainable if isinstance(model, PeftModel) else total
    return {"parameters": base, "trainable": trainable, "trainable_percent": 100 * trainable / base}


def load_trained(model_folder: str, trained: str | None, kind: str, quantization: dict | None = None) -> PreTrainedModel:
    """What generates: the base model, the fine-tuned one, or the base model with its adapter."""
    if kind == "peft":
        refuse_code_and_pickles(trained)
        return PeftModel.from_pretrained(load_base(model_folder, quantization), trained)
    return load_model(trained if kind == "full" else model_folder)


def _with_adapter(name: str, settings: dict, model: PreTrainedModel) -> PeftModel:
    config = peft_config(name, settings)
    if config.peft_type == PeftType.PREFIX_TUNING:
        _shape_prefix(config, model.config)
    fill_targets(name, config, model)
    remedy = "Set what it asks for under peft"
    if hasattr(config, "target_modules"):
        remedy = f"Name target_modules that the model has ({', '.join(module_names(model, config))})"
    try:
        adapted = get_peft_model(model, config)
    except (TypeError, ValueError, KeyError, AttributeError, NotImplementedError, RuntimeError, ImportError) as error:
        raise InputError(
            f"methods.{name}.peft = {settings}",
            f"PEFT cannot put it on this {model.config.model_type} ({type(error).__name__}: {error})",
            f"{remedy}, or choose another peft_type",
        ) from error
    if count_trainable(adapted) == 0:
        raise InputError(f"methods.{name}.peft = {settings}", "nothing of it can be trained", "Remove inference_mode")
    return adapted


def _shape_prefix(config: PrefixTuningConfig, model: PreTrainedConfig) -> None:
    """Set what the study leaves open of a prefix: it is keys and values of the decoder, and PEFT looks at the encoder."""
    if config.token_dim is None and hasattr(model, "d_kv"):
        # As wide as the heads together, which in FLAN-T5-small (6 x 64) is not d_model (512).
        config.token_dim = model.num_heads * model.d_kv
    if config.num_attention_heads is None and hasattr(model, "decoder_attention_heads"):
        config.num_attention_heads = model.decoder_attention_heads
    layers = getattr(model, "num_decoder_layers", getattr(model, "decoder_layers", 0))
    if config.num_layers is None and layers > getattr(model, "num_hidden_layers", 0):
        config.num_layers = layers
