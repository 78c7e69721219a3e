"""parity.costs, parity.token_counts and parity.speed: what a job took, of all its attempts and processes."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from parity import costs, job, speed
from parity.costs import Meter, total
from parity.files import write_json
from parity.job import LOADED, STARTED, job_started, left_out, libraries_loaded
from parity.speed import speed_of
from parity.token_counts import IGNORED, TokenCounts, padding_share

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


class Clock:
    """Time that goes on by hand, the same for everybody."""

    def __init__(self, monkeypatch):
        self.now = 5000.0
        fake = SimpleNamespace(time=lambda: self.now, perf_counter=lambda: self.now)
        monkeypatch.setattr(costs, "time", fake)
        monkeypatch.setattr(job, "time", fake)

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setenv(STARTED, "4990")
    monkeypatch.delenv(LOADED, raising=False)
    return Clock(monkeypatch)


@pytest.fixture
def no_counters(monkeypatch):
    monkeypatch.setattr(costs, "CpuEnergy", lambda: SimpleNamespace(joules=lambda: None))


def test_a_job_begins_with_its_process(monkeypatch):
    monkeypatch.delenv(STARTED, raising=False)
    before = time.time()
    code = "from parity.job import job_started; print(job_started())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True, check=True
    )
    # The kernel counts in hundredths of a second.
    assert before - 0.02 <= float(done.stdout) <= time.time()
    assert job_started() < before


def test_a_process_that_was_kept_ready_says_when_its_job_began(monkeypatch):
    monkeypatch.setenv(STARTED, "1234.5")
    assert job_started() == 1234.5


def test_what_is_waited_for_gpus_is_no_time_of_the_job(clock, no_counters):
    with left_out():
        clock.wait(600)
    clock.wait(5)
    assert Meter().costs()["seconds_by_phase"] == {"start_up": 15, "load": 0}


def test_start_up_ends_where_the_libraries_are_loaded_for_the_meter_that_comes_next(clock, no_counters):
    libraries_loaded()
    clock.wait(3)
    assert Meter().costs()["seconds_by_phase"] == {"start_up": 10, "load": 3}
    clock.wait(1)
    assert Meter().costs()["seconds_by_phase"] == {"start_up": 14, "load": 0}


def test_seconds_go_to_the_phase_under_way(clock, no_counters):
    meter = Meter()
    clock.wait(2)
    meter.begin("train")
    clock.wait(30)
    with pytest.raises(KeyError), meter.during("evaluate"):
        clock.wait(4)
        raise KeyError
    clock.wait(60)
    # Asking changes nothing.
    assert meter.costs()["seconds_by_phase"]["train"] == 90
    clock.wait(1)
    found = meter.costs()["seconds_by_phase"]
    assert found == {"start_up": 10, "load": 2, "train": 91, "evaluate": 4}


def test_an_attempt_goes_on_from_the_costs_of_the_one_before(clock, monkeypatch):
    monkeypatch.setattr(costs, "CpuEnergy", lambda: SimpleNamespace(joules=lambda: 7.5))
    meter = Meter()
    meter.begin("train")
    meter.carry(
        {
            "seconds_by_phase": {"start_up": 1.0, "load": 2.0, "train": 3.0, "evaluate": 4.0},
            "peak_host_bytes": 10**15,
            "peak_gpu_bytes": 10**12,
            "gpu_hours": 2.5,
            "gpu_energy_joules": None,
            "cpu_energy_joules": 100.0,
        }
    )
    clock.wait(30)
    assert meter.costs() == {
        "seconds_by_phase": {"start_up": 11, "load": 2, "train": 33, "evaluate": 4},
        "peak_host_bytes": 10**15,
        "peak_gpu_bytes": 10**12,
        "gpu_hours": 2.5,
        "gpu_energy_joules": None,
        "cpu_energy_joules": 107.5,
    }


def test_several_processes_add_up_on_the_machine_and_each_has_a_gpu(clock, no_counters, monkeypatch):
    monkeypatch.setattr(costs, "GpuEnergy", lambda uuid: SimpleNamespace(joules=lambda: {"a-gpu": 40.0}[uuid]))
    monkeypatch.setattr(costs, "_device_uuid", lambda: "a-gpu")
    monkeypatch.setattr(costs, "_peak_gpu_bytes", lambda: 500)
    monkeypatch.setattr(costs, "_peak_host_bytes", lambda: 1000)
    meter = Meter(on_gpu=True)
    clock.wait(1790)
    found = meter.costs(lambda mine: [mine, {"host": 3000, "gpu": 900, "joules": 60.0}])
    assert found == {
        "seconds_by_phase": {"start_up": 10, "load": 1790},
        "peak_host_bytes": 4000,
        "peak_gpu_bytes": 900,
        # Half an hour on two GPUs.
        "gpu_hours": 1.0,
        "gpu_energy_joules": 100.0,
        "cpu_energy_joules": None,
    }


def test_without_a_gpu_there_are_no_gpu_hours_and_no_figures_of_one():
    found = Meter().costs()
    assert (found["gpu_hours"], found["peak_gpu_bytes"], found["gpu_energy_joules"]) == (0, None, None)


def test_the_peak_is_this_processs_own_and_falls_no_more():
    room = bytearray(50_000_000)
    room[::4096] = b"x" * len(room[::4096])
    held = Meter().costs()["peak_host_bytes"]
    del room
    # The kernel counts in parts of a few pages a processor.
    assert Meter().costs()["peak_host_bytes"] > held - 2**22 > 50_000_000


def test_a_sum_of_which_a_part_is_unknown_is_unknown():
    assert total([1.5, 2.25]) == 3.75
    assert total([1.5, None]) is None


def batch(sources: list[int], targets: list[int], width: int = 0) -> dict[str, torch.Tensor]:
    """A padded batch of these lengths."""
    longest = max(*sources, width)
    mask = torch.tensor([[1] * n + [0] * (longest - n) for n in sources])
    labels = torch.tensor([[7] * n + [IGNORED] * (max(targets) - n) for n in targets])
    return {"input_ids": mask * 5, "attention_mask": mask, "labels": labels}


SUMS = {
    "step": 2,
    "example": 3,
    "source": 10 + 4 + 6,
    "target": 3 + 2 + 1,
    "source_squared": 100 + 16 + 36,
    "source_target": 30 + 8 + 6,
    "target_squared": 9 + 4 + 1,
    "computed": 2 * (10 + 3) + 8 + 1,
}


def counted(*batches: dict) -> TokenCounts:
    counts = TokenCounts()
    for inputs in batches:
        counts.add_batch(inputs)
    return counts


def test_tokens_are_counted_without_padding_and_computed_ones_with_it():
    counts = counted(batch([10, 4], [3, 2]), batch([6], [1], width=8))
    assert counts.sums() == SUMS
    assert padding_share(SUMS) == pytest.approx(1 - 26 / 35, abs=1e-6)


def test_nothing_counted_has_no_share():
    assert set(TokenCounts().sums().values()) == {0}
    assert padding_share(TokenCounts().sums()) is None


def test_an_example_with_nothing_to_predict_is_padding():
    blank = {"input_ids": torch.tensor([[5]]), "attention_mask": torch.tensor([[1]]), "labels": torch.tensor([[IGNORED]])}
    found = counted(batch([10, 4], [3, 2]), blank).sums()
    assert found == counted(batch([10, 4], [3, 2])).sums() | {"step": 2, "computed": 26 + 2}


def test_counts_are_of_all_processes_and_attempts():
    parts = [counted(batch([10, 4], [3, 2])), counted(batch([6], [1], width=8))]
    other = parts[1].sums()
    assert parts[0].sums(lambda mine: [mine, other]) == SUMS
    parts[0].carry(other)
    assert parts[0].sums() == SUMS


FACTORS = {
    "forward": dict(zip(list(SUMS)[:-1], (1, 10, 100, 1000, 2, 3, 4), strict=True)),
    "backward": dict(zip(list(SUMS)[:-1], (2, 20, 200, 2000, 4, 6, 8), strict=True)),
}
FORWARD = 2 + 30 + 2000 + 6000 + 2 * 152 + 3 * 44 + 4 * 14


@pytest.fixture
def checked(tmp_path, monkeypatch) -> str:
    monkeypatch.setattr(speed, "matmul_flops", {"bf16": 5e4}.__getitem__)
    write_json(tmp_path / "check.json", {"lora": {"flops": FACTORS}, "older": {}})
    return str(tmp_path / "check.json")


def record(stage: str, seconds: float = 2.0, **more) -> dict:
    return {"precision": "bf16", "token_sums": SUMS, "seconds_by_phase": {stage: seconds, "load": 99.0}} | more


def test_a_trainings_speed_is_of_its_steps_alone(checked):
    assert speed_of(record("train", processes=2), "train", checked, "lora") == {
        "examples_per_second": 1.5,
        "tokens_per_second": 13.0,
        "peak_flops_per_second": 100_000,
        "model_flops": 3 * FORWARD,
        "model_flops_utilisation": round(3 * FORWARD / 2 / 1e5, 6),
    }


def test_a_generations_tokens_are_those_written_and_every_beam_writes(checked):
    found = speed_of(record("generate"), "generate", checked, "lora", beams=3)
    assert (found["examples_per_second"], found["tokens_per_second"], found["peak_flops_per_second"]) == (1.5, 3.0, 50_000)
    # A token looks at itself and what was written before: of 3 tokens 1, 2 and 3, of 2 tokens 1 and 2.
    assert found["model_flops"] == 2 + 30 + 2000 + 2 * 152 + 3 * (6000 + 3 * 44 + 4 * (6 + 3 + 1))


@pytest.mark.parametrize("name", ["without a check", "older"])
def test_what_is_not_known_is_null(checked, name):
    found = speed_of(record("train"), "train", None if name == "without a check" else checked, name)
    assert (found["model_flops"], found["model_flops_utilisation"]) == (None, None)
    assert found["tokens_per_second"] == 13.0


def test_a_training_that_took_no_time_has_no_rates(checked):
    found = speed_of(record("train", seconds=0.0), "train", checked, "lora")
    assert (found["examples_per_second"], found["tokens_per_second"], found["model_flops_utilisation"]) == (None, None, None)
