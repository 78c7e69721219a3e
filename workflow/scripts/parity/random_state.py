"""The state of every generator that a training draws from."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def random_state() -> tuple:
    """Of Python's, numpy's, torch's and the GPU's global generator."""
    on_gpu = torch.cuda.get_rng_state() if torch.cuda.is_available() else None
    return random.getstate(), np.random.get_state(), torch.get_rng_state(), on_gpu


def set_random_state(state: tuple) -> None:
    """Make the generators go on from what `random_state` returned."""
    of_python, of_numpy, of_torch, on_gpu = state
    random.setstate(of_python)
    np.random.set_state(of_numpy)
    torch.set_rng_state(of_torch)
    if on_gpu is not None:
        torch.cuda.set_rng_state(on_gpu)


@contextmanager
def kept_random_state() -> Iterator[None]:
    """What is drawn inside is as if it had not been."""
    before = random_state()
    try:
        yield
    finally:
        set_random_state(before)
