"""Snakemake's longer messages about jobs, in a line each."""

from __future__ import annotations

import time
from logging import LogRecord

from snakemake_interface_logger_plugins.common import LogEvent

# Why most jobs run, which says nothing that the grid does not.
USUAL_REASONS = ("Missing output files", "Input files updated by another job", "Forced execution")
# The grid shows them.
SILENT = (LogEvent.PROGRESS, LogEvent.JOB_STARTED)
SILENT_TEXTS = ("Select jobs to execute...",)
# Of a rule that has no job to do.
NO_WORK = "all"


def short(record: LogRecord, jobs: dict[int, str]) -> str | None:
    """A line for a message about a job, "" where the grid says it, None for all others.

    Args:
        jobs: the names of the jobs that began, by id; added to here.
    """
    event, said = getattr(record, "event", None), record.__dict__
    if event in SILENT or record.getMessage() in SILENT_TEXTS:
        return ""
    if event == LogEvent.JOB_INFO and said["rule_name"] == NO_WORK:
        jobs[said["jobid"]] = ""
        return ""
    if event == LogEvent.JOB_INFO:
        jobs[said["jobid"]] = name = job_name(said["rule_name"], dict(said.get("wildcards") or {}))
        reason = str(said.get("reason") or "")
        unusual = "" if not reason or reason.startswith(USUAL_REASONS) else f"  ({reason})"
        return f"{clock()}  begins  {name}{unusual}"
    if event == LogEvent.JOB_FINISHED and said.get("job_id") in jobs:
        name = jobs[said["job_id"]]
        return f"{clock()}  done    {name}" if name else ""
    return None


def job_name(rule: str, wildcards: dict[str, str]) -> str:
    """A rule with its run: "train full seed 1"."""
    parts = [rule, wildcards.pop("method", "")]
    if seed := wildcards.pop("seed", ""):
        parts.append(f"seed {seed}")
    return " ".join(part for part in (*parts, *wildcards.values()) if part)


def clock() -> str:
    return time.strftime("%H:%M:%S")
