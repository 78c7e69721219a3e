"""Fetching from the hub, over HTTP from a hub on this machine, with workflow/scripts/fetch.py as Snakemake runs it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hub_server import HubServer
from patience import PATIENCE_SECONDS

from parity.hub import MODEL_FILES, hub_folder

ALWAYS = float("inf")
SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
# What Snakemake puts before a script: the object `snakemake`.
# Waiting takes no time here: what was waited for is written down.
RUN_FETCH = """
import json, runpy, sys, time
from types import SimpleNamespace
from snakemake.iocontainers import Params
really_sleep = time.sleep
def sleep(seconds):
    with open("waits", "a") as file:
        print(seconds, file=file)
    really_sleep(0.01)
time.sleep = sleep
job = json.loads(sys.argv[2])
job["params"] = Params(fromdict=job["params"])
runpy.run_path(sys.argv[1], init_globals={"snakemake": SimpleNamespace(**job)}, run_name="__main__")
"""
MODEL = {
    "config.json": b'{"model_type": "t5"}',
    "tokenizer.json": b"{}",
    "spiece.model": b"\x0a\x0e",
    "special_tokens.txt": b"</s>",
    # Larger than one chunk of a socket, and of every byte.
    "model.safetensors": bytes(range(256)) * 4096,
    "README.md": b"a model card",
    "pytorch_model.bin": b"the same weights again",
    "flax_model.msgpack": b"and again",
    "training_args.bin": b"a pickle",
    "onnx/config.json": b"of another library",
    "modeling_evil.py": b"raise SystemExit('I was run')",
}
DATASET = {
    "train.csv": b"id,dialogue,summary\n",
    "validation.csv": b"id,dialogue,summary\r\n",
    "test.csv": "id,dialogue,summary\nÄ,é,ß\n".encode(),
    "data/more.csv": b"id\n",
    "README.md": b"a dataset card",
}


CSV = ["test.csv", "train.csv", "validation.csv"]


@dataclass
class Fetched:
    """How a fetch ended: its status, the terminal, the log, and the folder that it was to make."""

    status: int
    terminal: str
    log: str
    out: Path
    waits: list[float]

    @property
    def record(self) -> dict:
        return json.loads((self.out / "fetched.json").read_text(encoding="utf-8"))

    @property
    def files(self) -> dict[str, bytes]:
        """The files of the repository that arrived."""
        found = (path for path in self.out.rglob("*") if path.is_file())
        return {str(path.relative_to(self.out)): path.read_bytes() for path in found if path.name != "fetched.json"}


@pytest.fixture
def hub():
    with HubServer() as server:
        yield server


def fetch(
    hub: HubServer, tmp_path: Path, kind: str, repo_id: str, revision: str, patterns=MODEL_FILES, *, before=(), **environment: str
) -> Fetched:
    """Run the rule's script, from the command line `before` where one is given."""
    out = tmp_path / hub_folder(kind, repo_id, revision)
    log, waits = tmp_path / "logs" / "fetch.log", tmp_path / "waits"
    waits.unlink(missing_ok=True)
    job = {
        "rule": "fetch",
        "params": {"kind": kind, "repo_id": repo_id, "revision": revision, "patterns": list(patterns)},
        "input": [],
        "output": [str(out)],
        "log": [str(log)],
    }
    dropped = ("HF_TOKEN", "HF_HUB_CACHE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    environment = {key: value for key, value in os.environ.items() if key not in dropped} | {
        # Off as for all jobs: the script itself has to switch the hub on.
        "HF_HUB_OFFLINE": "1",
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "hf_home"),
        "PYTHONPATH": str(SCRIPTS),
        **environment,
    }
    done = subprocess.run(
        [*before, sys.executable, "-c", RUN_FETCH, str(SCRIPTS / "fetch.py"), json.dumps(job)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    waited = [float(line) for line in waits.read_text().split()] if waits.exists() else []
    return Fetched(done.returncode, done.stderr, log.read_text(encoding="utf-8"), out, waited)


def assert_refused(done: Fetched, *said: str) -> None:
    """It ended with an error for people, on the terminal and in the log, and left nothing behind."""
    assert done.status == 1
    for part in said:
        assert part in done.terminal
        assert part in done.log
    assert "fetch: " in done.terminal
    assert "Traceback" not in done.terminal
    assert "Traceback" not in done.log
    # Neither the folder nor a half-written one beside it under another name.
    assert not done.out.parent.exists() or list(done.out.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "content", "patterns", "expected"),
    [
        (
            "model",
            MODEL,
            MODEL_FILES,
            {"config.json", "tokenizer.json", "spiece.model", "special_tokens.txt", "model.safetensors"},
        ),
        ("dataset", DATASET, ["test.csv", "train.csv", "validation.csv"], {"test.csv", "train.csv", "validation.csv"}),
        ("dataset", DATASET, ["data/more.csv"], {"data/more.csv"}),
    ],
    ids=["model", "dataset", "dataset_in_a_subfolder"],
)
def test_the_named_files_arrive_whole_and_no_others_are_asked_for(hub, tmp_path, kind, content, patterns, expected):
    hub.add(kind, "someone/something", content)
    done = fetch(hub, tmp_path, kind, "someone/something", "main", patterns)
    assert (done.status, done.terminal) == (0, "")
    assert done.files == {name: content[name] for name in expected}
    asked_for = {path.split("/resolve/")[1].split("/", 1)[1] for _, path in hub.requests if "/resolve/" in path}
    assert asked_for == expected
    # A large one is asked of the store that the hub sends to.
    assert hub.count("GET", "/resolve/") + hub.count("GET", "/store/") == len(expected)


def test_a_model_whose_weights_are_only_a_pickle_is_refused_and_none_of_it_asked_for(hub, tmp_path):
    weights = {"pytorch_model-00001-of-00001.bin": b"weights", "pytorch_model.bin.index.json": b"{}"}
    hub.add("model", "someone/old-t5", {"config.json": b"{}", "tf_model.h5": b"weights of another library", **weights})
    done = fetch(hub, tmp_path, "model", "someone/old-t5", "main")
    assert_refused(
        done,
        "model someone/old-t5 at main: no weights in safetensors (it has tf_model.h5, pytorch_model-00001-of-00001.bin)",
        "a pickle can run any code when it is read",
        "make a copy that is safe: make safetensors",
    )
    assert hub.count("GET", "/resolve/") == 0


def test_fetched_json_records_repository_revision_commit_and_a_digest_of_each_file(hub, tmp_path):
    commit = hub.add("model", "someone/tiny-t5", MODEL)
    done = fetch(hub, tmp_path, "model", "someone/tiny-t5", "main")
    assert done.record == {
        "repo_id": "someone/tiny-t5",
        "revision": "main",
        "commit": commit,
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in done.files.items()},
    }
    assert done.out == tmp_path / "resources" / "hub" / "models--someone--tiny-t5" / "main"


