"""A made-up nvidia-smi and a made-up AMD driver: where tests run there is no GPU, and so nothing that lists one."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class MadeUpGpu:
    """A GPU of `memory` MiB, whole or divided into `parts`: (profile, MiB) each."""

    uuid: str
    name: str = "NVIDIA A100-SXM4-40GB"
    memory: int = 40960
    reserved: int = 0
    parts: list[tuple[str, int]] = field(default_factory=list)
    in_mig_mode: bool = False

    def lines(self, index: int) -> list[str]:
        """What `nvidia-smi -L` says of it."""
        parts = [f"  MIG {profile}     Device  {part}: (UUID: {self.part(part)})" for part, (profile, _) in enumerate(self.parts)]
        return [f"GPU {index}: {self.name} (UUID: {self.uuid})", *parts]

    def part(self, number: int) -> str:
        return f"MIG-{number}{self.uuid.removeprefix('GPU-')}"

    def xml(self) -> str:
        """What `nvidia-smi -q -x` says of it. Of parts, that gives memory and no id."""
        parts = "".join(
            f"<mig_device><index>{number}</index>{_memory(memory, 0)}</mig_device>"
            for number, (_, memory) in enumerate(self.parts)
        )
        mode = "Enabled" if self.parts or self.in_mig_mode else "N/A"
        return (
            f"<gpu><uuid>{self.uuid}</uuid><mig_mode><current_mig>{mode}</current_mig></mig_mode>"
            f"<mig_devices>{parts or 'None'}</mig_devices>{_memory(self.memory, self.reserved)}</gpu>"
        )


def _memory(total: int, reserved: int) -> str:
    return f"<fb_memory_usage><total>{total} MiB</total><reserved>{reserved} MiB</reserved></fb_memory_usage>"


def uuid(number: int) -> str:
    return f"GPU-{number:08d}-1111-2222-3333-444444444444"


def write_nvidia_smi(folder: Path, gpus: list[MadeUpGpu]) -> str:
    """Write an nvidia-smi that lists `gpus` into `folder`; returns a PATH on which it is the first."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [line for index, gpu in enumerate(gpus) for line in gpu.lines(index)]
    (folder / "list").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (folder / "details").write_text(f"<nvidia_smi_log>{''.join(gpu.xml() for gpu in gpus)}</nvidia_smi_log>", encoding="utf-8")
    return write_command(folder, f'case "$*" in -L) cat "{folder}/list";; "-q -x") cat "{folder}/details";; *) exit 2;; esac')


def write_command(folder: Path, script: str) -> str:
    """Write an nvidia-smi that runs `script`; returns a PATH on which it is the first."""
    folder.mkdir(parents=True, exist_ok=True)
    command = folder / "nvidia-smi"
    command.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    command.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def write_amd_nodes(folder: Path, gpus: list[tuple[int, int]]) -> Path:
    """Write what AMD's driver says of a machine with one processor and `gpus`: (unique id, MiB) each."""
    _write_node(folder / "0", {"cpu_cores_count": 8, "simd_count": 0, "drm_render_minor": 0}, [(0, 2**35)])
    for number, (unique_id, mebibytes) in enumerate(gpus):
        properties = {"simd_count": 416, "unique_id": unique_id, "drm_render_minor": 128 + number}
        _write_node(folder / str(number + 1), properties, [(1, mebibytes * 2**20)])
    return folder


def _write_node(node: Path, properties: dict[str, int], banks: list[tuple[int, int]]) -> None:
    node.mkdir(parents=True)
    (node / "name").write_text("gfx942\n", encoding="utf-8")
    (node / "properties").write_text("".join(f"{key} {value}\n" for key, value in properties.items()), encoding="utf-8")
    for number, (kind, size) in enumerate(banks):
        bank = node / f"mem_banks/{number}"
        bank.mkdir(parents=True)
        (bank / "properties").write_text(f"heap_type {kind}\nsize_in_bytes {size}\n", encoding="utf-8")
