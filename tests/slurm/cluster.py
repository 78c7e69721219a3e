"""A real Slurm cluster on one Debian machine, for tests and for trying things out.

    PYTHONPATH=tests python tests/slurm/cluster.py start     install what is missing, start every daemon
    PYTHONPATH=tests python tests/slurm/cluster.py status    daemons, nodes and jobs
    PYTHONPATH=tests python tests/slurm/cluster.py stop      end everything that start began, jobs included

Partitions: cpu (nodes cpu1, cpu2), gpu, gpu-urgent and preemptible (nodes gpu1, gpu2 with 2 counted GPUs each); account lab.
It runs as root, listens on the loopback interface only, and keeps its files in one folder (--root).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from daemons import Daemons, wait_until
from slurm_commands import Slurm
from slurm_configuration import ACCOUNT, CLUSTER, CPU_NODES, NODES, write_configuration
from slurm_packages import NoCluster, install_packages, require_machine

# Not below /tmp: a node may have a /tmp of its own.
DEFAULT_ROOT = Path("/var/tmp/parity-slurm")
DEFAULT_PORT = 17800
# Where Slurm's commands look for the cluster when a job's environment is cleared.
SYSTEM_CONF = Path("/etc/slurm/slurm.conf")
MARK = ".parity-slurm"
REPOSITORY = Path(__file__).parents[2]
# What jobs run must be there on every node, also where somebody has cloned it into /tmp.
OWN_TMP = """
repository=$1 aside=$2; shift 2
mkdir -p "$aside" && mount --bind "$repository" "$aside" || exit 1
mount -t tmpfs tmpfs /tmp || exit 1
[ -e "$repository" ] || { mkdir -p "$repository" && mount --bind "$aside" "$repository"; } || exit 1
exec "$@"
"""
SERVICES = ("munged", "mariadbd", "slurmdbd", "slurmctld")


class Cluster(Slurm):
    """The cluster in the folder `root`, on about 20 ports from `first_port`.

    `options` stand in slurm.conf in place of the values there. Every wait has a limit: TimeoutError when it passes.
    """

    def __init__(self, root: Path = DEFAULT_ROOT, first_port: int = DEFAULT_PORT, **options: str):
        super().__init__(root / "etc/slurm.conf")
        self.root = root
        self.first_port = first_port
        self.options = self._first_options = options
        self.daemons = Daemons(root, first_port)
        self._altered_nodes: set[str] = set()

    def start(self) -> None:
        """Install, configure and start everything, from an empty state. Raises NoCluster where that cannot be."""
        require_machine()
        self.refuse_foreign()
        self.stop()
        self._make_root()
        install_packages(self.root / "log/apt.log")
        try:
            self._write_configuration()
        except PermissionError as error:
            raise NoCluster(f"the GPU nodes need device files, which cannot be made here: {error}") from None
        SYSTEM_CONF.parent.mkdir(exist_ok=True)
        SYSTEM_CONF.symlink_to(self.conf)
        for service in SERVICES:
            self.start_daemon(service)
        for node in NODES:
            self.start_daemon(node)
        self.wait_nodes_ready()

    def stop(self) -> None:
        """End every process of the cluster and take its link away. Its folder stays, to be read, until the next start."""
        self.daemons.kill_all()
        if SYSTEM_CONF.is_symlink() and SYSTEM_CONF.readlink() == self.conf:
            SYSTEM_CONF.unlink()

    def refuse_foreign(self) -> None:
        """Raise NoCluster where this machine already has a Slurm, or a cluster in another folder."""
        if SYSTEM_CONF.is_symlink() and SYSTEM_CONF.readlink() == self.conf:
            return
        if os.path.lexists(SYSTEM_CONF):
            target = f", a link to {SYSTEM_CONF.readlink()}," if SYSTEM_CONF.is_symlink() else ""
            raise NoCluster(f"{SYSTEM_CONF}{target} belongs to another Slurm, which is left alone")

    def _make_root(self) -> None:
        if self.root.exists() and not (self.root / MARK).exists():
            raise NoCluster(f"{self.root} was not made by this cluster and is left alone; choose another folder")
        shutil.rmtree(self.root, ignore_errors=True)
        for folder in ("etc/clock", "run", "log", "dev", "slurmctld", "spool"):
            (self.root / folder).mkdir(parents=True)
        (self.root / MARK).touch()
        # munged wants a way to its socket that only root can write.
        self.root.chmod(0o755)

    def _write_configuration(self) -> None:
        write_configuration(self.root, self.first_port, self.options)

    def reconfigure(self, **options: str) -> None:
        """Change values of slurm.conf in the running cluster; those that Slurm reads anew without a restart."""
        self.options = options
        self._write_configuration()
        self.command("scontrol", "reconfigure")

    def start_daemon(self, name: str, *wrapping: str) -> None:
        """Start the daemon `name`, a service or a node, behind `wrapping`; return when it answers."""
        self.daemons.start(name, wrapping)
        if name == "slurmdbd":
            wait_until(lambda: self.succeeds("sacctmgr", "-n", "show", "cluster"), "slurmdbd answers")
            self._add_account()
        if name == "slurmctld":
            wait_until(lambda: "is UP" in self.command("scontrol", "ping", check=False), "slurmctld answers")

    def _add_account(self) -> None:
        if CLUSTER in self.command("sacctmgr", "-n", "-P", "show", "cluster", "format=cluster").split():
            return
        self.command("sacctmgr", "-i", "add", "cluster", CLUSTER)
        self.command("sacctmgr", "-i", "add", "account", ACCOUNT, f"cluster={CLUSTER}")
        self.command("sacctmgr", "-i", "add", "user", "root", f"account={ACCOUNT}", f"cluster={CLUSTER}")

    def kill9(self, name: str) -> None:
        """Kill a daemon alone: a node's jobs run on without slurmd; slurmctld forgets jobs that it has not saved yet."""
        self.daemons.kill(name)

    def wait_saved(self) -> None:
        """Wait until slurmctld has written what it knows by now to its disk, some seconds."""
        now = time.time()
        # It writes only where something has changed.
        self.command("scancel", self.submit("true", "--hold"))

        def saved() -> bool:
            # The file is away for a moment while a new one takes its place.
            with contextlib.suppress(FileNotFoundError):
                return (self.root / "slurmctld/job_state").stat().st_mtime > now
            return False

        wait_until(saved, "slurmctld has saved its jobs")

    @contextlib.contextmanager
    def full_cpu_nodes(self) -> Iterator[None]:
        """Let jobs of the partition cpu wait meanwhile."""
        fillers = [self.submit("sleep 10000", "--exclusive", "-p", "cpu", "-w", node) for node in CPU_NODES]
        for filler in fillers:
            self.wait_job(filler, "RUNNING")
        try:
            yield
        finally:
            self.command("scancel", *fillers)

    def crash(self, node: str) -> None:
        """Kill a node's slurmd and every process of its jobs at once, as a power cut does."""
        self.daemons.kill_tree(node)

    def start_node(self, node: str, *, private_tmp: bool = False, clock: int = 0) -> None:
        """Start a node that is down: with an empty /tmp of its own, and with jobs whose clock is off by `clock` seconds."""
        self._altered_nodes.add(node)
        if clock:
            (self.root / f"run/{node}.clock").write_text(str(clock), encoding="utf-8")
        own_tmp = ("unshare", "--mount", "sh", "-c", OWN_TMP, "sh", REPOSITORY, self.root / "run/repository")
        self.start_daemon(node, *(map(str, own_tmp) if private_tmp else ()))
        self.wait_nodes_ready()

    def break_prolog(self, node: str) -> None:
        """Let every job that starts on `node` fail before its first line: Slurm drains the node and holds the job."""
        self._altered_nodes.add(node)
        (self.root / f"run/{node}.broken-prolog").touch()

    def reset(self) -> None:
        """End all jobs and bring every daemon and node back to what `start` left."""
        for node in sorted(self._altered_nodes):
            self.daemons.kill_tree(node)
            for alteration in ("clock", "broken-prolog"):
                (self.root / f"run/{node}.{alteration}").unlink(missing_ok=True)
        self._altered_nodes.clear()
        self.reset_daemons()
        if self.options != self._first_options:
            self.reconfigure(**self._first_options)
        self.cancel_everything()
        self.wait_nodes_ready()

    def reset_daemons(self) -> None:
        """Start every daemon that does not run."""
        for name in (*SERVICES, *NODES):
            if not self.daemons.pid(name):
                self.start_daemon(name)

    def cancel_everything(self) -> None:
        """Cancel every job and wait until none is left on a node."""
        ids = sorted({job.id.split("_")[0] for job in self.jobs()})
        if ids:
            self.command("scancel", *ids, check=False)
        wait_until(lambda: not self.jobs(), "all jobs have ended")

    def wait_nodes_ready(self) -> None:
        """Wait until every node takes jobs; those that Slurm took out of service are put back."""

        def ready() -> bool:
            states = self.node_states()
            for node, state in states.items():
                if state.startswith(("down", "drain", "fail")):
                    self.command("scontrol", "update", f"nodename={node}", "state=resume", check=False)
            return set(states) == set(NODES) and all(state in ("idle", "mixed", "allocated") for state in states.values())

        wait_until(ready, "every node takes jobs")

    def status(self) -> str:
        """For a person: daemons with their process ids, nodes and jobs."""
        lines = [f"{name:10} {self.daemons.pid(name) or 'down'}" for name in (*SERVICES, *NODES)]
        if self.daemons.pid("slurmctld"):
            lines += [self.command("sinfo", "-N", "-l", check=False), self.command("squeue", "-a", check=False)]
        return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["start", "stop", "status"])
    parser.add_argument("--root", type=Path, default=DEFAULT_ROOT, help="its folder (default: %(default)s)")
    parser.add_argument("--first-port", type=int, default=DEFAULT_PORT, help="first of 20 ports (default: %(default)s)")
    arguments = parser.parse_args()
    cluster = Cluster(arguments.root.absolute(), arguments.first_port)
    began = time.monotonic()
    try:
        {"start": cluster.start, "stop": cluster.stop, "status": lambda: print(cluster.status())}[arguments.action]()
    except (NoCluster, RuntimeError, TimeoutError, subprocess.SubprocessError) as error:
        sys.exit(f"{arguments.action} failed: {error}. Logs: {cluster.root}/log")
    if arguments.action == "start":
        print(f"Up after {time.monotonic() - began:.0f} s. Try: sinfo; srun -p gpu --gpus=1 hostname. Logs: {cluster.root}/log")


if __name__ == "__main__":
    main()
