"""Counting the bytes of the tensors that are alive while a model runs, on fake tensors as well as on real ones."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

# DEFAULT_MMAP_THRESHOLD_MAX of glibc's malloc on 64 bits, see mallopt(3).
MMAP_THRESHOLD = 32 * 2**20
# Of torch.nn.functional.
IN_FP32 = ("layer_norm", "softmax", "log_softmax")


@dataclass(frozen=True)
class Peak:
    """Most bytes of tensors alive at a time: of all, of those so small that they lie in a heap, and of the large ones.

    The latter two need not be at the same time: a heap that has grown stays. What is larger than MMAP_THRESHOLD, glibc takes
    from the system and gives back at once, each for itself.
    """

    all: int
    small: int
    large: int

    def beside(self, other: Peak) -> Peak:
        """Of two things that are done one after another."""
        return Peak(max(self.all, other.all), max(self.small, other.small), max(self.large, other.large))


class LiveBytes(TorchDispatchMode):
    """While entered, counts every tensor storage that an operation makes, until it is freed."""

    def __init__(self):
        super().__init__()
        self._alive: dict[int, weakref.ref] = {}
        self._small = self._large = 0
        self.forget_peak()

    @property
    def peak(self) -> Peak:
        """Since the last forget_peak."""
        return Peak(*self._most)

    def forget_peak(self) -> None:
        self._most = (self._small + self._large, self._small, self._large)

    def ignore(self, tensors: Iterable[torch.Tensor]) -> None:
        """Do not count these, such as a model's parameters, although operations return them."""
        self._ignored = [tensor.untyped_storage() for tensor in tensors]
        self._alive |= {id(storage): weakref.ref(storage) for storage in self._ignored}

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                self._count(tensor)
        return result

    def _count(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        key, size = id(storage), storage.nbytes()
        if key in self._alive:
            return
        self._alive[key] = weakref.ref(storage, lambda _: self._freed(key, size))
        self._add(size, size)
        now = (self._small + self._large, self._small, self._large)
        self._most = tuple(map(max, self._most, now))

    def _freed(self, key: int, size: int) -> None:
        del self._alive[key]
        self._add(-size, size)

    def _add(self, change: int, size: int) -> None:
        if size > MMAP_THRESHOLD:
            self._large += change
        else:
            self._small += change


@contextmanager
def gpu_kernels() -> Iterator[None]:
    """Let operations on fake tensors of the CPU keep in memory what torch's GPU kernels would.

    Attention takes the memory-efficient kernel, the only fused one that takes a mask (aten/native/transformers/cuda/
    sdp_utils.cpp), where a CPU writes all attention weights down. Under autocast, what autocast_mode.h lists for CUDA and not
    for the CPU is computed in fp32. The functions are exchanged, since a TorchFunctionMode is off in a backward, in which
    checkpointing computes again.
    """
    before = {name: getattr(F, name) for name in ("scaled_dot_product_attention", *IN_FP32)}
    F.scaled_dot_product_attention = _efficient_attention
    for name in IN_FP32:
        setattr(F, name, _in_fp32(before[name]))
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(F, name, function)


def _in_fp32(function: Callable) -> Callable:
    def computed(input: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        return function(input.float() if torch.is_autocast_enabled("cpu") else input, *args, **kwargs)

    return computed


def _efficient_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    if torch.is_autocast_enabled("cpu"):
        query, key, value = (tensor.to(torch.bfloat16) for tensor in (query, key, value))
    if attn_mask is not None:
        if attn_mask.dtype == torch.bool:
            attn_mask = torch.zeros_like(attn_mask, dtype=query.dtype).masked_fill(~attn_mask, float("-inf"))
        attn_mask = attn_mask.to(query.dtype).expand(*query.shape[:-1], key.shape[-2])
    keep = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (query, key, value))
    kernel = torch.ops.aten._scaled_dot_product_efficient_attention
    return kernel(query, key, value, attn_mask, keep, dropout_p, is_causal, scale=scale)[0]
