"""Whether a gang's batches go through the base together or one by one: as is faster on this device, tried step by step in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import fmean

import torch

# Steps of each way: the first load kernels and find their memory, and so many more are timed.
UNCOUNTED, COUNTED = 3, 20


class Pace:
    """Tries both ways in turn, so that a slow moment or long batches meet both, and stays with the faster.

    What is tried is training itself: no step is wasted. Both ways give each seed the run that it would have been alone.

    Args:
        uncounted: steps of each way that come first and are not counted; counted: those that are.
        clock: seconds.
    Attributes:
        together: how the next step is to be computed.
    """

    def __init__(self, uncounted: int = UNCOUNTED, counted: int = COUNTED, clock: Callable[[], float] = time.perf_counter):
        self.together = True
        self._uncounted, self._counted, self._clock = uncounted, counted, clock
        self._seconds: dict[bool, list[float]] = {True: [], False: []}

    @property
    def is_decided(self) -> bool:
        return all(len(tried) == self._uncounted + self._counted for tried in self._seconds.values())

    @contextmanager
    def step(self, n_seeds: int, device: torch.device) -> Iterator[None]:
        """Around a step of training that is computed as `together` says."""
        if self.is_decided:
            yield
            return
        _wait_for(device)
        began = self._clock()
        yield
        _wait_for(device)
        self._seconds[self.together].append((self._clock() - began) / n_seeds)
        if not self.is_decided:
            self.together = not self.together
            return
        together, one_by_one = self._mean(True), self._mean(False)
        self.together = together <= one_by_one
        print(
            f"Seeds are trained {'together' if self.together else 'one by one'}: a step of a seed takes {1000 * together:.1f} ms "
            f"together and {1000 * one_by_one:.1f} ms one by one ({self._counted} steps of each, in turn)",
            flush=True,
        )

    def record(self) -> dict | None:
        """What was found: `together`, and the mean seconds of a seed's step both ways; None where no decision was reached."""
        if not self.is_decided:
            return None
        return {
            "together": self.together,
            "seconds_together": self._mean(True),
            "seconds_one_by_one": self._mean(False),
            "steps_of_each": self._counted,
        }

    def _mean(self, together: bool) -> float:
        return fmean(self._seconds[together][self._uncounted :])


def _wait_for(device: torch.device) -> None:
    """Until the device has done what it was told: a GPU's work goes on when the call that asked for it has returned."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
