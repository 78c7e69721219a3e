"""The human evaluation through its rules: sheets, ratings, results, and their place in the verdict."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from made_up_ratings import People, write
from project import Project

WORTH = {"zero_shot": 2.0, "full": 4.2, "lora": 3.0}


@pytest.fixture(scope="module")
def project(quickstart: Project, tmp_path_factory) -> Project:
    """A finished quick start of this module's own, with sheets."""
    mine = Project(tmp_path_factory.mktemp("human") / "project")
    for folder in (".snakemake", "results"):
        shutil.copytree(quickstart.folder / folder, mine.folder / folder, symlinks=True)
    mine.snakemake("--cores", "2", "human_sheets")
    return mine


@pytest.fixture(scope="module")
def folder(project) -> Path:
    return project.folder / "results/quickstart/human-evaluation"


@pytest.fixture(scope="module")
def rated(project, folder) -> Project:
    """With ratings by everybody, and everything made of them."""
    key = json.loads((folder / "key.json").read_text(encoding="utf-8"))
    people = People(WORTH)
    write(folder / "ratings", *(people.export(key, rater) for rater in key["sheets"]))
    assert project.planned_jobs() == {"human_results": 1, "aggregate": 1, "report": 1}
    project.snakemake("--cores", "2")
    return project


def test_sheets_are_written_once_a_rater_and_the_same_again(project, folder):
    sheets = sorted((folder / "sheets").iterdir())
    assert [path.name for path in sheets] == ["rater-1.html", "rater-2.html", "rater-3.html"]
    before = {path: path.read_bytes() for path in (*sheets, folder / "key.json")}
    assert project.planned_jobs("human_sheets") == {}
    project.snakemake("--cores", "2", "--forcerun", "human_sheets", "--", "human_sheets")
    assert {path: path.read_bytes() for path in before} == before
    assert (folder / "ratings").is_dir()


def test_results_without_ratings_are_refused_before_anything_runs(project):
    done = project.snakemake("-n", "--cores", "1", "human_results", check=False)
    assert done.returncode != 0
    assert "human-evaluation/ratings: no saved ratings are there" in done.stdout


def test_ratings_stand_in_tables_in_a_page_and_in_the_verdict(rated, folder):
    ratings = pd.read_csv(folder / "ratings.csv")
    assert len(ratings) == 3 * 30 * 3 * 3 and set(ratings["method"]) == set(WORTH)
    scores = pd.read_csv(rated.folder / "results/quickstart/lora/seed-1/scores.csv").set_index("id")
    key = json.loads((folder / "key.json").read_text(encoding="utf-8"))
    shown = [(one["id"], one["summaries"]["lora"]) for one in key["dialogues"]]
    for name, summary in shown:
        if summary["seed"] == 1:
            assert scores.loc[name, "rouge2"] == pytest.approx(summary["scores"]["rouge2"])
    assert "| full " in (folder / "human.md").read_text(encoding="utf-8")
    verdict = (rated.folder / "results/quickstart/verdict.md").read_text(encoding="utf-8")
    assert "## What people say" in verdict and "`lora` is preferred to `full` in" in verdict
    report = (rated.folder / "results/quickstart/report.html").read_text(encoding="utf-8")
    assert 'id="human-evaluation"' in report and "What people say" in report
    assert rated.planned_jobs() == {}


def test_sheets_are_not_made_again_under_ratings_which_are_read_all_the_same(rated, folder):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    target = rated.edit_config(lambda config: config.update(human_evaluation={"seed": 9}), target="config/other_seed.yaml")
    done = rated.snakemake("--cores", "2", "--configfile", target, "--", "human_sheets", check=False)
    assert done.returncode != 0 and "move results/quickstart/human-evaluation/ away first" in done.stdout
    assert {path: path.read_bytes() for path in before} == before
    assert "human_sheets" not in rated.planned_jobs("--configfile", target, "--", "human_results", "aggregate")


def test_an_edited_file_is_refused_in_one_line_and_leaves_the_results_as_they_were(rated, folder):
    path = folder / "ratings/saved-1.json"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace('"coverage": 4', '"coverage": 5', 1), encoding="utf-8")
    done = rated.snakemake("--cores", "2", "human_results", check=False)
    path.write_text(before, encoding="utf-8")
    assert done.returncode != 0
    assert "ratings/saved-1.json: the file has been edited since the sheet saved it" in done.stdout
    assert "InputError" not in done.stdout
