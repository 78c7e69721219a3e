"""Where a number comes from: code, packages, machine."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

FETCHED_COMMIT = "PARITY_FETCHED_COMMIT"
PACKAGES = (
    "snakemake",
    "torch",
    "transformers",
    "sentencepiece",
    "peft",
    "bitsandbytes",
    "ctranslate2",
    "accelerate",
    "datasets",
    "evaluate",
    "rouge_score",
    "rouge_score_rs",
    "numpy",
    "pandas",
    "tabulate",
)


def describe_code(folder: Path) -> dict:
    """Commit of the workflow in `folder` and whether tracked files differ from it; None for both outside a git checkout.

    Of a module that Snakemake fetched from a git host, the Snakefile has told the commit, and nobody has edited it.
    """
    if fetched := os.environ.get(FETCHED_COMMIT):
        return {"commit": fetched, "dirty": False}
    commit = _git(folder, "rev-parse", "HEAD")
    status = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "dirty": None if status is None else bool(status)}


def describe_packages() -> dict[str, str | None]:
    """Version of Python and of every package that a number could depend on; None for one that is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def describe_machine() -> dict:
    """Operating system, processor, cores that this process may use and memory in bytes."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
    }


def now() -> str:
    """The time in UTC, to the second, after ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _processor() -> str:
    """Its name, with family and model where the kernel says them: a cloud's machines of several generations bear one name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor()
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    name = said.get("model name", platform.processor())
    if {"cpu family", "model"} <= said.keys():
        return f"{name} (family {said['cpu family']}, model {said['model']})"
    return name


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
