"""parity.gpu_slots: real processes that take GPUs, wait for them and are killed. Only nvidia-smi is made up: no GPU is here."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from made_up_gpus import MadeUpGpu, uuid, write_amd_nodes, write_command, write_nvidia_smi
from patience import PATIENCE_SECONDS

from parity import amd, gpu_slots

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
# A test that waits for what never comes fails after so long.
NOBODY = 65534

TAKE = """
    import os, signal, subprocess, sys
    from types import SimpleNamespace
    from parity.gpu_slots import take_gpus

    count, resources = int(sys.argv[1]), eval(sys.argv[2])
    job = SimpleNamespace(rule="train", wildcards=SimpleNamespace(method="lora", seed="7"), resources=SimpleNamespace(**resources))
    take_gpus(job, count)
    print("mine:", os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
"""
UNTIL_TOLD = "sys.stdin.read()"


class Taker:
    """A process that takes GPUs and does `then` with them; by itself it holds them until it is told to end."""

    def __init__(self, environment: dict, count: int = 1, then: str = UNTIL_TOLD, options: dict | None = None, **resources):
        code = textwrap.dedent(TAKE) + textwrap.dedent(then)
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(count), repr(resources)],
            **{"env": environment, "stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
            | (options or {}),
        )
        self.pid = self.process.pid

    def until(self, text: str) -> str:
        """Read what it prints until a line holds `text`; returns that line."""
        lines = []
        timer = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        timer.start()
        try:
            for line in self.process.stdout:
                lines.append(line)
                if text in line:
                    return line.rstrip("\n")
        finally:
            timer.cancel()
        raise AssertionError(f"it ended without {text!r}:\n{''.join(lines)}")

    def gpus(self) -> list[str]:
        """Wait until it has its GPUs; returns their ids."""
        return self.until("mine:").removeprefix("mine: ").split(",")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def processes():
    started: list[psutil.Process] = []
    yield started
    for process in started:
        if process.is_running():
            process.kill()


@pytest.fixture
def take(tmp_path, processes) -> Callable[..., Taker]:
    """Start a Taker on a machine with `gpus` GPUs, four by itself."""

    def start(count: int = 1, gpus: int = 4, visible: str | None = None, **more) -> Taker:
        machine = tmp_path / f"{gpus}-gpus"
        if not machine.exists():
            write_nvidia_smi(machine, [MadeUpGpu(uuid(number)) for number in range(gpus)])
        environment = {
            **{name: value for name, value in os.environ.items() if not name.endswith("_VISIBLE_DEVICES")},
            "PATH": f"{machine}:{os.environ['PATH']}",
            "PYTHONPATH": str(SCRIPTS),
            # A way that a link is part of, as /tmp is one on some machines.
            "PARITY_GPU_FOLDER": str(tmp_path / "link/runs"),
        }
        if not (tmp_path / "link").exists():
            (tmp_path / "link").symlink_to(tmp_path)
        if visible is not None:
            environment["CUDA_VISIBLE_DEVICES"] = visible
        taker = Taker(environment, count, **more)
        processes.append(psutil.Process(taker.pid))
        return taker

    return start


def test_each_run_gets_a_gpu_of_its_own_and_who_comes_late_is_told_for_whom_it_waits(take):
    first = take(gpus=2)
    assert first.gpus() == [uuid(0)]
    second = take(gpus=2)
    assert second.gpus() == [uuid(1)]
    third = take(gpus=2)
    third.until("Waiting for one of these GPUs:")
    said = third.until(f"process {first.pid}") + third.until(f"process {second.pid}")
    user = psutil.Process().username()
    assert said.count(f"used by {user}'s process") == 2 and said.count("(train lora seed 7)") == 2
    second.process.communicate("end")
    assert third.gpus() == [uuid(1)]


def test_the_gpu_of_a_killed_run_is_free_again(take):
    holder = take(gpus=1)
    holder.gpus()
    waiting = take(gpus=1)
    waiting.until(f"process {holder.pid}")
    holder.process.send_signal(signal.SIGKILL)
    assert waiting.gpus() == [uuid(0)]


def test_a_killed_run_that_waited_holds_up_nobody(take):
    holder = take(gpus=1)
    holder.gpus()
    waiting = [take(gpus=1) for _ in range(2)]
    for taker in waiting:
        taker.until(f"process {holder.pid}")
    waiting[0].kill()
    holder.kill()
    assert waiting[1].gpus() == [uuid(0)]


LEAVES_A_CHILD = {
    "forked": """
        if os.fork() == 0:
            print("child:", os.getpid(), flush=True)
            signal.pause()
        sys.stdin.read()
    """,
    "started with open files": """
        child = subprocess.Popen(["sleep", "1000"], close_fds=False)
        print("child:", child.pid, flush=True)
        sys.stdin.read()
    """,
    "started as usual, and holding by itself": """
        code = "from parity.gpu_slots import hold_gpus; hold_gpus(); print('holds', flush=True); import time; time.sleep(1000)"
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        child.stdout.readline()
        print("child:", child.pid, flush=True)
        sys.stdin.read()
    """,
    "torchrun's": """
        from torch.distributed.launcher.api import LaunchConfig, elastic_launch

        code = "from parity.gpu_slots import hold_gpus; hold_gpus(); import os, time; print('child:', os.getpid(), flush=True);"
        once = LaunchConfig(min_nodes=1, max_nodes=1, nproc_per_node=1, rdzv_backend="c10d", rdzv_endpoint="localhost:0", run_id="a")
        elastic_launch(once, sys.executable)("-c", code + "time.sleep(1000)")
    """,
}


@pytest.mark.parametrize("then", LEAVES_A_CHILD.values(), ids=LEAVES_A_CHILD.keys())
def test_a_gpu_is_not_given_away_while_a_child_of_a_killed_run_computes_there(take, processes, then):
    holder = take(gpus=1, then=then)
    holder.gpus()
    child = psutil.Process(int(holder.until("child:").split(":")[-1]))
    processes.append(child)
    holder.kill()
    assert child.is_running()
    waiting = take(gpus=1)
    said = waiting.until(f"process {holder.pid}")
    assert f"process {holder.pid} (train lora seed 7), which is gone, left running (process {child.pid})" in said
    child.kill()
    assert waiting.gpus() == [uuid(0)]


def test_a_run_of_several_gpus_gets_different_ones(take):
    assert sorted(take(3).gpus()) == [uuid(0), uuid(1), uuid(2)]
    assert take(1).gpus() == [uuid(3)]


MANY_TIMES = """
    from pathlib import Path

    folder = Path(os.environ["PARITY_GPU_FOLDER"]).parent.resolve()
    for gpu in os.environ["CUDA_VISIBLE_DEVICES"].split(","):
        # Fails where another run computes on it.
        (folder / f"{gpu}.used").mkdir()
    Path(folder / f"computed-{os.getpid()}").touch()
    for gpu in os.environ["CUDA_VISIBLE_DEVICES"].split(","):
        (folder / f"{gpu}.used").rmdir()
"""


@pytest.mark.parametrize("gpus", [2, 3])
def test_runs_of_two_gpus_never_share_one_nor_wait_for_each_other(take, tmp_path, gpus):
    takers = [take(2, gpus=gpus, then=MANY_TIMES) for _ in range(12)]
    for taker in takers:
        output = taker.process.communicate(timeout=PATIENCE_SECONDS)[0]
        assert taker.process.returncode == 0, output
    assert len(list(tmp_path.glob("computed-*"))) == 12


def test_a_run_of_two_gpus_is_not_overtaken_by_later_ones_of_one(take):
    holders = [take(gpus=2), take(gpus=2)]
    of = {holder.gpus()[0]: holder for holder in holders}
    both = take(2, gpus=2)
    both.until("Waiting for 2 of these GPUs:")
    late = take(gpus=2)
    late.until(f"waiting since before this run: {psutil.Process().username()}'s process {both.pid}")
    of[uuid(0)].kill()
    # It has looked again, at a GPU that nobody uses, and has left it.
    late.until(f"{uuid(0)}): not in use")
    of[uuid(1)].kill()
    assert both.gpus() == [uuid(0), uuid(1)]
    both.kill()
    assert late.gpus() == [uuid(0)]


def test_a_waiting_run_that_was_stopped_keeps_nobody_from_a_free_gpu(take, tmp_path):
    holder = take(gpus=1)
    holder.gpus()
    stopped = take(gpus=1)
    stopped.until(f"process {holder.pid}")
    stopped.process.send_signal(signal.SIGSTOP)
    late = take(gpus=1)
    late.until(f"process {stopped.pid}")
    holder.kill()
    late.until("not in use")
    [file] = (tmp_path / "runs").glob(f"*-{stopped.pid}.run")
    os.utime(file, (0, file.stat().st_mtime - gpu_slots.STOPPED_SECONDS))
    assert late.gpus() == [uuid(0)]


def test_only_what_is_visible_from_outside_is_given_out_by_uuid_and_in_its_order(take):
    assert take(visible="3,1").gpus() == [uuid(3)]
    assert take(visible="3,1").gpus() == [uuid(1)]
    waiting = take(visible="3,1")
    waiting.until("Waiting for one")
    # Whoever sees others is not held up by it.
    assert take(visible="GPU-00000002,1").gpus() == [uuid(2)]


def test_parts_of_a_divided_gpu_are_given_out_one_by_one(tmp_path, processes):
    divided = MadeUpGpu(uuid(0), parts=[("3g.20gb", 19968), ("3g.20gb", 19968)])
    environment = os.environ | {
        "PATH": write_nvidia_smi(tmp_path / "bin", [divided]),
        "PYTHONPATH": str(SCRIPTS),
        "PARITY_GPU_FOLDER": str(tmp_path / "runs"),
    }
    environment.pop("CUDA_VISIBLE_DEVICES", None)
    takers = [Taker(environment) for _ in range(2)]
    processes += [psutil.Process(taker.pid) for taker in takers]
    assert sorted(taker.gpus()[0] for taker in takers) == [divided.part(0), divided.part(1)]


def test_runs_share_a_gpu_as_the_config_says_and_as_their_memory_allows(take):
    # 40960 MiB are 42949 MB.
    share = {"gpus": 1, "runs_per_gpu": 3}
    first = take(**share, gpu_mem_mb=20000)
    assert first.gpus() == [uuid(0)]
    large = take(**share, gpu_mem_mb=23000)
    large.until("Waiting for one of these GPUs, 23000 MB on each:")
    assert "20000 MB on each" in large.until(f"process {first.pid}")
    large.kill()
    assert take(**share, gpu_mem_mb=22000).gpus() == [uuid(0)]
    alone = take(gpus=1)
    alone.until("Waiting for one")
    first.kill()
    # Half of it is free; but this run shares with nobody.
    alone.until(f"{uuid(0)}): used by")
    assert alone.process.poll() is None


def test_a_run_larger_than_any_gpu_gets_one_that_nobody_uses(take):
    assert take(gpus=1, runs_per_gpu=2, gpu_mem_mb=10**6).gpus() == [uuid(0)]


def test_the_log_says_what_the_run_computes_on(take):
    assert take().until("Computing on") == f"Computing on GPU 0 (NVIDIA A100-SXM4-40GB, {uuid(0)})"
    assert take(runs_per_gpu=2).until("Computing on").endswith(f"{uuid(1)}), shared by up to 2 runs")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"count": 5}, "methods.lora.train.gpus_per_run = 5: a GPU for each process is needed, and this machine has 4 GPUs"),
        ({"visible": "6"}, "CUDA_VISIBLE_DEVICES = 6: there is no GPU 6 here"),
        ({"runs_per_gpu": 0}, "rule train: resources: runs_per_gpu = 0: it must be a whole number, 1 or more"),
        ({"gpu_mem_mb": "much"}, "rule train: resources: gpu_mem_mb = 'much'"),
        ({"gpu_mem_mb": 0}, "rule train: resources: gpu_mem_mb = 0"),
        ({"gpus_from": "nowhere"}, "rule train: resources: gpus_from = 'nowhere'"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_taken(take, tmp_path, more, problem):
    take(**more).until(problem)
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_is_none_is_said(take, tmp_path):
    (tmp_path / "runs").write_text("")
    said = take().until("InputError")
    assert f"{tmp_path}/runs: the GPUs in use cannot be noted there (File exists)" in said
    assert "export PARITY_GPU_FOLDER=" in said


def job(**resources) -> SimpleNamespace:
    wildcards = SimpleNamespace(method="lora", seed="7")
    return SimpleNamespace(rule="train", wildcards=wildcards, resources=SimpleNamespace(**resources))


@pytest.fixture
def environment():
    before = dict(os.environ)
    for variable in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"):
        os.environ.pop(variable, None)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("value", [None, "", "0,1", "MIG-x , 5", "no such thing"])
def test_what_a_scheduler_assigned_is_left_byte_for_byte_and_nothing_is_asked(environment, tmp_path, value):
    os.environ["PATH"] = write_command(tmp_path / "bin", f"touch {tmp_path}/asked")
    os.environ["PARITY_GPU_FOLDER"] = str(tmp_path / "runs")
    if value is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = value
    before = dict(os.environ)
    gpu_slots.take_gpus(job(gpus_from="scheduler", runs_per_gpu=1), 4)
    assert dict(os.environ) == before
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


@pytest.mark.parametrize("gpus", [0, 2])
def test_without_a_visible_gpu_nothing_happens(environment, tmp_path, gpus):
    os.environ["PATH"] = write_nvidia_smi(tmp_path / "bin", [MadeUpGpu(uuid(number)) for number in range(gpus)])
    os.environ["PARITY_GPU_FOLDER"] = str(tmp_path / "runs")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    before = dict(os.environ)
    gpu_slots.take_gpus(job(gpus_from="slots", runs_per_gpu=1), 4)
    assert dict(os.environ) == before
    assert not (tmp_path / "runs").exists()


def test_a_run_on_amds_gpus_is_shown_them_by_amds_variables(environment, tmp_path, monkeypatch):
    monkeypatch.setattr("parity.gpus._vendor", lambda: amd)
    monkeypatch.setattr(amd, "NODES", write_amd_nodes(tmp_path / "nodes", [(7, 65520), (8, 65520), (9, 65520)]))
    os.environ |= {"PARITY_GPU_FOLDER": str(tmp_path / "runs"), "ROCR_VISIBLE_DEVICES": "2,1"}
    gpu_slots.take_gpus(job(), 2)
    assert (os.environ["ROCR_VISIBLE_DEVICES"], os.environ["HIP_VISIBLE_DEVICES"]) == ("2,1", "0,1")
    os.environ |= {"ROCR_VISIBLE_DEVICES": "0"}
    del os.environ["HIP_VISIBLE_DEVICES"]
    gpu_slots.take_gpus(job(), 1)
    assert (os.environ["ROCR_VISIBLE_DEVICES"], os.environ["HIP_VISIBLE_DEVICES"]) == ("0", "0")


@pytest.fixture
def for_all():
    """A folder that every user reaches, with a copy of the library and of the package that it needs in it."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SCRIPTS / "parity", folder / "parity", ignore=ignore)
    # The environment itself may lie in a folder of the user's own.
    shutil.copytree(Path(psutil.__file__).parent, folder / "psutil", ignore=ignore)
    write_nvidia_smi(folder / "bin", [MadeUpGpu(uuid(0)), MadeUpGpu(uuid(1))])
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def take_as(for_all, processes) -> Callable[..., Taker]:
    """Start a Taker as one of two users, with the strictest umask."""

    def start(user: int, **more) -> Taker:
        environment = {"PATH": f"{for_all}/bin:/usr/bin:/bin", "PYTHONPATH": str(for_all), "PYTHONDONTWRITEBYTECODE": "1"}
        environment["PARITY_GPU_FOLDER"] = str(for_all / "open/runs")
        # Nobody can start the tests' own Python where that lies in somebody's home.
        options = {"user": user, "group": user, "extra_groups": [], "umask": 0o077, "executable": "/usr/bin/python3", "cwd": "/"}
        taker = Taker(environment, options=options, **more)
        processes.append(psutil.Process(taker.pid))
        return taker

    (for_all / "open").mkdir()
    (for_all / "open").chmod(0o1777)
    return start


def has_two_users() -> bool:
    if os.getuid() != 0 or not Path("/usr/bin/python3").exists():
        return False
    told = subprocess.run(["/usr/bin/python3", "-c", "import sys; print(sys.version_info >= (3, 11))"], capture_output=True)
    return told.stdout.strip() == b"True"


two_users = pytest.mark.skipif(not has_two_users(), reason="only root can start processes of two users")


@two_users
@pytest.mark.parametrize(("first", "second"), [(0, NOBODY), (NOBODY, 0), (NOBODY, NOBODY - 1)])
def test_two_users_never_get_the_same_gpu_and_see_who_has_it(take_as, first, second):
    holders = [take_as(first), take_as(first)]
    assert {holder.gpus()[0] for holder in holders} == {uuid(0), uuid(1)}
    waiting = take_as(second)
    said = waiting.until("used by")
    owner = {0: "root's", NOBODY: "nobody's"}[first]
    assert f"used by {owner} process" in said
    for holder in holders:
        holder.kill()
    taken = waiting.gpus()
    # What the dead of another user left is no hindrance for a third, nor for the first again.
    assert take_as(first).gpus() != taken


@two_users
def test_a_folder_that_a_user_may_not_write_is_said_with_what_to_do(take_as, for_all):
    (for_all / "open/runs").mkdir(mode=0o755)
    said = take_as(NOBODY).until("InputError")
    assert "the GPUs in use cannot be noted there (Permission denied)" in said
    assert f"chmod 1777 {for_all}/open/runs" in said


def test_a_link_in_place_of_the_folder_is_not_followed(take, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "runs").symlink_to(tmp_path / "elsewhere")
    take().until("the GPUs in use cannot be noted there")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_files_of_others_in_the_folder_are_left_alone_and_those_of_dead_runs_removed(take, tmp_path):
    take().process.communicate("end")
    [dead] = (tmp_path / "runs").iterdir()
    (tmp_path / "runs/notes.run").write_text("")
    (tmp_path / "runs" / re.sub(r"-\d+", "-1", dead.name)).write_text("not JSON")
    holder = take()
    assert holder.gpus() == [uuid(0)]
    assert sorted(path.name for path in (tmp_path / "runs").iterdir())[1:] == ["notes.run"]


def test_the_scripts_ask_nothing_of_cuda_before_the_gpus_are_taken():
    """What is imported before take_gpus must not start CUDA, which reads the visible devices once and for all."""
    code = """
        import importlib.util, sys, traceback
        import torch

        def asked(*arguments, **options):
            traceback.print_stack()
            raise SystemExit("CUDA was asked")

        for name in ("is_available", "device_count", "init", "_lazy_init", "get_device_properties", "current_device"):
            setattr(torch.cuda, name, asked)
        for script in ("train", "generate"):
            spec = importlib.util.spec_from_file_location(f"workflow_{script}", f"{sys.argv[1]}/{script}.py")
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
        # PEFT imports bitsandbytes where that is installed, which asks CUDA.
        assert not {"peft", "bitsandbytes"} & set(sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(SCRIPTS)],
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_nobody_decides_while_another_one_does(take, tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir(mode=0o1777)
    deciding = os.open(folder, os.O_RDONLY)
    fcntl.flock(deciding, fcntl.LOCK_EX)
    taker = take()
    # The kernel lists who waits for a lock.
    while not re.search(rf"-> FLOCK .* {taker.pid} ", Path("/proc/locks").read_text(encoding="utf-8")):
        assert taker.process.poll() is None and not list(folder.iterdir())
    os.close(deciding)
    assert taker.gpus() == [uuid(0)]


def test_of_many_that_come_at_once_no_two_compute_on_one_gpu(take):
    takers = [take(gpus=3, then=MANY_TIMES) for _ in range(15)]
    for taker in takers:
        output = taker.process.communicate(timeout=PATIENCE_SECONDS)[0]
        assert taker.process.returncode == 0, output
