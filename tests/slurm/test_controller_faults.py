"""A snakemake that is killed, stopped or started twice while its jobs are in Slurm: no second copy, no hand work on locks."""

from __future__ import annotations

import os
import pwd
import signal
import sys
from pathlib import Path

from daemons import wait_until
from held_back import HeldBack
from slurm_project import ON_SLURM, SlurmProject
from snakemake_run import Run

STUDY = ON_SLURM[:4]
RESUME_WITH = "make resume PROFILE=profiles/slurm CONFIG=config/config.yaml"


class Resuming:
    """What `make resume` calls."""

    def __init__(self, project: SlurmProject):
        self.folder, self._environment = project.folder, project.environment()

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "parity.resume", *arguments, "--nocolor"]

    def environment(self) -> dict[str, str]:
        return self._environment | {"PYTHONPATH": "workflow/scripts"}


class OtherUser:
    """Snakemake of the user nobody, who may read everything here, and write what the files' own rights allow."""

    RIGHTS = (
        "--reuid=nobody",
        "--regid=nogroup",
        "--clear-groups",
        "--inh-caps=+dac_read_search",
        "--ambient-caps=+dac_read_search",
    )
    # As many clusters do: nobody sees the processes of others.
    HIDING = ("unshare", "--mount", "sh", "-c", 'mount -t proc -o hidepid=invisible proc /proc && exec "$@"', "sh")

    def __init__(self, project: SlurmProject, home: Path, *, sees_others: bool = True):
        self.folder, self._project, self._home = project.folder, project, home
        self._before = () if sees_others else self.HIDING
        home.mkdir(exist_ok=True)
        os.chown(home, pwd.getpwnam("nobody").pw_uid, -1)

    def command(self, *arguments: str) -> list[str]:
        return [*self._before, "setpriv", *self.RIGHTS, *self._project.command(*arguments)]

    def environment(self) -> dict[str, str]:
        of_nobody = {"HOME": str(self._home), "USER": "nobody", "LOGNAME": "nobody", "PYTHONDONTWRITEBYTECODE": "1"}
        return self._project.environment() | of_nobody


def assert_came_to_the_same(project: SlurmProject, reference: SlurmProject, method: str, seed: int) -> None:
    assert project.run_files(method, seed) == reference.run_files(method, seed)
    assert project.tables() == reference.tables()
    assert project.checkpoints() == []


def job_states(project: SlurmProject) -> list[tuple[str, str]]:
    """The rule and the state of every Slurm job, in the order of their ids."""
    jobs = sorted(project.jobs(), key=lambda job: int(job.id))
    return [(job.comment.split("_wildcards")[0].removeprefix("rule_"), job.state) for job in jobs]


def kill_alone(run: Run, number: signal.Signals) -> None:
    """End Snakemake itself with a signal; its Slurm jobs are left as they are."""
    run.send(number)
    assert run.wait(expected=None) != 0


def test_after_a_killed_snakemake_resume_takes_what_its_job_makes_meanwhile(project: SlurmProject, reference: SlurmProject):
    project.forget_run("full", 1)
    first = project.start(*ON_SLURM)
    project.wait_step("full", 1, 2)
    script = project.script_process("train")
    script.suspend()
    job = project.wait_job("rule_train", "RUNNING")
    kill_alone(first, signal.SIGKILL)

    plain = project.start(*ON_SLURM)
    assert plain.wait(expected=None) != 0
    assert "root's snakemake (process " in plain.text
    assert "is gone without tidying up, and its jobs may still run" in plain.text
    assert RESUME_WITH in plain.text

    # What Snakemake's own message about locks suggests leaves nothing that protects the job but the executor.
    project.snakemake("--unlock", *STUDY)
    unlocked = project.start(*ON_SLURM)
    assert unlocked.wait(expected=None) != 0
    assert f"Slurm job {job.id} (running)" in unlocked.text
    assert RESUME_WITH in unlocked.text

    resumed = project.start(*ON_SLURM, by=Resuming(project))
    resumed.wait_line(rf"waiting for jobs that still run: Slurm job {job.id} \(running\)")
    script.resume()
    resumed.wait()
    assert job_states(project) == [("train", "COMPLETED"), ("generate", "COMPLETED"), ("score", "COMPLETED")]
    assert project.resumed_steps("full", 1) == []
    assert_came_to_the_same(project, reference, "full", 1)
    assert "Nothing to be done" in project.snakemake(*ON_SLURM).stdout


