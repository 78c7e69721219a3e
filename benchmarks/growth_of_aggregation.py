"""How the time of the last two steps, compare and aggregate, grows with a study: 10, 100 and 1,000 runs.

    .venv/bin/python benchmarks/growth_of_aggregation.py [--dialogues 500] [--times 3] [--plot docs/images/growth_of_aggregation]

Once the methods grow at 5 seeds each, once the seeds at 5 methods; on top of either comes zero-shot with its one run. Each
run's scores.csv and rouge.json are made up; the scripts of both rules read them, and write what they write, in a fresh process
each time. Seconds are CPU seconds of a process, its imports included, medians over --times. --plot saves PNG and SVG.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from contrasts_at_scale import scores_file, study_config, write_scores
from tabulate import tabulate

from parity.config import Run, is_seeded, method_block, study_runs, task_of
from parity.files import read_json, read_table, write_json
from parity.plots import save_figure
from parity.results import result_record
from parity.rouge import mean_scores

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
SIZES = (10, 100, 1000)
# What grows, and the shape (methods, seeds) of a study of so many runs.
SHAPES = {"methods, 5 seeds each": lambda runs: (runs // 5, 5), "seeds of 5 methods": lambda runs: (5, runs // 5)}
STAGES = {
    "compare": ("estimates.csv", "contrasts.csv"),
    "aggregate": ("results.csv", "summary.csv", "summary.md", "verdict.md", "table.tex"),
}
OUTPUTS = {"summary.md": "page", "verdict.md": "verdict", "table.tex": "latex"}
STYLES = {"compare": ("#0072B2", "o"), "aggregate": ("#D55E00", "s")}
LINES = dict(zip(SHAPES, ("-", "--"), strict=True))
MACHINE = {"system": "made up", "processor": "made up", "cores": 1, "memory_bytes": 1}


def write_records(folder: Path, config: dict, n_dialogues: int) -> None:
    """Every run's rouge.json, as the rule score writes it."""
    for run in study_runs(config):
        path = scores_file(folder, run)
        write_json(path.with_name("rouge.json"), made_up_record(run, config, mean_scores(read_table(path)), n_dialogues))


def made_up_record(run: Run, config: dict, means: dict[str, float], n_dialogues: int) -> dict:
    block = method_block(config, run.method)
    from made_up_studies import SCORING, generation_record, training_record

    loss = [{"step": 1, "loss": 2.0}]
    training = training_record() | {"loss": loss, "eval_loss": [{"step": 1, "eval_loss": 2.0}]}
    digests = dict.fromkeys(("data", "data_used", "model", "predictions"), "0" * 64) | {"code": {}}
    return result_record(
        config["name"],
        run.method,
        run.seed if is_seeded(block) else None,
        block,
        means,
        {"dialogues": n_dialogues, "references": 3 * n_dialogues, "predictions": n_dialogues, "empty_predictions": 0},
        training if is_seeded(block) else None,
        generation_record(),
        SCORING,
        {
            "finished": "2000-01-01T00:00:00+00:00",
            "code": {"commit": None, "dirty": None},
            "packages": {},
            "machine": MACHINE,
            "digests": digests,
        },
        task_of(config),
    )


def run_stage(stage: str, folder: Path, config: dict) -> None:
    """The rule's script, on the study in `folder`."""
    runs = study_runs(config)
    scores = [str(scores_file(folder, run)) for run in runs]
    outputs = {OUTPUTS.get(name, name.split(".")[0]): str(folder / name) for name in STAGES[stage]}
    tables = {name.split(".")[0]: str(folder / name) for name in STAGES["compare"]}
    records = [str(Path(path).with_name("rouge.json")) for path in scores]
    params = {
        "methods": [run.method for run in runs],
        "deterministic": [name for name in config["compare"] if not is_seeded(method_block(config, name))],
        "config": config,
    }
    job = SimpleNamespace(
        input=scores if stage == "compare" else SimpleNamespace(records=records, **tables),
        output=SimpleNamespace(**outputs),
        params=SimpleNamespace(**params),
    )
    importlib.import_module(stage).main(job)


def measure(stage: str, folder: Path) -> None:
    """Run a stage in this process and print its CPU seconds and peak memory in bytes."""
    run_stage(stage, folder, read_json(folder / "config.json"))
    # Linux counts in units of 1,024 bytes.
    print(json.dumps([time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))


def measure_study(n_methods: int, n_seeds: int, n_dialogues: int, times: int) -> list[dict]:
    """A row a stage: runs, seconds, bytes."""
    config = study_config(n_methods, n_seeds)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_scores(folder, config, n_dialogues)
        write_records(folder, config, n_dialogues)
        write_json(folder / "config.json", config)
        for stage in STAGES:
            command = [sys.executable, __file__, "--measure", stage, str(folder)]
            done = [subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True) for _ in range(times)]
            seconds, size = zip(*(json.loads(one.stdout) for one in done), strict=True)
            rows.append(
                {
                    "stage": stage,
                    "methods": n_methods,
                    "seeds": n_seeds,
                    "runs": n_methods * n_seeds,
                    "seconds": statistics.median(seconds),
                    "bytes": max(size),
                }
            )
    return rows


def draw(found: dict[str, list[dict]], n_dialogues: int):
    """Seconds against runs, both on logarithmic axes: a colour a stage, a line style for what grows."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    panel = figure.subplots()
    for what, rows in found.items():
        for stage, (colour, marker) in STYLES.items():
            line = [row for row in rows if row["stage"] == stage]
            label = f"{stage}, more {what}"
            panel.plot(
                [row["runs"] for row in line],
                [row["seconds"] for row in line],
                LINES[what],
                color=colour,
                marker=marker,
                markersize=4,
                label=label,
            )
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
    low, high = panel.get_ylim()
    ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50, 100) if low <= tick <= high]
    panel.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_minor_formatter(NullFormatter())
    panel.set_xlabel(f"runs, each on {n_dialogues:,} test dialogues")
    panel.set_ylabel("CPU seconds of the job's process")
    panel.grid(True, which="major", color="0.9", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False, fontsize=8)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialogues", type=int, default=500)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--plot", type=Path, help="save the picture under this name, with .png and .svg behind it")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return measure(options.measure[0], Path(options.measure[1]))
    found = {
        what: [row for runs in SIZES for row in measure_study(*shape(runs), options.dialogues, options.times)]
        for what, shape in SHAPES.items()
    }
    table = [
        {
            "More": what,
            "Runs": f"{row['runs']:,}",
            "Methods x seeds": f"{row['methods']} x {row['seeds']}",
            "Step": row["stage"],
            "CPU, s": f"{row['seconds']:.1f}",
            "Peak memory, MB": f"{row['bytes'] / 1e6:.0f}",
        }
        for what, rows in found.items()
        for row in rows
    ]
    print(tabulate(table, headers="keys", tablefmt="pipe", disable_numparse=True))
    if options.plot:
        figure = draw(found, options.dialogues)
        for ending in (".png", ".svg"):
            options.plot.parent.mkdir(parents=True, exist_ok=True)
            save_figure(figure, options.plot.with_name(options.plot.name + ending))


if __name__ == "__main__":
    main()
