"""How long `snakemake -n` takes on a study of a thousand runs: before any of them, with all of them done, of others' summaries."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
METHODS, SEEDS = 5, 200
REPETITIONS = 3
sys.path[:0] = [str(ROOT / "workflow/scripts"), str(ROOT / "tests")]


def rows() -> list[dict]:
    """Median seconds of dry runs in a copy of the project.

    Raises:
        AssertionError: a dry run does not plan what it should.
    """
    from project import Project

    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder) / "project")
        trained = project.edit_config(_trained, target="config/trained.yaml")
        outside = project.edit_config(_outside, target="config/outside.yaml")
        for method in range(METHODS):
            for seed in range(SEEDS):
                path = project.folder / f"theirs/{method}-{seed}.txt"
                path.parent.mkdir(exist_ok=True)
                path.write_text("A summary.\n", encoding="utf-8")
        size = f"{METHODS * SEEDS:,} runs"
        found = [
            _row(f"snakemake -n on {size} of trained methods", _seconds(project, trained, {"train": METHODS * SEEDS})),
            _row(f"snakemake -n on {size} of kind predictions", _seconds(project, outside, {"predictions": METHODS * SEEDS})),
        ]
        _make_outputs(project, trained)
        note = "files that no job wrote, so Snakemake compares times and no params"
        found.append(_row(f"snakemake -n on {size} that are done", _seconds(project, trained, {}), note))
    return found


def _trained(config: dict) -> None:
    """Five methods, each once a seed."""
    lora = config["methods"]["lora"]
    config["methods"] = {"full": config["methods"]["full"]} | {f"lora_{number}": lora for number in range(1, METHODS)}
    config |= {"name": "trained", "seeds": list(range(SEEDS)), "compare": list(config["methods"])}


def _outside(config: dict) -> None:
    """Five other systems, a file a seed."""
    config["methods"] = {f"theirs_{n}": {"kind": "predictions", "file": f"theirs/{n}-{{seed}}.txt"} for n in range(METHODS)}
    config |= {"name": "outside", "seeds": list(range(SEEDS)), "compare": list(config["methods"])}


def _make_outputs(project, target: str) -> None:
    """Something at the place of every output, the earlier stages' first."""
    import yaml

    from parity.config import check_config, method_block, study_runs
    from parity.memory_request import settings_digest

    config = yaml.safe_load((project.folder / target).read_text(encoding="utf-8"))
    check_config(config, target)
    results = project.folder / "results" / config["name"]
    blocks = {name: method_block(config, name) for name in config["compare"]}
    estimates = {
        name: {"memory": {stage: _estimate(settings_digest(block, stage)) for stage in ("train", "generate")}}
        for name, block in blocks.items()
    }
    data = ("train.jsonl", "validation.jsonl", "test.jsonl", "tokens/state.json", "audit.json")
    run_files = ("model/adapter_config.json", "train.json", "predictions.jsonl", "generate.json", "rouge.json", "scores.csv")
    tables = ("estimates.csv", "contrasts.csv", "results.csv", "summary.csv", "summary.md", "verdict.md", "table.tex")
    runs = [f"{run.method}/seed-{run.seed}" for run in study_runs(config)]
    names = [f"data/{name}" for name in (*data, "check.json")]
    names += [f"{run}/{name}" for name in run_files for run in runs]
    for name in (*names, *tables):
        path = results / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(estimates) if name == "data/check.json" else "{}", encoding="utf-8")


def _estimate(digest: str) -> dict:
    return {"settings": digest, "cpu": {"host_mb": 1000}, "gpu": {"host_mb": 1000, "device_mb": 1000, "least_mb": 1000}}


def _seconds(project, target: str, planned: dict[str, int]) -> float:
    """Median seconds of a dry run that plans so many jobs of these rules, and none where none are given."""
    seconds = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        jobs = project.planned_jobs("--configfile", target)
        seconds.append(time.perf_counter() - start)
        assert {rule: jobs.get(rule) for rule in planned} == planned and bool(jobs) is bool(planned), jobs
    return statistics.median(seconds)


def _row(work: str, ours: float, note: str = "") -> dict:
    return {"work": work, "against": "", "ours": ours, "theirs": None, "ratio": None, "unit": "s", "note": note}


if __name__ == "__main__":
    print(json.dumps(rows(), indent=2))
