"""Examples a second in training, and the share of the machine's plain products that it reaches.

    .venv/bin/python -m benchmarks.speed.training

Ours is train_run as the rule train calls it; the other side is a plain Seq2SeqTrainer in fp32 whose inputs are padded to 512
tokens and targets to 128, as in the published recipe. FLAN-T5-small's shape, random weights, DialogSum's own texts, two
threads. A step lasts from one optimiser step's end to the next; the first is left out on both sides.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .ground import apart, flan_t5_small_shape, in_turn, tokens

THREADS = 2
ROUNDS = 3
# Optimiser steps of a round. Plain ones all take the same, being padded to the same lengths.
STEPS, PLAIN_STEPS = 24, 3
LEARNING_RATE = 1e-4


def rows() -> list[dict]:
    found = []
    with flan_t5_small_shape() as folder:
        for name, batch_size in (("full", 8), ("lora", 16)):
            reached: list[tuple[float, float]] = []

            def ours(name: str = name, batch_size: int = batch_size, reached: list[tuple[float, float]] = reached) -> float:
                seconds, *of_products = apart(__name__, "seconds_of_ours", name, batch_size, folder)
                reached.append(of_products)
                return seconds

            def theirs(name: str = name, batch_size: int = batch_size) -> float:
                return apart(__name__, "seconds_of_theirs", name, batch_size, folder)

            our_seconds, their_seconds, ratio = in_turn(ours, theirs, ROUNDS)
            size = f"batch {batch_size}"
            share, product = map(statistics.median, zip(*reached, strict=True))
            found.append(
                {
                    "work": f"{'full fine-tuning' if name == 'full' else 'LoRA'}, {size}",
                    "against": "the published recipe's way: padded to 512 and 128, fp32, Seq2SeqTrainer",
                    "ours": batch_size / our_seconds,
                    "theirs": batch_size / their_seconds,
                    "ratio": ratio,
                    "unit": "examples/s",
                    "note": f"medians of {ROUNDS} rounds in turn, {STEPS} steps of ours and {PLAIN_STEPS} of theirs each",
                }
            )
            found.append(
                {
                    "work": f"share of the plain bf16 product reached by {'full fine-tuning' if name == 'full' else 'LoRA'}",
                    "against": "1, a product of two 2,048 x 2,048 matrices in bf16",
                    "ours": share,
                    "theirs": 1.0,
                    "ratio": share,
                    "unit": "share",
                    "note": f"model FLOPs of real tokens, padding left out (docs/COSTS.md); that product {product / 1e9:.0f} GFLOP/s",
                }
            )
    return found


def seconds_of_ours(name: str, batch_size: int, folder: str) -> tuple[float, float, float]:
    """Seconds of a step, the share of the plain product that it reached, and that product's operations a second."""
    from parity.flops import count_flops, matmul_flops, training_flops
    from parity.probes import without_memory

    ends, block, record = train_ours(name, batch_size, folder, STEPS)
    seconds = (ends[-1] - ends[0]) / (len(ends) - 1)
    flops = training_flops(count_flops(without_memory(name, block, folder), (512, 128), True), record["token_sums"])
    product = matmul_flops("bf16", 2048)
    return seconds, flops / STEPS / seconds / product, product


def train_ours(name: str, batch_size: int, folder: str, steps: int) -> tuple[list[float], dict, dict]:
    """When each step ended, the method's block, and the run's record."""
    import torch
    from datasets import DatasetDict

    from parity.allocator import keep_freed_memory
    from parity.checkpoints import Checkpoints
    from parity.config import _block_defaults
    from parity.tokens import load_tokenizer
    from parity.training import train_run

    keep_freed_memory()
    torch.set_num_threads(THREADS)
    train = tokens("train", 2000).select(range(batch_size * steps))
    settings = _block_defaults("train") | {"learning_rate": LEARNING_RATE, "batch_size": batch_size, "num_train_epochs": 1}
    block = block_of(name) | {"train": settings}
    data = DatasetDict(train=train, validation=train.select(range(1)))
    with tempfile.TemporaryDirectory() as scratch, _step_ends() as ends:
        checkpoints = Checkpoints(scratch, "speed", name, 1, "key")
        tokenizer = load_tokenizer(folder)
        record = train_run(name, 1, block, folder, tokenizer, data, Path(scratch, "out"), checkpoints, 0)
    return ends, block, record


def seconds_of_theirs(name: str, batch_size: int, folder: str) -> float:
    """Seconds of a step."""
    import torch
    from transformers import AutoTokenizer

    from .plain import RECIPE_LENGTHS, plain_model, train_plainly

    torch.set_num_threads(THREADS)
    model = plain_model(folder, block_of(name).get("peft"), 1)
    settings = {"learning_rate": LEARNING_RATE, "batch_size": batch_size, "max_steps": PLAIN_STEPS + 1}
    rows = tokens("train", 2000).select(range(batch_size * (PLAIN_STEPS + 1))).remove_columns("id")
    with _step_ends() as ends:
        train_plainly(model, AutoTokenizer.from_pretrained(folder), rows, settings, 1, RECIPE_LENGTHS)
    return (ends[-1] - ends[0]) / (len(ends) - 1)


def block_of(name: str) -> dict:
    from .plain import LORA

    return {"kind": "full"} if name == "full" else {"kind": "peft", "peft": LORA}


@contextmanager
def _step_ends() -> Iterator[list[float]]:
    """The times at which optimiser steps of a Trainer end, whoever starts it."""
    from transformers import DefaultFlowCallback

    ends: list[float] = []
    before = DefaultFlowCallback.on_step_end

    def on_step_end(self, *arguments, **named):
        ends.append(time.perf_counter())
        return before(self, *arguments, **named)

    DefaultFlowCallback.on_step_end = on_step_end
    try:
        yield ends
    finally:
        DefaultFlowCallback.on_step_end = before


if __name__ == "__main__":
    # By its name, which is what its processes import.
    from benchmarks.speed import training

    print(json.dumps(training.rows(), indent=2))
