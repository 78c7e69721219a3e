"""Carry on with a study whose snakemake is gone: python -m parity.resume [--profile FOLDER] [--configfile FILE] [-- ...]

Waits for what the lost snakemake left running, so that nothing runs twice, clears its lock, and starts snakemake.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
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
    command = [sys.executable, "-m", "snakemake", "--rerun-incomplete"]
    command += ["--profile", known.profile] if known.profile else ["--cores", "4"]
    command += ["--configfile", known.configfile] if known.configfile else []
    os.execv(sys.executable, [*command, *others])


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
    """Return once no job of the study runs or waits, on this machine and, where it ran there, in Slurm."""
    said = None
    while True:
        submitted = slurm_jobs(controller.job_prefix(study)) if in_slurm else []
        here = local_jobs(Path.cwd())
        if submitted == [] and not here:
            return
        if submitted is None:
            now = "Slurm does not answer; waiting, since jobs of this study may still run"
        else:
            now = f"waiting for jobs that still run: {', '.join([*submitted, *(f'process {pid}' for pid in here)])}"
        if now != said:
            print(now, flush=True)
            said = now
        time.sleep(SECONDS_BETWEEN_LOOKS)


def slurm_jobs(prefix: str) -> list[str] | None:
    """Ids and states of the Slurm jobs whose names begin with `prefix`; None where Slurm does not answer."""
    try:
        listed = subprocess.run(["squeue", "--noheader", "--format=%i|%T|%j"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if listed.returncode != 0:
        return None
    rows = [line.split("|", 2) for line in listed.stdout.splitlines()]
    return [f"Slurm job {job} ({state.lower()})" for job, state, name in rows if name.startswith(f"{prefix}_")]


def local_jobs(folder: Path) -> list[int]:
    """Processes on this machine that do a job of the Snakemake workflow in `folder`."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd", "pid"]):
        command = " ".join(process.info["cmdline"] or [])
        is_job = "--mode subprocess" in command or "/.snakemake/scripts/" in command
        if is_job and process.info["cwd"] == str(folder) and process.info["pid"] != os.getpid():
            found.append(process.info["pid"])
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
