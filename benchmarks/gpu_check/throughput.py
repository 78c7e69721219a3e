"""What a device can do in plain products of matrices, and what a training needs of it."""

from __future__ import annotations

import time

import torch
from datasets import Dataset
from transformers import AutoConfig, AutoModelForSeq2SeqLM

from parity.models import pick_device

TIMES = 20


def matmul_flops(size: int) -> float:
    """Floating-point operations a second of the product of two square bf16 matrices, the best of three."""
    device = pick_device()
    left, right = (torch.randn(size, size, device=device).bfloat16() for _ in range(2))
    best = 0.0
    for _ in range(4):
        _wait(device)
        started = time.perf_counter()
        for _ in range(TIMES):
            left @ right
        _wait(device)
        best = max(best, TIMES * 2 * size**3 / (time.perf_counter() - started))
    return best


def model_flops(model: str, data: Dataset, trains_all: bool) -> tuple[float, float]:
    """Of a training, the floating-point operations and the tokens of a mean example, without padding.

    A parameter takes 2 operations a token forward, 2 backward for what lies below it, and 2 for its own gradient where it is
    trained (Kaplan et al. 2020, arXiv:2001.08361, section 2.1); attention's own products are left out. The encoder's take a
    source's tokens, all others, with the output head, a target's.
    """
    with torch.device("meta"):
        built = AutoModelForSeq2SeqLM.from_config(AutoConfig.from_pretrained(model, local_files_only=True))
    encoder, decoder = (
        sum(p.numel() for name, p in part.named_parameters() if not name.startswith("embed"))
        for part in (built.get_encoder(), built.get_decoder())
    )
    head = built.get_output_embeddings().weight.numel()
    source, target = (sum(map(len, data[column])) / len(data) for column in ("input_ids", "labels"))
    return (6 if trains_all else 4) * (encoder * source + (decoder + head) * target), source + target


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
