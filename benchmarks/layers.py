"""What each of the things that make training fast on a CPU brings, put in one after another.

    .venv/bin/python benchmarks/layers.py [--rounds 4] [--method lora]

Full fine-tuning with batch 8, or LoRA with 16, FLAN-T5-small's shape, random weights, DialogSum's own texts in batches of similar
lengths, bf16, two threads. The rows take turns, each time in a process of its own that computes the same batches. A row's time is the
sum of each batch's fastest round, so that what else runs on the machine counts little.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.speed.ground import apart, flan_t5_small_shape, tokens

WITH = (
    "batches of similar length, bf16, sdpa",
    "freed memory kept",
    "cheap masks and fused AdamW",
    "one-step norm and GELU, a gated layer's middle in parts",
    "attention by plain products",
    "scores for target tokens alone",
    "no padding in the stacks",
)
BATCHES = 8


def seconds_of_batches(way: int, method: str, folder: str) -> list[float]:
    """With the first so many of what follows the first row."""
    import torch
    from benchmarks.speed.training import LEARNING_RATE, block_of

    from parity.allocator import keep_freed_memory
    from parity.cheap_dropout import cheap_dropout
    from parity.cpu_attention import cpu_attention
    from parity.fast_layers import one_step_layers
    from parity.methods import build_method
    from parity.models import base_model
    from parity.precision import halve_frozen
    from parity.target_loss import target_loss
    from parity.unpadded import unpadded

    if way >= 1:
        keep_freed_memory()
    torch.set_num_threads(2)
    torch.manual_seed(1)
    block = block_of(method)
    model = build_method(method, block, folder).train()
    halve_frozen(model, block.get("peft"))
    batches = list(_batches(8 if method == "full" else 16, model, folder))
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, LEARNING_RATE, fused=way >= 2)

    def step(batch: dict[str, Any]) -> None:
        with torch.autocast("cpu", torch.bfloat16):
            loss = target_loss(model, model, batch, 0.0)[0] if way >= 5 else model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()

    layers = (
        (2, cheap_dropout()),
        (3, one_step_layers(model)),
        (4, cpu_attention(base_model(model))),
        (6, unpadded(model)),
    )
    with ExitStack() as stack:
        for first, layer in layers:
            if way >= first:
                stack.enter_context(layer)
        # In the first turn memory still grows.
        for batch in batches:
            step(batch)
        times = [time.perf_counter()]
        for batch in batches:
            step(batch)
            times.append(time.perf_counter())
    return [after - before for before, after in pairwise(times)]


def _batches(size: int, model: Any, folder: str) -> Iterator[dict[str, Any]]:
    from torch.utils.data import BatchSampler
    from transformers import DataCollatorForSeq2Seq

    from parity.extent import lengths
    from parity.models import base_model
    from parity.positions import PADDING
    from parity.similar_lengths import EpochOrder
    from parity.tokens import load_tokenizer

    data = tokens("train", 2000).select(range(50 * size)).remove_columns("id")
    order = EpochOrder(lengths(data), size, "group_by_length", 1)
    collate = DataCollatorForSeq2Seq(load_tokenizer(folder), model=base_model(model), pad_to_multiple_of=PADDING)
    for places in islice(BatchSampler(order, size, drop_last=False), BATCHES):
        yield dict(collate([data[place] for place in places]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--method", choices=("full", "lora"), default="full")
    options = parser.parse_args()
    rounds: list[list[list[float]]] = [[] for _ in WITH]
    with flan_t5_small_shape() as folder:
        for _ in range(options.rounds):
            for way, of_way in enumerate(rounds):
                of_way.append(apart("benchmarks.layers", "seconds_of_batches", way, options.method, folder))
    examples = BATCHES * (8 if options.method == "full" else 16)
    print("| with | examples/s |\n|---|---|")
    for name, of_way in zip(WITH, rounds, strict=True):
        print(f"| {name} | {examples / sum(map(min, zip(*of_way, strict=True))):.2f} |")


if __name__ == "__main__":
    main()
