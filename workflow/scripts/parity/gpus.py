"""The GPUs that a process may use: what this machine has, less what the environment hides."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import amd, nvidia
from .errors import InputError
from .gpu_device import Gpu

LOCAL_PROFILE = "profiles/local-gpu/profile.yaml"


def visible_gpus(environ: Mapping[str, str] = os.environ) -> list[Gpu]:
    """The GPUs that torch would see, in the order that the environment gives them. Empty where there are none.

    Raises:
        InputError: the environment names a GPU that is not there, or nvidia-smi does not answer.
    """
    return _vendor().visible_gpus(environ)


def show_only(gpus: Sequence[Gpu]) -> None:
    """Let this process and those that it starts see `gpus` alone. It must not have asked for CUDA or HIP before."""
    for variable, value in _vendor().environment(gpus).items():
        if value is None:
            os.environ.pop(variable, None)
        else:
            os.environ[variable] = value


def enough_gpus(where: str, count: int, gpus: Sequence[Gpu]) -> list[Gpu]:
    """Those of the visible `gpus` that a run of `count` processes can be given: all, or for several processes the whole ones.

    Args:
        where: the key and value that ask for `count`.
    Raises:
        InputError: they are too few. Where no GPU is visible, any number of processes computes on the CPU.
    """
    if count == 1 or not gpus:
        return list(gpus)
    whole = [gpu for gpu in gpus if not gpu.is_part]
    if len(whole) >= count:
        return whole
    parts = len(gpus) - len(whole)
    seen = f"{len(whole)} GPU{'' if len(whole) == 1 else 's'}" + (f" and {parts} parts of divided ones (MIG)" if parts else "")
    hidden = len(_vendor().all_gpus()) - len(gpus)
    problem = f"a GPU for each process is needed, and this machine has {seen}"
    if hidden:
        problem = f"a GPU for each process is needed, and only {seen} can be seen here: the environment hides {hidden} more"
    if parts:
        problem += "; processes on parts cannot train together"
    raise InputError(where, problem, f"Set it to {max(1, len(whole))}" + (", or show more GPUs" if hidden else ""))


def slots(runs_per_gpu: int) -> int:
    """How many runs at a time the visible GPUs take; 1 without any, where runs compute on the CPU.

    Raises:
        InputError: as visible_gpus; or `runs_per_gpu` is no whole number from 1.
    """
    check_runs_per_gpu(f"{LOCAL_PROFILE}: runs_per_gpu = {runs_per_gpu!r}", runs_per_gpu)
    return max(1, len(visible_gpus()) * runs_per_gpu)


def check_runs_per_gpu(where: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(where, "it must be a whole number, 1 or more", f"Set it in {LOCAL_PROFILE}")


def _vendor():
    """The module of the vendor whose GPUs the installed torch computes on: AMD's where it was built for ROCm, else NVIDIA's.

    Many processors hold a small AMD GPU that no other torch can use. torch itself takes seconds to import.
    """
    found = importlib.util.find_spec("torch")
    version = Path(found.origin).with_name("version.py") if found and found.origin else None
    built_for_rocm = version and version.is_file() and re.search(r"^hip\b[^=]*=\s*['\"]", version.read_text("utf-8"), re.M)
    return amd if built_for_rocm else nvidia
