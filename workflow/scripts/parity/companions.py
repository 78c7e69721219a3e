"""Ending a process of a run that can only wait for ever: for one of the others, or since nobody waits for it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

LOOK_SECONDS = 0.5
# The pid of the process that starts those of a run. Asked for in them, it would be another's if that one is gone by then.
STARTER_VARIABLE = "PARITY_STARTER"


def end_with_others(folder: Path, rank: int, is_missed: Callable[[int], bool]) -> None:
    """End this process at once when the one that started it is gone, or another process of the run that is missed.

    Over NCCL nobody learns that another process is gone: what waits for it on the GPU waits for ever, deaf to signals.

    Args:
        folder: of the run's processes, where each notes itself.
        is_missed: whether the others cannot go on without the process of a rank, which is gone.
    """
    parent = int(os.environ.get(STARTER_VARIABLE, os.getppid()))
    (folder / f"process-{rank}-{os.getpid()}").touch()

    def watch() -> None:
        while os.getppid() == parent and not any(map(is_missed, _gone(folder))):
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _gone(folder: Path) -> list[int]:
    """The ranks of the processes that have noted themselves and are gone."""
    noted = (path.name.split("-") for path in folder.glob("process-*"))
    return [int(rank) for _, rank, pid in noted if _has_ended(int(pid))]


def _has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
