"""Telling too little memory from other errors."""

from __future__ import annotations

from accelerate.utils.memory import should_reduce_batch_size


def is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, Exception) and should_reduce_batch_size(error)
