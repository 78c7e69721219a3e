"""Where every run of a study stands, read from its files alone: outputs, progress files (progress.py) and checkpoints.

What Snakemake would say of them, such as whether newer data ask for another training, is not looked at.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil

from . import config as study
from .checkpoints import step_of
from .progress import DEAD_AFTER_SECONDS, FAILED, INTERRUPTED, RUNNING, SUFFIX, read_progress

WAITING, LOST, SCORED, NEXT = "waiting", "lost", "scored", "next"
# What each stage leaves, last of all.
OUTPUTS = {
    "train": "train.json",
    "generate": "generate.json",
    "baseline": "predictions.jsonl",
    "predictions": "predictions.jsonl",
    "score": "rouge.json",
}
STAGES = {
    "full": ("train", "generate", "score"),
    "peft": ("train", "generate", "score"),
    "zero_shot": ("generate", "score"),
    "baseline": ("baseline", "score"),
    "predictions": ("predictions", "score"),
}
# psutil's times of one process differ by rounding.
SAME_PROCESS_SECONDS = 2.0


@dataclass(frozen=True)
class Job:
    """A job that left a progress file.

    Attributes:
        state: running, failed, interrupted, or lost: the file says that it runs, and it does not.
        record: the progress file's content; times are in seconds since 1970.
        seen: when it was last known to live.
        log: the job's log.
    """

    state: str
    record: dict[str, Any]
    seen: float
    log: Path

    @property
    def rule(self) -> str:
        return self.record["rule"]


@dataclass(frozen=True)
class RunState:
    """One run of a study.

    Attributes:
        state: waiting (nothing of it is done), running, next (the stage before `stage` is done, nothing runs), scored, failed,
            interrupted or lost.
        stage: the rule that runs, ended badly or comes next; None where all are done.
        left: all rules still to be done, `stage` first.
        job: the job of a run that runs, failed, was interrupted or was lost.
        score: the primary metric of a scored run, in points.
        seconds: of each stage that is done, as the run's records say.
        other_settings: whether the method's block was another one when that was done.
        checkpoint: the step of the newest checkpoint that the next attempt at training may go on from.
    """

    method: str
    seed: int
    seeded: bool
    state: str
    stage: str | None
    left: tuple[str, ...]
    job: Job | None = None
    score: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    other_settings: bool = False
    checkpoint: int | None = None

    @property
    def name(self) -> str:
        return f"{self.method} seed {self.seed}" if self.seeded else self.method


def run_states(config: dict, results: Path, now: float) -> list[RunState]:
    """All runs of a checked config, in its order, whose files lie in the folder `results`."""
    blocks = {name: study.method_block(config, name) for name in config["compare"]}
    return [_run_state(config, run, blocks[run.method], results, now) for run in study.study_runs(config, results)]


def other_jobs(config: dict, results: Path, now: float) -> list[Job]:
    """The jobs that are no run's and run or ended badly: of the data, the checks, the tables."""
    runs = {_log(results, stage, run) for run in study.study_runs(config, results) for stage in OUTPUTS}
    logs = sorted(path.with_name(path.name.removesuffix(SUFFIX) + ".log") for path in (results / "logs").rglob(f"*{SUFFIX}"))
    of_runs = {results / "logs" / stage for stage in OUTPUTS}
    # Runs that the config does not name any more are nobody's to look after.
    found = (_job(log, now) for log in logs if log not in runs and not of_runs.intersection(log.parents))
    return [job for job in found if job]


def unnamed_runs(config: dict, results: Path) -> list[str]:
    """Runs that have results here, and that the config does not ask for."""
    named = {(run.method, run.seed) for run in study.study_runs(config, results)}
    there = (path.parent for path in sorted(results.glob("*/seed-*/rouge.json")))
    found = [(path.parent.name, int(path.name.removeprefix("seed-"))) for path in there if path.name[5:].isdigit()]
    return [f"{method} seed {seed}" for method, seed in found if (method, seed) not in named]


