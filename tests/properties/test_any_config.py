"""Any config is either refused with its file, key, value and remedy, or is one that all of the workflow can use."""

from __future__ import annotations

import copy

import yaml
from generated import TEXT, YAML, cases
from hypothesis import strategies as st
from project import ROOT

from parity import config as study
from parity import human_rules
from parity.compared import is_deterministic, report_config
from parity.config import check_config, contrasts_of, retyped
from parity.errors import InputError
from parity.files import digest

SHIPPED = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in sorted((ROOT / "config").glob("*.yaml"))}
FILE = "config/mine.yaml"


def places(value: object, path: tuple = ()) -> list[tuple]:
    """The path of every key and list entry, at any depth."""
    found = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        found += [(*path, key), *places(part, (*path, key))]
    return found


@st.composite
def configs(draw: st.DrawFn) -> dict:
    """A shipped config with one to three things wrong, odd or missing."""
    config = copy.deepcopy(SHIPPED[draw(st.sampled_from(sorted(SHIPPED)))])
    for _ in range(draw(st.integers(1, 3))):
        if not (known := places(config)):
            break
        *path, last = draw(st.sampled_from(known))
        inside = config
        for key in path:
            inside = inside[key]
        change = draw(st.sampled_from(["remove", "replace", "replace", "add", "swap", "cycle"]))
        if change == "remove":
            del inside[last]
        elif change == "replace":
            inside[last] = copy.deepcopy(draw(YAML))
        elif change == "swap":
            inside[last] = copy.deepcopy(draw(st.sampled_from(list(SHIPPED.values())))).get(
                draw(st.sampled_from(list(config) or [""]))
            )
        elif change == "cycle":
            inside[last] = inside
            break
        elif isinstance(inside, dict):
            inside[draw(TEXT | st.sampled_from(["seed", "peft", "train", "generation", "n", "file", "quantization"]))] = draw(
                YAML
            )
        else:
            inside.append(copy.deepcopy(draw(YAML | st.just(inside[0]))))
    return config


@cases(config=configs())
def test_a_config_is_refused_by_its_file_or_usable_by_every_rule(config):
    try:
        check_config(config, FILE)
    except InputError as error:
        assert str(error).startswith(f"{FILE}: ") or str(error).startswith(FILE)
        assert len(error.arguments[2]) > 5
        # Snakemake prints it.
        str(error).encode()
        return
    runs = study.study_runs(config)
    assert runs and len(set(runs)) == len(runs)
    for name in config["compare"]:
        # Snakemake compares params, and checkpoints are found by the digest of the method's block.
        assert len(digest(study.method_block(config, name))) == 64
        is_deterministic(config, name)
    contrasts_of(config), study.task_of(config), study.outside_files(config), study.hub_repositories(config)
    human_rules.rated_methods(config), digest(report_config(config)), digest(config)
    assert ".." not in config["name"].split("/") and "/" not in config["name"]


@cases(overrides=st.dictionaries(st.sampled_from(["name", "seeds", "train"]), YAML, max_size=2))
def test_what_the_command_line_gives_is_read_or_refused(overrides):
    try:
        retyped(overrides)
    except InputError as error:
        assert str(error).startswith("--config")
