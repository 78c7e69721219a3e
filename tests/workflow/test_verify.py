"""A damaged file is found and named, and Snakemake makes it again, and no more than that where one asks for it."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from final_results import TIMED, final_results
from project import ROOT, Project

from parity.digests import records_of
from parity.verify import not_on_record

TABLES = {"compare": 1, "aggregate": 1, "failures": 1, "report": 1}


def make(project: Project, target: str, *options: str) -> subprocess.CompletedProcess:
    """As a user calls it; the virtual environment is the one that runs this test."""
    given = ["-o", ".venv/installed", f"BIN={sys.prefix}/bin", *options]
    return subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), "--no-print-directory", target, *given],
        cwd=project.folder,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def project(quickstart: Project):
    """The quick start, whose folder of damaged files is gone afterwards."""
    yield quickstart
    shutil.rmtree(quickstart.folder / "results/quickstart/damaged", ignore_errors=True)
    assert make(quickstart, "verify").returncode == 0


def test_every_file_of_a_study_is_on_record(project: Project):
    results = project.folder / "results/quickstart"
    names = {name.split("/")[0] for name, _ in records_of(results)}
    assert {"prepare", "check", "train", "generate", "baseline", "score", "compare", "aggregate"} <= names
    # Another test of this quick start may have asked for Snakemake's own report, which no job writes.
    strangers = set(not_on_record(results))
    assert strangers <= {"snakemake-report.html"}
    on_record = {*final_results(results), *TIMED} - strangers
    done = make(project, "verify")
    assert done.returncode == 0 and f"\n{len(on_record)} files are as they were written" in f"\n{done.stdout}"


def test_snakemake_makes_again_what_verify_has_found(project: Project):
    results = project.folder / "results/quickstart"
    path = results / "lead/seed-0/predictions.jsonl"
    content, table = path.read_bytes(), (results / "contrasts.csv").read_bytes()
    path.write_bytes(content[:-20])
    done = make(project, "verify", "LOOK=1")
    assert done.returncode != 0 and path.exists()
    assert "lead/seed-0/predictions.jsonl: not the bytes that were written (baseline/lead/seed-0)" in done.stdout
    assert make(project, "verify").returncode != 0
    assert not path.exists() and (results / "damaged/lead/seed-0/predictions.jsonl").read_bytes() == content[:-20]
    # Until it is made again, it is missed.
    assert "not made again yet: what baseline/lead/seed-0 wrote" in make(project, "verify").stdout
    assert project.planned_jobs() == {"baseline": 1, "score": 1} | TABLES
    project.snakemake("--cores", "2")
    assert path.read_bytes() == content and (results / "contrasts.csv").read_bytes() == table


def test_a_deleted_model_is_trained_again_by_any_snakemake(project: Project):
    model = project.folder / "results/quickstart/lora/seed-2/model"
    away = project.folder / "away"
    model.rename(away)
    try:
        assert project.planned_jobs() == {"train": 1, "generate": 1, "score": 1} | TABLES
    finally:
        away.rename(model)
    assert project.planned_jobs() == {}


def test_repair_does_no_training_again_for_a_damaged_test_set(project: Project):
    results = project.folder / "results/quickstart"
    damaged = [results / "data/test.jsonl", results / "data/tokens/train/state.json", results / "data/check.json"]
    before = {path: path.read_bytes() for path in damaged}
    for path in damaged:
        path.write_bytes(path.read_bytes().replace(b"e", b"E", 1))
    done = make(project, "repair")
    assert done.returncode == 0, done.stdout[-4000:]
    assert {path: path.read_bytes() for path in damaged} == before
    assert "rule prepare:" in done.stdout and "rule check:" in done.stdout
    for rule in ("train", "generate", "score", "compare"):
        assert f"rule {rule}:" not in done.stdout
    assert "Nothing to be done" in project.snakemake("--cores", "1").stdout


def test_a_running_study_is_not_looked_at(project: Project):
    process = subprocess.Popen(
        project.command("--cores", "1", "--forcerun", "compare"),
        cwd=project.folder,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for line in process.stdout:
        if "rule compare:" in line:
            break
    done = make(project, "verify")
    process.communicate()
    assert done.returncode != 0 and "is running the study quickstart" in done.stdout
