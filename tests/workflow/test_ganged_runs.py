"""Seeds that train together, in the workflow itself: the same files as of seeds that train alone, and no seed trained twice."""

from __future__ import annotations

import json
import shutil

import pytest
from project import Project

STUDY = "results/quickstart"
SEED_FILES = {"generate.json", "model", "predictions.jsonl", "rouge.json", "scores.csv", "train.json"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("gang") / "project")

    def edit(config):
        config["data"] |= {"max_train_samples": 24, "max_validation_samples": 8, "max_test_samples": 10}
        config["train"] |= {"num_train_epochs": 1, "logging_steps": 1}
        config["generation"]["max_new_tokens"] = 12
        config["compare"], config["seeds"] = ["lora"], [1, 2]
        config["methods"]["lora"]["train"]["gang"] = True

    project.edit_config(edit)
    project.snakemake("--cores", "4")
    return project


def trained(project: Project, seed: int) -> dict:
    return json.loads((project.folder / STUDY / f"lora/seed-{seed}/train.json").read_text(encoding="utf-8"))


def bytes_of(project: Project, *seeds: int) -> dict[str, bytes]:
    names = ("model/adapter_model.safetensors", "predictions.jsonl", "scores.csv")
    return {
        f"{seed}/{name}": (project.folder / STUDY / f"lora/seed-{seed}" / name).read_bytes() for seed in seeds for name in names
    }


def test_a_gang_leaves_what_seeds_alone_leave(project: Project):
    folder = project.folder / STUDY / "lora"
    assert {path.name for path in folder.iterdir()} == {"seed-1", "seed-2"}
    assert all({path.name for path in (folder / f"seed-{seed}").iterdir()} == SEED_FILES for seed in (1, 2))
    assert trained(project, 1)["ganged"] == trained(project, 2)["ganged"] == [1, 2]
    assert trained(project, 1)["loss"] != trained(project, 2)["loss"]
    assert not list((project.folder / "results/checkpoints").rglob("*.pt"))
    assert project.planned_jobs() == {}


def test_what_a_gang_left_is_on_record(project: Project):
    records = {path.name for path in (project.folder / STUDY / "digests/train/lora").glob("*.sha256")}
    assert records == {"seed-1.sha256", "seed-2.sha256"}


def test_seeds_that_are_added_train_together_and_leave_the_others_alone(project: Project):
    before = bytes_of(project, 1, 2)
    project.edit_config(lambda config: config.update(seeds=[1, 2, 3, 4]))
    planned = project.planned_jobs()
    assert (planned["gang"], planned["take_from_gang"], planned["generate"]) == (1, 2, 2)
    project.snakemake("--cores", "4")
    assert bytes_of(project, 1, 2) == before
    assert trained(project, 1)["ganged"] == [1, 2] and trained(project, 3)["ganged"] == [3, 4]
    assert project.planned_jobs() == {}


def test_a_seed_that_is_lost_comes_back_the_same_with_its_company(project: Project):
    before = bytes_of(project, 1, 2, 3, 4)
    shutil.rmtree(project.folder / STUDY / "lora/seed-2")
    planned = project.planned_jobs()
    assert (planned["gang"], planned["take_from_gang"], planned["generate"]) == (1, 2, 2)
    project.snakemake("--cores", "4")
    assert bytes_of(project, 1, 2, 3, 4) == before
    assert project.planned_jobs() == {}


def test_another_setting_trains_all_seeds_anew(project: Project):
    project.edit_config(lambda config: config["methods"]["lora"]["train"].update(weight_decay=0.1))
    planned = project.planned_jobs()
    assert (planned["gang"], planned["take_from_gang"], planned["generate"]) == (2, 4, 4)


def test_a_seed_whose_training_failed_fails_alone(project: Project):
    project.edit_config(lambda config: config["methods"]["lora"]["train"].pop("weight_decay", None))
    project.edit_config(lambda config: config.update(seeds=[1, 2, 3, 4, 5, 6]))
    # The gang of 5 and 6, as it is when 6 diverged.
    project.snakemake("--cores", "4", "--notemp", "--until", "gang")
    gang = project.folder / STUDY / "lora/gang-5"
    shutil.rmtree(gang / "seed-6")
    (gang / "seed-6").mkdir()
    problem = ["methods.lora.train.learning_rate = 0.006", "with seed 6 the loss became infinite or NaN", "Lower the rate"]
    (gang / "seed-6/error.json").write_text(json.dumps(problem), encoding="utf-8")
    done = project.snakemake("--cores", "4", "--keep-going", check=False)
    assert done.returncode != 0
    assert "with seed 6 the loss became infinite or NaN. Lower the rate" in done.stdout
    assert (project.folder / STUDY / "lora/seed-5/rouge.json").exists()
    assert not (project.folder / STUDY / "lora/seed-6/train.json").exists()
    assert "with seed 6" in (project.folder / STUDY / "logs/train/lora/seed-6.log").read_text(encoding="utf-8")
