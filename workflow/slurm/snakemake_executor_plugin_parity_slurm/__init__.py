"""Snakemake's Slurm executor (snakemake-executor-plugin-slurm 2.8.0), mended where a study could wait for ever.

Submission, job steps, cancellation and the efficiency report are the plugin's own. Ours are: asking Slurm what became of
the jobs (states.py), submitting when the controller is away (sbatch.py), and refusing at the start what the cluster would
never run (cluster.py). docs/CLUSTER.md shows each defect that this mends; without them this package can go.
"""

import os
import shlex
import sys
import time
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field

import snakemake_executor_plugin_slurm as plain
from snakemake_executor_plugin_slurm import common_settings  # noqa: F401  (part of a plugin's interface)
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.jobs import JobExecutorInterface

from . import cluster, states


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

    def __post_init__(self):
        super().__post_init__()
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
        settings.jobname_prefix = settings.jobname_prefix or os.environ.get("PARITY_JOB_PREFIX", "")
        super().__post_init__(test_mode)
        self._slurm_answers = True
        self.watch = states.Watch(settings.patience, settings.requeue)
        self._refuse_what_would_never_run()

    def get_account_arg(self, job: JobExecutorInterface) -> Generator[str, None, None]:
        """The account that the job names. Without one, Slurm knows the user's default; the plugin would guess."""
        account = job.resources.get("slurm_account")
        named = account and not self.workflow.executor_settings.no_account
        yield f" -A {shlex.quote(str(account))}" if named else ""

    async def check_active_jobs(self, active_jobs: list[SubmittedJobInfo]) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Report what ended, and yield every other job, whatever Slurm answered or did not answer."""
        if not active_jobs:
            return
        async with self.status_rate_limiter:
            found = await states.query(self.run_uuid, [job.external_jobid for job in active_jobs], self._submitted_job_clusters)
        self._say_whether_slurm_answers(found is not None)
        for info in active_jobs:
            outcome = self.watch.judge(info.external_jobid, found, time.monotonic())
            for line in outcome.notes:
                self.logger.warning(f"Slurm job {info.external_jobid} ({info.job.name}): {line}")
            if outcome.command:
                await states.run_lines(outcome.command)
            if outcome.ended == "well":
                self._remove_log(info)
                self.report_job_success(info)
            elif outcome.ended:
                self._report_failure(info, outcome.ended)
            else:
                yield info

    def _say_whether_slurm_answers(self, answers: bool) -> None:
        if answers != self._slurm_answers:
            self.logger.warning("Slurm answers again." if answers else "Slurm does not answer. No job is given up; asking again.")
        self._slurm_answers = answers

    def _report_failure(self, info: SubmittedJobInfo, reason: str) -> None:
        log = info.aux.get("slurm_logfile")
        message = f"Slurm job {info.external_jobid} ended: {reason}. "
        self.report_job_error(info, msg=message, aux_logs=[str(log)] if log else [])

    def _remove_log(self, info: SubmittedJobInfo) -> None:
        log = info.aux.get("slurm_logfile")
        if log and not self.workflow.executor_settings.keep_successful_logs:
            log.unlink(missing_ok=True)

    def _refuse_what_would_never_run(self) -> None:
        """Raise WorkflowError, before anything is submitted, for jobs that this cluster would refuse or never start."""
        requests = {}
        for job in self.workflow.dag.needrun_jobs():
            if not job.is_local:
                request = cluster.request_of(job.resources)
                requests.setdefault(request, job.rule.name)
        problems = (
            cluster.problems(cluster.read_cluster(), {request: [rule] for request, rule in requests.items()}) if requests else []
        )
        if problems:
            raise WorkflowError("This cluster cannot run the study:\n" + "\n".join(f"  {problem}" for problem in problems))


def _patient_submit_command(job, params, settings, **options) -> str:
    """The plugin's sbatch call, handed to sbatch.py, which waits for a controller that is away."""
    call = _plain_submit_command(job, params, settings=settings, **options)
    return call.replace("sbatch ", f"{shlex.quote(sys.executable)} -m {__name__}.sbatch {settings.patience} ", 1)


_plain_submit_command = plain.get_submit_command
plain.get_submit_command = _patient_submit_command
