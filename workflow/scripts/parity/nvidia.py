"""NVIDIA's GPUs as nvidia-smi lists them, and those that CUDA_VISIBLE_DEVICES leaves visible."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from .errors import InputError
from .gpu_device import Gpu, chosen_gpus, named_entries

VARIABLE = "CUDA_VISIBLE_DEVICES"
# A driver that hangs must not hold up the run for ever.
SECONDS_TO_ANSWER = 120
GPU_LINE = re.compile(r"GPU (\d+): (.+) \(UUID: (GPU-[^)]+)\)")
PART_LINE = re.compile(r"\s+MIG (\S+)\s+Device\s+(\d+): \(UUID: (MIG-[^)]+)\)")


def all_gpus() -> list[Gpu]:
    """Every GPU that nvidia-smi shows, in its order; in place of a GPU in MIG mode, its parts. Empty without nvidia-smi."""
    listed = _nvidia_smi("-L")
    if not GPU_LINE.search(listed):
        return []
    details = _details()
    gpus: list[Gpu] = []
    for line in listed.splitlines():
        if whole := GPU_LINE.match(line):
            index, name, uuid = int(whole[1]), whole[2], whole[3]
            memory, in_parts, memory_of_parts = details.get(uuid, (None, False, {}))
            if not in_parts:
                gpus.append(Gpu(uuid, index, uuid, name, memory))
        elif part := PART_LINE.match(line):
            # Whatever else is known of it: a GPU that is listed with parts is none as a whole.
            gpus = [gpu for gpu in gpus if gpu.id != uuid]
            gpus.append(Gpu(part[3], index, uuid, f"{name} MIG {part[1]}", memory_of_parts.get(int(part[2]))))
    return gpus


def visible_gpus(environ: Mapping[str, str]) -> list[Gpu]:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves visible: all where it is not set. Its numbers count in nvidia-smi's order.

    Raises:
        InputError: it names what is not there; or it holds numbers that mean other GPUs to CUDA than to nvidia-smi; or
            nvidia-smi does not answer.
    """
    value = environ.get(VARIABLE)
    gpus = all_gpus() if value is None or named_entries(value) else []
    if value is None or not gpus:
        return gpus
    if re.match(r"\s*\+?\d", value) and environ.get("CUDA_DEVICE_ORDER") == "FASTEST_FIRST" and len({g.name for g in gpus}) > 1:
        raise InputError(
            f"{VARIABLE} = {value}",
            "with CUDA_DEVICE_ORDER = FASTEST_FIRST and different GPUs, only CUDA knows which ones these numbers mean",
            "Set CUDA_DEVICE_ORDER=PCI_BUS_ID, which is nvidia-smi's order, or name UUIDs (nvidia-smi -L)",
        )
    return chosen_gpus(VARIABLE, value, gpus)


def environment(gpus: Sequence[Gpu]) -> dict[str, str | None]:
    """What a process's environment must hold to compute on `gpus`, and no others. UUIDs mean the same in any order."""
    return {VARIABLE: ",".join(gpu.id for gpu in gpus)}


def _details() -> dict[str, tuple[int | None, bool, dict[int, int | None]]]:
    """By UUID: memory in MB, whether the GPU is in MIG mode, and the memory of its parts by their number.

    Only this format of nvidia-smi says how much memory a part has; which ids parts have, it does not say.
    """
    try:
        tree = ElementTree.fromstring(_nvidia_smi("-q", "-x"))
    except ElementTree.ParseError:
        return {}
    return {
        gpu.findtext("uuid", ""): (
            _memory_mb(gpu),
            gpu.findtext("mig_mode/current_mig") == "Enabled",
            {int(part.findtext("index", "-1")): _memory_mb(part) for part in gpu.iterfind("mig_devices/mig_device")},
        )
        for gpu in tree.iterfind("gpu")
    }


def _memory_mb(device: ElementTree.Element) -> int | None:
    """What is not kept for the driver, in MB; nvidia-smi counts in MiB."""
    mebibytes = {}
    for name in ("total", "reserved"):
        number = re.match(r"\d+", device.findtext(f"fb_memory_usage/{name}", ""))
        mebibytes[name] = int(number[0]) if number else 0
    return (mebibytes["total"] - mebibytes["reserved"]) * 2**20 // 10**6 or None


def _nvidia_smi(*options: str) -> str:
    """Its output, which may list working GPUs even where it fails on a broken one. Empty where it is not installed."""
    command = ["nvidia-smi", *options]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS_TO_ANSWER
        )
    except FileNotFoundError:
        return ""
    except (OSError, subprocess.TimeoutExpired) as error:
        # Computing on without it, this run could meet another one on a GPU.
        remedy = f"Look at the driver; to compute on the CPU alone: export {VARIABLE}=-1"
        raise InputError(" ".join(command), f"which GPUs there are cannot be asked ({error})", remedy) from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        print(f"{' '.join(command)} ended with {done.returncode}: {said}", file=sys.stderr, flush=True)
    return done.stdout
