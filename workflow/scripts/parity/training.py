"""Training one run with transformers' Seq2SeqTrainer, every source of chance from the run's seed."""

from __future__ import annotations

import math
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import torch
from datasets import DatasetDict
from transformers import (
    AutoConfig,
    DataCollatorForSeq2Seq,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Seq2SeqTrainingArguments,
    set_seed,
)

from .cheap_dropout import cheap_dropout
from .checkpoints import Checkpoints
from .costs import Meter
from .cpu_attention import cpu_attention
from .errors import InputError
from .fast_layers import fast_layers
from .files import digest, folder_digest
from .gang import Member
from .gang_layers import refuse_what_cannot_be_ganged
from .ganged_trainer import GangedTrainer
from .label_smoothing import prompt_loss
from .methods import build_method, parameter_counts
from .model_safety import SAFE
from .models import base_model, device_name, model_digest, pick_device, weight_bytes
from .positions import check_method_lengths, padding_multiple
from .precision import halve_frozen, resolved_precision
from .progress_lines import ProgressLines
from .provenance import describe_machine, describe_packages
from .resumable import ResumableTrainer, what_changes
from .sharded import put_back, shard, whole_tensors
from .targets import adapted_modules
from .token_counts import padding_share
from .tracking import TrackedRun, Tracking
from .unpadded import unpadded

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
        "precision": resolved_precision(block["train"]["precision"], AutoConfig.from_pretrained(model_folder, **SAFE)),
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
    tracking: Tracking | None = None,
    member: Member | None = None,
) -> dict:
    """Train one method with one seed and save what it learned in `out`, going on from a checkpoint where there is one.

    Args:
        name: the method's name; block: its resolved block.
        data: splits train and validation, with input_ids and labels.
        out: folder to make: an adapter that PeftModel.from_pretrained loads, or a whole model with tokenizer and
            generation config that AutoModelForSeq2SeqLM.from_pretrained loads.
        checkpoints: those of this very run (see run_key); the caller removes them once the run's outputs lie in place.
        checkpoint_seconds: time from one checkpoint to the next; 0 for none but at a signal.
        tracking: the experiment tracker that its curve goes to as well.
        member: its place in a gang, where it trains together with other seeds.
    Returns:
        The record for train.json: loss curve, evaluation losses, steps, tokens, parameters, bytes, the costs of
        all attempts together (see Meter.costs), and the step after which each attempt but the first went on.
    Raises:
        Interrupted: SIGTERM or SIGINT came while it trained; a checkpoint was written.
        Unfinished: the last step was not reached.
        InputError: the method does not fit the model, its learning_rate made the loss infinite or NaN, or checkpoints
            cannot be written.
    """
    meter = Meter(torch.cuda.is_available())
    checkpoints.open()
    set_seed(seed)
    model = build_method(name, block, model_folder)
    counts = parameter_counts(model)
    adapter = getattr(model, "active_peft_config", None)
    check_method_lengths(name, model.config, adapter, data)
    pad_to = padding_multiple(model.config, adapter, data)
    # Two models put together, such as BERT to BERT, have no such setting.
    cache_setting = getattr(model.config, "use_cache", True)
    settings = block["train"]
    precision = resolved_precision(settings["precision"], base_model(model).config)
    arguments = training_arguments(settings | {"precision": precision}, seed, str(checkpoints.folder))
    on_cpu = arguments.device.type == "cpu"
    if on_cpu and precision == "bf16" and not settings["fsdp"]:
        halve_frozen(model, block.get("peft"))
    if settings["fsdp"]:
        shard(model, arguments.device, arguments.world_size)
    if member:
        refuse_what_cannot_be_ganged(name, model)
        member.join(model, meter)
    watchers = _watchers(f"{name} seed {seed}", arguments, checkpoints.folder, tracking)
    trainer_of = partial(GangedTrainer, member=member) if member else ResumableTrainer
    trainer = trainer_of(
        checkpoints=checkpoints,
        checkpoint_seconds=checkpoint_seconds,
        meter=meter,
        model=model,
        args=arguments,
        train_dataset=data["train"].remove_columns("id"),
        eval_dataset=data["validation"].remove_columns("id"),
        data_collator=DataCollatorForSeq2Seq(tokenizer, model=base_model(model), pad_to_multiple_of=pad_to),
        callbacks=watchers,
        compute_loss_func=prompt_loss(model, settings["label_smoothing_factor"]),
    )
    trainer.remove_callback(PrinterCallback)
    with ExitStack() as stack:
        for watcher in watchers:
            stack.callback(watcher.close)
        if on_cpu:
            stack.enter_context(fast_layers(model))
            if not member and not settings["fsdp"]:
                # A gang tells its runs apart by rows, and a bias that lies in shards is nobody's to compute.
                stack.enter_context(unpadded(model))
        elif member:
            # Fused attention draws from one generator for all rows.
            stack.enter_context(cpu_attention(base_model(model)))
            stack.enter_context(cheap_dropout())
        trainer.fit()
    meter.begin("save")
    _refuse_unfinished(trainer, name, seed)
    # The Trainer switches the cache off while it trains; saved that way, the model would generate many times slower.
    model.config.use_cache = cache_setting
    if settings["fsdp"]:
        model = _whole_model(trainer, build_method(name, block, model_folder))
    if trainer.ranks.is_first:
        save_trained(model, tokenizer, out)
    history = trainer.state.log_history
    sums = trainer.token_counts.sums(trainer.ranks.gathered)
    return {
        "method": name,
        "seed": seed,
        "settings": settings,
        "precision": precision,
        "gradient_accumulation_steps": arguments.gradient_accumulation_steps,
        "processes": trainer.ranks.count,
        "cpu_threads": torch.get_num_threads(),
        "loss": [_pick(entry, "step", "epoch", "loss", "learning_rate") for entry in history if "loss" in entry],
        "eval_loss": [_pick(entry, "step", "epoch", "eval_loss") for entry in history if "eval_loss" in entry],
        "steps": trainer.state.global_step,
        "resumed": trainer.resumed,
        "input_tokens": sums["source"],
        "target_tokens": sums["target"],
        "token_sums": sums,
        "padding_share": padding_share(sums),
        "device": device_name(),
        "machine": describe_machine(),
        "bytes_on_disk": weight_bytes(out),
        "target_modules": adapted_modules(model),
        **counts,
        **meter.costs(trainer.ranks.gathered),
    }


