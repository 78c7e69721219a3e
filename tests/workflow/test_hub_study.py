"""A study by its config alone: model and data from the hub (one on this machine), fetched once, and offline from then on."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hub_server import HubServer
from project import ROOT, Project
from tiny import make_model, train_tokenizer

from parity.data import SPLITS, canonical_digest, load_split

SIZES = {"train": 6, "validation": 3, "test": 4}
COLUMNS = {"id": None, "dialogue": "dialogue", "summary": "summary"}
MODEL_FOLDER = "resources/hub/models--someone--tiny-t5"
DATA_FOLDER = "resources/hub/datasets--someone--talks"
METRICS = ["rouge1", "rouge2", "rougeL", "rougeLsum"]


@dataclass
class Study:
    """A study that was run over a hub, which has gone away since."""

    project: Project
    commits: dict[str, str]
    requests: list[tuple[str, str]]

    def results(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.project.folder / "results" / name / "results.csv")

    def config(self, name: str, **data) -> str:
        """A config file for the same study under another name, with other `data` keys."""

        def edit(config):
            config["name"] = name
            config["data"] |= data

        return self.project.edit_config(edit, "config/hub.yaml", f"config/{name}.yaml")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("hub_study")
    project = Project(folder / "project")
    rows = {split: first_rows(split) for split in SPLITS}
    with HubServer() as hub, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_ENDPOINT", hub.url)
        patch.setenv("HF_HOME", str(folder / "hf_home"))
        commits = {
            "model": hub.add("model", "someone/tiny-t5", tiny_model(folder / "model", rows["train"])),
            "data": hub.add("dataset", "someone/talks", hub_layout(rows)),
        }
        config = {
            "name": "hub",
            "seeds": [1, 2],
            "compare": ["zero_shot", "lead"],
            "model": {"source": "hub", "name_or_path": "someone/tiny-t5", "revision": commits["model"]},
            "data": {
                "source": "hub",
                "name_or_path": "someone/talks",
                "revision": "main",
                "splits": {split: f"{split}.csv" for split in SPLITS},
                "digest": digest_of_the_official_layout(folder, rows),
            },
            "generation": {"max_new_tokens": 8, "batch_size": 4},
            "methods": {"zero_shot": {"kind": "zero_shot"}, "lead": {"kind": "baseline", "baseline": "lead", "n": 2}},
        }
        (project.folder / "config" / "hub.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        project.snakemake("--cores", "2", "--configfile", "config/hub.yaml")
        hub.stop()
        # HF_ENDPOINT still names the hub that is gone.
        yield Study(project, commits, hub.requests)


def first_rows(split: str) -> list[dict]:
    lines = (ROOT / "resources" / "quickstart" / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[: SIZES[split]]]


def hub_layout(rows: dict[str, list[dict]]) -> dict[str, bytes]:
    """DialogSum's layout on the hub: CSV, and a test dialogue three times with a reference each, test_0_1 .. test_0_3."""
    files = {"README.md": b"---\nlicense: unknown\n---\n"}
    for split, records in rows.items():
        out = io.StringIO()
        writer = csv.DictWriter(out, ["id", "dialogue", "summary", "topic"])
        writer.writeheader()
        for row in records:
            for number in (1, 2, 3) if split == "test" else ("",):
                row_id = f"{row['fname']}_{number}" if number else row["fname"]
                writer.writerow({"id": row_id, "dialogue": row["dialogue"], "summary": row[f"summary{number}"], "topic": "talk"})
        files[f"{split}.csv"] = out.getvalue().encode()
    return files


def digest_of_the_official_layout(folder: Path, rows: dict[str, list[dict]]) -> str:
    loaded = {}
    for split, records in rows.items():
        path = folder / f"{split}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in records), encoding="utf-8")
        loaded[split] = load_split(path, split, COLUMNS)
    return canonical_digest(loaded)


def tiny_model(folder: Path, rows: list[dict]) -> dict[str, bytes]:
    """The files of an encoder-decoder with random weights and a byte-level BPE tokenizer."""
    tokenizer = train_tokenizer(row["dialogue"] for row in rows)
    make_model(vocab_size=len(tokenizer), num_layers=1, num_decoder_layers=1).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return files | {"README.md": b"a model card", "flax_model.msgpack": b"the weights again"}


def test_the_table_of_a_study_over_the_hub_comes_out(study: Study):
    summary = pd.read_csv(study.project.folder / "results" / "hub" / "summary.csv")
    assert summary["method"].tolist() == ["zero_shot", "lead"]
    assert summary["rouge1_mean"].notna().all()
    # An utterance shares words with a summary; random weights are as good as silent.
    assert summary["rouge1_mean"][1] > 10 > summary["rouge1_mean"][0]
    page = (study.project.folder / "results" / "hub" / "summary.md").read_text(encoding="utf-8")
    assert "Model: someone/tiny-t5. Data: someone/talks." in page
    assert "4 test dialogues with 3 references each" in page


def test_the_hub_layouts_rows_are_gathered_into_the_official_dialogues(study: Study):
    path = study.project.folder / "results" / "hub" / "data" / "test.jsonl"
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = first_rows("test")
    assert [record["id"] for record in records] == [row["fname"] for row in rows]
    assert [record["references"] for record in records] == [[row[f"summary{n}"] for n in (1, 2, 3)] for row in rows]


