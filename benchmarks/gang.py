"""Seeds an hour of one process that trains them together, beside seeds alone: one after another, and as many at once as there are cores.

    .venv/bin/python benchmarks/gang.py [--method lora] [--seeds 1 2 4 8 16] [--train 320] [--repeats 2]
    .venv/bin/python benchmarks/gang.py --equivalence [--method lora] [--seeds 20]

The embedded model and the quick start's dialogues, and of its methods lora or full. Each side in a process of its own, in turn;
imports are not counted, loading and evaluating are. The second form trains as many seeds in a gang as alone, with dropout, and asks
Parity's own statistics whether their evaluation losses are equivalent within 1 %.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import yaml
from scipy import stats
from tabulate import tabulate

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))
CORES = len(os.sched_getaffinity(0))
# Of the mean evaluation loss, within which ganged and solo seeds are to be equivalent.
MARGIN = 0.01


def prepare(folder: Path, method: str, train: int) -> dict:
    """The quick start's tokens and one of its methods."""
    from parity.config import check_config, method_block
    from parity.data import load_split
    from parity.tokens import load_tokenizer, tokenise

    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    check_config(config, "config/config.yaml")
    source, columns = ROOT / config["data"]["name_or_path"], config["data"]["columns"]
    splits = {split: load_split(source / file, split, columns) for split, file in config["data"]["splits"].items()}
    splits["train"], splits["validation"] = splits["train"][:train], splits["validation"][:50]
    model = str(ROOT / config["model"]["name_or_path"])
    lengths = config["max_source_length"], config["max_target_length"]
    tokenise(splits, load_tokenizer(model), config["prompt"], *lengths)[0].save_to_disk(folder / "tokens")
    block = method_block(config, method)
    block |= {"train": block["train"] | {"num_train_epochs": 1}}
    return {"method": method, "block": block, "model": model, "folder": str(folder)}


def child(task: dict) -> None:
    """Train the task's seeds, together or one after another; prints seconds and evaluation losses."""
    from parity.gang import Gang
    from parity.training_process import Request

    requests = []
    for seed in task["seeds"]:
        out = tempfile.mkdtemp(dir=task["folder"])
        place = {"folder": f"{out}/checkpoints", "study": "gang", "method": task["method"], "seed": seed, "key": "key"}
        folders = f"{task['folder']}/tokens", f"{out}/model"
        requests.append(Request(task["method"], seed, task["block"], task["model"], *folders, place, 0, task["threads"]))
    sys.stdout.flush()
    said, place = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(place, 1)
    began = time.perf_counter()
    if task["together"]:
        records = Gang().train([partial(request.train) for request in requests])
    else:
        records = [request.train() for request in requests]
    seconds = time.perf_counter() - began
    os.dup2(said, 1)
    losses = [record["eval_loss"][-1]["eval_loss"] for record in records]
    print(json.dumps({"seconds": seconds, "eval_loss": losses}), flush=True)


def run(task: dict, seeds: list[int], together: bool, threads: int) -> dict:
    command = [sys.executable, __file__, "--child", json.dumps(task | {"seeds": seeds, "together": together, "threads": threads})]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def at_once(task: dict) -> float:
    """Seconds a seed, of as many seeds at a time as there are cores, one thread each."""
    with ThreadPoolExecutor(CORES) as pool:
        done = list(pool.map(lambda seed: run(task, [seed], False, 1), range(1, CORES + 1)))
    return float(np.mean([each["seconds"] for each in done])) / CORES


def throughput(task: dict, counts: list[int], repeats: int) -> None:
    rows = []
    alone_for = at_once_for = 0.0
    for _ in range(repeats):
        # Seeds alone take their time each, however many there are: so many are timed as show it.
        alone_for += run(task, [1], False, CORES)["seconds"] / repeats
        at_once_for += at_once(task) / repeats
    for count in counts:
        seconds = np.mean([run(task, list(range(1, count + 1)), True, CORES)["seconds"] for _ in range(repeats)])
        # In turn with every size, against drift of the machine.
        alone = np.mean([alone_for, run(task, [1], False, CORES)["seconds"]])
        rows.append(
            [
                count,
                3600 * count / seconds,
                3600 / alone,
                3600 / at_once_for,
                count * alone / seconds,
                count * at_once_for / seconds,
            ]
        )
    headers = [
        "seeds",
        "gang, seeds/h",
        "one after another",
        f"{CORES} at once",
        "gang / one after another",
        f"gang / {CORES} at once",
    ]
    print(tabulate(rows, headers=headers, tablefmt="pipe", floatfmt=("g", ".0f", ".0f", ".0f", ".2f", ".2f")))


def with_dropout(task: dict, rate: float = 0.1) -> dict:
    """The embedded model has none of its own, and without dropout ganged and solo seeds are the same runs."""
    if task["method"] == "lora":
        return task | {"block": task["block"] | {"peft": task["block"]["peft"] | {"lora_dropout": rate}}}
    from parity.models import load_model
    from parity.tokens import load_tokenizer

    model, folder = load_model(task["model"]), f"{task['folder']}/with-dropout"
    model.config.dropout_rate = rate
    model.save_pretrained(folder)
    load_tokenizer(task["model"]).save_pretrained(folder)
    return task | {"model": folder}


def equivalence(task: dict, count: int) -> int:
    seeds = list(range(1, count + 1))
    task = with_dropout(task)
    ganged = np.array(run(task, seeds, True, CORES)["eval_loss"])
    alone = np.array(run(task, seeds, False, CORES)["eval_loss"])
    margin = MARGIN * alone.mean()
    gap = ganged.mean() - alone.mean()
    # Two one-sided Welch tests (Schuirmann 1987): seeds do not pair.
    parts = [values.var(ddof=1) / count for values in (ganged, alone)]
    se = float(np.sqrt(sum(parts)))
    df = sum(parts) ** 2 / sum(part**2 / (count - 1) for part in parts)
    p = max(stats.t.sf((gap + margin) / se, df), stats.t.cdf((gap - margin) / se, df))
    print(
        f"Evaluation loss of {count} seeds: ganged {ganged.mean():.4f} (SD {ganged.std(ddof=1):.4f}), alone {alone.mean():.4f} "
        f"(SD {alone.std(ddof=1):.4f}); difference {gap:+.4f}; equivalent within {margin:.4f}: p = {p:.2g}"
    )
    return int(p > 0.05)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", choices=("lora", "full"), default="lora")
    parser.add_argument("--seeds", type=int, nargs="+", default=None)
    parser.add_argument("--train", type=int, default=320, help="training dialogues")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--equivalence", action="store_true")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(json.loads(options.child))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        task = prepare(Path(folder), options.method, options.train)
        if options.equivalence:
            return equivalence(task, (options.seeds or [20])[0])
        throughput(task, options.seeds or [1, 2, 4, 8, 16], options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
