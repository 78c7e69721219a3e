"""What a check came to: a line in the terminal, a row of the table, a traceback in its log."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate


class Skipped(Exception):
    """A check makes no sense here. The message says why."""


class Failed(Exception):
    """Something that Parity promises does not hold here. The message gives the figure."""


@dataclass(frozen=True)
class Check:
    """A promise, and the function that looks whether it holds and returns a figure. It raises Skipped, or anything else."""

    name: str
    look: Callable[[], str]

    @property
    def file_name(self) -> str:
        return "".join(letter if letter.isalnum() else "-" for letter in self.name.lower()) + ".log"


@dataclass(frozen=True)
class Outcome:
    """A check's row. `state` is "ok", "FAILED" or "skipped"; `figure` what was measured, or why not."""

    name: str
    state: str
    figure: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.name}: {self.state}{f': {self.figure}' if self.figure else ''}"


def outcome_of(check: Check, log: Path) -> Outcome:
    """Do a check. Whatever it raises is said, and stands in `log` with its traceback."""
    started = time.perf_counter()
    try:
        state, figure = "ok", check.look()
    except Skipped as reason:
        state, figure = "skipped", str(reason)
    except Exception as error:
        with log.open("a", encoding="utf-8") as stream:
            traceback.print_exc(file=stream)
        said = str(error) if isinstance(error, Failed) else f"{type(error).__name__}: {error}"
        state, figure = "FAILED", f"{(said.splitlines() or [''])[0]} ({log})"
    return Outcome(check.name, state, figure, time.perf_counter() - started)


def page(header: dict[str, str], outcomes: Iterable[Outcome]) -> str:
    """The table in Markdown, ready for docs/GPU.md."""
    rows = [
        {"Check": each.name, "": each.state, "Figure": each.figure.replace("|", "/"), "Seconds": f"{each.seconds:.0f}"}
        for each in outcomes
    ]
    lines = [f"- {key}: {value}" for key, value in header.items()]
    return "\n".join([*lines, "", tabulate(rows, headers="keys", tablefmt="github", disable_numparse=True), ""])


def within(name: str, difference: float, tolerance: float) -> str:
    """The figure; raises Failed where the difference is larger, or no number."""
    figure = f"{name} {difference:.2g} (at most {tolerance:g})"
    if not difference <= tolerance:
        raise Failed(figure)
    return figure
