"""Giving every run on this machine GPUs of its own: runs of all workflows, folders and users.

A run is a file in one folder of the machine, which the process keeps locked (flock) as long as it lives. The kernel frees the
lock when the process is gone, however it was killed, but not while a child that inherited it lives. What the living files say
is held or waited for; one process at a time reads them and decides, under a lock on the folder itself.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from .errors import InputError
from .gpu_device import Gpu
from .gpu_queue import Run, choose, waiting_before
from .gpus import check_runs_per_gpu, enough_gpus, show_only, visible_gpus
from .job import left_out

# Not below TMPDIR, which may differ from user to user: all must find the same folder.
FOLDER = "/tmp/parity-gpus"
FOLDER_VARIABLE = "PARITY_GPU_FOLDER"
# Where a run's children find its file.
RUN_VARIABLE = "PARITY_GPU_RUN"
POLL_SECONDS = 0.5
# A waiting run that looks no more for so long was stopped (Ctrl-Z), and must not keep others from free GPUs.
STOPPED_SECONDS = 60


@dataclass(frozen=True)
class Found:
    """A living run of another process, and its file."""

    run: Run
    path: Path

    def __str__(self) -> str:
        try:
            user = self.path.owner()
        except (KeyError, OSError):
            user = "somebody"
        process = f"{user}'s process {self.run.pid} ({self.run.title}{_asking(self.run)})"
        if Path(f"/proc/{self.run.pid}").exists():
            return process
        left = ", ".join(map(str, _processes_with_open(self.path))) or "not to be seen by you"
        return f"what {process}, which is gone, left running (process {left})"


def take_gpus(job: Any, count: int) -> None:
    """Let this job's process, and those that it starts, compute on `count` GPUs that no other run uses; wait for them.

    They are the job's until its processes have ended. Nothing is done where the rule's resource gpus_from is "scheduler",
    which has chosen them then, or where no GPU is visible: the job computes on the CPU. To be called before CUDA is.

    Raises:
        InputError: a resource of the rule cannot be; `count` is more than the visible GPUs; the environment names a GPU that
            is not there; the folder of the runs cannot be used.
    """
    of_one = f"seed {job.wildcards.seed}" if hasattr(job.wildcards, "seed") else f"seeds {job.params.seeds}"
    resources, title = job.resources, f"{job.rule} {job.wildcards.method} {of_one}"
    source = getattr(resources, "gpus_from", "slots")
    if source == "scheduler":
        return
    if source != "slots":
        raise InputError(f"rule {job.rule}: resources: gpus_from = {source!r}", "unknown", 'Set it to "slots" or "scheduler"')
    gpus = enough_gpus(f"methods.{job.wildcards.method}.train.gpus_per_run = {count}", count, visible_gpus())
    if not gpus:
        return
    runs_per_gpu, memory_mb = getattr(resources, "runs_per_gpu", 1), getattr(resources, "gpu_mem_mb", None)
    check_runs_per_gpu(f"rule {job.rule}: resources: runs_per_gpu = {runs_per_gpu!r}", runs_per_gpu)
    if memory_mb is not None and not (isinstance(memory_mb, int | float) and memory_mb > 0):
        raise InputError(f"rule {job.rule}: resources: gpu_mem_mb = {memory_mb!r}", "it must be a number above 0", "Mend it")
    usable = {gpu.id: gpu.memory_mb for gpu in gpus}
    with left_out():
        granted = _wait_for(Run(time.monotonic_ns(), os.getpid(), title, count, usable, runs_per_gpu, memory_mb), gpus)
    mine = [gpu for gpu in gpus if gpu.id in granted]
    show_only(mine)
    shared = f", shared by up to {runs_per_gpu} runs" if runs_per_gpu > 1 else ""
    print(f"Computing on {', '.join(map(str, mine))}{shared}", flush=True)


def hold_gpus() -> None:
    """Hold, until this process ends, what the run that started it holds.

    For a process on the run's GPUs that does not inherit open files, such as torchrun's: it may outlive the one that started
    it, and then still computes there.
    """
    with suppress(FileNotFoundError):
        if RUN_VARIABLE in os.environ:
            fcntl.flock(os.open(os.environ[RUN_VARIABLE], os.O_RDONLY), fcntl.LOCK_SH)


def _wait_for(run: Run, gpus: Sequence[Gpu]) -> tuple[str, ...]:
    folder = _folder()
    with _alone_in(folder):
        path, descriptor = _open_run(folder, run)
    said = ""
    while True:
        with _alone_in(folder):
            if os.fstat(descriptor).st_nlink == 0:
                raise FileNotFoundError(0, "somebody deleted what was in it", str(folder))
            found = _living(folder, path)
            if granted := choose(run, [other.run for other in found]):
                _write(descriptor, replace(run, granted=granted))
                break
            os.utime(descriptor)
        if said != (said := _waiting_line(run, gpus, found)):
            print(said, flush=True)
        time.sleep(POLL_SECONDS)
    # Children that are forked, or started with open files, keep the lock.
    os.set_inheritable(descriptor, True)
    os.environ[RUN_VARIABLE] = str(path)
    return granted


def _folder() -> Path:
    """The folder of all runs on this machine, which everybody may write to."""
    named = Path(os.environ.get(FOLDER_VARIABLE) or FOLDER)
    # As the kernel names what lies in it. The folder itself must be none of the links that anybody can put into /tmp.
    folder = named.parent.resolve() / named.name
    # Whatever the first user's umask is, the others may write too.
    umask = os.umask(0)
    try:
        folder.mkdir(mode=0o1777, exist_ok=True)
    except OSError as error:
        raise _refusal(folder, error) from error
    finally:
        os.umask(umask)
    return folder


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep out everybody else who looks at the runs. Raises InputError where the folder cannot be used."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _refusal(folder, error) from error


def _refusal(folder: Path, error: OSError) -> InputError:
    return InputError(
        str(folder),
        f"the GPUs in use cannot be noted there ({error.strerror})",
        f"Let its owner or root open it to all (chmod 1777 {folder}), or let all who share this machine name another folder:"
        f" export {FOLDER_VARIABLE}=...",
    )


def _open_run(folder: Path, run: Run) -> tuple[Path, int]:
    """The locked file of a run, which other users can read whatever this one's umask is."""
    path = folder / f"{run.arrived:020}-{run.pid}.run"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    os.fchmod(descriptor, 0o644)
    # Shared: the run's children may hold it too.
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _write(descriptor, run)
    return path, descriptor


