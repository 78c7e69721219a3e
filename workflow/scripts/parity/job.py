"""What every script does around its work: its log, and how it ends on an error."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from .errors import InputError, Interrupted


def run_logged(main: Callable[[Any], None], job: Any) -> None:
    """Call `main(job)` with everything that it and its children print in the job's log.

    File descriptors 1 and 2 themselves are turned to the log, so that output of compiled code lands there too. An
    error is also said on the terminal, where it ends the process with status 1; an InputError and an Interrupted leave no
    traceback.
    """
    terminal = os.fdopen(os.dup(2), "w", buffering=1)
    os.environ["PARITY_TERMINAL"] = str(terminal.fileno())
    log_path = Path(str(job.log[0]))
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("w", buffering=1) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    try:
        main(job)
    except (InputError, Interrupted) as error:
        print(f"\n{job.rule}: {error}\n", file=terminal)
        print(error, file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        # On the terminal first: the log may stand on the disk that is full.
        print(f"\n{job.rule}: {type(error).__name__}: {error}\n", file=terminal)
        traceback.print_exc()
        sys.exit(1)


def terminal() -> TextIO | None:
    """The terminal that the job's log was taken from, or None where there is none (a cluster, a pipe)."""
    descriptor = int(os.environ.get("PARITY_TERMINAL", "2"))
    return os.fdopen(os.dup(descriptor), "w", buffering=1) if os.isatty(descriptor) else None
