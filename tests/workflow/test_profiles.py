"""Every profile is read by Snakemake, names rules and settings that exist, and takes what a site says from one file."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml
from made_up_gpus import MadeUpGpu, uuid, write_nvidia_smi
from project import ROOT, Project
from snakemake.profiles import ProfileConfigFileParser

PROFILES = sorted(path.parent.name for path in (ROOT / "profiles").glob("*/profile.yaml"))
SLURM = ["slurm", "slurm-preemptible"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def read(project: Project, profile: str, monkeypatch, **site) -> dict:
    """A profile's settings as Snakemake reads them, where profiles/site.yaml says `site`."""
    path = project.folder / "profiles/site.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")) | site), encoding="utf-8")
    monkeypatch.chdir(project.folder)
    # The profiles' own additions to it.
    monkeypatch.setattr(sys, "path", sys.path.copy())
    with Path(f"profiles/{profile}/profile.yaml").open(encoding="utf-8") as stream:
        return ProfileConfigFileParser().parse(stream)


def resources_of(settings: dict, rule: str) -> dict[str, str]:
    entries = [entry.split(":", 1)[1] for entry in settings["set-resources"] if entry.startswith(f"{rule}:")]
    return dict(entry.split("=", 1) for entry in entries)


def test_all_profiles_are_tested():
    assert PROFILES == ["default", "local-gpu", "slurm", "slurm-preemptible"]


@pytest.mark.parametrize("profile", PROFILES)
def test_snakemake_plans_the_quick_start_with_every_profile(project: Project, profile: str):
    planned = project.planned_jobs("--profile", f"profiles/{profile}", "--configfile", "config/config.yaml")
    assert planned == project.planned_jobs()


@pytest.mark.parametrize("profile", ["local-gpu", *SLURM])
def test_the_profiles_that_need_a_gpu_run_the_study(project: Project, profile: str, monkeypatch):
    assert read(project, profile, monkeypatch)["configfile"] == "config/dialogsum.yaml"


@pytest.mark.parametrize("profile", ["local-gpu", *SLURM])
def test_the_rules_that_a_profile_names_exist(project: Project, profile: str, monkeypatch):
    # Snakemake takes a misspelt one without a word.
    rules = set(project.snakemake("--list-rules").stdout.split())
    named = {entry.split(":", 1)[0] for entry in read(project, profile, monkeypatch)["set-resources"]}
    assert named and named <= rules


@pytest.mark.parametrize(
    ("gpus", "visible", "runs_per_gpu", "slots"),
    [(8, None, 1, 8), (8, "2,5", 1, 2), (2, None, 3, 6), (2, "-1", 3, 1), (0, None, 2, 1)],
)
def test_the_local_profile_runs_as_many_at_a_time_as_there_are_slots(
    project: Project, monkeypatch, gpus, visible, runs_per_gpu, slots
):
    """nvidia-smi is made up: no GPU is where tests run."""
    monkeypatch.setenv("PATH", write_nvidia_smi(project.folder / "bin", [MadeUpGpu(uuid(number)) for number in range(gpus)]))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    path = project.folder / "profiles/local-gpu/profile.yaml"
    text = path.read_text(encoding="utf-8")
    # The one line that a user edits.
    assert len(re.findall(r"runs_per_gpu = \d", text)) == 1
    path.write_text(text.replace("runs_per_gpu = 1", f"runs_per_gpu = {runs_per_gpu}"), encoding="utf-8")
    settings = read(project, "local-gpu", monkeypatch)
    assert settings["resources"] == [f"gpu={slots}"]
    for rule in ("train", "generate"):
        assert resources_of(settings, rule)["runs_per_gpu"] == str(runs_per_gpu)


@pytest.mark.parametrize("profile", SLURM)
def test_slurm_says_which_gpus_are_a_jobs(project: Project, profile: str, monkeypatch):
    settings = read(project, profile, monkeypatch)
    assert {resources_of(settings, rule)["gpus_from"] for rule in ("train", "generate")} == {"scheduler"}


@pytest.mark.parametrize("profile", ["default", "local-gpu"])
def test_everywhere_else_parity_does(project: Project, profile: str):
    arguments = ("-n", "--cores", "4", "--profile", f"profiles/{profile}", "--configfile", "config/config.yaml")
    planned = project.snakemake(*arguments).stdout
    # A line a job that computes on GPUs: 6 trainings, 7 generations.
    assert planned.count("gpus_from=slots") == 13 and "scheduler" not in planned


@pytest.mark.parametrize("profile", SLURM)
@pytest.mark.parametrize("form", ["gpus", "gres"])
def test_the_site_says_which_gpus_and_how_to_ask_for_them_but_not_how_many(project: Project, profile: str, form, monkeypatch):
    for model in ("", "a100"):
        settings = read(project, profile, monkeypatch, gpu_request=form, gpu_model=model)
        assert settings["parity-slurm-gpu-request"] == form
        for rule in ("train", "generate"):
            resources = resources_of(settings, rule)
            assert resources.get("gpu_model", "") == model
            assert "gpu" not in resources and "gres" not in resources


