"""Training a run: in this process or in several, and in smaller parts where a batch does not fit into memory."""

from __future__ import annotations

import gc
import os
import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from . import training_process
from .checkpoints import Checkpoints, step_of
from .companions import STARTER_VARIABLE
from .errors import InputError, Interrupted
from .shortage import is_out_of_memory
from .training_process import Request, outcome_of

# What processes that are told to end get for their checkpoint, where nobody else is less patient.
STOP_SECONDS = 120


class OutOfMemory(RuntimeError):
    """A process of a run had too little memory for its part of a batch."""


def train(request: Request) -> dict:
    """Train a run; where a batch does not fit into memory, again and again in smaller parts, which give the same batch.

    Returns:
        The record for train.json, see train_run; its `gradient_accumulation_steps` are those that it came to.
    Raises:
        InputError: as train_run says, or not even one example fits.
        Interrupted: as train_run says, or a process of the run was killed.
    """
    asked = _settings(request)
    while True:
        try:
            record = _train_in_processes(request) if asked["gpus_per_run"] > 1 else request.train()
            return record | {"settings": asked}
        except RuntimeError as error:
            if not (isinstance(error, OutOfMemory) or is_out_of_memory(error)):
                raise
            problem = str(error).splitlines()[0]
        # Here the error, which holds on to the model, is gone.
        gc.collect()
        torch.cuda.empty_cache()
        request = _in_smaller_parts(request, problem)


def _settings(request: Request) -> dict:
    return request.block["train"]


def _in_smaller_parts(request: Request, problem: str) -> Request:
    settings = _settings(request)
    share = settings["batch_size"] // settings["gpus_per_run"]
    parts = next((n for n in range(settings["gradient_accumulation_steps"] + 1, share + 1) if share % n == 0), None)
    if parts is None:
        raise InputError(
            f"methods.{request.name}.train.batch_size = {settings['batch_size']}",
            f"not even one example at a time fits into memory ({problem})",
            "Set gradient_checkpointing: true, a smaller max_source_length, or fsdp with more gpus_per_run",
        )
    print(
        f"{request.name} seed {request.seed}: {share // settings['gradient_accumulation_steps']} examples at a time do not fit "
        f"into memory ({problem}). Now {share // parts} at a time, gradient_accumulation_steps {parts}; a step's batch is "
        f"still {settings['batch_size']} examples",
        flush=True,
    )
    return replace(request, block=request.block | {"train": settings | {"gradient_accumulation_steps": parts}})


def _train_in_processes(request: Request) -> dict:
    """Start the run's processes, watch them, and end all when one has ended badly."""
    with tempfile.TemporaryDirectory(prefix="parity-") as scratch:
        folder = Path(scratch)
        request.write(folder)
        launch = elastic_launch(_launch_config(_settings(request)["gpus_per_run"], folder), sys.executable)
        try:
            with _package_on_path():
                launch("-m", training_process.__name__, scratch)
        except ChildFailedError as failed:
            raise _failure(request, folder, failed.failures) from None
        except SignalException as told:
            # The processes were told, too, and had time for their checkpoint.
            outcome = outcome_of(folder, 0)
            if outcome is None or "record" in outcome:
                raise _interrupted(request, f"{signal.Signals(told.sigval).name} came") from None
        else:
            outcome = outcome_of(folder, 0)
    if "record" in outcome:
        return outcome["record"]
    raise _error_of(outcome)


def _launch_config(processes: int, folder: Path) -> LaunchConfig:
    # A job that its shell started with Ctrl-C ignored goes on ignoring it.
    signals = [each for each in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(each) is not signal.SIG_IGN]
    return LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        local_addr="localhost",
        max_restarts=0,
        logs_specs=DefaultLogsSpecs(log_dir=str(folder)),
        signals_to_handle=",".join(each.name for each in signals),
        shutdown_timeout=STOP_SECONDS,
    )


@contextmanager
def _package_on_path() -> Iterator[None]:
    """Let the processes find this package, wherever they are started, and know who started them."""
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", STARTER_VARIABLE)}
    scripts = str(Path(__file__).parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [scripts, before["PYTHONPATH"]]))
    os.environ[STARTER_VARIABLE] = str(os.getpid())
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _failure(request: Request, folder: Path, failures: dict[int, ProcessFailure]) -> Exception:
    """Why the first of a run's processes failed; the others failed for its want."""
    processes = _settings(request)["gpus_per_run"]
    outcomes = [outcome for rank in range(processes) if (outcome := outcome_of(folder, rank))]
    errors = [outcome for outcome in outcomes if "error" in outcome]
    # First, since a process that waits for this one on its GPU may have to be killed.
    for outcome in errors:
        if outcome["error"] == "OutOfMemory":
            return _error_of(outcome)
    for rank, failure in failures.items():
        if failure.exitcode < 0 and outcome_of(folder, rank) is None:
            name = signal.Signals(-failure.exitcode).name
            hint = " (as the kernel does where memory is short)" if name == "SIGKILL" else ""
            return _interrupted(request, f"Process {rank} of {processes} was ended by {name}{hint}")
    return _error_of(errors[0]) if errors else _interrupted(request, f"A process of {processes} ended without a word")


def _error_of(outcome: dict) -> Exception:
    kinds = {"Interrupted": Interrupted, "InputError": InputError, "OutOfMemory": OutOfMemory}
    if outcome["error"] in kinds:
        return kinds[outcome["error"]](*outcome["arguments"])
    return RuntimeError(f"{outcome['error']}: {' '.join(outcome['arguments'])}")


def _interrupted(request: Request, problem: str) -> Interrupted:
    newest = Checkpoints(**request.checkpoints).newest()
    then = f"goes on from the checkpoint of step {step_of(newest)}: {newest}" if newest else "starts at the first step"
    return Interrupted(f"{problem}; the run's other processes were ended, too. The next attempt {then}")
