"""Nodes and daemons that die under a running study: it goes on by itself, nothing is lost, nothing is done twice."""

from __future__ import annotations

from daemons import lives, wait_until
from held_back import HeldBack
from slurm_project import ON_SLURM, SlurmProject
from snakemake_run import Run

OUTAGE_SAID = "Slurm does not answer. No job is given up; asking again."


def assert_came_to_the_same(project: SlurmProject, reference: SlurmProject, method: str, seed: int) -> None:
    assert project.run_files(method, seed) == reference.run_files(method, seed)
    assert project.tables() == reference.tables()
    assert project.checkpoints() == []


def assert_each_done_once(project: SlurmProject, run: Run) -> None:
    """Of a run that was trained again: the training had one job and no retry, and each other rule one job that did the work."""
    assert "Error in rule train" not in run.text
    assert len(project.jobs("rule_train")) == 1
    done = sorted(job.comment.split("_wildcards")[0] for job in project.jobs() if job.state == "COMPLETED")
    assert done == ["rule_generate", "rule_score", "rule_train"]
    # Slurm 22.05 forgets for a moment, when its controller starts, which GPUs a node has: the first job there may find none.
    failed = [job for job in project.jobs() if job.state != "COMPLETED"]
    assert run.text.count("Trying to restart job") == len(failed) <= 1, failed
    if failed:
        log = next((project.folder / "logs/slurm").glob(f"rule_*/*/{failed[0].id}.log")).read_text(encoding="utf-8")
        assert "Unable to create step" in log


def is_accounted(project: SlurmProject) -> bool:
    """Whether the accounting knows how every job ended."""
    return all(project.cluster.accounted_state(job.id) == job.state for job in project.jobs())


def let_training_end_without(project: SlurmProject, *daemons: str) -> None:
    """Kill daemons while a training runs, and wait until it has ended well on its node."""
    project.wait_step("full", 1, 2)
    training = project.script_process("train")
    training.suspend()
    project.cluster.wait_saved()
    for daemon in daemons:
        project.cluster.kill9(daemon)
    training.resume()
    wait_until(lambda: not lives(training), "the training has ended")
    assert (project.results / "full/seed-1/train.json").exists()


def test_a_node_that_dies_and_comes_back_costs_the_steps_since_the_last_checkpoint(
    project: SlurmProject, reference: SlurmProject
):
    project.checkpoint_often()
    project.forget_run("full", 1)
    run = project.start(*ON_SLURM)
    job = project.wait_job("rule_train", "RUNNING")
    wait_until(project.checkpoints, "there is a checkpoint")
    project.cluster.crash(job.node)
    run.wait_line(rf"Slurm job {job.id} \(train\): is back in the queue, since its node failed")
    again = project.wait_job("rule_train", "RUNNING")
    assert again.id == job.id
    project.cluster.start_node(job.node)
    run.wait()
    assert project.cluster.details(job.id)["Restarts"] == "1"
    assert_each_done_once(project, run)
    steps = project.resumed_steps("full", 1)
    assert len(steps) == 1 and steps[0] >= 1
    assert_came_to_the_same(project, reference, "full", 1)


def test_a_controller_that_is_away_while_jobs_are_submitted_and_end_loses_none(project: SlurmProject, reference: SlurmProject):
    project.forget_run("full", 1)
    sbatch = HeldBack(project, "sbatch")
    sbatch.hold()
    run = project.start(*ON_SLURM, by=sbatch)
    sbatch.wait_calls(1)
    project.cluster.kill9("slurmctld")
    sbatch.let_through(1)
    # Slurm's own sbatch has given up once by then.
    sbatch.wait_calls(2)
    run.wait_line("Slurm does not take rule train's job yet")
    project.cluster.start_daemon("slurmctld")
    # Slurm 22.05 starts jobs on nodes that have not registered again, and they find no GPU.
    project.cluster.wait_nodes_ready()
    sbatch.let_go()
    project.wait_job("rule_train", "RUNNING")
    let_training_end_without(project, "slurmctld")
    run.wait_line(OUTAGE_SAID)
    project.cluster.start_daemon("slurmctld")
    run.wait()
    assert "Slurm answers again." in run.text
    assert_each_done_once(project, run)
    assert project.resumed_steps("full", 1) == []
    assert_came_to_the_same(project, reference, "full", 1)


def test_accounting_that_dies_with_the_controller_and_then_alone_costs_nothing(project: SlurmProject, reference: SlurmProject):
    project.forget_run("full", 1)
    run = project.start(*ON_SLURM)
    project.wait_job("rule_train", "RUNNING")
    let_training_end_without(project, "slurmdbd", "slurmctld")
    run.wait_line(OUTAGE_SAID)
    project.cluster.start_daemon("slurmdbd")
    project.cluster.start_daemon("slurmctld")
    run.wait_line("Slurm answers again.")
    project.wait_job("rule_generate", "RUNNING")
    # All that is left, the end of Snakemake too, happens without accounting.
    project.cluster.kill9("slurmdbd")
    run.wait()
    assert_each_done_once(project, run)
    assert_came_to_the_same(project, reference, "full", 1)
    project.cluster.start_daemon("slurmdbd")
    wait_until(lambda: is_accounted(project), "the accounting has caught up with every job")


class SavedState:
    """What slurmctld has on its disk, to go back to: what it does not save before it is killed, it forgets."""

    def __init__(self, project: SlurmProject):
        project.cluster.wait_saved()
        self._folder = project.cluster.root / "slurmctld"
        self._files = {path.name: path.read_bytes() for path in self._folder.glob("job_state*")}

    def put_back(self) -> None:
        for path in self._folder.glob("job_state*"):
            path.unlink()
        for name, content in self._files.items():
            (self._folder / name).write_bytes(content)


def test_a_job_that_a_controller_has_forgotten_is_given_up_and_tried_again(project: SlurmProject, reference: SlurmProject):
    project.forget_run("lead", 0)
    before = SavedState(project)
    run = project.start(*ON_SLURM, "--parity-slurm-patience", "10")
    job = project.wait_job("rule_baseline", "RUNNING")
    wait_until(lambda: project.cluster.accounted_state(job.id) == "RUNNING", "the accounting knows the job")
    project.cluster.kill9("slurmctld")
    before.put_back()
    project.cluster.start_daemon("slurmctld")
    # Somebody's job that has ended well carries its number now.
    assert project.cluster.submit("true", "-p", "gpu") == job.id
    run.wait()
    assert f"Slurm job {job.id} ended: Slurm has known nothing of it for" in run.text
    assert run.text.count("Trying to restart job") == 1
    assert_came_to_the_same(project, reference, "lead", 0)
