"""parity.companions, with real processes that are killed. One that sleeps stands for one that waits on a GPU, which none is here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS

from parity.files import write_json

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
# Blocks signals and never returns to the interpreter by itself, as a wait for NCCL.
WAITING = """
import ctypes, signal, sys
from pathlib import Path
from parity.companions import end_with_others
from parity.training_process import _is_missed
folder = Path(sys.argv[1])
signal.signal(signal.SIGTERM, lambda *_: None)
end_with_others(folder, int(sys.argv[2]), lambda other: _is_missed(folder, other))
print("waits", flush=True)
ctypes.CDLL(None).sleep(600)
ctypes.CDLL(None).sleep(600)
"""


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(rank: int) -> subprocess.Popen:
        command = [sys.executable, "-c", WAITING, str(tmp_path), str(rank)]
        environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == "waits\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("outcome", [None, {"error": "OutOfMemory"}, {"error": "RuntimeError"}])
def test_a_process_ends_when_another_has_failed_or_was_killed(start, tmp_path, outcome):
    first, second = start(0), start(1)
    if outcome:
        write_json(tmp_path / "outcome-1.json", outcome | {"arguments": ["..."]})
    assert first.poll() is None
    second.kill()
    assert first.wait(PATIENCE_SECONDS) == 1


@pytest.mark.parametrize("outcome", [{"record": {}}, {"error": "Interrupted", "arguments": ["SIGTERM"]}])
def test_a_process_goes_on_when_another_has_come_to_its_end(start, tmp_path, outcome):
    first, second = start(0), start(1)
    write_json(tmp_path / "outcome-1.json", outcome)
    second.kill()
    second.wait()
    time.sleep(2)
    assert first.poll() is None
