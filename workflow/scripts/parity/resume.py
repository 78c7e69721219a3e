"""Carry on with a study whose snakemake is gone: python -m parity.resume [--profile FOLDER] [--configfile FILE] [-- ...]

Nothing runs twice: what the lost snakemake left in Slurm is waited for, and its jobs on this machine, whose results a new
snakemake would not take, save a checkpoint and end. Then its lock is cleared and snakemake started.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import yaml

from . import controller

SECONDS_BETWEEN_LOOKS = 10


def main(arguments: list[str]) -> None:
    """Never returns: becomes snakemake, or exits with a message."""
    parser = argparse.ArgumentParser(prog="resume", description=__doc__.splitlines()[0])
    parser.add_argument("--profile", help="the profile to go on with, such as profiles/slurm")
    parser.add_argument("--configfile", help="the study, if it is not the profile's own")
    known, others = parser.parse_known_args(arguments)
    profile = profile_settings(known.profile)
    study = study_name(known.configfile or profile.get("configfile") or "config/config.yaml")
    lost = controller.recorded(study)
    try:
        controller.take(study)
    except controller.Busy as error:
        sys.exit(f"Nothing to resume: {error}")
    locks = controller.left_locks(study)
    if locks:
        print(f"{lost or 'The snakemake'} that ran the study {study} is gone without tidying up.", flush=True)
    in_slurm = "slurm" in profile.get("executor", "") or bool(lost and "slurm" in executor_of(lost.command))
    wait_for_jobs(study, in_slurm)
    for lock in locks:
        lock.unlink()
    os.execv(sys.executable, [*snakemake_command(known.profile, known.configfile), *others])


def snakemake_command(profile: str | None, configfile: str | None) -> list[str]:
    command = [sys.executable, "-m", "snakemake", "--rerun-incomplete"]
    command += ["--profile", profile] if profile else ["--cores", "4"]
    return command + (["--configfile", configfile] if configfile else [])


def profile_settings(profile: str | None) -> dict[str, Any]:
    """A profile's settings as Snakemake reads them; none for no profile."""
    if profile is None:
        return {}
    from snakemake.profiles import ProfileConfigFileParser

    path = Path(profile) / "profile.yaml"
    if not path.is_file():
        sys.exit(f"--profile {profile}: no profile.yaml there. Here: {', '.join(map(str, Path('profiles').glob('*/')))}")
    with path.open(encoding="utf-8") as stream:
        return ProfileConfigFileParser().parse(stream)


def study_name(configfile: str) -> str:
    path = Path(configfile)
    if not path.is_file():
        sys.exit(f"--configfile {path}: no such file. Check the path, relative to {Path.cwd()}")
    return yaml.safe_load(path.read_text(encoding="utf-8"))["name"]


def executor_of(command_line: Sequence[str]) -> str:
    """The executor that a snakemake of this command line uses, "" for the local one."""
    options = controller.options_of(command_line)
    return options.executor or profile_settings(options.profile).get("executor", "")


def wait_for_jobs(study: str, in_slurm: bool) -> None:
    """Return once no job of the study runs or waits in Slurm, where it ran there, or on this machine."""
    # Here, since only the Slurm profiles need that package.
    if in_slurm:
        from snakemake_executor_plugin_parity_slurm.left import left_jobs
    said = None
    while True:
        submitted = left_jobs(controller.job_prefix(study)) if in_slurm else {}
        here = local_jobs(Path.cwd(), in_slurm)
        if submitted == {} and not here:
            return
        if submitted is None:
            now = "Slurm does not answer; waiting, since jobs of this study may still run"
        else:
            named = [f"Slurm job {job} ({state.lower()})" for job, state in submitted.items()]
            now = f"waiting for jobs that still run: {', '.join([*named, *(f'process {job.pid}' for job in here)])}"
        if now != said:
            print(now, flush=True)
            said = now
            for job in here:
                with suppress(psutil.NoSuchProcess):
                    job.terminate()
        time.sleep(1 if here else SECONDS_BETWEEN_LOOKS)


def local_jobs(folder: Path, in_slurm: bool) -> list[psutil.Process]:
    """Processes on this machine that run a script of the workflow in `folder`, but none that Slurm started and looks after."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            runs_script = any("/.snakemake/scripts/" in part for part in process.cmdline())
            if runs_script and process.cwd() == str(folder) and not (in_slurm and "SLURM_JOB_ID" in process.environ()):
                found.append(process)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
