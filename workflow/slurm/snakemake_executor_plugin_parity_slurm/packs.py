"""Several jobs of a rule in one allocation, one after another: the allocation is that of one job, only its time is added up,
and its memory is that of the job which asks for most.

Snakemake's groups would do a whole group again when one member fails, finished members too; job arrays of
snakemake-executor-plugin-slurm 2.8.0 lose finished outputs. Here every job keeps its own fate.
"""

from __future__ import annotations

import shlex
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESOURCE = "runs_per_job"
# What jobs of one allocation may ask for differently.
MEMORY = ("mem", "mem_mb", "mem_mib", "gpu_mem_mb", "least_gpu_mem_mb")


@dataclass(frozen=True)
class Pack:
    """Jobs that share an allocation, and the folder where each leaves a mark when it starts and when it has done well.

    The first asks for the most memory.
    """

    jobs: tuple[Any, ...]
    folder: Path

    def write_script(self, commands: Iterable[str]) -> Path:
        """A script that runs the jobs' commands, but none that has done well before the allocation was requeued."""
        lines = ["#!/bin/sh"]
        for index, command in enumerate(commands):
            started, done = (shlex.quote(str(self.folder / f"{index}.{mark}")) for mark in ("started", "done"))
            # A job that fails ends the allocation: it may have been told to go, and the next one must not start in its grace.
            lines.append(f"[ -e {done} ] || {{ : > {started}; ( {command} ) && : > {done} || exit 1; }}")
        self.folder.mkdir(parents=True)
        script = self.folder / "run.sh"
        script.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return script

    def fate(self, job: Any, ended: str) -> str:
        """What became of one job, given how the allocation `ended` ("well", why it failed, or "" while it goes on).

        Returns:
            "well", "goes on", "never started", or why it failed.
        """
        marks = {path.name for path in self.folder.iterdir()}
        index = self.jobs.index(job)
        if ended == "well" or f"{index}.done" in marks:
            return "well"
        if not ended:
            return "goes on"
        return ended if f"{index}.started" in marks else "never started"

    def remove(self) -> None:
        """Delete the script and the marks, once every job's fate is known."""
        shutil.rmtree(self.folder, ignore_errors=True)


def pack_up(jobs: Iterable[Any], folder: Path) -> tuple[list[Pack], list[Any]]:
    """The packs that `jobs` make, of at most `runs_per_job` each, and the jobs that stay alone.

    Jobs go together if they are of one rule and attempt and ask for the same, but for their memory.
    """
    alike: dict[tuple, list[Any]] = {}
    alone = []
    for job in jobs:
        size = 1 if job.is_group() else int(job.resources.get(RESOURCE, 1) or 1)
        if size > 1:
            asked = {key: value for key, value in job.resources.items() if key not in MEMORY}
            alike.setdefault((job.rule.name, job.attempt, size, str(asked)), []).append(job)
        else:
            alone.append(job)
    packs = []
    for (_, _, size, _), same in alike.items():
        same.sort(key=lambda job: -(job.resources.get("mem_mb") or 0))
        for start in range(0, len(same), size):
            part = same[start : start + size]
            if len(part) > 1:
                packs.append(Pack(tuple(part), folder / uuid.uuid4().hex))
            else:
                alone += part
    return packs, alone
