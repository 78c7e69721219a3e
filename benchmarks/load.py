"""How much memory and time large studies take: the workflow's own scripts on made-up data, each in a process of its own.

    python -m benchmarks.load                  # all, six minutes on two cores
    python -m benchmarks.load --only read      # or test-set, study

Peak memory is that of the process and what it waited for, as Linux counts it. Ends with 1 where a bound is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import yaml
from tabulate import tabulate

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "workflow/scripts"
MODEL = ROOT / "resources/quickstart/model"
BOUND = 2_000_000_000
# Reading holds a record at a time.
BOUND_OF_READING = 200_000_000
WORDS = [
    "the",
    "a",
    "so",
    "and",
    "but",
    "then",
    "Ann",
    "Tom",
    "she",
    "he",
    "they",
    "buys",
    "sells",
    "finds",
    "a",
    "lamp",
    "map",
    "train",
    "ticket",
    "tomorrow",
    "today",
    "late",
    "early",
    "at",
    "home",
]

READ = """
import sys
from pathlib import Path
from parity.data import iterate_rows
print(sum(1 for _ in iterate_rows(Path(sys.argv[1]))))
"""
# A rule's script with the jobs that Snakemake would hand to it.
JOB = """
import json, runpy, sys
from types import SimpleNamespace
class Box(SimpleNamespace):
    get = lambda self, key, default=None: self.__dict__.get(key, default)
    __getitem__ = lambda self, key: self.__dict__[key]
main = runpy.run_path(sys.argv[1])["main"]
for job in json.load(open(sys.argv[2])):
    main(Box(**{key: Box(**value) if isinstance(value, dict) else value for key, value in job.items()}))
"""


def talk(generator: random.Random, turns: int = 10) -> str:
    """A dialogue of DialogSum's usual length: some 130 words."""
    return "\n".join(f"#Person{1 + turn % 2}#: {' '.join(generator.choices(WORDS, k=12))}." for turn in range(turns))


def rows(n: int, seed: int = 0) -> Iterator[dict]:
    generator = random.Random(seed)
    for number in range(n):
        summaries = {f"summary{place}": " ".join(generator.choices(WORDS, k=20)) for place in (1, 2, 3)}
        yield {"id": f"talk_{number}", "dialogue": talk(generator), **summaries}


def write_lines(path: Path, records: Iterator[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record) + "\n")


def measured(command: list[str], folder: Path) -> tuple[float, int, str]:
    """Seconds, peak bytes and output of a command."""
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS), "HF_HUB_OFFLINE": "1"}
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, text=True, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)[:200]} failed:\n{said[-3000:]}")
    # Linux counts in units of 1,024 bytes.
    return time.perf_counter() - begun, usage.ru_maxrss * 1024, said


def read(folder: Path) -> Iterator[dict]:
    """Files of one gigabyte, read row by row."""
    line = json.dumps(next(rows(1)))
    times = 1_000_000_000 // len(line)
    with (folder / "big.jsonl").open("w") as file:
        file.writelines(f"{line}\n" for _ in range(times))
    with (folder / "big.csv").open("w", newline="") as file:
        import csv

        record = json.loads(line)
        writer = csv.writer(file)
        writer.writerow(record)
        writer.writerows(list(record.values()) for _ in range(times))
    for name in ("big.jsonl", "big.csv"):
        size = (folder / name).stat().st_size / 1e9
        seconds, peak, said = measured([sys.executable, "-c", READ, name], folder)
        (folder / name).unlink()
        yield row(f"read {name.split('.')[1]}, {size:.2f} GB, {int(said):,} rows", seconds, peak, BOUND_OF_READING)


def script(name: str, jobs: str, folder: Path) -> tuple[float, int]:
    """Seconds and peak bytes of the jobs in a file, one after another."""
    return measured([sys.executable, "-c", JOB, str(SCRIPTS / f"{name}.py"), jobs], folder)[:2]


