"""Watching the quick start: what is left for make status, the grid on a terminal, and trackers that rerun nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from on_terminal import on_terminal
from project import Project


def status(project: Project, *arguments: str) -> subprocess.CompletedProcess:
    """What `make status` calls."""
    return subprocess.run(
        [sys.executable, "-m", "parity.status", *arguments],
        cwd=project.folder,
        env=project.environment() | {"PYTHONPATH": "workflow/scripts"},
        capture_output=True,
        text=True,
        check=True,
    )


def results(project: Project) -> Path:
    return project.folder / "results/quickstart"


def test_a_finished_study_leaves_no_progress_behind_and_is_said_to_be_done(quickstart: Project):
    assert not list(results(quickstart).rglob("*progress*"))
    for arguments in ((), ("--configfile", "config/config.yaml")):
        said = status(quickstart, *arguments).stdout
        assert said.startswith("quickstart: all 10 runs scored\nNo snakemake runs this study now.\n")
        assert said.count("scored ") == 10 and "other settings" not in said


def test_another_study_is_not_taken_for_this_one(quickstart: Project):
    # A terminal's width breaks long paths.
    said = " ".join(status(quickstart, "--configfile", "config/dialogsum.yaml").stdout.split())
    assert said.startswith("dialogsum: nothing of it has run in") and re.search(r"Here are: .*\bquickstart\b", said)


def test_on_a_terminal_a_failing_job_is_seen_above_the_grid(quickstart: Project):
    scores = results(quickstart) / "lora/seed-2/scores.csv"
    whole = scores.read_bytes()
    lines = whole.splitlines(keepends=True)
    # Snakemake takes the changed file for newer, and compares anew.
    scores.write_bytes(b"".join(lines[:5] + lines[7:]))
    environment = quickstart.environment() | {"PYTHONPATH": str(quickstart.folder / "workflow/terminal")}
    code, text = on_terminal(quickstart.command("--cores", "1"), quickstart.folder, environment)
    try:
        assert code != 0
        shown = text.splitlines()
        changed = scores.relative_to(quickstart.folder)
        assert any(line.endswith(f"  begins  compare  (Updated input files: {changed})") for line in shown), text
        # The job's own word, and Snakemake's with the log.
        assert any(line.startswith(f"compare: results/quickstart/{scores.parent.parent.name}/") for line in shown), text
        assert "Error in rule compare:" in shown
        assert "quickstart: all 10 runs scored" in text
        assert any(line.startswith("compare failed") for line in shown)
        left = status(quickstart).stdout
        assert "compare failed" in left and "its dialogues are not those of" in " ".join(left.split())
    finally:
        scores.write_bytes(whole)
        quickstart.snakemake("--cores", "2")
    assert not list(results(quickstart).rglob("*progress*"))


def test_where_nobody_looks_at_a_terminal_snakemake_writes_as_ever(quickstart: Project):
    plugin = {"PYTHONPATH": str(quickstart.folder / "workflow/terminal")}
    done = subprocess.run(
        quickstart.command("--cores", "1", "--forcerun", "aggregate"),
        cwd=quickstart.folder,
        env=quickstart.environment() | plugin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert "localrule aggregate:" in done.stdout and "runs scored" not in done.stdout


def test_with_a_tracker_nothing_runs_again(quickstart: Project):
    assert quickstart.planned_jobs("--config", "tracking=tensorboard") == {}


# Read by Python at its start: there is no wandb for this process.
WITHOUT_WANDB = """
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = classmethod(lambda cls, name, *more: None if name == "wandb" else find(name, *more))
"""


def test_a_tracker_that_is_not_installed_is_refused_before_anything_runs(quickstart: Project, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_WANDB)
    environment = quickstart.environment() | {"PYTHONPATH": str(tmp_path)}
    monkeypatch.setattr(quickstart, "environment", lambda: environment)
    done = quickstart.snakemake("-n", "--cores", "1", "--config", "tracking=wandb", check=False)
    assert done.returncode != 0
    assert "tracking = wandb: it is not installed. Install it: .venv/bin/python -m pip install wandb==" in done.stdout
    assert "Traceback" not in done.stdout
