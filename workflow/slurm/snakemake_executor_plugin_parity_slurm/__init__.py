"""Snakemake's Slurm executor (snakemake-executor-plugin-slurm 2.8.0), mended where a study could wait for ever.

Submission, job steps and the efficiency report are the plugin's own. Ours are: asking Slurm what became of the jobs (states.py),
cancelling all of them, submitting when the controller is away (sbatch.py), several runs in one allocation (packs.py), the form in
which GPUs are asked for (gpu_request.py), and refusing at the start what the cluster would never run (cluster.py), or runs already
(left.py). docs/CLUSTER.md shows each defect that this mends.
"""

import os
import re
import shlex
import sys
import threading
import time
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import snakemake_executor_plugin_slurm as plain
from snakemake_executor_plugin_slurm import common_settings  # noqa: F401  (part of a plugin's interface)
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.jobs import JobExecutorInterface

from . import cluster, gpu_request, left, memory, states
from .folders import FOLDER_RESOURCE, folder_problem
from .packs import Pack, pack_up

SECONDS_BEFORE_SAID = 8


@dataclass
class ExecutorSettings(plain.ExecutorSettings):
    """The plugin's settings, and how patient to be."""

    patience: int = field(
        default=600,
        metadata={
            "help": "Seconds to wait for a Slurm that does not answer a submission, for a job that Slurm no longer knows, "
            "and for a requeue that was promised, before the job is given up (and retried, where retries are left).",
            "env_var": False,
            "required": False,
        },
    )
    gpu_request: str = field(
        default="gpus",
        metadata={
            "help": "How to ask for GPUs: gpus (--gpus=2) or gres (--gres=gpu:2).",
            "env_var": False,
            "required": False,
        },
    )

    def __post_init__(self):
        super().__post_init__()
        gpu_request.check_form(self.gpu_request)
        if self.array_jobs:
            raise WorkflowError(
                "--parity-slurm-array-jobs: arrays of snakemake-executor-plugin-slurm 2.8.0 lose finished outputs. "
                "Remove it; to put several runs into one allocation see docs/CLUSTER.md, 'Many short jobs'"
            )
        if self.requeue and self.no_requeue:
            raise WorkflowError("Set one of --parity-slurm-requeue and --parity-slurm-no-requeue, not both")
        # With neither, the cluster's JobRequeue decides, unknown to Snakemake: a job that died with its node then runs twice.
        self.requeue = not self.no_requeue


