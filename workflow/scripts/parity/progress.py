"""What a job says of itself while it runs: a small file beside its log, which `make status` and the terminal's grid read.

It is no output of a rule, and nothing that a result depends on: a job whose progress cannot be written goes on. The file is
there while the job runs and after it ended badly; a job that ended well leaves its outputs instead. A process that was killed
leaves a file that says it runs: whoever reads it looks whether the process lives (run_states.py).
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from .errors import InputError, Interrupted

FILE_VARIABLE = "PARITY_PROGRESS"
# To whoever looks at a run, a seed that trained in a gang was trained.
_STAND_FOR = {"take_from_gang": "train"}
SUFFIX = ".progress.json"
RUNNING, FAILED, INTERRUPTED = "running", "failed", "interrupted"
# That long after the last sign of life a job on another machine is given up. Network file systems show signs late.
DEAD_AFTER_SECONDS = 120
HEARTBEAT_SECONDS = 15
# Of what the training writes: a file server is asked at most once a second, and in a long job less often.
LEAST_SECONDS, MOST_SECONDS, SHARE_OF_JOB = 1.0, 10.0, 0.01


def stands_for(rule: str) -> str:
    """The rule that a job of `rule` is known by in logs, progress and records."""
    return _STAND_FOR.get(rule, rule)


def progress_file(log: Path) -> Path:
    """Where the job with this log says how far it is."""
    return log.with_name(log.name.removesuffix(".log") + SUFFIX)


@contextmanager
def job_progress(rule: str, log: Path) -> Iterator[None]:
    """Around a job: its file says that it runs, and where, and at an error how it ended. Nothing here can make a job fail."""
    path = progress_file(log).absolute()
    me = psutil.Process()
    began = {
        "rule": rule,
        "state": RUNNING,
        "host": socket.gethostname(),
        "pid": me.pid,
        "created": me.create_time(),
        "slurm_job": os.environ.get("SLURM_JOB_ID"),
        "started": time.time(),
    }
    _write(path, began)
    before = os.environ.get(FILE_VARIABLE)
    os.environ[FILE_VARIABLE] = str(path)
    ended = threading.Event()
    threading.Thread(target=_keep_fresh, args=(path, ended), daemon=True).start()
    try:
        yield
    except BaseException as error:
        # sys.exit() is a good end, too.
        last = None if isinstance(error, SystemExit) and not error.code else _end(read_progress(path) or began, error)
        raise
    else:
        last = None
    finally:
        ended.set()
        os.environ.pop(FILE_VARIABLE)
        if before is not None:
            os.environ[FILE_VARIABLE] = before
        if last:
            _write(path, last)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _end(record: dict, error: BaseException) -> dict:
    """The record of a job that `error` ends."""
    state = INTERRUPTED if isinstance(error, Interrupted | KeyboardInterrupt) else FAILED
    named = isinstance(error, InputError | Interrupted)
    lines = str(error).strip().splitlines() or [""]
    reason = lines[0] if named else f"{type(error).__name__}: {lines[0]}".removesuffix(": ")
    return record | {"state": state, "ended": time.time(), "reason": reason}


class Reporter:
    """What a job that takes long tells of its course, over the file that `job_progress` began. One process of a job has one."""

    def __init__(self, **values: Any):
        """
        Args:
            values: what is said from the beginning, as JSON can hold it.
        """
        path = os.environ.get(FILE_VARIABLE)
        self._path = Path(path) if path else None
        self._record = (read_progress(self._path) or {}) if self._path else {}
        self._began, self._next = time.monotonic(), 0.0
        self.say(**values)

    def say(self, **values: Any) -> None:
        """Say something at once."""
        self._record |= values
        if self._path and self._record.get("state") == RUNNING:
            _write(self._path, self._record | {"changed": time.time()})
            now = time.monotonic()
            pause = SHARE_OF_JOB * (now - self._began)
            self._next = now + min(MOST_SECONDS, max(LEAST_SECONDS, pause))

    def step(self, **values: Any) -> None:
        """Say something that changes all the time: kept, and written when that is due."""
        self._record.update(values)
        if self._path and time.monotonic() >= self._next:
            self.say()


def read_progress(path: Path) -> dict | None:
    """A job's record, None where there is none, or none that can be read."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and "state" in record and "rule" in record else None


def _write(path: Path, record: dict) -> None:
    # Not files.whole: that is for results, and makes a folder a time.
    place = path.with_name(f".{path.name}~")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(record), encoding="utf-8")
        place.replace(path)


def _keep_fresh(path: Path, ended: threading.Event) -> None:
    while not ended.wait(HEARTBEAT_SECONDS):
        with suppress(OSError):
            os.utime(path)
