"""What every script does around its work: its log, and how it ends on an error."""

from __future__ import annotations

import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

import psutil

from .errors import InputError, Interrupted
from .handover import STARTED_VARIABLE as STARTED
from .handover import end_as, run_warm
from .kept import on_record
from .progress import job_progress, stands_for

# Compute nodes may have no internet: only the rule fetch speaks to the hub, and switches this off for itself. Read by the
# libraries when they are imported.
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
# The variable that holds the study's config file, as people gave it.
CONFIG_FILE = "PARITY_CONFIG_FILE"
# When its libraries were loaded.
LOADED = "PARITY_LIBRARIES_LOADED"


def run_logged(main: Callable[[Any], None], job: Any, *, heavy: bool = False) -> None:
    """Call `main(job)` with everything that it and its children print in the job's log, and put on record what it wrote.

    A `heavy` one, which imports libraries for seconds, is left to a child of the warm process where there is one. What it does
    at the moment stands in a file beside the log (progress.py).

    File descriptors 1 and 2 themselves are turned to the log, so that output of compiled code lands there too. An
    error is also said on the terminal, where it ends the process with status 1; an InputError and an Interrupted leave no
    traceback.
    """
    os.environ[STARTED] = str(job_started())
    os.environ.update(OFFLINE)
    if heavy and (status := run_warm(sys.argv[0])) is not None:
        end_as(status)
    terminal = os.fdopen(os.dup(2), "w", buffering=1)
    os.environ["PARITY_TERMINAL"] = str(terminal.fileno())
    log_path = Path(str(job.log[0]))
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("w", buffering=1) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    try:
        with job_progress(stands_for(job.rule), log_path), on_record(job) as finished_before:
            if not finished_before:
                main(job)
    except (InputError, Interrupted) as error:
        message = _with_config_file(error, job)
        _say(terminal, f"{job.rule}: {message}")
        print(message, file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        # On the terminal first: the log may stand on the disk that is full.
        _say(terminal, f"{job.rule}: {type(error).__name__}: {error}")
        traceback.print_exc()
        sys.exit(1)


def _with_config_file(error: Exception, job: Any) -> str:
    """The message, with the config file before a key of the config: a script is given the config's content alone."""
    file, where = os.environ.get(CONFIG_FILE), getattr(error, "arguments", [""])[0]
    key = re.match(r"(\w+)(\.[\w.]+)?( = |$)", where)
    return f"{file}: {error}" if file and key and key[1] in job.config and not Path(where).exists() else str(error)


def _say(terminal: TextIO, message: str) -> None:
    # Where snakemake was killed, nobody reads any more what its jobs say there.
    with suppress(OSError):
        print(f"\n{message}\n", file=terminal)


def job_started() -> float:
    """When the job began, in seconds since 1970: as PARITY_JOB_STARTED says, or else with its process.

    A process that was kept ready for jobs is older than its job, and sets the variable.
    """
    if STARTED in os.environ:
        return float(os.environ[STARTED])
    # psutil counts from the boot, whose time the kernel gives in whole seconds.
    since_boot = psutil.Process().create_time() - psutil.boot_time()
    return time.time() - (time.clock_gettime(time.CLOCK_BOOTTIME) - since_boot)


def libraries_loaded() -> None:
    """Here a job's start-up ends, where something comes before the Meter that measures it."""
    os.environ[LOADED] = str(time.time())


@contextmanager
def left_out() -> Iterator[None]:
    """What is done inside, such as waiting, is no part of the job's time."""
    began, started = time.time(), job_started()
    yield
    os.environ[STARTED] = str(started + time.time() - began)


def terminal() -> TextIO | None:
    """The terminal that the job's log was taken from, or None where there is none (a cluster, a pipe)."""
    descriptor = int(os.environ.get("PARITY_TERMINAL", "2"))
    return os.fdopen(os.dup(descriptor), "w", buffering=1) if os.isatty(descriptor) else None
