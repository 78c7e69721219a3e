"""A model's floating-point operations (FLOPs) for the tokens of a run, and what share of the device's own they are.

Counted are the products of matrices that the model asks for: of real tokens, without padding, and each once, though
checkpointing computes some twice. Backward holds the gradients that a method needs and no others: of frozen weights none.
This is the numerator of "model FLOPs utilisation" (Chowdhery et al. 2022, arXiv:2204.02311, section 4.1), counted by the model's
own operations where that paper has a formula.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from .models import base_model, pick_device
from .precision import PRECISIONS
from .skeletons import without_values
from .token_counts import SUMS
from .traced_steps import Device, Subject, loss_of

# Rows and columns of the matrices whose product says what a device can do: so large that a GPU is full.
SIZES = {"cuda": 8192, "cpu": 1024}
MEASURING_SECONDS = 0.2


def count_flops(subject: Subject, lengths: tuple[int, int], trains: bool) -> dict[str, dict[str, int]]:
    """What a run's FLOPs are made of, for `forward` and, where it trains, `backward`: a factor for each of SUMS.

    An example's FLOPs are a polynomial of degree two in the lengths of source and target, since attention multiplies every
    token with every other one; it is found from the model's own FLOPs at six pairs of lengths. `step` is what does not grow
    with the examples, such as a product of two adapter matrices. Attention in blocks (LongT5) is no such polynomial: there
    it is a close fit.

    Args:
        lengths: of the longest source and target.
    Raises:
        NeedsValues: the model has to be run on its real weights.
    """
    long, half, short = zip(*((n, max(1, n // 2), max(1, n // 4)) for n in lengths), strict=True)
    pairs = [long, (half[0], long[1]), (short[0], long[1]), (long[0], half[1]), half, (long[0], short[1])]
    one = np.array([step_flops(subject, pair, 1, trains) for pair in pairs], dtype=float)
    step = 2 * one[4] - step_flops(subject, half, 2, trains)
    # In parts of the longest lengths, since powers of the lengths themselves differ too much to solve for.
    terms = np.array([_terms(np.array([1, *pair]) / [1, *lengths]) for pair in pairs])
    factors = np.linalg.lstsq(terms, one - step)[0] / _terms(np.array([1, *lengths]))[:, None]
    return {
        name: dict(zip(SUMS, [round(value) for value in (step[column], *factors[:, column])], strict=True))
        for column, name in enumerate(("forward", "backward"))
        if trains or name == "forward"
    }


def step_flops(subject: Subject, lengths: tuple[int, int], batch: int, trains: bool) -> tuple[int, int]:
    """FLOPs of the products of matrices in forward and in backward, 0 where it does not train, of `batch` examples.

    Args:
        lengths: of source and target in tokens.
    """
    model = subject.model.train()
    with _plain_attention(model), torch.set_grad_enabled(trains), without_values(), subject.mode, _ProductCounter() as counter:
        loss = loss_of(model, Device(False, "fp32"), batch, lengths, 0.0)
        forward = counter.flops
        if trains:
            loss.backward()
    for parameter in model.parameters():
        parameter.grad = None
    model.eval()
    return forward, counter.flops - forward


class _ProductCounter(TorchDispatchMode):
    """Counts by torch's own formulas. Its FlopCounterMode also takes every other operation apart, which takes twice as long."""

    def __init__(self):
        super().__init__()
        self.flops = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        if formula := flop_registry.get(operation.overloadpacket):
            self.flops += formula(*args, **(kwargs or {}), out_val=result)
        return result


@contextmanager
def _plain_attention(model: torch.nn.Module) -> Iterator[None]:
    """Attention as products of matrices: torch has no formula for a CPU's fused kernel, and fused ones compute some twice."""
    base = base_model(model)
    before = base.config._attn_implementation
    base.set_attn_implementation("eager")
    try:
        yield
    finally:
        base.set_attn_implementation(before)


def training_flops(factors: dict[str, dict[str, int]], sums: dict[str, int]) -> int:
    """FLOPs of the trained tokens, forward and backward.

    Args:
        factors: what count_flops found.
        sums: what TokenCounts.sums says.
    """
    return sum(part[name] * sums[name] for part in factors.values() for name in SUMS)


def generation_flops(factors: dict[str, dict[str, int]], sums: dict[str, int], beams: int) -> int:
    """FLOPs of reading sources once, and of writing targets token by token with a cache, all `beams` as long as the one kept."""
    forward = factors["forward"]
    reading = sum(forward[name] * sums[name] for name in ("step", "example", "source", "source_squared"))
    # A token looks at itself and those before it: of all pairs of tokens, half.
    pairs = (sums["target_squared"] + sums["target"]) // 2
    writing = forward["target"] * sums["target"] + forward["source_target"] * sums["source_target"]
    return reading + beams * (writing + forward["target_squared"] * pairs)


def matmul_flops(precision: str, size: int | None = None) -> float:
    """FLOPs a second of a product of two square matrices on this process's device, with its threads: the best of some tries.

    Args:
        precision: of the matrices, "bf16" or "fp32"; TF32 is off, as in a run.
        size: of their sides; None takes one of SIZES. Where memory is short, they are smaller.
    """
    device = pick_device()
    size = size or SIZES[device.type]
    try:
        return 2 * size**3 / _product_seconds(device, PRECISIONS[precision], size)
    except torch.OutOfMemoryError:
        if size == 1:
            raise
    return matmul_flops(precision, size // 2)


def _product_seconds(device: torch.device, dtype: torch.dtype, size: int) -> float:
    # Random, since a GPU is faster at equal numbers, which take less power; of a generator of its own.
    draw = torch.Generator(device).manual_seed(0)
    left, right = (torch.randn(size, size, generator=draw, device=device, dtype=dtype) for _ in range(2))
    best, ends = float("inf"), None
    while ends is None or time.perf_counter() < ends:
        started = time.perf_counter()
        left @ right
        if device.type == "cuda":
            torch.cuda.synchronize()
        if ends is None:
            # The first one also loads the kernel.
            ends = time.perf_counter() + MEASURING_SECONDS
        best = min(best, time.perf_counter() - started)
    return best


def _terms(lengths: np.ndarray) -> np.ndarray:
    """The products of (1, source, target) in the order of SUMS, without `step`."""
    one, source, target = lengths
    return np.array([one, source, target, source**2, source * target, target**2], dtype=float)
