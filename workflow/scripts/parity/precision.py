"""The precision of a run's sums: what `auto` comes to on the device at hand."""

from __future__ import annotations

import torch

PRECISIONS = {"bf16": torch.bfloat16, "fp32": torch.float32}


def resolved_precision(precision: str) -> str:
    """`bf16` or `fp32`; `auto` is bf16 on a GPU that computes in it. On a CPU it is fp32, the same numbers everywhere."""
    if precision != "auto":
        return precision
    return "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
