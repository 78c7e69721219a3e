"""What the cluster would refuse or never start is said before anything is submitted, by site-check and by snakemake alike."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml
from cluster import Cluster
from patience import PATIENCE_SECONDS
from slurm_project import SlurmProject

STUDY = ("--profile", "profiles/slurm", "--configfile", "config/config.yaml")


@pytest.fixture
def fresh(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[SlurmProject]:
    """The small study in a folder where nothing was done yet."""
    project = SlurmProject(cluster, re.sub(r"\W+", "-", request.node.name))
    yield project
    project.end()


def write_site(project: SlurmProject, **site: object) -> None:
    path = project.folder / "profiles/site.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")) | site), encoding="utf-8")


def site_check(project: SlurmProject, profile: str = "profiles/slurm") -> subprocess.CompletedProcess:
    """What `make site-check` calls."""
    command = [sys.executable, "-m", "snakemake_executor_plugin_parity_slurm.site_check", profile, STUDY[-1]]
    environment = project.environment() | {"PYTHONPATH": "workflow/scripts"}
    return subprocess.run(command, cwd=project.folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS)


def assert_refused(project: SlurmProject, *said: str) -> None:
    """Both say it, and nothing was submitted."""
    checked = site_check(project)
    run = project.start(*STUDY)
    assert run.wait(expected=None) != 0
    assert checked.returncode != 0
    for part in said:
        assert part in checked.stdout
        assert part in run.text
    assert "This cluster cannot run the study" in run.text
    assert project.cluster.jobs(ended=True) == [] or not any(job.name.startswith("parity-") for job in project.cluster.jobs())
    assert not (project.results / "data").exists()


def test_a_site_that_fits_is_said_to_fit_with_what_is_good_to_know(fresh: SlurmProject):
    for profile in ("profiles/slurm", "profiles/slurm-preemptible"):
        done = site_check(fresh, profile)
        assert done.returncode == 0, done.stdout
        assert f"{profile} fits" in done.stdout
        assert "KillWait = " in done.stdout
        assert "has GPUs of type counted" in done.stdout


@pytest.mark.parametrize(
    ("site", "said"),
    [
        (
            {"gpu_partition": "a100", "cpu_partition": "nope", "account": "nobodys", "checkpoint_folder": "/proc/parity"},
            (
                "slurm_partition = a100: this cluster has no such partition. Set one of: cpu, gpu, gpu-urgent, preemptible",
                "slurm_partition = nope: this cluster has no such partition",
                "slurm_account = nobodys: not an account of yours. Set one of: lab",
                "checkpoint_folder = /proc/parity: it cannot be written here",
            ),
        ),
        ({"gpu_partition": "cpu"}, ("gpu: partition cpu has no GPU. Partitions with GPUs: gpu, gpu-urgent, preemptible",)),
        (
            {"gpu_model": "h100", "gpu_request": "gres", "cpu_max_mem_mb": 10**6},
            ("gpu_model = h100: partition gpu has no such GPU, but counted",),
        ),
    ],
    ids=["names", "no GPU", "another GPU"],
)
def test_what_does_not_fit_the_cluster_is_refused(fresh: SlurmProject, site: dict, said: tuple[str, ...]):
    write_site(fresh, **site)
    assert_refused(fresh, *said)


def test_a_run_time_above_the_partitions_limit_is_refused_where_slurm_would_let_it_wait_for_ever(fresh: SlurmProject):
    fresh.cluster.command("scontrol", "update", "partitionname=gpu", "maxtime=00:30:00")
    try:
        assert_refused(fresh, "runtime = 240 minutes: partition gpu allows 30", "generate")
    finally:
        fresh.cluster.command("scontrol", "update", "partitionname=gpu", "maxtime=1-00:00:00")


def test_more_gpus_than_a_node_has_are_refused_by_the_key_that_asks_for_them(fresh: SlurmProject):
    def edit(config):
        config["compare"] = ["full", "lora"]
        config["methods"]["full"]["train"].update(gpus_per_run=64, batch_size=64)

    fresh.edit_config(edit)
    refusal = "gpu = 64: no node of partition gpu has that many, but 2 at most. Lower methods.full.train.gpus_per_run to 2"
    assert_refused(fresh, refusal)
    fresh.edit_config(lambda config: config["methods"]["full"]["train"].update(gpus_per_run=2))
    assert site_check(fresh).returncode == 0


def test_a_profile_that_sets_gpus_itself_is_refused_where_a_run_takes_more(fresh: SlurmProject):
    fresh.edit_config(lambda config: config["methods"]["full"]["train"].update(gpus_per_run=2))
    profile = fresh.folder / "profiles/slurm/profile.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("    gpus_from: scheduler\n", "    gpus_from: scheduler\n    gpu: 1\n"), encoding="utf-8")
    assert_refused(fresh, "gpu = 1: methods.full.train.gpus_per_run = 2 takes a GPU for each process. Remove gpu and gres")


def test_a_way_to_ask_for_gpus_that_does_not_exist_is_refused(fresh: SlurmProject):
    write_site(fresh, gpu_request="gpu")
    run = fresh.start(*STUDY)
    assert run.wait(expected=None) != 0
    checked = site_check(fresh)
    assert checked.returncode != 0
    for said in (checked.stdout, run.text):
        assert "--parity-slurm-gpu-request = gpu: unknown. Set it (gpu_request in profiles/site.yaml) to gpus or gres" in said


def test_a_wrong_config_is_said_by_the_site_check_as_by_snakemake(fresh: SlurmProject):
    fresh.edit_config(lambda config: config["methods"]["full"]["train"].update(gpus_per_run=3))
    checked = site_check(fresh)
    assert checked.returncode != 0
    assert "does not fit: config/config.yaml: methods.full.train.batch_size = " in checked.stdout


def test_an_account_is_asked_for_where_the_cluster_requires_one(fresh: SlurmProject):
    fresh.cluster.reconfigure(AccountingStorageEnforce="associations")
    fresh.cluster.command("sacctmgr", "-i", "delete", "user", "root")
    try:
        assert_refused(fresh, "slurm_account: this cluster requires one, and you have no default. Set one of: ask the staff")
    finally:
        fresh.cluster.command("sacctmgr", "-i", "add", "user", "root", "account=lab")


def test_without_a_slurm_the_message_says_where_to_look(fresh: SlurmProject, monkeypatch: pytest.MonkeyPatch):
    # A controller that nobody runs; port 9 of this machine is nobody's.
    conf = fresh.folder / "slurm.conf"
    conf.write_text(re.sub("(?m)^SlurmctldPort=.*", "SlurmctldPort=9", fresh.cluster.conf.read_text(encoding="utf-8")))
    monkeypatch.setenv("SLURM_CONF", str(conf))
    done = site_check(fresh)
    assert done.returncode != 0
    assert "Slurm does not answer here" in done.stdout and "login node" in done.stdout


def test_a_hub_that_cannot_be_reached_is_said_at_once_with_the_command_for_the_login_node(fresh: SlurmProject, monkeypatch):
    # Port 9 of this machine: nobody listens.
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")

    def edit(config):
        config["model"] = {"source": "hub", "name_or_path": "someone/model", "revision": "0123456789abcdef"}

    fresh.edit_config(edit)
    run = fresh.start(*STUDY, "--retries", "0")
    assert run.wait(expected=None) != 0
    assert "the hub cannot be reached" in run.text
    assert "make fetch CONFIG=" in run.text
    assert fresh.jobs() == []
