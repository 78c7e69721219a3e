"""What the comparison costs for studies of a thousand runs: seconds and memory of reading, estimates and contrasts.

    python benchmarks/contrasts_at_scale.py [--methods 20 --seeds 50] [--dialogues 500]

Without --methods and --seeds it measures three shapes. Writes the runs' scores.csv, with made-up scores, into a temporary
folder and reads and compares them in a fresh process, whose peak memory is that of the step of the workflow. Every study
is full fine-tuning, PEFT methods and, on top of the methods asked for, zero-shot with its one run. Exits with status 1
where a study takes more than a minute or 2 GB.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))
sys.path.append(str(Path(__file__).parent))

from simulated_scores import Method, NormalStudy

from parity.comparison import contrasts_table, estimates_table, read_study
from parity.config import Run, check_config, is_seeded, method_block, study_runs
from parity.results import SCORE_COLUMNS

ROOT = Path(__file__).parents[1]
SHAPES = ((20, 50), (200, 5), (4, 250))
MOST_SECONDS = 60
MOST_BYTES = 2e9


def study_config(n_methods: int, n_seeds: int) -> dict:
    """The quick start's config with PEFT methods, zero-shot first, and a margin, so that every column is worked out."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    peft = {f"peft_{number}": config["methods"]["lora"] for number in range(1, n_methods)}
    config["methods"] = {name: config["methods"][name] for name in ("zero_shot", "full")} | peft
    config |= {"seeds": list(range(n_seeds)), "compare": list(config["methods"]), "comparison": {"margin": 1.0}}
    check_config(config, "benchmark")
    return config


def scores_file(folder: Path, run: Run) -> Path:
    return folder / run.method / f"seed-{run.seed}/scores.csv"


def write_scores(folder: Path, config: dict, n_dialogues: int) -> None:
    """Every run's scores.csv, as the workflow writes it."""
    n_seeds = len(config["seeds"])
    zero_shot, *trained = config["compare"]
    means = np.linspace(40, 36, len(trained))
    study = NormalStudy((Method(28, 0), *(Method(mean, n_seeds, 0.35) for mean in means)), n_dialogues)
    generator = np.random.default_rng(0)
    drawn = {metric: dict(zip((zero_shot, *trained), study.draw(generator), strict=True)) for metric in SCORE_COLUMNS}
    ids = [f"test_{number}" for number in range(n_dialogues)]
    for run in study_runs(config):
        seed = run.seed if run.method != zero_shot else 0
        columns = {metric: np.clip(drawn[metric][run.method].values[seed], 0, 100) for metric in SCORE_COLUMNS}
        path = scores_file(folder, run)
        path.parent.mkdir(parents=True)
        pd.DataFrame({"id": ids} | columns).to_csv(path, index=False)


def measure(folder: Path, n_methods: int, n_seeds: int) -> dict:
    """Read and compare the study in `folder` in this process."""
    config = study_config(n_methods, n_seeds)
    runs = [(run.method, scores_file(folder, run)) for run in study_runs(config)]
    deterministic = {name for name in config["compare"] if not is_seeded(method_block(config, name))}
    times = [time.perf_counter()]
    study = read_study(runs, deterministic)
    times.append(time.perf_counter())
    estimates_table(study, config)
    times.append(time.perf_counter())
    contrasts = contrasts_table(study, config)
    times.append(time.perf_counter())
    return {
        "contrasts": len(contrasts),
        "seconds": np.diff(times).tolist(),
        # Linux counts in units of 1,024 bytes.
        "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def measure_in_fresh_process(n_methods: int, n_seeds: int, n_dialogues: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        write_scores(Path(folder), study_config(n_methods, n_seeds), n_dialogues)
        command = [sys.executable, __file__, "--measure", folder, "--methods", str(n_methods), "--seeds", str(n_seeds)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", type=int, help="of this many methods, full fine-tuning among them; needs --seeds")
    parser.add_argument("--seeds", type=int, help="seeds a method")
    parser.add_argument("--dialogues", type=int, default=500)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if (options.methods is None) != (options.seeds is None):
        parser.error("--methods and --seeds go together")
    if options.measure:
        print(json.dumps(measure(options.measure, options.methods, options.seeds)))
        return 0
    rows, beyond = [], []
    for n_methods, n_seeds in ((options.methods, options.seeds),) if options.methods else SHAPES:
        found = measure_in_fresh_process(n_methods, n_seeds, options.dialogues)
        shape = f"{n_methods} methods x {n_seeds} seeds"
        seconds = dict(zip(("Reading, s", "Estimates, s", "Contrasts, s"), found["seconds"], strict=True))
        row = {"Study": shape, "Rows of contrasts": f"{found['contrasts']:,}"}
        row |= {name: f"{value:.1f}" for name, value in seconds.items()}
        rows.append(row | {"Peak memory, MB": f"{found['bytes'] / 1e6:.0f}"})
        if sum(seconds.values()) > MOST_SECONDS or found["bytes"] > MOST_BYTES:
            beyond.append(f"{shape}: {sum(seconds.values()):.0f} s and {found['bytes'] / 1e9:.1f} GB, beyond 60 s or 2 GB")
    print(f"{options.dialogues} dialogues, {len(SCORE_COLUMNS)} metrics; a contrast is a row a pair of methods and metric.\n")
    print(tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True))
    for message in beyond:
        print(message, file=sys.stderr)
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
