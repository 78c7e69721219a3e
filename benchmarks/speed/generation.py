"""The summaries of DialogSum's test set: wall time for all of it, and whether a faster arithmetic writes others.

    .venv/bin/python -m benchmarks.speed.generation

The other side is generate() over the 1,500 rows of the hub's layout (500 dialogues, three references each) in batches of 8 in the
file's order, in fp32. Ours writes a dialogue once. Speed: FLAN-T5-small's shape with random weights, 40 new tokens each, two
threads; both sides write a part of the test set in turn, and their seconds a dialogue are taken times 500 and 1,500.
Equality: the embedded model, whose summaries end by themselves.
"""

from __future__ import annotations

import json
import time

from .ground import DIALOGSUM, ROOT, apart, flan_t5_small_shape, in_turn, tokens

THREADS = 2
ROUNDS = 3
NEW_TOKENS = 40
DIALOGUES, ROWS = 500, 1500
# Of a round. Evenly over the file, so that both sides have the same lengths.
OURS, THEIRS = 128, 32
EMBEDDED = str(ROOT / "resources/quickstart/model")
GREEDY = {"num_beams": 1, "do_sample": False}


def rows() -> list[dict]:
    found = []
    with flan_t5_small_shape() as folder:
        for precision in ("bf16", "fp32"):
            ours, theirs, ratio = in_turn(
                lambda precision=precision: DIALOGUES * apart(__name__, "seconds_of_ours", folder, precision),
                lambda: ROWS * apart(__name__, "seconds_of_theirs", folder),
                ROUNDS,
            )
            found.append(
                {
                    "work": f"summaries of the test set, greedy, {precision}",
                    "against": "generate() over the 1,500 rows, batch 8, file order, fp32",
                    "ours": ours,
                    "theirs": theirs,
                    "ratio": ratio,
                    "unit": "s",
                    "note": f"from {OURS} and {THEIRS} dialogues a round, medians of {ROUNDS} rounds in turn",
                }
            )
    return found + apart(__name__, "equality")


def equality() -> list[dict]:
    """Of the embedded model's summaries of all test dialogues: the share that differs from plain fp32 ones, and ROUGE-1."""
    from benchmarks.speed.plain import plain_model, summarise_plainly
    from datasets import Dataset

    from parity.data import load_split
    from parity.models import load_model
    from parity.rouge import mean_scores, score_dialogues
    from parity.tokens import load_tokenizer

    records = load_split(
        DIALOGSUM / "dialogsum.test.jsonl", "test", {"id": "fname", "dialogue": "dialogue", "summary": "summary"}
    )
    tokenizer = load_tokenizer(EMBEDDED)
    prompt = "Summarize the following conversation.\n\n{dialogue}\n\nSummary: "
    sources = [prompt.replace("{dialogue}", record.dialogue) for record in records]
    inputs = tokenizer(sources, truncation=True, max_length=512).input_ids
    data = Dataset.from_dict({"id": [record.id for record in records], "input_ids": inputs})
    summaries = {"plain": summarise_plainly(plain_model(EMBEDDED, None, 1), tokenizer, inputs, max_new_tokens=128)}
    for precision in ("fp32", "bf16"):
        summaries[precision] = _summaries(load_model(EMBEDDED), tokenizer, data, precision, max_new_tokens=128)
    points = {
        name: mean_scores(
            score_dialogues([{"id": r.id, "prediction": text} for r, text in zip(records, texts, strict=True)], records)
        )["rouge1"]
        for name, texts in summaries.items()
    }
    return [
        {
            "work": f"summaries that differ from plain ones, {precision}",
            "against": "generate(), batch 8, file order, fp32; the embedded model",
            "ours": sum(one != other for one, other in zip(summaries[precision], summaries["plain"], strict=True)) / len(records),
            "theirs": 0.0,
            "ratio": None,
            "unit": "share",
            "note": f"{len(records)} dialogues; ROUGE-1 {points[precision]:.3f} against {points['plain']:.3f}",
        }
        for precision in ("fp32", "bf16")
    ]


def _summaries(model, tokenizer, data, precision: str, **decoding) -> list[str]:
    from parity.config import _block_defaults
    from parity.generation import generate_summaries

    settings = _block_defaults("generation") | {"batch_size": 32, "precision": precision} | decoding
    return generate_summaries(model, tokenizer, data, settings, 1, "speed")[0]


def _spread(count: int):
    data = tokens("test", DIALOGUES)
    return data.select(range(0, DIALOGUES, DIALOGUES // count)).select(range(count))


def seconds_of_ours(folder: str, precision: str) -> float:
    """Seconds a dialogue."""
    import torch

    from parity.allocator import keep_freed_memory
    from parity.models import load_model
    from parity.tokens import load_tokenizer

    keep_freed_memory()
    torch.set_num_threads(THREADS)
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    started = time.perf_counter()
    _summaries(model, tokenizer, _spread(OURS), precision, max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS)
    return (time.perf_counter() - started) / OURS


def seconds_of_theirs(folder: str) -> float:
    """Seconds a row."""
    import torch
    from transformers import AutoTokenizer

    from .plain import plain_model, summarise_plainly

    torch.set_num_threads(THREADS)
    model, tokenizer = plain_model(folder, None, 1), AutoTokenizer.from_pretrained(folder)
    inputs = _spread(THEIRS)["input_ids"]
    started = time.perf_counter()
    summarise_plainly(model, tokenizer, inputs, max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS)
    return (time.perf_counter() - started) / THEIRS


if __name__ == "__main__":
    # By its name, which is what its processes import.
    from benchmarks.speed import generation

    print(json.dumps(generation.rows(), indent=2))
