"""Slurm and what it stands on, from Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from debian import install
from patience import PATIENCE_SECONDS

PACKAGES = (
    *("slurmctld", "slurmd", "slurm-client", "slurmdbd", "munge"),
    *("mariadb-server-core", "mariadb-client-core"),
)
NO_SERVICES = Path("/usr/sbin/policy-rc.d")


class NoCluster(Exception):
    """This machine cannot carry the cluster, for the reason that the message gives."""


def require_machine() -> None:
    """Raise NoCluster where packages cannot be installed or daemons of other users not be run."""
    if os.geteuid() != 0:
        raise NoCluster("the Slurm cluster needs root")
    if not shutil.which("apt-get") or not shutil.which("dpkg-query"):
        raise NoCluster("the Slurm cluster needs Debian's apt")


def missing_packages() -> list[str]:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *PACKAGES]
    found = subprocess.run(query, capture_output=True, text=True, timeout=PATIENCE_SECONDS).stdout.splitlines()
    return [package for package in PACKAGES if f"installed {package}" not in found]


def install_packages(log: Path) -> None:
    """Install what is missing, without starting any service. Raises NoCluster where apt cannot; its words are in `log`."""
    missing = missing_packages()
    if not missing:
        return
    ours = not NO_SERVICES.exists()
    if ours:
        # What the packages' own scripts ask before they start a service; 101 is "no".
        NO_SERVICES.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        NO_SERVICES.chmod(0o755)
    try:
        with log.open("ab") as output:
            install(missing_packages, output)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise NoCluster(f"apt-get could not install {', '.join(missing)} ({error}); see {log}") from None
    finally:
        if ours:
            NO_SERVICES.unlink()