@pytest.mark.parametrize(
    ("kind", "folder", "files"),
    [
        ("data", f"{DATA_FOLDER}/main", {"train.csv", "validation.csv", "test.csv"}),
        (
            "model",
            MODEL_FOLDER,
            {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"},
        ),
    ],
)
def test_the_commit_that_was_fetched_is_recorded(study: Study, kind, folder, files):
    folder = folder if kind == "data" else f"{folder}/{study.commits['model']}"
    record = json.loads((study.project.folder / folder / "fetched.json").read_text(encoding="utf-8"))
    assert record["commit"] == study.commits[kind]
    assert set(record["sha256"]) == files


def test_only_what_the_study_reads_was_asked_of_the_hub_and_each_file_once(study: Study):
    downloads = [path for method, path in study.requests if method == "GET" and ("/resolve/" in path or "/store/" in path)]
    assert len(downloads) == len(set(downloads))
    # The weights come from the store that the hub sends to, which knows them by their digest.
    [weights] = [path.removeprefix("/store/") for path in downloads if path.startswith("/store/")]
    record = study.project.folder / MODEL_FOLDER / study.commits["model"] / "fetched.json"
    assert weights == json.loads(record.read_text(encoding="utf-8"))["sha256"]["model.safetensors"]
    assert {path.rsplit("/", 1)[1] for path in downloads} == {
        *(f"{split}.csv" for split in SPLITS),
        *("config.json", "generation_config.json", weights, "tokenizer.json", "tokenizer_config.json"),
    }


def test_a_second_run_does_nothing(study: Study):
    assert study.project.planned_jobs("--configfile", "config/hub.yaml") == {}
    asked = len(study.requests)
    done = study.project.snakemake("--cores", "2", "--configfile", "config/hub.yaml")
    assert "Nothing to be done" in done.stdout
    assert len(study.requests) == asked


def test_once_fetched_everything_runs_without_the_hub_and_gives_the_same_scores(study: Study):
    config = study.config("offline")
    assert study.project.planned_jobs("--configfile", config) == {
        "prepare": 1,
        "check": 1,
        "generate": 1,
        "baseline": 1,
        "score": 2,
        "compare": 1,
        "aggregate": 1,
        "failures": 1,
        "report": 1,
    }
    study.project.snakemake("--cores", "2", "--configfile", config)
    pd.testing.assert_frame_equal(study.results("offline")[["method", *METRICS]], study.results("hub")[["method", *METRICS]])


def test_data_of_another_digest_are_refused_before_anything_is_generated(study: Study):
    expected = "0" * 64
    config = study.config("wrong_digest", digest=expected)
    done = study.project.snakemake("--cores", "2", "--configfile", config, check=False)
    assert done.returncode != 0
    audit = json.loads((study.project.folder / "results" / "hub" / "data" / "audit.json").read_text(encoding="utf-8"))
    assert f"someone/talks: the data's content digest is {audit['digests']['data']}, but data.digest = {expected}" in done.stdout
    assert "change data.digest knowingly" in done.stdout
    results = study.project.folder / "results" / "wrong_digest"
    assert {path.relative_to(results).parts[0] for path in results.rglob("*") if path.is_file()} <= {"logs", "benchmarks"}


def test_a_second_study_on_a_revision_not_fetched_yet_says_that_the_hub_is_away(study: Study):
    config = study.config("newer", revision="newer")
    done = study.project.snakemake("--cores", "2", "--configfile", config, check=False)
    assert done.returncode != 0
    assert "dataset someone/talks at newer: the hub cannot be reached" in done.stdout
    assert not (study.project.folder / DATA_FOLDER / "newer").exists()


NO_NETWORK = ["unshare", "--user", "--map-root-user", "--net"]


def can_leave_the_network() -> bool:
    return shutil.which("unshare") is not None and subprocess.run([*NO_NETWORK, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_leave_the_network(), reason="a network of its own needs user namespaces")
def test_what_was_fetched_is_enough_on_a_node_without_any_network(study: Study):
    """As a compute node's jobs: training, generation and scoring where no socket leads anywhere."""

    def edit(config):
        config["compare"] = ["zero_shot", "full", "lora"]
        config["methods"] |= {
            "full": {"kind": "full", "train": {"learning_rate": 0.001, "batch_size": 4, "num_train_epochs": 1}},
            "lora": {
                "kind": "peft",
                "peft": {"peft_type": "LORA"},
                "train": {"learning_rate": 0.001, "batch_size": 4, "max_steps": 1},
            },
        }

    config = study.config("no_network")
    study.project.edit_config(edit, config, config)
    probe = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=5)"
    tried = subprocess.run([*NO_NETWORK, sys.executable, "-c", probe], capture_output=True, text=True)
    assert "Network is unreachable" in tried.stderr
    done = subprocess.run(
        [*NO_NETWORK, *study.project.command("--cores", "2", "--configfile", config)],
        cwd=study.project.folder,
        env=study.project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "rule fetch:" not in done.stdout
    assert set(study.results("no_network")["method"]) == {"zero_shot", "full", "lora"}
