"""Which parts of a study are not there, and what their logs say last."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .config import GENERATING_KINDS, TRAINED_KINDS, Run, method_block, study_runs
from .memory_request import check_file

CHECK_OF_ALL = "check.json"
LAST_LINES = 15
LONGEST_LINE = 400
# More than so many lines of such a length take.
TAIL_BYTES = 64 * 1024
# Colours and other commands to a terminal, and what no page may hold.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Hole:
    """Something that is not there.

    Attributes:
        rule: the first rule on the way whose output is missing.
        log: where that rule writes.
        lines: the last of its log; None where there is no log, so that it has not begun.
        method, seed: of the run; None for a step that all runs share.
    """

    rule: str
    log: Path
    lines: tuple[str, ...] | None
    method: str | None = None
    seed: int | None = None


def find_holes(config: dict, folder: Path) -> list[Hole]:
    """The shared steps and runs of a study that are not there; none where every run has scores.

    Args:
        config: checked, with its defaults.
        folder: results/<name>.
    """
    missing = [(run, step) for run in study_runs(config, folder) if (step := _first_missing(config, folder, run)) is not None]
    if not missing:
        return []
    shared = [("prepare", folder / "data/test.jsonl"), ("check", folder / "data" / CHECK_OF_ALL)]
    holes = [_hole(rule, folder / f"logs/{rule}.log") for rule, file in shared if not file.exists()]
    return holes + [_hole(rule, log, run) for run, (rule, log) in missing]


def left_open(folder: Path, rules: tuple[str, ...]) -> list[Hole]:
    """Holes for steps that all runs share and that did not end well."""
    return [_hole(rule, folder / f"logs/{rule}.log") for rule in rules]


def _hole(rule: str, log: Path, run: Run | None = None) -> Hole:
    return Hole(rule, log, last_lines(log), *((run.method, run.seed) if run else ()))


def _first_missing(config: dict, folder: Path, run: Run) -> tuple[str, Path] | None:
    """Rule and log of a run's first step that left no output; None where all did."""
    place = folder / run.method / f"seed-{run.seed}"
    if (place / "rouge.json").exists() and (place / "scores.csv").exists():
        return None
    for rule, output, checked in _steps(config, folder, run):
        if output.exists():
            continue
        log = folder / f"logs/check_method/{checked.stem}.log"
        # It began, and the step waits for what it should have left.
        if checked.name != CHECK_OF_ALL and log.exists() and not checked.exists():
            return "check_method", log
        return rule, folder / f"logs/{rule}/{run.method}/seed-{run.seed}.log"
    return "score", folder / f"logs/score/{run.method}/seed-{run.seed}.log"


def _steps(config: dict, folder: Path, run: Run) -> Iterator[tuple[str, Path, Path]]:
    """Rule, output and the check that it waits for, of each step before the scoring of a run."""
    block, place, data = method_block(config, run.method), folder / run.method / f"seed-{run.seed}", folder / "data"
    if block["kind"] in TRAINED_KINDS:
        yield "train", place / "train.json", Path(check_file(str(data), run.method, block, "train"))
    if block["kind"] in GENERATING_KINDS:
        yield "generate", place / "predictions.jsonl", Path(check_file(str(data), run.method, block, "generate"))
    else:
        yield block["kind"], place / "predictions.jsonl", data / CHECK_OF_ALL


def last_lines(log: Path) -> tuple[str, ...] | None:
    """The last lines of a log as plain text, long ones cut; None where there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return None
    # A progress bar writes one line over and over.
    lines = [CONTROL.sub("", line.rstrip("\r").rsplit("\r", 1)[-1]).rstrip() for line in text.split("\n")]
    return tuple(
        line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " ..."
        for line in [line for line in lines if line][-LAST_LINES:]
    )
