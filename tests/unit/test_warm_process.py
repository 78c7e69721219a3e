"""The warm process: a job in a child of it is what it would be in a process of its own, and ends with whom it should."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from patience import PATIENCE_SECONDS

from parity import handover, warm
from parity.job import OFFLINE

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
JOB = """
import json, os, signal, sys, time
sys.path.append({scripts!r})
from pathlib import Path
from types import SimpleNamespace
from parity.errors import InputError
from parity.job import run_logged

def main(job):
    Path("started").write_text(str(os.getpid()))
{body}

run_logged(main, SimpleNamespace(log=["job.log"], rule="train"), heavy=True)
print("after the job")
"""


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """What the Snakefile sets, and every job."""
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def start_warm(tmp_path, monkeypatch):
    """start_warm(*modules): the warm process of this one, which is gone after the test."""
    monkeypatch.delenv(warm.SWITCH, raising=False)
    monkeypatch.setenv(warm.SOCKET_VARIABLE, "")
    started = []

    def start(*modules: str) -> subprocess.Popen:
        started.append(warm.start(tmp_path / "logs/warm.log", modules))
        return started[-1]

    yield start
    for process in started:
        process.stdin.close()
        assert process.wait(PATIENCE_SECONDS) == 0


def job(folder: Path, body: str, **options) -> subprocess.Popen:
    """Start a script around `body`, as Snakemake starts a job's."""
    folder.mkdir(exist_ok=True)
    script = folder / "script.py"
    script.write_text(JOB.format(scripts=str(SCRIPTS), body=textwrap.indent(textwrap.dedent(body).strip(), "    ")))
    return subprocess.Popen(
        [sys.executable, str(script)], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def finished(process: subprocess.Popen) -> tuple[int, str, str]:
    output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, output, errors


def until(what: Callable[[], object]) -> object:
    """Wait for something to come true, and return it."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not come true")


def pid_in(folder: Path) -> int:
    """The process id that the job in `folder` wrote down when it began."""
    return int(until(lambda: (folder / "started").exists() and (folder / "started").read_text()))


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


DESCRIPTION = """
print(json.dumps({
    "parent": os.getppid(), "folder": os.getcwd(), "umask": os.umask(0), "argv": sys.argv, "path": sys.path, "name": __name__,
    "file": __file__, "threads": os.environ["OMP_NUM_THREADS"], "tmp": os.environ["TMPDIR"],
    "temporary": __import__("tempfile").gettempdir(), "environment": sorted(os.environ), "stdin": sys.stdin.read(),
    "ignored": [each for each in (1, 2, 15) if signal.getsignal(each) == signal.SIG_IGN],
    "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    "loaded": "decimal" in sys.modules,
}))
"""


def described(folder: Path) -> dict:
    environment = os.environ | {"OMP_NUM_THREADS": "3", "TMPDIR": str(folder)}
    assert finished(job(folder, DESCRIPTION, env=environment, umask=0o027, stdin=subprocess.DEVNULL)) == (0, "", "")
    return json.loads((folder / "job.log").read_text().splitlines()[0])


def test_a_job_in_a_child_is_what_it_is_in_a_process_of_its_own(tmp_path, start_warm, monkeypatch):
    alone = described(tmp_path / "job")
    process = start_warm("decimal")
    child = described(tmp_path / "job")
    assert (alone.pop("parent"), child.pop("parent")) == (os.getpid(), process.pid)
    assert (alone.pop("loaded"), child.pop("loaded")) == (False, True)
    assert "PARITY_JOB_STARTED" in child["environment"] and warm.SOCKET_VARIABLE not in child["environment"]
    alone["environment"] = sorted({*alone["environment"]} - {warm.SOCKET_VARIABLE})
    assert child == alone
    assert (child["umask"], child["threads"], child["temporary"]) == (0o027, "3", str(tmp_path / "job"))


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("print('done')", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('no')", 1, ""),
        ("raise InputError('a.csv', 'it is broken', 'Mend it')", 1, "train: a.csv: it is broken. Mend it"),
        ("raise ValueError('a bug')", 1, "train: ValueError: a bug"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", -signal.SIGSEGV, ""),
        ("raise KeyboardInterrupt", -signal.SIGINT, ""),
        ("os._exit(7)", 7, ""),
    ],
)
def test_a_job_ends_with_the_status_and_the_words_that_it_has_alone(tmp_path, start_warm, body, status, said):
    alone = finished(job(tmp_path / "alone", body))
    start_warm()
    child = finished(job(tmp_path / "child", body))
    assert alone == child
    assert (child[0], child[2].strip()) == (status, said)
    logs = [(tmp_path / name / "job.log").read_text().splitlines()[-1:] for name in ("alone", "child")]
    assert logs[0] == logs[1]
    assert (logs[1] == ["after the job"]) == (status == 0)


def test_a_signal_to_the_waiting_process_reaches_the_job(tmp_path, start_warm):
    start_warm()
    body = """
    def stop(number, frame):
        print("told by", number, flush=True)
        sys.exit(5)
    signal.signal(signal.SIGTERM, stop)
    print("ready", flush=True)
    time.sleep(60)
    """
    process = job(tmp_path, body)
    until(lambda: (tmp_path / "job.log").exists() and "ready" in (tmp_path / "job.log").read_text())
    process.terminate()
    assert finished(process)[0] == 5
    assert f"told by {signal.SIGTERM:d}" in (tmp_path / "job.log").read_text()


def test_a_signal_that_comes_before_the_job_is_begun_is_not_lost(tmp_path, start_warm, monkeypatch):
    (tmp_path / "slow_library.py").write_text(
        f"import time, pathlib\nwhile not pathlib.Path({str(tmp_path / 'go')!r}).exists():\n    time.sleep(0.01)"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    start_warm("slow_library")
    process = job(tmp_path, "time.sleep(60)")
    # It waits, with a handler of its own, for the warm process to be ready.
    until(lambda: int(re.search(r"SigCgt:\s(\w+)", Path(f"/proc/{process.pid}/status").read_text())[1], 16) >> 14 & 1)
    process.terminate()
    (tmp_path / "go").touch()
    assert finished(process)[0] == -signal.SIGTERM


def test_a_job_that_is_started_with_ctrl_c_ignored_goes_on_ignoring_it(tmp_path, start_warm):
    start_warm()
    ignoring = job(
        tmp_path,
        "print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert finished(ignoring)[0] == 0
    assert (tmp_path / "job.log").read_text().startswith("True")


def test_a_job_stops_and_goes_on_with_the_waiting_process(tmp_path, start_warm):
    start_warm()
    process = job(tmp_path, "while not Path('end').exists(): time.sleep(0.01)")
    child = psutil.Process(pid_in(tmp_path))
    process.send_signal(signal.SIGTSTP)
    until(lambda: child.status() == psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)
    process.send_signal(signal.SIGCONT)
    (tmp_path / "end").touch()
    assert finished(process)[0] == 0


def test_a_killed_waiting_process_takes_the_job_with_it_and_other_jobs_go_on(tmp_path, start_warm):
    start_warm()
    waits = "while not Path('end').exists(): time.sleep(0.01)"
    one, other = job(tmp_path / "one", waits), job(tmp_path / "other", waits)
    pids = [pid_in(tmp_path / name) for name in ("one", "other")]
    one.kill()
    assert finished(one)[0] == -signal.SIGKILL
    until(lambda: is_gone(pids[0]))
    assert not is_gone(pids[1])
    (tmp_path / "other/end").touch()
    assert finished(other)[0] == 0


def test_a_killed_job_ends_who_waits_for_it_the_same_way(tmp_path, start_warm):
    start_warm()
    process = job(tmp_path, "time.sleep(60)")
    os.kill(pid_in(tmp_path), signal.SIGKILL)
    assert finished(process)[0] == -signal.SIGKILL


def test_a_job_outlives_a_killed_warm_process(tmp_path, monkeypatch):
    monkeypatch.setenv(warm.SOCKET_VARIABLE, "")
    process = warm.start(tmp_path / "warm.log", [])
    waiting = job(tmp_path, "while not Path('end').exists(): time.sleep(0.01)\nsys.exit(4)")
    pid_in(tmp_path)
    process.kill()
    process.wait()
    (tmp_path / "end").touch()
    assert finished(waiting)[0] == 4
    # The next finds nobody there, and does without.
    assert finished(job(tmp_path / "next", "print(os.getppid())"))[0] == 0
    assert (tmp_path / "next/job.log").read_text().startswith(str(os.getpid()))


def test_it_ends_with_who_started_it_but_not_before_the_jobs(tmp_path):
    code = f"""
        import os, sys, time
        sys.path.insert(0, {str(SCRIPTS)!r})
        from pathlib import Path
        from parity import warm
        process = warm.start(Path({str(tmp_path / "warm.log")!r}), [])
        print(process.pid, os.environ[warm.SOCKET_VARIABLE], flush=True)
        time.sleep(60)
    """
    starter = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    pid, path = starter.stdout.readline().split()
    waiting = job(
        tmp_path,
        "while not Path('end').exists(): time.sleep(0.01)",
        env=os.environ | {warm.SOCKET_VARIABLE: path},
    )
    child = pid_in(tmp_path)
    starter.kill()
    starter.wait()
    # It is gone for new jobs, and the job goes on.
    until(lambda: not Path(path).exists())
    assert not is_gone(child) and not is_gone(int(pid))
    (tmp_path / "end").touch()
    assert finished(waiting)[0] == 0
    until(lambda: is_gone(int(pid)))
    assert not Path(path).parent.exists()


@pytest.mark.parametrize(
    "environment",
    [{"MALLOC_TRIM_THRESHOLD_": "4294967296"}, {"CONDA_PREFIX": "/elsewhere"}, {"CUDA_VISIBLE_DEVICES": "0,1"}],
    ids=lambda environment: next(iter(environment)),
)
def test_a_job_in_another_environment_runs_in_its_own_process(tmp_path, start_warm, environment):
    start_warm()
    assert finished(job(tmp_path, "print(os.getppid())", env=os.environ | environment))[0] == 0
    assert (tmp_path / "job.log").read_text().startswith(str(os.getpid()))
    assert f"its environment differs in {next(iter(environment))}" in (tmp_path / "logs/warm.log").read_text()


def test_another_python_is_refused():
    request = handover.request("script.py")
    environment = dict(os.environ)
    assert warm.unlike(request, environment) is None
    assert "runs with /usr/bin/other" in warm.unlike(request | {"executable": "/usr/bin/other"}, environment)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()", "started a thread"),
        # A file that is taken for a GPU's, held open.
        ("import sys\nsys.modules['__main__'].GPU_FILES = (__file__,)\nfile = open(__file__)", "speaks to the GPU"),
    ],
    ids=["thread", "GPU"],
)
def test_what_no_child_could_live_with_is_refused_and_jobs_run_alone(tmp_path, start_warm, monkeypatch, source, problem):
    (tmp_path / "warm_made_up.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = start_warm("warm_made_up")
    assert finished(job(tmp_path / "job", "print(os.getppid())"))[0] == 0
    assert (tmp_path / "job/job.log").read_text().startswith(str(os.getpid()))
    assert process.wait(PATIENCE_SECONDS) == 0
    assert problem in (tmp_path / "logs/warm.log").read_text()


def test_a_library_that_is_not_there_is_left_out(tmp_path, start_warm):
    process = start_warm("no_such_library", "decimal")
    assert finished(job(tmp_path / "job", "print(os.getppid(), 'decimal' in sys.modules)"))[0] == 0
    assert (tmp_path / "job/job.log").read_text().startswith(f"{process.pid} True")


def test_it_is_switched_off_by_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(warm.SWITCH, "0")
    monkeypatch.delenv(warm.SOCKET_VARIABLE, raising=False)
    assert warm.start(tmp_path / "warm.log", []) is None
    assert warm.SOCKET_VARIABLE not in os.environ


def test_beside_bitsandbytes_and_a_gpu_nothing_is_loaded_that_asks_for_it(monkeypatch):
    monkeypatch.setattr(warm, "find_spec", lambda name: object())
    monkeypatch.setattr(warm, "has_gpu", lambda: True)
    assert set(warm.libraries()) == set(warm.LIBRARIES)
    monkeypatch.setattr(warm, "has_gpu", lambda: False)
    assert "peft" in warm.libraries()


def test_a_child_computes_with_the_threads_of_its_job(tmp_path, start_warm, monkeypatch):
    (tmp_path / "torch.py").write_text("threads = 1\ndef set_num_threads(number):\n    global threads\n    threads = number\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    start_warm("torch", "numpy")
    body = "import numpy, torch\nnumpy.ones((400, 400)) @ numpy.ones((400, 400))\nprint(torch.threads, len(os.listdir('/proc/self/task')))"
    for threads in ("1", "3"):
        process = job(tmp_path / threads, body, env=os.environ | {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads})
        assert finished(process)[0] == 0
        # The job's own, and the one that gives signs of its life (parity.progress).
        assert (tmp_path / threads / "job.log").read_text().split()[:2] == [threads, "2"]
