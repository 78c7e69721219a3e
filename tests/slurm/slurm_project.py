"""The project on the cluster: a copy, its runs, and what a test waits for and compares."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import psutil
from cluster import Cluster
from daemons import wait_until
from project import Project
from slurm_commands import Job
from snakemake_run import Run, Runnable

from parity.controller import job_prefix

# As a user would, but for a cluster that answers at once.
ON_SLURM = (
    *("--profile", "profiles/slurm", "--configfile", "config/config.yaml", "--seconds-between-status-checks", "2"),
    *("--latency-wait", "5", "--parity-slurm-init-seconds-before-status-checks", "2"),
)
UNTIL_TRAINED = (*ON_SLURM, "--until", "train")
RUN_SECONDS = 1200

# What must come out the same, byte for byte, however often a run was disturbed. Other tables hold seconds and memory too.
TABLES = ("estimates.csv", "contrasts.csv", "verdict.md", "table.tex")
RUN_FILES = ("model/*.safetensors", "predictions.jsonl", "scores.csv")


class SlurmProject(Project):
    """A copy of the project in a folder that every node sees, with a small study that trains for real."""

    def __init__(self, cluster: Cluster, name: str):
        super().__init__(cluster.root / "projects" / name)
        self._attach(cluster)
        self.edit_config(small_study)

    @classmethod
    def copy_of(cls, other: SlurmProject, name: str) -> SlurmProject:
        """A copy of a project with all its results, which Snakemake takes for done there too."""
        copy = cls.__new__(cls)
        copy.folder = other.folder.with_name(name)
        shutil.copytree(other.folder, copy.folder, symlinks=True)
        copy._attach(other.cluster)
        return copy

    def _attach(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.results = self.folder / "results/small"
        self._runs: list[Run] = []

    def forget_run(self, method: str, seed: int) -> None:
        """Delete all that one run has left, and the tables: the next Snakemake does them again, and nothing else."""
        shutil.rmtree(self.results / method / f"seed-{seed}")
        (self.results / f"logs/train/{method}/seed-{seed}.log").unlink(missing_ok=True)
        for name in TABLES:
            (self.results / name).unlink(missing_ok=True)

    def start(self, *arguments: str, by: Runnable | None = None) -> Run:
        """Start Snakemake in the background, for at most RUN_SECONDS; `by` starts it in another way."""
        run = Run(by or self, arguments, RUN_SECONDS, self.folder / f"run-{len(self._runs) + 1}.log")
        self._runs.append(run)
        return run

    def end(self) -> None:
        for run in self._runs:
            run.end()

    def jobs(self, words: str = "rule_") -> list[Job]:
        """This copy's Slurm jobs whose comment matches the regular expression, ended ones too."""
        with contextlib.chdir(self.folder):
            prefix = job_prefix("small")
        found = [job for job in self.cluster.jobs(ended=True) if job.name.startswith(f"{prefix}_")]
        return [job for job in found if re.search(words, job.comment)]

    def wait_job(self, words: str, *states: str) -> Job:
        """Wait until one of `jobs(words)` is in one of `states`; that job."""
        found: list[Job] = []

        def there() -> bool:
            found[:] = self.jobs(words)
            return any(job.state in states for job in found)

        try:
            wait_until(there, f"a job {words!r} is {' or '.join(states)}")
        except TimeoutError as error:
            raise AssertionError(f"{error}. Jobs: {found}") from None
        return next(job for job in found if job.state in states)

    def wait_step(self, method: str, seed: int, step: int) -> None:
        """Wait until the training has done that step."""
        log = self.results / f"logs/train/{method}/seed-{seed}.log"

        def reached() -> bool:
            steps = re.findall(r"step (\d+)/", log.read_text(encoding="utf-8")) if log.exists() else []
            return any(int(done) >= step for done in steps)

        wait_until(reached, f"{method} seed {seed} has done step {step}")

    def script_process(self, rule: str) -> psutil.Process:
        """Wait for the process that runs the rule's script, on whatever node."""
        found: list[psutil.Process] = []

        def there() -> bool:
            for process in psutil.process_iter():
                with contextlib.suppress(psutil.NoSuchProcess):
                    runs_script = any(part.endswith(f".{rule}.py") for part in process.cmdline())
                    if runs_script and process.cwd() == str(self.folder):
                        found[:] = [process]
            return bool(found)

        wait_until(there, f"a process runs {rule}.py")
        return found[0]

    def checkpoints(self) -> list[Path]:
        """The checkpoints of all runs that lie whole on the disk."""
        return sorted((self.folder / "results/checkpoints").glob("small/*/*/*/checkpoint-*"))

    def checkpoint_often(self) -> None:
        """Let the profile ask for a checkpoint after about every second of training."""
        profile = self.folder / "profiles/slurm/profile.yaml"
        text = profile.read_text(encoding="utf-8")
        profile.write_text(text.replace("checkpoint_seconds: 600", "checkpoint_seconds: 1"), encoding="utf-8")

    def resumed_steps(self, method: str, seed: int) -> list[int]:
        """The steps after which a finished training went on in another attempt."""
        record = json.loads((self.results / method / f"seed-{seed}/train.json").read_text(encoding="utf-8"))
        return [attempt["step"] for attempt in record["resumed"]]

    def training(self, method: str, seed: int) -> dict[str, Any]:
        """What a training came to: the bytes of its weights, its loss curve and its evaluation losses."""
        folder = self.results / method / f"seed-{seed}"
        record = json.loads((folder / "train.json").read_text(encoding="utf-8"))
        weights = {path.name: path.read_bytes() for path in folder.glob("model/*.safetensors")}
        return weights | {key: record[key] for key in ("loss", "eval_loss", "steps", "input_tokens")}

    def tables(self) -> dict[str, bytes]:
        """The bytes of every table that measures nothing."""
        return {name: (self.results / name).read_bytes() for name in TABLES}

    def run_files(self, method: str, seed: int) -> dict[str, bytes]:
        """The bytes of a run's weights, predictions and scores."""
        folder = self.results / method / f"seed-{seed}"
        paths = [path for pattern in RUN_FILES for path in sorted(folder.glob(pattern))]
        return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def small_study(config: dict) -> None:
    """Make a config's study small enough for a cluster of two cores: a run trains for seconds, with many small steps."""
    config["name"] = "small"
    config["compare"] = ["full", "lead"]
    config["seeds"] = [1, 2]
    config["data"].update(max_train_samples=64, max_validation_samples=4, max_test_samples=4)
    config["generation"]["max_new_tokens"] = 8
    config["train"].update(logging_steps=1, num_train_epochs=8)
