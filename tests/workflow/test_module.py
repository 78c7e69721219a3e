"""The workflow in another one: as a module with a config and a prefix of its own, and from a git host as snakedeploy writes it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from project import ROOT, Project

PARENT = """
configfile: "config/parent.yaml"


rule all:
    input:
        "verdict.txt",


rule copy:
    output:
        expand("talks/{split}.jsonl", split=["train", "validation", "test"]),
    shell:
        "cp resources/quickstart/*.jsonl talks/"


module parity:
    snakefile:
        "parity/workflow/Snakefile"
    config:
        config["study"]
    prefix:
        "below"


use rule * from parity as parity_*


rule verdict:
    input:
        "below/results/inner/verdict.md",
    output:
        "verdict.txt",
    shell:
        "env > environment.txt; cp {input} {output}"
"""


class Parent:
    """A workflow of somebody else's, with a copy of Parity in its folder `parity`."""

    def __init__(self, folder: Path, snakefile: str):
        self.parity = Project(folder / "parity")
        self.folder = folder
        (folder / "resources").symlink_to(self.parity.folder / "resources")
        (folder / "Snakefile").write_text(snakefile, encoding="utf-8")
        study = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
        study["name"], study["compare"] = "inner", ["lead", "longest"]
        study["data"] |= {"name_or_path": "talks", "max_train_samples": 4, "max_validation_samples": 2, "max_test_samples": 3}
        self.write_config({"mine": 1, "study": study})

    def write_config(self, config: dict) -> None:
        (self.folder / "config").mkdir(exist_ok=True)
        (self.folder / "config/parent.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess:
        command = self.parity.command("--cores", "2", *arguments)
        environment = self.parity.environment()
        return subprocess.run(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Parent:
    return Parent(tmp_path_factory.mktemp("parent"), PARENT)


def test_it_runs_with_another_config_below_a_prefix_on_data_that_the_whole_workflow_makes(parent: Parent):
    done = parent.snakemake()
    assert done.returncode == 0, done.stdout[-3000:]
    verdict = (parent.folder / "verdict.txt").read_text(encoding="utf-8")
    assert verdict.startswith("# What `inner` establishes") and "3 test dialogues" in verdict
    assert (parent.folder / "below/results/inner/lead/seed-0/scores.csv").is_file()
    # Nothing stands beside the prefix, and the settings of our jobs are not those of the others.
    assert not (parent.folder / "results").exists()
    assert "HF_HUB_OFFLINE" not in (parent.folder / "environment.txt").read_text(encoding="utf-8")
    assert "Nothing to be done" in parent.snakemake().stdout


def test_the_whole_workflow_keeps_its_own_default_target(parent: Parent):
    planned = parent.snakemake("-n", "--forceall").stdout
    jobs = re.findall(r"^(\w+) +\d+$", planned.split("Job stats:")[1], re.M)
    assert {"all", "verdict", "parity_prepare", "parity_aggregate"} <= set(jobs) and "parity_all" not in jobs


def test_a_key_of_the_study_that_is_wrong_is_named_with_the_module(parent: Parent):
    config = yaml.safe_load((parent.folder / "config/parent.yaml").read_text(encoding="utf-8"))
    parent.write_config(config | {"study": config["study"] | {"seds": [1]}})
    try:
        done = parent.snakemake("-n")
    finally:
        parent.write_config(config)
    assert done.returncode != 0
    assert "module parity: config: seds = [1]: unknown key, did you mean seeds?" in done.stdout


def two_modules(tmp_path: Path, first: str = "", second: str = "", config: str = "config/config.yaml") -> Project:
    """A project whose own Snakefile uses the workflow twice."""
    project = Project(tmp_path / "project")
    lines = ["import yaml", f"study = yaml.safe_load(open({config!r}))"]
    for name, more in (("one", first), ("two", second)):
        lines += [f"module {name}:", "    snakefile:", '        "workflow/Snakefile"', "    config:", "        study"]
        lines += ["    prefix:", f"        {more!r}"] if more else []
        lines += [f"use rule * from {name} as {name}_*"]
    lines += ["rule both:", "    default_target: True", "    input:", "        rules.one_all.input, rules.two_all.input"]
    (project.folder / "Twice").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return project


def test_two_modules_of_one_name_are_refused(tmp_path):
    done = two_modules(tmp_path).snakemake("-n", "--cores", "1", "-s", "Twice", check=False)
    assert done.returncode != 0
    for part in ("module two: config: name = 'quickstart'", "the module one writes results/quickstart", "a `prefix` each"):
        assert part in done.stdout


def test_with_a_prefix_each_two_modules_share_what_they_fetch(tmp_path):
    project = two_modules(tmp_path, "a", "b", "config/dialogsum.yaml")
    planned = project.snakemake("-n", "--cores", "1", "-s", "Twice").stdout
    counts = dict(re.findall(r"^(\w+) +(\d+)$", planned.split("Job stats:")[1], re.M))
    assert counts["one_fetch"] == "2" and "two_fetch" not in counts
    assert counts["one_prepare"] == counts["two_prepare"] == "1"


def test_a_rule_of_a_name_that_is_taken_is_named(tmp_path):
    project = Project(tmp_path / "project")
    text = 'rule train:\n    output: "x"\n    shell: "touch x"\n'
    text += "module parity:\n    snakefile: 'workflow/Snakefile'\n    config: {}\nuse rule * from parity\n"
    # A valid config, so that the name alone is wrong.
    text = text.replace("config: {}", "config: __import__('yaml').safe_load(open('config/config.yaml'))")
    (project.folder / "Taken").write_text(text, encoding="utf-8")
    done = project.snakemake("-n", "--cores", "1", "-s", "Taken", check=False)
    assert done.returncode != 0 and re.search("train is already used by another rule", done.stdout)


def test_another_package_of_the_librarys_name_is_refused(tmp_path):
    project = two_modules(tmp_path, "a", "b")
    (project.folder / "others/parity").mkdir(parents=True)
    (project.folder / "others/parity/__init__.py").touch()
    path = project.folder / "Twice"
    text = "import sys\nsys.path.insert(0, 'others')\nimport parity\n" + path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    done = project.snakemake("-n", "--cores", "1", "-s", "Twice", check=False)
    assert done.returncode != 0
    assert re.search("Python has loaded another package named parity from .*/others/parity, and can have one", done.stdout)


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_snakedeploy_deploys_it_from_a_git_host_and_a_run_knows_its_commit(tmp_path, monkeypatch):
    """The host is made up: git itself is told to look into a folder instead."""
    source = Project(tmp_path / "source").folder
    git(source, "init", "--quiet")
    git(source, "add", ".")
    git(source, "commit", "--quiet", "-m", "All")
    git(source, "tag", "v1.2.3")
    git(tmp_path, "clone", "--quiet", "--bare", "source", "host/someone/parity")
    for key, value in {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{tmp_path}/host/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(key, value)
    deployed = tmp_path / "deployed"
    command = ["deploy-workflow", "https://github.com/someone/parity", str(deployed), "--tag", "v1.2.3"]
    subprocess.run([Path(sys.executable).parent / "snakedeploy", *command], check=True, capture_output=True)
    snakefile = (deployed / "workflow/Snakefile").read_text(encoding="utf-8")
    assert 'github("someone/parity", path="workflow/Snakefile", tag="v1.2.3")' in snakefile
    # The quick start's model and dialogues stay behind: as a user would, name others.
    config = yaml.safe_load((deployed / "config/config.yaml").read_text(encoding="utf-8"))
    config["name"], config["compare"] = "deployed", ["lead"]
    config["data"] |= {"max_train_samples": 4, "max_validation_samples": 2, "max_test_samples": 3}
    for key in ("model", "data"):
        config[key]["name_or_path"] = str(source / config[key]["name_or_path"])
    (deployed / "config/config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    project = Project.__new__(Project)
    project.folder = deployed
    assert project.planned_jobs()["score"] == 1
    record = "results/deployed/lead/seed-0/rouge.json"
    project.snakemake("--cores", "2", record)
    code = json.loads((deployed / record).read_text(encoding="utf-8"))["provenance"]["code"]
    assert code == {"commit": git(source, "rev-parse", "HEAD"), "dirty": False}
