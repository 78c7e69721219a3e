"""The warm process under Snakemake: the same bytes as without it, and nothing of it is left."""

from __future__ import annotations

import psutil
import pytest
from crashes import STUDIES
from final_results import differences, final_results
from project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    project = Project(tmp_path_factory.mktemp("cold") / "project")
    project.edit_config(STUDIES["small"].edit)
    return project


def test_jobs_in_its_children_give_the_bytes_that_they_give_alone(small, project, monkeypatch):
    log = (small.folder / "results/small/logs/warm.log").read_text(encoding="utf-8")
    assert "Loaded" in log and "not here" not in log
    left = [each for each in psutil.process_iter(["cmdline", "cwd"]) if "parity.warm" in (each.info["cmdline"] or [])]
    assert not [each for each in left if each.info["cwd"] == str(small.folder / "workflow/scripts")]
    monkeypatch.setenv("PARITY_WARM", "0")
    project.snakemake("--cores", "2")
    assert not (project.folder / "results/small/logs/warm.log").exists()
    alone, warm = (final_results(each.folder / "results/small") for each in (project, small))
    assert len(alone) > 40 and differences(alone, warm) == []


def test_nothing_is_started_for_nothing_or_for_one_job(project):
    results = project.folder / "results/small"
    before = sorted(results.glob("logs/warm.log"))
    assert "Nothing to be done" in project.snakemake("--cores", "2").stdout
    project.snakemake("--cores", "2", "--forcerun", "report")
    assert sorted(results.glob("logs/warm.log")) == before == []
