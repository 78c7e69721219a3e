"""The pins that pip and conda install are the same, and every pinned package is used at run time."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from project import ROOT

from parity import crate, ctranslate2_model, quantization, rouge_backends, trackers

OPTIONAL = {
    "requirements-quantization.txt": quantization,
    "requirements-ctranslate2.txt": ctranslate2_model,
    "requirements-scoring.txt": rouge_backends,
    "requirements-ro-crate.txt": crate,
}


def pip_pins(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith(("#", "-e ", "-r "))]


def test_every_conda_environment_carries_the_pip_pins():
    environments = sorted((ROOT / "workflow/envs").glob("*.yaml"))
    assert environments
    for path in environments:
        dependencies = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
        [pip] = [entry["pip"] for entry in dependencies if isinstance(entry, dict)]
        assert pip == pip_pins("requirements.txt")


def test_every_pin_is_exact():
    for pin in [pin for path in sorted(ROOT.glob("requirements*.txt")) for pin in pip_pins(path.name)]:
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9A-Za-z.]*", pin), pin


def test_our_executor_names_the_pins_of_the_plugin_that_it_is_made_for():
    project = tomllib.loads((ROOT / "workflow/slurm/pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["dependencies"] == pip_pins("requirements-slurm.txt")


@pytest.mark.parametrize(("file", "module"), OPTIONAL.items())
def test_an_optional_package_is_the_one_that_messages_name(file, module):
    assert pip_pins(file) == [module.PACKAGE]


def test_the_trackers_are_those_that_messages_name_and_the_tests_have_all_of_them():
    assert pip_pins("requirements-tracking.txt") == list(trackers.PACKAGES.values())
    assert "-r requirements-tracking.txt" in (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()


def test_the_terminals_grid_names_the_pin_of_what_draws_it():
    project = tomllib.loads((ROOT / "workflow/terminal/pyproject.toml").read_text(encoding="utf-8"))["project"]
    [rich] = [pin for pin in project["dependencies"] if pin.startswith("rich")]
    assert rich in pip_pins("requirements.txt")


def test_the_tests_have_every_optional_package():
    lines = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    assert {f"-r {file}" for file in (*OPTIONAL, "requirements-energy.txt")} <= set(lines)


def test_versions_that_the_study_names():
    pins = dict(pin.split("==") for pin in pip_pins("requirements.txt"))
    assert pins["torch"] == "2.13.0"
    assert pins["snakemake"].startswith("9.27.")
    assert pins["transformers"].startswith("5.23.")


def test_test_tools_stay_out_of_the_run_time_pins():
    runtime = {pin.split("==")[0] for pin in pip_pins("requirements.txt")}
    development = {pin.split("==")[0] for pin in pip_pins("requirements-dev.txt")}
    assert not runtime & development
