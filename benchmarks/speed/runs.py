"""How the time of a whole study grows with its runs on this machine: the quick start with 1, 2, 4, 8 and 16 trained runs.

    .venv/bin/python -m benchmarks.speed.runs [--plot docs/images/growth_of_runs]

And the quick start as it is, all of it after the installation.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from .ground import ROOT

COUNTS = (1, 2, 4, 8, 16)


def rows() -> list[dict]:
    """The whole quick start."""
    note = f"--cores {os.cpu_count()}, in a fresh copy of the project, everything but the installation"
    seconds = seconds_of({})
    base = {"against": "", "theirs": None, "ratio": None, "unit": "s", "note": note}
    return [{"work": "the quick start", "ours": seconds} | base]


def growth() -> list[dict]:
    """A row a size of study: runs, seconds of all of it, and runs an hour. Each run is LoRA with a seed of its own."""
    found = []
    for count in COUNTS:
        seconds = seconds_of({"seeds": list(range(1, count + 1)), "compare": ["lora"]})
        found.append({"runs": count, "seconds": round(seconds, 1), "runs an hour": round(3600 * count / seconds)})
        print(found[-1], flush=True)
    return found


def seconds_of(changes: dict) -> float:
    """Of the quick start with another config."""
    from project import Project

    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder) / "project")
        project.edit_config(lambda config: config.update(changes))
        started = time.perf_counter()
        project.snakemake("--cores", str(os.cpu_count()))
        return time.perf_counter() - started


def draw(found: list[dict], place: Path) -> None:
    """Seconds against runs, beside what each run after the first adds; saved as PNG and SVG."""
    from matplotlib.figure import Figure

    from parity.plots import save_figure

    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    panel = figure.subplots()
    runs, seconds = ([row[key] for row in found] for key in ("runs", "seconds"))
    panel.plot(runs, seconds, "-o", color="#0072B2", markersize=4, label="measured")
    each = (seconds[-1] - seconds[0]) / (runs[-1] - runs[0])
    line = [seconds[0] + each * (count - runs[0]) for count in runs]
    panel.plot(runs, line, "--", color="0.5", linewidth=1, label=f"{each:.1f} s for each further run")
    panel.set_xticks(runs)
    panel.set_xlim(0, runs[-1] + 1)
    panel.set_ylim(0)
    panel.set_xlabel(f"runs of LoRA, quick start's size, on {os.cpu_count()} cores")
    panel.set_ylabel("seconds for the whole study")
    panel.grid(True, color="0.9", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False, fontsize=8)
    for ending in (".png", ".svg"):
        save_figure(figure, place.with_name(place.name + ending))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plot", type=Path, help="save the picture under this name, with .png and .svg behind it")
    options = parser.parse_args()
    found = growth()
    print(json.dumps(found, indent=2))
    if options.plot:
        draw(found, ROOT / options.plot)


if __name__ == "__main__":
    main()
