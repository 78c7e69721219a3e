"""How much memory a run takes at most, known before it is submitted: of the GPU, and of the machine.

What tensors take is counted: the model itself takes a step, an evaluation and the decoding of a token at the data's longest
inputs (traced_steps.py), and trained parameters have gradients and an optimiser's states. What is no tensor, and what
allocators waste, is in the constants here; `benchmarks/memory.py` compares the whole with real peaks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from .ctranslate2_model import loaded_bytes
from .ctranslate2_rules import BACKEND, precision_of, uses_ctranslate2
from .extent import Extent
from .live_bytes import Peak
from .memory_request import CONTEXT_MB, PROCESS_MB
from .models import base_model, has_adapter
from .optimizer_memory import FP32_BYTES, state_bytes, step_bytes
from .packed_layers import packed_names
from .traced_steps import Device, Subject, evaluation_peak, generation_peak, step_peak

# Measured on a CPU: a process that trains, but for its model. It is smaller where bitsandbytes is not installed.
PROCESS_BYTES = PROCESS_MB * 1e6
# Measured there: what glibc's heap holds at most for a byte of the tensors in it: in training; where activations are computed
# twice, since what is kept of each layer lies between them; and where summaries are written, since caches grow token by token.
HEAP_TRAINING, HEAP_CHECKPOINTING, HEAP_GENERATION = 2.0, 3.1, 2.1
# Measured there: what converting a model for CTranslate2 takes at most for a byte of it in fp32.
CONVERSION = 2
# For want of a GPU not measured: a process that uses CUDA; on the GPU its context with kernels and cuBLAS's workspace; and
# what torch's caching allocator holds at most for a byte of tensors.
GPU_PROCESS_BYTES = 3000e6
CONTEXT_BYTES = CONTEXT_MB * 1e6
GPU_HEAP = 1.1


@dataclass(frozen=True)
class Weights:
    """Bytes of a model's weights: in memory, and of the files that they are read from."""

    held: int
    stored: int


def training_memory(subject: Subject, weights: Weights, settings: dict, extent: Extent) -> dict[str, dict[str, int]]:
    """What a training takes on a CPU ("cpu") and on a GPU ("gpu"), in MB.

    Args:
        settings: a method's resolved `train` block.
    Returns:
        for each the terms of one process, and
        host_mb: of the machine, for all processes of the run;
        device_mb: of each GPU;
        least_mb: of the GPU, or on a CPU of the machine, if a part of a batch were no example at all;
        gang_seed_mb: of the GPU, or on a CPU of the machine, for each further seed that trains in the same gang.
    """
    return {name: _training_on(device, subject, weights, settings, extent) for name, device in _devices(settings).items()}


def generation_memory(subject: Subject, weights: Weights, settings: dict, extent: Extent) -> dict[str, dict[str, int]]:
    """What writing the test split's summaries takes, as training_memory says it, for a resolved `generation` block."""
    found = {}
    in_ctranslate2 = uses_ctranslate2(settings)
    for name, device in _devices(settings).items():
        peak = subject.at_batch(
            lambda batch, device=device: generation_peak(subject, device, batch, extent.test, settings), settings["batch_size"]
        )
        if in_ctranslate2:
            found[name] = _converted(device, subject, weights, settings, peak)
            continue
        # What is in 8 or 4 bits stays so; all else is cast.
        halved = device.precision == "bf16" and not packed_names(subject.model)
        held = weights.held // 2 if halved else weights.held
        terms = {"weights": held, "activations": peak.all}
        found[name] = _sums(device, weights, terms, held, _allocated(device, peak, HEAP_GENERATION), 0, 1)
    return found


def _converted(device: Device, subject: Subject, weights: Weights, settings: dict, peak: Peak) -> dict[str, int]:
    """What CTranslate2 takes. Its activations are taken to be transformers', which are more."""
    held = loaded_bytes(subject.model, settings["compute_type"])
    # On the machine, wherever it computes: the model in fp32, and copies of what is fused, rounded and written.
    conversion = CONVERSION * weights.held
    beside = conversion if device.is_gpu else max(0, conversion - held)
    terms = {"weights": held, "activations": peak.all}
    fixed = 0 if device.is_gpu else beside
    return _sums(device, weights, terms, held, _allocated(device, peak, HEAP_GENERATION), fixed, 1, beside)


def _devices(settings: dict) -> dict[str, Device]:
    """`auto` is fp32 on a CPU, and taken to be bf16 on a GPU: all have it that were made for this since 2020."""
    chosen = precision_of(settings["compute_type"]) if settings.get("backend") == BACKEND else settings["precision"]
    return {
        "cpu": Device(False, "fp32" if chosen == "auto" else chosen),
        "gpu": Device(True, "bf16" if chosen == "auto" else chosen),
    }


