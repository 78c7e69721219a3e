"""docs/TOUR.md walks through functions and files that exist."""

from __future__ import annotations

import importlib
import re

import pytest
import yaml
from project import ROOT

TEXT = (ROOT / "docs/TOUR.md").read_text(encoding="utf-8")
LIBRARY = ROOT / "workflow/scripts/parity"
NAMES = sorted(
    {(module, name) for module, name in re.findall(r"`(\w+)\.(\w+)`", TEXT) if (LIBRARY / f"{module}.py").is_file()}
    - {("rouge", "py"), ("rouge", "json")}
)


def test_the_tour_names_enough_of_the_house():
    assert len(NAMES) >= 30
    # All others in that form are files, or the page's own example.
    others = set(re.findall(r"`(\w+\.\w+)`", TEXT)) - {".".join(name) for name in NAMES}
    assert {name for name in others if name.split(".")[1] not in ("json", "jsonl", "csv", "py")} == {"module.function"}


@pytest.mark.parametrize(("module", "name"), NAMES, ids=lambda value: value)
def test_a_function_on_the_way_exists(module, name):
    assert callable(getattr(importlib.import_module(f"parity.{module}"), name))


def test_rules_and_scripts_on_the_way_exist():
    rules = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow/rules").glob("*.smk"))
    for name in re.findall(r"^## .*: (?:still )?(?:rules? )?(.*)$", TEXT, re.M):
        for rule in re.findall(r"`(\w+)`", name):
            assert f"rule {rule}:" in rules and (ROOT / f"workflow/scripts/{rule}.py").is_file()


def test_the_dialogue_and_its_methods_are_the_quick_starts():
    first = (ROOT / "resources/quickstart/test.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert '"test_0"' in first and "Station Hotel" in first and "room 611" in first
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    assert {"zero_shot", "full", "lora", "lead", "human"} <= set(config["compare"])
