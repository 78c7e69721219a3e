"""A base model whose weights are kept in 8 or 4 bits, for an adapter on it, by transformers and bitsandbytes."""

from __future__ import annotations

import difflib
import inspect
import logging
import os
from collections.abc import Iterable
from typing import Any

import torch
from transformers import BitsAndBytesConfig, PreTrainedModel
from transformers.utils import is_bitsandbytes_available

from .errors import InputError
from .models import load_model

# The version that the tests have run with; requirements-quantization.txt holds it too.
PACKAGE = "bitsandbytes==0.50.2"
KEYS = set(inspect.signature(BitsAndBytesConfig).parameters) - {"kwargs"}
VALUES = {
    "bnb_4bit_compute_dtype": ("float32", "bfloat16"),
    "bnb_4bit_quant_type": ("fp4", "nf4"),
    "bnb_4bit_quant_storage": ("uint8", "int8", "float16", "bfloat16", "float32", "float64"),
}
# A key that has no effect without another one.
BITS_OF = {"bnb_4bit": "load_in_4bit", "llm_int8_threshold": "load_in_8bit", "llm_int8_has_fp16_weight": "load_in_8bit"}


def bits_config(where: str, settings: dict[str, Any]) -> BitsAndBytesConfig:
    """transformers' config of a `quantization` block; data types are written by their names (bfloat16).

    Args:
        where: the block's key, for messages.
    Raises:
        InputError: an unknown key or value, or one without effect; or not one of load_in_8bit and load_in_4bit is set.
    """
    for key, value in settings.items():
        _check_key(where, key, value, settings)
    if [settings.get(f"load_in_{bits}bit", False) for bits in (4, 8)].count(True) != 1:
        raise InputError(f"{where} = {settings}", "either 8 or 4 bits", "Set load_in_4bit: true or load_in_8bit: true")
    # YAML reads 6 as an integer, which transformers refuses.
    numbers = {key: float(value) for key, value in settings.items() if type(value) is int}
    try:
        return BitsAndBytesConfig(**settings | numbers)
    except (TypeError, ValueError) as error:
        raise InputError(f"{where} = {settings}", str(error), "See transformers' BitsAndBytesConfig") from error


def _check_key(where: str, key: str, value: Any, settings: dict[str, Any]) -> None:
    if key not in KEYS:
        raise InputError(f"{where}.{key} = {value!r}", "BitsAndBytesConfig has no such key", _nearest(key, KEYS))
    if key == "llm_int8_enable_fp32_cpu_offload":
        raise InputError(f"{where}.{key} = {value!r}", "a run's model lies on one device, none of it elsewhere", "Remove it")
    if key == "bnb_4bit_compute_dtype" and value == "float16":
        raise InputError(f"{where}.{key} = {value!r}", "T5's values are too large for it", "Set it to bfloat16 or float32")
    if key in VALUES and value not in VALUES[key]:
        raise InputError(f"{where}.{key} = {value!r}", "no such value", _nearest(str(value), VALUES[key]))
    needed = next((bits for prefix, bits in BITS_OF.items() if key.startswith(prefix)), None)
    if needed and not settings.get(needed):
        raise InputError(f"{where}.{key} = {value!r}", f"has no effect without {needed}: true", f"Set that or remove {key}")


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(known))}"


def load_quantized(folder: str, where: str, settings: dict[str, Any]) -> PreTrainedModel:
    """The model in `folder` with its linear layers in 8 or 4 bits and all else in fp32, every weight frozen.

    On the process's GPU, where there is one, since the weights are quantised there.

    Raises:
        InputError: as bits_config and load_model; or bitsandbytes is missing, or does not run on this machine.
    """
    config = bits_config(where, settings)
    if not is_bitsandbytes_available():
        raise InputError(where, "bitsandbytes is not installed", f"Install it: .venv/bin/python -m pip install {PACKAGE}")
    # It says at every product of 8-bit weights that their factors are cast.
    logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
    place = {"device_map": {"": int(os.environ.get("LOCAL_RANK", 0))}} if torch.cuda.is_available() else {}
    try:
        model = load_model(folder, quantization_config=config, **place)
    except (ImportError, RuntimeError) as error:
        problem = f"bitsandbytes does not run here ({str(error).splitlines()[0]})"
        raise InputError(where, problem, f"Use a GPU that it supports, or the tested version: {PACKAGE}") from error
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            # bitsandbytes 0.50.2 packs 4-bit weights anew at the first evaluation on some CPUs; from then on no gradient
            # passes through them, without a word.
            module.support_avx512bf16_for_cpu = False
    # What peft's prepare_model_for_kbit_training does beside checkpointing, which train.gradient_checkpointing decides.
    return model.requires_grad_(False)
