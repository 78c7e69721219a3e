"""Carry on with a study whose snakemake is gone: python -m parity.resume [--profile FOLDER] [--configfile FILE] [-- ...]

Waits for what the lost snakemake left running, so that nothing runs twice, clears its lock, and starts snakemake.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

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
    study = study_name(known.profile, known.configfile)
    try:
        controller.take(study)
    except controller.Busy as error:
        sys.exit(f"Nothing to resume: {error}")
    if lost := controller.left_locks(study):
        print(f"The snakemake that ran the study {study} ended without tidying up.", flush=True)
    wait_for_jobs(study)
    for lock in lost:
        lock.unlink()
    command = [sys.executable, "-m", "snakemake", "--rerun-incomplete"]
    command += ["--profile", known.profile] if known.profile else ["--cores", "4"]
    command += ["--configfile", known.configfile] if known.configfile else []
    os.execv(sys.executable, [*command, *others])


def study_name(profile: str | None, configfile: str | None) -> str:
    """The name of the study that snakemake would run with this profile and config file."""
    if profile and not configfile:
        from snakemake.profiles import ProfileConfigFileParser

        path = Path(profile) / "profile.yaml"
        if not path.is_file():
            sys.exit(f"--profile {profile}: no profile.yaml there. Here: {', '.join(map(str, Path('profiles').glob('*/')))}")
        with path.open(encoding="utf-8") as stream:
            configfile = ProfileConfigFileParser().parse(stream).get("configfile")
    path = Path(configfile or "config/config.yaml")
    if not path.is_file():
        sys.exit(f"--configfile {path}: no such file. Check the path, relative to {Path.cwd()}")
    return yaml.safe_load(path.read_text(encoding="utf-8"))["name"]


def wait_for_jobs(study: str) -> None:
    """Return once no job of the study runs or waits, neither in Slurm nor on this machine."""
    said = None
    while True:
        in_slurm = slurm_jobs(controller.job_prefix(study))
        here = local_jobs(Path.cwd())
        if in_slurm == [] and not here:
            return
        if in_slurm is None:
            now = "Slurm does not answer; waiting, since jobs of this study may still run"
        else:
            now = f"waiting for jobs that still run: {', '.join([*in_slurm, *(f'process {pid}' for pid in here)])}"
        if now != said:
            print(now, flush=True)
            said = now
        time.sleep(SECONDS_BETWEEN_LOOKS)


def slurm_jobs(prefix: str) -> list[str] | None:
    """Ids and states of the Slurm jobs whose names begin with `prefix`; None where Slurm does not answer."""
    if shutil.which("squeue") is None:
        return []
    try:
        listed = subprocess.run(["squeue", "--noheader", "--format=%i|%T|%j"], capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
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
