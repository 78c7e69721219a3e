"""What a user would run instead: the libraries as their examples show them, the other side of every comparison."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

import torch
from datasets import Dataset
from peft import get_peft_config, get_peft_model
from transformers import (
    AutoModelForSeq2SeqLM,
    DataCollatorForSeq2Seq,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    set_seed,
)

LORA = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q", "v"]}
# The published recipe pads every input and target to these.
RECIPE_LENGTHS = (512, 128)


def plain_model(folder: str, peft: dict | None, seed: int) -> PreTrainedModel:
    set_seed(seed)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32)
    return get_peft_model(model, get_peft_config({"task_type": "SEQ_2_SEQ_LM", **peft})) if peft else model


def train_plainly(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, rows: Dataset, settings: dict, seed: int, lengths=None
) -> None:
    """Train by a plain Seq2SeqTrainer in fp32, examples in random order.

    Args:
        rows: input_ids and labels.
        settings: learning_rate, batch_size and num_train_epochs or max_steps.
        lengths: of source and target, to which all are padded; None pads to the batch's longest.
    """
    if lengths:
        rows = rows.map(lambda row: _padded(row, lengths, tokenizer.pad_token_id), load_from_cache_file=False)
    with tempfile.TemporaryDirectory() as scratch:
        arguments = Seq2SeqTrainingArguments(
            output_dir=scratch,
            learning_rate=settings["learning_rate"],
            per_device_train_batch_size=settings["batch_size"],
            num_train_epochs=settings.get("num_train_epochs", 1),
            max_steps=settings.get("max_steps", -1),
            logging_steps=50,
            save_strategy="no",
            optim="adamw_torch",
            seed=seed,
            use_cpu=not torch.cuda.is_available(),
            report_to="none",
            disable_tqdm=True,
        )
        collator = DataCollatorForSeq2Seq(tokenizer, model=model)
        Seq2SeqTrainer(model=model, args=arguments, train_dataset=rows, data_collator=collator).train()


def summarise_plainly(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, sources: Sequence[list[int]], batch_size: int = 8, **decoding
) -> list[str]:
    """Summaries by generate(), in the order of the file."""
    model.eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(sources), batch_size):
            batch = tokenizer.pad({"input_ids": list(sources[start : start + batch_size])}, return_tensors="pt").to(model.device)
            ids = model.generate(**batch, do_sample=False, num_beams=1, **decoding)
            found += [text.strip() for text in tokenizer.batch_decode(ids, skip_special_tokens=True)]
    return found


def token_loss(model: PreTrainedModel, rows: Dataset) -> float:
    """The mean loss over all target tokens, one example at a time."""
    model.eval()
    total = tokens = 0
    with torch.inference_mode():
        for row in rows:
            labels = torch.tensor([row["labels"]], device=model.device)
            loss = model(input_ids=torch.tensor([row["input_ids"]], device=model.device), labels=labels).loss
            total, tokens = total + loss.item() * labels.shape[1], tokens + labels.shape[1]
    return total / tokens


def _padded(row: dict, lengths: tuple[int, int], pad_token_id: int) -> dict:
    source, target = lengths
    beyond = source - len(row["input_ids"])
    return {
        "input_ids": row["input_ids"] + [pad_token_id] * beyond,
        "attention_mask": [1] * len(row["input_ids"]) + [0] * beyond,
        "labels": row["labels"] + [-100] * (target - len(row["labels"])),
    }
