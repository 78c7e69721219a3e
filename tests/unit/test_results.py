"""parity.results and parity.provenance: a run's record keeps its contract, and says where its numbers come from."""

import copy
import json
import subprocess
from datetime import UTC, datetime

import jsonschema
import pytest
from made_up_studies import COSTS, SCORING, SPEED, TASK, generation_record, seconds_by_phase

from parity.config import load_schema
from parity.provenance import PACKAGES, describe_code, describe_machine, describe_packages, now
from parity.results import METRICS, SPEED_KEYS, TRAINING_KEYS, result_record

MACHINE = {"system": "Linux", "processor": "x", "cores": 2, "memory_bytes": 8}
DIGEST = "0" * 64
TRAINING = {
    "method": "lora",
    "seed": 3,
    "settings": {},
    "parameters": 100,
    "trainable": 4,
    "trainable_percent": 4.0,
    "target_modules": ["q", "v"],
    "steps": 20,
    "precision": "bf16",
    "processes": 2,
    "cpu_threads": 3,
    "gradient_accumulation_steps": 4,
    "resumed": [{"step": 7}],
    "input_tokens": 999,
    "target_tokens": 99,
    **COSTS,
    **SPEED,
    **seconds_by_phase(train=1.5, evaluate=0.5, save=0.25),
    "bytes_on_disk": 678,
    "device": "cpu",
    "machine": MACHINE,
    "loss": [{"step": 10, "loss": 2.0}, {"step": 20, "loss": 1.0}],
    "eval_loss": [{"step": 10, "eval_loss": 2.5}, {"step": 20, "eval_loss": 1.25}],
}


def arguments() -> dict:
    return {
        "study": "mine",
        "method": "lora",
        "seed": 3,
        "block": {"kind": "peft", "peft": {"peft_type": "LORA"}, "train": {"batch_size": 8}},
        "metrics": {f"{metric}{suffix}": 12.5 for metric in METRICS for suffix in ("", "_max")},
        "counts": {"dialogues": 5, "references": 15, "predictions": 5, "empty_predictions": 0},
        "training": copy.deepcopy(TRAINING),
        "generation": copy.deepcopy(generation_record()),
        "scoring": copy.deepcopy(SCORING),
        "task": copy.deepcopy(TASK),
        "provenance": {
            "finished": "2030-01-01T00:00:00+00:00",
            "code": {"commit": None, "dirty": None},
            "packages": {"torch": "2", "evaluate": None},
            "machine": MACHINE,
            "digests": {"data": DIGEST, "data_used": DIGEST, "model": DIGEST, "predictions": DIGEST, "code": {"score": DIGEST}},
        },
    }


def test_a_record_holds_what_it_was_given_and_the_last_losses():
    given = arguments()
    record = result_record(**given)
    assert (record["study"], record["method"], record["kind"], record["seed"]) == ("mine", "lora", "peft", 3)
    assert record["settings"] == {"peft": {"peft_type": "LORA"}, "train": {"batch_size": 8}}
    assert record["training"] == {key: TRAINING[key] for key in TRAINING_KEYS + SPEED_KEYS} | {"loss": 1.0, "eval_loss": 1.25}
    for key in ("metrics", "counts", "generation", "scoring", "provenance"):
        assert record[key] == given[key]
    assert "0 to 100" in record["unit"]
    assert "mean over a dialogue's references" in record["protocol"]
    assert json.loads(json.dumps(record)) == record


def test_a_run_without_seed_training_or_generation_has_null_there():
    record = result_record(
        **arguments() | {"seed": None, "training": None, "generation": None, "block": {"kind": "baseline", "baseline": "human"}}
    )
    assert (record["seed"], record["training"], record["generation"]) == (None, None, None)


