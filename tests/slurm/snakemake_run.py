"""Snakemake in the background, with a time limit that nothing escapes."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Protocol

import psutil
from daemons import kill_processes, lives, wait_until
from patience import PATIENCE_SECONDS


class Runnable(Protocol):
    """A folder to run Snakemake in, and how."""

    folder: Path

    def command(self, *arguments: str) -> list[str]: ...

    def environment(self) -> dict[str, str]: ...


class Run:
    """Snakemake in the background: killed, with all its children, when its seconds are over or the test ends."""

    def __init__(self, project: Runnable, arguments: tuple[str, ...], seconds: float, output: Path):
        self.output = output
        self.seconds = seconds
        self._ends = time.monotonic() + seconds
        # The limit holds even if the test is killed. A test run in the background would pass on that Ctrl-C is ignored.
        limit = ["env", "--default-signal=INT", "timeout", "--kill-after=10", str(int(seconds) + 60)]
        with output.open("wb") as stream:
            self._process = subprocess.Popen(
                [*limit, *project.command(*arguments)],
                cwd=project.folder,
                env=project.environment(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        """Its output so far, stdout and stderr together."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_line(self, pattern: str) -> re.Match:
        """Wait until the regular expression is found in the output. AssertionError if the run ends without or time is up."""
        while True:
            ended = self._process.poll() is not None
            if found := re.search(pattern, self.text, re.M):
                return found
            if ended or time.monotonic() > self._ends:
                raise AssertionError(f"{'the run ended' if ended else 'time is up'} without {pattern!r}:\n{self.text[-6000:]}")
            time.sleep(0.1)

    def wait(self, expected: int | None = 0) -> int:
        """Wait for the end; AssertionError if it does not come in time or the exit status is not `expected` (None: any)."""
        try:
            code = self._process.wait(max(0.1, self._ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"snakemake still runs after {self.seconds:g} s:\n{self.text[-6000:]}") from None
        if expected is not None and code != expected:
            raise AssertionError(f"snakemake ended with {code}, not {expected}:\n{self.text[-6000:]}")
        return code

    @property
    def pid(self) -> int:
        """Snakemake's own process id, while it runs."""
        return self._snakemake().pid

    def runs(self) -> bool:
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to Snakemake alone."""
        self._snakemake().send_signal(number)

    def _snakemake(self) -> psutil.Process:
        wait_until(lambda: psutil.Process(self._process.pid).children(), "timeout has started snakemake")
        return psutil.Process(self._process.pid).children()[0]

    def end(self) -> None:
        """Kill what is left of it on this machine; its Slurm jobs stay."""
        if self.runs():
            below = psutil.Process(self._process.pid).children(recursive=True)
            kill_processes([process for process in below if lives(process)])
            self._process.wait(PATIENCE_SECONDS)
