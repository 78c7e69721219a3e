"""What a job asks Slurm for is the estimate, but no more than there is; what is beyond that is said beforehand."""

from types import SimpleNamespace

import pytest
from snakemake_executor_plugin_slurm.submit_string import get_submit_command

from snakemake_executor_plugin_parity_slurm import memory
from snakemake_executor_plugin_parity_slurm.cluster import Cluster, Node, Partition, problems, request_of
from snakemake_executor_plugin_parity_slurm.packs import pack_up

HERE = Cluster(
    {"cpu": Partition("cpu", True, True, None), "gpu": Partition("gpu", False, True, None)},
    [
        Node("c1", frozenset({"cpu"}), 8, 100000, {}),
        Node("g1", frozenset({"gpu"}), 8, 16000, {"a100": 2}),
        Node("g2", frozenset({"gpu"}), 8, 64000, {"": 1}),
    ],
)
JOB = {"slurm_partition": "gpu", "gpu": 1, "mem_mb": 20000, "gpu_mem_mb": 30000, "least_gpu_mem_mb": 9000, "max_mem_mb": 50000}


class Resources(dict):
    """As Snakemake's: by key and by attribute."""

    __getattr__ = dict.__getitem__


def submitted(**changes) -> str:
    """The plugin's own sbatch call for a job, as ours leaves it."""
    resources = Resources(JOB | {"cpus_per_task": 1, "threads": 1} | changes)
    job = SimpleNamespace(resources=resources, threads=1, is_group=lambda: False)
    names = ("run_uuid", "slurm_logfile", "comment_str", "account", "partition", "workdir")
    call = get_submit_command(job, dict.fromkeys(names, "x"))
    return memory.within_limit(call, memory.limit_mb(resources, HERE))


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, "20000"),
        ({"mem_mb": 60000}, "50000"),
        ({"mem_mb": 60000, "max_mem_mb": 90000}, "60000"),
        ({"mem_mb": 80000, "max_mem_mb": 90000}, "64000"),
        # Only the smaller nodes have two GPUs.
        ({"gpu": 2}, "16000"),
        # What somebody wrote is not changed.
        ({"mem_mb": 80000, "max_mem_mb": None}, "80000"),
    ],
)
def test_a_job_asks_for_its_estimate_and_for_no_more_than_site_and_nodes_have(changes, asked):
    assert f" --mem {asked} " in submitted(**changes)


def test_an_estimate_beyond_the_nodes_is_said_and_is_no_reason_to_refuse_the_study():
    resources = JOB | {"mem_mb": 80000}
    [line] = memory.beyond_limits(resources, HERE)
    assert "an estimated 80000 MB of memory, of which 50000 are asked for" in line and "need less" in line
    assert problems(HERE, {request_of(memory.limited(resources, HERE)): ["train"]}) == []
    # Without a limit of the site's it is a number that somebody wrote, and no node has it.
    del resources["max_mem_mb"]
    assert memory.beyond_limits(resources, HERE) == []
    assert "no node of partition gpu has that much" in problems(HERE, {request_of(memory.limited(resources, HERE)): ["train"]})[0]


def test_a_batch_that_does_not_fit_a_gpu_is_said_and_submitted():
    [line] = memory.beyond_limits(JOB | {"max_gpu_mem_mb": 24000}, HERE)
    assert "an estimated 30000 MB of a GPU, which has 24000: batches will be split" in line
    assert "gradient_checkpointing" in line
    assert memory.hopeless(JOB | {"max_gpu_mem_mb": 24000}) == ""


def test_weights_that_do_not_fit_a_gpu_are_refused_with_what_helps():
    problem = memory.hopeless(JOB | {"max_gpu_mem_mb": 8000})
    assert problem.startswith("weights, gradients and optimiser alone take 9000 MB of a GPU, which has 8000")
    assert "fsdp" in problem and "quantization" in problem


@pytest.mark.parametrize("resources", [JOB, JOB | {"max_gpu_mem_mb": 0}, {"mem_mb": "<TBD>", "max_gpu_mem_mb": 8000}])
def test_nothing_is_said_of_what_is_not_known(resources):
    assert memory.hopeless(resources) == ""
    assert memory.beyond_limits(resources, HERE) == []


def test_runs_in_one_allocation_may_need_different_memory_and_the_first_asks_for_all(tmp_path):
    def job(name: str, mem_mb: int) -> SimpleNamespace:
        resources = {"runs_per_job": 3, "gpu": 1, "mem_mb": mem_mb, "gpu_mem_mb": 2 * mem_mb, "least_gpu_mem_mb": mem_mb}
        return SimpleNamespace(
            name=name, rule=SimpleNamespace(name="train"), attempt=1, resources=resources, is_group=lambda: False
        )

    packs, alone = pack_up([job("lora", 2000), job("full", 9000), job("ia3", 3000)], tmp_path)
    assert alone == []
    assert [[each.name for each in pack.jobs] for pack in packs] == [["full", "ia3", "lora"]]
