"""From a train job's start to the end of its first training step: Parity's job against plain Python with the same libraries.

The quick start's model and data, LoRA, one thread, in turn on this machine.

    .venv/bin/python benchmarks/speed/startup.py [--times 5]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "workflow/scripts"))
sys.path.insert(0, str(ROOT / "tests"))

from project import Project  # noqa: E402
from tabulate import tabulate  # noqa: E402

from parity import warm  # noqa: E402

PLAIN = Path(__file__).with_name("plain_training.py")
WORK = "from a train job's start through its first step"
AGAINST = "plain Python: the same libraries, data, model and Trainer"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    print(tabulate(rows(parser.parse_args().times), headers="keys", tablefmt="github", floatfmt=".2f"))


def rows(times: int = 5) -> list[dict[str, Any]]:
    """Medians of `times` measurements of each side, in turn.

    Returns:
        a row with the warm process and one without, as where jobs run on a cluster: what is done (`work`), what it is
        measured `against`, `ours` and `theirs` in `unit`, their `ratio` (above 1: ours is faster), and a `note`.
    """
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
    with tempfile.TemporaryDirectory(prefix="parity-startup-") as folder:
        project = Project(Path(folder) / "project")
        script = train_script(project)
        process = warm.start(project.folder / "warm.log")
        socket = os.environ.pop(warm.SOCKET_VARIABLE)
        _until(lambda: "Loaded" in (project.folder / "warm.log").read_text())
        sides = {
            "warm": lambda: seconds_of_job(project, script, {warm.SOCKET_VARIABLE: socket}),
            "cold": lambda: seconds_of_job(project, script, {}),
            "plain": lambda: seconds_of_plain(project),
        }
        measured = {name: [] for name in sides}
        try:
            for _ in range(times):
                for name, seconds in sides.items():
                    measured[name].append(seconds())
        finally:
            process.stdin.close()
            process.wait()
    medians = {name: statistics.median(values) for name, values in measured.items()}
    return [
        {
            "work": f"{WORK}{case}",
            "against": AGAINST,
            "ours": medians[name],
            "theirs": medians["plain"],
            "ratio": medians["plain"] / medians[name],
            "unit": "s",
            "note": f"medians of {times}, in turn; ours {_range(measured[name])}, theirs {_range(measured['plain'])}",
        }
        for name, case in (("warm", ""), ("cold", ", no warm process (PARITY_WARM=0)"))
    ]


def train_script(project: Project) -> Path:
    """The script of the rule train as Snakemake wrote it for one run of the quick start, whose data lie prepared."""

    def one_step(config: dict) -> None:
        config.update(name="startup", compare=["lora"], seeds=[1])
        config["train"].update(max_steps=1, logging_steps=1)
        # What comes after the first step is to be short.
        config["data"].update(max_validation_samples=4, max_test_samples=4)
        del config["comparison"], config["train"]["num_train_epochs"]

    project.edit_config(one_step)
    project.snakemake("--cores", "1", "--until", "train", "--skip-script-cleanup")
    return next((project.folder / ".snakemake/scripts").glob("*.train.py"))


def seconds_of_job(project: Project, script: Path, environment: dict[str, str]) -> float:
    """From the start of the shell that Snakemake starts a job in to the line of the first step in the job's log."""
    log = project.folder / "results/startup/logs/train/lora/seed-1.log"
    log.unlink(missing_ok=True)
    command = ["bash", "-c", f"set -euo pipefail; {sys.executable} {script}"]
    return _until_first_step(command, project, environment, lambda: log.exists() and "step 1/" in log.read_text())


def seconds_of_plain(project: Project) -> float:
    """From the start of plain_training.py to the line that it prints after its first step."""
    output = project.folder / "plain.log"
    output.write_text("")
    tokens, model = project.folder / "results/startup/data/tokens", project.folder / "resources/quickstart/model"
    command = ["bash", "-c", f"{sys.executable} {PLAIN} {tokens} {model} {project.folder / 'plain'} > {output} 2>&1"]
    return _until_first_step(command, project, {}, lambda: "step 1/" in output.read_text())


def _until_first_step(command: list[str], project: Project, environment: dict[str, str], done: Callable[[], bool]) -> float:
    environment = os.environ | dict.fromkeys(warm.THREADS, "1") | environment
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=project.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _until(lambda: done() or _refuse_failed(process))
    seconds = time.perf_counter() - started
    # A run of one step ends by itself, and the next must not compute beside it.
    process.wait()
    return seconds


def _refuse_failed(process: subprocess.Popen) -> bool:
    if process.poll():
        raise RuntimeError(f"{process.args[-1]} ended with {process.returncode}")
    return False


def _until(done: Callable[[], bool]) -> None:
    while not done():
        time.sleep(0.01)


def _range(seconds: list[float]) -> str:
    return f"{min(seconds):.2f} to {max(seconds):.2f}"


if __name__ == "__main__":
    main()
