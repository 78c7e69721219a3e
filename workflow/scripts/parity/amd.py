"""AMD's GPUs as the kernel lists them, and those that ROCm's variables leave visible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .gpu_device import Gpu, chosen_gpus

# What ROCm itself reads to find its GPUs.
NODES = Path("/sys/class/kfd/kfd/topology/nodes")
# Kinds of a GPU's memory: visible to the processor, or its own alone.
GPU_MEMORY = (1, 2)


def all_gpus() -> list[Gpu]:
    """Every GPU that this process may use, in ROCm's order. Empty without AMD's driver."""
    gpus: list[Gpu] = []
    numbered = (path for path in NODES.glob("[0-9]*") if path.name.isdigit())
    for node in sorted(numbered, key=lambda path: int(path.name)):
        properties = _properties(node / "properties")
        # The others are processors.
        if properties.get("simd_count", 0) > 0:
            gpus.append(
                Gpu(
                    # Differs between the partitions of one GPU, whose unique_id does not.
                    id=f"renderD{properties['drm_render_minor']}",
                    index=len(gpus),
                    uuid=f"GPU-{properties.get('unique_id', 0):016x}",
                    name=_name(node),
                    memory_mb=_memory_mb(node),
                )
            )
    return gpus


def visible_gpus(environ: Mapping[str, str]) -> list[Gpu]:
    """The GPUs that ROCR_VISIBLE_DEVICES and, counted among the ones which that leaves, HIP_VISIBLE_DEVICES show.

    CUDA_VISIBLE_DEVICES is read where HIP_VISIBLE_DEVICES is not set, as HIP does.

    Raises:
        InputError: one of them names what is not there.
    """
    left = all_gpus()
    hip = "HIP_VISIBLE_DEVICES" if "HIP_VISIBLE_DEVICES" in environ else "CUDA_VISIBLE_DEVICES"
    for variable in ("ROCR_VISIBLE_DEVICES", hip):
        if variable in environ and left:
            left = _chosen(variable, environ[variable], left)
    return left


def environment(gpus: Sequence[Gpu]) -> dict[str, str | None]:
    """What a process's environment must hold to compute on `gpus`, and no others; None: what it must not hold."""
    return {
        "ROCR_VISIBLE_DEVICES": ",".join(str(gpu.index) for gpu in gpus),
        # Counted among those that the first variable leaves.
        "HIP_VISIBLE_DEVICES": ",".join(str(number) for number in range(len(gpus))),
        "CUDA_VISIBLE_DEVICES": None,
    }


def _chosen(variable: str, value: str, gpus: Sequence[Gpu]) -> list[Gpu]:
    counted = [replace(gpu, index=position) for position, gpu in enumerate(gpus)]
    return [gpus[gpu.index] for gpu in chosen_gpus(variable, value, counted)]


def _properties(file: Path) -> dict[str, int]:
    """Lines of a name and a number. Empty for a GPU that is hidden from this process (a container, a job of a cluster)."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split() for line in lines)
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}


def _name(node: Path) -> str:
    try:
        return (node / "name").read_text(encoding="utf-8").strip() or "AMD"
    except OSError:
        return "AMD"


def _memory_mb(node: Path) -> int | None:
    banks = [_properties(file) for file in node.glob("mem_banks/*/properties")]
    return sum(bank.get("size_in_bytes", 0) for bank in banks if bank.get("heap_type") in GPU_MEMORY) // 10**6 or None
