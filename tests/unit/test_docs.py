"""config/README.md is right: every key with its default, examples that are valid, blocks that work."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import jsonschema
import pytest
import yaml
from project import ROOT
from shapes import FAMILIES

from parity.config import check_config, load_schema
from parity.data import canonical_digest, load_split
from parity.errors import InputError
from parity.methods import NEED_CODE, peft_config
from parity.probes import check_method

MANUAL = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
SCHEMA = load_schema("config")
COLUMNS = {"id": None, "dialogue": "dialogue", "summary": "summary"}


def keys(schema: dict, prefix: str = "") -> Iterator[tuple[str, dict, bool]]:
    """Every key below `schema`: its full name, its schema, and whether it is required."""
    for name, found in schema.get("properties", {}).items():
        if not found:
            # `kind: {}` in a branch only lets the key through.
            continue
        key = f"{prefix}{name}"
        yield key, found, name in schema.get("required", [])
        # What a block of a method's own holds is described once, as the study's.
        if not (prefix.startswith("methods.") and "$ref" in found):
            yield from keys(resolved(found), f"{key}.")
    if isinstance(more := schema.get("additionalProperties"), dict):
        yield from keys(resolved(more), f"{prefix}<name>.")
    for branch in schema.get("allOf", []):
        yield from keys(branch["then"], prefix)


def resolved(schema: dict) -> dict:
    if "$ref" in schema:
        return SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")] | schema
    return schema


def table_rows() -> dict[str, tuple[str, str]]:
    """(default, example) of each row of the manual's tables, by key."""
    rows = re.findall(r"^\| `([^`]+)` \| .+ \| ([^|]+) \| ([^|]+) \|$", MANUAL, re.M)
    assert len({key for key, *_ in rows}) == len(rows), "a key has two rows"
    return {key: (default, example) for key, default, example in rows}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", MANUAL, re.M | re.S)


def study_with(block: str) -> dict:
    """The shipped study with a block of the manual in it, as somebody would put it there."""
    config = yaml.safe_load((ROOT / "config" / "dialogsum.yaml").read_text(encoding="utf-8"))
    changes = yaml.safe_load(block)
    methods = changes.pop("methods", {})
    if methods:
        config["methods"] |= methods
        changes.setdefault("compare", list(methods))
    return config | changes


KEYS = {key: (schema, required) for key, schema, required in keys(SCHEMA)}
ROWS = table_rows()
ADAPTERS = {
    f"{number}-{name}": method
    for number, block in enumerate(blocks("yaml"))
    for name, method in yaml.safe_load(block).get("methods", {}).items()
    if method["kind"] == "peft"
}


def test_every_key_of_the_schema_has_a_row_and_no_other_key_has():
    assert len(KEYS) > 60
    assert set(ROWS) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_the_default_in_the_manual_is_the_schemas(key):
    schema, required = KEYS[key]
    default = ROWS[key][0]
    if required:
        assert default == "required"
    elif "default" in schema:
        assert yaml.safe_load(default.strip("`")) == schema["default"]
    else:
        assert default == "not set"


@pytest.mark.parametrize("key", KEYS)
def test_the_example_in_the_manual_is_valid_and_not_the_default(key):
    schema, _ = KEYS[key]
    example = yaml.safe_load(ROWS[key][1].strip("`"))
    jsonschema.Draft202012Validator(schema | {"$defs": SCHEMA["$defs"]}).validate(example)
    assert example != schema.get("default")


@pytest.mark.parametrize("block", blocks("yaml"), ids=range(len(blocks("yaml"))))
def test_each_yaml_block_makes_a_valid_study(block):
    check_config(study_with(block), "config/README.md")


def test_the_whole_config_of_the_manual_stands_alone_and_reads_a_csv_with_its_columns(tmp_path):
    config = next(study for block in blocks("yaml") if "name" in (study := yaml.safe_load(block)))
    check_config(config, "config/README.md")
    assert set(config["compare"]) == set(config["methods"])
    talk = 'Zoë: Tea, coffee?\nBen: "Tea"; please.'
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["call_no", "minutes", "transcript"], ["7", "Ben, of all people, takes tea.", talk]])
    (record,) = load_split(tmp_path / "a.csv", "train", config["data"]["columns"])
    assert (record.id, record.dialogue, record.references) == ("7", talk, ("Ben, of all people, takes tea.",))


