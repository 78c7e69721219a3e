"""What a job costs: its seconds by phase, its peak memory, the GPUs that it held and the energy that was taken meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .energy import CpuEnergy, GpuEnergy
from .job import LOADED, job_started

START_UP, LOAD = "start_up", "load"


class Meter:
    """Counts a job's costs from the end of its start-up on, and what it is told of earlier attempts.

    At any time one phase is under way, so that the phases' seconds add up to the job's. `start_up` is all of the job before
    its libraries were loaded, or this is made where nobody said so, but for what was waited for GPUs.
    """

    def __init__(self, on_gpu: bool = False):
        """
        Args:
            on_gpu: whether this process computes on the CUDA device at hand.
        """
        now = time.time()
        # For one meter alone: what came before a second one is more than libraries.
        loaded = float(os.environ.pop(LOADED, now))
        self._seconds = {START_UP: max(0.0, loaded - job_started()), LOAD: now - loaded}
        self._phase, self._since = LOAD, time.perf_counter()
        self._cpu = CpuEnergy()
        self._on_gpu = on_gpu
        self._gpu = GpuEnergy(_device_uuid()) if on_gpu else None
        self._carried: dict[str, Any] = {}

    def begin(self, phase: str) -> None:
        """From now on time counts for this phase; at first it does for `load`."""
        now = time.perf_counter()
        self._seconds[self._phase] = self._seconds.get(self._phase, 0.0) + now - self._since
        self._phase, self._since = phase, now

    def pause(self) -> None:
        """Until `go_on`, time is somebody else's: another run's of the same process."""
        self.begin(self._phase)

    def go_on(self, seconds: float = 0.0) -> None:
        """End a pause, of which so many seconds count for the phase under way."""
        self._seconds[self._phase] = self._seconds.get(self._phase, 0.0) + seconds
        self._since = time.perf_counter()

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """What is done inside counts for this phase, and what follows for the one before."""
        before = self._phase
        self.begin(phase)
        try:
            yield
        finally:
            self.begin(before)

    def carry(self, costs: dict[str, Any]) -> None:
        """Go on from what `costs` said in an earlier attempt."""
        self._carried = dict(costs)

    def costs(self, gathered: Callable[[Any], list] = lambda value: [value]) -> dict[str, Any]:
        """The costs so far, of all attempts and, where a run has several processes, of all of them.

        Args:
            gathered: as Ranks.gathered.
        Returns:
            seconds_by_phase: of the first process, which the others keep step with.
            peak_host_bytes: of the machine's memory, the processes' peaks added up.
            peak_gpu_bytes: tensors on the GPU that held most; None without one.
            gpu_hours: hours of the job times its GPUs.
            gpu_energy_joules, cpu_energy_joules: of the run's GPUs and of all CPU packages of the machine; None where no
                counter can be read.
        """
        self.begin(self._phase)
        mine = {
            "host": _peak_host_bytes(),
            "gpu": _peak_gpu_bytes() if self._on_gpu else 0,
            "joules": self._gpu.joules() if self._gpu else None,
        }
        everyone, before = gathered(mine), self._carried
        hours = sum(self._seconds.values()) * len(everyone) / 3600 if self._on_gpu else 0.0
        past = before.get("seconds_by_phase", {})
        return {
            "seconds_by_phase": {
                phase: round(past.get(phase, 0.0) + self._seconds.get(phase, 0.0), 3) for phase in {**past, **self._seconds}
            },
            "peak_host_bytes": max(before.get("peak_host_bytes", 0), sum(each["host"] for each in everyone)),
            "peak_gpu_bytes": max([before.get("peak_gpu_bytes") or 0, *(each["gpu"] for each in everyone)]) or None,
            "gpu_hours": round(before.get("gpu_hours", 0.0) + hours, 6),
            "gpu_energy_joules": total([before.get("gpu_energy_joules", 0.0), *(each["joules"] for each in everyone)]),
            "cpu_energy_joules": total([before.get("cpu_energy_joules", 0.0), self._cpu.joules()]),
        }


def total(values: list[float | None]) -> float | None:
    """The sum; None where one of them is not known."""
    return None if None in values else round(sum(values), 3)


def _peak_host_bytes() -> int:
    """The most of this process's pages that were in memory, mapped files and those of its start included (proc(5), VmHWM)."""
    # Not getrusage: its figure begins at the size of the process that started this one.
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


# Only what computes on a GPU loads torch.
def _peak_gpu_bytes() -> int:
    import torch

    return torch.cuda.max_memory_allocated()


def _device_uuid() -> str:
    import torch

    return str(getattr(torch.cuda.get_device_properties(torch.cuda.current_device()), "uuid", ""))
