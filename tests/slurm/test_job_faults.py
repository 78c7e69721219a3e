"""Jobs that are stopped in the middle of a training: it goes on where it was, nothing is lost, nothing is done twice."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster
from slurm_commands import Job
from slurm_project import ON_SLURM, SlurmProject
from snakemake_run import Run

URGENT = ("--partition=gpu-urgent", "--nodes=2", "--gpus-per-node=2")


def start_training(project: SlurmProject, *arguments: str) -> tuple[Run, Job]:
    """Snakemake that trains one run again, and the training job, which has done some steps."""
    project.forget_run("full", 1)
    run = project.start(*(arguments or ON_SLURM))
    job = project.wait_job("rule_train", "RUNNING")
    project.wait_step("full", 1, 2)
    return run, job


def assert_it_went_on(project: SlurmProject, reference: SlurmProject) -> None:
    """The training went on once from a checkpoint of its own, and learned what an undisturbed one learns."""
    steps = project.resumed_steps("full", 1)
    assert len(steps) == 1 and steps[0] >= 2
    assert project.checkpoints() == []
    assert_same_results(project, reference)


def assert_same_results(project: SlurmProject, reference: SlurmProject, *seeds: int) -> None:
    """Weights, loss curves, predictions, scores and the final tables are those of an undisturbed study."""
    for seed in seeds or (1,):
        assert project.training("full", seed) == reference.training("full", seed)
        assert project.run_files("full", seed) == reference.run_files("full", seed)
    assert project.tables() == reference.tables()


def training_jobs(project: SlurmProject) -> list[Job]:
    """In the order of their submission."""
    return sorted((job for job in project.jobs() if "rule_train" in job.comment), key=lambda job: int(job.id))


def edit_profile(project: SlurmProject, old: str, new: str) -> None:
    path = project.folder / "profiles/slurm/profile.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_cancelled_training_is_tried_again_and_goes_on(project: SlurmProject, reference: SlurmProject):
    run, job = start_training(project)
    project.cluster.command("scancel", job.id)
    run.wait_line(rf"Slurm job {job.id} ended: CANCELLED")
    # What the script itself said stands in its log, which Snakemake shows.
    run.wait_line(r"SIGTERM at step \d+ of \d+\. The next attempt goes on from the checkpoint of step \d+")
    run.wait()
    assert [each.state for each in training_jobs(project)] == ["CANCELLED", "COMPLETED"]
    assert_it_went_on(project, reference)


def test_a_training_at_its_time_limit_goes_on_with_more_time(project: SlurmProject, reference: SlurmProject):
    run, job = start_training(project)
    project.cluster.end_time(job.id)
    run.wait_line(rf"Slurm job {job.id} ended: TIMEOUT")
    run.wait()
    first, second = training_jobs(project)
    assert (first.state, second.state) == ("TIMEOUT", "COMPLETED")
    assert project.cluster.details(second.id)["TimeLimit"] == "08:00:00"
    assert_it_went_on(project, reference)


def test_a_training_that_is_preempted_with_notice_costs_no_retry(project: SlurmProject, reference: SlurmProject):
    run, job = start_training(project, *ON_SLURM[:1], "profiles/slurm-preemptible", *ON_SLURM[2:])
    project.cluster.submit("sleep 5", *URGENT)
    run.wait_line(rf"Slurm job {job.id} \(train\): a more urgent job needed its place; it goes back to the queue")
    run.wait()
    assert [(each.id, each.state) for each in training_jobs(project)] == [(job.id, "COMPLETED")]
    assert project.cluster.details(job.id)["Restarts"] == "1"
    assert "Trying to restart job" not in run.text
    assert_it_went_on(project, reference)


def test_a_training_that_is_preempted_without_notice_costs_no_retry(project: SlurmProject, reference: SlurmProject):
    run, job = start_training(project)
    project.cluster.submit("sleep 5", *URGENT)
    run.wait()
    assert [(each.id, each.state) for each in training_jobs(project)] == [(job.id, "COMPLETED")]
    assert project.cluster.details(job.id)["Restarts"] == "1"
    assert "Trying to restart job" not in run.text
    assert_it_went_on(project, reference)


def test_a_job_over_its_memory_is_tried_again_with_more(project: SlurmProject, reference: SlurmProject):
    edit_profile(project, "    max_mem_mb:", '    mem_mb: "500 if attempt == 1 else 8000"\n    max_mem_mb:')
    project.forget_run("full", 1)
    run = project.start(*ON_SLURM)
    run.wait_line("Trying to restart job")
    run.wait()
    first, second = training_jobs(project)
    assert first.state in ("FAILED", "CANCELLED", "OUT_OF_MEMORY")
    assert second.state == "COMPLETED"
    assert project.cluster.details(second.id)["MinMemoryNode"] == "8000M"
    assert_same_results(project, reference)


@pytest.fixture
def small_disk(cluster: Cluster) -> Iterator[Path]:
    """A disk of 1 MB that all nodes see."""
    folder = cluster.root / "scratch"
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_scratch_disk_that_is_full_costs_checkpoints_and_nothing_else(
    project: SlurmProject, reference: SlurmProject, small_disk: Path
):
    site = project.folder / "profiles/site.yaml"
    text = site.read_text(encoding="utf-8")
    site.write_text(text.replace("checkpoint_folder: results/checkpoints", f"checkpoint_folder: {small_disk}"), encoding="utf-8")
    project.checkpoint_often()
    run, _ = start_training(project)
    run.wait()
    assert [each.state for each in training_jobs(project)] == ["COMPLETED"]
    log = (project.results / "logs/train/full/seed-1.log").read_text(encoding="utf-8")
    assert re.search(rf"The checkpoint of step \d+ could not be written \(.*\)\. 0 MB are free in {small_disk}", log)
    assert project.resumed_steps("full", 1) == []
    assert_same_results(project, reference)
    assert list(small_disk.iterdir()) == []


def test_nodes_with_another_clock_and_another_tmp_compute_the_same(project: SlurmProject, reference: SlurmProject):
    for node, clock in (("gpu1", 7200), ("cpu1", -7200)):
        project.cluster.crash(node)
        project.cluster.start_node(node, private_tmp=True, clock=clock)
    told, code = project.folder / "clock", "import sys, time; open(sys.argv[1], 'w').write(str(time.time()))"
    project.cluster.wait_job(
        project.cluster.submit(f'{sys.executable} -c "{code}" {told}', "-p", "gpu", "-w", "gpu1"), "COMPLETED"
    )
    assert 7100 < float(told.read_text()) - time.time() < 7300
    run, job = start_training(project)
    assert job.node == "gpu1"
    run.wait()
    jobs = {each.comment.split("_wildcards")[0]: (each.node, each.state) for each in project.jobs()}
    assert jobs["rule_train"] == ("gpu1", "COMPLETED")
    assert jobs["rule_score"] == ("cpu1", "COMPLETED")
    assert len(project.jobs()) == 3
    assert_same_results(project, reference)
    assert "Nothing to be done" in project.snakemake("-n", *ON_SLURM).stdout


def test_of_runs_that_share_an_allocation_only_the_one_that_was_stopped_is_tried_again(
    project: SlurmProject, reference: SlurmProject
):
    site = project.folder / "profiles/site.yaml"
    text = site.read_text(encoding="utf-8").replace("runs_per_job: 1", "runs_per_job: 2")
    # The other way to ask for a GPU.
    site.write_text(text.replace("gpu_request: gpus", "gpu_request: gres"), encoding="utf-8")
    project.forget_run("full", 1)
    project.forget_run("full", 2)
    run = project.start(*ON_SLURM)
    job = project.wait_job("rule_train", "RUNNING")
    # Slurm says how the GPUs of a job were asked for: TresPerJob stands for --gpus.
    assert project.cluster.details(job.id)["TresPerNode"] == "gres:gpu:1"
    assert project.script_process("train").environ()["CUDA_VISIBLE_DEVICES"] in ("0", "1")
    records = {seed: project.results / f"full/seed-{seed}/train.json" for seed in (1, 2)}
    run.wait_line(r"Finished jobid: \d+ \(Rule: train\)")
    (first,) = [seed for seed, record in records.items() if record.exists()]
    second = 3 - first
    written = records[first].stat().st_mtime_ns
    project.wait_step("full", second, 2)
    assert training_jobs(project) == [project.cluster.job(job.id)]
    assert project.cluster.details(job.id)["TimeLimit"] == "08:00:00"
    project.cluster.command("scancel", job.id)
    run.wait()
    assert [each.state for each in training_jobs(project)] == ["CANCELLED", "COMPLETED"]
    assert records[first].stat().st_mtime_ns == written
    assert project.resumed_steps("full", first) == []
    assert len(project.resumed_steps("full", second)) == 1
    assert_same_results(project, reference, 1, 2)