def _training_on(device: Device, subject: Subject, weights: Weights, settings: dict, extent: Extent) -> dict[str, int]:
    processes, parts = settings["gpus_per_run"], settings["gradient_accumulation_steps"]
    shapes = [tuple(parameter.shape) for parameter in subject.model.parameters() if parameter.requires_grad]
    trained, states = FP32_BYTES * sum(map(math.prod, shapes)), state_bytes(settings["optim"], shapes)
    sharded = processes if settings["fsdp"] else 1

    def step_of(batch: int) -> int:
        return step_peak(subject, device, batch, extent.train, settings, sharded_gradients=sharded > 1)

    def evaluation_of(batch: int) -> int:
        return evaluation_peak(subject, device, batch, extent.validation, settings)

    working = subject.at_batch(step_of, math.ceil(settings["batch_size"] / (processes * parts)))
    working = working.beside(subject.at_batch(evaluation_of, math.ceil(settings["eval_batch_size"] / parts)))
    # Beside the gradients that a step counts: DDP's buckets, or what FSDP gathers.
    gathered = _gathered_bytes(subject.model) if sharded > 1 else 0
    copies = trained / sharded + gathered if processes > 1 else 0
    update = (trained + step_bytes(settings["optim"], shapes, device.is_gpu)) / sharded
    kept = (weights.held + states) / sharded
    heap = HEAP_CHECKPOINTING if settings["gradient_checkpointing"] else HEAP_TRAINING
    moving = copies + max(_allocated(device, working, heap), update)
    terms = {"weights": weights.held, "gradients": trained, "optimizer": states, "activations": working.all}
    # What sharded.py makes whole again on the machine: for and from a checkpoint, and for the model that is saved.
    whole = trained + max(states, weights.held) if sharded > 1 else 0
    sums = _sums(device, weights, terms, kept, moving, update + copies, processes, whole)
    return sums | {"gang_seed_mb": _of_a_gangs_seed(device, subject.model, sums, weights.held, trained)}


def _of_a_gangs_seed(device: Device, model: torch.nn.Module, sums: dict[str, int], held: int, trained: int) -> int:
    """MB: a gang has one process and one copy of what is frozen; weights that lie in no adapter are put side by side once more."""
    asked, process = (sums["device_mb"], CONTEXT_BYTES) if device.is_gpu else (sums["host_mb"], PROCESS_BYTES)
    side_by_side = 0 if has_adapter(model) else trained
    return max(1, math.ceil(asked + (side_by_side - process - max(0, held - trained)) / 1e6))


def _allocated(device: Device, peak: Peak, heap: float) -> float:
    """Bytes that the allocator holds for tensors; `heap` is one of the factors for a CPU."""
    return GPU_HEAP * peak.all if device.is_gpu else heap * peak.small + peak.large


def _gathered_bytes(model: torch.nn.Module) -> int:
    """Bytes that FSDP2 gathers of a model whose layers it shards one by one.

    Whole at a time are, with their gradients, the parameters outside of all layers from forward to backward, and the layer
    at work, and the layer that is fetched meanwhile (torch.distributed.fsdp.fully_shard, reshard_after_forward and prefetch).
    """
    names = set(base_model(model)._no_split_modules or ())
    layers = [module for module in model.modules() if type(module).__name__ in names]
    inside = {id(parameter) for layer in layers for parameter in layer.parameters()}
    outside = sum(parameter.nbytes for parameter in model.parameters() if id(parameter) not in inside)
    largest = max((sum(parameter.nbytes for parameter in layer.parameters()) for layer in layers), default=0)
    return 2 * outside + 3 * largest


def _sums(
    device: Device,
    weights: Weights,
    terms: dict[str, float],
    kept: float,
    moving: float,
    fixed: float,
    processes: int,
    whole: float = 0,
) -> dict[str, int]:
    """The terms of one process and the sums in MB. Every process begins with all weights on the CPU.

    Args:
        kept, moving: bytes that a process holds all the time, and at most beside them.
        fixed: of `moving`, what does not depend on the batch.
        whole: bytes that a process holds on the machine beside what it keeps there, while it computes nothing.
    """
    process = GPU_PROCESS_BYTES if device.is_gpu else PROCESS_BYTES
    working = max(weights.held, whole) if device.is_gpu else max(kept + max(moving, whole), weights.held)
    # What starts several processes is one more. The files' pages count while they are read.
    launcher = PROCESS_BYTES if processes > 1 else 0
    host = max(processes * (process + working) + launcher, processes * (process + weights.held) + launcher + weights.stored)
    least = CONTEXT_BYTES + kept + fixed if device.is_gpu else processes * (process + kept + fixed) + launcher
    sums = {"host_mb": host, "least_mb": least} | ({"device_mb": CONTEXT_BYTES + kept + moving} if device.is_gpu else {})
    return {name: math.ceil(size / 1e6) for name, size in ({f"{term}_mb": size for term, size in terms.items()} | sums).items()}