def test_a_training_that_logged_no_loss_has_null_there():
    record = result_record(**arguments() | {"training": TRAINING | {"loss": [], "eval_loss": []}})
    assert (record["training"]["loss"], record["training"]["eval_loss"]) == (None, None)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("seed",), "3"),
        (("seed",), 1.5),
        (("block", "kind"), "magic"),
        (("scoring", "backend"), "rouge"),
        (("scoring", "stemmer"), True),
        (("metrics", "rouge1"), 100.1),
        (("metrics", "rouge1"), -0.1),
        (("metrics", "rouge1"), None),
        (("metrics", "rouge3"), 1.0),
        (("counts", "dialogues"), 0),
        (("counts", "dialogues"), 2.5),
        (("counts", "surplus"), 1),
        (("training", "trainable"), 0),
        (("training", "parameters"), "many"),
        (("training", "precision"), "fp16"),
        (("training", "processes"), 0),
        (("training", "bytes_on_disk"), 0),
        (("training", "seconds_by_phase", "train"), None),
        (("training", "seconds_by_phase", "wait"), 1.0),
        (("training", "peak_gpu_bytes"), 0),
        (("training", "padding_share"), 1.5),
        (("training", "token_sums", "source"), 0.5),
        (("scoring", "cpu_energy_joules"), -1),
        (("generation", "cut_off"), -1),
        (("generation", "speed"), 1),
        (("provenance", "digests", "data"), "abc"),
        (("provenance", "digests", "model"), DIGEST.replace("0", "G")),
        (("provenance", "digests", "code", "train"), "not a digest"),
        (("provenance", "machine", "cores"), 0),
        (("provenance", "code", "dirty"), "yes"),
        (("provenance", "packages", "torch"), 2),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else repr(value)[:12],
)
def test_a_value_that_breaks_the_contract_raises(path, value):
    given = arguments()
    place = given
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        result_record(**given)


@pytest.mark.parametrize(
    "path",
    [
        ("scoring", "backend"),
        ("task", "prompt"),
        ("task", "model", "revision"),
        ("metrics", "rougeLsum_max"),
        ("counts", "empty_predictions"),
        ("generation", "machine"),
        ("provenance", "finished"),
        ("provenance", "code", "dirty"),
        ("provenance", "digests", "data_used"),
    ],
    ids=".".join,
)
def test_a_missing_key_breaks_the_contract(path):
    given = arguments()
    place = given
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    with pytest.raises(jsonschema.ValidationError, match=path[-1]):
        result_record(**given)


def test_a_training_record_without_a_cost_is_no_training_record():
    given = arguments()
    del given["training"]["steps"]
    with pytest.raises(KeyError, match="steps"):
        result_record(**given)


def test_the_contract_is_itself_a_valid_schema_and_closed():
    schema = load_schema("result")
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["required"]) == set(schema["properties"])
    assert set(schema["properties"]["training"]["properties"]) == {*TRAINING_KEYS, *SPEED_KEYS, "loss", "eval_loss"}


def git(folder, *words):
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", "-C", str(folder), *identity, *words], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_code_is_described_by_commit_and_whether_tracked_files_differ(tmp_path):
    git(tmp_path, "init", "--quiet")
    (tmp_path / "Snakefile").write_text("one\n")
    git(tmp_path, "add", "Snakefile")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert describe_code(tmp_path) == {"commit": commit, "dirty": False}
    (tmp_path / "results.csv").write_text("untracked files are no part of the code\n")
    assert describe_code(tmp_path) == {"commit": commit, "dirty": False}
    (tmp_path / "Snakefile").write_text("two\n")
    assert describe_code(tmp_path) == {"commit": commit, "dirty": True}


def test_code_outside_a_checkout_or_without_git_has_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert describe_code(tmp_path) == {"commit": None, "dirty": None}
    monkeypatch.setenv("PATH", str(tmp_path))
    assert describe_code(tmp_path) == {"commit": None, "dirty": None}


def test_packages_have_their_versions_and_null_where_they_are_not_installed(monkeypatch):
    import torch

    found = describe_packages()
    assert set(found) == {"python", *PACKAGES}
    assert found["torch"] == torch.__version__
    monkeypatch.setattr("parity.provenance.PACKAGES", ("torch", "a-package-that-is-not-there"))
    assert describe_packages()["a-package-that-is-not-there"] is None


def test_the_machine_is_described_as_the_contract_asks():
    machine = describe_machine()
    schema = load_schema("result")
    jsonschema.validate(machine, {"$ref": "#/$defs/machine", "$defs": schema["$defs"]})
    assert machine["system"]


def test_the_time_is_utc_to_the_second():
    before = datetime.now(UTC).replace(microsecond=0)
    moment = datetime.fromisoformat(now())
    assert before <= moment <= datetime.now(UTC)
    assert moment.utcoffset().total_seconds() == 0
    assert moment.microsecond == 0