class Executor(plain.Executor):
    """Submits as the plugin does; follows jobs by their real state, and forgets none."""

    def __post_init__(self, test_mode: bool = False):
        settings = self.workflow.executor_settings
        # Jobs carry the study's name, so that `make resume` finds them when this process is gone.
        prefix = os.environ.get("PARITY_JOB_PREFIX", "")
        settings.jobname_prefix = settings.jobname_prefix or prefix
        super().__post_init__(test_mode)
        self._watch = states.Watch(settings.patience, settings.requeue)
        self._slurm_answers = True
        self._said: set[str] = set()
        # What Slurm has of this run, one entry an allocation, by its Slurm job.
        self._in_slurm: dict[str, SubmittedJobInfo] = {}
        self._is_cancelled = False
        # By the job that stands for it at submission, its first.
        self._packs: dict[JobExecutorInterface, Pack] = {}
        self._refuse_what_would_never_run()
        if prefix and settings.jobname_prefix == prefix:
            left.wait_or_refuse(prefix, settings.patience, self.logger.warning)
        self._plain_submit_command, self._plain_gpu_options = plain.get_submit_command, plain.set_gres_string
        # The plugin calls them by these names, with no hook for others.
        plain.get_submit_command, plain.set_gres_string = self._submit_command, self._gpu_options

    def run_jobs(self, jobs: list[JobExecutorInterface]) -> None:
        jobs = [job for job in jobs if not self._refused_for_memory(job)]
        packs, alone = pack_up(jobs, Path(".snakemake/parity/packs").absolute())
        for pack in packs:
            self._packs[pack.jobs[0]] = pack
            for job in pack.jobs[1:]:
                self.run_job_pre(job)
        super().run_jobs([*(pack.jobs[0] for pack in packs), *alone])

    def _refused_for_memory(self, job: JobExecutorInterface) -> bool:
        """Report a job as failed that can never run for its memory; say where another's estimate is beyond what there is."""
        if problem := memory.hopeless(job.resources):
            self.run_job_pre(job)
            self.report_job_error(SubmittedJobInfo(job), msg=f"{described(job)} is not submitted: {problem}. ")
            return True
        for line in memory.beyond_limits(job.resources, self._here) if job.attempt == 1 else ():
            # Once for all seeds.
            if (note := f"{described(job)}: {line}") not in self._said:
                self._said.add(note)
                self.logger.warning(note)
        return False

    def cancel(self) -> None:
        """End: on Ctrl-C, or for an error. Every job is cancelled, wherever it is on its way.

        The list that the interface cancels is empty while the state of its jobs is asked for, and the plugin still submits what
        waited for its turn, after all others have been cancelled.
        """
        self._is_cancelled = True
        self._job_submission_executor.shutdown(wait=False, cancel_futures=True)
        known = dict(self._in_slurm)
        self.cancel_jobs(list(known.values()))
        self._job_submission_executor.shutdown(wait=True)
        self.cancel_jobs([info for slurm_job, info in dict(self._in_slurm).items() if slurm_job not in known])
        self.shutdown()

    def run_job(self, job: JobExecutorInterface) -> None:
        """Submit a job, and say so where sbatch.py has to wait for the controller."""
        seconds = self.workflow.executor_settings.patience
        said = f"Slurm does not take rule {job.name}'s job yet; trying again for up to {seconds} s."
        timer = threading.Timer(SECONDS_BEFORE_SAID, self.logger.warning, [said])
        timer.daemon = True
        timer.start()
        try:
            super().run_job(job)
        finally:
            timer.cancel()

    def format_job_exec(self, job: JobExecutorInterface) -> str:
        pack = self._packs.get(job)
        if pack is None:
            return super().format_job_exec(job)
        script = pack.write_script(super(Executor, self).format_job_exec(member) for member in pack.jobs)
        return f"sh {shlex.quote(str(script))}"

    def _submit_command(self, job: JobExecutorInterface, params: dict, **options: Any) -> str:
        """The plugin's sbatch call, handed to sbatch.py; a pack asks for the time of all its jobs."""
        call = self._plain_submit_command(job, params, **options)
        call = memory.within_limit(call, memory.limit_mb(job.resources, self._here))
        if pack := self._packs.get(job):
            minutes = sum(int(member.resources.get("runtime") or 0) for member in pack.jobs)
            call = re.sub(r" -t \S+", f" -t {minutes}", call, count=1)
        patient = f"{shlex.quote(sys.executable)} -m {__name__}.sbatch {self.workflow.executor_settings.patience} "
        return call.replace("sbatch ", patient, 1)

    def _gpu_options(self, job: JobExecutorInterface) -> str:
        return gpu_request.in_form(self._plain_gpu_options(job), self.workflow.executor_settings.gpu_request)

    def get_account_arg(self, job: JobExecutorInterface) -> Generator[str, None, None]:
        """The account that the job names. Without one, Slurm knows the user's default; the plugin would guess."""
        account = job.resources.get("slurm_account")
        named = account and not self.workflow.executor_settings.no_account
        yield f" -A {shlex.quote(str(account))}" if named else ""

    async def check_active_jobs(self, active_jobs: list[SubmittedJobInfo]) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Report what ended, and yield every other job, whatever Slurm answered or did not answer."""
        if not active_jobs:
            return
        by_slurm_job: dict[str, list[SubmittedJobInfo]] = {}
        for info in active_jobs:
            by_slurm_job.setdefault(info.external_jobid, []).append(info)
        async with self.status_rate_limiter:
            found = await states.query(self.run_uuid, by_slurm_job, self._submitted_job_clusters)
        if self._is_cancelled:
            return
        self._say_whether_slurm_answers(found is not None)
        for slurm_job, infos in by_slurm_job.items():
            outcome = self._watch.judge(slurm_job, found, time.monotonic())
            for line in outcome.notes:
                self.logger.warning(f"Slurm job {slurm_job} ({infos[0].job.name}): {line}")
            if outcome.command:
                await states.run_lines(outcome.command)
            going_on = self._settle(infos, outcome.ended)
            if not going_on:
                self._in_slurm.pop(slurm_job, None)
            for info in going_on:
                yield info

    def _settle(self, infos: list[SubmittedJobInfo], ended: str) -> list[SubmittedJobInfo]:
        """Report the jobs of one allocation that came to an end; returns those that go on."""
        pack, log = infos[0].aux.get("pack"), infos[0].aux.get("slurm_logfile")
        by_fate: dict[str, list[SubmittedJobInfo]] = {}
        for info in infos:
            by_fate.setdefault(pack.fate(info.job, ended) if pack else ended or "goes on", []).append(info)
        going_on, never_started = by_fate.pop("goes on", []), by_fate.pop("never started", [])
        for info in by_fate.pop("well", []):
            self.report_job_success(info)
        if not by_fate and not going_on and log and not self.workflow.executor_settings.keep_successful_logs:
            log.unlink(missing_ok=True)
        for fate, failed in by_fate.items():
            for info in failed:
                message = f"Slurm job {info.external_jobid} ended: {fate}. "
                self.report_job_error(info, msg=message, aux_logs=[str(log)] if log else [])
        if pack and not going_on:
            pack.remove()
        if never_started:
            # Nothing went wrong with these: they cost no retry.
            self._job_submission_executor.submit(self.run_jobs, [info.job for info in never_started])
        return going_on

    def _report_job_submission_threadsafe(self, job_info: SubmittedJobInfo) -> None:
        self._in_slurm[job_info.external_jobid] = job_info
        pack = self._packs.pop(job_info.job, None)
        for job in pack.jobs if pack else [job_info.job]:
            aux = job_info.aux | ({"pack": pack} if pack else {})
            super()._report_job_submission_threadsafe(SubmittedJobInfo(job, job_info.external_jobid, aux))

    def _report_job_error_threadsafe(self, job_info: SubmittedJobInfo, msg: str) -> None:
        pack = self._packs.pop(job_info.job, None)
        for job in pack.jobs if pack else [job_info.job]:
            super()._report_job_error_threadsafe(SubmittedJobInfo(job), msg)

    def _say_whether_slurm_answers(self, answers: bool) -> None:
        if answers != self._slurm_answers:
            self.logger.warning("Slurm answers again." if answers else "Slurm does not answer. No job is given up; asking again.")
        self._slurm_answers = answers

    def _refuse_what_would_never_run(self) -> None:
        """Raise WorkflowError, before anything is submitted, for jobs that this cluster would refuse or never start."""
        jobs = [job for job in self.workflow.dag.needrun_jobs() if not job.is_local]
        try:
            self._here = cluster.read_cluster() if jobs else cluster.Cluster({}, [])
        except cluster.NoSlurm as error:
            raise WorkflowError(f"Slurm does not answer here ({error}). Start snakemake on the cluster's login node") from None
        requests: dict[cluster.Request, set[str]] = {}
        folders: dict[str, str] = {}
        for job in jobs:
            request = cluster.request_of(memory.limited(job.resources, self._here), training_of(job))
            requests.setdefault(request, set()).add(job.rule.name)
            if folder := job.resources.get(FOLDER_RESOURCE):
                folders[folder] = job.rule.name
        problems = cluster.problems(self._here, requests)
        problems += dict.fromkeys(f"{described(job)}: {text}" for job in jobs if (text := memory.hopeless(job.resources)))
        problems += [f"{rule}: {problem}" for folder, rule in folders.items() if (problem := folder_problem(folder))]
        if problems:
            raise WorkflowError("This cluster cannot run the study:\n" + "\n".join(f"  {problem}" for problem in problems))


def training_of(job: JobExecutorInterface) -> cluster.Training | None:
    """What a study's config says of a training; None for other jobs."""
    if job.rule.name != "train":
        return None
    return cluster.Training(job.wildcards_dict["method"], job.params["method"]["train"]["gpus_per_run"])


def described(job: JobExecutorInterface) -> str:
    """A job's rule, and its method where it has one, for messages."""
    method = getattr(job, "wildcards_dict", {}).get("method")
    return f"{job.name} of {method}" if method else job.name
