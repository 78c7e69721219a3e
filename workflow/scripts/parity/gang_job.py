"""The job of a gang: as many seeds at a time as fit into memory, each with its own progress, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import psutil
import torch

from .errors import InputError, Interrupted
from .gang import Gang, Member
from .gang_layers import CannotBeGanged
from .gang_pace import Pace
from .gang_rules import AUTO
from .memory_request import most_at_once
from .progress import job_progress
from .shortage import is_out_of_memory
from .training_process import Request

OUT_OF_MEMORY = "not even one seed's batch fits into memory"


def at_once(checked: str | None, name: str, n_seeds: int) -> int:
    """How many of a method's seeds can train together here, by what the rule check estimated; all where nothing is known."""
    if checked is None:
        return n_seeds
    on_gpu = torch.cuda.is_available()
    there = torch.cuda.get_device_properties(0).total_memory if on_gpu else psutil.virtual_memory().total
    most = max(1, min(n_seeds, most_at_once(checked, name, on_gpu, there // 10**6)))
    if most < n_seeds:
        print(f"{name}: {most} of {n_seeds} seeds at a time, since more are estimated not to fit into memory", flush=True)
    return most


def train_gangs(requests: Sequence[Request], most: int, logs: Path) -> list[dict | InputError]:
    """Train all runs, `most` at a time; with `gang: auto` as is faster on this device, and alone where they cannot together.

    Args:
        logs: where each seed's progress is said.
    Returns:
        of each run its record, or why it ended. In a record are, too, `ganged`: the seeds that train in one gang, or the run's own
        alone; and `gang_pace`: what was found of both ways (Pace.record), None where they were not tried.
    Raises:
        Interrupted: as train_run says; all that trained have written checkpoints.
    """
    outcomes: list[dict | Exception] = []
    ganged = [[request.seed for request in requests]] * len(requests)
    # One for all parts: what the first has found holds for the others.
    pace = Pace() if requests[0].block["train"].get("gang") == AUTO else None
    # Of equal size, since the slowest is waited for.
    parts = -(-len(requests) // most)
    size = -(-len(requests) // parts)
    for start in range(0, len(requests), size):
        group = requests[start : start + size]
        outcomes += Gang(pace).train([partial(_train, request, logs) for request in group])
        _raise_interruptions(outcomes)
    if pace and all(isinstance(outcome, CannotBeGanged) for outcome in outcomes):
        print(f"{requests[0].name}: seeds train one after another, since {outcomes[0].arguments[1]}", flush=True)
        outcomes = [_trained_alone(request, logs) for request in requests]
        ganged = [[request.seed] for request in requests]
    found = {"gang_pace": pace and pace.record()}
    return [
        _told(outcome, request, found | {"ganged": seeds})
        for outcome, request, seeds in zip(outcomes, requests, ganged, strict=True)
    ]


def _train(request: Request, logs: Path, member: Member | None) -> dict:
    with job_progress("train", logs / f"seed-{request.seed}.log"):
        return request.train(member)


def _trained_alone(request: Request, logs: Path) -> dict | Exception:
    try:
        return _train(request, logs, None)
    except Interrupted:
        raise
    except Exception as error:
        return error


def _raise_interruptions(outcomes: Sequence[dict | Exception]) -> None:
    if said := [str(outcome) for outcome in outcomes if isinstance(outcome, Interrupted)]:
        raise Interrupted("; ".join(dict.fromkeys(said)))


def _told(outcome: dict | Exception, request: Request, found: dict) -> dict | InputError:
    if isinstance(outcome, dict):
        return outcome | found
    if isinstance(outcome, InputError):
        return outcome
    where = f"methods.{request.name}, seed {request.seed}"
    if is_out_of_memory(outcome):
        return InputError(
            f"methods.{request.name}.train.batch_size", OUT_OF_MEMORY, "Set gang: false, and what docs/GPU.md says of memory"
        )
    return InputError(where, f"{type(outcome).__name__}: {outcome}", "The log of the gang has more")
