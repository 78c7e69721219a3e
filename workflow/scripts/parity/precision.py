"""The precision of a run's sums: what `auto` comes to on the device at hand."""

from __future__ import annotations

import torch
from transformers import PreTrainedConfig

PRECISIONS = {"bf16": torch.bfloat16, "fp32": torch.float32}
# Measured (docs/PERFORMANCE.md): on a CPU the products of a narrower model are no faster in bf16.
CPU_WIDTH = 384
# Adapters that leave the base weights to the layers' own products. Others compute with them: a norm, a rotation.
PRODUCTS_ALONE = ("LORA", "IA3", "PREFIX_TUNING", "PROMPT_TUNING", "P_TUNING", "LN_TUNING", "VERA")


def resolved_precision(precision: str, config: PreTrainedConfig) -> str:
    """`bf16` or `fp32`; `auto` is bf16 where the device has it and gains from it for a model of this config.

    That is on a GPU that computes in bf16, and on a CPU with instructions for it (AVX512_BF16, AMX) with a model at least
    CPU_WIDTH wide.
    """
    if precision != "auto":
        return precision
    if torch.cuda.is_available():
        gains = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        gains = _cpu_has_bf16() and _width(config) >= CPU_WIDTH
    return "bf16" if gains else "fp32"


def halve_frozen(model: torch.nn.Module, peft: dict | None) -> None:
    """Keep the weights of frozen linear layers in bf16, in place, for a training under autocast in bf16.

    It changes no number: autocast makes them bf16 in every product anyway. What an embedding shares stays, since autocast leaves
    embeddings alone, and so does everything where the adapter computes with the weights themselves.

    Args:
        peft: the method's `peft` block; None for a method without.
    """
    if peft is None or str(peft["peft_type"]).upper() not in PRODUCTS_ALONE or peft.get("use_dora"):
        return
    modules = list(model.modules())
    shared = {id(module.weight) for module in modules if isinstance(module, torch.nn.Embedding)}
    for module in modules:
        if type(module) is torch.nn.Linear and id(module.weight) not in shared and not module.weight.requires_grad:
            module.to(torch.bfloat16)


def _cpu_has_bf16() -> bool:
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def _width(config: PreTrainedConfig) -> int:
    return getattr(config, "encoder", config).hidden_size
