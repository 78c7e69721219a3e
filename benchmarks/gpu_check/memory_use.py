"""The estimate of a run's memory, from which jobs are placed on GPUs, against what a run really takes."""

from __future__ import annotations

from dataclasses import asdict, replace

from benchmarks import memory

from .ground import Ground
from .report import Failed

LOOSE = 2


def cases(is_small: bool) -> dict[str, memory.Case]:
    """By their names; at the lengths of DialogSum's texts, or short ones of the quick start's model."""
    model = memory.Case("quick start", source=128, target=32) if is_small else memory.Case("T5-small")
    written = {"batch_size": 32, "max_new_tokens": 32 if is_small else 128, "min_new_tokens": 32 if is_small else 128}
    return {
        "full": model,
        "LoRA": replace(model, method="lora", peft=memory.LORA),
        "gradient_checkpointing": replace(model, train={"batch_size": 32, "gradient_checkpointing": True}),
        "generation": replace(model, generation=written),
    }


def bounds(ground: Ground, case: memory.Case) -> str:
    """The estimate is an upper bound, and not a loose one. On a CPU of the machine's memory, on a GPU of the GPU's."""
    folder = ground.folder / "plain"
    estimate = memory.estimate_of(case, folder)["gpu" if ground.on_gpu else "cpu"]
    peaks = ground.run("measure", case=asdict(case), folder=str(folder))
    key = "device_mb" if ground.on_gpu else "host_mb"
    ratio = estimate[key] / peaks[key]
    figure = f"estimate {estimate[key]} MB, peak {peaks[key]:.0f} MB, ratio {ratio:.2f}"
    if ratio < 1:
        raise Failed(f"more than estimated: {figure}")
    return figure + (", loose" if ratio > LOOSE else "")
