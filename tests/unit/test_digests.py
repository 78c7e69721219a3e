"""What jobs write is on record by digest; what one finished unseen is kept for the next; what is damaged is found."""

from __future__ import annotations

import shutil
import subprocess
from base64 import urlsafe_b64encode
from pathlib import Path
from types import SimpleNamespace

import pytest

from parity import verify
from parity.digests import copy_of, damages, read_record, record_path, records_of, state_of
from parity.files import whole, write_text
from parity.kept import keep_finished, on_record

STUDY = Path("results/mine")
MODEL, RECORD = "lora/seed-1/model", "lora/seed-1/train.json"
NAME = "train/lora/seed-1"
FILES = {
    f"{MODEL}/adapter.safetensors": b"\0\1weights",
    f"{MODEL}/deep/a.json": b"{}",
    f"{MODEL}/none": b"",
    RECORD: b'{"loss": 1}\n',
}
DAMAGES = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "a byte flipped": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    "emptied": lambda path: path.write_bytes(b""),
    "deleted": Path.unlink,
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_text(Path("input.txt"), "what the job reads")
    return tmp_path


def job(**params) -> SimpleNamespace:
    return SimpleNamespace(
        rule="train",
        log=[f"{STUDY}/logs/{NAME}.log"],
        input=["input.txt"],
        output=[f"{STUDY}/{MODEL}", f"{STUDY}/{RECORD}"],
        params={"learning_rate": 0.1} | params,
        config={},
    )


def train(this: SimpleNamespace) -> bool:
    """Run the job, as run_logged does. Returns whether there was anything to do."""
    with on_record(this) as finished_before:
        if not finished_before:
            with whole(STUDY / MODEL) as model:
                for path, content in FILES.items():
                    place = model / Path(path).relative_to(MODEL) if path != RECORD else STUDY / RECORD
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(content)
            # Snakemake's own mark, which it touches.
            (STUDY / MODEL / ".snakemake_timestamp").touch()
    return not finished_before


def die_unseen() -> None:
    """What a snakemake leaves that was killed before it saw the job end: its marks."""
    for output in job().output:
        name = urlsafe_b64encode(output.encode()).decode()
        # As where a file's name may have no more than 20 characters.
        parts = [name[start : start + 20] for start in range(0, len(name), 20)]
        write_text(Path(".snakemake/incomplete", *(f"@{part}" for part in parts[:-1]), parts[-1]), "{}")


def begin_again() -> None:
    """What Snakemake does before it starts a job: delete its outputs."""
    shutil.rmtree(STUDY / MODEL)
    (STUDY / RECORD).unlink()


