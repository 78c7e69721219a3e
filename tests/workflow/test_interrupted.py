"""A job that is killed, a run that is interrupted, and a full disk: a rerun completes each, to the same table."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from project import Project

UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")

    def shrink(config):
        config["name"] = "small"
        config["compare"] = ["full", "lead"]
        config["seeds"] = [1]
        config["data"].update(max_train_samples=64, max_validation_samples=2, max_test_samples=2)
        config["generation"]["max_new_tokens"] = 8
        config["train"]["logging_steps"] = 1

    project.edit_config(shrink)
    return project


def start_until(project: Project, text: str) -> subprocess.Popen:
    """Start Snakemake in a process group of its own and read its output until `text` has come."""
    process = subprocess.Popen(
        project.command("--cores", "2"),
        cwd=project.folder,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell that runs the tests in the background lets its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for line in process.stdout:
        if text in line:
            return process
    raise AssertionError(f"snakemake ended before it said {text!r}")


def training_process(process: subprocess.Popen) -> psutil.Process:
    """The process that runs the script of the rule train; called once Snakemake has announced it."""
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                if any(part.endswith(".train.py") for part in child.cmdline()):
                    return child
    raise AssertionError("no training process was started")


def test_a_killed_training_job_leaves_nothing_and_is_done_again(project: Project):
    process = start_until(project, "rule train:")
    training_process(process).send_signal(signal.SIGKILL)
    output = process.communicate()[0]
    assert process.returncode != 0, output
    assert not (project.folder / "results/small/full/seed-1/model").exists()
    assert not (project.folder / "results/small/summary.md").exists()
    project.snakemake("--cores", "2")
    assert (project.folder / "results/small/summary.md").is_file()
    assert not list((project.folder / "results/small/full/seed-1").glob(".model~*"))
    assert not list((project.folder / "results/small").rglob("*progress*"))


def test_a_run_that_was_interrupted_is_completed_by_the_next(project: Project):
    process = start_until(project, "rule train:")
    training_process(process)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    assert process.returncode != 0
    assert not (project.folder / "results/small/full/seed-1/train.json").exists()
    project.snakemake("--cores", "2")
    assert (project.folder / "results/small/summary.md").is_file()


def test_a_second_snakemake_is_told_whose_the_study_is_and_disturbs_nothing(project: Project):
    first = start_until(project, "rule train:")
    second = project.snakemake("--cores", "1", check=False)
    assert second.returncode != 0
    assert f"(process {first.pid} on " in second.stdout
    assert "is running the study small" in second.stdout
    assert "LockException" not in second.stdout
    # Who only looks may look.
    assert "rule train" in project.snakemake("-n", "--cores", "1").stdout
    assert first.wait() == 0, first.stdout.read()
    assert (project.folder / "results/small/summary.md").is_file()


def start_resume(project: Project) -> subprocess.Popen:
    """What `make resume` calls."""
    return subprocess.Popen(
        [sys.executable, "-m", "parity.resume"],
        cwd=project.folder,
        env=project.environment() | {"PYTHONPATH": "workflow/scripts"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def resume(project: Project) -> tuple[int, str]:
    """Exit status and output of a whole `make resume`."""
    process = start_resume(project)
    output = process.communicate()[0]
    return process.returncode, output


def test_after_a_killed_snakemake_resume_lets_its_jobs_save_and_goes_on_from_there(project: Project):
    project.edit_config(lambda config: config["train"].update(num_train_epochs=4))
    process = start_until(project, "rule train:")
    training = training_process(process)
    log = project.folder / "results/small/logs/train/full/seed-1.log"
    while "step 2/" not in (log.read_text(encoding="utf-8") if log.is_file() else ""):
        assert process.poll() is None
        time.sleep(0.01)
    # Held until resume waits for it, or a training of seconds would be over on a machine with much to do.
    training.suspend()
    process.send_signal(signal.SIGKILL)
    process.wait()
    # Its job lives on, and would be done a second time beside itself.
    again = project.snakemake("--cores", "2", check=False)
    assert again.returncode != 0
    assert "is gone without tidying up" in again.stdout
    assert "make resume" in again.stdout
    assert training.is_running()
    resuming = start_resume(project)
    said = []
    for line in resuming.stdout:
        said.append(line)
        if f"waiting for jobs that still run: process {training.pid}" in line:
            training.resume()
    assert resuming.wait() == 0, "".join(said)[-4000:]
    record = json.loads((project.folder / "results/small/full/seed-1/train.json").read_text(encoding="utf-8"))
    assert len(record["resumed"]) == 1 and record["resumed"][0]["step"] >= 2
    assert not (project.folder / "results/checkpoints").exists()
    assert "Nothing to be done" in resume(project)[1]


def test_what_a_job_finishes_after_its_snakemake_was_killed_is_taken_as_it_is(project: Project):
    process = start_until(project, "rule train:")
    training = training_process(process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    # It trains on to its end: hours, in a real study.
    training.wait()
    results = project.folder / "results/small"
    model = results / "full/seed-1/model/model.safetensors"
    before = model.stat().st_ino, model.stat().st_mtime_ns
    status, said = resume(project)
    assert status == 0, said[-4000:]
    assert (model.stat().st_ino, model.stat().st_mtime_ns) == before
    assert "train/full/seed-1 was finished before" in (results / "logs/train/full/seed-1.log").read_text(encoding="utf-8")
    assert (results / "summary.md").is_file() and not (results / "kept").exists()
    # Snakemake knows of it what it would of any other: another setting trains again.
    project.edit_config(lambda config: config["methods"]["full"]["train"].update(learning_rate=1.0e-3))
    assert project.planned_jobs()["train"] == 1


def test_resume_beside_a_living_snakemake_is_refused(project: Project):
    process = start_until(project, "rule prepare:")
    status, said = resume(project)
    assert status != 0
    assert said.startswith("Nothing to resume: ")
    assert f"(process {process.pid} on " in said
    assert process.wait() == 0


def can_mount() -> bool:
    return shutil.which("unshare") is not None and subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="a small disk needs the right to mount one (user namespaces)")
def test_a_full_disk_is_said_and_a_rerun_with_room_finishes_what_is_left(project: Project):
    results = project.folder / "results"
    results.mkdir()
    # The model of one run has 15 MB: prepare fits on this disk, train does not.
    script = f"""
        mount -t tmpfs -o size=6m tmpfs "{results}"
        "$@"; echo "first run: $?"
        mount -o remount,size=200m "{results}"
        "$@"; echo "second run: $?"
        test -s "{results}/small/summary.md" && echo "the table is there"
    """
    done = subprocess.run(
        [*UNSHARE, "sh", "-c", script, "sh", *project.command("--cores", "2")],
        cwd=project.folder,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    first, second = done.stdout.split("first run: ")
    assert "No space left on device" in first
    assert second.startswith("1")
    assert "second run: 0" in second and "the table is there" in second
    assert "rule prepare:" not in second
