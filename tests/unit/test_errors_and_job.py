"""What runs around every script: all output in the job's log, a user's mistake said on the terminal, and the exit status."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS

from parity.errors import InputError

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
JOB = """
import os, subprocess, sys, warnings
from types import SimpleNamespace
from parity.errors import InputError
from parity.job import run_logged, terminal

def main(job):
{body}

run_logged(main, SimpleNamespace(log=["logs/deep/job.log"], rule="prepare", config=dict(methods={{}}, script={{}})))
print("after the job")
"""


def run(folder, body, stderr=subprocess.PIPE):
    """Run a script around `body` in a process of its own. Returns the finished process and the log's text."""
    script = folder / "script.py"
    script.write_text(JOB.format(body=textwrap.indent(textwrap.dedent(body).strip(), "    ")), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return done, (folder / "logs" / "deep" / "job.log").read_text(encoding="utf-8")


def test_an_input_error_says_where_what_and_the_remedy():
    error = InputError("data.csv, line 3", "no column 'id'", "Name it under data.columns")
    assert str(error) == "data.csv, line 3: no column 'id'. Name it under data.columns"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("print('to stdout')", "to stdout"),
        ("print('to stderr', file=sys.stderr)", "to stderr"),
        ("os.write(1, b'from compiled code')", "from compiled code"),
        ("os.write(2, b'error of compiled code')", "error of compiled code"),
        ("subprocess.run([sys.executable, '-c', 'print(6 * 7)'], check=True)", "42"),
        ("subprocess.run([sys.executable, '-c', 'import sys; sys.stderr.write(str(6 * 7))'], check=True)", "42"),
        ("warnings.warn('beware')", "UserWarning: beware"),
    ],
    ids=["stdout", "stderr", "descriptor 1", "descriptor 2", "child's stdout", "child's stderr", "warning"],
)
def test_all_output_lands_in_the_log_and_none_on_the_terminal(tmp_path, body, said):
    done, log = run(tmp_path, body)
    assert said in log
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_job_that_succeeds_goes_on_with_status_0(tmp_path):
    done, log = run(tmp_path, "print('working')")
    assert done.returncode == 0
    assert log == "working\nafter the job\n"


def test_an_input_error_is_said_on_the_terminal_without_a_traceback_and_ends_with_status_1(tmp_path):
    done, log = run(tmp_path, "print('working')\nraise InputError('data.csv, line 3', 'it is broken', 'Mend it')")
    assert done.returncode == 1
    assert done.stderr.strip() == "prepare: data.csv, line 3: it is broken. Mend it"
    assert done.stdout == ""
    assert "working" in log
    assert "data.csv, line 3: it is broken. Mend it" in log
    assert "Traceback" not in log
    assert "after the job" not in log


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("methods.ia3.peft.r = 4", "mine.yaml: methods.ia3.peft.r = 4"),
        ("methods.ia3", "mine.yaml: methods.ia3"),
        ("methods", "mine.yaml: methods"),
        ("methods.csv, line 3", "methods.csv, line 3"),
        ("methods/a.csv", "methods/a.csv"),
        ("script.py", "script.py"),
        ("other.key = 4", "other.key = 4"),
    ],
)
def test_a_complaint_about_a_key_of_the_config_names_its_file_and_any_other_does_not(tmp_path, monkeypatch, where, said):
    monkeypatch.setenv("PARITY_CONFIG_FILE", "mine.yaml")
    done, log = run(tmp_path, f"raise InputError({where!r}, 'no such key', 'Remove it')")
    assert done.stderr.strip() == f"prepare: {said}: no such key. Remove it"
    assert f"{said}: no such key. Remove it" in log.splitlines()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("raise ValueError('a bug')", "ValueError: a bug"),
        ("open('none.txt')", "FileNotFoundError: [Errno 2] No such file or directory: 'none.txt'"),
        ("raise OSError(28, 'No space left on device')", "OSError: [Errno 28] No space left on device"),
    ],
)
def test_any_other_error_is_said_on_the_terminal_and_leaves_its_traceback_in_the_log(tmp_path, body, problem):
    done, log = run(tmp_path, body)
    assert done.returncode == 1
    assert (done.stdout, done.stderr.strip()) == ("", f"prepare: {problem}")
    assert "Traceback (most recent call last)" in log
    assert "in main" in log
    assert problem in log
    assert "after the job" not in log


def test_a_script_that_asks_for_another_status_gets_it(tmp_path):
    done, _ = run(tmp_path, "sys.exit(3)")
    assert done.returncode == 3


def test_an_older_log_is_replaced(tmp_path):
    run(tmp_path, "print('first')")
    _, log = run(tmp_path, "print('second')")
    assert "first" not in log


def test_there_is_no_terminal_to_draw_on_where_stderr_is_a_pipe(tmp_path):
    _, log = run(tmp_path, "print(terminal())")
    assert log.startswith("None\n")


def test_what_is_drawn_on_the_terminal_lands_there_and_not_in_the_log(tmp_path):
    ours, theirs = os.openpty()
    try:
        done, log = run(tmp_path, "print('50 %', file=terminal())\nprint('half')", stderr=theirs)
        os.close(theirs)
        assert os.read(ours, 1000).decode().strip() == "50 %"
    finally:
        os.close(ours)
    assert done.returncode == 0
    assert log == "half\nafter the job\n"
