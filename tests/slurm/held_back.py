"""A command of Slurm that waits before it begins, so that something falls upon it."""

from __future__ import annotations

import shutil

from daemons import wait_until
from snakemake_run import Runnable


class HeldBack:
    """Snakemake of a project for which calls of one of Slurm's commands wait, from `hold` until they are let through."""

    def __init__(self, project: Runnable, program: str):
        self.folder, self.command = project.folder, project.command
        self._environment, self._program = project.environment(), program
        self._marks = project.folder / f"{program}-held-back"
        script = self._marks / "bin" / program
        script.parent.mkdir(parents=True)
        script.write_text(
            f"#!/bin/sh\ncd {self._marks}\necho called >> calls\ncall=$(wc -l < calls)\n"
            f'until [ "$call" -le "$(cat through)" ]; do sleep 0.1; done\n'
            f'cd "$OLDPWD"\nexec {shutil.which(program)} "$@"\n'
        )
        script.chmod(0o755)
        self._before = 0
        self.let_go()

    def environment(self) -> dict[str, str]:
        return self._environment | {"PATH": f"{self._marks}/bin:{self._environment['PATH']}"}

    def hold(self) -> None:
        self._before = self._calls()
        self.let_through(0)

    def wait_calls(self, number: int) -> None:
        """Wait for so many calls since `hold`."""
        wait_until(lambda: self._calls() >= self._before + number, f"{self._program} is called {number} times")

    def let_through(self, number: int) -> None:
        """Let the first calls since `hold` begin, so many of them."""
        new = self._marks / "new"
        new.write_text(str(self._before + number))
        new.replace(self._marks / "through")

    def let_go(self) -> None:
        self.let_through(10**9)

    def _calls(self) -> int:
        calls = self._marks / "calls"
        return len(calls.read_text().split()) if calls.exists() else 0
