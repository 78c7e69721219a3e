"""One training step and one generation of each method at FLAN-T5-small's real shape, through the workflow itself.

    python benchmarks/real_shape.py --tokenizer FOLDER

Makes a model of FLAN-T5-small's shape with random weights and FOLDER's T5 tokenizer in a folder of its own, runs one
optimiser step and the summaries of a few DialogSum dialogues (resources/dialogsum, see config/dialogsum_embedded.yaml) per
method, and prints what each cost. Random weights: the scores mean nothing, so they are not shown.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import torch
import yaml
from tabulate import tabulate
from transformers import AutoTokenizer, GenerationConfig, T5Config, T5ForConditionalGeneration, set_seed

ROOT = Path(__file__).parents[1]
NAME = "real_shape"
SHAPE = {"vocab_size": 32128, "d_model": 512, "d_kv": 64, "d_ff": 1024, "num_layers": 8, "num_decoder_layers": 8, "num_heads": 6}
PEFT_METHODS = {
    "lora": {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q", "v"]},
    "dora": {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q", "v"], "use_dora": True},
    "ia3": {"peft_type": "IA3"},
    "prefix_tuning": {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 20},
    "prompt_tuning": {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20},
}


def make_model(folder: Path, tokenizer: Path) -> None:
    """Save a model of the shape with a head of its own, as FLAN-T5's is, and the tokenizer beside it."""
    set_seed(0)
    config = T5Config(feed_forward_proj="gated-gelu", decoder_start_token_id=0, tie_word_embeddings=False, **SHAPE)
    model = T5ForConditionalGeneration(config)
    model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight) * config.d_model**-0.5)
    model.generation_config = GenerationConfig(pad_token_id=0, eos_token_id=1, decoder_start_token_id=0)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(tokenizer).save_pretrained(folder)


def study(model: Path, dialogues: int) -> dict:
    config = yaml.safe_load((ROOT / "config/dialogsum_embedded.yaml").read_text(encoding="utf-8"))
    train = {"learning_rate": 1.0e-3, "batch_size": 8, "max_steps": 1, "logging_steps": 1}
    config |= {"name": NAME, "seeds": [1], "compare": ["zero_shot", "full", *PEFT_METHODS], "train": train, "cpu_threads": 2}
    config["model"]["name_or_path"] = str(model)
    config["data"] |= {"max_train_samples": 8, "max_validation_samples": 2, "max_test_samples": dialogues}
    config["generation"] = {"max_new_tokens": 40, "batch_size": 8}
    config["methods"] = {"zero_shot": {"kind": "zero_shot"}, "full": {"kind": "full"}}
    config["methods"] |= {name: {"kind": "peft", "peft": block} for name, block in PEFT_METHODS.items()}
    return config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder of the T5 tokenizer")
    parser.add_argument("--dialogues", type=int, default=8, help="test dialogues to summarise")
    arguments = parser.parse_args()
    results = ROOT / "results" / NAME
    model = results / "model"
    if not model.exists():
        make_model(model, arguments.tokenizer)
    config_file = results / "config.yaml"
    config_file.write_text(yaml.safe_dump(study(model.relative_to(ROOT), arguments.dialogues)), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", str(config_file.relative_to(ROOT))]
    subprocess.run(command, cwd=ROOT, check=True)
    runs = pd.read_csv(results / "results.csv")
    rows = []
    for run in runs.itertuples():
        row = {"Method": run.method, "Trainable": f"{run.trainable:,.0f}", "%": f"{run.trainable_percent:.3f}"}
        record = results / run.method / "seed-1/train.json"
        if record.exists():
            training = json.loads(record.read_text(encoding="utf-8"))
            row |= {
                "Steps": training["steps"],
                "Loss": f"{training['loss'][-1]['loss']:.2f}",
                "Step, s": f"{training['seconds_by_phase']['train']:.1f}",
                "Memory, MB": f"{training['peak_host_bytes'] / 1e6:.0f}",
                "Saved, MB": f"{training['bytes_on_disk'] / 1e6:.2f}",
            }
        rows.append(row | {"Generation, s": f"{run.generate_seconds:.1f}"})
    print(tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True))


if __name__ == "__main__":
    main()
