"""The warm process: it has the libraries loaded that jobs need for seconds each, and forks a child for each job.

One for each snakemake that runs jobs on this machine. It knows libraries alone: Parity's own modules, which may be edited at
any time, are imported by each child. It must not start threads or speak to a GPU, which no child would survive.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from .handover import FORWARDED, NUMBER, SOCKET_VARIABLE, STARTED_VARIABLE, received_request
from .memory_request import has_gpu

SWITCH = "PARITY_WARM"
# What the scripts import, directly or not.
LIBRARIES = (
    "snakemake.iocontainers",
    "snakemake.script",
    "torch",
    "torch._dynamo",
    "transformers",
    "transformers.generation",
    "transformers.models.auto.modeling_auto",
    "transformers.models.auto.tokenization_auto",
    "datasets",
    "accelerate",
    "pandas",
    "scipy.stats",
    "statsmodels.stats.multitest",
    "jsonschema",
    "rouge_score.rouge_scorer",
)
# These import bitsandbytes where it is installed, which asks CUDA for its GPUs at once.
OVER_PEFT = ("peft", "transformers.trainer_seq2seq")
# Snakemake sets them from a job's threads. Read once, by a library that is loaded: with one thread none starts any.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GOTO_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
THREADS = (*THREADS, "NUMEXPR_NUM_THREADS")
# Snakemake sets them from a job's resources. A child reads them anew.
TEMPORARY = ("TMPDIR", "TMP", "TEMPDIR", "TEMP")
# What says nothing of how a job runs.
OF_SHELLS = ("_", "SHLVL", "PWD", "OLDPWD", "LINES", "COLUMNS")
# The jemalloc in pyarrow, which allocates nothing there unless asked to, would otherwise start a thread when it is loaded.
NO_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false"} | dict.fromkeys(THREADS, "1")
MAY_DIFFER = {*NO_THREADS, *TEMPORARY, *OF_SHELLS, SOCKET_VARIABLE, STARTED_VARIABLE}
GPU_FILES = ("/dev/nvidia", "/dev/kfd")


def libraries() -> tuple[str, ...]:
    """The modules to load on this machine."""
    if has_gpu() and find_spec("bitsandbytes"):
        return LIBRARIES
    return LIBRARIES + OVER_PEFT


def start(log: Path, modules: Sequence[str] | None = None) -> subprocess.Popen | None:
    """Start the warm process, for the jobs that this process starts from now on. It ends with this process.

    Args:
        log: where it says what it does.
        modules: what it loads; None for `libraries()`.
    Returns:
        the process, or None where the environment says PARITY_WARM=0 or there is no place for a socket.
    """
    if os.environ.get(SWITCH) == "0":
        return None
    folder = tempfile.mkdtemp(prefix="parity-warm-")
    log.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener, log.open("w") as output:
        try:
            listener.bind(f"{folder}/socket")
        except OSError as error:
            # A path of a socket has 107 bytes at most.
            print(f"No warm process: {folder}/socket: {error}", file=output)
            shutil.rmtree(folder)
            return None
        listener.listen(128)
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(listener.fileno()), *(libraries() if modules is None else modules)],
            cwd=Path(__file__).parents[1],
            env=os.environ | NO_THREADS,
            # It ends when the other end of this pipe is closed, and that is when this process is gone, however it went.
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
    os.environ[SOCKET_VARIABLE] = f"{folder}/socket"
    atexit.register(_stop, process, folder)
    return process


def _stop(process: subprocess.Popen, folder: str) -> None:
    process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        # With jobs that live on it does, too.
        process.wait(1)
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Job:
    """A child at work. Both are told of by the selector: `end` when the child ends, `client` when who waits for it is gone."""

    pid: int
    end: int
    client: socket.socket


class Warm:
    """The warm process at work, with one thread."""

    def __init__(self, listener: socket.socket, environment: dict[str, str]):
        """
        Args:
            environment: this process's before the libraries were loaded.
        """
        self.listener = listener
        self.environment = environment
        self.of_libraries = {name: value for name, value in os.environ.items() if environment.get(name) != value}
        self.selector = selectors.DefaultSelector()
        self.jobs: set[Job] = set()
        self.selector.register(listener, selectors.EVENT_READ, self._begin)
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self._close)

    def serve(self) -> None:
        """Begin jobs until who started this process is gone, and return when the last of them has ended."""
        while self.jobs or self.listener.fileno() >= 0:
            for key, _ in self.selector.select():
                # What an earlier one of these has closed is gone.
                if self.selector.get_map().get(key.fd) == key:
                    key.data()

    def _close(self) -> None:
        self.selector.unregister(sys.stdin.fileno())
        self.selector.unregister(self.listener)
        shutil.rmtree(Path(self.listener.getsockname()).parent, ignore_errors=True)
        self.listener.close()

    def _begin(self) -> None:
        client = self.listener.accept()[0]
        descriptors: list[int] = []
        try:
            client.settimeout(10)
            request, descriptors = received_request(client)
            if problem := unlike(request, self.environment):
                print(f"{request.get('script')}: not here, since {problem}", flush=True)
                client.sendall(NUMBER.pack(0))
                client.close()
                return
            pid = os.fork()
            if pid == 0:
                self._become(request, descriptors, client)
            job = Job(pid, os.pidfd_open(pid), client)
            self.jobs.add(job)
            self.selector.register(job.end, selectors.EVENT_READ, lambda: self._ended(job))
            self.selector.register(client, selectors.EVENT_READ, lambda: self._abandoned(job))
            client.sendall(NUMBER.pack(pid))
        except (OSError, ValueError) as error:
            print(f"A job could not be begun: {error}", flush=True)
            if client not in {job.client for job in self.jobs}:
                client.close()
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _abandoned(self, job: Job) -> None:
        self.selector.unregister(job.client)
        os.kill(job.pid, signal.SIGKILL)

    def _ended(self, job: Job) -> None:
        status = os.waitstatus_to_exitcode(os.waitpid(job.pid, 0)[1])
        self.selector.unregister(job.end)
        with suppress(KeyError):
            self.selector.unregister(job.client)
        with suppress(OSError):
            job.client.sendall(NUMBER.pack(status))
        os.close(job.end)
        job.client.close()
        self.jobs.remove(job)

    def _become(self, request: dict, descriptors: list[int], client: socket.socket) -> None:
        """In the child: be the job's process, to its end."""
        status = 1
        try:
            self.selector.close()
            self.listener.close()
            for job in self.jobs:
                # Held open here, it would keep another job's client waiting.
                job.client.close()
                os.close(job.end)
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
                os.close(descriptor)
            status = run(request, self.of_libraries)
            client.sendall(NUMBER.pack(status))
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)


