"""Killed at random, and started again: the small form of `make crash-test`, and whether that would see what goes wrong."""

from __future__ import annotations

import random

import pytest
from crashes import STUDIES, Crashed, Round, Tally, crash_test
from final_results import differences, final_results
from project import Project

STUDY = STUDIES["small"]


def test_a_study_of_which_processes_are_killed_comes_out_as_undisturbed(tmp_path, small):
    tally = crash_test(tmp_path, STUDY, kills=25, seed=1, undisturbed=small.folder / "results/small")
    assert tally.kills.total() == 25 and len(tally.kills) > 1
    assert tally.finished > 40


@pytest.fixture
def observed(tmp_path) -> Round:
    """A study of one finished job that is being watched."""
    project = Project(tmp_path / "project")
    project.edit_config(STUDY.edit)
    project.snakemake("--cores", "1", "results/small/data/audit.json")
    this = Round(project, STUDY, random.Random(0), Tally(), kills=0, apart=1)
    this._hold_finished()
    return this


def test_a_file_that_is_written_again_to_the_same_bytes_is_seen(observed):
    assert observed.written_again() == []
    audit = observed.results / "data/audit.json"
    content = audit.read_bytes()
    audit.unlink()
    audit.write_bytes(content)
    assert observed.written_again() == ["data/audit.json"]


def test_what_is_left_behind_is_seen(observed):
    (observed.results / "full/seed-1/.model~k1ll3d").mkdir(parents=True)
    with pytest.raises(Crashed, match="model~k1ll3d"):
        observed._check_that_nothing_is_left()


def test_a_result_that_differs_is_seen_and_times_are_none(small, tmp_path):
    results = small.folder / "results/small"
    before = final_results(results)
    record, scores = results / "lora/seed-1/rouge.json", results / "lora/seed-1/scores.csv"
    kept = {path: path.read_text(encoding="utf-8") for path in (record, scores)}
    try:
        record.write_text(kept[record].replace('"finished": "', '"finished": "1'), encoding="utf-8")
        assert differences(final_results(results), before) == []
        record.write_text(kept[record].replace('"predictions": 4', '"predictions": 3'), encoding="utf-8")
        scores.write_text(kept[scores] + "\n", encoding="utf-8")
        assert differences(final_results(results), before) == ["lora/seed-1/rouge.json", "lora/seed-1/scores.csv"]
    finally:
        for path, text in kept.items():
            path.write_text(text, encoding="utf-8")
