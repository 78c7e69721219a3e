"""Which GPU each job of a real Snakemake gets. nvidia-smi is made up, since no GPU is where tests run, and the training is cut
out of the copied script: what is tested is who would compute where."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from made_up_gpus import MadeUpGpu, uuid, write_nvidia_smi
from project import Project

WITH_PROFILE = (
    "--profile",
    "profiles/local-gpu",
    "--configfile",
    "config/config.yaml",
    "--cores",
    "2",
    "--retries",
    "0",
    "--until",
    "train",
)

# In place of training: fail where another job is on one of these GPUs, and stay there until a third job waits for its turn.
COMPUTE = """
    import os, time
    from parity.files import write_json
    gpus = [Path(os.environ["TEST_FOLDER"]) / gpu for gpu in os.environ["CUDA_VISIBLE_DEVICES"].split(",")]
    for gpu in gpus:
        gpu.mkdir()
    waited = Path(os.environ["TEST_FOLDER"]) / "somebody-waited"
    while not waited.exists():
        time.sleep(0.1)
        if len(list(Path(os.environ["PARITY_GPU_FOLDER"]).glob("*.run"))) > 2:
            waited.touch()
    for gpu in gpus:
        gpu.rmdir()
    Path(job.output.model).mkdir()
    write_json(job.output.record, os.environ["CUDA_VISIBLE_DEVICES"])
"""
# In place of training: keep what a job's environment says, and end.
TELL = """
    import os
    (Path(os.environ["TEST_FOLDER"]) / "told").write_text(repr(os.environ.get("CUDA_VISIBLE_DEVICES")))
    raise RuntimeError("told")
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small study whose trainings are all that is left to do."""
    project = Project(tmp_path_factory.mktemp("gpus") / "project")

    def shrink(config):
        config["name"] = "small"
        config["compare"] = ["full"]
        config["seeds"] = [1, 2]
        config["data"].update(max_train_samples=4, max_validation_samples=2, max_test_samples=2)

    project.edit_config(shrink)
    project.snakemake("--cores", "2", "--until", "check")
    return project


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with two GPUs, and a folder for what the jobs say."""
    monkeypatch.setenv("PATH", write_nvidia_smi(tmp_path / "bin", [MadeUpGpu(uuid(0)), MadeUpGpu(uuid(1))]))
    monkeypatch.setenv("PARITY_GPU_FOLDER", str(tmp_path / "runs"))
    monkeypatch.setenv("TEST_FOLDER", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path


def copy_of(prepared: Project, folder: Path, instead_of_training: str = "") -> Project:
    shutil.copytree(prepared.folder, folder, symlinks=True)
    project = Project.__new__(Project)
    project.folder = folder
    script = folder / "workflow/scripts/train.py"
    text = script.read_text(encoding="utf-8")
    [taking] = [line for line in text.splitlines() if line.startswith("    take_gpus(")]
    script.write_text(text.replace(taking, f"{taking}{instead_of_training}    return" if instead_of_training else taking))
    return project


def test_two_workflows_at_once_never_put_two_jobs_on_one_gpu(prepared: Project, machine: Path):
    projects = [copy_of(prepared, machine / name, COMPUTE) for name in ("first", "second")]
    running = [
        subprocess.Popen(
            project.command(*WITH_PROFILE),
            cwd=project.folder,
            env=project.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for project in projects
    ]
    for process in running:
        output = process.communicate()[0]
        assert process.returncode == 0, output
    records = [path for project in projects for path in project.folder.glob("results/small/full/seed-*/train.json")]
    used = [path.read_text(encoding="utf-8").strip().strip('"') for path in records]
    assert len(used) == 4 and set(used) == {uuid(0), uuid(1)}
    logs = [
        path.read_text(encoding="utf-8") for project in projects for path in project.folder.glob("results/small/logs/train/*/*")
    ]
    assert all("Computing on GPU" in log for log in logs)
    assert any("Waiting for one of these GPUs:" in log for log in logs)


@pytest.mark.parametrize(
    ("arguments", "visible", "told"),
    [
        ((), "1", uuid(1)),
        ((), "GPU-00000001", uuid(1)),
        (("--set-resources", "train:gpus_from=scheduler"), "1 ,0", "1 ,0"),
        (("--set-resources", "train:gpus_from=scheduler"), "", ""),
    ],
)
def test_a_job_sees_what_is_its_own_and_a_schedulers_choice_as_it_is(prepared, machine, monkeypatch, arguments, visible, told):
    project = copy_of(prepared, machine / "project", TELL)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    project.snakemake("results/small/full/seed-1/train.json", "--cores", "1", *arguments, check=False)
    assert (machine / "told").read_text(encoding="utf-8") == repr(told)


def refusal(project: Project, **train) -> str:
    config = project.edit_config(lambda config: config["methods"]["full"]["train"].update(train), target="config/edited.yaml")
    done = project.snakemake("--cores", "2", "--configfile", config, check=False)
    assert done.returncode != 0 and "rule train:" not in done.stdout
    assert not (project.folder / "results/small/full").exists()
    return done.stdout


def test_more_gpus_than_there_are_is_said_before_any_job_runs(prepared: Project, machine: Path, monkeypatch):
    project = copy_of(prepared, machine / "project")
    key = "config/edited.yaml: methods.full.train.gpus_per_run = 3: a GPU for each process is needed, and "
    assert f"{key}this machine has 2 GPUs. Set it to 2" in refusal(project, gpus_per_run=3, batch_size=6)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert f"{key}only 1 GPU can be seen here" in refusal(project, gpus_per_run=3, batch_size=6)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,2")
    assert "CUDA_VISIBLE_DEVICES = 0,2: there is no GPU 2 here" in refusal(project)
    # What needs no GPU is not held up, as on a login node.
    project.snakemake("--cores", "1", "--configfile", "config/edited.yaml", "--until", "prepare")


def test_a_gpu_that_is_not_there_is_said_by_the_profile(prepared: Project, machine: Path, monkeypatch):
    project = copy_of(prepared, machine / "project")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5")
    done = project.snakemake(*WITH_PROFILE, check=False)
    assert done.returncode != 0
    assert "CUDA_VISIBLE_DEVICES = 5: there is no GPU 5 here. Name some of these, or unset" in done.stdout


def test_a_run_asks_for_the_gpus_and_threads_of_all_its_processes(prepared: Project, machine: Path):
    def edit(config):
        config["cpu_threads"] = 3
        config["train"]["gpus_per_run"] = 2

    config = prepared.edit_config(edit, target="config/edited.yaml")
    planned = prepared.snakemake("-n", "--cores", "16", "--configfile", config).stdout
    train = planned.split("rule train:")[1].split("rule ")[0]
    assert "threads: 6" in train and "gpu=2" in train
    generate = planned.split("rule generate:")[1].split("rule ")[0]
    assert "threads: 3" in generate and "gpu=1," in generate
    # On a machine without GPUs the profile gives one place, which a run of two processes on the CPU takes too.
    planned = prepared.snakemake("-n", "--cores", "16", "--configfile", config, "--resources", "gpu=1").stdout
    assert "gpu=1," in planned.split("rule train:")[1].split("rule ")[0]