@pytest.mark.parametrize("profile", ["default", *SLURM])
def test_a_training_asks_for_as_many_gpus_and_threads_as_it_has_processes(project: Project, profile: str):
    def edit(config):
        config["compare"], config["seeds"], config["cpu_threads"] = ["full", "lora"], [1], 2
        config["methods"]["full"]["train"]["gpus_per_run"] = 4
        config["methods"]["full"]["train"]["batch_size"] = 8

    arguments = ("-n", "--cores", "8", "--profile", f"profiles/{profile}", "--configfile", project.edit_config(edit))
    text = project.snakemake(*arguments).stdout
    jobs = [part for part in text.split("\nrule ")[1:] if part.startswith(("train:", "generate:"))]
    asked = {tuple(re.search(rf"{key}(\w+)", job)[1] for key in ("^", "method=", "threads: ", r"\bgpu=")) for job in jobs}
    assert asked == {
        ("generate", "full", "2", "1"),
        ("generate", "lora", "2", "1"),
        ("train", "full", "8", "4"),
        ("train", "lora", "2", "1"),
    }


@pytest.mark.parametrize("profile", SLURM)
def test_account_and_partitions_come_from_the_site_file(project: Project, profile: str, monkeypatch):
    site = {"account": "lab", "cpu_partition": "short", "gpu_partition": "a", "preemptible_partition": "b"}
    settings = read(project, profile, monkeypatch, **site)
    default = dict(entry.split("=", 1) for entry in settings["default-resources"])
    assert (default["slurm_account"], default["slurm_partition"]) == ("lab", "short")
    assert resources_of(settings, "train")["slurm_partition"] == ("a" if profile == "slurm" else "b")
    empty = read(project, profile, monkeypatch, account="", cpu_partition="")["default-resources"]
    assert not any(entry.startswith("slurm_") for entry in empty)


@pytest.mark.parametrize("profile", SLURM)
def test_a_retry_gets_more_time_but_no_more_than_the_site_allows_and_memory_has_the_sites_limits(
    project: Project, profile: str, monkeypatch
):
    site = {"gpu_max_minutes": 600, "gpu_max_mem_mb": 20000, "gpu_device_mem_mb": 40000, "runs_per_job": 2}
    settings = read(project, profile, monkeypatch, **site)
    train = resources_of(settings, "train")
    attempts = [eval(train["runtime"], {"attempt": attempt, "min": min}) for attempt in (1, 2, 3)]
    # Two runs share an allocation of 600 minutes.
    assert attempts == [240, 300, 300]
    # Memory is estimated; the executor keeps to these.
    assert "mem_mb" not in train
    assert (train["max_mem_mb"], train["max_gpu_mem_mb"], train["gpus_from"]) == ("20000", "40000", "scheduler")
    assert int(settings["retries"]) >= 2


@pytest.mark.parametrize("profile", SLURM)
def test_exactly_one_of_the_two_requeue_settings_is_on(project: Project, profile: str, monkeypatch):
    settings = read(project, profile, monkeypatch)
    assert settings["executor"] == "parity-slurm"
    assert ("parity-slurm-requeue" in settings) != ("parity-slurm-no-requeue" in settings)


def test_the_preemptible_profile_differs_in_what_its_first_lines_say_alone(project: Project, monkeypatch):
    lines = {}
    for profile in SLURM:
        text = (project.folder / f"profiles/{profile}/profile.yaml").read_text(encoding="utf-8")
        lines[profile] = [line for line in text.splitlines() if not line.startswith("# ")]
    differing = [pair for pair in zip(*lines.values(), strict=True) if pair[0] != pair[1]]
    assert [pair[0].strip().split(":")[0].split("=")[0] for pair in differing] == [
        "- gpu_partition ",
        *["checkpoint_seconds"] * 2,
    ]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_entry_of_a_profile_is_explained(profile: str):
    lines = (ROOT / f"profiles/{profile}/profile.yaml").read_text(encoding="utf-8").splitlines()
    top = [number for number, line in enumerate(lines) if line[:1].isalpha()]
    unexplained = [lines[number] for number in top if not lines[number - 1].startswith("#") and lines[number - 1].strip()]
    assert unexplained == []


def test_every_key_of_the_site_file_is_explained_and_used():
    text = (ROOT / "profiles/site.yaml").read_text(encoding="utf-8")
    used = (ROOT / "profiles/slurm/profile.yaml").read_text(encoding="utf-8")
    used += (ROOT / "profiles/slurm-preemptible/profile.yaml").read_text(encoding="utf-8")
    lines = text.splitlines()
    keys = [line.split(":")[0] for line in lines if line[:1].isalpha()]
    assert len(keys) >= 9
    assert [key for key in keys if f'site["{key}"]' not in used and f"site['{key}']" not in used] == []
    for number, line in enumerate(lines):
        if line[:1].isalpha():
            above = lines[number - 1]
            assert above.startswith("#") or above[:1].isalpha(), line
