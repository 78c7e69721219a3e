"""A finished study, read back from its folder: what every run left, and what the comparison says of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .config import TRAINED_KINDS, Run, method_block, study_runs, task_of
from .errors import InputError
from .files import read_json, read_table
from .make_report import read_config

if TYPE_CHECKING:
    import pandas as pd

OF_A_RUN = ("predictions.jsonl", "scores.csv", "rouge.json")
OF_A_TRAINED_RUN = ("model", "train.json")
OF_THE_STUDY = ("data/audit.json", "estimates.csv", "contrasts.csv", "results.csv", "summary.csv", "summary.md", "verdict.md")


@dataclass(frozen=True)
class FinishedStudy:
    """
    Attributes:
        config: the study's, checked and with its defaults.
        config_file: where it was read.
        folder: results/<name>.
        records: a run's rouge.json.
    """

    config: dict
    config_file: str
    folder: Path
    records: dict[Run, dict]

    def run_folder(self, run: Run) -> Path:
        return run_folder(self.folder, run)

    def runs_of(self, method: str) -> list[Run]:
        return [run for run in self.records if run.method == method]

    @property
    def trained_methods(self) -> list[str]:
        return [name for name in self.config["compare"] if self.config["methods"][name]["kind"] in TRAINED_KINDS]

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """estimates.csv by method and metric."""
        return read_table(self.folder / "estimates.csv").set_index(["method", "metric"])

    @cached_property
    def audit(self) -> dict:
        return read_json(self.folder / "data/audit.json")


def run_folder(folder: Path, run: Run) -> Path:
    return folder / run.method / f"seed-{run.seed}"


def read_finished(config_file: str, folder: str | None = None) -> FinishedStudy:
    """The study of a config file.

    Args:
        folder: where its results lie; None for results/<name>.
    Raises:
        InputError: something is missing, or a run there is not what the config asks for.
    """
    config = read_config(config_file)
    place = Path(folder or f"results/{config['name']}")
    finish = f"Finish it: snakemake --cores 4 --configfile {config_file}"
    runs = study_runs(config, place)
    if missing := [path for path in expected(config, place) if not path.exists()]:
        shown = ", ".join(map(str, missing[:3])) + (" ..." if len(missing) > 3 else "")
        files = "1 file is" if len(missing) == 1 else f"{len(missing)} files are"
        raise InputError(f"the study {config['name']}", f"is not finished: {files} missing: {shown}", finish)
    records = {run: read_json(run_folder(place, run) / "rouge.json") for run in runs}
    for run, record in records.items():
        if problem := _unlike(record, run, config):
            raise InputError(f"{run_folder(place, run)}/rouge.json", problem, finish)
    return FinishedStudy(config, config_file, place, records)


def expected(config: dict, folder: Path) -> list[Path]:
    """What a finished study has left, in the order in which it comes to be."""
    paths = []
    for run in study_runs(config, folder):
        trained = config["methods"][run.method]["kind"] in TRAINED_KINDS
        paths += [run_folder(folder, run) / name for name in (OF_A_TRAINED_RUN if trained else ()) + OF_A_RUN]
    return paths + [folder / name for name in OF_THE_STUDY]


def _unlike(record: dict, run: Run, config: dict) -> str | None:
    """What tells that a record is not of this run of this study; None where it is."""
    block = method_block(config, run.method)
    wanted = {
        "study": config["name"],
        "method": run.method,
        "kind": block["kind"],
        "settings": {key: value for key, value in block.items() if key != "kind"},
        "task": task_of(config),
    }
    for key, value in wanted.items():
        if record.get(key) != value:
            if key in ("settings", "task"):
                return f"it was run with other settings than the config has now ({key})"
            return f"{key} = {record.get(key)!r} is not {value!r}: it is another study's"
    return None
