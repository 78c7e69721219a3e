"""The cluster's processes: starting, finding and killing them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from patience import PATIENCE_SECONDS
from slurm_configuration import NODES

KEEPER = Path(__file__).with_name("keeper.py")
# So long that no slow machine reaches it: only a wait that would never end.


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Return when `condition()` is true; raise TimeoutError, naming `what`, when it is not after PATIENCE_SECONDS."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {PATIENCE_SECONDS} s it still does not hold that {what}")
        time.sleep(0.1)


def kill_processes(processes: Sequence[psutil.Process]) -> None:
    """SIGKILL each and wait until all are gone or only wait to be reaped."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until(lambda: not any(map(lives, processes)), f"{len(processes)} killed processes have ended")


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Daemons:
    """Processes of the cluster in `root`; a daemon's name is that of its program, or of its node for a slurmd."""

    def __init__(self, root: Path, first_port: int):
        self.root = root
        self.first_port = first_port

    def start(self, name: str, wrapping: Sequence[str] = ()) -> None:
        """Start a daemon, unless it runs, in a keeper of its own, behind the command `wrapping`."""
        if self.pid(name):
            return
        if name == "mariadbd":
            self._create_database()
        environment = os.environ | {"SLURM_CONF": str(self.root / "etc/slurm.conf")}
        with (self.root / f"log/{name}.out").open("ab") as output:
            subprocess.Popen(
                [sys.executable, str(KEEPER), self._tag(name), *wrapping, *self._command(name)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        wait_until(lambda: self.pid(name), f"{name} runs; see {self.root}/log/{name}.out")
        if name == "munged":
            wait_until((self.root / "run/munge.sock").exists, "munged listens")
        if name == "mariadbd":
            self._grant_database()

    def pid(self, name: str) -> int | None:
        """The process id of a running daemon."""
        program = "slurmd" if name in NODES else name
        found = [child for keeper in self._keepers(name) for child in keeper.children() if child.name() == program]
        found = sorted(filter(lives, found), key=psutil.Process.create_time)
        return found[0].pid if found else None

    def kill(self, name: str) -> None:
        """SIGKILL the daemon alone. Raises LookupError if it does not run."""
        pid = self.pid(name)
        if not pid:
            raise LookupError(f"{name} does not run")
        kill_processes([psutil.Process(pid)])

    def kill_tree(self, name: str) -> None:
        """SIGKILL a daemon and every process that it or its jobs started."""
        self._kill_keepers(self._keepers(name))

    def kill_all(self) -> None:
        self._kill_keepers(self._keepers())

    def _kill_keepers(self, keepers: list[psutil.Process]) -> None:
        # Again until nothing is found: a process may be starting others just now. The keepers last: they hold the rest.
        while True:
            below = [child for keeper in keepers for child in keeper.children(recursive=True) if lives(child)]
            if not below:
                break
            kill_processes(below)
        kill_processes(keepers)

    def _tag(self, name: str) -> str:
        return f"{self.root}:{name}"

    def _keepers(self, name: str | None = None) -> list[psutil.Process]:
        tags = {self._tag(name)} if name else {self._tag(each) for each in (*DAEMONS, *NODES)}
        found = []
        for process in psutil.process_iter():
            try:
                command = process.cmdline()
            except psutil.NoSuchProcess:
                continue
            if len(command) > 2 and command[1] == str(KEEPER) and command[2] in tags:
                found.append(process)
        return found

    def _command(self, name: str) -> list[str]:
        if name in NODES:
            (self.root / "spool" / name).mkdir(exist_ok=True)
            return ["slurmd", "-D", "-N", name]
        return DAEMONS[name](self)

    def _munged(self) -> list[str]:
        options = {"key-file": "etc/munge.key", "socket": "run/munge.sock", "pid-file": "run/munged.pid"}
        options |= {"log-file": "log/munged.log", "seed-file": "run/munged.seed"}
        return ["munged", "--foreground", "--force", *(f"--{key}={self.root / file}" for key, file in options.items())]

    def _mariadbd(self) -> list[str]:
        options = {
            "user": "root",
            "datadir": self.root / "mariadb",
            "socket": self.root / "run/mariadb.sock",
            "pid-file": self.root / "run/mariadb.pid",
            "bind-address": "127.0.0.1",
            "port": self.first_port + 2,
            "innodb-buffer-pool-size": "64M",
            "innodb-log-file-size": "16M",
            "innodb-lock-wait-timeout": 900,
            "innodb-flush-log-at-trx-commit": 0,
            "performance-schema": "OFF",
        }
        flags = ["--no-defaults", "--skip-name-resolve", "--skip-log-bin"]
        return ["mariadbd", *flags, *(f"--{key}={value}" for key, value in options.items())]

    def _create_database(self) -> None:
        if (self.root / "mariadb").exists():
            return
        options = [f"--datadir={self.root}/mariadb", "--user=root", "--auth-root-authentication-method=socket"]
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", "--skip-test-db", *options],
            capture_output=True,
            check=True,
            timeout=PATIENCE_SECONDS,
        )

    def _grant_database(self) -> None:
        def sql(statement: str) -> bool:
            command = ["mariadb", "--no-defaults", f"--socket={self.root}/run/mariadb.sock", "-u", "root", "-e", statement]
            return subprocess.run(command, capture_output=True, timeout=PATIENCE_SECONDS).returncode == 0

        user = "'slurm'@'127.0.0.1'"
        statement = f"create database if not exists slurm; create user if not exists {user} identified by 'slurm'; "
        wait_until(lambda: sql(statement + f"grant all on slurm.* to {user}"), "mariadbd answers")


DAEMONS = {
    "munged": Daemons._munged,
    "mariadbd": Daemons._mariadbd,
    "slurmdbd": lambda daemons: ["slurmdbd", "-D"],
    "slurmctld": lambda daemons: ["slurmctld", "-D"],
}
