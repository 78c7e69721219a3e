"""Kill -9 where chance has it: python -m crashes [--kills 25] [--minutes 60] [--seed 1] [--study small|quickstart]

A study runs, and of all the processes that it is made of one is killed, again and again, at moments and by choices drawn from the
seed. Whenever snakemake has ended it is started again as a user would, until the study is finished. Then its results must be
those of a run that nobody disturbed, and no file that had been finished may have been written again.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from final_results import differences, final_results
from patience import PATIENCE_SECONDS
from project import Project

from parity.digests import damages, read_record, records_of
from parity.files import read_json

# In the environment of every process of a study, whoever its parent is by now.
MARK = "PARITY_CRASH_TEST"
STUDY_SECONDS = 3600


def small(config: dict) -> None:
    """A study with a run of every kind in it that takes half a minute; one training is shared by two processes."""
    config.update(name="small", compare=["zero_shot", "full", "lora", "pair", "lead"], seeds=[1])
    config["methods"]["pair"] = {"kind": "full", "train": {"learning_rate": 4.0e-4, "batch_size": 8, "gpus_per_run": 2}}
    config["data"].update(max_train_samples=48, max_validation_samples=4, max_test_samples=4)
    config["generation"]["max_new_tokens"] = 8
    config["train"]["logging_steps"] = 1


@dataclass(frozen=True)
class Study:
    """Which study to disturb.

    Attributes:
        edit: makes its config from the quick start's.
        apart: how far apart kills are at most, as a share of the time that the study takes undisturbed.
        checkpoint_seconds: how often its trainings write a checkpoint.
    """

    name: str
    edit: Callable[[dict], None]
    apart: float
    checkpoint_seconds: int


STUDIES = {
    "small": Study("small", small, 0.4, 2),
    "quickstart": Study("quickstart", lambda config: None, 0.2, 5),
}


@dataclass
class Tally:
    """What happened.

    Attributes:
        kills: by the kind of process.
        starts: how often snakemake was started, by what started it.
        rounds: how many times the study was run from nothing to its end.
        resumed: trainings that went on from a checkpoint, counted once a cut.
        kept: jobs whose outputs the next snakemake took over, though the one before had not lived to see them.
        finished: files that were seen finished before the end.
    """

    kills: Counter = field(default_factory=Counter)
    starts: Counter = field(default_factory=Counter)
    rounds: int = 0
    resumed: int = 0
    kept: int = 0
    finished: int = 0

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.kills.items()))
        starts = ", ".join(f"{how} {count}" for how, count in sorted(self.starts.items()))
        return (
            f"{self.kills.total()} kills ({kinds}); {self.starts.total()} starts ({starts}); the study was finished {self.rounds} "
            f"times; {self.resumed} times a training went on from a checkpoint; {self.kept} jobs were taken over from a killed "
            f"snakemake; {self.finished} files were seen finished before the end, and none of them was written again"
        )


class Crashed(AssertionError):
    """The study did not come out as it does undisturbed."""


class Round:
    """One study from nothing to its end, disturbed until no kills are left."""

    def __init__(self, project: Project, study: Study, chance: random.Random, tally: Tally, kills: int, apart: float):
        self.project, self.study, self.chance, self.tally, self.left = project, study, chance, tally, kills
        self.apart, self.until = apart, float("inf")
        self.results = project.folder / "results" / study.name
        self.held = project.folder.with_name(f"{project.folder.name}-held")
        self.mark = uuid.uuid4().hex
        self.taken_over: set[tuple[str, float]] = set()

    def run(self) -> None:
        resume, ended = False, None
        while ended != 0:
            process, output = self._start(resume)
            killed = self._disturb(process)
            self._hold_finished()
            ended, said = process.returncode, output.read_text(encoding="utf-8")
            # What a user knows to do: snakemake says so itself, where it was not killed in front of his eyes.
            resume = ended == -signal.SIGKILL or "Carry on with: make resume" in said
            if ended != 0 and not killed and not resume:
                raise Crashed(f"snakemake ended with {ended} although nothing was killed:\n{said[-4000:]}")
        self._check_that_nothing_is_left()

    def _start(self, resume: bool) -> tuple[subprocess.Popen, Path]:
        options = ["--set-resources", f"train:checkpoint_seconds={self.study.checkpoint_seconds}"]
        command = self.project.command("--cores", "4", *options)
        if resume:
            command = [sys.executable, "-m", "parity.resume", *options, "--nocolor"]
        self.tally.starts["make resume" if resume else "snakemake"] += 1
        output = self.project.folder / f"output-{self.tally.starts.total()}.txt"
        environment = self.project.environment() | {MARK: self.mark} | ({"PYTHONPATH": "workflow/scripts"} if resume else {})
        with output.open("w") as file:
            process = subprocess.Popen(
                command,
                cwd=self.project.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        return process, output

    def _disturb(self, process: subprocess.Popen) -> bool:
        """Kill processes until `process` has ended. Returns whether any was killed."""
        killed = False
        deadline = time.monotonic() + STUDY_SECONDS
        while process.poll() is None:
            wait = self.chance.uniform(0, self.apart) if self.left and time.monotonic() < self.until else STUDY_SECONDS
            with suppress(subprocess.TimeoutExpired):
                process.wait(wait)
                return killed
            if time.monotonic() > deadline:
                raise Crashed(f"snakemake (process {process.pid}) has run for {STUDY_SECONDS} s and does not end")
            killed = self._kill_one(process) or killed
        return killed

    def _kill_one(self, main: subprocess.Popen) -> bool:
        kinds: dict[str, list[psutil.Process]] = {}
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                kinds.setdefault(kind_of(process, main.pid), []).append(process)
        if not kinds:
            return False
        # First the kind: of the one snakemake there are always several jobs, and it would hardly ever be hit.
        kind = self.chance.choice(sorted(kinds))
        victim = self.chance.choice(sorted(kinds[kind], key=lambda process: process.pid))
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            return False
        self.tally.kills[kind] += 1
        self.left -= 1
        print(f"kill {self.tally.kills.total()}: {kind}, process {victim.pid}", flush=True)
        # A job that is killed between its record and its end has failed, to a Snakemake that lives, which deletes what it left.
        if kind in CONTROLLERS:
            self._hold_finished()
        return True

    def _processes(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if process.environ().get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    yield process

    def _hold_finished(self) -> None:
        """Keep a second name for each file that a job has finished: while it lasts, no other file can be taken for that one."""
        for name, path in records_of(self.results):
            record = read_record(path)
            log = self.results / "logs" / f"{name}.log"
            with suppress(OSError):
                if "was finished before, but its snakemake" in log.read_text(encoding="utf-8"):
                    self.taken_over.add((name, log.stat().st_mtime))
            if record is None or damages(self.results, record):
                continue
            for file in record.files:
                held = self.held / file
                held.parent.mkdir(parents=True, exist_ok=True)
                with suppress(FileExistsError, FileNotFoundError):
                    os.link(self.results / file, held)

    def written_again(self) -> list[str]:
        """Files that were finished at some time, and were written again later."""
        held = [path for path in self.held.rglob("*") if path.is_file()]
        self.tally.finished += len(held)
        return [
            str(path.relative_to(self.held)) for path in held if not path.samefile(self.results / path.relative_to(self.held))
        ]

    def _check_that_nothing_is_left(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while left := list(self._processes()):
            if time.monotonic() > deadline:
                raise Crashed(f"still running after the study's end: {left}")
            time.sleep(0.1)
        litter = [path for path in self.project.folder.rglob("*") if "~" in path.name or path.name in ("kept", "checkpoints")]
        litter = [path for path in litter if "results" in path.parts]
        if litter:
            raise Crashed(f"left behind: {litter}")


CONTROLLERS = ("snakemake", "make resume")


def kind_of(process: psutil.Process, main: int) -> str:
    """What a process is to the study."""
    words = process.cmdline()
    if process.pid == main:
        return CONTROLLERS["parity.resume" in words]
    if "parity.training_process" in words:
        return "one of a run's two processes"
    if "parity.warm" in words:
        # Its children go to the folder that their job works in.
        return "the warm process" if process.cwd().endswith("workflow/scripts") else "a child of the warm process"
    if any("/.snakemake/scripts/" in word for word in words) and process.name() not in ("sh", "bash"):
        return "a job's own process"
    return "another (a shell, git ...)"


def crash_test(
    folder: Path, study: Study, kills: int, seed: int, undisturbed: Path | None = None, minutes: float = float("inf")
) -> Tally:
    """Run a study again and again until it has been disturbed by so many kills.

    Args:
        folder: where its copies are made.
        undisturbed: the results of the same study that nobody disturbed, if there are such.
        minutes: after so many nothing is killed any more, and the study at hand is the last.
    Raises:
        Crashed: its results are others, or something was done twice or left behind.
    """
    if undisturbed is None:
        project = _copy(folder / "undisturbed", study)
        project.snakemake("--cores", "4")
        undisturbed = project.folder / "results" / study.name
    expected, chance, tally = final_results(undisturbed), random.Random(seed), Tally()
    dates = [path.stat().st_mtime for path in undisturbed.rglob("*") if path.is_file()]
    seconds = max(dates) - min(dates)
    until = time.monotonic() + 60 * minutes
    while (left := kills - tally.kills.total()) > 0 and time.monotonic() < until:
        tally.rounds += 1
        project = _copy(folder / f"round-{tally.rounds}", study)
        this = Round(project, study, chance, tally, left, study.apart * seconds)
        this.until = until
        this.run()
        if others := differences(final_results(this.results), expected):
            raise Crashed(f"not as they come out undisturbed: {others}")
        if again := this.written_again():
            raise Crashed(f"written again after they had been finished: {again}")
        records = map(read_json, this.results.glob("*/seed-*/train.json"))
        tally.resumed += sum(len(record["resumed"]) for record in records)
        tally.kept += len({name for name, _ in this.taken_over})
        print(f"round {tally.rounds}: as undisturbed, byte for byte", flush=True)
    return tally


def _copy(folder: Path, study: Study) -> Project:
    project = Project(folder)
    project.edit_config(study.edit)
    return project


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--study", choices=STUDIES, default="small")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="parity-crashes-"))
    began = time.monotonic()
    try:
        tally = crash_test(folder, STUDIES[options.study], options.kills, options.seed, minutes=options.minutes)
    except Crashed as error:
        sys.exit(f"{error}\nAll of it lies in {folder}")
    shutil.rmtree(folder)
    print(f"{tally}. Everything came out as undisturbed, byte for byte, after {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
