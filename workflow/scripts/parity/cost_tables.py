"""What runs cost, as columns of results.csv and summary.csv and as tables of the page."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .costs import total
from .wording import markdown, number

PHASES = ("start_up", "load", "train", "evaluate", "save", "generate", "score")
# Of one job each, training (train_) and generation (generate_).
OF_A_JOB = (
    "examples_per_second",
    "tokens_per_second",
    "padding_share",
    "model_flops",
    "model_flops_utilisation",
    "peak_host_bytes",
    "peak_gpu_bytes",
)
COST_COLUMNS = (
    "trainable",
    "trainable_percent",
    "bytes_on_disk",
    *(f"{phase}_seconds" for phase in PHASES),
    *(f"{job}_{key}" for job in ("train", "generate") for key in OF_A_JOB),
    "gpu_hours",
    "gpu_energy_joules",
    "cpu_energy_joules",
)


def cost_row(record: dict) -> dict[str, Any]:
    """COST_COLUMNS of a run (rouge.json): seconds by phase, GPU hours and energy of all its jobs together.

    What a run has nothing of, and what is not known, is None; a pretrained model trains nothing, at no cost.
    """
    training, generation = record["training"] or {}, record["generation"] or {}
    jobs = [job for job in (training, generation, record["scoring"]) if job]
    seconds: dict[str, float] = {}
    for job in jobs:
        for phase, spent in job["seconds_by_phase"].items():
            seconds[phase] = round(seconds.get(phase, 0.0) + spent, 3)
    nothing = 0 if record["kind"] == "zero_shot" else None
    on_gpus = [job for job in (training, generation) if job]
    return (
        {key: training.get(key, nothing) for key in ("trainable", "trainable_percent", "bytes_on_disk")}
        | {f"{phase}_seconds": seconds.get(phase) for phase in PHASES}
        | ({} if nothing is None else {"train_seconds": 0, "evaluate_seconds": 0, "save_seconds": 0})
        | {f"train_{key}": training.get(key) for key in OF_A_JOB}
        | {f"generate_{key}": generation.get(key) for key in OF_A_JOB}
        | {
            "gpu_hours": sum(job["gpu_hours"] for job in jobs),
            "gpu_energy_joules": total([job["gpu_energy_joules"] for job in on_gpus]) if on_gpus else None,
            "cpu_energy_joules": total([job["cpu_energy_joules"] for job in jobs]),
        }
    )


def cost_parts(summary: pd.DataFrame) -> list[str]:
    """The section "What it costs" of the page, from a row a method with COST_COLUMNS; empty where no method has a model."""
    methods = summary[summary["trainable"].notna()]
    if methods.empty:
        return []
    on_gpu = methods["gpu_hours"].gt(0).any()
    memory = "the GPU's" if on_gpu else "the machine's"
    parts = [
        "## What it costs",
        f"Means over seeds. Size: the weights that a run leaves on disk. Memory: the peak while training, {memory}.",
        markdown(
            [_costs(method, on_gpu, summary["published_trainable_percent"].notna().any()) for _, method in methods.iterrows()]
        ),
        "Where the time went. *Start* is what jobs take to begin: libraries, data, model. *Tokens/s*: trained on, source and target "
        "without padding. *Padding*: the share of padding among the tokens of training's batches. *Utilisation*: what "
        "training needs of products of matrices, as a share of what the device does of plain ones.",
        markdown([_speed(method, summary) for _, method in methods.iterrows()]),
    ]
    return parts


def _costs(method: pd.Series, on_gpu: bool, is_published: bool) -> dict[str, str]:
    row = {
        "Method": method["method"],
        "Trainable parameters": f"{method['trainable']:,.0f}",
        "Trainable %": number(method["trainable_percent"], 3),
        "Size, MB": number(method["bytes_on_disk"] / 1e6, 2),
        "Training, s": number(method["train_seconds"], 1),
        "Memory, MB": number(method[f"train_peak_{'gpu' if on_gpu else 'host'}_bytes"] / 1e6, 0),
        "Generation, s": number(method["generate_seconds"], 1),
    }
    if is_published:
        row["Published trainable %"] = number(method["published_trainable_percent"], 2)
    return row


def _speed(method: pd.Series, summary: pd.DataFrame) -> dict[str, str]:
    row = {
        "Method": method["method"],
        "Start, s": number(method["start_up_seconds"] + method["load_seconds"], 1),
        "Evaluation, s": number(method["evaluate_seconds"], 1),
        "Scoring, s": number(method["score_seconds"], 1),
        "Tokens/s": number(method["train_tokens_per_second"], 0),
        "Padding, %": number(100 * method["train_padding_share"], 1),
        "Utilisation, %": number(100 * method["train_model_flops_utilisation"], 1),
    }
    if summary["gpu_hours"].gt(0).any():
        row["GPU hours"] = number(method["gpu_hours"], 2)
    for device in ("gpu", "cpu"):
        if summary[f"{device}_energy_joules"].notna().any():
            row[f"{device.upper()} energy, kJ"] = number(method[f"{device}_energy_joules"] / 1e3, 1)
    return row
