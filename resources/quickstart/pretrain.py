"""Make the embedded model: python pretrain.py --english FOLDER [--out model]

A byte-level BPE tokenizer and a small encoder-decoder of FLAN-T5's architecture (gated GELU, a head of its own), both
from nothing but the text files in FOLDER and this folder's dialogue generator. Without --english it works on made-up
dialogues alone, less well. About an hour on 2 cores. What went in, and how it ended, is written to
OUT/pretraining.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import tempfile
import time
from pathlib import Path

import torch
from datasets import Dataset
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    DataCollatorForSeq2Seq,
    GenerationConfig,
    PreTrainedTokenizerFast,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    T5Config,
    T5ForConditionalGeneration,
    set_seed,
)

from make_dialogues import near_duplicate_key, split_records, stream_dialogues
from pretraining_tasks import SENTINELS, dialogue_pairs, english_pairs

VOCABULARY = 3072
SHAPE = {"d_model": 192, "d_kv": 32, "d_ff": 384, "num_heads": 6, "num_layers": 4, "num_decoder_layers": 2}
ENGLISH_PASSES = 4
LONGEST_INPUT, LONGEST_TARGET = 384, 128


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """Byte-level BPE of VOCABULARY entries: every byte is one, so no text has unknown tokens; digits stand alone."""
    specials = ["<pad>", "</s>", "<unk>"] + [f"<extra_id_{i}>" for i in range(SENTINELS)]
    marks = [f"{space}#Person{i}#" for i in (1, 2, 3) for space in ("", " ")]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(marks),
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens([AddedToken(mark, normalized=False, special=False) for mark in marks])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", specials.index("</s>"))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_special_tokens=specials[3:],
        model_max_length=1024,
    )


def build_model(dropout: float = 0.0) -> T5ForConditionalGeneration:
    """A model with random weights. T5 in transformers 5 always builds its head tied to the embedding; FLAN-T5's is not."""
    config = T5Config(
        vocab_size=VOCABULARY,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
        dropout_rate=dropout,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
        **SHAPE,
    )
    model = T5ForConditionalGeneration(config)
    model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight) * config.d_model**-0.5)
    model.generation_config = GenerationConfig(pad_token_id=0, eos_token_id=1, decoder_start_token_id=0, max_new_tokens=128)
    return model


def collect_pairs(rng: random.Random, english: list[str], dialogues: int) -> list[tuple[str, str]]:
    """All (input, target) pairs. No dialogue of the quick start's own splits, nor a near-duplicate of one, is among them."""
    bundled = {near_duplicate_key(r["dialogue"]) for records in split_records(seed=2026).values() for r in records}
    stream = stream_dialogues(rng, bundled)
    pairs = [pair for _ in range(dialogues) for pair in dialogue_pairs(rng, next(stream))]
    for text in english:
        pairs += [pair for _ in range(ENGLISH_PASSES) for pair in english_pairs(rng, text)]
    return pairs


def main() -> None:
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--english", type=Path, help="folder of plain-text files, one sentence or paragraph a line")
    parser.add_argument("--out", type=Path, default=here / "model")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialogues", type=int, default=30_000)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=1.5e-3)
    parser.add_argument("--max-steps", type=int, default=-1, help="stop after so many steps instead of one epoch")
    parser.add_argument("--checkpoints", type=Path, help="folder for a checkpoint every 1,000 steps")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    started = time.monotonic()
    torch.set_num_threads(arguments.threads)
    set_seed(arguments.seed)
    rng = random.Random(arguments.seed)
    files = sorted(arguments.english.glob("*.txt")) if arguments.english else []
    if arguments.english and not files:
        parser.error(f"--english {arguments.english}: no .txt file in this folder")
    english = [path.read_text(encoding="utf-8") for path in files]
    pairs = collect_pairs(rng, english, arguments.dialogues)
    tokenizer = train_tokenizer([line for text in english for line in text.splitlines()] + [w for p in pairs[:20_000] for w in p])
    model = build_model()
    rows = Dataset.from_dict(
        {
            "input_ids": tokenizer([p[0] for p in pairs], truncation=True, max_length=LONGEST_INPUT).input_ids,
            "labels": tokenizer([p[1] for p in pairs], truncation=True, max_length=LONGEST_TARGET).input_ids,
        }
    )
    rows = rows.add_column("length", [len(ids) for ids in rows["input_ids"]])
    print(f"{len(rows)} pairs, {sum(rows['length'])} input tokens, {model.num_parameters()} parameters", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = Seq2SeqTrainer(
            model=model,
            args=Seq2SeqTrainingArguments(
                output_dir=str(arguments.checkpoints or scratch),
                num_train_epochs=1,
                max_steps=arguments.max_steps,
                per_device_train_batch_size=arguments.batch_size,
                learning_rate=arguments.learning_rate,
                lr_scheduler_type="cosine",
                warmup_steps=300,
                bf16=True,
                use_cpu=True,
                train_sampling_strategy="group_by_length",
                logging_steps=100,
                save_strategy="steps" if arguments.checkpoints else "no",
                save_steps=1000,
                seed=arguments.seed,
                disable_tqdm=True,
                report_to="none",
            ),
            train_dataset=rows,
            data_collator=DataCollatorForSeq2Seq(tokenizer, model=model),
        )
        trainer.train()
    # The Trainer switches the cache off for training and would leave it off in the saved config.
    model.config.use_cache = True
    model.to(torch.bfloat16).save_pretrained(arguments.out)
    tokenizer.save_pretrained(arguments.out)
    record = {
        "seed": arguments.seed,
        "dialogues": arguments.dialogues,
        "pairs": len(rows),
        "input_tokens": sum(rows["length"]),
        "steps": trainer.state.global_step,
        "batch_size": arguments.batch_size,
        "learning_rate": arguments.learning_rate,
        "english": {
            path.name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "words": len(text.split())}
            for path, text in zip(files, english, strict=True)
        },
        "mean_loss": trainer.state.log_history[-1]["train_loss"],
        "minutes": round((time.monotonic() - started) / 60),
        "torch": torch.__version__,
    }
    (arguments.out / "pretraining.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
