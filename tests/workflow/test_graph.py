"""The graph that Snakemake plans for the shipped configs and profiles."""

from __future__ import annotations

import pytest
from project import ROOT, Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("graph") / "project")


def test_the_quick_start_runs_each_trained_method_once_a_seed_and_the_others_once(project: Project):
    assert project.planned_jobs() == {
        "prepare": 1,
        "check": 1,
        "train": 6,
        "generate": 7,
        "baseline": 3,
        "score": 10,
        "compare": 1,
        "aggregate": 1,
    }


def test_the_study_fetches_model_and_data_once_and_runs_five_seeds(project: Project):
    assert project.planned_jobs("--configfile", "config/dialogsum.yaml") == {
        "fetch": 2,
        "prepare": 1,
        "check": 1,
        "train": 10,
        "generate": 11,
        "baseline": 3,
        "score": 14,
        "compare": 1,
        "aggregate": 1,
    }


def test_a_config_file_of_its_own_takes_nothing_from_the_quick_start(project: Project):
    target = project.edit_config(lambda config: config.pop("seeds"), target="config/without_seeds.yaml")
    done = project.snakemake("-n", "--cores", "1", "--configfile", target, check=False)
    assert done.returncode != 0
    assert "config/without_seeds.yaml: the file lacks seeds" in done.stdout


def test_config_on_the_command_line_goes_before_the_file(project: Project):
    assert project.planned_jobs("--config", "seeds=[7]")["train"] == 2


def test_zero_shot_that_samples_runs_once_a_seed(project: Project):
    def sample(config):
        config["methods"]["zero_shot"]["generation"] = {"do_sample": True}

    target = project.edit_config(sample, target="config/sampled.yaml")
    assert project.planned_jobs("--configfile", target)["generate"] == 9


def test_outside_predictions_run_once_a_file(project: Project):
    for seed in (4, 5):
        (project.folder / f"theirs-{seed}.jsonl").write_text("{}", encoding="utf-8")

    def add(config):
        config["compare"] = ["theirs"]
        config["methods"]["theirs"] = {"kind": "predictions", "file": "theirs-{seed}.jsonl", "seeds": [4, 5]}

    target = project.edit_config(add, target="config/outside.yaml")
    assert project.planned_jobs("--configfile", target) == {
        "prepare": 1,
        "check": 1,
        "predictions": 2,
        "score": 2,
        "compare": 1,
        "aggregate": 1,
    }


def test_rule_script_log_and_benchmark_share_one_name():
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for block in path.read_text(encoding="utf-8").split("\nrule ")[1:]:
            name = block.split(":")[0]
            assert f"../scripts/{name}.py" in block
            assert f"logs/{name}" in block
            assert name == "fetch" or f"benchmarks/{name}" in block