def large_test_set(folder: Path, n_dialogues: int) -> Iterator[dict]:
    """The rules prepare and score on a large test set with three references each."""
    for split, n, seed in (("train", 1000, 1), ("validation", 500, 2), ("test", n_dialogues, 3)):
        write_lines(folder / f"{split}.jsonl", rows(n, seed))
    output = {split: f"data/{split}.jsonl" for split in ("train", "validation", "test")}
    data = {
        "splits": {split: f"{split}.jsonl" for split in output},
        "columns": {"id": None, "dialogue": "dialogue", "summary": "summary"},
        "digest": None,
        "name_or_path": ".",
        "drop_leaked": False,
        "sample_seed": 0,
        **{f"max_{split}_samples": None for split in output},
    }
    params = {"data": data, "data_folder": ".", "model": str(MODEL), "model_digest": None, "prompt": "Summarize:\n{dialogue}"}
    params |= {"max_source_length": 512, "max_target_length": 128}
    job = {"params": params, "output": output | {"tokens": "data/tokens", "audit": "data/audit.json"}}
    (folder / "jobs.json").write_text(json.dumps([job]))
    yield row(f"prepare, {n_dialogues:,} test dialogues", *script("prepare", "jobs.json", folder), BOUND)
    generator = random.Random(4)
    predictions = (
        {"id": f"talk_{number}", "prediction": " ".join(generator.choices(WORDS, k=20))} for number in range(n_dialogues)
    )
    write_lines(folder / "predictions.jsonl", predictions)
    (folder / "jobs.json").write_text(json.dumps([scoring_job()]))
    yield row(f"score, {n_dialogues:,} test dialogues", *script("score", "jobs.json", folder), BOUND)


def scoring_job() -> dict:
    """Of the rule score, one run of a study of one system."""
    from parity.config import check_config, task_of

    config = {"name": "load", "seeds": [1], "compare": ["one"], "methods": {"one": {"kind": "predictions", "file": "x.jsonl"}}}
    config |= {"model": {"source": "folder", "name_or_path": str(MODEL)}}
    config["data"] = {
        "source": "files",
        "name_or_path": ".",
        "splits": {s: f"{s}.jsonl" for s in ("train", "validation", "test")},
    }
    check_config(config, "benchmark")
    return {
        "input": {"predictions": "predictions.jsonl", "test": "data/test.jsonl", "audit": "data/audit.json"},
        "output": {"scores": "scores.csv", "record": "rouge.json"},
        "wildcards": {"method": "one", "seed": "0"},
        "params": {
            "study": "load",
            "seeded": False,
            "method": config["methods"]["one"],
            "scoring": config["scoring"],
            "task": task_of(config),
            "code_digests": {"score": "0" * 64},
        },
    }


def many_runs(folder: Path, n_methods: int, n_seeds: int, n_dialogues: int) -> Iterator[dict]:
    """A study of outside systems alone: planned by snakemake, scored, compared, aggregated and reported."""
    for part in ("Snakefile", "workflow", "profiles", "config", "resources"):
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "hub", "dialogsum"))
        else:
            shutil.copy2(ROOT / part, folder / part)
    for split, n, seed in (("train", 50, 1), ("validation", 50, 2), ("test", n_dialogues, 3)):
        write_lines(folder / f"talks/{split}.jsonl", rows(n, seed))
    references = [record["summary1"].split() for record in rows(n_dialogues, 3)]
    methods = [f"system_{number}" for number in range(n_methods)]
    config = {
        "name": "load",
        "seeds": list(range(1, n_seeds + 1)),
        "compare": methods,
        "model": {"source": "folder", "name_or_path": "resources/quickstart/model"},
        "data": {
            "source": "files",
            "name_or_path": "talks",
            "splits": {s: f"{s}.jsonl" for s in ("train", "validation", "test")},
        },
        "methods": {name: {"kind": "predictions", "file": f"theirs/{name}-{{seed}}.jsonl"} for name in methods},
        "scoring": {"backend": "rouge_score_rs"},
        "comparison": {"margin": 1.0, "contrasts": [[methods[1], methods[0]]]},
    }
    (folder / "load.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    for place, name in enumerate(methods):
        for seed in config["seeds"]:
            generator = random.Random(f"{name} {seed}")
            better = 0.3 + 0.4 * place / n_methods
            texts = (
                " ".join(word if generator.random() < better else generator.choice(WORDS) for word in reference)
                for reference in references
            )
            lines = ({"id": f"talk_{number}", "prediction": text} for number, text in enumerate(texts))
            write_lines(folder / f"theirs/{name}-{seed}.jsonl", lines)
    shape = f"{n_methods} systems x {n_seeds} seeds, {n_dialogues} dialogues"
    snakemake = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "load.yaml", "--quiet", "all", "-n"]
    yield row(f"snakemake -n, {shape}", *measured(snakemake, folder)[:2], BOUND)
    yield from the_rules(folder, config, shape)


