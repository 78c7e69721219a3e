"""Slurm's commands against one cluster."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from daemons import wait_until
from patience import PATIENCE_SECONDS


class Job(NamedTuple):
    """A job as squeue shows it."""

    id: str
    name: str
    state: str
    reason: str
    node: str
    comment: str


class Slurm:
    """The cluster that the file `conf` describes."""

    def __init__(self, conf: Path):
        self.conf = conf

    def environment(self) -> dict[str, str]:
        return os.environ | {"SLURM_CONF": str(self.conf)}

    def command(self, *arguments: str, check: bool = True) -> str:
        """Output of a command. Raises RuntimeError if it fails, unless `check` is false."""
        done = subprocess.run(
            arguments, env=self.environment(), capture_output=True, text=True, timeout=PATIENCE_SECONDS, stdin=subprocess.DEVNULL
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def succeeds(self, *arguments: str) -> bool:
        return subprocess.run(arguments, env=self.environment(), capture_output=True, timeout=PATIENCE_SECONDS).returncode == 0

    def submit(self, script: str, *options: str) -> str:
        """Submit the lines `script` for /bin/sh with options of sbatch; the job's id."""
        return self.command("sbatch", "--parsable", "--output=/dev/null", *options, "--wrap", script).strip()

    def jobs(self, *, ended: bool = False) -> list[Job]:
        """The jobs in the queue, with `ended` also those that ended a short while ago."""
        states = ("--states=all",) if ended else ()
        lines = self.command("squeue", "-h", "-a", "-r", *states, "-o", "%i|%j|%T|%r|%N|%k").splitlines()
        return [Job(*line.split("|", 5)) for line in lines]

    def job(self, job_id: str) -> Job:
        """Raises LookupError where squeue does not know it (any more)."""
        for job in self.jobs(ended=True):
            if job.id == job_id:
                return job
        raise LookupError(f"squeue knows no job {job_id}")

    def wait_job(self, job_id: str, *states: str) -> Job:
        """Wait until the job is in one of `states`."""
        wait_until(lambda: self.job(job_id).state in states, f"job {job_id} is {' or '.join(states)}")
        return self.job(job_id)

    def details(self, job_id: str) -> dict[str, str]:
        """What scontrol says of a job: Restarts, Reason, ExitCode ..."""
        text = self.command("scontrol", "-o", "show", "job", job_id)
        return dict(word.split("=", 1) for word in text.split() if "=" in word)

    def end_time(self, job_id: str) -> None:
        """Let a running job reach its time limit now."""
        self.command("scontrol", "update", f"jobid={job_id}", "EndTime=now")

    def accounted_state(self, job_id: str) -> str:
        """The job's state as sacct says it, word for word."""
        return self.command("sacct", "-n", "-X", "-P", "-j", job_id, "-o", "State").strip()

    def node_states(self) -> dict[str, str]:
        """Every node's state, without sinfo's marks for one that does not answer."""
        lines = self.command("sinfo", "-h", "-N", "-o", "%N %T").split("\n")
        return {node: state.rstrip("*~#!%$@^-") for node, state in (line.split() for line in lines if line)}
