"""How a job's GPUs are asked for: as many as the rule says, in the form that the cluster wants."""

from types import SimpleNamespace

import pytest
from snakemake_executor_plugin_slurm.submit_string import get_submit_command
from snakemake_executor_plugin_slurm.utils import set_gres_string
from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_parity_slurm import ExecutorSettings, gpu_request


class Resources(dict):
    """As Snakemake's: by key and by attribute."""

    __getattr__ = dict.__getitem__


def job(threads: int = 1, **resources) -> SimpleNamespace:
    return SimpleNamespace(resources=Resources(resources), threads=threads, is_group=lambda: False)


@pytest.mark.parametrize(
    ("resources", "gpus", "gres"),
    [
        ({"gpu": 1}, " --gpus=1", " --gres=gpu:1"),
        ({"gpu": 4}, " --gpus=4", " --gres=gpu:4"),
        ({"gpu": 2, "gpu_model": "a100_80gb.x"}, " --gpus=a100_80gb.x:2", " --gres=gpu:a100_80gb.x:2"),
        # What somebody asks for beside the GPUs: of two --gres, sbatch would take the last.
        ({"gpu": 2, "gres": "nvme:1"}, " --gres=nvme:1 --gpus=2", " --gres=nvme:1,gpu:2"),
        ({"gpu": 0, "gres": "gpu:2"}, " --gres=gpu:2", " --gres=gpu:2"),
        ({}, "", ""),
    ],
)
def test_the_plugins_options_in_the_form_of_the_cluster(resources, gpus, gres):
    written = set_gres_string(job(**resources))
    assert gpu_request.in_form(written, "gpus") == gpus
    assert gpu_request.in_form(written, "gres") == gres


def test_a_run_of_several_processes_is_one_task_with_the_cpus_of_all():
    names = ("run_uuid", "slurm_logfile", "comment_str", "account", "partition", "workdir")
    call = get_submit_command(job(threads=4, gpu=2, nodes=1, mem_mb=1000, runtime=5), dict.fromkeys(names, "x"))
    assert "--cpus-per-task=4" in call and "--nodes=1" in call
    # The run starts its processes itself: Slurm must neither start more nor count the CPUs again for each GPU.
    assert "ntasks" not in call and "cpus-per-gpu" not in call


@pytest.mark.parametrize("form", ["gpu", "", "GRES"])
def test_a_form_that_is_unknown_is_refused_by_its_name(form):
    with pytest.raises(WorkflowError, match=rf"--parity-slurm-gpu-request = {form}: unknown.* gpus or gres"):
        ExecutorSettings(gpu_request=form)


def test_both_forms_are_known():
    assert ExecutorSettings().gpu_request == "gpus"
    assert ExecutorSettings(gpu_request="gres").gpu_request == "gres"
