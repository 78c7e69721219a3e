"""Training one run with transformers' Seq2SeqTrainer, every source of chance from the run's seed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from datasets import DatasetDict
from tqdm import tqdm
from transformers import (
    DataCollatorForSeq2Seq,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Seq2SeqTrainingArguments,
    TrainerCallback,
    set_seed,
)

from .checkpoints import Checkpoints
from .errors import InputError
from .files import digest, folder_digest
from .job import terminal
from .label_smoothing import prompt_loss
from .methods import build_method, parameter_counts
from .models import base_model, device_name, model_digest, pick_device, weight_bytes
from .positions import check_method_lengths
from .precision import resolved_precision
from .provenance import describe_machine, describe_packages
from .resumable import ResumableTrainer, what_changes
from .sharded import put_back, shard, whole_tensors
from .targets import adapted_modules

# What computes: a checkpoint that another version of these wrote is another run's.
COMPUTING_PACKAGES = ("torch", "transformers", "peft", "bitsandbytes", "accelerate", "numpy")


class Unfinished(RuntimeError):
    """Training ended before its last step: its model must not be taken for finished."""


def run_key(block: dict, seed: int, model_folder: str, tokens: str, code: str, cpu_threads: int) -> str:
    """A digest of everything that decides a run's result: with another key, a checkpoint must not be gone on from.

    Args:
        block: the method's resolved block.
        tokens: the folder of the tokenised data.
        code: a digest of the code that trains.
    """
    versions = describe_packages()
    decides = {
        "block": block,
        "seed": seed,
        "model": model_digest(model_folder),
        "data": [folder_digest(Path(tokens) / split, ["*.arrow"]) for split in ("train", "validation")],
        "code": code,
        "cpu_threads": cpu_threads,
        "packages": {name: versions[name] for name in COMPUTING_PACKAGES},
        "device": pick_device().type,
        "precision": resolved_precision(block["train"]["precision"]),
    }
    return digest(decides)


def train_run(
    name: str,
    seed: int,
    block: dict,
    model_folder: str,
    tokenizer: PreTrainedTokenizerBase,
    data: DatasetDict,
    out: Path,
    checkpoints: Checkpoints,
    checkpoint_seconds: float,
) -> dict:
    """Train one method with one seed and save what it learned in `out`, going on from a checkpoint where there is one.

    Args:
        name: the method's name; block: its resolved block.
        data: splits train and validation, with input_ids and labels.
        out: folder to make: an adapter that PeftModel.from_pretrained loads, or a whole model with tokenizer and
            generation config that AutoModelForSeq2SeqLM.from_pretrained loads.
        checkpoints: those of this very run (see run_key); the caller removes them once the run's outputs lie in place.
        checkpoint_seconds: time from one checkpoint to the next; 0 for none but at a signal.
    Returns:
        The record for train.json: loss curve, evaluation losses, steps, tokens, memory, parameters, bytes, the seconds of
        all attempts together, and the step after which each attempt but the first went on.
    Raises:
        Interrupted: SIGTERM or SIGINT came while it trained; a checkpoint was written.
        Unfinished: the last step was not reached.
        InputError: the method does not fit the model, its learning_rate made the loss infinite or NaN, or checkpoints
            cannot be written.
    """
    checkpoints.open()
    set_seed(seed)
    model = build_method(name, block, model_folder)
    counts = parameter_counts(model)
    check_method_lengths(name, model.config, getattr(model, "active_peft_config", None), data)
    # Two models put together, such as BERT to BERT, have no such setting.
    cache_setting = getattr(model.config, "use_cache", True)
    settings = block["train"]
    arguments = training_arguments(settings, seed, str(checkpoints.folder))
    if settings["fsdp"]:
        shard(model, arguments.device, arguments.world_size)
    trainer = ResumableTrainer(
        checkpoints=checkpoints,
        checkpoint_seconds=checkpoint_seconds,
        model=model,
        args=arguments,
        train_dataset=data["train"].remove_columns("id"),
        eval_dataset=data["validation"].remove_columns("id"),
        data_collator=DataCollatorForSeq2Seq(tokenizer, model=base_model(model)),
        callbacks=[ProgressLines(f"{name} seed {seed}")] if arguments.process_index == 0 else [],
        compute_loss_func=prompt_loss(model, settings["label_smoothing_factor"]),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.fit()
    seconds = trainer.seconds
    _refuse_unfinished(trainer, name, seed)
    # The Trainer switches the cache off while it trains; saved that way, the model would generate many times slower.
    model.config.use_cache = cache_setting
    if settings["fsdp"]:
        model = _whole_model(trainer, build_method(name, block, model_folder))
    if trainer.ranks.is_first:
        save_trained(model, tokenizer, out)
    history = trainer.state.log_history
    return {
        "method": name,
        "seed": seed,
        "settings": settings,
        "precision": resolved_precision(settings["precision"]),
        "gradient_accumulation_steps": arguments.gradient_accumulation_steps,
        "processes": trainer.ranks.count,
        "loss": [_pick(entry, "step", "epoch", "loss", "learning_rate") for entry in history if "loss" in entry],
        "eval_loss": [_pick(entry, "step", "epoch", "eval_loss") for entry in history if "eval_loss" in entry],
        "steps": trainer.state.global_step,
        "seconds": round(seconds, 3),
        "resumed": trainer.resumed,
        "input_tokens": int(trainer.state.num_input_tokens_seen),
        "device": device_name(),
        "machine": describe_machine(),
        "peak_memory_bytes": max(trainer.ranks.gathered(trainer.peak_memory_bytes)),
        "bytes_on_disk": weight_bytes(out),
        "target_modules": adapted_modules(model),
        **counts,
    }


def training_arguments(settings: dict, seed: int, output_dir: str) -> Seq2SeqTrainingArguments:
    """The Trainer's arguments for resolved `train` settings."""
    parts = settings["gradient_accumulation_steps"]
    arguments = Seq2SeqTrainingArguments(
        output_dir=output_dir,
        learning_rate=settings["learning_rate"],
        per_device_train_batch_size=settings["batch_size"] // (settings["gpus_per_run"] * parts),
        gradient_accumulation_steps=parts,
        activation_checkpointing=settings["gradient_checkpointing"],
        activation_checkpointing_kwargs={"use_reentrant": False} if settings["gradient_checkpointing"] else None,
        bf16=resolved_precision(settings["precision"]) == "bf16",
        per_device_eval_batch_size=math.ceil(settings["eval_batch_size"] / parts),
        num_train_epochs=settings.get("num_train_epochs", 1),
        max_steps=settings["max_steps"] or -1,
        optim=settings["optim"],
        lr_scheduler_type=settings["lr_scheduler_type"],
        warmup_steps=settings["warmup_steps"],
        weight_decay=settings["weight_decay"],
        max_grad_norm=settings["max_grad_norm"],
        label_smoothing_factor=settings["label_smoothing_factor"],
        logging_steps=settings["logging_steps"],
        eval_strategy="epoch",
        save_strategy="no",
        seed=seed,
        data_seed=seed,
        use_cpu=pick_device().type == "cpu",
        ddp_backend="gloo" if pick_device().type == "cpu" and settings["gpus_per_run"] > 1 else None,
        include_num_input_tokens_seen="non_padding",
        disable_tqdm=True,
        report_to="none",
    )
    if arguments.n_gpu > 1:
        # On several GPUs the Trainer would put batch_size examples on each and so train with another batch size.
        arguments._n_gpu = 1
    return arguments


