"""Runs of several processes on the cluster: Slurm gives each training as many GPUs as the study's config says, by itself.

The GPUs are device files that Slurm counts; the processes are real, and compute on the CPU.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator

import psutil
import pytest
from cluster import Cluster
from daemons import wait_until
from slurm_project import UNTIL_TRAINED, SlurmProject
from snakemake_run import Run


def two_gpus_and_one(config: dict) -> None:
    """Two methods: one trains on two GPUs a run, one on one."""
    config["compare"] = ["full", "lora"]
    config["train"].update(num_train_epochs=2)
    config["methods"]["full"]["train"].update(gpus_per_run=2, batch_size=8)


@pytest.fixture
def project(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[SlurmProject]:
    project = SlurmProject(cluster, re.sub(r"\W+", "-", request.node.name))
    project.edit_config(two_gpus_and_one)
    yield project
    project.end()


def set_site(project: SlurmProject, old: str, new: str) -> None:
    path = project.folder / "profiles/site.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def environments_of_ranks(project: SlurmProject, run: Run) -> list[dict[str, str]]:
    """Wait for both processes of the run that trains now on two GPUs; their environments."""
    found: list[dict[str, str]] = []

    def there() -> bool:
        found.clear()
        assert run.runs(), run.text[-6000:]
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if "parity.training_process" in process.cmdline() and process.cwd() == str(project.folder):
                    found.append(process.environ())
        return {environment.get("RANK") for environment in found} == {"0", "1"}

    wait_until(there, "both processes of a run train")
    return found


def given(project: SlurmProject, job_id: str) -> dict[str, str]:
    """What Slurm gave a job, as sacct says it: gres/gpu, cpu, node ..."""
    text = project.cluster.command("sacct", "-nXP", "-j", job_id, "-o", "AllocTRES").strip()
    return dict(part.split("=") for part in text.split(","))


@pytest.mark.parametrize(("form", "runs_per_job", "field"), [("gpus", 1, "TresPerJob"), ("gres", 2, "TresPerNode")])
def test_a_training_gets_the_gpus_and_cpus_of_its_processes_in_one_task(project: SlurmProject, form, runs_per_job, field):
    set_site(project, "gpu_request: gpus", f"gpu_request: {form}")
    set_site(project, "runs_per_job: 1", f"runs_per_job: {runs_per_job}")
    run = project.start(*UNTIL_TRAINED)
    ranks = environments_of_ranks(project, run)
    run.wait()
    # Both see both GPUs: each takes the one of its number.
    assert [sorted(rank["CUDA_VISIBLE_DEVICES"].split(",")) for rank in ranks] == [["0", "1"], ["0", "1"]]
    trainings = project.jobs("rule_train")
    # Runs of two GPUs share no allocation with runs of one.
    assert len(trainings) == 4 // runs_per_job
    gpus = []
    for job in trainings:
        details, tres = project.cluster.details(job.id), given(project, job.id)
        assert job.state == "COMPLETED"
        gpus.append(tres["gres/gpu"])
        assert details[field] == f"gres:gpu:{gpus[-1]}"
        assert (details["NumNodes"], details["NumTasks"]) == ("1", "1")
        assert details["CPUs/Task"] == tres["cpu"] == gpus[-1]
    assert sorted(gpus) == (["1", "1", "2", "2"] if runs_per_job == 1 else ["1", "2"])
    for method, processes in (("full", 2), ("lora", 1)):
        for seed in (1, 2):
            record = json.loads((project.results / f"{method}/seed-{seed}/train.json").read_text(encoding="utf-8"))
            assert record["processes"] == record["settings"]["gpus_per_run"] == processes
