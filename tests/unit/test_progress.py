"""parity.progress: what a job leaves while it runs and how it ends, and that it costs a job nothing."""

from __future__ import annotations

import itertools
import json
import os
import socket
from pathlib import Path

import pytest

from parity import progress
from parity.errors import InputError, Interrupted
from parity.progress import Reporter, job_progress, progress_file, read_progress


@pytest.fixture
def log(tmp_path) -> Path:
    return tmp_path / "logs/train/lora/seed-1.log"


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when the test says so."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def ended_by(log: Path, error: BaseException) -> dict | None:
    with pytest.raises(type(error)), job_progress("train", log):
        Reporter(step=7, steps=80)
        raise error
    return read_progress(progress_file(log))


def test_while_it_runs_a_job_says_where_and_afterwards_nothing_is_left(log):
    with job_progress("train", log):
        record = read_progress(log.with_name("seed-1.progress.json"))
        assert (record["rule"], record["state"]) == ("train", "running")
        assert (record["host"], record["pid"]) == (socket.gethostname(), os.getpid())
    assert list(log.parent.iterdir()) == []
    assert progress.FILE_VARIABLE not in os.environ


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (InputError("train", "the loss is NaN", "Lower it"), "failed", "train: the loss is NaN. Lower it"),
        (ValueError("a bug\nin two lines"), "failed", "ValueError: a bug"),
        (SystemExit(3), "failed", "SystemExit: 3"),
        (MemoryError(), "failed", "MemoryError"),
        (Interrupted("SIGTERM at step 7 of 80"), "interrupted", "SIGTERM at step 7 of 80"),
        (KeyboardInterrupt(), "interrupted", "KeyboardInterrupt"),
    ],
)
def test_a_job_that_ends_badly_says_how_and_how_far_it_came(log, error, state, reason):
    record = ended_by(log, error)
    assert (record["state"], record["reason"], record["step"]) == (state, reason, 7)
    assert record["ended"] >= record["started"]


def test_sys_exit_without_a_status_is_a_good_end(log):
    assert ended_by(log, SystemExit(0)) is None


def test_steps_are_written_once_a_second_and_in_a_long_job_less_often(log, clock):
    written = []
    with job_progress("train", log):
        reporter = Reporter(step=0)
        for step in range(1, 20001):
            clock[0] += 0.1
            reporter.step(step=step)
            if (now := read_progress(progress_file(log))["step"]) not in written:
                written.append(now)
    gaps = [later - earlier for earlier, later in itertools.pairwise(written)]
    # In tenths of a second.
    assert 10 <= gaps[0] <= 11 and 100 <= gaps[-1] <= 101
    assert max(gaps) <= 101


def test_what_came_between_two_writes_is_not_lost(log, clock):
    with job_progress("train", log):
        reporter = Reporter()
        reporter.step(loss=0.5)
        clock[0] += 2
        reporter.step(step=3)
        record = read_progress(progress_file(log))
        assert (record["loss"], record["step"]) == (0.5, 3)


def test_another_process_of_the_job_adds_to_the_same_file(log):
    with job_progress("train", log):
        before = read_progress(progress_file(log))
        Reporter(step=5)
        after = read_progress(progress_file(log))
        assert after | before == after and after["step"] == 5


def test_outside_of_a_job_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Reporter(step=1).step(step=2)
    assert list(tmp_path.iterdir()) == []


def test_a_job_whose_progress_cannot_be_written_goes_on(tmp_path):
    (tmp_path / "logs").write_text("no folder")
    with job_progress("train", tmp_path / "logs/seed-1.log"):
        Reporter(step=1).step(step=2)
    assert (tmp_path / "logs").read_text() == "no folder"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"state": "running"})])
def test_what_is_no_record_is_none(tmp_path, text):
    (tmp_path / "seed-1.progress.json").write_text(text)
    assert read_progress(tmp_path / "seed-1.progress.json") is None


def test_who_reads_never_sees_half_a_record(log, monkeypatch):
    with job_progress("train", log):
        path = progress_file(log)
        place_of = []
        replace = Path.replace

        def look(place, target):
            place_of.append(place)
            assert read_progress(path) is not None
            return replace(place, target)

        monkeypatch.setattr(Path, "replace", look)
        Reporter(step=1)
        assert place_of and all(place != path for place in place_of)
