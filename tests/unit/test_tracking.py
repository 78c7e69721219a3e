"""parity.tracking: a curve in a tracker, a training that never feels it, and what is said of a tracker that is not there."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from patience import PATIENCE_SECONDS
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from test_training import block_of
from transformers import TrainerCallback

from parity import tracking
from parity.checkpoints import Checkpoints
from parity.config import load_schema
from parity.errors import InputError, Interrupted
from parity.tokens import load_tokenizer
from parity.trackers import NONE, PACKAGES, require_tracker
from parity.tracking import RUN_ID, TrackedRun, Tracking, tracking_of
from parity.training import train_run


def train(model, data, out: Path, tracker: str | None, **changes) -> dict:
    tracked = tracker and Tracking(tracker, str(out / "tracking"), "study", "LORA", 1)
    checkpoints = Checkpoints(str(out / "checkpoints"), "study", "LORA", 1, "key")
    block = block_of("LORA", **changes)
    return train_run("LORA", 1, block, model, load_tokenizer(model), data, out / "model", checkpoints, 0, tracked or None)


def weights(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "model/adapter_model.safetensors")


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def losses(record: dict) -> list[tuple[int, float]]:
    """As TensorBoard keeps them, in single precision."""
    return [(entry["step"], float(np.float32(entry["loss"]))) for entry in record["loss"]]


def curve(out: Path, name: str) -> list[tuple[int, float]]:
    [folder] = (out / "tracking/tensorboard/LORA").iterdir()
    events = EventAccumulator(str(folder))
    events.Reload()
    return [(event.step, event.value) for event in events.Scalars(name)]


@pytest.fixture(scope="module")
def untracked(tiny_model, tokens, tmp_path_factory):
    out = tmp_path_factory.mktemp("untracked")
    return train(tiny_model, tokens, out, None), weights(out)


class Drawing(TrainerCallback):
    """A tracker that draws from every generator, and from some step on fails."""

    fails_at = 10**9

    def __init__(self):
        self.told = []

    def _be_told(self, event: str, step: int) -> None:
        self.told.append(event)
        random.random(), np.random.rand(), torch.rand(3)
        if step >= self.fails_at:
            raise ConnectionError("no route\n  to the server")

    def on_train_begin(self, args, state, control, **_) -> None:
        self.args = args
        self._be_told("begin", state.global_step)

    def on_log(self, args, state, control, **_) -> None:
        self._be_told("log", state.global_step)

    def on_train_end(self, args, state, control, **_) -> None:
        self._be_told("end", state.global_step)


@pytest.fixture
def drawing(monkeypatch):
    tracker = Drawing()
    monkeypatch.setitem(tracking.INTEGRATIONS, "wandb", lambda *_: tracker)
    monkeypatch.setitem(tracking.CLOSE, "wandb", lambda: tracker.told.append("close"))
    return tracker


def test_tensorboard_gets_the_curve_and_the_training_is_the_same(tiny_model, tokens, tmp_path, untracked):
    record, before = untracked
    tracked = train(tiny_model, tokens, tmp_path, "tensorboard")
    assert tracked["loss"] == record["loss"] and same(weights(tmp_path), before)
    assert curve(tmp_path, "train/loss") == losses(record)
    assert [step for step, _ in curve(tmp_path, "eval/loss")] == [entry["step"] for entry in record["eval_loss"]]


# In a process of its own: both leave variables and services behind.
TRACK = """
import sys
from datasets import load_from_disk
from pathlib import Path
from test_tracking import train
model, data, out, tracker = sys.argv[1:]
train(model, load_from_disk(data), Path(out), tracker)
"""


def trained_with(tracker: str, model: str, tokens, out: Path) -> str:
    """What a training prints that the real tracker follows, on a machine where it reaches nobody."""
    tokens.save_to_disk(out / "tokens")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("WANDB_", "TRACKIO_"))}
    done = subprocess.run(
        [sys.executable, "-c", TRACK, model, str(out / "tokens"), str(out), tracker],
        env=environment | {"PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(out)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_wandb_keeps_the_curve_offline_and_the_training_is_the_same(tiny_model, tokens, tmp_path, untracked):
    said = trained_with("wandb", tiny_model, tokens, tmp_path)
    assert "is lost" not in said and same(weights(tmp_path), untracked[1])
    # What make wandb-sync sends later.
    [run] = (tmp_path / "tracking/wandb").glob("offline-run-*")
    [file] = run.glob("run-*.wandb")
    content = file.read_bytes()
    assert content.count(b"train/loss") >= len(untracked[0]["loss"]) and b"study/LORA/seed-1" in content


def test_trackio_keeps_the_curve_on_this_machine_and_the_training_is_the_same(tiny_model, tokens, tmp_path, untracked):
    said = trained_with("trackio", tiny_model, tokens, tmp_path)
    assert "is lost" not in said and same(weights(tmp_path), untracked[1])
    [file] = (tmp_path / "tracking/trackio").glob("*.db")
    with closing(sqlite3.connect(file)) as database:
        rows = [json.loads(metrics) for (metrics,) in database.execute("select metrics from metrics order by step")]
    found = [np.float32(row["train/loss"]) for row in rows if "train/loss" in row]
    assert found == [np.float32(entry["loss"]) for entry in untracked[0]["loss"]]


def test_a_tracker_that_draws_random_numbers_changes_no_training(tiny_model, tokens, tmp_path, untracked, drawing):
    train(tiny_model, tokens, tmp_path, "wandb")
    assert same(weights(tmp_path), untracked[1])
    assert drawing.told[0] == "begin" and drawing.told[-2:] == ["end", "close"] and "log" in drawing.told
    assert (drawing.args.run_name, drawing.args.project) == ("study/LORA/seed-1", "study")


@pytest.mark.parametrize("step", [0, 5])
def test_a_tracker_that_is_lost_is_said_once_and_the_training_goes_on(
    tiny_model, tokens, tmp_path, untracked, drawing, capfd, step
):
    drawing.fails_at = step
    train(tiny_model, tokens, tmp_path, "wandb")
    assert same(weights(tmp_path), untracked[1])
    said = [line for line in capfd.readouterr().out.splitlines() if "Tracking" in line]
    assert said == [
        "Tracking of study/LORA/seed-1 with wandb is lost: ConnectionError: no route to the server. The training goes on"
    ]
    assert "end" not in drawing.told


def test_a_run_that_goes_on_goes_on_in_the_same_curve(tiny_model, tokens, tmp_path, monkeypatch, untracked):
    def interrupt(self, args, state, control, **_):
        if state.global_step == 5:
            os.kill(os.getpid(), 15)

    monkeypatch.setattr(tracking.TrackedRun, "on_step_end", interrupt, raising=False)
    with pytest.raises(Interrupted):
        train(tiny_model, tokens, tmp_path, "tensorboard")
    monkeypatch.undo()
    record = train(tiny_model, tokens, tmp_path, "tensorboard")
    assert record["resumed"] and same(weights(tmp_path), untracked[1])
    assert curve(tmp_path, "train/loss") == losses(untracked[0])


def test_a_training_from_the_first_step_begins_a_new_curve(tiny_model, tokens, tmp_path):
    for epochs in (2, 1):
        train(tiny_model, tokens, tmp_path, "tensorboard", num_train_epochs=epochs)
        Checkpoints(str(tmp_path / "checkpoints"), "study", "LORA", 1, "key").remove()
    assert max(step for step, _ in curve(tmp_path, "train/loss")) == 3


def wandb_variables(folder: Path, step: int) -> dict[str, str]:
    """What wandb reads, as set for a run whose integration is made at a step."""
    folder.mkdir(parents=True, exist_ok=True)
    of = Tracking("wandb", str(folder / "tracking"), "study", "lora", 3)
    tracking.INTEGRATIONS["wandb"](of, folder, SimpleNamespace(global_step=step))
    return {name: value for name, value in os.environ.items() if name.startswith("WANDB_")}


@pytest.fixture
def wandb_environment(monkeypatch):
    monkeypatch.setattr(os, "environ", {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")})
    monkeypatch.setitem(tracking.INTEGRATION_TO_CALLBACK, "wandb", TrainerCallback)


def test_wandb_is_offline_in_the_studys_folder_and_keeps_its_run_as_long_as_there_are_checkpoints(tmp_path, wandb_environment):
    first = wandb_variables(tmp_path, 0)
    assert first["WANDB_MODE"] == "offline" and first["WANDB_RUN_GROUP"] == "study/lora"
    assert first["WANDB_DIR"] == str(tmp_path / "tracking")
    assert wandb_variables(tmp_path, 5)["WANDB_RUN_ID"] == first["WANDB_RUN_ID"] == (tmp_path / RUN_ID).read_text()
    assert wandb_variables(tmp_path, 0)["WANDB_RUN_ID"] != first["WANDB_RUN_ID"]


def test_the_users_own_wandb_settings_count_where_they_say_where_to(tmp_path, wandb_environment):
    os.environ |= {"WANDB_MODE": "online", "WANDB_PROJECT": "mine", "WANDB_LOG_MODEL": "end", "WANDB_WATCH": "all"}
    found = wandb_variables(tmp_path, 0)
    assert (found["WANDB_MODE"], found["WANDB_PROJECT"]) == ("online", "mine")
    # These would reach into the training.
    assert (found["WANDB_LOG_MODEL"], found["WANDB_WATCH"]) == ("false", "false")


def test_trackio_is_told_the_group_and_whether_the_run_goes_on(tmp_path, monkeypatch):
    said = []
    fake = SimpleNamespace(init=lambda **arguments: said.append(arguments), log="its log")
    monkeypatch.setitem(tracking.INTEGRATION_TO_CALLBACK, "trackio", lambda: SimpleNamespace(_trackio=fake))
    monkeypatch.setattr(os, "environ", dict(os.environ))
    for step in (0, 5):
        of = Tracking("trackio", str(tmp_path), "study", "lora", 3)
        made = tracking.INTEGRATIONS["trackio"](of, tmp_path, SimpleNamespace(global_step=step))
        made._trackio.init(name="study/lora/seed-3", resume="allow")
        assert made._trackio.log == "its log"
    assert said == [{"name": "study/lora/seed-3", "group": "study/lora", "resume": resume} for resume in ("never", "allow")]
    assert os.environ["TRACKIO_DIR"] == str(tmp_path / "trackio")


def test_the_schema_knows_the_trackers_and_none_is_the_default():
    schema = load_schema("config")["properties"]["tracking"]
    assert schema["enum"] == [NONE, *PACKAGES] and schema["default"] == NONE


@pytest.mark.parametrize("tracker", PACKAGES)
def test_a_tracker_that_is_not_installed_is_refused_with_its_install_command(tracker, monkeypatch):
    monkeypatch.setattr("parity.trackers.find_spec", lambda name: None)
    with pytest.raises(InputError, match=rf"mine.yaml: tracking = {tracker}: it is not installed\. .*pip install {tracker}=="):
        require_tracker("mine.yaml: tracking", tracker)
    with pytest.raises(InputError):
        tracking_of(tracker, Path(), "study", "lora", 1)
    assert tracking_of(NONE, Path(), "study", "lora", 1) is None


def test_a_tracked_run_is_named_by_study_method_and_seed():
    values = tracking_of("tensorboard", Path("results/x"), "x", "lora", 4)
    assert Tracking(**values).run_name == "x/lora/seed-4" and Tracking(**values).folder == "results/x/tracking"
    assert TrackedRun(Tracking(**values), SimpleNamespace(), Path()).lost is False
