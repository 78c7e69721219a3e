"""What a cluster would refuse or never start is said beforehand, with what to change."""

import pytest

from snakemake_executor_plugin_parity_slurm import cluster
from snakemake_executor_plugin_parity_slurm.cluster import Cluster, Node, Partition, Request, Training

PARTITIONS = {
    "cpu": Partition("cpu", True, True, 60),
    "gpu": Partition("gpu", False, True, 120),
    "closed": Partition("closed", False, False, None),
}
NODES = [
    Node("c1", frozenset({"cpu"}), 4, 4000, {}),
    Node("g1", frozenset({"gpu", "closed"}), 8, 16000, {"a100": 2}),
    Node("g2", frozenset({"gpu"}), 8, 32000, {"": 1}),
]
FITS = Request("gpu", "lab", 1, "a100", 120, 16000, 8)


def found(request: Request, **changes) -> list[str]:
    here = Cluster(PARTITIONS, NODES, needs_account=True, accounts={"lab", "other"}, **changes)
    return cluster.problems(here, {request: ["train"]})


def test_what_fits_is_not_complained_about():
    assert found(FITS) == []
    assert found(Request(account="LAB", minutes=60, mem_mb=4000)) == []
    assert found(Request("gpu", "lab", gpus=1, mem_mb=32000)) == []


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request("gpus", "lab"), "slurm_partition = gpus: this cluster has no such partition. Set one of: closed, cpu, gpu"),
        (Request("closed", "lab"), "slurm_partition = closed: this partition is down or closed"),
        (Request("gpu", "lab", minutes=121), "runtime = 121 minutes: partition gpu allows 120"),
        (Request("cpu", "lab", gpus=1), "gpu: partition cpu has no GPU. Partitions with GPUs: closed, gpu"),
        (Request("gpu", "lab", 1, "h100"), "gpu_model = h100: partition gpu has no such GPU, but a100"),
        (Request("gpu", "lab", 3), "gpu = 3: no node of partition gpu has that many, but 2 at most. Lower it"),
        (
            Request("gpu", "lab", 4, training=Training("full", 4)),
            "gpu = 4: no node of partition gpu has that many, but 2 at most. Lower methods.full.train.gpus_per_run to 2 or less",
        ),
        (
            Request("gpu", "lab", 2, cpus=16, training=Training("full", 2)),
            "cpus = 16: no node of partition gpu has that much; the largest has 16000 MB and 8 cpus. Lower them"
            " (cpus are cpu_threads times methods.full.train.gpus_per_run)",
        ),
        (
            Request("gpu", "lab", 1, training=Training("full", 2)),
            "gpu = 1: methods.full.train.gpus_per_run = 2 takes a GPU for each process. Remove gpu and gres from the profile's",
        ),
        (
            Request("gpu", "lab", 2, mem_mb=20000),
            "mem_mb = 20000, cpus = 1: no node of partition gpu has that much; the largest has 16000 MB",
        ),
        (Request("cpu", "lab", cpus=5), "cpus = 5: no node of partition cpu has that much"),
        (Request("cpu", "nobody"), "slurm_account = nobody: not an account of yours. Set one of: lab, other"),
        (Request("cpu"), "slurm_account: this cluster requires one, and you have no default. Set one of: lab, other"),
    ],
)
def test_what_does_not_fit_is_named_with_the_rule_and_the_remedy(request_, said):
    problems = found(request_)
    assert len(problems) == 1
    assert problems[0].startswith("train: ") and said in problems[0]


def test_of_several_trainings_the_one_that_asks_for_too_many_gpus_is_named():
    requests = {
        cluster.request_of({"slurm_partition": "gpu", "gpu": gpus}, Training(name, gpus)): ["train"]
        for name, gpus in (("lora", 1), ("full", 4), ("two", 2))
    }
    [problem] = cluster.problems(Cluster(PARTITIONS, NODES), requests)
    assert problem.startswith("train: gpu = 4") and "methods.full.train.gpus_per_run" in problem


def test_processes_that_compute_on_no_gpu_need_none():
    assert found(Request("cpu", "lab", 0, training=Training("full", 2))) == []


def test_a_default_account_or_an_accounting_that_does_not_ask_is_enough():
    assert found(Request("cpu"), default_account="lab") == []
    assert cluster.problems(Cluster(PARTITIONS, NODES), {Request("cpu", "whatever"): ["train"]}) == []


def test_without_a_default_partition_one_must_be_named():
    here = Cluster({"gpu": PARTITIONS["gpu"]}, NODES)
    assert "this cluster has no default. Set one of: gpu" in cluster.problems(here, {Request(): ["prepare"]})[0]


def test_a_problem_of_several_rules_is_said_once():
    here = Cluster(PARTITIONS, NODES)
    requests = {Request("nope", gpus=1): ["train"], Request("nope", minutes=3): ["generate", "train"]}
    assert [line.split(":")[0] for line in cluster.problems(here, requests)] == ["train, generate"]


@pytest.mark.parametrize(
    ("resources", "gpus", "model"),
    [
        ({"gpu": 1}, 1, ""),
        ({"gpu": 2, "gpu_model": "a100"}, 2, "a100"),
        ({"gpu": 0, "gres": "gpu:1"}, 1, ""),
        ({"gpu": 0, "gres": "gpu:a100:2"}, 2, "a100"),
        ({"gpu": 0, "gres": "gpu:a100"}, 1, "a100"),
        ({"gres": "gpu"}, 1, ""),
        ({}, 0, ""),
    ],
)
def test_both_ways_to_ask_for_gpus_are_read(resources, gpus, model):
    request = cluster.request_of(resources)
    assert (request.gpus, request.gpu_model) == (gpus, model)


def test_values_that_are_not_known_yet_ask_for_nothing():
    class TBDString(str):
        pass

    request = cluster.request_of({"mem_mb": TBDString("<TBD>"), "runtime": 30, "_cores": 2})
    assert (request.mem_mb, request.minutes, request.cpus) == (0, 30, 2)


def test_runs_that_share_an_allocation_ask_for_the_time_of_all():
    assert cluster.request_of({"runtime": 30, "runs_per_job": 4}).minutes == 120


@pytest.mark.parametrize(
    ("limit", "minutes"),
    [("UNLIMITED", None), ("INFINITE", None), ("01:00:00", 60), ("2-00:00:00", 2880), ("1-12:30:00", 2190), ("00:00:30", 1)],
)
def test_slurms_times_are_read_in_minutes(limit, minutes):
    record = {"PartitionName": "gpu", "MaxTime": limit, "State": "UP", "Default": "NO"}
    assert cluster._partition(record).max_minutes == minutes


@pytest.mark.parametrize(
    ("gres", "gpus"),
    [
        ("gpu:a100:4", {"a100": 4}),
        ("gpu:2(S:0-1)", {"": 2}),
        ("gpu:a100:2(S:0),gpu:v100:1(S:1)", {"a100": 2, "v100": 1}),
        ("(null)", {}),
        ("craynetwork:4,gpu:fake:2", {"fake": 2}),
    ],
)
def test_a_nodes_gpus_are_counted_by_type(gres, gpus):
    assert cluster._node({"NodeName": "n", "Gres": gres, "Partitions": "gpu,long"}).gpus == gpus
