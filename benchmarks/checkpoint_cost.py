"""What a checkpoint costs: bytes, and seconds to write it, to check it by its digests and to load it.

Full fine-tuning of a model of FLAN-T5-small's shape with random weights, in fp32 with AdamW.

    .venv/bin/python benchmarks/checkpoint_cost.py [--folder FOLDER] [--times 5]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))

import torch
from datasets import Dataset
from transformers import Seq2SeqTrainingArguments, T5Config, T5ForConditionalGeneration

from parity.checkpoints import Checkpoints
from parity.resumable import WEIGHTS, ResumableTrainer

SHAPE = {"d_model": 512, "d_kv": 64, "d_ff": 1024, "num_layers": 8, "num_decoder_layers": 8, "num_heads": 6, "vocab_size": 32128}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=None, help="the disk to measure; a temporary folder by default")
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        checkpoints = Checkpoints(folder, "benchmark", "full", 1, "key")
        checkpoints.open()
        trainer = trained_one_step(checkpoints)
        seconds: dict[str, list[float]] = {"write": [], "check": [], "load": []}
        for _ in range(options.times):
            newest = timed(seconds["write"], lambda: checkpoints.write(1, trainer._fill))
            timed(seconds["check"], checkpoints.newest)
            timed(
                seconds["load"],
                lambda newest=newest: [torch.load(newest / name, weights_only=True) for name in (WEIGHTS, "optimizer.pt")],
            )
        size = sum(file.stat().st_size for file in newest.iterdir())
    print(f"{sum(p.numel() for p in trainer.model.parameters()) / 1e6:.1f} million parameters, {size / 1e6:.0f} MB a checkpoint")
    for what, values in seconds.items():
        print(f"{what}: {statistics.median(values):.2f} s ({min(values):.2f} to {max(values):.2f}, {options.times} times)")


def trained_one_step(checkpoints: Checkpoints) -> ResumableTrainer:
    """A trainer whose optimiser has its moments."""
    torch.manual_seed(0)
    model = T5ForConditionalGeneration(
        T5Config(feed_forward_proj="gated-gelu", decoder_start_token_id=0, tie_word_embeddings=False, **SHAPE)
    )
    # FLAN-T5's head is its own; T5Config alone builds one that is tied to the embedding.
    model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight))
    rows = Dataset.from_dict({"input_ids": [[5, 6, 1]] * 2, "labels": [[7, 1]] * 2})
    arguments = Seq2SeqTrainingArguments(
        output_dir=str(checkpoints.folder), max_steps=1, use_cpu=True, save_strategy="no", report_to="none", disable_tqdm=True
    )
    trainer = ResumableTrainer(
        checkpoints=checkpoints, checkpoint_seconds=0, model=model, args=arguments, train_dataset=rows, eval_dataset=rows
    )
    trainer.fit()
    return trainer


def timed(seconds: list[float], call):
    started = time.perf_counter()
    result = call()
    seconds.append(time.perf_counter() - started)
    return result


if __name__ == "__main__":
    main()