def _write(descriptor: int, run: Run) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(asdict(run)).encode(), 0)


def _living(folder: Path, but: Path) -> list[Found]:
    """All other runs that hold GPUs or still ask for them. Files of the dead are removed, where this user may."""
    found = []
    for path in sorted(folder.glob("[0-9]" * 20 + "-*.run")):
        if path == but:
            continue
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            # It is made readable before its owner lets others in: this one died in between.
            continue
        try:
            if _is_dead(descriptor):
                with suppress(OSError):
                    path.unlink()
            elif (run := _read(descriptor)) and (run.granted or not _is_stopped(descriptor)):
                found.append(Found(run, path))
        finally:
            os.close(descriptor)
    return found


def _is_dead(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_stopped(descriptor: int) -> bool:
    return time.time() - os.fstat(descriptor).st_mtime > STOPPED_SECONDS


def _read(descriptor: int) -> Run | None:
    try:
        values = json.loads(os.pread(descriptor, 2**20, 0))
        return Run(**{field.name: values[field.name] for field in fields(Run)})
    except (ValueError, TypeError, KeyError):
        return None


def _waiting_line(run: Run, gpus: Sequence[Gpu], found: Sequence[Found]) -> str:
    """Why the run waits, and for whom."""
    runs = [other.run for other in found]
    using = {gpu: [str(other) for other in found if gpu.id in other.run.granted] for gpu in gpus}
    lines = [f"Waiting for {run.count if run.count > 1 else 'one'} of these GPUs{_asking(run)}:"]
    lines += [f"  {gpu}: {'used by ' + ' and '.join(users) if users else 'not in use'}" for gpu, users in using.items()]
    earlier = waiting_before(run, runs)
    lines += [f"  waiting since before this run: {other}" for other in found if other.run in earlier]
    return "\n".join(lines)


def _asking(run: Run) -> str:
    return f", {run.memory_mb:.0f} MB on each" if run.memory_mb is not None else ""


def _processes_with_open(path: Path) -> list[int]:
    """The processes that have a file open, as far as this user can see them."""
    holders = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if link.readlink() == path:
                holders.add(int(link.parts[2]))
    return sorted(holders)
