"""Which modules of a model an adapter is put on."""

from __future__ import annotations

import torch
from peft import PeftConfig, PeftModel, PeftType
from peft.mapping import PEFT_TYPE_TO_TUNER_MAPPING
from peft.utils.constants import (
    TRANSFORMERS_MODELS_TO_IA3_FEEDFORWARD_MODULES_MAPPING,
    TRANSFORMERS_MODELS_TO_IA3_TARGET_MODULES_MAPPING,
)
from transformers import PreTrainedModel
from transformers.models.auto.modeling_auto import MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES

from .errors import InputError

# PEFT has no defaults for these. Their attention and feed-forward modules carry the same names as the other's.
SAME_MODULES = {"longt5": "t5", "pegasus": "bart"}


def fill_targets(name: str, config: PeftConfig, model: PreTrainedModel) -> None:
    """Set the modules that `config` leaves open, where PEFT has defaults for the model's twin in SAME_MODULES alone.

    A default that PEFT has for the model itself stays PEFT's to fill in.

    Raises:
        InputError: the study names no target_modules, and there is no default for this architecture.
    """
    table = _default_targets(config)
    architecture = model.config.model_type
    if table is None or architecture in table:
        return
    twin = SAME_MODULES.get(architecture)
    if config.target_modules is None and not getattr(config, "target_parameters", None):
        if twin not in table:
            raise _no_default(name, config, model, table)
        config.target_modules = set(table[twin])
    if config.peft_type == PeftType.IA3 and config.feedforward_modules is None and twin:
        config.feedforward_modules = set(TRANSFORMERS_MODELS_TO_IA3_FEEDFORWARD_MODULES_MAPPING[twin])


def module_names(model: PreTrainedModel, config: PeftConfig) -> list[str]:
    """Last names of the modules that `config` could name: linear ones without the head, or norms for LN_TUNING."""
    head = model.get_output_embeddings()
    found = {
        name.rsplit(".", 1)[-1]
        for name, module in model.named_modules()
        if module is not head
        and ("Norm" in type(module).__name__ if config.peft_type == PeftType.LN_TUNING else isinstance(module, torch.nn.Linear))
    }
    return sorted(found)


def adapted_modules(model: PreTrainedModel | PeftModel) -> list[str] | None:
    """Last names of the modules that `model`'s adapter sits on; None where there is no such adapter."""
    targeted = getattr(model.base_model, "targeted_module_names", None)
    return targeted and sorted({name.rsplit(".", 1)[-1] for name in targeted})


def _default_targets(config: PeftConfig) -> dict | None:
    """PEFT's default modules of this type of adapter, by architecture; None where the type takes none."""
    if config.peft_type == PeftType.IA3:
        return TRANSFORMERS_MODELS_TO_IA3_TARGET_MODULES_MAPPING
    return getattr(PEFT_TYPE_TO_TUNER_MAPPING[config.peft_type], "target_module_mapping", None)


def _no_default(name: str, config: PeftConfig, model: PreTrainedModel, table: dict) -> InputError:
    peft_type = PeftType(config.peft_type).value
    known = sorted(set(table) & set(MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES))
    remedy = f"Name some of the model's own: {', '.join(module_names(model, config))}"
    if config.peft_type != PeftType.LN_TUNING:
        remedy += ". Or all of them: target_modules: all-linear"
    if config.peft_type == PeftType.IA3:
        remedy += ". And as feedforward_modules those of them that stand in the feed-forward blocks"
    return InputError(
        f"methods.{name}.peft.target_modules",
        f"not named, and PEFT has no default of {peft_type} for {model.config.model_type}"
        f" (of encoder-decoders it has: {', '.join(known) or 'none'})",
        remedy,
    )
