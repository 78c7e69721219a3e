"""A study's runs in the result format of PEFT's method comparison (huggingface/peft, method_comparison/): a JSON a run.

What Parity does not measure is null there, never a guess; docs/ECOSYSTEM.md has the mapping field by field. Its "test accuracy"
is null, since a summary is not right or wrong: the scores stand beside it as "test rouge1" and so on.
"""

from __future__ import annotations

import re
from pathlib import Path

from .config import Run
from .files import read_json, write_json
from .finished_study import FinishedStudy
from .results import METRICS
from .sources import HubSource, hub_source

FOLDER = "peft_method_comparison"
PACKAGES = ("transformers", "peft", "datasets", "bitsandbytes", "torch")
# What of a resolved generation block is no argument of generate().
NOT_DECODING = ("backend", "batch_size", "compute_type", "precision")
FULL = "full-finetuning"
PACKED = ("load_in_8bit", "load_in_4bit")


def write_results(study: FinishedStudy) -> list[Path]:
    """A file a trained run in <study>/export/peft_method_comparison/, named as PEFT's are. Returns them."""
    paths = []
    for run in study.records:
        if study.records[run]["training"]:
            result = run_result(study, run)
            name = result["run_info"]["experiment_name"].replace("/", "--")
            paths.append(study.folder / "export" / FOLDER / f"{name}.json")
            write_json(paths[-1], result)
    return paths


def run_result(study: FinishedStudy, run: Run) -> dict:
    """run_info, train_info and meta_info of a trained run, with PEFT's keys."""
    record = study.records[run]
    adapter = _adapter(study, run)
    kind = adapter["peft_type"].lower() if adapter else FULL
    return {
        "run_info": {
            "created_at": record["provenance"]["finished"],
            "total_time": round(sum(sum(job["seconds_by_phase"].values()) for job in _jobs(record)), 3),
            "experiment_name": f"{kind}/{study.config['name']}-{run.method}-seed-{run.seed}",
            "peft_branch": None,
            "train_config": _train_config(study, record),
            "peft_config": adapter,
            "error_msg": "",
        },
        "train_info": _train_info(study, run, record),
        "meta_info": _meta_info(study, record),
    }


def _jobs(record: dict) -> list[dict]:
    return [record["training"], record["generation"], record["scoring"]]


def _adapter(study: FinishedStudy, run: Run) -> dict | None:
    path = study.run_folder(run) / "model/adapter_config.json"
    return read_json(path) if path.is_file() else None


def _train_config(study: FinishedStudy, record: dict) -> dict:
    settings, task, training = record["settings"], record["task"], record["training"]
    train, generation, model = settings["train"], settings["generation"], hub_source(study.config, "model")
    bits = next(
        (key.removeprefix("load_in_").removesuffix("bit") for key in settings.get("quantization") or {} if key in PACKED), None
    )
    return {
        "model_id": model.repo_id if model else task["model"]["name_or_path"],
        "dtype": f"int{bits}" if bits else "float32",
        "max_seq_length": task["max_source_length"],
        "batch_size": train["batch_size"],
        "batch_size_eval": train["eval_batch_size"],
        "max_steps": training["steps"],
        # Parity evaluates once an epoch.
        "eval_steps": None,
        "compile": False,
        "use_gc": train["gradient_checkpointing"],
        "query_template": task["prompt"].replace("{dialogue}", "{query}"),
        "seed": record["seed"],
        "grad_norm_clip": train["max_grad_norm"],
        "optimizer_type": train["optim"],
        "optimizer_kwargs": {"lr": train["learning_rate"], "weight_decay": train["weight_decay"]},
        "lr_scheduler": train["lr_scheduler_type"],
        "use_amp": training["precision"] != "fp32",
        # As get_peft_model does unless it is told otherwise.
        "autocast_adapter_dtype": True if record["kind"] == "peft" else None,
        "generation_kwargs": {key: value for key, value in generation.items() if key not in NOT_DECODING},
        "attn_implementation": None,
        "init_kv_cache_prefix": None,
    }


def _train_info(study: FinishedStudy, run: Run, record: dict) -> dict:
    training = record["training"]
    adds = training["trainable"] if record["kind"] == "peft" else 0
    return {
        "accelerator_memory_reserved_avg": None,
        "accelerator_memory_max": training["peak_gpu_bytes"],
        "accelerator_memory_reserved_99th": None,
        "train_time": training["seconds_by_phase"]["train"],
        "file_size": training["bytes_on_disk"],
        "num_trainable_params": training["trainable"],
        # PEFT counts an adapter's parameters in.
        "num_total_params": training["parameters"] + adds,
        "status": "success",
        "metrics": _metrics(
            read_json(study.run_folder(run) / "train.json"), record, study.audit["splits"]["train"]["references"]
        ),
    }


def _metrics(course: dict, record: dict, examples: int) -> list[dict]:
    """An entry an evaluation, and a last one of the test split. `examples` are those of an epoch."""
    training = record["training"]

    def train_loss(step: int) -> float | None:
        return next((point["loss"] for point in reversed(course["loss"]) if point["step"] <= step), None)

    entries = [
        {
            "step": point["step"],
            "valid accuracy": None,
            "valid loss": point["eval_loss"],
            "train loss": train_loss(point["step"]),
            "train samples": round(point["epoch"] * examples),
        }
        for point in course["eval_loss"]
    ]
    last = {
        "step": training["steps"],
        "test accuracy": None,
        **{f"test {metric}": record["metrics"][metric] for metric in METRICS},
        "train loss": training["loss"],
        "train samples": training["token_sums"]["example"],
        "train total tokens": training["input_tokens"] + training["target_tokens"],
    }
    return [*entries, last]


def _meta_info(study: FinishedStudy, record: dict) -> dict:
    data, packages = hub_source(study.config, "data"), record["provenance"]["packages"]
    machine, device = record["training"]["machine"], record["training"]["device"]
    # As platform.platform() puts it together: Linux-6.1.0-x86_64-with-glibc2.36.
    parts = re.fullmatch(r"(?P<system>[^-]+)-(?P<release>.+)-(?P<machine>[^-]+)-with-.+", machine["system"])
    name = data.repo_id if data else record["task"]["data"]["name_or_path"]
    return {
        "model_info": _repository(hub_source(study.config, "model")),
        "dataset_info": {name: _repository(data)},
        "package_info": {
            key: value
            for package in PACKAGES
            for key, value in ((f"{package}-version", packages.get(package)), (f"{package}-commit-hash", None))
        },
        "system_info": {
            "system": parts["system"] if parts else machine["system"],
            "release": parts["release"] if parts else None,
            "version": None,
            "machine": parts["machine"] if parts else None,
            "processor": machine["processor"],
            "accelerator": None if device == "cpu" else device,
        },
        "pytorch_info": None,
    }


def _repository(source: HubSource | None) -> dict:
    return {"sha": source.commit if source else None, "created_at": None}
