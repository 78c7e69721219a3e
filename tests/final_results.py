"""What of a study has to come out the same, byte for byte, however it came about: all but what tells of the way there."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from parity.digests import TIMESTAMP
from parity.verify import NO_RESULTS

# Keys of JSON files, at any depth: time, what time is divided by, memory and energy, and how often a training was cut.
LEFT_ASIDE = {
    "finished",
    "resumed",
    "seconds_by_phase",
    "examples_per_second",
    "tokens_per_second",
    "peak_flops_per_second",
    "model_flops_utilisation",
    "peak_host_bytes",
    "cpu_energy_joules",
}
# The same as columns of results.csv and summary.csv, which begin with the stage, and the sums over a study's runs.
COLUMNS = re.compile(rf"(.+_)?({'|'.join(LEFT_ASIDE)}|seconds)|study_(hours|gpu_hours|kwh|money)")
# The section of summary.md that shows them.
COSTS = re.compile(r"^## What it costs$.*?(?=^## )", re.M | re.S)
TABLES = ("results.csv", "summary.csv")
# Pages and pictures in which times stand.
TIMED = ("report.html", "figures/cost.png", "figures/cost.svg")


def final_results(results: Path) -> dict[str, Any]:
    """What is compared of every file in the folder of a study, by its path there. Logs and times of jobs are no results."""
    paths = [path for path in sorted(results.rglob("*")) if path.is_file() and path.name != TIMESTAMP]
    names = {path: path.relative_to(results) for path in paths}
    compared = {path: name for path, name in names.items() if name.parts[0] not in NO_RESULTS}
    return {name.as_posix(): _compared(path) for path, name in compared.items() if name.as_posix() not in TIMED}


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """The files that are not in both, or not the same."""
    return sorted(name for name in {*one, *other} if name not in one or name not in other or one[name] != other[name])


def _compared(path: Path) -> Any:
    content = path.read_bytes()
    if path.suffix == ".json":
        return _without(json.loads(content))
    if path.name in TABLES:
        return [
            {column: value for column, value in row.items() if not COLUMNS.fullmatch(column)}
            for row in csv.DictReader(io.StringIO(content.decode()))
        ]
    if path.name == "summary.md":
        return COSTS.sub("", content.decode())
    return content


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(each) for key, each in value.items() if key not in LEFT_ASIDE}
    return [_without(each) for each in value] if isinstance(value, list) else value