def unlike(request: dict, environment: dict[str, str]) -> str | None:
    """Why a child of this process, which began with `environment`, would not be what the job's own process is; or None."""
    if request.get("executable") != sys.executable:
        return f"it runs with {request.get('executable')}"
    theirs = request["environment"]
    differing = sorted(name for name in {*theirs, *environment} - MAY_DIFFER if theirs.get(name) != environment.get(name))
    return f"its environment differs in {', '.join(differing)}" if differing else None


def run(request: dict, of_libraries: dict[str, str]) -> int:
    """Run a script in this process as `python script` would.

    Args:
        of_libraries: the environment variables that libraries set where they are imported.
    Returns:
        the exit status. A signal that would end that process ends this one.
    """
    _put_on(request)
    os.environ.update(of_libraries)
    try:
        with Path(request["script"]).open("rb") as file:
            code = compile(file.read(), request["script"], "exec")
        exec(code, sys.modules["__main__"].__dict__)
        status = 0
    except SystemExit as error:
        status = _status_of(error.code)
    except KeyboardInterrupt:
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        traceback.print_exc()
        status = 1
    # What the interpreter does at its end, but for tearing itself down.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _status_of(code: object) -> int:
    if code is None or isinstance(code, int):
        return (code or 0) & 0xFF
    print(code, file=sys.stderr)
    return 1


def _put_on(request: dict) -> None:
    """Become, but for the libraries that are loaded, what the job's own process is."""
    os.setsid()
    os.chdir(request["folder"])
    os.umask(request["umask"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for number in FORWARDED:
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN if number in request["ignored"] else usual)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    sys.stdout.reconfigure(line_buffering=os.isatty(1))
    tempfile.tempdir = None
    sys.argv = [request["script"]]
    sys.path[0] = str(Path(request["script"]).parent)
    for name in [name for name in sys.modules if name.partition(".")[0] == "parity"]:
        del sys.modules[name]
    main = sys.modules["__main__"] = ModuleType("__main__")
    main.__file__ = request["script"]
    if numpy := sys.modules.get("numpy"):
        # Of chance without a seed, two children must not have the same. Python's own is seeded anew at a fork.
        numpy.random.seed()
    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    if threads > 1 and (torch := sys.modules.get("torch")):
        torch.set_num_threads(threads)


def load(modules: Sequence[str]) -> None:
    """Import libraries. Raises RuntimeError where a child could not live with what that left behind."""
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError as error:
            # Optional, or another version's: the jobs that use it will say so, or need it no more.
            print(f"{name}: {error}", flush=True)
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        raise RuntimeError("a library started a thread, which no child would have")
    if any(_place(link).startswith(GPU_FILES) for link in Path("/proc/self/fd").iterdir()):
        raise RuntimeError("a library speaks to the GPU, which no child could then")
    # The children share these objects' memory as long as nobody writes there, as the garbage collector would.
    gc.collect()
    gc.freeze()


def _place(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def main() -> None:
    # Whoever runs the jobs decides when this process ends: by its own end. And what comes to a child before it is ready for
    # it, waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    listener = socket.socket(fileno=int(sys.argv[1]))
    try:
        before = dict(os.environ)
        load(sys.argv[2:])
        print(f"Loaded {len(sys.modules)} modules", flush=True)
        Warm(listener, before).serve()
    except BaseException:
        traceback.print_exc()
        shutil.rmtree(Path(listener.getsockname()).parent, ignore_errors=True)
    sys.stdout.flush()
    # Nothing that the libraries would do at the end is theirs to do here.
    os._exit(0)


if __name__ == "__main__":
    main()
