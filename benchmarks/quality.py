"""Whether what is trained and written fast is as good as what plain libraries give: an equivalence test by Parity itself.

    .venv/bin/python benchmarks/quality.py [--methods full lora] [--seeds 6] [--train 3000]

The embedded model on the real DialogSum (resources/dialogsum, see config/dialogsum_embedded.yaml), full fine-tuning and LoRA,
each with the same seeds on both sides. The plain side is a Seq2SeqTrainer in fp32 with examples in random order and torch's
AdamW, and generate() in batches of 8 in the file's order (benchmarks/speed/plain.py); its summaries enter a study as methods of
kind predictions. That study's margin is 0.5 points of ROUGE-1. Prints the verdict's table and the evaluation losses.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import yaml
from scipy import stats
from tabulate import tabulate

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))
STUDY = "quality"
RESULTS = ROOT / "results" / STUDY
METHODS = ("full", "lora")


def plain_file(method: str, seed: int | str) -> Path:
    return RESULTS.with_name(f"{STUDY}_plain") / f"{method}-{seed}.jsonl"


def study(methods: list[str], seeds: list[int], train: int, with_plain: bool) -> dict:
    config = yaml.safe_load((ROOT / "config/dialogsum_embedded.yaml").read_text(encoding="utf-8"))
    config |= {"name": STUDY, "seeds": seeds, "compare": list(methods)}
    config["data"]["max_train_samples"] = train
    config["comparison"] = {"primary_metric": "rouge1", "margin": 0.5}
    if with_plain:
        for method in methods:
            file = str(plain_file(method, "{seed}").relative_to(ROOT))
            config["methods"][f"{method}_plain"] = {"kind": "predictions", "file": file}
        config["compare"] += [f"{method}_plain" for method in methods]
        config["comparison"]["contrasts"] = [[method, f"{method}_plain"] for method in methods]
    return config


def run_study(config: dict) -> None:
    file = RESULTS.with_name(f"{STUDY}.yaml")
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--cores", str(os.cpu_count()), "--configfile", str(file), "--quiet", "all"]
    subprocess.run(command, cwd=ROOT, check=True)


def run_plainly(method: str, seed: int) -> None:
    """Train and summarise in a process of its own, with one thread as a run of the study has."""
    if plain_file(method, seed).exists():
        return
    command = [sys.executable, __file__, "--plain", method, str(seed)]
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True)


def plain_run(method: str, seed: int) -> None:
    import torch
    from benchmarks.speed.plain import plain_model, summarise_plainly, token_loss, train_plainly
    from datasets import load_from_disk

    from parity.config import check_config, method_block
    from parity.files import write_json, write_json_lines
    from parity.tokens import load_tokenizer

    torch.set_num_threads(1)
    config = yaml.safe_load(RESULTS.with_name(f"{STUDY}.yaml").read_text(encoding="utf-8"))
    check_config(config, STUDY)
    block, folder = method_block(config, method), config["model"]["name_or_path"]
    data, tokenizer = load_from_disk(str(RESULTS / "data/tokens")), load_tokenizer(folder)
    model = plain_model(folder, block.get("peft"), seed)
    settings = {key: block["train"][key] for key in ("learning_rate", "batch_size", "num_train_epochs")}
    train_plainly(model, tokenizer, data["train"].remove_columns("id"), settings, seed)
    loss = token_loss(model, data["validation"])
    model.config.use_cache = True
    summaries = summarise_plainly(
        model, tokenizer, data["test"]["input_ids"], max_new_tokens=block["generation"]["max_new_tokens"]
    )
    pairs = zip(data["test"]["id"], summaries, strict=True)
    write_json(plain_file(method, seed).with_suffix(".json"), {"eval_loss": loss})
    write_json_lines(plain_file(method, seed), ({"id": id, "prediction": text} for id, text in pairs))


def losses(methods: list[str], seeds: list[int]) -> list[dict]:
    """A row a method: means of the last evaluation loss on both sides, and a 95 % interval of their difference (Welch)."""
    rows = []
    for method in methods:
        ours = [
            json.loads((RESULTS / f"{method}/seed-{seed}/train.json").read_text())["eval_loss"][-1]["eval_loss"] for seed in seeds
        ]
        plain = [json.loads(plain_file(method, seed).with_suffix(".json").read_text())["eval_loss"] for seed in seeds]
        interval = stats.ttest_ind(ours, plain, equal_var=False).confidence_interval()
        rows.append(
            {
                "method": method,
                "seeds": len(seeds),
                "fast": pd.Series(ours).mean(),
                "plain": pd.Series(plain).mean(),
                "SD of plain": pd.Series(plain).std(),
                "difference": f"[{interval.low:+.4f}, {interval.high:+.4f}]",
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--train", type=int, default=3000, help="training dialogues")
    parser.add_argument("--plain", nargs=2, metavar=("METHOD", "SEED"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.plain:
        sys.path.insert(0, str(ROOT))
        plain_run(asked.plain[0], int(asked.plain[1]))
        return
    seeds = list(range(1, asked.seeds + 1))
    run_study(study(asked.methods, seeds, asked.train, with_plain=False))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda run: run_plainly(*run), [(method, seed) for seed in seeds for method in asked.methods]))
    run_study(study(asked.methods, seeds, asked.train, with_plain=True))
    print((RESULTS / "verdict.md").read_text(encoding="utf-8"))
    print(tabulate(losses(asked.methods, seeds), headers="keys", tablefmt="github", floatfmt=".4f"))


if __name__ == "__main__":
    main()