def _run_state(config: dict, run: study.Run, block: dict, results: Path, now: float) -> RunState:
    folder = results / run.method / f"seed-{run.seed}"
    stages = STAGES[block["kind"]]
    done = list(_stages_done(folder, stages))
    left = stages[len(done) :]
    records = {stage: _json(folder / OUTPUTS[stage]) for stage in done if OUTPUTS[stage].endswith(".json")}
    known = {
        "method": run.method,
        "seed": run.seed,
        "seeded": study.is_seeded(block),
        "seconds": {stage: seconds for stage, record in records.items() if (seconds := _seconds(stage, record)) is not None},
        "other_settings": _other_settings(records, block),
    }
    job = _newest_job(results, run, stages, done, now)
    if job:
        left = stages[stages.index(job.rule) :]
        checkpoint = _checkpoint(job.record) if job.rule == "train" else None
        return RunState(state=job.state, stage=job.rule, left=left, job=job, checkpoint=checkpoint, **known)
    if not left:
        score = records["score"].get("metrics", {}).get(config["comparison"]["primary_metric"])
        return RunState(state=SCORED, stage=None, left=(), score=score, **known)
    return RunState(state=NEXT if done else WAITING, stage=left[0], left=left, **known)


def _stages_done(folder: Path, stages: tuple[str, ...]) -> Iterator[str]:
    """The first stages, as far as each has left its output, and that is not older than the one before."""
    before = 0
    for stage in stages:
        made = _made(folder / OUTPUTS[stage])
        if made is None or made < before:
            return
        before = made
        yield stage


def _newest_job(results: Path, run: study.Run, stages: tuple[str, ...], done: list[str], now: float) -> Job | None:
    """The job of a run that started last, unless what it was to do is done by now."""
    jobs = [job for stage in stages if (job := _job(_log(results, stage, run), now))]
    if not jobs:
        return None
    job = max(jobs, key=lambda each: each.record.get("started", 0))
    if job.state != RUNNING and job.rule in done:
        made = _made(results / run.method / f"seed-{run.seed}" / OUTPUTS[job.rule]) or 0
        if made >= job.record.get("started", 0) * 1e9:
            return None
    return job


def _log(results: Path, stage: str, run: study.Run) -> Path:
    return results / "logs" / stage / run.method / f"seed-{run.seed}.log"


def _job(log: Path, now: float) -> Job | None:
    path = log.with_name(log.name.removesuffix(".log") + SUFFIX)
    record = read_progress(path)
    made = _made(path)
    if record is None or made is None:
        return None
    state, seen = record["state"], made / 1e9
    if state == RUNNING and not _lives(record, now - seen):
        state = LOST
    elif state not in (RUNNING, FAILED, INTERRUPTED):
        return None
    return Job(state, record, seen, log)


def _lives(record: dict, age: float) -> bool:
    """Whether the process that wrote a record lives: seen here, and by its heartbeat on another machine."""
    if record.get("host") == socket.gethostname():
        try:
            created = psutil.Process(record["pid"]).create_time()
            return abs(created - record["created"]) < SAME_PROCESS_SECONDS
        except psutil.NoSuchProcess:
            return False
        except (psutil.AccessDenied, KeyError, TypeError):
            pass
    return age < DEAD_AFTER_SECONDS


def _checkpoint(record: dict) -> int | None:
    folder = record.get("checkpoint_folder")
    try:
        steps = [step_of(path) for path in Path(folder).glob("checkpoint-*")] if folder else []
    except (OSError, ValueError):
        # Another machine's disk.
        return None
    return max(steps, default=None)


def _seconds(stage: str, record: dict) -> float | None:
    phases = (record.get("scoring") or {} if stage == "score" else record).get("seconds_by_phase")
    return sum(phases.values()) if phases else None


def _other_settings(records: dict[str, dict], block: dict) -> bool:
    if "score" in records:
        return records["score"].get("settings") != {key: value for key, value in block.items() if key != "kind"}
    return "train" in records and records["train"].get("settings") != block["train"]


def _made(path: Path) -> int | None:
    """When a file was written, in nanoseconds since 1970; None where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _json(path: Path) -> dict:
    return _json_of(path, _made(path))


@lru_cache(maxsize=4096)
def _json_of(path: Path, made: int | None) -> dict:
    """A file that does not change is read once, however often the states are."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
