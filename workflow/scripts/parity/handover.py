"""Handing a job over to the warm process of this snakemake (warm.py), and standing here for it until it ends.

Whoever looks at this process sees the job: its signals reach the job, its death is the job's, and it ends as the job did.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

SOCKET_VARIABLE = "PARITY_WARM_SOCKET"
# When the job began, in seconds since 1970, for its own process and all that it starts.
STARTED_VARIABLE = "PARITY_JOB_STARTED"
# The warm process may still be loading its libraries, from a slow disk.
PATIENCE_SECONDS = 120
# Of a pid (0: the job is refused) and then of an exit status (below 0: the signal that ended the job).
NUMBER = struct.Struct("<i")
# The job gets them from here alone: it is in a session of its own, which a terminal's Ctrl-C does not reach.
FORWARDED = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGTSTP,
    signal.SIGCONT,
)


def run_warm(script: str) -> int | None:
    """Let the warm process run `script`, the file that this process was started with, and wait for it.

    Returns:
        its exit status, below 0 for the signal that ended it; None where it was not begun: there is no warm process, or it
        is not what this process would have become.
    """
    path = os.environ.pop(SOCKET_VARIABLE, None)
    if path is None:
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, _Forwarding() as forwarding:
        child = 0
        with suppress(OSError):
            connection.settimeout(PATIENCE_SECONDS)
            connection.connect(path)
            _send(connection, request(script, forwarding.ignored))
            child = receive(connection) or 0
        return _stand_for(child, connection, forwarding) if child else None


def end_as(status: int) -> None:
    """End this process as another one did; see run_warm for `status`."""
    if status >= 0:
        sys.exit(status)
    with suppress(OSError):
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)


def request(script: str, ignored: Sequence[int] = ()) -> dict:
    """What the warm process must know to run `script` as this process would, ignoring some signals, but for its open files."""
    umask = os.umask(0)
    os.umask(umask)
    return {
        "executable": sys.executable,
        "environment": dict(os.environ),
        "script": str(Path(script).absolute()),
        "folder": str(Path.cwd()),
        "umask": umask,
        "ignored": list(ignored),
    }


def _send(connection: socket.socket, message: dict) -> None:
    content = json.dumps(message).encode()
    socket.send_fds(connection, [NUMBER.pack(len(content))], [0, 1, 2])
    connection.sendall(content)


def received_request(connection: socket.socket) -> tuple[dict, list[int]]:
    """What `run_warm` sent: the request, and this process's copies of the file descriptors 0, 1 and 2 of the job."""
    size, descriptors, _, _ = socket.recv_fds(connection, NUMBER.size, 3)
    content = _received(connection, NUMBER.unpack(size)[0]) if len(size) == NUMBER.size else None
    return json.loads(content or "{}"), descriptors


def receive(connection: socket.socket) -> int | None:
    """The next number, None where the other side is gone."""
    content = _received(connection, NUMBER.size)
    return NUMBER.unpack(content)[0] if content else None


def _received(connection: socket.socket, size: int) -> bytes | None:
    content = b""
    while len(content) < size:
        part = connection.recv(size - len(content))
        if not part:
            return None
        content += part
    return content


def _stand_for(child: int, connection: socket.socket, forwarding: _Forwarding) -> int:
    """Wait for the process `child`, which runs the job. It says its own status; if a signal ended it, the warm process does."""
    connection.settimeout(None)
    with suppress(ProcessLookupError):
        process = os.pidfd_open(child)
        forwarding.begin(process)
        status = _status(connection)
        # Until it is gone, with all that it held.
        select.select([process], [], [])
        return status
    return _status(connection)


def _status(connection: socket.socket) -> int:
    with suppress(ConnectionError):
        if (status := receive(connection)) is not None:
            return status
    print("The job's process, and the warm process that started it, were killed", file=sys.stderr)
    return 1


class _Forwarding:
    """While entered, signals to this process wait for the job's process, and then go there; if it never comes, they hit here."""

    def __init__(self):
        self.ignored = [number for number in FORWARDED if signal.getsignal(number) is signal.SIG_IGN]
        self.process: int | None = None
        self.waiting: list[int] = []

    def __enter__(self) -> _Forwarding:
        self.before = {number: signal.signal(number, self._forward) for number in FORWARDED if number not in self.ignored}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
        for number in self.waiting:
            os.kill(os.getpid(), number)

    def begin(self, process: int) -> None:
        """From now on, to the process of this pidfd."""
        self.process = process
        waiting, self.waiting = self.waiting, []
        for number in waiting:
            self._forward(number, None)

    def _forward(self, number: int, frame: FrameType | None) -> None:
        if self.process is None:
            self.waiting.append(number)
            return
        stops = number == signal.SIGTSTP
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.process, signal.SIGSTOP if stops else number)
        if stops:
            os.kill(os.getpid(), signal.SIGSTOP)
