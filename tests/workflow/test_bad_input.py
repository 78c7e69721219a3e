"""Bad input ends with a message that says where, what and how to mend it, before any training, and leaves nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("bad") / "project")

    def shrink(config):
        config["name"] = "small"
        config["compare"] = ["zero_shot", "lora", "lead"]
        config["data"].update(max_train_samples=4, max_validation_samples=2, max_test_samples=2)

    project.edit_config(shrink)
    return project


def run_with(project: Project, edit) -> str:
    """The output of a run that must fail, after an edit of the config, with nothing left behind but logs."""
    path = project.folder / "config/config.yaml"
    original = path.read_text(encoding="utf-8")
    try:
        project.edit_config(edit)
        done = project.snakemake("--cores", "2", check=False)
    finally:
        path.write_text(original, encoding="utf-8")
    assert done.returncode != 0
    assert "rule train:" not in done.stdout
    results = project.folder / "results"
    left = [p for p in results.rglob("*") if p.is_file() and "logs" not in p.parts and "benchmarks" not in p.parts]

    # What prepare and check finished stays, whole and on record; nothing of a run may.
    def is_before_runs(path: Path) -> bool:
        return (
            path.parent.name == "data"
            or "tokens" in path.parts
            or path.name.startswith(("prepare.", "check.", ".prepare.", ".check."))
        )

    assert all(map(is_before_runs, left)), left
    return done.stdout


def set_in(*keys_and_value):
    """An edit that sets config[a][b]... = value."""
    *keys, last, value = keys_and_value

    def edit(config):
        block = config
        for key in keys:
            block = block.setdefault(key, {})
        block[last] = value

    return edit


CONFIG_FAULTS = {
    "a misspelt key": (set_in("max_sorce_length", 512), ["max_sorce_length = 512", "unknown key", "max_source_length"]),
    "a misspelt key of a method": (
        set_in("methods", "lora", "train", "learning_rat", 0.1),
        ["methods.lora.train.learning_rat", "did you mean learning_rate"],
    ),
    "an unknown method": (set_in("compare", ["zero_shot", "lorra"]), ["compare: lorra", "Did you mean lora?"]),
    "a negative rate": (
        set_in("methods", "full", "train", "learning_rate", -1.0e-3),
        ["methods.full.train.learning_rate = -0.001"],
    ),
    "a rate that YAML takes for text": (set_in("methods", "full", "train", "learning_rate", "1e-3"), ["1.0e-4, not 1e-4"]),
    "a seed that is no integer": (set_in("seeds", [1, "two"]), ["seeds.1 = 'two'", "integer"]),
    "a seed twice": (set_in("seeds", [1, 1]), ["seeds = [1, 1]", "non-unique"]),
    "a prompt without its placeholder": (set_in("prompt", "Summarize."), ["prompt = 'Summarize.'", "{dialogue}"]),
    "a token limit of zero": (set_in("max_source_length", 0), ["max_source_length = 0", "minimum of 1"]),
    "a margin of zero": (set_in("comparison", "margin", 0), ["comparison.margin = 0"]),
    "a contrast that names an unknown method": (
        set_in("comparison", "contrasts", [["lora", "ful"]]),
        ["comparison.contrasts.0", "ful is not in compare", "Compared: zero_shot, lora, lead"],
    ),
    "a missing data file": (set_in("data", "splits", "test", "tset.jsonl"), ["data.splits", "no such file", "tset.jsonl"]),
    "a missing model": (set_in("model", "name_or_path", "models/none"), ["model.name_or_path", "no such file", "models/none"]),
    "a missing file of predictions": (
        lambda config: (
            config["compare"].append("theirs"),
            config["methods"].update(theirs={"kind": "predictions", "file": "theirs.jsonl"}),
        ),
        ["methods.theirs.file", "no such file: theirs.jsonl"],
    ),
}


@pytest.mark.parametrize(("edit", "parts"), CONFIG_FAULTS.values(), ids=CONFIG_FAULTS.keys())
def test_a_fault_in_the_config_is_named_before_any_job_runs(project: Project, edit, parts):
    output = run_with(project, edit)
    for part in ["config/config.yaml", *parts]:
        assert part in output
    assert "rule prepare:" not in output


def write_split(project: Project, name: str, content: bytes) -> str:
    (project.folder / "resources/quickstart" / name).write_bytes(content)
    return name


def record(**changes) -> dict:
    return {"id": "a", "dialogue": "#Person1#: Hi.", "summary": "A greeting."} | changes


def lines(*records: dict) -> bytes:
    return "".join(json.dumps(r) + "\n" for r in records).encode()


DATA_FAULTS = {
    "truncated": (lines(record()) + b'{"id": "b", "dialogue": "#Pers', ["line 2", "not JSON", "fetch or copy it again"]),
    "not UTF-8": (b'{"id": "a", "dialogue": "caf\xe9", "summary": "x"}\n', ["line 1", "not UTF-8", "iconv"]),
    "empty": (b"", ["the file is empty"]),
    "without a column": (lines({"id": "a", "dialogue": "Hi."}), ["record 1", "no column 'summary'", "data.columns"]),
    "with a blank reference": (lines(record(), record(id="b", dialogue="x", summary="  ")), ["empty summary in 1 record(s): b"]),
}


@pytest.mark.parametrize(("content", "parts"), DATA_FAULTS.values(), ids=DATA_FAULTS.keys())
def test_a_broken_test_file_is_named_with_its_line(project: Project, content, parts):
    name = write_split(project, "broken.jsonl", content)
    output = run_with(project, set_in("data", "splits", "test", name))
    for part in ["resources/quickstart", *parts]:
        assert part in output


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        ([{"id": "nobody", "prediction": "x"}], ["id 'nobody' is not in the test set"]),
        ("first only", ["no prediction for 1 of 2 test dialogues"]),
        ("first twice", ["stands twice"]),
    ],
)
def test_predictions_that_do_not_fit_the_test_set_are_refused(project: Project, rows, parts):
    if isinstance(rows, str):
        project.snakemake("--cores", "2", "--until", "prepare")
        test = project.folder / "results/small/data/test.jsonl"
        first = json.loads(test.read_text(encoding="utf-8").splitlines()[0])["id"]
        rows = [{"id": first, "prediction": "x"}] * (2 if rows == "first twice" else 1)
    Path(project.folder / "theirs.jsonl").write_bytes(lines(*rows))

    def edit(config):
        config["compare"].append("theirs")
        config["methods"]["theirs"] = {"kind": "predictions", "file": "theirs.jsonl"}

    output = run_with(project, edit)
    for part in ["methods.theirs.file: theirs.jsonl", *parts]:
        assert part in output


@pytest.mark.parametrize(
    ("peft", "parts"),
    [
        ({"peft_type": "LORRA"}, ["methods.lora.peft.peft_type = 'LORRA'", "Did you mean LORA?"]),
        ({"peft_type": "ADAPTION_PROMPT", "adapter_len": 4, "adapter_layers": 1}, ["methods.lora.peft", "ADAPTION_PROMPT"]),
        ({"peft_type": "LORA", "target_modules": ["query"]}, ["methods.lora.peft", "target_modules"]),
        ({"peft_type": "ADALORA", "total_step": 10}, ["ADALORA", "training step"]),
    ],
    ids=["unknown", "decoder-only", "no such module", "needs code"],
)
def test_a_peft_block_that_does_not_fit_is_refused_before_training(project: Project, peft, parts):
    output = run_with(project, set_in("methods", "lora", "peft", peft))
    for part in parts:
        assert part in output


def test_a_model_folder_without_weights_is_refused(project: Project):
    folder = project.folder / "models/empty"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((project.folder / "resources/quickstart/model" / name).read_bytes())
    output = run_with(project, set_in("model", "name_or_path", "models/empty"))
    assert "models/empty: no weights" in output


def test_a_ceiling_needs_two_references(project: Project):
    name = write_split(project, "single.jsonl", lines(record(), record(id="b", dialogue="#Person1#: Bye.")))

    def edit(config):
        config["compare"].append("human")
        config["data"]["splits"]["test"] = name

    assert "methods.human: the baseline human needs two references" in run_with(project, edit)
