"""A GPU of this machine, and how the variables that restrict a process to some of them are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import InputError

# What Slurm writes where a job got no GPU.
NO_GPU = "NoDevFiles"


@dataclass(frozen=True)
class Gpu:
    """What one process can compute on: a GPU, or a part of one that was divided by MIG.

    Attributes:
        id: unique on this machine, and the same for every user of it.
        index: the GPU's number, from 0; of a part, that of the GPU which it belongs to.
        uuid: the whole GPU's UUID.
        name: the model, as its vendor calls it.
        memory_mb: memory that programs can have, in MB (10^6 bytes); None where nothing says it.
    """

    id: str
    index: int
    uuid: str
    name: str
    memory_mb: int | None

    @property
    def is_part(self) -> bool:
        return self.id.startswith("MIG-")

    def __str__(self) -> str:
        return f"GPU {self.index} ({self.name}, {self.id})"


def chosen_gpus(variable: str, value: str, gpus: Sequence[Gpu]) -> list[Gpu]:
    """What a variable such as CUDA_VISIBLE_DEVICES leaves visible of `gpus`, in its order.

    Args:
        value: numbers, ids or beginnings of ids, separated by commas. A number below 0 ends the list; it may be empty. A
            number or UUID of a GPU that is divided stands for all its parts.
    Raises:
        InputError: something in `value` names no GPU, or not one alone, or a GPU twice. CUDA and HIP would show fewer GPUs,
            without a word.
    """
    chosen: list[Gpu] = []
    for entry in named_entries(value):
        where, known = f"{variable} = {value}", ", ".join(map(str, gpus))
        names = _names_meant(entry, gpus)
        if not names:
            raise InputError(where, f"there is no GPU {entry} here", f"Name some of these, or unset {variable}: {known}")
        if len(names) > 1:
            raise InputError(where, f"{entry} is the beginning of several ids", f"Write more of it: {known}")
        named = [gpu for gpu in gpus if names & {str(gpu.index), gpu.uuid, gpu.id}]
        if set(named) & set(chosen):
            raise InputError(where, f"{entry} is a GPU that is named already: no GPU at all would be visible", "Name each once")
        chosen += named
    return chosen


def named_entries(value: str) -> list[str]:
    """What stands in such a variable before anything that ends the list."""
    entries = [part.strip() for part in value.split(",")]
    ends = (number for number, entry in enumerate(entries) if entry in ("", NO_GPU) or re.fullmatch(r"-\d+", entry))
    return entries[: next(ends, len(entries))]


def _names_meant(entry: str, gpus: Sequence[Gpu]) -> set[str]:
    """The numbers or ids of `gpus` that `entry` is, or is the beginning of."""
    if re.fullmatch(r"\+?\d+", entry):
        return {str(int(entry))} & {str(gpu.index) for gpu in gpus}
    ids = {gpu.id if entry.startswith("MIG-") else gpu.uuid for gpu in gpus}
    return {name for name in ids if entry.startswith(("GPU-", "MIG-")) and name.lower().startswith(entry.lower())}
