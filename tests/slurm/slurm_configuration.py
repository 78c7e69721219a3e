"""The cluster's configuration files: two CPU nodes and two GPU nodes, all of them daemons on this machine."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

CLUSTER = "parity"
ACCOUNT = "lab"
CPU_NODES = ("cpu1", "cpu2")
GPU_NODES = ("gpu1", "gpu2")
NODES = CPU_NODES + GPU_NODES
GPUS = 2
# What a node claims. Nothing checks it against the machine.
NODE = "CPUs=4 RealMemory=40000 State=UNKNOWN"
GRACE_SECONDS = 20

# Jobs with a shifted clock or a broken node: see Cluster.start_node and Cluster.break_prolog.
TASK_PROLOG = """#!/bin/sh
offset={root}/run/$SLURMD_NODENAME.clock
[ -e "$offset" ] || exit 0
echo "export CLOCK_OFFSET=$(cat "$offset")"
echo "export PYTHONPATH={root}/etc/clock"
"""
# Python looks for this module when it starts. What else runs in a job, srun above all, keeps the right time: Slurm itself
# lets nodes differ by minutes at most, and libfaketime under Python makes waits fail or last for ever.
SITECUSTOMIZE = """import os, time
offset = int(os.environ["CLOCK_OFFSET"])
seconds, nanoseconds, local, utc = time.time, time.time_ns, time.localtime, time.gmtime
time.time = lambda: seconds() + offset
time.time_ns = lambda: nanoseconds() + offset * 10**9
time.localtime = lambda at=None: local(time.time() if at is None else at)
time.gmtime = lambda at=None: utc(time.time() if at is None else at)
"""
PROLOG = """#!/bin/sh
[ ! -e {root}/run/$SLURMD_NODENAME.broken-prolog ]
"""


def slurm_conf(root: Path, first_port: int, options: dict[str, str]) -> str:
    """slurm.conf of the cluster in `root`, with `options` in place of the values of the same name."""
    host = socket.gethostname().split(".")[0]
    values = {
        "ClusterName": CLUSTER,
        "SlurmctldHost": f"{host}(127.0.0.1)",
        "SlurmctldPort": first_port,
        "SlurmUser": "root",
        "SlurmdUser": "root",
        "AuthType": "auth/munge",
        # A requeued job waits until its credential has expired: not for the usual two minutes.
        "AuthInfo": f"socket={root}/run/munge.sock,cred_expire=10",
        "CredType": "cred/munge",
        "StateSaveLocation": root / "slurmctld",
        "SlurmdSpoolDir": root / "spool/%n",
        "SlurmctldPidFile": root / "run/slurmctld.pid",
        "SlurmdPidFile": root / "run/slurmd-%n.pid",
        "SlurmctldLogFile": root / "log/slurmctld.log",
        "SlurmdLogFile": root / "log/%n.log",
        "SlurmctldDebug": "verbose",
        "SlurmdDebug": "verbose",
        "Prolog": root / "etc/prolog",
        "TaskProlog": root / "etc/task-prolog",
        # Nodes that share a machine: no cgroups, no binding, no look at the hardware.
        "ProctrackType": "proctrack/linuxproc",
        "TaskPlugin": "task/none",
        "SlurmdParameters": "config_overrides",
        "MpiDefault": "none",
        "SwitchType": "switch/none",
        # Memory limits, by polling.
        "JobAcctGatherType": "jobacct_gather/linux",
        "JobAcctGatherFrequency": "task=1",
        "JobAcctGatherParams": "OverMemoryKill",
        "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_CPU_Memory",
        "DefMemPerCPU": 500,
        "SchedulerType": "sched/backfill",
        "SchedulerParameters": "batch_sched_delay=0,sched_interval=3,bf_interval=3,bf_yield_interval=1000000",
        "PriorityType": "priority/basic",
        "GresTypes": "gpu",
        "PreemptType": "preempt/partition_prio",
        "PreemptMode": "REQUEUE",
        "JobRequeue": 1,
        "MinJobAge": 300,
        # Short, so that tests need not wait: a dead node is seen after 20 s, on most clusters after five minutes.
        "KillWait": 5,
        "SlurmdTimeout": 8,
        "BatchStartTimeout": 10,
        "SlurmctldTimeout": 10,
        "MessageTimeout": 5,
        # Not short: an outage of slurmctld would drain nodes whose jobs ended meanwhile.
        "UnkillableStepTimeout": 180,
        "CompleteWait": 0,
        "ReturnToService": 2,
        "AccountingStorageType": "accounting_storage/slurmdbd",
        "AccountingStorageHost": "127.0.0.1",
        "AccountingStoragePort": first_port + 1,
        "AccountingStoragePass": root / "run/munge.sock",
        "AccountingStoreFlags": "job_comment",
        "AccountingStorageTRES": "gres/gpu",
    }
    lines = [f"{key}={value}" for key, value in (values | options).items()]
    for number, node in enumerate(NODES):
        gres = f"Gres=gpu:counted:{GPUS}" if node in GPU_NODES else ""
        address = f"NodeHostname={host} NodeAddr=127.0.0.1 Port={first_port + 10 + number}"
        lines.append(f"NodeName={node} {address} {NODE} {gres}".rstrip())
    return "\n".join(lines + partitions()) + "\n"


def partitions() -> list[str]:
    """Of the partitions on the GPU nodes a higher tier preempts a lower one; only `preemptible` gives notice."""
    common = "MaxTime=1-00:00:00 DefaultTime=5 State=UP"
    gpus = ",".join(GPU_NODES)
    return [
        f"PartitionName=cpu Nodes={','.join(CPU_NODES)} Default=YES PriorityTier=10 PreemptMode=OFF {common}",
        f"PartitionName=preemptible Nodes={gpus} PriorityTier=1 PreemptMode=REQUEUE GraceTime={GRACE_SECONDS} {common}",
        f"PartitionName=gpu Nodes={gpus} PriorityTier=10 PreemptMode=REQUEUE GraceTime=0 {common}",
        f"PartitionName=gpu-urgent Nodes={gpus} PriorityTier=100 PreemptMode=OFF {common}",
    ]


def slurmdbd_conf(root: Path, first_port: int) -> str:
    values = {
        "AuthType": "auth/munge",
        "AuthInfo": f"socket={root}/run/munge.sock",
        "DbdHost": "localhost",
        "DbdAddr": "127.0.0.1",
        "DbdPort": first_port + 1,
        "SlurmUser": "root",
        "PidFile": root / "run/slurmdbd.pid",
        "LogFile": root / "log/slurmdbd.log",
        "StorageType": "accounting_storage/mysql",
        "StorageHost": "127.0.0.1",
        "StoragePort": first_port + 2,
        "StorageUser": "slurm",
        "StoragePass": "slurm",
        "StorageLoc": "slurm",
        "CommitDelay": 1,
    }
    return "".join(f"{key}={value}\n" for key, value in values.items())


def write_configuration(root: Path, first_port: int, options: dict[str, str]) -> None:
    """Write every file that the daemons read to `root`/etc; raises PermissionError where device files cannot be made."""
    etc = root / "etc"
    for number in range(GPUS):
        device = root / f"dev/nvidia{number}"
        if not device.exists():
            # Slurm counts device files and asks no more of them: these are /dev/null by another name.
            os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    devices = "".join(
        f"NodeName={node} Name=gpu Type=counted File={root}/dev/nvidia{number}\n" for node in GPU_NODES for number in range(GPUS)
    )
    cgroup = "CgroupAutomount=no\nConstrainCores=no\nConstrainDevices=no\nConstrainRAMSpace=no\nConstrainSwapSpace=no\n"
    texts = {
        "slurm.conf": (slurm_conf(root, first_port, options), 0o644),
        "slurmdbd.conf": (slurmdbd_conf(root, first_port), 0o600),
        "gres.conf": ("AutoDetect=off\n" + devices, 0o644),
        "cgroup.conf": (cgroup, 0o644),
        "prolog": (PROLOG.format(root=root), 0o755),
        "task-prolog": (TASK_PROLOG.format(root=root), 0o755),
        "clock/sitecustomize.py": (SITECUSTOMIZE, 0o644),
    }
    for name, (text, mode) in texts.items():
        (etc / name).touch(mode=mode)
        (etc / name).chmod(mode)
        (etc / name).write_text(text, encoding="utf-8")
    key = etc / "munge.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(1024))
