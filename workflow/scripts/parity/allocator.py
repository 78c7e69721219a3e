"""What glibc does with memory that torch gives back: keep it for the next tensor instead of asking the system anew."""

from __future__ import annotations

import ctypes

# Numbers of mallopt(3), from malloc.h.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
NEVER = 2**31 - 1
TOP_PAD_BYTES = 64 * 2**20
# The most that glibc allows; what is larger still comes from the system and goes back at once.
MMAP_BYTES = 32 * 2**20


def keep_freed_memory() -> bool:
    """From here on, this process keeps what it frees, and takes more from the system in pieces of 64 MB.

    By default tensors of more than 128 KB, later of up to 32 MB, come from the system page by page and go back when they are
    freed: their pages are then cleared and mapped again in every operation, which on a CPU takes longer than many operations
    themselves (docs/PERFORMANCE.md).

    Returns:
        whether the C library is one that can be told so (glibc); with another, nothing is changed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = {M_MMAP_THRESHOLD: MMAP_BYTES, M_TRIM_THRESHOLD: NEVER, M_TOP_PAD: TOP_PAD_BYTES}
    return all([mallopt(option, value) for option, value in settings.items()])