def the_rules(folder: Path, config: dict, shape: str) -> Iterator[dict]:
    """Every run scored, one after another in one process, and then each rule that puts them together."""
    from parity.compared import comparison_config, report_config
    from parity.config import check_config, study_runs

    check_config(config, "benchmark")
    config = json.loads(json.dumps(config))
    runs = study_runs(config)
    results = "results/load"
    places = [f"{results}/{run.method}/seed-{run.seed}" for run in runs]
    (folder / results / "data").mkdir(parents=True)
    shutil.copy2(folder / "talks/test.jsonl", folder / "talks.jsonl")
    write_lines(folder / results / "data/test.jsonl", plain_records(folder / "talks.jsonl"))
    digests = {"digests": dict.fromkeys(("data", "data_used", "model"), "0" * 64)}
    (folder / results / "data/audit.json").write_text(json.dumps(digests))
    jobs = []
    for run, place in zip(runs, places, strict=True):
        job = scoring_job()
        job["input"] = {
            "predictions": f"theirs/{run.method}-{run.seed}.jsonl",
            "test": f"{results}/data/test.jsonl",
            "audit": f"{results}/data/audit.json",
        }
        job["output"] = {"scores": f"{place}/scores.csv", "record": f"{place}/rouge.json"}
        job["wildcards"] = {"method": run.method, "seed": str(run.seed)}
        job["params"] |= {"method": config["methods"][run.method], "scoring": config["scoring"], "seeded": True}
        jobs.append(job)
        (folder / place).mkdir(parents=True)
        shutil.copy2(folder / job["input"]["predictions"], folder / place / "predictions.jsonl")
    (folder / "jobs.json").write_text(json.dumps(jobs))
    yield row(f"score, {shape}", *script("score", "jobs.json", folder), BOUND)
    tables = {name: f"{results}/{name}.csv" for name in ("estimates", "contrasts", "results", "summary")}
    pages = {name: f"{results}/{name}" for name in ("summary.md", "verdict.md", "table.tex")}
    compared = comparison_config(config, "name", "model", "data", "published")
    methods, seeds = [run.method for run in runs], [run.seed for run in runs]
    of_rules = {
        "compare": {
            "input": [f"{place}/scores.csv" for place in places],
            "output": {name: tables[name] for name in ("estimates", "contrasts")},
            "params": {"methods": methods, "deterministic": [], "config": compared},
        },
        "aggregate": {
            "input": tables | {"records": [f"{place}/rouge.json" for place in places]},
            "output": tables | {"page": pages["summary.md"], "verdict": pages["verdict.md"], "latex": pages["table.tex"]},
            "params": {"config": compared},
        },
        "failures": {
            "input": {"predictions": [f"{place}/predictions.jsonl" for place in places], "test": f"{results}/data/test.jsonl"},
            "output": [f"{results}/failures.csv"],
            "params": {"methods": methods, "seeds": seeds},
        },
        "report": {
            "input": {},
            "output": {"page": f"{results}/report.html"},
            "params": {"runs": list(zip(methods, seeds, strict=True)), "deterministic": [], "config": report_config(config)},
        },
    }
    for rule, job in of_rules.items():
        (folder / "jobs.json").write_text(json.dumps([job]))
        yield row(f"{rule}, {shape}", *script(rule, "jobs.json", folder), BOUND)
    sizes = {path.name: path.stat().st_size / 1e6 for path in (folder / results).iterdir() if path.is_file()}
    print(", ".join(f"{name} {size:.1f} MB" for name, size in sorted(sizes.items())), file=sys.stderr)


def plain_records(path: Path) -> Iterator[dict]:
    """The test dialogues as the rule prepare writes them."""
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        references = [record[f"summary{place}"] for place in (1, 2, 3)]
        yield {"id": record["id"], "dialogue": record["dialogue"], "references": references}


def row(what: str, seconds: float, peak: int, bound: int) -> dict:
    found = {"What": what, "Seconds": f"{seconds:.0f}", "Peak memory, MB": f"{peak / 1e6:.0f}", "Bound, MB": f"{bound / 1e6:.0f}"}
    print(found, file=sys.stderr)
    return found | {"broken": peak > bound}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("read", "test-set", "study"))
    parser.add_argument("--dialogues", type=int, default=50_000, help="of the large test set")
    parser.add_argument("--methods", type=int, default=200, help="of the large study")
    parser.add_argument("--seeds", type=int, default=5, help="of the large study")
    options = parser.parse_args()
    parts = {
        "read": read,
        "test-set": lambda folder: large_test_set(folder, options.dialogues),
        "study": lambda folder: many_runs(folder, options.methods, options.seeds, 500),
    }
    found = []
    for name, part in parts.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                found += part(Path(folder))
    shown = [{key: value for key, value in one.items() if key != "broken"} for one in found]
    print(tabulate(shown, headers="keys", tablefmt="pipe", disable_numparse=True))
    return int(any(one["broken"] for one in found))


if __name__ == "__main__":
    sys.exit(main())
