"""What is known of a method before it is trained: that it fits the model, its parameters, and the memory that it takes."""

from __future__ import annotations

from datasets import DatasetDict

from .config import GENERATING_KINDS, TRAINED_KINDS
from .ctranslate2_check import convertible
from .ctranslate2_rules import uses_ctranslate2
from .extent import Extent
from .flops import count_flops
from .gang_layers import refuse_what_cannot_be_ganged
from .memory import Weights, generation_memory, training_memory
from .memory_request import settings_digest
from .methods import parameter_counts, peft_config
from .models import base_model, check_model_folder, weight_bytes
from .packed_layers import held_bytes, packed_names
from .positions import check_method_lengths
from .probes import fitting, on_real_weights, without_memory
from .skeletons import NeedsValues
from .traced_steps import Subject


def examine(name: str, block: dict, model_folder: str, tokens: DatasetDict) -> dict:
    """Check a method of a kind that is trained or generates against the model.

    Args:
        block: the method's resolved block.
    Returns:
        parameter_counts where it is trained; under `memory` for each of its stages ("train", "generate") what
        training_memory and generation_memory say, with a digest of the settings that it was said for; and under `flops`
        what count_flops says.
    Raises:
        InputError: the method does not fit the model or the data its positions, or the model's files are damaged.
    """
    adapter = peft_config(name, block["peft"]) if block["kind"] == "peft" else None
    check_method_lengths(name, check_model_folder(model_folder), adapter, tokens, block["generation"]["max_new_tokens"])
    extent = Extent.of(tokens)
    probe = {key: tokens["train"][0][key] for key in ("input_ids", "labels")}
    subject = fitting(name, block, model_folder, probe)
    found = parameter_counts(subject.model) if block["kind"] in TRAINED_KINDS else {}
    if block.get("train", {}).get("gang") is True:
        refuse_what_cannot_be_ganged(name, subject.model)
    weights = Weights(held_bytes(subject.model), weight_bytes(model_folder))
    if block.get("quantization"):
        packed = packed_names(base_model(subject.model))
        del subject
        subject = without_memory(name, block, model_folder, packed)
    try:
        return found | _costs(name, subject, weights, block, extent)
    except NeedsValues:
        subject = on_real_weights(name, block, model_folder)
        return found | _costs(name, subject, weights, block, extent)


def _costs(name: str, subject: Subject, weights: Weights, block: dict, extent: Extent) -> dict[str, dict]:
    flops = count_flops(subject, extent.train, block["kind"] in TRAINED_KINDS)
    return {"memory": _memory(name, subject, weights, block, extent), "flops": flops}


def _memory(name: str, subject: Subject, weights: Weights, block: dict, extent: Extent) -> dict[str, dict]:
    estimates = {}
    if block["kind"] in TRAINED_KINDS:
        estimates["train"] = training_memory(subject, weights, block["train"], extent)
    if block["kind"] in GENERATING_KINDS:
        if uses_ctranslate2(block["generation"]):
            subject = convertible(name, block["generation"], subject)
        estimates["generate"] = generation_memory(subject, weights, block["generation"], extent)
    return {stage: {"settings": settings_digest(block, stage)} | estimate for stage, estimate in estimates.items()}
