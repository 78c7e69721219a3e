"""What a cluster offers, and what of a study's requests it would refuse or never start."""

from __future__ import annotations

import getpass
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .packs import RESOURCE as RUNS_PER_JOB


@dataclass(frozen=True)
class Training:
    """A method's training, and of how many processes a study's config makes it, with a GPU each."""

    method: str
    processes: int

    @property
    def key(self) -> str:
        """The config's key that says so."""
        return f"methods.{self.method}.train.gpus_per_run"


@dataclass(frozen=True)
class Request:
    """What a job asks of Slurm: names, counts of one node, minutes and MB; of which training, where it is one."""

    partition: str = ""
    account: str = ""
    gpus: int = 0
    gpu_model: str = ""
    minutes: int = 0
    mem_mb: int = 0
    cpus: int = 1
    training: Training | None = None


@dataclass(frozen=True)
class Node:
    name: str
    partitions: frozenset[str]
    cpus: int
    mem_mb: int
    # GPUs by type; "" where Slurm counts them without one.
    gpus: Mapping[str, int]


@dataclass(frozen=True)
class Partition:
    name: str
    is_default: bool
    is_up: bool
    # None where there is no limit.
    max_minutes: int | None


@dataclass
class Cluster:
    """What sinfo, scontrol and sacctmgr tell. `accounts` is None where the accounting is not asked, or does not answer."""

    partitions: dict[str, Partition]
    nodes: list[Node]
    needs_account: bool = False
    accounts: set[str] | None = None
    default_account: str = ""
    # Seconds that a job has from the word that it must go.
    kill_wait: int = 0


class NoSlurm(Exception):
    """No Slurm command is here, or none answers."""


def request_of(resources: Any, training: Training | None = None) -> Request:
    """A job's request, read from its Snakemake resources as the plugin reads them."""
    gpu_model, gpus = str(resources.get("gpu_model") or ""), resources.get("gpu") or 0
    if gres := re.fullmatch(r"gpu(?::([^:]*[^:\d][^:]*))?(?::(\d+))?", str(resources.get("gres") or "")):
        gpu_model, gpus = gres[1] or "", gres[2] or 1
    return Request(
        partition=str(resources.get("slurm_partition") or ""),
        account=str(resources.get("slurm_account") or ""),
        gpus=int(gpus),
        gpu_model=gpu_model,
        minutes=number(resources.get("runtime")) * max(1, number(resources.get(RUNS_PER_JOB))),
        mem_mb=number(resources.get("mem_mb")),
        cpus=max(1, number(resources.get("cpus_per_task")) or number(resources.get("_cores")) or 1),
        training=training,
    )


def problems(cluster: Cluster, requests: Mapping[Request, Iterable[str]]) -> list[str]:
    """Sentences that say what does not fit and what to change, each once; `requests` maps a request to the rules that make it."""
    found: dict[str, list[str]] = {}
    for request, rules in requests.items():
        for problem in _problems_of(cluster, request):
            found.setdefault(problem, []).extend(rules)
    return [f"{', '.join(dict.fromkeys(rules))}: {problem}" for problem, rules in found.items()]


def _problems_of(cluster: Cluster, request: Request) -> Iterable[str]:
    yield from _account_problems(cluster, request)
    training = request.training
    # On none, all its processes compute on the CPU.
    if training and request.gpus not in (0, training.processes):
        yield (
            f"gpu = {request.gpus}: {training.key} = {training.processes} takes a GPU for each process. Remove gpu and gres from"
            " the profile's set-resources: the rule asks for them by itself"
        )
    name = partition_of(cluster, request)
    if not name:
        yield f"slurm_partition: none is set, and this cluster has no default. Set one of: {_names(cluster.partitions)}"
        return
    if name not in cluster.partitions:
        yield f"slurm_partition = {name}: this cluster has no such partition. Set one of: {_names(cluster.partitions)}"
        return
    partition = cluster.partitions[name]
    if not partition.is_up:
        yield f"slurm_partition = {name}: this partition is down or closed. Use another or ask the site's staff"
    if partition.max_minutes is not None and request.minutes > partition.max_minutes:
        yield (
            f"runtime = {request.minutes} minutes: partition {name} allows {partition.max_minutes}. Lower runtime: training"
            " saves checkpoints and goes on in the next attempt"
        )
    yield from _node_problems([node for node in cluster.nodes if name in node.partitions], name, request, cluster)


def partition_of(cluster: Cluster, request: Request) -> str:
    """The partition that a request goes to: the one it names, or the cluster's default ("" where there is none)."""
    return request.partition or next((name for name, partition in cluster.partitions.items() if partition.is_default), "")


def suitable_nodes(cluster: Cluster, request: Request) -> list[Node]:
    """The nodes of a request's partition that have its GPUs."""
    inside = [node for node in cluster.nodes if partition_of(cluster, request) in node.partitions]
    return [node for node in inside if not request.gpus or _gpus_of(node, request.gpu_model) >= request.gpus]


