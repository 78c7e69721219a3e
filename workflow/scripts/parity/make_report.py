"""The report of a study, finished or not: python -m parity.make_report [--configfile FILE]

Of a finished study, Snakemake makes report.html and its own report. Of one that is not, report.html shows what there is and
what is missing. Nothing is trained, generated or scored here.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import yaml

from .compared import is_deterministic, report_config
from .config import check_config, study_runs
from .digests import forget_record
from .errors import InputError
from .files import write_text
from .holes import Hole, find_holes, left_open

DEFAULT = "config/config.yaml"
# What is made anew from the runs that are there.
RULES = ("compare", "aggregate", "report")


def main(arguments: list[str]) -> None:
    """Never returns: exits with 0, with a message, or with what Snakemake ended with."""
    parser = argparse.ArgumentParser(prog="make_report", description=__doc__.splitlines()[0])
    parser.add_argument("--configfile", default=DEFAULT, help="the study, if it is not the quick start")
    chosen = parser.parse_args(arguments).configfile
    try:
        sys.exit(make_report(chosen))
    except InputError as error:
        sys.exit(str(error))


def make_report(configfile: str) -> int:
    """Write results/<name>/report.html, and Snakemake's report of a finished study. Returns an exit status.

    Raises:
        InputError: there is nothing to report, or the config is wrong.
    """
    config = read_config(configfile)
    folder = Path("results", config["name"])
    chosen = [] if configfile == DEFAULT else ["--configfile", configfile]
    again = " ".join([".venv/bin/snakemake --cores 4", *chosen])
    holes = find_holes(config, folder)
    if not holes:
        return _finished(config, folder, chosen, again)
    n_missing, n_runs = sum(hole.method is not None for hole in holes), len(study_runs(config, folder))
    if n_missing == n_runs and all(hole.lines is None for hole in holes):
        raise InputError(str(folder), "nothing of this study has run yet", f"Run it first: {again}")
    page = _write_part(config, folder, holes)
    print(f"{page}: a report on a part. {n_missing} of {n_runs} runs are missing; it shows which, and their logs' last lines.")
    print(f"The rest: {again}. Snakemake's own report needs a finished study.")
    return 0


def read_config(configfile: str) -> dict:
    """A study's config with its defaults. Raises InputError."""
    path = Path(configfile)
    if not path.is_file():
        raise InputError(f"--configfile {path}", "no such file", f"Check the path, relative to {Path.cwd()}")
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise InputError(str(path), f"no YAML ({str(error).splitlines()[0]})", "Mend that line") from None
    if not isinstance(config, dict):
        raise InputError(str(path), "holds no keys", "config/README.md explains every key")
    check_config(config, str(path))
    return config


def _finished(config: dict, folder: Path, chosen: list[str], again: str) -> int:
    """All runs have scores: what is left is Snakemake's, but for where it fails."""
    snakemake = [sys.executable, "-m", "snakemake", *chosen]
    page = folder / "report.html"
    # Without the rules that make runs, what stands in their place is taken as it is: a report trains nothing.
    status = subprocess.run([*snakemake, "--cores", "1", "--allowed-rules", *RULES, "--", str(page)]).returncode
    if status:
        _write_part(config, folder, left_open(folder, RULES))
        print(f"{page}: a report on what there is, since the comparison failed; it shows the logs' last lines.")
        return status
    own = folder / "snakemake-report.html"
    status = subprocess.run([*snakemake, "--report", str(own)]).returncode
    if status:
        print(f"{page} is there; Snakemake's own report is not. To bring the study up to date: {again}")
        return status
    print(f"{page}: the report. {own}: Snakemake's own, with how the study was run.")
    return 0


def _write_part(config: dict, folder: Path, holes: list[Hole]) -> Path:
    from .report import pictures_of, report_page
    from .reported import Reported, read_part

    missing = {(hole.method, hole.seed) for hole in holes}
    runs = [run for run in study_runs(config, folder) if (run.method, run.seed) not in missing]
    deterministic = {name for name in config["compare"] if is_deterministic(config, name)}
    settings = report_config(config)
    try:
        study = read_part(folder, runs, deterministic, settings, holes)
    except InputError as error:
        refused = Hole("compare", folder / "logs/compare.log", (str(error),))
        study = Reported(settings, folder, runs, holes=[*holes, refused])
    page = folder / "report.html"
    # What stands on record of the finished state's page and pictures no longer holds.
    forget_record(folder, "report")
    write_text(page, report_page(study, pictures_of(study)))
    # Of an earlier, finished state. Without them Snakemake never takes this page for a finished study's, which its rule writes.
    for ending in ("svg", "png"):
        for picture in (folder / "figures").glob(f"*.{ending}"):
            picture.unlink()
    return page


if __name__ == "__main__":
    main(sys.argv[1:])
