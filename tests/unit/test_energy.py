"""parity.energy: joules off counters that are made up here, since neither RAPL nor NVML is on every machine."""

import gc
import importlib
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from patience import PATIENCE_SECONDS

from parity import energy
from parity.energy import CpuEnergy, GpuEnergy


class Powercap:
    """A folder as /sys/class/powercap is: two packages, a part of one, and the platform that holds them."""

    RANGE = 10_000_000

    def __init__(self, folder: Path):
        self.folder = folder
        for zone, name in {"0": "package-0", "1": "package-1", "2": "psys", "0:0": "core", "0:1": "dram"}.items():
            place = folder / f"intel-rapl:{zone}"
            place.mkdir(parents=True)
            (place / "name").write_text(f"{name}\n")
            (place / "max_energy_range_uj").write_text(f"{self.RANGE}\n")
            self.count(zone, 1_000_000)
        (folder / "intel-rapl-mmio:0").mkdir()
        (folder / "intel-rapl-mmio:0/name").write_text("package-0\n")

    def count(self, zone: str, microjoules: int) -> None:
        (self.folder / f"intel-rapl:{zone}" / "energy_uj").write_text(f"{microjoules}\n")


@pytest.fixture
def powercap(tmp_path):
    return Powercap(tmp_path / "powercap")


def test_joules_are_those_of_all_packages_and_of_nothing_else(powercap):
    meter = CpuEnergy(powercap.folder)
    assert meter.joules() == 0
    for zone, microjoules in {"0": 3_000_000, "1": 1_500_000, "2": 9_000_000, "0:0": 9_000_000, "0:1": 9_000_000}.items():
        powercap.count(zone, microjoules)
    assert meter.joules() == 2.5
    assert meter.joules() == 2.5


def test_a_counter_that_begins_again_goes_on_counting(powercap):
    powercap.count("0", 9_500_000)
    meter = CpuEnergy(powercap.folder)
    powercap.count("0", 250_000)
    meter.sample()
    powercap.count("0", 9_000_000)
    meter.sample()
    powercap.count("0", 1_000_000)
    assert meter.joules() == 0.75 + 8.75 + 2.0


def test_counters_are_read_in_between_so_that_none_goes_round_unseen(powercap, monkeypatch):
    monkeypatch.setattr(energy, "SAMPLE_SECONDS", 0.001)
    seen = threading.Event()
    original = CpuEnergy.sample
    monkeypatch.setattr(CpuEnergy, "sample", lambda meter: (original(meter), seen.set()))
    before = set(threading.enumerate())
    meter = CpuEnergy(powercap.folder)
    [watcher] = set(threading.enumerate()) - before
    assert seen.wait(PATIENCE_SECONDS)
    del meter
    gc.collect()
    watcher.join(PATIENCE_SECONDS)
    assert not watcher.is_alive()


def test_without_counters_joules_are_unknown_and_not_zero(tmp_path):
    before = threading.active_count()
    assert CpuEnergy(tmp_path / "none").joules() is None
    assert threading.active_count() == before


@pytest.mark.parametrize("when", ["at first", "later"])
def test_counters_that_may_not_be_read_are_unknown(powercap, when):
    def forbid():
        # Root reads what it may not: a folder in its place fails for everybody.
        path = powercap.folder / "intel-rapl:1/energy_uj"
        path.unlink()
        path.mkdir()

    if when == "at first":
        forbid()
    meter = CpuEnergy(powercap.folder)
    if when == "later":
        assert meter.joules() == 0
        forbid()
    assert meter.joules() is None
    assert meter.joules() is None


class NVMLError(Exception):
    pass


class Nvml:
    """What this package uses of nvidia-ml-py's module pynvml, for one GPU."""

    def __init__(self, counts=True, driver=True):
        self.module = SimpleNamespace(
            NVMLError=NVMLError,
            nvmlInit=lambda: None if driver else self.fail(),
            nvmlDeviceGetHandleByUUID=lambda uuid: uuid if uuid == "GPU-5d5b-91ac" else self.fail(),
            nvmlDeviceGetTotalEnergyConsumption=lambda handle: self.millijoules if counts else self.fail(),
        )
        self.millijoules = 123_456_000

    def fail(self):
        raise NVMLError


def test_a_gpus_joules_are_what_its_counter_went_on(monkeypatch):
    nvml = Nvml()
    monkeypatch.setitem(sys.modules, "pynvml", nvml.module)
    meter = GpuEnergy("5d5b-91ac")
    assert meter.joules() == 0
    nvml.millijoules += 1_500_250
    assert meter.joules() == 1500.25


def test_nvidias_own_module_has_what_is_asked_of_it():
    """All that a machine without a GPU can show; what a real counter says, no test has seen."""
    nvml = importlib.import_module("pynvml")
    assert issubclass(nvml.NVMLError, Exception)
    assert all(callable(getattr(nvml, name)) for name in vars(Nvml().module) if name != "NVMLError")
    assert GpuEnergy("5d5b-91ac").joules() is None


@pytest.mark.parametrize(
    ("nvml", "uuid"),
    [
        (None, "5d5b-91ac"),
        (Nvml(driver=False), "5d5b-91ac"),
        (Nvml(counts=False), "5d5b-91ac"),
        (Nvml(), "another"),
        (Nvml(), ""),
    ],
    ids=["no package", "no driver", "an old GPU", "another vendor's", "no uuid"],
)
def test_a_gpu_without_a_counter_is_unknown(monkeypatch, nvml, uuid):
    monkeypatch.setitem(sys.modules, "pynvml", nvml and nvml.module)
    assert GpuEnergy(uuid).joules() is None
