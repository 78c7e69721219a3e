"""Loading, checking and measuring encoder-decoder models that lie in a folder."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    AutoConfig,
    AutoModelForSeq2SeqLM,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.utils.logging import disable_progress_bar

from .errors import InputError
from .files import FETCH_RECORD, folder_digest
from .model_safety import SAFE, refuse_code_and_pickles

WEIGHTS = ("*.safetensors",)
TOKENIZER_TEXTS = ("merges.txt", "vocab.txt", "*.spm")


def check_model_folder(folder: str) -> PreTrainedConfig:
    """The config of the model in `folder`.

    Raises:
        InputError: it holds no complete encoder-decoder that reads and writes text, or what could run code (model_safety.py).
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(
            f"model.name_or_path = {folder!r}", "no such folder", "Check the path, relative to the working directory"
        )
    if not (path / "config.json").is_file():
        raise InputError(str(path), "no config.json: this is not a model's folder", "Save it with save_pretrained")
    refuse_code_and_pickles(path)
    if not any(file for pattern in WEIGHTS for file in path.glob(pattern)):
        raise InputError(str(path), "no weights (model.safetensors)", "Fetch or copy the model again, with its weights")
    try:
        config = AutoConfig.from_pretrained(folder, **SAFE)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}/config.json", f"unreadable ({str(error).splitlines()[0]})", "Copy the model again") from error
    kind = "encoder-decoder" if not config.is_encoder_decoder else "encoder-decoder from text to text"
    if not config.is_encoder_decoder or type(config) not in MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING:
        raise InputError(
            str(path),
            f"{config.model_type} is no {kind}",
            "Parity compares models that read a text and write one: T5, FLAN-T5, mT5, BART, PEGASUS, LongT5 ... A decoder"
            " alone (GPT, Llama) or an encoder alone (BERT) cannot take part",
        )
    return config


def load_model(folder: str, **options: Any) -> PreTrainedModel:
    """The model in `folder` in fp32, whatever precision it is stored in: bf16 weights would not learn at small rates.

    Args:
        options: further arguments of from_pretrained.
    """
    disable_progress_bar()
    try:
        model, loading = AutoModelForSeq2SeqLM.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, output_loading_info=True, **SAFE, **options
        )
    except (OSError, ValueError, RuntimeError, EOFError, SafetensorError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        if "Cannot allocate memory" in str(error):
            raise InputError(folder, "too little memory to load the model", "Ask for more (mem_mb)") from error
        problem = f"the model cannot be loaded ({(str(error) or type(error).__name__).splitlines()[0]})"
        raise InputError(folder, problem, "Fetch or copy it again") from error
    fixed = fixed_parameters(folder)
    # Loading leaves them trainable, and they would be counted as such.
    for name in fixed:
        model.get_parameter(name).requires_grad_(False)
    if missing := sorted(set(loading["missing_keys"]) - fixed):
        # transformers would fill them with random numbers and only warn.
        raise InputError(folder, f"its weights lack {len(missing)} tensors, such as {missing[0]}", "Fetch or copy it again")
    return model


def fixed_parameters(folder: str) -> set[str]:
    """Names of the parameters that the architecture in `folder` computes and never trains: PEGASUS' sinusoidal positions.

    Many a checkpoint does not hold them.
    """
    with torch.device("meta"):
        model = AutoModelForSeq2SeqLM.from_config(AutoConfig.from_pretrained(folder, **SAFE), trust_remote_code=False)
    return {name for name, parameter in model.named_parameters() if not parameter.requires_grad}


def base_model(model: PreTrainedModel) -> PreTrainedModel:
    """The model below an adapter, or `model` itself where it has none."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def has_adapter(model: torch.nn.Module) -> bool:
    return base_model(model) is not model


def count_parameters(model: torch.nn.Module) -> int:
    """Parameters of `model`, a tensor that two modules share counted once."""
    return sum(_numbers_in(parameter) for parameter in model.parameters())


def _numbers_in(parameter: torch.nn.Parameter) -> int:
    """Numbers that a parameter stands for: bitsandbytes packs two of 4 bits, or more, into an element."""
    packed = getattr(parameter, "quant_state", None)
    return parameter.numel() if packed is None else math.prod(packed.shape)


def count_trainable(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def weight_bytes(folder: str | Path) -> int:
    """Bytes of the weight files in `folder`: what a method asks one to keep a run."""
    return sum(file.stat().st_size for pattern in WEIGHTS for file in Path(folder).glob(pattern))


def model_digest(folder: str | Path) -> str:
    """SHA-256 over the weights, configs and tokenizer in `folder`, the same for a fetched model and a copy of it."""
    return folder_digest(Path(folder), [*WEIGHTS, "*.json", "*.model", *TOKENIZER_TEXTS], leave_out=(FETCH_RECORD,))


def check_model_digest(folder: str, expected: str | None) -> str:
    """The digest of the model in `folder`. Raises InputError where it is not the `expected` one."""
    actual = model_digest(folder)
    if expected and actual != expected:
        raise InputError(
            folder,
            f"the model's digest is {actual}, but model.digest = {expected}",
            "It is not the model that the study names: fetch or copy it again, or change model.digest knowingly",
        )
    return actual


def pick_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_name() -> str:
    """The GPU's name, or cpu."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
