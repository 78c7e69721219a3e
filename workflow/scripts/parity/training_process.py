"""One of the processes that train a run together; `launch` starts them as `python -m parity.training_process FOLDER`."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import load_from_disk

from .allocator import keep_freed_memory
from .checkpoints import Checkpoints
from .companions import end_with_others
from .errors import InputError, Interrupted
from .files import read_json, write_json
from .gang import Member
from .gpu_slots import hold_gpus
from .job import libraries_loaded
from .shortage import is_out_of_memory
from .tokens import load_tokenizer
from .tracking import Tracking, tracking_of
from .training import run_key, train_run

REQUEST = "request.json"


@dataclass(frozen=True)
class Request:
    """A run to train, in values that JSON can hold.

    Attributes:
        block: the method's resolved block.
        tokens: the folder of the tokenised data.
        out: the folder to make, as train_run says.
        checkpoints: the arguments of Checkpoints.
        tracking: those of Tracking, None for no tracker.
    """

    name: str
    seed: int
    block: dict
    model: str
    tokens: str
    out: str
    checkpoints: dict
    checkpoint_seconds: float
    cpu_threads: int
    tracking: dict | None = None

    def train(self, member: Member | None = None) -> dict:
        """Train in this process, as one of several that do the same, or as a member of a gang; see train_run."""
        keep_freed_memory()
        torch.set_num_threads(self.cpu_threads)
        return train_run(
            self.name,
            self.seed,
            self.block,
            self.model,
            load_tokenizer(self.model),
            load_from_disk(self.tokens),
            Path(self.out),
            Checkpoints(**self.checkpoints),
            self.checkpoint_seconds,
            self.tracking and Tracking(**self.tracking),
            member,
        )

    def write(self, folder: Path) -> None:
        write_json(folder / REQUEST, asdict(self))


def request_of(job: Any, seed: int, out: Path, results: Path) -> Request:
    """What a job of the rules train and gang asks for with one seed.

    Args:
        out: the folder to make; results: of the study.
    Raises:
        InputError: the experiment tracker is not installed.
    """
    params, name, tokens = job.params, job.wildcards.method, job.input.tokens
    key = run_key(params.method, seed, params.model, tokens, params.code, params.cpu_threads)
    place = {"folder": job.resources.checkpoint_folder, "study": params.study, "method": name, "seed": seed}
    return Request(
        name,
        seed,
        params.method,
        params.model,
        str(tokens),
        str(out),
        place | {"key": key[:16]},
        job.resources.checkpoint_seconds,
        params.cpu_threads,
        tracking_of(job.config["tracking"], results, params.study, name, seed),
    )


def outcome_of(folder: Path, rank: int) -> dict | None:
    """What the process `rank` left behind: its `record`, or an `error` by its kind with its `arguments`; None if it left nothing."""
    file = _outcome_file(folder, rank)
    return read_json(file) if file.exists() else None


def main() -> None:
    libraries_loaded()
    folder, rank = Path(sys.argv[1]), int(os.environ["RANK"])
    hold_gpus()
    end_with_others(folder, rank, lambda other: _is_missed(folder, other))
    if torch.cuda.is_available():
        # Before anything else asks for the device at hand: that would be the first GPU, for all processes.
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    try:
        outcome = {"record": Request(**read_json(folder / REQUEST)).train()}
    except (InputError, Interrupted) as error:
        # All processes come here together, each by itself: nobody is to be ended for it.
        outcome = _described(error, type(error).__name__)
    except Exception as error:
        traceback.print_exc()
        kind = "OutOfMemory" if is_out_of_memory(error) else type(error).__name__
        write_json(_outcome_file(folder, rank), _described(error, kind))
        sys.stderr.flush()
        # Not by sys.exit: the others may be gone, and torch would wait for them.
        os._exit(1)
    write_json(_outcome_file(folder, rank), outcome)
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def _is_missed(folder: Path, rank: int) -> bool:
    """Whether a process that is gone came to no end that all come to together."""
    outcome = outcome_of(folder, rank)
    return outcome is None or outcome.get("error", "Interrupted") not in ("InputError", "Interrupted")


def _described(error: Exception, kind: str) -> dict:
    return {"error": kind, "arguments": getattr(error, "arguments", (str(error),))}


def _outcome_file(folder: Path, rank: int) -> Path:
    return folder / f"outcome-{rank}.json"


if __name__ == "__main__":
    main()