def test_a_record_holds_every_file_that_a_job_wrote_and_sha256sum_can_check_it():
    assert train(job())
    record = read_record(record_path(STUDY, NAME))
    assert record.outputs == (MODEL, RECORD) and set(record.files) == set(FILES)
    assert damages(STUDY, record) == {}
    command = ["sha256sum", "--check", "--strict", str(record_path(STUDY, NAME).relative_to(STUDY))]
    done = subprocess.run(command, cwd=STUDY, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.count(": OK") == len(FILES), done.stderr
    assert [name for name, _ in records_of(STUDY)] == [NAME]


def test_a_job_that_fails_leaves_no_record_and_takes_away_that_of_an_attempt_before():
    train(job())
    with pytest.raises(RuntimeError), on_record(job()):
        raise RuntimeError
    assert list(records_of(STUDY)) == []


@pytest.mark.parametrize(
    ("path", "damage"),
    [(path, damage) for path, content in FILES.items() for damage in DAMAGES if content or damage == "deleted"],
)
def test_every_damage_to_every_file_is_found_and_named_and_what_the_job_wrote_is_set_aside(path, damage):
    train(job())
    DAMAGES[damage](STUDY / path)
    found = verify.examine(STUDY)
    assert list(found.damaged) == [NAME] and list(found.damaged[NAME]) == [path]
    assert found.files == len(FILES) - 1
    [line] = found.lines()
    assert line.startswith(f"{STUDY}/{path}: ") and NAME in line
    verify.set_aside(STUDY, NAME)
    assert not (STUDY / MODEL).exists() and not (STUDY / RECORD).exists()
    assert (STUDY / "damaged" / path).exists() == (damage != "deleted")
    assert list(verify.awaited(STUDY)) == [NAME] and verify.examine(STUDY).lines() == []
    train(job())
    assert verify.awaited(STUDY) == {} and verify.examine(STUDY).files == len(FILES)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("which", [record_path(STUDY, NAME), copy_of(record_path(STUDY, NAME))], ids=["record", "copy"])
def test_a_damaged_record_is_said_and_put_back_from_its_copy_and_nothing_is_done_again(which, damage):
    train(job())
    whole_text, date = which.read_bytes(), which.stat().st_mtime
    DAMAGES[damage](which)
    found = verify.examine(STUDY)
    assert found.mended == [NAME] and not found.damaged and found.files == len(FILES)
    assert which.read_bytes() == whole_text and which.stat().st_mtime == pytest.approx(date, abs=5)
    assert verify.examine(STUDY).lines() == []


def test_a_record_whose_digest_was_altered_accuses_nobody_while_its_copy_is_whole():
    train(job())
    path = record_path(STUDY, NAME)
    other = read_record(path).files[RECORD]
    write_text(path, path.read_text().replace(other, other[::-1]))
    found = verify.examine(STUDY)
    assert found.mended == [NAME] and not found.damaged


def test_a_record_that_is_lost_with_its_copy_is_said():
    train(job())
    for path in (record_path(STUDY, NAME), copy_of(record_path(STUDY, NAME))):
        path.write_text("")
    [line] = verify.examine(STUDY).lines()
    assert NAME in line and "delete its files" in line


def test_files_that_no_job_wrote_are_named_and_logs_are_none_of_them():
    train(job())
    for path in ("lora/seed-1/model/pickle.bin", "notes.txt", "logs/a.log", "benchmarks/a.tsv"):
        write_text(STUDY / path, "?")
    assert verify.not_on_record(STUDY) == ["lora/seed-1/model/pickle.bin", "notes.txt"]


def test_what_a_job_finished_is_taken_as_it_is_where_its_snakemake_did_not_see_it():
    train(job())
    before = {path: (STUDY / path).stat().st_ino for path in FILES}
    die_unseen()
    keep_finished(STUDY)
    begin_again()
    assert not train(job())
    assert {path: (STUDY / path).stat().st_ino for path in FILES} == before
    assert not (STUDY / "kept").exists()
    assert damages(STUDY, read_record(record_path(STUDY, NAME))) == {}


def test_what_snakemake_saw_end_is_not_kept():
    train(job())
    keep_finished(STUDY)
    assert not (STUDY / "kept").exists()


def test_it_is_kept_through_a_kill_while_it_is_taken():
    train(job())
    die_unseen()
    keep_finished(STUDY)
    begin_again()
    with pytest.raises(KeyboardInterrupt), on_record(job()) as finished_before:
        assert finished_before
        (STUDY / RECORD).unlink()
        raise KeyboardInterrupt
    keep_finished(STUDY)
    shutil.rmtree(STUDY / MODEL)
    assert not train(job())
    assert damages(STUDY, read_record(record_path(STUDY, NAME))) == {}


@pytest.mark.parametrize("change", ["other settings", "another input", "damaged while it was kept", "not finished"])
def test_it_is_done_again_where_it_would_not_come_out_so(change):
    train(job())
    die_unseen()
    if change == "not finished":
        (STUDY / RECORD).write_bytes(b'{"los')
    keep_finished(STUDY)
    begin_again()
    if change == "another input":
        write_text(Path("input.txt"), "other things")
    if change == "damaged while it was kept":
        (STUDY / "kept" / NAME / RECORD).write_bytes(b"")
    params = {"learning_rate": 0.2} if change == "other settings" else {}
    assert train(job(**params))
    assert (STUDY / RECORD).read_bytes() == FILES[RECORD] and not (STUDY / "kept").exists()


def test_what_a_job_without_params_was_told_is_the_config():
    this = job()
    this.params, this.config = {}, {"compare": ["a"]}
    other = job()
    other.params, other.config = {}, {"compare": ["b"]}
    assert state_of(this) != state_of(other)