def _whole_model(trainer: ResumableTrainer, model: PreTrainedModel) -> PreTrainedModel:
    """`model`, newly built, with the weights that were trained in shards; on the first process, where it is saved."""
    trained = whole_tensors(what_changes(trainer.model), keep=trainer.ranks.is_first)
    if trainer.ranks.is_first:
        put_back(what_changes(model), trained)
    return model


def save_trained(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, out: Path) -> None:
    """Save an adapter alone, or a whole model with its tokenizer and generation config."""
    model.save_pretrained(out)
    if not hasattr(model, "peft_config"):
        tokenizer.save_pretrained(out)


class ProgressLines(TrainerCallback):
    """A progress bar where somebody looks at a terminal; a line a logged step in the log either way."""

    def __init__(self, title: str):
        self.title = title
        self.bar: tqdm | None = None

    def on_train_begin(self, args, state, control, **_: Any) -> None:
        if screen := terminal():
            done = {"total": state.max_steps, "initial": state.global_step}
            self.bar = tqdm(desc=self.title, file=screen, leave=False, dynamic_ncols=True, **done)

    def on_step_end(self, args, state, control, **_: Any) -> None:
        if self.bar:
            self.bar.update()

    def on_log(self, args, state, control, logs: dict | None = None, **_: Any) -> None:
        shown = " ".join(f"{key}={value}" for key, value in (logs or {}).items() if key in ("loss", "eval_loss", "epoch"))
        print(f"{self.title}: step {state.global_step}/{state.max_steps} {shown}", flush=True)

    def on_train_end(self, args, state, control, **_: Any) -> None:
        if self.bar:
            self.bar.close()


def _refuse_unfinished(trainer: ResumableTrainer, name: str, seed: int) -> None:
    state = trainer.state
    if state.global_step != state.max_steps:
        raise Unfinished(f"{name} seed {seed} stopped at step {state.global_step} of {state.max_steps}")
    losses = [value for entry in state.log_history for key, value in entry.items() if key in ("loss", "eval_loss")]
    if not all(math.isfinite(loss) for loss in losses):
        raise InputError(
            f"methods.{name}.train.learning_rate = {trainer.args.learning_rate}",
            f"with seed {seed} the loss became infinite or NaN",
            "Lower the rate or add warmup_steps",
        )


def _pick(entry: dict, *keys: str) -> dict:
    return {key: entry[key] for key in keys if key in entry}
