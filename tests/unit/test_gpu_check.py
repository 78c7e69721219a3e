"""make gpu-check, run on the CPU: real trainings, a real signal. What needs a GPU must say so; nothing stands in for one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ONLY = ("GPU", "Two jobs", "Precision auto", "bf16 against", "TF32", "twice", "SIGTERM", "gang")


@dataclass
class Checked:
    status: int
    said: str
    errors: str
    page: str

    def row(self, name: str) -> list[str]:
        """A check's cells: its name, state and figure."""
        (line,) = (line for line in self.page.splitlines() if line.startswith(f"| {name} "))
        return [cell.strip() for cell in line.strip("|").split("|")]


def gpu_check(output: Path, *options: str) -> Checked:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu_check", "--output", str(output), *options],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    return Checked(done.returncode, done.stdout, done.stderr, output.read_text() if output.exists() else "")


@pytest.fixture(scope="module")
def on_cpu(tmp_path_factory) -> Checked:
    """A run in which bf16 must be as good as fp32, which it is not."""
    output = tmp_path_factory.mktemp("check") / "page.md"
    only = [option for name in ONLY for option in ("--only", name)]
    return gpu_check(output, "--device", "cpu", "--small", "--bf16-tolerance", "0", *only)


def test_one_that_fails_is_the_exit_status_and_its_log_tells_why(on_cpu):
    assert on_cpu.status == 1, on_cpu.errors
    name, state, figure, _ = on_cpu.row("bf16 against fp32")
    assert state == "FAILED" and re.match(r"greatest relative difference of a loss 0\.0\d+ \(at most 0\)", figure)
    log = Path(re.search(r"\(([^()]*\.log)\)", figure)[1]).read_text()
    assert "Traceback" in log and "lora-bf16 seed 1: step 10/10" in log
    assert f"{name}: FAILED: {figure}" in on_cpu.said


def test_the_others_are_done_all_the_same(on_cpu):
    assert on_cpu.row("Precision auto")[1:3] in (["ok", "fp32 on cpu"], ["ok", "bf16 on cpu"])
    assert on_cpu.row("The same run twice")[1:3] == ["ok", "the same loss curve"]
    _, state, figure, _ = on_cpu.row("Cut by SIGTERM and resumed")
    assert state == "ok"
    assert re.fullmatch(r"cut at step \d+; losses differ by 0 \(at most 0\), the same weights", figure)


@pytest.mark.parametrize("method", ["LoRA", "full"])
def test_gangs_are_checked_and_timed(on_cpu, method):
    _, state, figure, _ = on_cpu.row(f"Seeds in a gang, {method}")
    assert state == "ok" and re.fullmatch(r"greatest relative difference of a loss \S+e-\d+ \(at most 0\.001\)", figure)
    _, state, figure, _ = on_cpu.row(f"Speed of gangs, {method}")
    assert state == "ok"
    speeds = r"alone \d+ seeds/h; times as fast: 2 in a gang \d+\.\d\d, 2 at once \d+\.\d\d"
    chosen = r"auto of 2: (together|one by one), since batches together are \d+\.\d\d times as fast as one by one"
    assert re.fullmatch(f"{speeds}, {chosen}", figure)


@pytest.mark.parametrize("name", ["GPU of a job", "Two jobs at once", "GPU of a killed job", "Two jobs on one GPU", "TF32"])
def test_what_needs_a_gpu_says_so(on_cpu, name):
    assert on_cpu.row(name)[1:3] == ["skipped", "needs a GPU"]
    assert f"{name}: skipped: needs a GPU" in on_cpu.said


def test_the_table_is_headed_by_what_computed(on_cpu):
    header = on_cpu.page.split("\n\n")[0]
    assert re.search(
        r"- Device: cpu \(small sizes.*\n- Driver: none, CUDA none\n- torch: \d+\.\d+.*\n- Date: \d{4}-\d\d-\d\d", header
    )
    assert on_cpu.page in on_cpu.said


def test_without_a_gpu_it_says_what_to_do(tmp_path):
    if Path("/dev/nvidiactl").exists() or Path("/dev/kfd").exists():
        pytest.skip("there is a GPU here")
    checked = gpu_check(tmp_path / "page.md")
    assert checked.status == 1 and not checked.page
    assert "There is no GPU here, or none is visible. The same checks on the CPU: --device cpu" in checked.errors
