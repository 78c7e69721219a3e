"""How a cluster wants GPUs to be asked for: --gpus=2, as the plugin writes it, or --gres=gpu:2."""

from __future__ import annotations

import re

from snakemake_interface_common.exceptions import WorkflowError

SETTING = "parity-slurm-gpu-request"
FORMS = ("gpus", "gres")


def check_form(form: str) -> None:
    """Raise WorkflowError for a form that is not known."""
    if form not in FORMS:
        raise WorkflowError(f"--{SETTING} = {form}: unknown. Set it (gpu_request in profiles/site.yaml) to {' or '.join(FORMS)}")


def in_form(options: str, form: str) -> str:
    """sbatch's options for GPUs as the plugin writes them ("", " --gpus=2", " --gpus=a100:2"), in the form of the cluster.

    sbatch takes the last --gres alone, so what else a job asks for there goes into one option. --gres counts per node, and
    the profiles' jobs have one.
    """
    if form == "gpus":
        return options
    return re.sub(
        r"( --gres=\S+)? --gpus=(\S+)", lambda found: f"{found[1] + ',' if found[1] else ' --gres='}gpu:{found[2]}", options
    )
