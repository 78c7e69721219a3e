"""Which methods' seeds train together in one process, and in which groups. Read by the Snakefile: nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from .files import read_json

AUTO = "auto"
# They train no layer of the model, but what comes before it: there is nothing that rows could go through one by one.
PROMPTS = ("ADAPTION_PROMPT", "CARTRIDGE", "CPT", "MULTITASK_PROMPT_TUNING", "PREFIX_TUNING", "PROMPT_TUNING", "P_TUNING")


def is_ganged(block: dict, n_seeds: int, on_gpu: bool) -> bool:
    """Whether the seeds of a method train in one process.

    `auto` lets them on a GPU, which one seed of a small model leaves idle, where nothing stands against it; whether their batches
    are then computed together, the job finds by trying (gang_pace.py). On a CPU, whose cores are busy with one seed, a gang does
    not pay (docs/GANG.md).

    Args:
        block: the method's resolved block.
    """
    wish = block.get("train", {}).get("gang", False)
    if wish == AUTO:
        return on_gpu and n_seeds > 1 and obstacle(block) is None
    return wish


def obstacle(block: dict) -> tuple[str, str] | None:
    """Why the seeds of a method cannot train together, and what to change; None where they can."""
    train = block["train"]
    peft_type = str(block.get("peft", {}).get("peft_type")).upper()
    if peft_type in PROMPTS:
        return f"{peft_type} puts no adapter into the layers, which rows could go through one each", "Set gang: false for it"
    if "quantization" in block:
        return "weights in 8 or 4 bits are not shared among seeds", "Remove quantization, or set gang: false"
    for key, alone in (("gpus_per_run", 1), ("gradient_accumulation_steps", 1), ("gradient_checkpointing", False)):
        if train[key] != alone:
            return f"{key} = {train[key]} is of one seed's process or memory", f"Set {key}: {str(alone).lower()}, or gang: false"
    return None


def gang_contradictions(name: str, block: dict, n_seeds: int) -> Iterator[tuple[str, str, str]]:
    """What speaks against `gang: true`, as (key and value, problem, remedy)."""
    if block["train"].get("gang") is not True:
        return
    where = f"methods.{name}.train.gang = true"
    if found := obstacle(block):
        yield where, *found
    elif n_seeds < 2:
        yield where, "there is one seed, and a gang has two or more", "Add seeds, or set gang: false or auto"


def gangs(seeds: Sequence[int], folder: Path) -> list[list[int]]:
    """The groups that the seeds of a method train in: those that have trained together stay together, the others are one group.

    So seeds that are added later leave the others alone, and a seed that is lost comes back in its company.

    Args:
        folder: results/<name>/<method>.
    """
    groups: list[list[int]] = []
    grouped: set[int] = set()
    for seed in seeds:
        together = _trained_with(folder / f"seed-{seed}")
        if together and set(together) <= set(seeds) - grouped:
            groups.append(together)
            grouped.update(together)
    others = [seed for seed in seeds if seed not in grouped]
    return groups + ([others] if others else [])


def _trained_with(folder: Path) -> list[int] | None:
    record = folder / "train.json"
    return read_json(record).get("ganged") if record.is_file() else None
