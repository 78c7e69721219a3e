"""Which GPUs a run gets, given what the runs that live now hold and wait for. No files and no clocks here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """A process that computes on GPUs of this machine, or waits for some.

    Attributes:
        arrived: orders the runs: whoever came first is served first.
        pid: its process, and `title`: what it does, for others to read.
        count: how many GPUs it needs, all at once.
        usable: the ids of those that it can take, each with its memory in MB (None: unknown), the preferred first.
        runs_per_gpu: with how many runs, itself counted, it shares a GPU at most.
        memory_mb: what it needs on each of its GPUs, in MB; None: an equal share of the GPU.
        granted: the ids that it has; empty while it waits.
    """

    arrived: int
    pid: int
    title: str
    count: int
    usable: dict[str, int | None]
    runs_per_gpu: int = 1
    memory_mb: float | None = None
    granted: Sequence[str] = ()


def choose(run: Run, others: Sequence[Run]) -> tuple[str, ...]:
    """The ids that `run` may take now; empty where it has to wait.

    The runs that wait since before it are served before it: each is promised the GPUs that are emptiest then, and `run` may
    take these only where it would leave room on them. So a run of several GPUs, or of much memory, is not overtaken for ever;
    and no two runs wait for each other, since a run holds nothing while it waits.
    """
    holders: dict[str, list[Run]] = defaultdict(list)
    for other in others:
        for gpu in other.granted:
            holders[gpu].append(other)
    for earlier in sorted(waiting_before(run, others), key=lambda other: other.arrived):
        for gpu in _emptiest(earlier, holders):
            holders[gpu].append(earlier)
    chosen = _emptiest(run, holders)
    can_start = len(chosen) == run.count and all(_fits(run, gpu, holders[gpu]) for gpu in chosen)
    return tuple(gpu for gpu in run.usable if gpu in chosen) if can_start else ()


def waiting_before(run: Run, others: Sequence[Run]) -> list[Run]:
    return [other for other in others if not other.granted and other.arrived < run.arrived]


def _emptiest(run: Run, holders: dict[str, list[Run]]) -> list[str]:
    """The GPUs that suit `run` best: those where it fits now, and of them those with the fewest runs, the least memory taken."""

    def fullness(gpu: str) -> tuple:
        taken = sum(_memory_of(holder, run.usable[gpu]) for holder in holders[gpu])
        return not _fits(run, gpu, holders[gpu]), len(holders[gpu]), taken

    return sorted(run.usable, key=fullness)[: run.count]


def _fits(run: Run, gpu: str, holders: Sequence[Run]) -> bool:
    """Whether `run` can compute on a GPU beside `holders`. One that nobody uses suits every run."""
    together = [run, *holders]
    if not holders:
        return True
    if len(together) > min(each.runs_per_gpu for each in together):
        return False
    room = run.usable[gpu]
    return room is None or sum(_memory_of(each, room) for each in together) <= room


def _memory_of(run: Run, room: int | None) -> float:
    if run.memory_mb is not None:
        return run.memory_mb
    return (room or 0) / run.runs_per_gpu
