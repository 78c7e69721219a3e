"""The electricity that a machine's CPUs and a run's GPU took, where their own counters can be read.

A counter is of the whole device: whatever else computes there meanwhile is in it.
"""

from __future__ import annotations

import importlib
import threading
import weakref
from pathlib import Path
from types import ModuleType

# Of Linux: documented in its Documentation/power/powercap/powercap.rst. AMD's processors are counted there under the same name.
POWERCAP = Path("/sys/class/powercap")
# The smallest counters (65 kJ) begin again after about two minutes at 500 W.
SAMPLE_SECONDS = 20


class CpuEnergy:
    """Joules that all CPU packages took since this was made, by RAPL: cores, caches and what else is in the package, not the memory."""

    def __init__(self, folder: Path = POWERCAP):
        self._packages = [zone for zone in sorted(folder.glob("intel-rapl:*")) if _is_package(zone)]
        self._microjoules = 0
        self._lock = threading.Lock()
        self._before = self._read()
        if self._before:
            threading.Thread(target=_watch, args=(weakref.ref(self),), daemon=True).start()

    def sample(self) -> None:
        """Add what was taken since the last time: to be called before a counter has gone round twice."""
        with self._lock:
            now = self._read()
            for (before, _), (after, most) in zip(self._before, now, strict=False):
                self._microjoules += after - before if after >= before else most - before + after
            self._before = now

    def joules(self) -> float | None:
        """None where there is no counter, or it may not be read (on most machines only root may)."""
        if not self._before:
            return None
        self.sample()
        return self._microjoules / 1e6 if self._before else None

    def _read(self) -> list[tuple[int, int]]:
        """Each package's counter and its largest value, in microjoules; nothing where one cannot be read."""
        try:
            return [
                tuple(int((zone / name).read_text()) for name in ("energy_uj", "max_energy_range_uj")) for zone in self._packages
            ]
        except (OSError, ValueError):
            return []


class GpuEnergy:
    """Joules that one NVIDIA GPU took since this was made, by NVML: the whole board."""

    def __init__(self, uuid: str):
        """
        Args:
            uuid: as torch gives it, without "GPU-" in front.
        """
        self._uuid = uuid
        self._start = self._millijoules()

    def joules(self) -> float | None:
        """None where NVML is missing (nvidia-ml-py, or the driver), or the GPU has no counter: it is older than Volta, or AMD's."""
        now = None if self._start is None else self._millijoules()
        return None if now is None else (now - self._start) / 1e3

    def _millijoules(self) -> int | None:
        if (nvml := _nvml()) is None:
            return None
        try:
            nvml.nvmlInit()
            return nvml.nvmlDeviceGetTotalEnergyConsumption(nvml.nvmlDeviceGetHandleByUUID(f"GPU-{self._uuid}"))
        except nvml.NVMLError:
            return None


def _is_package(zone: Path) -> bool:
    """A zone that counts a package: not a part of one (intel-rapl:0:0), nor the whole platform (psys), which holds the packages."""
    try:
        return zone.name.count(":") == 1 and (zone / "name").read_text().startswith("package")
    except OSError:
        return False


def _watch(meter: weakref.ref[CpuEnergy]) -> None:
    pause = threading.Event()
    while not pause.wait(SAMPLE_SECONDS):
        alive = meter()
        if alive is None:
            return
        alive.sample()
        del alive


def _nvml() -> ModuleType | None:
    try:
        return importlib.import_module("pynvml")
    except ImportError:
        return None
