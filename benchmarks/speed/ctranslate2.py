"""Summaries by CTranslate2 against transformers' generate(), and what rounding to 8 bits costs.

    .venv/bin/python -m benchmarks.speed.ctranslate2 [--rounding FILE]

For speed: a model of FLAN-T5-small's shape with random weights, real DialogSum inputs, 40 new tokens each, two threads.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from tabulate import tabulate

if TYPE_CHECKING:
    from datasets import Dataset

    from parity.data import Record

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/data"
EMBEDDED = str(ROOT / "resources/quickstart/model")
PROMPT = "Summarize the following conversation.\n\n{dialogue}\n\nSummary: "
COLUMNS = {"id": None, "dialogue": "dialogue", "summary": "summary"}
THREADS, NEW_TOKENS = 2, 40
sys.path.insert(0, str(ROOT / "workflow/scripts"))


def rows(dialogues: int = 128, repeats: int = 3) -> list[dict]:
    """A row a compute type that this machine has: dialogues a second, ours and theirs, medians of `repeats` rounds.

    Theirs is generate() as it comes: fp32, batches of 8 in the file's order. In each round all sides take their turn.
    """
    import ctranslate2
    import torch
    from benchmarks.memory import T5_SMALL

    from parity.tokens import load_tokenizer

    torch.set_num_threads(THREADS)
    tokenizer = load_tokenizer(str(SHARED / "t5_tokenizer"))
    data = _inputs(_records(SHARED / "dialogsum/dialogsum.test.jsonl", dialogues), tokenizer)
    types = [kind for kind in ("float32", "bfloat16", "int8_float32") if kind in ctranslate2.get_supported_compute_types("cpu")]
    speeds = {kind: [] for kind in ("generate()", *types)}
    with tempfile.TemporaryDirectory() as folder:
        _save_random(folder, T5_SMALL)
        for _ in range(repeats):
            speeds["generate()"].append(dialogues / _plain_seconds(folder, tokenizer, data))
            for kind in types:
                speeds[kind].append(dialogues / _seconds(folder, tokenizer, data, kind))
    theirs = median(speeds["generate()"])
    return [
        {
            "work": f"writing summaries, CTranslate2 {kind}",
            "against": "transformers' generate(), fp32, batches of 8 in file order",
            "ours": median(speeds[kind]),
            "theirs": theirs,
            "ratio": median(ours / plain for ours, plain in zip(speeds[kind], speeds["generate()"], strict=True)),
            "unit": "dialogues/s",
            "note": f"{dialogues} dialogues, {NEW_TOKENS} new tokens each, batches of 32, {THREADS} threads, without the conversion",
        }
        for kind in types
    ]


def rounding_cost(file: Path, compute_type: str = "int8_float32", dialogues: int | None = None) -> dict:
    """What `compute_type` changes of the embedded model's summaries of the dialogues in `file`, against CTranslate2's float32.

    Returns:
        dialogues: how many; differing: the share of summaries that are others; rouge1_difference ... rougeLsum_difference:
        of the means, in points.
    """
    from parity.rouge import mean_scores, score_dialogues
    from parity.tokens import load_tokenizer

    tokenizer, records = load_tokenizer(EMBEDDED), _records(file, dialogues)
    data, found = _inputs(records, tokenizer), {}
    for kind in ("float32", compute_type):
        found[kind] = _summaries(EMBEDDED, tokenizer, data, kind, max_new_tokens=128)
    means = {}
    for kind, summaries in found.items():
        predictions = [{"id": record.id, "prediction": text} for record, text in zip(records, summaries, strict=True)]
        means[kind] = mean_scores(score_dialogues(predictions, records))
    pairs = list(zip(*found.values(), strict=True))
    differences = {
        f"{metric}_difference": means[compute_type][metric] - means["float32"][metric]
        for metric in ("rouge1", "rouge2", "rougeL", "rougeLsum")
    }
    return {"dialogues": len(records), "differing": sum(a != b for a, b in pairs) / len(pairs)} | differences


def _records(file: Path, count: int | None) -> list[Record]:
    from parity.data import load_split

    return load_split(file, "test", COLUMNS)[:count]


def _inputs(records: list[Record], tokenizer) -> Dataset:
    from datasets import Dataset

    ids = [tokenizer(PROMPT.replace("{dialogue}", record.dialogue)).input_ids[:512] for record in records]
    return Dataset.from_dict({"id": [record.id for record in records], "input_ids": ids})


def _save_random(folder: str, shape: dict) -> None:
    from transformers import T5Config, T5ForConditionalGeneration, set_seed

    set_seed(0)
    T5ForConditionalGeneration(T5Config(feed_forward_proj="gated-gelu", decoder_start_token_id=0, **shape)).save_pretrained(
        folder
    )


def _summaries(
    folder: str, tokenizer, data: Dataset, compute_type: str, loaded: Callable[[], None] = lambda: None, **settings
) -> list[str]:
    from parity.config import _block_defaults
    from parity.ctranslate2_generation import generate_with_ctranslate2
    from parity.models import load_model

    own = {"backend": "ctranslate2", "compute_type": compute_type, "batch_size": 32}
    settings = _block_defaults("generation") | own | settings
    return generate_with_ctranslate2(lambda: load_model(folder), tokenizer, data, settings, 1, "", THREADS, loaded)[0]


def _seconds(folder: str, tokenizer, data: Dataset, compute_type: str) -> float:
    """Of the summaries, without the conversion."""
    started = []
    tokens = {"max_new_tokens": NEW_TOKENS, "min_new_tokens": NEW_TOKENS}
    _summaries(folder, tokenizer, data, compute_type, lambda: started.append(perf_counter()), **tokens)
    return perf_counter() - started[0]


def _plain_seconds(folder: str, tokenizer, data: Dataset) -> float:
    import torch
    from transformers import DataCollatorWithPadding

    from parity.models import load_model

    model, collate = load_model(folder).eval(), DataCollatorWithPadding(tokenizer)
    started = perf_counter()
    with torch.inference_mode():
        for start in range(0, len(data), 8):
            batch = collate([{"input_ids": ids} for ids in data["input_ids"][start : start + 8]])
            ids = model.generate(**batch, max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS, do_sample=False, num_beams=1)
            tokenizer.batch_decode(ids, skip_special_tokens=True)
    return perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounding", type=Path, help="instead: the cost of 8 bits on the dialogues of this file")
    parser.add_argument("--dialogues", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if options.rounding:
        print(rounding_cost(options.rounding))
    else:
        print(tabulate(rows(options.dialogues, options.repeats), headers="keys", tablefmt="github", floatfmt=".2f"))


if __name__ == "__main__":
    main()
