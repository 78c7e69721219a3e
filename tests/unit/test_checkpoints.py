"""Checkpoints: whole or not used, two kept, leftovers removed, and gone with their empty folders when a run ends."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS

from parity.checkpoints import MANIFEST, Checkpoints, step_of
from parity.errors import InputError


def fill(folder: Path) -> None:
    (folder / "weights.pt").write_bytes(b"weights of " + folder.name.encode())
    (folder / "carried.json").write_text('{"seconds": 1.5}')


def checkpoints_in(root: Path, method: str = "lora", seed: int = 1, key: str = "abc") -> Checkpoints:
    made = Checkpoints(str(root), "study", method, seed, key)
    made.open()
    return made


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return checkpoints_in(tmp_path / "root")


def steps_in(checkpoints: Checkpoints) -> list[int]:
    return sorted(map(step_of, checkpoints.folder.iterdir()))


def test_a_checkpoint_lies_where_study_method_seed_and_key_say(checkpoints, tmp_path):
    path = checkpoints.write(7, fill)
    assert path == tmp_path / "root/study/lora/seed-1/abc/checkpoint-7"
    assert {file.name for file in path.iterdir()} == {"weights.pt", "carried.json", MANIFEST}
    assert checkpoints.newest() == path


def test_without_a_checkpoint_there_is_no_newest(checkpoints):
    assert checkpoints.newest() is None


def test_the_newest_two_are_kept(checkpoints):
    for step in (1, 9, 10, 100):
        checkpoints.write(step, fill)
    assert steps_in(checkpoints) == [10, 100]
    assert step_of(checkpoints.newest()) == 100


def test_a_checkpoint_of_the_same_step_takes_the_place_of_the_one_before(checkpoints):
    checkpoints.write(3, fill)
    path = checkpoints.write(3, lambda folder: (folder / "weights.pt").write_bytes(b"newer"))
    assert steps_in(checkpoints) == [3]
    assert checkpoints.newest() == path
    assert (path / "weights.pt").read_bytes() == b"newer"


def truncate(path: Path) -> None:
    (path / "weights.pt").write_bytes((path / "weights.pt").read_bytes()[:-1])


def flip_a_bit(path: Path) -> None:
    content = bytearray((path / "weights.pt").read_bytes())
    content[3] ^= 1
    (path / "weights.pt").write_bytes(content)


DAMAGES = {
    "a file is missing": lambda path: (path / "weights.pt").unlink(),
    "a file is truncated": truncate,
    "a bit is flipped": flip_a_bit,
    "a file was added": lambda path: (path / "scaler.pt").write_bytes(b""),
    "no manifest": lambda path: (path / MANIFEST).unlink(),
    "a torn manifest": lambda path: (path / MANIFEST).write_text('{"weights.pt": "0'),
    "a manifest of something else": lambda path: (path / MANIFEST).write_text("{}"),
    "an empty folder": lambda path: shutil.rmtree(path) or path.mkdir(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_checkpoint_is_said_and_the_one_before_it_is_used(checkpoints, capsys, damage):
    before = checkpoints.write(4, fill)
    damage(checkpoints.write(8, fill))
    assert checkpoints.newest() == before
    said = capsys.readouterr().out
    assert f"{before.parent}/checkpoint-8 is damaged" in said
    # It must not count as one of the two that are kept.
    checkpoints.write(12, fill)
    assert steps_in(checkpoints) == [4, 12]


def test_where_all_are_damaged_there_is_none(checkpoints):
    for step in (4, 8):
        flip_a_bit(checkpoints.write(step, fill))
    assert checkpoints.newest() is None


def test_a_write_that_fails_leaves_the_older_ones_and_nothing_else(checkpoints):
    def fill_the_disk(folder):
        fill(folder)
        raise OSError(errno.ENOSPC, "No space left on device")

    for step in (1, 2):
        checkpoints.write(step, fill)
    with pytest.raises(OSError, match="No space left"):
        checkpoints.write(3, fill_the_disk)
    assert steps_in(checkpoints) == [1, 2]
    assert step_of(checkpoints.newest()) == 2


def fill_and_die(folder: Path) -> None:
    fill(folder)
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_write_left_is_no_checkpoint_and_removed_by_the_next_job(checkpoints):
    checkpoints.write(1, fill)
    child = multiprocessing.get_context("fork").Process(target=checkpoints.write, args=(2, fill_and_die))
    child.start()
    child.join(PATIENCE_SECONDS)
    assert child.exitcode == -signal.SIGKILL
    left = [path for path in checkpoints.folder.iterdir() if path.name != "checkpoint-1"]
    assert len(left) == 1 and list(left[0].rglob("weights.pt"))
    assert step_of(checkpoints.newest()) == 1
    checkpoints.open()
    assert steps_in(checkpoints) == [1]


def test_the_end_of_a_run_removes_all_its_keys_and_nobody_elses(tmp_path):
    mine = checkpoints_in(tmp_path / "root", seed=1)
    stale = checkpoints_in(tmp_path / "root", seed=1, key="older")
    other = checkpoints_in(tmp_path / "root", seed=2)
    for each in (mine, stale, other):
        each.write(5, fill)
    mine.open()
    assert stale.newest() is not None
    mine.remove()
    assert not mine.run.exists()
    assert step_of(other.newest()) == 5
    other.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_end_of_a_run_leaves_what_is_not_a_checkpoint(tmp_path):
    mine = checkpoints_in(tmp_path / "root")
    (tmp_path / "root" / "notes.txt").write_text("somebody's")
    mine.remove()
    assert [path.name for path in (tmp_path / "root").iterdir()] == ["notes.txt"]


def end_runs(root: Path) -> None:
    while True:
        Checkpoints(str(root), "study", "lora", 2, "key").remove()
        time.sleep(0.0002)


def test_a_run_can_begin_while_others_end_and_remove_empty_folders(tmp_path):
    other = multiprocessing.get_context("fork").Process(target=end_runs, args=(tmp_path / "root",))
    other.start()
    try:
        for _ in range(150):
            one = checkpoints_in(tmp_path / "root")
            assert one.folder.is_dir()
            one.remove()
    finally:
        other.kill()
        other.join()


def test_home_and_variables_are_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SCRATCH", str(tmp_path / "my scratch"))
    assert checkpoints_in("~/parity").root == tmp_path / "home/parity"
    assert checkpoints_in("$SCRATCH/parity").root == tmp_path / "my scratch/parity"
    assert checkpoints_in("${SCRATCH}/parity").folder.is_dir()


@pytest.mark.parametrize("folder", ["", "$NOT_SET_ANYWHERE/parity", "$EMPTY"])
def test_a_folder_that_is_empty_or_holds_an_unset_variable_is_refused(folder, monkeypatch):
    monkeypatch.setenv("EMPTY", "")
    with pytest.raises(InputError) as error:
        checkpoints_in(folder)
    assert f"checkpoint_folder = {folder!r}" in str(error.value)
    assert "set-resources: train: checkpoint_folder" in str(error.value)


@pytest.mark.parametrize("place", ["a file/parity", "/proc/parity"])
def test_a_folder_that_cannot_be_written_is_refused(place, tmp_path):
    (tmp_path / "a file").write_text("")
    folder = str(tmp_path / place)
    with pytest.raises(InputError) as error:
        checkpoints_in(folder)
    assert f"checkpoint_folder = {folder!r}" in str(error.value)
    assert "set-resources: train: checkpoint_folder" in str(error.value)
