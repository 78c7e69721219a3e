"""One run on several processes: two of them on this machine's CPU, over gloo, started and watched as on GPUs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest
from patience import PATIENCE_SECONDS
from test_split_batches import curve, steady_model  # noqa: F401
from test_training import BLOCKS, RATES, TRAIN, WEIGHTS, load_saved, summaries_of
from torch.distributed.elastic.multiprocessing.errors import ProcessFailure

from parity.errors import InputError
from parity.files import write_json
from parity.launch import OutOfMemory, _failure, train
from parity.training_process import Request

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
# In a process of its own, as a job is: it can be told to end, and killed.
JOB = """
import json, sys
from parity.errors import Interrupted
from parity.launch import train
from parity.training_process import Request
try:
    record = train(Request(**json.loads(sys.argv[1])))
except Interrupted as error:
    sys.exit(str(error))
open(sys.argv[2], "w").write(json.dumps(record))
"""


@pytest.fixture(scope="module")
def tokens_folder(tokens, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("launch") / "tokens"
    tokens.save_to_disk(folder)
    return str(folder)


@pytest.fixture
def request_of(tokens_folder, tiny_model, tmp_path):
    """A request for a run on two processes, by the method's name and settings of its train block."""

    def make(name: str, out: str, model: str = tiny_model, seconds: float = 0, **settings) -> Request:
        # Seven examples a step of twelve: the last step of an epoch has five, which two processes cannot share evenly.
        rate = {"learning_rate": RATES.get(name, 0.02), "batch_size": 8, "num_train_epochs": 2, "gpus_per_run": 2}
        block = BLOCKS[name] | {"train": TRAIN | rate | settings}
        place = {"folder": str(tmp_path / "checkpoints"), "study": "study", "method": name, "seed": 1, "key": out}
        return Request(name, 1, block, model, tokens_folder, str(tmp_path / out), place, seconds, 1)

    return make


def weights_of(request: Request) -> bytes:
    return (Path(request.out) / WEIGHTS[request.name]).read_bytes()


def alone(request: Request) -> Request:
    settings = request.block["train"] | {"gpus_per_run": 1, "fsdp": False}
    return replace(request, block=request.block | {"train": settings}, out=f"{request.out}-alone")


@pytest.mark.parametrize(("name", "settings"), [
    ("full", {}),
    ("full", {"fsdp": True, "gradient_accumulation_steps": 2}),
    ("LORA", {"gradient_accumulation_steps": 4, "optim": "adafactor"}),
    ("LORA", {"fsdp": True, "label_smoothing_factor": 0.1}),
    ("PREFIX_TUNING", {}),
    ("QLORA", {"gradient_accumulation_steps": 2}),
])  # fmt: skip
def test_two_processes_learn_what_one_does(request_of, steady_model, tiny_model, tokens, name, settings):  # noqa: F811
    # Adam turns rounding in a gradient of nearly zero into a whole step: small steps, as a real study takes.
    request = request_of(name, "two", steady_model, learning_rate=1e-3, **settings)
    together, single = train(request), train(alone(request))
    assert curve(together) == pytest.approx(curve(single), abs=1e-5)
    assert together["processes"] == 2
    for key in ("steps", "input_tokens", "bytes_on_disk", "parameters", "trainable"):
        assert together[key] == single[key], key
    texts = [summaries_of(load_saved(name, steady_model, run.out), steady_model, tokens) for run in (request, alone(request))]
    assert texts[0] == texts[1]