def _account_problems(cluster: Cluster, request: Request) -> Iterable[str]:
    known = _names(cluster.accounts or ())
    if request.account and cluster.accounts is not None and request.account.lower() not in cluster.accounts:
        yield f"slurm_account = {request.account}: not an account of yours. Set one of: {known or '(you have none here)'}"
    if not request.account and cluster.needs_account and not cluster.default_account:
        yield f"slurm_account: this cluster requires one, and you have no default. Set one of: {known or 'ask the staff'}"


def _node_problems(nodes: list[Node], name: str, request: Request, cluster: Cluster) -> Iterable[str]:
    training = request.training
    if request.gpus:
        offered = {model for node in nodes for model, count in node.gpus.items() if count}
        elsewhere = sorted({partition for node in cluster.nodes if node.gpus for partition in node.partitions})
        if not offered:
            yield f"gpu: partition {name} has no GPU. Partitions with GPUs: {_names(elsewhere) or 'none here'}"
            return
        if request.gpu_model and request.gpu_model not in offered:
            yield f"gpu_model = {request.gpu_model}: partition {name} has no such GPU, but {_names(offered - {''}) or 'untyped ones'}"
            return
        most = max(_gpus_of(node, request.gpu_model) for node in nodes)
        if most < request.gpus:
            remedy = f"{training.key} to {most} or less" if training else "it"
            yield f"gpu = {request.gpus}: no node of partition {name} has that many, but {most} at most. Lower {remedy}"
            return
        nodes = [node for node in nodes if _gpus_of(node, request.gpu_model) >= request.gpus]
    if nodes and not any(node.mem_mb >= request.mem_mb and node.cpus >= request.cpus for node in nodes):
        largest = max(nodes, key=lambda node: node.mem_mb)
        yield (
            f"mem_mb = {request.mem_mb}, cpus = {request.cpus}: no node of partition {name} has that much; the largest has"
            f" {largest.mem_mb} MB and {largest.cpus} cpus. Lower them"
            + (f" (cpus are cpu_threads times {training.key})" if training and training.processes > 1 else "")
        )


def _gpus_of(node: Node, model: str) -> int:
    return node.gpus.get(model, 0) if model else sum(node.gpus.values())


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def number(value: Any) -> int:
    """A resource's value; 0 where it is not set or not known yet."""
    return int(value) if isinstance(value, int | float) else 0


def read_cluster() -> Cluster:
    """Ask this machine's Slurm. Raises NoSlurm where there is none, or where its controller does not answer."""
    partitions = {partition.name: partition for partition in map(_partition, _records("partition"))}
    config = dict(re.findall(r"^(\w+)\s*=\s*(.*?)\s*$", _ask("scontrol", "show", "config"), re.M))
    enforced = config.get("AccountingStorageEnforce", "").lower()
    cluster = Cluster(partitions, [_node(record) for record in _records("node")], "associations" in enforced)
    cluster.kill_wait = int(re.match(r"\d*", config.get("KillWait", ""))[0] or 0)
    try:
        lines = _ask(
            "sacctmgr", "-nP", "show", "user", "withassoc", getpass.getuser(), "format=account,defaultaccount"
        ).splitlines()
    except NoSlurm:
        return cluster
    rows = [line.split("|") for line in lines if "|" in line]
    if rows or cluster.needs_account:
        cluster.accounts = {row[0].lower() for row in rows}
        cluster.default_account = next((row[1] for row in rows if row[1]), "")
    return cluster


def _records(kind: str) -> list[dict[str, str]]:
    """`scontrol show KIND` as a dict a line."""
    lines = _ask("scontrol", "show", kind, "--oneliner", "--all").splitlines()
    return [dict(re.findall(r"(\S+?)=(\S*)", line)) for line in lines if "=" in line]


def _ask(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoSlurm(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        raise NoSlurm(f"{' '.join(command[:3])}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _partition(record: dict[str, str]) -> Partition:
    name, limit = record["PartitionName"], record.get("MaxTime", "UNLIMITED")
    return Partition(name, record.get("Default") == "YES", record.get("State") == "UP", _minutes(limit))


def _minutes(limit: str) -> int | None:
    """Slurm's [days-]hours:minutes:seconds in minutes."""
    if not re.match(r"\d", limit):
        return None
    days, _, clock = limit.rpartition("-")
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return ((int(days or 0) * 24 + hours) * 60) + minutes + (seconds > 0)


def _node(record: dict[str, str]) -> Node:
    gpus: dict[str, int] = {}
    for model, count in re.findall(r"gpu(?::([^:,(]*[^:,(\d][^:,(]*))?:(\d+)", record.get("Gres", "")):
        gpus[model] = gpus.get(model, 0) + int(count)
    partitions = frozenset(record.get("Partitions", "").split(","))
    return Node(record["NodeName"], partitions, int(record.get("CPUTot", 1)), int(record.get("RealMemory", 1)), gpus)
