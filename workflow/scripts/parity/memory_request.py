"""From what the rule check estimated to what a job asks for. Read by the Snakefile: nothing heavy is imported here."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from .errors import InputError
from .files import digest, read_json

# The settings that an estimate, or a method's fit, depends on: after an edit of others it holds.
OF_METHOD = ("kind", "peft", "quantization")
OF_STAGE = {
    "train": (
        "batch_size",
        "eval_batch_size",
        "fsdp",
        "gpus_per_run",
        "gradient_accumulation_steps",
        "gradient_checkpointing",
        "label_smoothing_factor",
        "optim",
        "precision",
    ),
    "generate": ("backend", "batch_size", "compute_type", "max_new_tokens", "num_beams", "precision"),
}
BLOCKS = {"train": "train", "generate": "generation"}
# Snakemake itself, in the job.
SNAKEMAKE_MB = 300
# What a process on a CPU takes but for its model (measured), and a GPU's context with kernels (not measured, for want of a GPU).
PROCESS_MB, CONTEXT_MB = 650, 700


def settings_digest(block: dict, stage: str) -> str:
    """A digest of those settings of a resolved block that the memory of a stage ("train", "generate") depends on."""
    settings = block[BLOCKS[stage]]
    chosen = {key: block.get(key) for key in OF_METHOD} | {key: settings.get(key) for key in OF_STAGE[stage]}
    return digest(chosen)


def check_file(folder: str, name: str, block: dict, stage: str) -> str:
    """Where it stands what the method, as it is set now, takes in a stage.

    That is the check of all methods, unless one was made for the method alone, or has to be: it was added or edited later.
    """
    of_all, wanted = Path(folder, "check.json"), settings_digest(block, stage)
    alone = Path(folder, "check", f"{name}-{stage}-{wanted[:16]}.json")
    if alone.exists() or (of_all.exists() and _estimate(of_all, name, stage).get("settings") != wanted):
        return str(alone)
    return str(of_all)


def host_mb(checked: str, name: str, stage: str, on_gpu: bool, attempt: int = 1) -> int:
    """MB of the machine's memory to ask for: half as much again with each further attempt.

    Raises:
        FileNotFoundError: there is no such file yet.
    """
    return _grown(_estimate(checked, name, stage)["gpu" if on_gpu else "cpu"]["host_mb"] + SNAKEMAKE_MB, attempt)


def device_mb(checked: str, name: str, stage: str, on_gpu: bool, attempt: int = 1) -> int | None:
    """MB of each GPU; None on a CPU."""
    return _grown(_estimate(checked, name, stage)["gpu"]["device_mb"], attempt) if on_gpu else None


def least_device_mb(checked: str, name: str, stage: str, on_gpu: bool, attempt: int = 1) -> int | None:
    """MB of each GPU that the run takes however small the parts of its batches are; None on a CPU."""
    return _estimate(checked, name, stage)["gpu"]["least_mb"] if on_gpu else None


def gang_host_mb(checked: str, name: str, on_gpu: bool, n_seeds: int, attempt: int = 1) -> int:
    """MB of the machine's memory to ask for, for so many seeds that train together."""
    asked = _estimate(checked, name, "train")["gpu" if on_gpu else "cpu"]["host_mb"]
    more = 0 if on_gpu else (n_seeds - 1) * _estimate(checked, name, "train")["cpu"]["gang_seed_mb"]
    return _grown(asked + more + SNAKEMAKE_MB, attempt)


def gang_device_mb(checked: str, name: str, on_gpu: bool, n_seeds: int, attempt: int = 1) -> int | None:
    """MB of the GPU for so many seeds that train together; None on a CPU."""
    if not on_gpu:
        return None
    estimate = _estimate(checked, name, "train")["gpu"]
    return _grown(estimate["device_mb"] + (n_seeds - 1) * estimate["gang_seed_mb"], attempt)


def most_at_once(checked: str, name: str, on_gpu: bool, there_mb: int) -> int:
    """How many seeds that train together fit into so many MB, of the GPU or the machine; 0 where not even one does."""
    estimate = _estimate(checked, name, "train")["gpu" if on_gpu else "cpu"]
    return max(0, 1 + (there_mb - estimate["device_mb" if on_gpu else "host_mb"]) // estimate["gang_seed_mb"])


def has_gpu() -> bool:
    """Whether a job on this machine would find a GPU: of NVIDIA's or AMD's drivers, and not hidden from outside."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1")
    return not hidden and any(map(os.path.exists, ("/dev/nvidiactl", "/dev/kfd")))


def _estimate(checked: str | Path, name: str, stage: str) -> dict:
    found = Path(checked).stat()
    return _read(str(checked), found.st_ino, found.st_mtime_ns, found.st_size).get(name, {}).get("memory", {}).get(stage, {})


# Every job of a study asks several times, in a process that may also see the file come to be, or be made anew.
@cache
def _read(checked: str, *_of_this_content: int) -> dict:
    try:
        return read_json(checked)
    except ValueError as error:
        raise InputError(checked, f"not as it was written ({error})", "Set it aside with make verify, and start again") from error


def _grown(megabytes: int, attempt: int) -> int:
    return megabytes * (1 + attempt) // 2
