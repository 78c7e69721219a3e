"""Counting the bytes of the tensors that are alive while a model runs, on fake tensors as well as on real ones."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class LiveBytes(TorchDispatchMode):
    """While entered, counts every tensor storage that an operation makes, until it is freed.

    Attributes:
        now, peak: bytes alive, and the most that were since the last `forget_peak`.
    """

    def __init__(self):
        super().__init__()
        self.now = self.peak = 0
        self._alive: dict[int, weakref.ref] = {}

    def ignore(self, tensors: Iterable[torch.Tensor]) -> None:
        """Do not count these, such as a model's parameters, although operations return them."""
        self._ignored = [tensor.untyped_storage() for tensor in tensors]
        self._alive |= {id(storage): weakref.ref(storage) for storage in self._ignored}

    def forget_peak(self) -> None:
        self.peak = self.now

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
        self.now += size
        self.peak = max(self.peak, self.now)

    def _freed(self, key: int, size: int) -> None:
        del self._alive[key]
        self.now -= size


class GpuKernels(TorchFunctionMode):
    """While entered, operations on fake tensors of the CPU keep in memory what torch's GPU kernels would.

    Attention takes the memory-efficient kernel, the only fused one that takes a mask (aten/native/transformers/cuda/
    sdp_utils.cpp), where a CPU writes all attention weights down. Under autocast, what autocast_mode.h lists for CUDA alone
    is computed in fp32.
    """

    IN_FP32 = (F.layer_norm, F.softmax, F.log_softmax, torch.softmax, torch.log_softmax, torch.Tensor.softmax)

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function is F.scaled_dot_product_attention:
            return _efficient_attention(*args, **kwargs)
        if function in self.IN_FP32 and torch.is_autocast_enabled("cpu"):
            args = [arg.float() if _is_half(arg) else arg for arg in args]
        return function(*args, **kwargs)


def _is_half(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.dtype == torch.bfloat16


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
