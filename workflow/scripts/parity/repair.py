"""Make again what is damaged in a study, and whatever that changes: python -m parity.repair [--profile FOLDER] [--configfile FILE]

Snakemake alone would also make again all that was ever made from it: of a damaged test set, every training of the study.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import yaml

from .config import study_folder
from .digests import TIMESTAMP, Record, read_record, record_path
from .resume import profile_settings, snakemake_command, study_name
from .verify import ASIDE, awaited, folders_of, verify


def main(arguments: list[str]) -> None:
    """Never returns: becomes snakemake, or exits."""
    parser = argparse.ArgumentParser(prog="repair", description=__doc__.splitlines()[0])
    parser.add_argument("--configfile", help="the study, if it is not the profile's own or the quick start")
    parser.add_argument("--profile", help="where snakemake is to run")
    options = parser.parse_args(arguments)
    configfile = options.configfile or profile_settings(options.profile).get("configfile") or "config/config.yaml"
    study = study_name(configfile)
    if verify(study):
        sys.exit()
    waiting = [(folder, name, record) for folder in folders_of(study) for name, record in awaited(folder).items()]
    waiting = [(folder, name, record) for folder, name, record in waiting if _is_of(configfile, folder, record)]
    command = snakemake_command(options.profile, options.configfile)
    targets = [f"{folder}/{output}" for folder, _, record in waiting for output in record.outputs]
    if targets and (status := subprocess.run([*command, "--", *targets]).returncode):
        sys.exit(status)
    for folder, name, record in waiting:
        for output in date_back(folder, name, record):
            print(f"{folder}/{output} has come out other than before: what was made from it is made again", flush=True)
    os.execv(command[0], command)


def date_back(folder: Path, name: str, before: Record) -> list[str]:
    """Give the outputs of a job that came out as they were the date that they had, so that nothing made from them is older.

    Returns:
        those that came out otherwise.
    """
    now = read_record(record_path(folder, name))
    # Written after all that the job read, and before anything was made from its outputs.
    date = record_path(folder / ASIDE, name).stat().st_mtime
    same = [output for output in before.outputs if _files_of(output, now) == _files_of(output, before)]
    for output in same:
        for each in (folder / output, folder / output / TIMESTAMP):
            if each.exists():
                os.utime(each, (date, date))
    os.utime(record_path(folder, name), (date, date))
    return [output for output in before.outputs if output not in same]


def _files_of(output: str, record: Record) -> dict[str, str]:
    return {path: value for path, value in record.files.items() if path == output or path.startswith(f"{output}/")}


def _is_of(configfile: str, folder: Path, record: Record) -> bool:
    """Whether a study asks for what a record speaks of: of all that was fetched, its own model and data."""
    if folder.parts[0] == "results":
        return True
    config = yaml.safe_load(Path(configfile).read_text(encoding="utf-8"))
    wanted = [study_folder(config, key) for key in ("model", "data") if config[key]["source"] == "hub"]
    return any(f"{folder}/{output}" in wanted for output in record.outputs)


if __name__ == "__main__":
    main(sys.argv[1:])
