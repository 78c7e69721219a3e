"""Slurm jobs that an earlier snakemake of the same study left: no second copy of them is submitted."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable

from snakemake_interface_common.exceptions import WorkflowError

SECONDS_BETWEEN_LOOKS = 2


def wait_or_refuse(prefix: str, patience: float, say: Callable[[str], None]) -> None:
    """Return once no job whose name begins with `prefix` is in the queue: those that Ctrl-C has cancelled save and leave.

    Raises:
        WorkflowError: one of them still waits or runs and so will end well, or one does not leave within `patience` seconds.
    """
    until = time.monotonic() + patience
    said = ""
    while (jobs := left_jobs(prefix)) != {}:
        if jobs is None:
            if time.monotonic() > until:
                raise WorkflowError("Slurm does not say whether an earlier snakemake of this study left jobs. Try again later")
            time.sleep(SECONDS_BETWEEN_LOOKS)
            continue
        named = ", ".join(f"Slurm job {job} ({state.lower()})" for job, state in jobs.items())
        if set(jobs.values()) != {"COMPLETING"} or time.monotonic() > until:
            # The Snakefile knows the words for this study and profile.
            resume = os.environ.get("PARITY_RESUME", "make resume")
            raise WorkflowError(
                f"{named}: left by an earlier snakemake of this study, and would be done a second time. To wait for what is left"
                f" and carry on: {resume}. To give it up: scancel {' '.join(jobs)}"
            )
        if named != said:
            say(f"Waiting until jobs of an earlier snakemake of this study have ended: {named}")
            said = named
        time.sleep(SECONDS_BETWEEN_LOOKS)


def left_jobs(prefix: str) -> dict[str, str] | None:
    """The state of every job in the queue, by id, whose name begins with `prefix`; None where Slurm does not answer."""
    try:
        listed = subprocess.run(["squeue", "--noheader", "--format=%i|%T|%j"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if listed.returncode != 0:
        return None
    rows = [line.split("|", 2) for line in listed.stdout.splitlines()]
    return {job: state for job, state, name in rows if name.startswith(f"{prefix}_")}
