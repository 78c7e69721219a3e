"""What an optimiser keeps of each trained parameter, and what a step of it takes for a moment."""

from __future__ import annotations

import math
from collections.abc import Sequence

FP32_BYTES = 4
# Bytes a trained parameter, by the optimiser's name in transformers: moments in fp32 are 4 each, 8-bit ones of bitsandbytes 1
# and a scale a block. What is not named keeps no more than AdamW's two moments.
STATE_BYTES = {
    "sgd": 0,
    "adagrad": 4,
    "rmsprop": 4,
    "lion_32bit": 4,
    "paged_lion_32bit": 4,
    "ademamix": 12,
    "paged_ademamix_32bit": 12,
    "lion_8bit": 1.1,
    "paged_lion_8bit": 1.1,
    "rmsprop_bnb_8bit": 1.1,
    "adamw_8bit": 2.2,
    "adamw_bnb_8bit": 2.2,
    "paged_adamw_8bit": 2.2,
    "ademamix_8bit": 3.3,
    "paged_ademamix_8bit": 3.3,
}
ADAMW_STATE_BYTES = 8
# Tensors as large as the largest parameter that a step of torch's AdamW, and of transformers' Adafactor, holds on a CPU.
STEP_TENSORS = 3


def state_bytes(optim: str, shapes: Sequence[tuple[int, ...]]) -> int:
    """Bytes of an optimiser's states for trained parameters of these shapes.

    Adafactor keeps a sum a row and a column of each matrix (Shazeer and Stern 2018, algorithm 4).
    """
    if optim == "adafactor":
        return FP32_BYTES * sum(_factored(shape) for shape in shapes)
    return math.ceil(STATE_BYTES.get(optim, ADAMW_STATE_BYTES) * sum(map(math.prod, shapes)))


def step_bytes(optim: str, shapes: Sequence[tuple[int, ...]], on_gpu: bool) -> int:
    """Most bytes that a step holds beside weights, gradients and states.

    On a GPU torch's optimisers treat all parameters at once (foreach) and so hold a tensor for each of them, the fused ones
    and Adafactor not; on a CPU they treat one after another.
    """
    sizes = [FP32_BYTES * math.prod(shape) for shape in shapes]
    at_once = on_gpu and "fused" not in optim and optim != "adafactor"
    return sum(sizes) if at_once else STEP_TENSORS * max(sizes, default=0)


def _factored(shape: tuple[int, ...]) -> int:
    size = math.prod(shape)
    return size // shape[-1] + size // shape[-2] if len(shape) > 1 else size
