"""Packages of Debian that tests need, installed by one process at a time."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from filelock import FileLock
from patience import PATIENCE_SECONDS


def install(packages: Callable[[], Sequence[str]], output: IO[bytes] | int = subprocess.DEVNULL) -> None:
    """Install, as root, what `packages` says is missing, asked again once no other test installs anything.

    Raises:
        subprocess.SubprocessError: apt-get could not; its words are in `output`.
    """
    with FileLock(Path(tempfile.gettempdir(), "parity-tests-apt.lock")):
        if not (wanted := packages()):
            return
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *wanted]):
            subprocess.run(
                ["apt-get", "-q", "-o", f"DPkg::Lock::Timeout={PATIENCE_SECONDS}", *command],
                env=environment,
                stdout=output,
                stderr=output,
                check=True,
                timeout=PATIENCE_SECONDS,
            )