def test_a_branch_is_resolved_once_and_every_file_is_of_that_commit(hub, tmp_path):
    commit = hub.add("dataset", "someone/talks", DATASET, branches=("main", "cleaned"))
    done = fetch(hub, tmp_path, "dataset", "someone/talks", "cleaned", CSV)
    assert (done.status, done.record["revision"], done.record["commit"]) == (0, "cleaned", commit)
    assert hub.count("GET", "/revision/cleaned") == 1
    assert {path.split("/resolve/")[1].split("/")[0] for _, path in hub.requests if "/resolve/" in path} == {commit}


def test_a_commit_can_be_named_as_the_revision(hub, tmp_path):
    commit = hub.add("model", "someone/tiny-t5", MODEL, branches=())
    done = fetch(hub, tmp_path, "model", "someone/tiny-t5", commit)
    assert (done.status, done.record["revision"], done.record["commit"]) == (0, commit, commit)


def test_a_dataset_and_a_model_of_the_same_name_are_told_apart(hub, tmp_path):
    hub.add("model", "someone/both", {"config.json": b"of the model", "model.safetensors": b""})
    hub.add("dataset", "someone/both", {"config.json": b"of the dataset"})
    fetched = {kind: fetch(hub, tmp_path, kind, "someone/both", "main", ["config.json"]) for kind in ("model", "dataset")}
    assert fetched["model"].files == {"config.json": b"of the model"}
    assert fetched["dataset"].files == {"config.json": b"of the dataset"}


# The hub says 401, not 404, to callers without a token: the repository could be a private one.
@pytest.mark.parametrize("status", [401, 404])
def test_an_unknown_repository_is_refused(hub, tmp_path, status):
    hub.unknown_status = status
    done = fetch(hub, tmp_path, "model", "someone/tinny-t5", "main")
    assert_refused(done, "model someone/tinny-t5 at main: the hub has no such repository", "Check the id", "set HF_TOKEN")


@pytest.mark.parametrize("kind", ["model", "dataset"])
@pytest.mark.parametrize("revision", ["v9", "0123456789abcdef0123456789abcdef01234567"], ids=["branch", "commit"])
def test_an_unknown_revision_is_refused(hub, tmp_path, kind, revision):
    hub.add(kind, "someone/something", DATASET)
    done = fetch(hub, tmp_path, kind, "someone/something", revision, CSV)
    assert_refused(done, f"{kind} someone/something at {revision}: the hub has no such revision", "Write a commit, tag or branch")


def test_a_repository_without_a_matching_file_is_refused(hub, tmp_path):
    hub.add("dataset", "someone/talks", DATASET)
    done = fetch(hub, tmp_path, "dataset", "someone/talks", "main", ["dev.csv", "eval.csv"])
    assert_refused(
        done, "dataset someone/talks at main: no file there matches dev.csv, eval.csv", "Check the names under data.splits"
    )


def test_a_hub_that_is_away_is_said_without_a_traceback(hub, tmp_path):
    hub.stop()
    done = fetch(hub, tmp_path, "model", "someone/tiny-t5", "main")
    assert_refused(done, "model someone/tiny-t5 at main: the hub cannot be reached", "make fetch CONFIG=")


def test_a_fetch_that_failed_can_be_done_again(hub, tmp_path):
    hub.add("dataset", "someone/talks", DATASET)
    hub.fail("*", "", status=500, times=ALWAYS)
    assert fetch(hub, tmp_path, "dataset", "someone/talks", "main", ["test.csv"]).status == 1
    hub.repair()
    done = fetch(hub, tmp_path, "dataset", "someone/talks", "main", ["test.csv"])
    assert (done.status, done.files) == (0, {"test.csv": DATASET["test.csv"]})
