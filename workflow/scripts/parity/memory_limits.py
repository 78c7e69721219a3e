"""Whether a run fits into the machine that it is about to begin on, by what was estimated."""

from __future__ import annotations

import psutil
import torch

from .errors import InputError
from .files import read_json

HELP = {
    "train": "gradient_checkpointing: true, more gradient_accumulation_steps or a smaller max_source_length need less for a batch;"
    " fsdp with more gpus_per_run, kind peft and, for that, quantization need less for weights, gradients and optimiser",
    "generate": "A smaller generation.batch_size, fewer num_beams and, for kind peft, quantization need less",
}


def refuse_what_cannot_fit(checked: str | None, name: str, stage: str, processes: int = 1) -> None:
    """Say where a method is estimated to take more memory than there is, before anything is loaded.

    Args:
        checked: the file of the rule check; without one nothing is known.
        stage: "train" or "generate".
        processes: of the run; several have a GPU each, which only they may look at.
    Raises:
        InputError: not even the smallest part of a batch would fit.
    """
    if checked is None or (torch.cuda.is_available() and processes > 1):
        return
    on_gpu = torch.cuda.is_available()
    estimate = read_json(checked)[name]["memory"][stage]["gpu" if on_gpu else "cpu"]
    if on_gpu:
        there, asked, place = torch.cuda.get_device_properties(0).total_memory // 10**6, estimate["device_mb"], "this GPU"
    else:
        there, asked, place = psutil.virtual_memory().total // 10**6, estimate["host_mb"], "this machine"
    if estimate["least_mb"] > there:
        problem = f"{stage} takes at least {estimate['least_mb']} MB of memory, and {place} has {there}"
        raise InputError(f"methods.{name}", problem, HELP[stage])
    if asked > there:
        print(f"{name}: up to {asked} MB of memory are estimated, and {place} has {there}. {HELP[stage]}", flush=True)
