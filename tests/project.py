"""A copy of the project to run in, and Snakemake run in it as a user would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PARTS = ("Snakefile", "config", "parity", "profiles", "workflow", "resources")


class Project:
    """A copy of the workflow in `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        ignore = shutil.ignore_patterns("__pycache__", "hub")
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=ignore)
            else:
                shutil.copy2(source, folder / part)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--nocolor", *arguments]

    def environment(self) -> dict[str, str]:
        """The caller's environment without what could change a run."""
        dropped = ("SNAKEMAKE_PROFILE", "HF_HUB_OFFLINE", "PYTHONPATH")
        return {key: value for key, value in os.environ.items() if key not in dropped}

    def snakemake(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run Snakemake to its end; its output, stdout and stderr together, is `stdout`."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"snakemake {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-6000:]}")
        return done

    def planned_jobs(self, *arguments: str) -> dict[str, int]:
        """The jobs that a dry run counts, a rule each, `all` left out; empty where nothing is to be done."""
        output = self.snakemake("-n", "--cores", "4", *arguments).stdout
        if "Nothing to be done" in output:
            return {}
        table = output.split("Job stats:")[1].split("total")[0]
        counts = {rule: int(count) for rule, count in re.findall(r"^(\w+)\s+(\d+)$", table, re.M)}
        counts.pop("all", None)
        return counts

    def edit_config(self, edit, source: str = "config/config.yaml", target: str = "config/config.yaml") -> str:
        """Apply `edit(config)` to the config file `source`, write it as `target` and return that name."""
        config = yaml.safe_load((self.folder / source).read_text(encoding="utf-8"))
        edit(config)
        (self.folder / target).write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        return target
