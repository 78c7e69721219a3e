"""How long it may still take: of a job from its own course, of a study from what its runs have taken so far. Rough, and says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from .progress import RUNNING
from .run_states import Job, RunState

# What takes seconds whatever the method is: a mean over methods does, and where nothing is known, nothing is counted.
ALIKE = ("score", "baseline", "predictions")


@dataclass(frozen=True)
class Left:
    """What is left of a study.

    Attributes:
        seconds: an estimate, None where nothing runs or nothing is known.
        unknown: runs of which nothing is known, and that `seconds` leaves out.
    """

    seconds: float | None
    unknown: int


def job_left(job: Job, now: float) -> float | None:
    """Seconds that a running job's steps still take at the mean speed of this attempt; None before the first is done."""
    record = job.record
    seconds = _seconds_a_step(record)
    at, total = _course(record)
    if seconds is None or total is None:
        return None
    since = max(0.0, now - record.get("changed", now))
    return max(0.0, seconds * (total - at) - since)


def study_left(runs: Sequence[RunState], now: float) -> Left:
    """What is left of a study, if as many runs go on at a time as run now."""
    means = _means(runs)
    running = [run for run in runs if run.state == RUNNING]
    known = [_run_left(run, means, now) for run in runs if run.left]
    seconds = [each for each in known if each is not None]
    unknown = len(known) - len(seconds)
    if not running or not seconds:
        return Left(None, unknown)
    # A run is not shared out.
    return Left(max(max(seconds), sum(seconds) / len(running)), unknown)


def _run_left(run: RunState, means: dict[tuple[str, str | None], float], now: float) -> float | None:
    total, stages = 0.0, run.left
    if run.state == RUNNING and (left := job_left(run.job, now)) is not None:
        total, stages = left, stages[1:]
    for stage in stages:
        seconds = means.get((stage, run.method), means.get((stage, None)) if stage != "train" else None)
        if seconds is None and stage not in ALIKE:
            return None
        total += seconds or 0.0
    return total


def _means(runs: Sequence[RunState]) -> dict[tuple[str, str | None], float]:
    """Mean seconds of a stage by method, and over all methods (None): of runs that did it, or else as those at it go."""
    done, under_way = defaultdict(list), defaultdict(list)
    for run in runs:
        for stage, seconds in run.seconds.items():
            for method in (run.method, None):
                done[stage, method].append(seconds)
        if run.state == RUNNING and (seconds := _seconds_a_step(run.job.record)) is not None:
            for method in (run.method, None):
                under_way[run.stage, method].append(seconds * (_course(run.job.record)[1] or 0))
    return {key: sum(values) / len(values) for key, values in {**under_way, **done}.items()}


def _course(record: dict) -> tuple[int, int | None]:
    """Steps done and to be done, or dialogues."""
    if record.get("steps"):
        return record.get("step", 0), record["steps"]
    return record.get("done", 0), record.get("total")


def share_done(job: Job) -> float | None:
    """0 to 1, None before the job says."""
    at, total = _course(job.record)
    return at / total if total else None


def _seconds_a_step(record: dict) -> float | None:
    at, total = _course(record)
    first, began, changed = record.get("first_step"), record.get("first_step_at"), record.get("changed")
    if None in (total, first, began, changed) or at <= first or changed <= began:
        return None
    return (changed - began) / (at - first)
