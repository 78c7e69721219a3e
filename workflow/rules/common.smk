"""Checking the config, the runs it asks for, and what rules need to know of them."""

import os
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config

SCRIPTS = Path(workflow.basedir) / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))

from parity import config as study
from parity import controller
from parity import gpus
from parity import memory_request
from parity.errors import InputError
from parity.hub import MODEL_FILES
from parity.source_digest import source_digest

# Compute nodes may have no internet: only the rule fetch speaks to the hub, and switches this off for itself.
os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")

CONFIG_FILE = ", ".join(map(str, workflow.overwrite_configfiles)) or "config/config.yaml"
update_config(config, study.retyped(workflow.config_settings.config or {}))
try:
    study.check_config(config, CONFIG_FILE)
except InputError as error:
    raise WorkflowError(str(error)) from None

if workflow.is_main_process and not workflow.output_settings.dryrun:
    try:
        controller.guard(config["name"], sys.argv)
    except controller.Busy as error:
        raise WorkflowError(str(error)) from None

RESULTS = f"results/{config['name']}"
DATA = f"{RESULTS}/data"
RUN = f"{RESULTS}/{{method}}/seed-{{seed}}"
RUNS = study.study_runs(config)


def model_folder(wildcards):
    return study.study_folder(config, "model")


def data_folder(wildcards):
    return study.study_folder(config, "data")


def model_files():
    """What every reader of the model depends on: the fetched folder, or the files of the user's own."""
    if config["model"]["source"] == "hub":
        return study.study_folder(config, "model")
    return sorted(str(path) for path in Path(study.study_folder(config, "model")).glob("*.*"))


def data_files():
    if config["data"]["source"] == "hub":
        return study.study_folder(config, "data")
    return [f"{study.study_folder(config, 'data')}/{file}" for file in config["data"]["splits"].values()]


def outside_file(wildcards):
    return study.outside_file(config, wildcards.method, wildcards.seed)


def methods_of(*kinds):
    return [name for name in config["compare"] if config["methods"][name]["kind"] in kinds]


def method_pattern(*kinds):
    """A wildcard constraint: the compared methods of these kinds."""
    return "|".join(methods_of(*kinds)) or "(?!)"


def settings(*keys):
    """A params function: of the method's resolved block only `keys`, so that editing another key reruns nothing."""

    def chosen(wildcards):
        block = study.method_block(config, wildcards.method)
        return {key: block[key] for key in ("kind", *keys) if key in block}

    return chosen


@cache
def code_of(script):
    return source_digest(SCRIPTS / f"{script}.py")


def gpus_per_run(wildcards):
    return study.method_block(config, wildcards.method)["train"]["gpus_per_run"]


def checked(stage):
    """An input function: the check of the method as it is set now, with the memory that it takes in a stage."""

    def file(wildcards):
        block = study.method_block(config, wildcards.method)
        return memory_request.check_file(DATA, wildcards.method, block, stage)

    return file


def memory(stage, asked_mb):
    """A resource function. Before the check has been made, Snakemake says <TBD>."""

    def megabytes(wildcards, input, attempt):
        from_scheduler = getattr(rules, stage).rule.resources["gpus_from"].raw == "scheduler"
        on_gpu = from_scheduler or memory_request.has_gpu()
        return asked_mb(input.checked, wildcards.method, stage, on_gpu, attempt)

    return megabytes


def trained_model(wildcards):
    return f"{RUN}/model" if study.is_trained(config, wildcards.method) else []


def is_deterministic(method):
    """Whether no chance goes into a method's summaries. Of a file of somebody else's, nobody here knows."""
    return config["methods"][method]["kind"] != "predictions" and not study.is_seeded(
        study.method_block(config, method)
    )


def comparison_config(*keys):
    """What the tables need of the config: no setting that runs depend on, so that the tables follow the runs."""
    kinds = {name: {"kind": config["methods"][name]["kind"]} for name in config["compare"]}
    wanted = ("compare", "comparison", *keys)
    return {key: config[key] for key in wanted if key in config} | {"methods": kinds}


def score_inputs(wildcards):
    """The records that a run of this kind has beside its predictions."""
    kind = config["methods"][wildcards.method]["kind"]
    records = {"generation": f"{RUN}/generate.json"} if kind in study.GENERATING_KINDS else {}
    if kind in study.TRAINED_KINDS:
        records["training"] = f"{RUN}/train.json"
    return {key: path.format(**wildcards) for key, path in records.items()}


def stage_digests(wildcards):
    """A digest of the code of every stage that a run goes through."""
    kind = config["methods"][wildcards.method]["kind"]
    stages = ["prepare", "generate" if kind in study.GENERATING_KINDS else kind, "score"]
    if kind in study.TRAINED_KINDS:
        stages.append("train")
    return {stage: code_of(stage) for stage in stages}


def check_files():
    """Raise, before any job runs, for files of the user's own that are not there."""
    wanted = [(f"methods.{method}.file", file) for method, file in study.outside_files(config)]
    if config["data"]["source"] == "files":
        wanted += [("data.splits", path) for path in data_files()]
    if config["model"]["source"] == "folder":
        wanted += [("model.name_or_path", f"{study.study_folder(config, 'model')}/config.json")]
    for key, path in wanted:
        if not Path(path).is_file():
            raise WorkflowError(
                f"{CONFIG_FILE}: {key}: no such file: {path}. Check the path, relative to {Path.cwd()}"
            )


def check_gpus(jobs):
    """Raise, before any job runs, where this machine has fewer GPUs than a run of `jobs` needs, or not the named ones."""
    wanting = [job for job in jobs if job.resources.get("gpus_from") == "slots"]
    try:
        visible = gpus.visible_gpus() if wanting else []
        for job in wanting:
            count = gpus_per_run(job.wildcards) if job.name == "train" else 1
            key = f"methods.{job.wildcards.method}.train.gpus_per_run"
            gpus.enough_gpus(f"{CONFIG_FILE}: {key} = {count}", count, visible)
    except InputError as error:
        raise WorkflowError(str(error)) from None


check_files()


onstart:
    if workflow.local_exec:
        check_gpus(workflow.dag.needrun_jobs())


wildcard_constraints:
    method="|".join(config["compare"]),
    seed=r"\d+",
