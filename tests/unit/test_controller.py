"""parity.controller and parity.resume: one snakemake a study, known alive or dead, and what a dead one left is waited for."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from parity import controller, resume

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(code: str, *arguments: str) -> subprocess.Popen:
    """Python code in a process of its own, which begins by saying something."""
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(SCRIPTS)}, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline(), "it ended without a word"
    return process


HOLDS = """
    import time
    from parity import controller
    controller.take("small")
    print("mine", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder():
    process = start(HOLDS)
    yield process
    process.kill()
    process.wait()


def test_a_second_controller_is_told_whose_the_study_is_and_what_to_do(holder):
    with pytest.raises(controller.Busy, match=rf"process {holder.pid} .* is running the study small .*kill -INT {holder.pid}"):
        controller.take("small")


def test_another_study_in_the_same_folder_is_free(holder):
    controller.take("other")
    assert controller.living("other").pid == os.getpid()


def test_a_killed_controller_is_dead_even_where_nobody_asks_how_it_ended(holder):
    holder.kill()
    # It has ended, and stays a zombie.
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
    assert controller.recorded("small").pid == holder.pid
    assert controller.living("small") is None


def test_a_killed_controller_is_known_to_be_dead(holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert controller.recorded("small").pid == holder.pid
    assert controller.living("small") is None
    controller.take("small")
    assert controller.living("small").pid == os.getpid()


def test_a_controller_that_ends_leaves_no_record():
    process = start("from parity import controller; controller.take('small'); print('mine')")
    assert process.wait() == 0
    assert controller.recorded("small") is None


def record_of(**changes) -> Path:
    path = controller.FOLDER / "small.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "user": "ann",
        "host": "login2",
        "pid": 1,
        "created": 1.0,
        "started": "2026-01-01T00:00:00+00:00",
        "command": ["snakemake"],
    }
    path.write_text(json.dumps(values | changes))
    return path


def test_on_another_machine_the_heartbeat_tells():
    path = record_of()
    with pytest.raises(controller.Busy, match=r"ann's snakemake .process 1 on login2"):
        controller.take("small")
    os.utime(path, (0, time.time() - controller.DEAD_AFTER_SECONDS - 5))
    assert controller.living("small") is None


def test_a_process_id_that_was_used_again_is_another_process():
    import socket

    record_of(host=socket.gethostname(), pid=os.getpid(), created=1.0)
    assert controller.living("small") is None


def test_an_unreadable_record_is_no_controller():
    record_of().write_text("{")
    assert controller.recorded("small") is None
    controller.take("small")


def test_only_this_studys_locks_are_found():
    controller.SNAKEMAKE_LOCKS.mkdir(parents=True)
    for name, line in {"0.output": "results/small/a", "0.input": "resources/x", "1.output": "results/small2/a"}.items():
        (controller.SNAKEMAKE_LOCKS / f"{name}.lock").write_text(f"resources/y\n{line}\n")
    assert [path.name for path in controller.left_locks("small")] == ["0.output.lock"]


def test_a_left_lock_stops_a_run_with_the_command_that_goes_on():
    record_of(created=0.0, host="login2")
    os.utime(controller.FOLDER / "small.json", (0, 0))
    controller.SNAKEMAKE_LOCKS.mkdir(parents=True)
    (controller.SNAKEMAKE_LOCKS / "0.output.lock").write_text("results/small/a\n")
    line = ["snakemake", "--profile", "profiles/slurm", "--configfile=config/mine.yaml", "-q"]
    with pytest.raises(controller.Busy, match=r"ann's snakemake .* make resume PROFILE=profiles/slurm CONFIG=config/mine.yaml$"):
        controller.guard("small", line)
    assert controller.recorded("small").user == "ann"


@pytest.mark.parametrize("option", ["--unlock", "--summary", "--report", "-l"])
def test_who_only_looks_is_let_in(holder, option):
    controller.guard("small", ["snakemake", option])
    assert controller.living("small").pid == holder.pid


def test_the_names_of_jobs_suit_slurm_and_tell_folders_apart(folder, monkeypatch):
    names = {controller.job_prefix(study) for study in ("small", "a" * 100, "mein.Études-2", "small_2")}
    (folder / "copy").mkdir()
    monkeypatch.chdir(folder / "copy")
    names.add(controller.job_prefix("small"))
    assert len(names) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,50}", name) for name in names)


def test_the_profile_and_the_study_are_read_or_said_to_be_missing(folder):
    (folder / "profiles" / "mine").mkdir(parents=True)
    (folder / "profiles" / "mine" / "profile.yaml").write_text("configfile: one.yaml\nexecutor: parity-slurm\n")
    (folder / "one.yaml").write_text("name: first\n")
    assert resume.study_name(resume.profile_settings("profiles/mine")["configfile"]) == "first"
    assert resume.profile_settings(None) == {}
    with pytest.raises(SystemExit, match=r"profiles/none: no profile\.yaml there\. Here: profiles/mine"):
        resume.profile_settings("profiles/none")
    with pytest.raises(SystemExit, match=r"config/config\.yaml: no such file"):
        resume.study_name("config/config.yaml")


@pytest.mark.parametrize(
    ("command", "executor"),
    [
        (["snakemake", "--profile", "profiles/mine", "-q"], "parity-slurm"),
        (["snakemake", "--profile=profiles/mine", "--executor", "local"], "local"),
        (["snakemake", "--cores", "4"], ""),
    ],
)
def test_where_a_lost_snakemake_ran_its_jobs_follows_from_its_command(folder, command, executor):
    (folder / "profiles" / "mine").mkdir(parents=True)
    (folder / "profiles" / "mine" / "profile.yaml").write_text("executor: parity-slurm\n")
    assert resume.executor_of(command) == executor


def test_jobs_that_a_dead_snakemake_left_on_this_machine_are_found_and_told_to_end(folder, monkeypatch):
    code = "import time; print('working', flush=True); time.sleep(600)"
    orphan = start(code, str(folder / ".snakemake/scripts/tmp1.train.py"))
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    of_slurm = start(code, str(folder / ".snakemake/scripts/tmp2.train.py"))
    monkeypatch.chdir("/")
    elsewhere = start(code, "/.snakemake/scripts/tmp3.train.py")
    monkeypatch.chdir(folder)
    try:
        assert [process.pid for process in resume.local_jobs(folder, in_slurm=True)] == [orphan.pid]
        assert {process.pid for process in resume.local_jobs(folder, in_slurm=False)} == {orphan.pid, of_slurm.pid}
        of_slurm.kill()
        of_slurm.wait()
        resume.wait_for_jobs("small", in_slurm=False)
        assert orphan.wait() == -signal.SIGTERM
        assert elsewhere.poll() is None
    finally:
        for process in (orphan, of_slurm, elsewhere):
            process.kill()
            process.wait()
