"""Who runs a study: one snakemake at a time, its controller, known by a record that it keeps fresh while it lives.

Snakemake's own lock outlives a killed Snakemake and does not say whose it is; and the first Snakemake in a folder that ends
takes the locks of all others with it.
"""

from __future__ import annotations

import argparse
import atexit
import fcntl
import getpass
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from .files import digest, write_json

FOLDER = Path(".snakemake/parity")
SNAKEMAKE_LOCKS = Path(".snakemake/locks")
HEARTBEAT_SECONDS = 20
# On another machine only the heartbeat tells. Network file systems may show it some seconds late.
DEAD_AFTER_SECONDS = 120


# Command lines with one of these only look, or tidy up, and so may come while the study runs.
LOOKING = {"--unlock", "--lint", "--summary", "-S", "--detailed-summary", "-D", "--list-rules", "--list", "-l", "--report"}
LOOKING |= {"--dag", "--rulegraph", "--filegraph", "--d3dag", "--cleanup-metadata", "--list-input-changes"}
LOOKING |= {"--list-params-changes", "--list-code-changes", "--list-version-changes", "--reporter"}


class Busy(Exception):
    """Another controller runs the study, or was killed and left its lock, or the folder is somebody else's. The message says
    whose, and what to do."""


@dataclass(frozen=True)
class Controller:
    """A process that runs a study. `created` is its start in seconds since 1970, since process ids are used again."""

    user: str
    host: str
    pid: int
    created: float
    started: str
    command: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.user}'s snakemake (process {self.pid} on {self.host}, since {self.started})"


def guard(study: str, command_line: list[str]) -> bool:
    """Take the study for the snakemake of this command line, unless that only looks. Returns whether it was taken.

    Raises:
        Busy: another controller lives, or one was killed and left its lock.
    """
    if LOOKING.intersection(command_line):
        return False
    options = options_of(command_line)
    profile = f" PROFILE={options.profile}" if options.profile else ""
    config = f" CONFIG={options.configfile[0]}" if options.configfile else ""
    # Read by the Slurm executor, which tells the study's jobs from others by it, and says how to go on with them.
    os.environ.update(PARITY_JOB_PREFIX=job_prefix(study), PARITY_RESUME=f"make resume{profile}{config}")
    if living(study) is None and left_locks(study):
        # Not taken: who the lost one was, and where its jobs run, stays known to `make resume`.
        raise Busy(
            f"{recorded(study) or 'The snakemake'} that ran the study {study} is gone without tidying up, and its jobs may still"
            f" run. Carry on with: {os.environ['PARITY_RESUME']}"
        )
    take(study)
    return True


def options_of(command_line: Sequence[str]) -> argparse.Namespace:
    """What of snakemake's command line decides which study runs where: profile, configfile (a list) and executor."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--profile")
    parser.add_argument("--executor", "-e")
    parser.add_argument("--configfile", "--configfiles", nargs="+", default=[])
    return parser.parse_known_args(list(command_line[1:]))[0]


def take(study: str) -> None:
    """Make this process the study's controller until it ends. Raises Busy where another one lives, or nothing can be written."""
    me, now = psutil.Process(), datetime.now(UTC).isoformat(timespec="seconds")
    mine = Controller(getpass.getuser(), socket.gethostname(), me.pid, me.create_time(), now, tuple(sys.argv))
    # Whoever may only read here is told whose the study is, too.
    _refuse_beside_another(study, mine)
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time():
            _refuse_beside_another(study, mine)
            write_json(_record(study), asdict(mine))
    except PermissionError as error:
        raise Busy(
            f"{mine.user} may not write {error.filename}. Work in a copy of your own, or let the folder's owner give you the right"
            f" to write all of {Path.cwd()}"
        ) from None
    # Snakemake may have left this folder by the time that it ends.
    record = _record(study).absolute()
    threading.Thread(target=_keep_fresh, args=(record,), daemon=True).start()
    atexit.register(record.unlink, missing_ok=True)


def _refuse_beside_another(study: str, mine: Controller) -> None:
    other = living(study)
    if other is not None and (other.host, other.pid, other.created) != (mine.host, mine.pid, mine.created):
        raise Busy(
            f"{other} is running the study {study} in {Path.cwd()}. It does all that there is to do: let it, or stop it"
            f" with Ctrl-C, or on {other.host} with: kill -INT {other.pid}"
        )


def living(study: str) -> Controller | None:
    """The study's controller, if one is alive."""
    return _living(study, _seconds_since_heartbeat)


def seen_living(study: str) -> Controller | None:
    """As `living`, for who only looks: nothing is written, and so another machine's clock is trusted."""
    return _living(study, lambda study: time.time() - _record(study).stat().st_mtime)


def _living(study: str, seconds_since_heartbeat: Callable[[str], float]) -> Controller | None:
    controller = recorded(study)
    if controller is None:
        return None
    if controller.host == socket.gethostname():
        try:
            process = psutil.Process(controller.pid)
            # Killed where nobody asks how it ended, as in a container without an init, it stays a zombie for ever.
            lives = process.create_time() == controller.created and process.status() != psutil.STATUS_ZOMBIE
            return controller if lives else None
        except psutil.NoSuchProcess:
            if not _is_hidden(controller.pid):
                return None
        except psutil.AccessDenied:
            pass
    return controller if seconds_since_heartbeat(study) < DEAD_AFTER_SECONDS else None


def _is_hidden(pid: int) -> bool:
    """Whether a process lives that this user cannot see, as where /proc shows everybody only his own (hidepid)."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        pass
    return False


def _seconds_since_heartbeat(study: str) -> float:
    """By the file server's clock, since this machine's may be off; by this machine's where nothing can be written."""
    now = FOLDER / f"now-{os.getpid()}"
    try:
        now.touch()
        seconds = now.stat().st_mtime
        now.unlink()
    except PermissionError:
        seconds = time.time()
    return seconds - _record(study).stat().st_mtime


def recorded(study: str) -> Controller | None:
    """The controller that the study has or had last, if that one ended without tidying up."""
    try:
        return Controller(**json.loads(_record(study).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def left_locks(study: str) -> list[Path]:
    """The files in which Snakemake keeps its lock on this study's outputs and inputs."""
    mark = f"results/{study}/"
    return [path for path in sorted(SNAKEMAKE_LOCKS.glob("*.lock")) if mark in path.read_text(encoding="utf-8")]


def job_prefix(study: str) -> str:
    """How the names of this study's Slurm jobs begin: letters, digits, - and _, at most 50 characters."""
    readable = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in study)[:24]
    # Copies of a project in several folders are several studies.
    return f"parity-{readable}-{digest([str(Path.cwd()), study])[:8]}"


def _record(study: str) -> Path:
    return FOLDER / f"{study}.json"


def _keep_fresh(record: Path) -> None:
    while True:
        time.sleep(HEARTBEAT_SECONDS)
        with suppress(OSError):
            os.utime(record)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (FOLDER / "taking").open("w") as file:
        # Not every network file system can lock; there, two that start within the same moment are told apart by
        # Snakemake's own lock.
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