def training_arguments(settings: dict, seed: int, output_dir: str) -> Seq2SeqTrainingArguments:
    """The Trainer's arguments for resolved `train` settings, in which `precision` is bf16 or fp32."""
    parts = settings["gradient_accumulation_steps"]
    arguments = Seq2SeqTrainingArguments(
        output_dir=output_dir,
        learning_rate=settings["learning_rate"],
        per_device_train_batch_size=settings["batch_size"] // (settings["gpus_per_run"] * parts),
        gradient_accumulation_steps=parts,
        activation_checkpointing=settings["gradient_checkpointing"],
        activation_checkpointing_kwargs={"use_reentrant": False} if settings["gradient_checkpointing"] else None,
        bf16=settings["precision"] == "bf16",
        per_device_eval_batch_size=math.ceil(settings["eval_batch_size"] / parts),
        num_train_epochs=settings.get("num_train_epochs", 1),
        max_steps=settings["max_steps"] or -1,
        optim=settings["optim"],
        train_sampling_strategy=settings["train_sampling_strategy"],
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
        disable_tqdm=True,
        report_to="none",
    )
    if arguments.n_gpu > 1:
        # On several GPUs the Trainer would put batch_size examples on each and so train with another batch size.
        arguments._n_gpu = 1
    return arguments


def _watchers(
    title: str, arguments: Seq2SeqTrainingArguments, checkpoint_folder: Path, tracking: Tracking | None
) -> list[ProgressLines | TrackedRun]:
    """Who is told of the training: of a run's processes the first tells."""
    if arguments.process_index > 0:
        return []
    lines = ProgressLines(title, checkpoint_folder)
    return [lines, TrackedRun(tracking, arguments, checkpoint_folder)] if tracking else [lines]


def _whole_model(trainer: ResumableTrainer, model: PreTrainedModel) -> PreTrainedModel:
    """`model`, newly built, with the weights that were trained in shards; on the first process, where it is saved."""
    trained = whole_tensors(what_changes(trainer.model), keep=trainer.ranks.is_first)
    if trainer.ranks.is_first:
        put_back(what_changes(model), trained)
    return model


def save_trained(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, out: Path) -> None:
    """Save an adapter alone, or a whole model with its tokenizer and generation config."""
    adapters = getattr(model, "peft_config", None)
    for config in (adapters or {}).values():
        for key, value in vars(config).items():
            if isinstance(value, set):
                # PEFT would write it in the order of a set, which is another one in every process.
                setattr(config, key, sorted(value))
    model.save_pretrained(out)
    if adapters is None:
        tokenizer.save_pretrained(out)


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