def test_a_lost_connection_is_mended_by_resume(project: SlurmProject, reference: SlurmProject):
    project.forget_run("lead", 0)
    first = project.start(*ON_SLURM)
    project.wait_job("rule_baseline", "RUNNING")
    kill_alone(first, signal.SIGHUP)
    resumed = project.start(*ON_SLURM, by=Resuming(project))
    resumed.wait()
    assert "root's snakemake (process " in resumed.text
    assert "that ran the study small is gone without tidying up" in resumed.text
    assert job_states(project) == [("baseline", "COMPLETED"), ("score", "COMPLETED")]
    assert_came_to_the_same(project, reference, "lead", 0)


def test_after_ctrl_c_the_same_command_goes_on_from_the_checkpoint(project: SlurmProject, reference: SlurmProject):
    project.forget_run("full", 1)
    squeue = HeldBack(project, "squeue")
    first = project.start(*ON_SLURM, by=squeue)
    project.wait_step("full", 1, 3)
    job = project.wait_job("rule_train", "RUNNING")
    # In the middle of a question for its jobs' states, when the list of those that Snakemake would cancel is empty.
    squeue.hold()
    squeue.wait_calls(1)
    first.send(signal.SIGINT)
    project.wait_job("rule_train", "CANCELLED", "COMPLETING")
    squeue.let_go()
    assert first.wait(expected=None) != 0
    assert "Terminating processes on user request" in first.text
    # At once, as somebody who has changed a setting would.
    second = project.start(*ON_SLURM)
    second.wait()
    assert project.cluster.job(job.id).state == "CANCELLED"
    assert job_states(project)[1:] == [("train", "COMPLETED"), ("generate", "COMPLETED"), ("score", "COMPLETED")]
    steps = project.resumed_steps("full", 1)
    assert len(steps) == 1 and steps[0] >= 3
    assert_came_to_the_same(project, reference, "full", 1)


def test_after_ctrl_c_no_job_is_left_that_was_being_submitted_and_none_is_submitted_any_more(project: SlurmProject):
    project.edit_config(lambda config: config.update(seeds=[*range(1, 11)]))
    sbatch = HeldBack(project, "sbatch")
    sbatch.hold()
    first = project.start(*ON_SLURM, by=sbatch)
    # Of eight trainings two are submitted at a time.
    sbatch.wait_calls(2)
    first.send(signal.SIGINT)
    first.wait_line("Terminating processes on user request")
    sbatch.let_go()
    assert first.wait(expected=None) != 0
    wait_until(lambda: {job.state for job in project.jobs()} == {"CANCELLED"}, "all jobs are cancelled")
    assert 2 <= len(project.jobs()) < 8


def share_with_everybody(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o777 if path.is_dir() else 0o666))


def test_whoever_comes_second_is_told_whose_the_study_is_and_disturbs_nothing(project: SlurmProject, reference: SlurmProject):
    share_with_everybody(project.folder)
    home = project.folder.with_name(f"{project.folder.name}-home")
    project.forget_run("lead", 0)
    with project.cluster.full_cpu_nodes():
        first = project.start(*ON_SLURM)
        project.wait_job("rule_baseline", "PENDING")
        others = [
            project.start(*ON_SLURM),
            project.start(*ON_SLURM, by=OtherUser(project, home)),
            project.start(*ON_SLURM, by=OtherUser(project, home, sees_others=False)),
            project.start(*ON_SLURM, by=Resuming(project)),
        ]
        codes = [other.wait(expected=None) for other in others]
    assert 0 not in codes
    for other in others:
        assert f"root's snakemake (process {first.pid} on " in other.text
        assert f"is running the study small in {project.folder}" in other.text
        assert f"kill -INT {first.pid}" in other.text
        assert "Traceback" not in other.text
    assert others[-1].text.startswith("Nothing to resume: ")
    first.wait()
    assert job_states(project) == [("baseline", "COMPLETED"), ("score", "COMPLETED")]
    assert_came_to_the_same(project, reference, "lead", 0)


def test_a_user_without_write_rights_is_told_so_and_whose_the_study_is(project: SlurmProject):
    project.forget_run("lead", 0)
    home = project.folder.with_name(f"{project.folder.name}-home")
    idle = project.start(*ON_SLURM, by=OtherUser(project, home))
    assert idle.wait(expected=None) != 0
    assert "nobody may not write" in idle.text and "Traceback" not in idle.text
    with project.cluster.full_cpu_nodes():
        first = project.start(*ON_SLURM)
        project.wait_job("rule_baseline", "PENDING")
        beside = project.start(*ON_SLURM, by=OtherUser(project, home))
        assert beside.wait(expected=None) != 0
    assert f"root's snakemake (process {first.pid} on " in beside.text and "Traceback" not in beside.text