@pytest.mark.parametrize("name", ADAPTERS)
def test_each_adapter_of_the_manual_runs_on_an_encoder_decoder(tiny_model, tokens, name):
    row = tokens["train"][0]
    counts = check_method(name, ADAPTERS[name], tiny_model, {"input_ids": row["input_ids"], "labels": row["labels"]})
    assert 0 < counts["trainable"] < counts["parameters"]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_manuals_adapters_run_on_the_families_that_it_says(shape, family):
    """Those without target_modules on all, those with T5's names on T5's kin."""
    fitting = {name: one for name, one in ADAPTERS.items() if "5" in family or "target_modules" not in one["peft"]}
    assert {one["peft"]["peft_type"] for one in fitting.values()} == {"LORA", "IA3", "PREFIX_TUNING", "PROMPT_TUNING"}
    for name, one in fitting.items():
        assert check_method(name, one, shape(family), {"input_ids": [5, 6, 1], "labels": [7, 8, 1]})["trainable"] > 0


def test_the_manual_shows_the_adapters_that_people_ask_for():
    shown = {(method["peft"]["peft_type"], method["peft"].get("use_dora", False)) for method in ADAPTERS.values()}
    assert shown == {("LORA", False), ("LORA", True), ("IA3", False), ("PREFIX_TUNING", False), ("PROMPT_TUNING", False)}


def refused_types() -> list[str]:
    [section] = re.findall(r"^Some types are refused.*?\n\n(.*?)\n\n", MANUAL, re.M | re.S)
    return re.findall(r"`([A-Z_]+)`", section)


def test_the_manual_names_the_types_that_need_code():
    assert set(NEED_CODE) <= set(refused_types())


@pytest.mark.parametrize("peft_type", refused_types())
def test_a_type_that_the_manual_calls_refused_is(tiny_model, tokens, peft_type):
    row = tokens["train"][0]
    probe = {"input_ids": row["input_ids"], "labels": row["labels"]}
    with pytest.raises(InputError, match=peft_type):
        peft_config("mine", {"peft_type": peft_type})
        check_method("mine", {"kind": "peft", "peft": {"peft_type": peft_type}}, tiny_model, probe)


def test_the_two_layouts_of_dialogsum_in_the_manual_are_the_same_data(tmp_path):
    digests = set()
    for language in ("jsonl", "csv"):
        [text] = blocks(language)
        path = tmp_path / f"test.{language}"
        path.write_text(text, encoding="utf-8")
        records = load_split(path, "test", COLUMNS)
        assert [(record.id, len(record.references)) for record in records] == [("test_0", 3), ("test_1", 3)]
        digests.add(canonical_digest({"train": [], "validation": [], "test": records}))
    assert len(digests) == 1


def test_the_json_array_in_the_manual_loads(tmp_path):
    [text] = blocks("json")
    path = tmp_path / "val.json"
    path.write_text(text, encoding="utf-8")
    assert [record.id for record in load_split(path, "validation", COLUMNS)] == ["1", "2"]


def test_the_shipped_configs_are_named_in_the_manual():
    for path in sorted((ROOT / "config").glob("*.yaml")):
        assert f"`{path.name}`" in MANUAL


def test_the_defects_that_docs_tell_of_are_those_that_can_be_reproduced_and_the_command_runs():
    page = (ROOT / "docs/CLUSTER.md").read_text(encoding="utf-8")
    command = re.search(r"^    (PYTHONPATH=\S+) \.venv/bin/python (\S+reproduce_defects\.py --list)$", page, re.M)
    name, value = command[1].split("=")
    environment = {key: text for key, text in os.environ.items() if key != "PYTHONPATH"} | {name: value}
    done = subprocess.run(
        [sys.executable, *command[2].split()], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert re.search(r"reproduce_defects\.py (?!--)(\S+)$", page, re.M)[1] in done.stdout.split()


# One process for all: the libraries that nearly all of them load take longer than anything else.
HELP = """
import os, runpy, sys, traceback
failed, path = [], sys.path
for words in sys.argv[1:]:
    *module, name = words.split()
    # As Python begins.
    sys.argv, sys.path = [name, "--help"], [os.getcwd() if module else os.path.dirname(name), *path[1:]]
    try:
        runpy.run_module(name, run_name="__main__", alter_sys=True) if module else runpy.run_path(name, run_name="__main__")
    except SystemExit as end:
        failed += [words] if end.code else []
    except BaseException:
        failed.append(words + traceback.format_exc())
    else:
        failed.append(words + " knows no --help")
sys.exit("; ".join(failed) or 0)
"""


def test_the_benchmarks_that_docs_tell_to_run_begin():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("benchmarks/*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    programs = set(re.findall(r"\.venv/bin/python (-m benchmarks\.[\w.]*\w|benchmarks/\w+\.py)", text))
    assert len(programs) >= 12
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", HELP, *sorted(programs)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
