"""Defects of snakemake-executor-plugin-slurm 2.8.0, each on a real cluster, each within a time limit.

    PYTHONPATH=tests python tests/slurm/reproduce_defects.py            all of them, about 20 minutes
    PYTHONPATH=tests python tests/slurm/reproduce_defects.py NAME ...   some of them; --list names them
    --python VENV/bin/python                                            a Python with another version of the plugin

It prints what Slurm says of the jobs and what Snakemake says, and says REPRODUCED or not. docs/CLUSTER.md has the causes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from cluster import DEFAULT_ROOT, Cluster
from daemons import wait_until
from held_back import HeldBack
from snakemake_run import Run, Runnable

SNAKEFILE = Path(__file__).with_name("defects") / "Snakefile"
OPTIONS = ("--executor", "slurm", "-j", "10", "--verbose", "--slurm-init-seconds-before-status-checks", "2")
RESOURCES = ("slurm_account=lab", "mem_mb=1000", "runtime=10", "cpus_per_task=1")


class Scene:
    """A folder with the Snakefile, and Snakemake in it with the plugin as it is."""

    def __init__(self, cluster: Cluster, name: str, python: str):
        self.cluster = cluster
        self.folder = cluster.root / "defects" / name
        self.folder.mkdir(parents=True)
        shutil.copy2(SNAKEFILE, self.folder)
        self._python = python
        self.run: Run | None = None

    def command(self, *arguments: str) -> list[str]:
        return [self._python, "-m", "snakemake", "--nocolor", *arguments]

    def environment(self) -> dict[str, str]:
        return {key: value for key, value in os.environ.items() if key != "SNAKEMAKE_PROFILE"}

    def start(
        self,
        config: tuple[str, ...],
        *options: str,
        seconds: float = 200,
        resources: tuple[str, ...] = RESOURCES,
        by: Runnable | None = None,
    ) -> None:
        """Start Snakemake; `config` are entries KEY=VALUE for the Snakefile, `by` starts it in another way."""
        arguments = (*OPTIONS, *options, "--default-resources", *resources, "--config", *config)
        self.run = Run(by or self, arguments, seconds, self.folder / "snakemake.log")

    def wait_job(self, name: str, *states: str) -> str:
        """The id of the job that makes out/`name`, once it is in one of `states`."""
        comment = f"rule_nap_wildcards_{name}"
        wait_until(lambda: self._job(comment, states), f"{name} is {' or '.join(states)}")
        return self._job(comment, states).id

    def _job(self, comment: str, states: tuple[str, ...]):
        found = [job for job in self.cluster.jobs(ended=True) if job.comment == comment and job.state in states]
        return found[-1] if found else None

    def ended_within(self, seconds: float) -> bool:
        """Whether Snakemake ends by itself; what the scene waits to see."""
        deadline = time.monotonic() + seconds
        while self.run.runs() and time.monotonic() < deadline:
            time.sleep(0.2)
        return not self.run.runs()

    def lines(self, pattern: str) -> list[str]:
        return [line for line in self.run.text.splitlines() if re.search(pattern, line)]

    def words(self, file: str) -> list[str]:
        path = self.folder / file
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def show(self, *patterns: str) -> None:
        for pattern in patterns:
            for line in self.lines(pattern)[-4:]:
                print("   snakemake:", line.strip()[:200])

    def end(self) -> None:
        if self.run and self.run.runs():
            self.run.send(signal.SIGKILL)
        if self.run:
            self.run.end()


def cancelled_job_is_never_noticed(scene: Scene) -> bool:
    """sacct says `CANCELLED by <uid>`, which is compared with `CANCELLED`."""
    scene.start(("sleep={a: 300}",), "--slurm-status-command", "sacct")
    job = scene.wait_job("a", "RUNNING")
    scene.cluster.command("scancel", job)
    ended = scene.ended_within(100)
    print("   sacct:", scene.cluster.accounted_state(job))
    scene.show("Status query returned", "Error in rule")
    return not ended


def failed_status_cycle_forgets_all_jobs(scene: Scene) -> bool:
    """Five status queries fail within a moment; no active job is handed back."""
    scene.start(("sleep={a: 25}",), "--slurm-status-command", "sacct")
    job = scene.wait_job("a", "RUNNING")
    scene.cluster.kill9("slurmdbd")
    scene.run.wait_line(r"could not check status of job .* \(final attempt\)")
    scene.cluster.start_daemon("slurmdbd")
    scene.cluster.wait_job(job, "COMPLETED")
    ended = scene.ended_within(90)
    wait_until(lambda: scene.cluster.accounted_state(job) == "COMPLETED", "sacct knows the end")
    print("   sacct:", scene.cluster.accounted_state(job))
    scene.show("could not check status", "No active jobs")
    return not ended and bool(scene.lines("No active jobs"))


def preempted_job_without_requeue_is_never_noticed(scene: Scene) -> bool:
    """PREEMPTED is taken for a passing state, though nothing follows it."""
    scene.start(("sleep={a: 300}", "partition={a: gpu}"), "--slurm-status-command", "squeue", "--slurm-no-requeue")
    job = scene.wait_job("a", "RUNNING")
    scene.cluster.submit("true", "-p", "gpu-urgent", "--nodes=2", "--exclusive")
    scene.cluster.wait_job(job, "PREEMPTED")
    ended = scene.ended_within(100)
    print("   squeue:", scene.cluster.job(job).state, "  sacct:", scene.cluster.accounted_state(job))
    scene.show("preemption", "Error in rule")
    return not ended


def array_tasks_check_the_first_tasks_outputs(scene: Scene) -> bool:
    """A quick task of an array fails, since the output of the first, slow one is not there."""
    scene.start(("sleep={a: 40, b: 1, c: 1}",), *ARRAY, "--slurm-status-command", "squeue", "--latency-wait", "3", "--keep-going")
    scene.ended_within(150)
    outputs = sorted(path.name for path in (scene.folder / "out").glob("*"))
    print("   finished:", [name for name in "abc" if scene.words(f"ends-{name}")], "  outputs left:", outputs)
    scene.show("failed, SLURM status", "Removing output files")
    return all(scene.words(f"ends-{name}") for name in "bc") and not {"b", "c"} & set(outputs)


def array_tasks_all_get_the_last_ones_state(scene: Scene) -> bool:
    """sacct's JobIDRaw holds the array's own number in one record only, that of the last task."""
    # All tasks but the last end well, and the first ends first.
    options = ("--slurm-status-command", "sacct", "--latency-wait", "3", "--keep-going")
    scene.start(("sleep={a: 1, b: 15, c: 15}", "failing=[c]"), *ARRAY, *options)
    scene.ended_within(150)
    outputs = sorted(path.name for path in (scene.folder / "out").glob("*"))
    print("   finished:", [name for name in "abc" if scene.words(f"ends-{name}")], "  outputs left:", outputs)
    array = scene.lines("Submitted array job")[0].split("SLURM job ID ")[1].split(".")[0]
    records = scene.cluster.command("sacct", "-n", "-X", "-P", "-j", array, "-o", "JobID,JobIDRaw,State").split()
    print("   sacct JobID|JobIDRaw|State:", records)
    scene.show("failed, SLURM status", "Removing output files")
    return bool(scene.words("ends-a")) and "a" not in outputs


def crash_under_quick_polls(scene: Scene, *options: str) -> str:
    """Run a long job on a GPU node and crash that; short jobs that keep ending, on other nodes, keep the polls quick."""
    short = ", ".join(f"s{number}: {number % 4}" for number in range(40))
    config = (f"sleep={{a: 30, long: 120, {short}}}", "partition={a: gpu}")
    quick = ("--slurm-init-seconds-before-status-checks", "1", "-j", "6", "--prioritize", "out/a", "out/long")
    scene.start(config, "--slurm-status-command", "sacct", *quick, *options, seconds=300)
    job = scene.wait_job("a", "RUNNING")
    wait_until(lambda: scene.words("starts-a"), "the job has begun")
    scene.cluster.crash(scene.cluster.job(job).node)
    scene.ended_within(280)
    print("   Slurm jobs that ran a:", scene.words("starts-a"), "  that ended it:", scene.words("ends-a"))
    scene.show("NODE_FAIL", "following nodes failed")
    return job


def failed_job_without_requeue_flag_runs_again(scene: Scene) -> bool:
    """NODE_FAIL is a failure for Snakemake, while Slurm requeues the job, which writes the output: with retries, two do."""
    job = crash_under_quick_polls(scene, "--keep-going")
    print("   sacct:", scene.cluster.accounted_state(job), "  restarts:", scene.cluster.details(job)["Restarts"])
    return bool(scene.lines(f"SLURM-job '{job}' failed")) and job in scene.words("ends-a")


def failed_node_breaks_all_submissions(scene: Scene) -> bool:
    """The requeued job has no node when it is asked for: --exclude=None assigned."""
    crash_under_quick_polls(scene, "--slurm-requeue", "--retries", "2")
    scene.show("Unable to open file assigned")
    return bool(scene.lines("Unable to open file assigned"))


def no_account_is_never_read(scene: Scene) -> bool:
    """The option changes nothing: an account is guessed all the same."""
    scene.start(("sleep={a: 1}",), "--slurm-no-account", "--slurm-status-command", "squeue", resources=RESOURCES[1:])
    ended = scene.ended_within(100)
    scene.show("account", "sbatch call")
    return ended and bool(scene.lines("trying to guess"))


def polls_slow_down_by_ten_seconds_each(scene: Scene) -> bool:
    """Seconds between two status queries: 10 more each time, whatever --seconds-between-status-checks says."""
    scene.start(("sleep={a: 90}",), "--slurm-status-command", "squeue", "--seconds-between-status-checks", "3", seconds=220)
    times, seen = [], 0
    began = time.monotonic()
    while scene.run.runs() and time.monotonic() < began + 210:
        count = len(scene.lines(r"Status query timing \(cycle\)"))
        times += [time.monotonic() - began] * (count - seen)
        seen = count
        time.sleep(0.2)
    gaps = [round(later - earlier) for earlier, later in pairwise(times)]
    print("   seconds between polls:", gaps)
    return len(gaps) > 2 and gaps[2] > gaps[1] > gaps[0]


def held_job_is_waited_for(scene: Scene) -> bool:
    """A job whose node cannot start it is held by Slurm until a person releases it."""
    for node in ("cpu1", "cpu2"):
        scene.cluster.break_prolog(node)
    scene.start(("sleep={a: 1}",), "--slurm-status-command", "squeue", "--slurm-requeue")
    wait_until(lambda: any("held" in job.reason for job in scene.cluster.jobs()), "the job is held")
    ended = scene.ended_within(100)
    print("   squeue:", [(job.state, job.reason) for job in scene.cluster.jobs()])
    scene.show("requeued held", "Error in rule")
    return not ended


def job_above_the_partitions_limit_is_waited_for(scene: Scene) -> bool:
    """sbatch takes it (EnforcePartLimits=NO is Slurm's default), and it never starts."""
    scene.start(("sleep={a: 1}",), "--slurm-status-command", "squeue", resources=(*RESOURCES[:2], "runtime=2000"))
    wait_until(lambda: any(job.reason == "PartitionTimeLimit" for job in scene.cluster.jobs()), "Slurm says why")
    ended = scene.ended_within(100)
    print("   squeue:", [(job.state, job.reason) for job in scene.cluster.jobs()])
    scene.show("PartitionTimeLimit", "Error in rule")
    return not ended


def vanished_job_is_waited_for(scene: Scene, command: str = "squeue") -> bool:
    """A controller that has lost its saved state has forgotten the job; nobody will ever hear of it again."""
    scene.start(("sleep={a: 20}",), "--slurm-status-command", command)
    job = scene.wait_job("a", "RUNNING")
    scene.cluster.kill9("slurmctld")
    for saved in (scene.cluster.root / "slurmctld").glob("job_state*"):
        saved.unlink()
    scene.cluster.start_daemon("slurmctld")
    ended = scene.ended_within(120)
    print("   squeue:", scene.cluster.jobs(ended=True) or f"knows no job {job}")
    print("   sacct:", scene.cluster.accounted_state(job))
    scene.show("Status query returned", "Unable to get", "Error in rule", "failed, SLURM")
    return not ended


def vanished_job_is_waited_for_with_sacct(scene: Scene) -> bool:
    """The same with sacct, whose record says RUNNING until an administrator mends it."""
    return vanished_job_is_waited_for(scene, "sacct")


def ctrl_c_during_a_status_query_cancels_nothing(scene: Scene) -> bool:
    """The list of the jobs to cancel is empty while Slurm is asked for their states."""
    squeue = HeldBack(scene, "squeue")
    scene.start(("sleep={a: 300}",), "--slurm-status-command", "squeue", by=squeue)
    job = scene.wait_job("a", "RUNNING")
    squeue.hold()
    squeue.wait_calls(1)
    scene.run.send(signal.SIGINT)
    scene.run.wait_line("Terminating processes on user request")
    squeue.let_go()
    ended = scene.ended_within(100)
    print("   squeue:", scene.cluster.job(job).state)
    return ended and scene.cluster.job(job).state == "RUNNING"


def ctrl_c_goes_on_submitting(scene: Scene) -> bool:
    """Jobs that wait for their submission are submitted after all others have been cancelled."""
    sbatch = HeldBack(scene, "sbatch")
    sbatch.hold()
    scene.start(("sleep={a: 300, b: 300, c: 300, d: 300}",), "--slurm-status-command", "squeue", by=sbatch)
    sbatch.wait_calls(2)
    scene.run.send(signal.SIGINT)
    scene.run.wait_line("Terminating processes on user request")
    sbatch.let_go()
    ended = scene.ended_within(100)
    jobs = [job.state for job in scene.cluster.jobs()]
    print("   squeue:", jobs)
    return ended and len(jobs) == 4


ARRAY = ("--slurm-array-jobs", "nap", "--slurm-keep-successful-logs")
DEFECTS: dict[str, Callable[[Scene], bool]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        cancelled_job_is_never_noticed,
        failed_status_cycle_forgets_all_jobs,
        preempted_job_without_requeue_is_never_noticed,
        array_tasks_check_the_first_tasks_outputs,
        array_tasks_all_get_the_last_ones_state,
        failed_job_without_requeue_flag_runs_again,
        failed_node_breaks_all_submissions,
        no_account_is_never_read,
        polls_slow_down_by_ten_seconds_each,
        held_job_is_waited_for,
        job_above_the_partitions_limit_is_waited_for,
        vanished_job_is_waited_for,
        vanished_job_is_waited_for_with_sacct,
        ctrl_c_during_a_status_query_cancels_nothing,
        ctrl_c_goes_on_submitting,
    )
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--python", default=sys.executable)
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(DEFECTS):
        parser.error(f"no such defect: {', '.join(sorted(unknown))}; see --list")
    if arguments.list:
        print(*DEFECTS, sep="\n")
        return
    cluster = Cluster(DEFAULT_ROOT)
    cluster.start()
    try:
        for name in arguments.names or DEFECTS:
            cluster.reset()
            print(f"{name}: {DEFECTS[name].__doc__}", flush=True)
            scene = Scene(cluster, name, arguments.python)
            try:
                print("  ", "REPRODUCED" if DEFECTS[name](scene) else "not reproduced", flush=True)
            except (TimeoutError, AssertionError) as error:
                print("   not reproduced:", str(error)[:1500], flush=True)
            finally:
                scene.end()
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