class Job:
    """A training in a process of its own, and the processes that it starts."""

    def __init__(self, request: Request, tmp_path: Path):
        self.record = tmp_path / f"record-{time.monotonic_ns()}.json"
        self.checkpoints = Path(request.checkpoints["folder"])
        environment = os.environ | {"PYTHONPATH": str(SCRIPTS), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            ["env", "--default-signal=INT", sys.executable, "-c", JOB, json.dumps(asdict(request)), str(self.record)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_checkpoint(self) -> None:
        # Not any depth below: folders that are being written and cleared away are gone while they are walked through.
        while not list(self.checkpoints.glob("*/*/seed-*/*/checkpoint-*/manifest.json")):
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.01)

    def ranks(self) -> dict[int, psutil.Process]:
        """By their numbers, the processes that train."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return {int(child.environ()["RANK"]): child for child in children if "parity.training_process" in child.cmdline()}

    def wait(self) -> tuple[int, str]:
        """Its exit status, and what it said at last."""
        output = self.process.communicate(timeout=PATIENCE_SECONDS)[1]
        return self.process.returncode, output

    def resumed(self) -> list[dict]:
        assert self.wait()[0] == 0
        return json.loads(self.record.read_text())["resumed"]


@pytest.fixture(scope="module")
def uncut() -> Callable[[Request], bytes]:
    """The weights of a request's run that nothing disturbed."""
    known = {}

    def weights(request: Request) -> bytes:
        key = json.dumps(request.block)
        if key not in known:
            other = replace(request, out=f"{request.out}-uncut", checkpoints=request.checkpoints | {"key": "uncut"})
            train(other)
            known[key] = weights_of(other)
        return known[key]

    return weights


def assert_goes_on(request: Request, tmp_path: Path, said: str) -> None:
    """The next attempt goes on from the checkpoint that the last one named."""
    step = int(re.search(r"goes on from the checkpoint of step (\d+)", said).group(1))
    assert Job(request, tmp_path).resumed() == [{"step": step}]


@pytest.mark.parametrize(("name", "settings"), [("full", {}), ("LORA", {"fsdp": True})])
def test_a_killed_process_ends_the_run_which_goes_on_from_its_checkpoint(request_of, uncut, tmp_path, name, settings):
    # With dropout, whose masks each process draws from a random state of its own.
    request = request_of(name, "killed", num_train_epochs=8, seconds=1e-9, **settings)
    job = Job(request, tmp_path)
    job.wait_checkpoint()
    job.ranks()[1].kill()
    status, said = job.wait()
    assert status == 1 and not job.record.exists() and not Path(request.out).exists()
    assert "Process 1 of 2 was ended by SIGKILL" in said
    assert_goes_on(request, tmp_path, said)
    assert weights_of(request) == uncut(request)


def test_a_signal_ends_all_processes_with_one_checkpoint(request_of, uncut, tmp_path):
    request = request_of("full", "told", num_train_epochs=8, seconds=1e-9)
    job = Job(request, tmp_path)
    job.wait_checkpoint()
    job.process.send_signal(signal.SIGTERM)
    status, said = job.wait()
    assert status == 1 and not job.record.exists()
    assert re.search(r"SIGTERM at step \d+ of 16", said), said
    assert_goes_on(request, tmp_path, said)
    assert weights_of(request) == uncut(request)


def test_processes_whose_job_is_killed_end_by_themselves(request_of, tmp_path):
    request = request_of("LORA", "orphans", num_train_epochs=300, seconds=1e-9)
    job = Job(request, tmp_path)
    job.wait_checkpoint()
    ranks = job.ranks()
    assert sorted(ranks) == [0, 1]
    job.process.kill()
    _, alive = psutil.wait_procs(ranks.values(), timeout=PATIENCE_SECONDS)
    assert not alive
    assert not Path(request.out).exists()


def test_what_is_wrong_with_the_input_is_said_as_by_a_single_process(request_of):
    request = request_of("full", "nan", learning_rate=1e30, max_grad_norm=0, num_train_epochs=4)
    messages = []
    for each in (request, alone(request)):
        with pytest.raises(InputError, match=r"methods.full.train.learning_rate = 1e\+30: .* infinite or NaN") as error:
            train(each)
        messages.append(str(error.value))
    assert messages[0] == messages[1]


def test_a_process_that_had_to_be_killed_does_not_hide_that_another_had_too_little_memory(request_of, tmp_path):
    """The failures are made up: on GPUs, a process that waits for another one does not end by itself."""
    write_json(tmp_path / "outcome-1.json", {"error": "OutOfMemory", "arguments": ["CUDA out of memory. Tried ..."]})
    failures = {rank: ProcessFailure(rank, 4711 + rank, code, "") for rank, code in ((1, 1), (0, -9))}
    assert isinstance(_failure(request_of("full", "short"), tmp_path, failures), OutOfMemory)
