"""parity.memory_request: what a job asks for, and which check it is taken from."""

from pathlib import Path

import pytest

from parity import memory_request
from parity.files import write_json
from parity.memory_request import check_file, device_mb, host_mb, least_device_mb, settings_digest

TRAIN = {"batch_size": 8, "learning_rate": 0.1, "optim": "adamw_torch"}
BLOCK = {"kind": "full", "train": TRAIN, "generation": {"batch_size": 16, "num_beams": 1}}


def checked(folder: Path, **methods: dict) -> str:
    """A check.json of these blocks."""
    estimate = {"cpu": {"host_mb": 1000}, "gpu": {"host_mb": 3000, "device_mb": 2000, "least_mb": 1500}}
    found = {
        name: {"memory": {stage: {"settings": settings_digest(block, stage)} | estimate for stage in ("train", "generate")}}
        for name, block in methods.items()
    }
    write_json(folder / "check.json", found)
    return str(folder / "check.json")


def changed(**changes) -> dict:
    return BLOCK | {"train": TRAIN | changes}


def test_memory_grows_by_half_with_each_attempt_and_snakemake_needs_some_too(tmp_path):
    file = checked(tmp_path, full=BLOCK)
    assert [host_mb(file, "full", "train", False, attempt) for attempt in (1, 2, 3)] == [1300, 1950, 2600]
    assert [host_mb(file, "full", "train", True, attempt) for attempt in (1, 2)] == [3300, 4950]
    assert [device_mb(file, "full", "train", True, attempt) for attempt in (1, 2)] == [2000, 3000]
    assert [least_device_mb(file, "full", "train", True, attempt) for attempt in (1, 2)] == [1500, 1500]


def test_a_job_on_a_cpu_asks_for_no_gpu_memory(tmp_path):
    file = checked(tmp_path, full=BLOCK)
    assert device_mb(file, "full", "train", False) is None
    assert least_device_mb(file, "full", "train", False) is None


def test_before_the_check_snakemake_is_told_which_file_is_not_there(tmp_path):
    file = str(tmp_path / "check.json")
    with pytest.raises(FileNotFoundError) as error:
        host_mb(file, "full", "train", False)
    assert str(error.value.filename) == file


@pytest.mark.parametrize(
    "edit",
    [
        {"batch_size": 16},
        {"optim": "sgd"},
        {"gradient_checkpointing": True},
        {"gradient_accumulation_steps": 2},
        {"gpus_per_run": 2},
        {"fsdp": True},
        {"precision": "bf16"},
        {"eval_batch_size": 4},
    ],
    ids=str,
)
def test_a_setting_that_memory_depends_on_makes_another_check_of_that_stage_alone(edit):
    assert settings_digest(changed(**edit), "train") != settings_digest(BLOCK, "train")
    assert settings_digest(changed(**edit), "generate") == settings_digest(BLOCK, "generate")


@pytest.mark.parametrize(
    "edit", [{"learning_rate": 1.0}, {"num_train_epochs": 3}, {"logging_steps": 7}, {"max_grad_norm": 2}], ids=str
)
def test_a_setting_that_memory_does_not_depend_on_makes_none(edit):
    assert settings_digest(changed(**edit), "train") == settings_digest(BLOCK, "train")


def test_the_adapter_counts_for_both_stages():
    one, other = ({"kind": "peft", "peft": {"r": r}} | {key: BLOCK[key] for key in ("train", "generation")} for r in (1, 2))
    for stage in ("train", "generate"):
        assert settings_digest(one, stage) != settings_digest(other, stage)


def test_a_method_that_is_as_it_was_checked_is_found_in_the_check_of_all(tmp_path):
    assert check_file(str(tmp_path), "full", BLOCK, "train") == str(tmp_path / "check.json")
    file = checked(tmp_path, full=BLOCK)
    assert check_file(str(tmp_path), "full", BLOCK, "train") == file
    assert check_file(str(tmp_path), "full", changed(learning_rate=1.0), "train") == file


def test_a_method_that_was_added_or_edited_since_is_checked_alone_and_stays_so(tmp_path):
    file = checked(tmp_path, full=BLOCK)
    added = check_file(str(tmp_path), "other", BLOCK, "train")
    edited = check_file(str(tmp_path), "full", changed(batch_size=4), "train")
    assert Path(added).parent == Path(edited).parent == tmp_path / "check"
    assert added != edited
    # The other stage is as it was.
    assert check_file(str(tmp_path), "full", changed(batch_size=4), "generate") == file
    # A check of all that comes later must not become another input of runs that are done.
    write_json(Path(added), {})
    checked(tmp_path, full=BLOCK, other=BLOCK)
    assert check_file(str(tmp_path), "other", BLOCK, "train") == added


def test_a_check_of_an_older_form_says_nothing_of_memory(tmp_path):
    write_json(tmp_path / "check.json", {"full": {"parameters": 3, "trainable": 3}})
    assert Path(check_file(str(tmp_path), "full", BLOCK, "train")).parent == tmp_path / "check"


@pytest.mark.parametrize(("variable", "there"), [(None, True), ("0,1", True), ("", False), ("-1", False)])
def test_a_gpu_counts_where_a_driver_is_and_nobody_hides_it(monkeypatch, variable, there):
    """The device files stand in for a driver, which cannot be had without a GPU."""
    monkeypatch.setattr(memory_request.os.path, "exists", lambda path: path == "/dev/nvidiactl")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if variable is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", variable)
    assert memory_request.has_gpu() is there
    monkeypatch.setattr(memory_request.os.path, "exists", lambda path: False)
    assert memory_request.has_gpu() is False


def test_a_check_is_read_once_while_it_stays_and_again_when_it_is_made_anew(tmp_path, monkeypatch):
    """A dry run of a thousand runs asks thousands of times."""
    read, read_json = [], memory_request.read_json
    monkeypatch.setattr(memory_request, "read_json", lambda path: read.append(path) or read_json(path))
    file = checked(tmp_path, full=BLOCK, lora=changed(batch_size=4))
    for _ in range(50):
        assert check_file(str(tmp_path), "lora", changed(batch_size=4), "train") == file
        assert host_mb(file, "full", "generate", True) == 3300
    assert read == [file]
    checked(tmp_path, full=BLOCK, lora=changed(batch_size=2))
    assert check_file(str(tmp_path), "lora", changed(batch_size=4), "train") != file
    assert check_file(str(tmp_path), "lora", changed(batch_size=2), "train") == file
    assert read == [file, file]
