"""Several trainings in one allocation of one GPU against one each: Slurm jobs, time, and GPU time allocated.

Four trainings of the embedded model on a few dialogues, on a real Slurm on this machine (Debian, as root), in turn.

    .venv/bin/python benchmarks/runs_per_job.py [--times 2]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "tests/slurm"))

from cluster import Cluster  # noqa: E402
from slurm_project import UNTIL_TRAINED, SlurmProject  # noqa: E402
from tabulate import tabulate  # noqa: E402

SIZES = (1, 2, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=2)
    options = parser.parse_args()
    cluster = Cluster(Path("/var/tmp/parity-slurm-benchmark"), 18100)
    cluster.start()
    try:
        project = SlurmProject(cluster, "runs-per-job")
        project.edit_config(lambda config: config.update(seeds=[1, 2, 3, 4], compare=["full"]))
        project.snakemake("--cores", "2", "--until", "check")
        rows = [measured(project, size) for _ in range(options.times) for size in SIZES]
    finally:
        cluster.stop()
    print(tabulate(rows, headers="keys", tablefmt="github", floatfmt=".0f"))


def measured(project: SlurmProject, size: int) -> dict:
    """Train the four runs anew with `size` of them in an allocation."""
    shutil.rmtree(project.results / "full", ignore_errors=True)
    site = project.folder / "profiles/site.yaml"
    lines = site.read_text(encoding="utf-8").splitlines()
    site.write_text("\n".join(f"runs_per_job: {size}" if line.startswith("runs_per_job:") else line for line in lines) + "\n")
    before = {job.id for job in project.jobs()}
    started = time.perf_counter()
    project.start(*UNTIL_TRAINED).wait()
    seconds = time.perf_counter() - started
    jobs = [job.id for job in project.jobs() if job.id not in before]
    time.sleep(2)
    elapsed = project.cluster.command("sacct", "-nXP", "-o", "ElapsedRaw", "-j", ",".join(jobs)).split()
    return {"runs in a job": size, "Slurm jobs": len(jobs), "seconds": seconds, "GPU seconds allocated": sum(map(int, elapsed))}


if __name__ == "__main__":
    main()
