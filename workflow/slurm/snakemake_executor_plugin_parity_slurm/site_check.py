"""Whether a profile and the study that it runs fit this cluster, before anything is submitted.

python -m ...site_check profiles/slurm [config/mine.yaml]     from the project's folder, with workflow/scripts on the path
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from snakemake.profiles import ProfileConfigFileParser
from snakemake_interface_common.exceptions import WorkflowError

from parity import config as study
from parity.errors import InputError

from . import cluster, gpu_request, memory
from .folders import FOLDER_RESOURCE, folder_problem

# In messages: the rules that the profile does not name.
OTHERS = "the other rules"


def main(profile: str, config_file: str = "") -> int:
    """Print what does not fit and what is good to know; the exit status is 1 where something does not fit.

    Args:
        profile: its folder.
        config_file: of the study; without one, the profile's.
    """
    path = Path(profile) / "profile.yaml"
    if not path.is_file():
        print(f"{path}: no such file. Name a profile's folder, such as profiles/slurm")
        return 1
    with path.open(encoding="utf-8") as stream:
        settings = ProfileConfigFileParser().parse(stream)
    try:
        here = cluster.read_cluster()
    except cluster.NoSlurm as error:
        print(f"Slurm does not answer here ({error}). Run this on the cluster's login node")
        return 1
    try:
        gpu_request.check_form(settings.get(gpu_request.SETTING, "gpus"))
        own = own_resources(config_file or settings.get("configfile", "config/config.yaml"))
    except (InputError, OSError, WorkflowError, yaml.YAMLError) as error:
        print(f"does not fit: {error}")
        return 1
    resources = resources_of(settings)
    requests = requests_of(resources, own, int(settings.get("retries", 0)) + 1)
    folders = {wanted[FOLDER_RESOURCE]: rule for rule, wanted in resources.items() if FOLDER_RESOURCE in wanted}
    found = cluster.problems(here, requests)
    found += [f"{rule}: {problem}" for folder, rule in folders.items() if (problem := folder_problem(folder))]
    for line in found:
        print(f"does not fit: {line}")
    for line in good_to_know(here, requests):
        print(f"good to know: {line}")
    print(f"{profile}: {len(found)} problem{'s' * (len(found) != 1)}; fill in profiles/site.yaml" if found else f"{profile} fits")
    return 1 if found else 0


def resources_of(settings: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """For each rule that the profile names, and for all others, the resources as the profile writes them."""
    default = dict(entry.split("=", 1) for entry in settings.get("default-resources", []))
    rules: dict[str, dict[str, str]] = {OTHERS: default}
    for entry in settings.get("set-resources", []):
        rule, assignment = entry.split(":", 1)
        key, value = assignment.split("=", 1)
        rules.setdefault(rule, dict(default))[key] = value
    return rules


def own_resources(config_file: str) -> dict[str, dict[cluster.Training | None, dict[str, int]]]:
    """What the rules themselves ask for in a study: by rule, and for the rule train by training.

    Raises:
        InputError: the config is wrong; OSError, yaml.YAMLError: it cannot be read.
    """
    config = yaml.safe_load(Path(config_file).read_text(encoding="utf-8"))
    study.check_config(config, config_file)
    threads = config["cpu_threads"]
    trainings = {}
    for method in config["compare"]:
        if study.is_trained(config, method):
            processes = study.method_block(config, method)["train"]["gpus_per_run"]
            trainings[cluster.Training(method, processes)] = {"gpu": processes, "_cores": processes * threads}
    alone = {None: {"gpu": 1, "_cores": threads}}
    return {"train": trainings, "gang": alone, "generate": alone}


def requests_of(
    resources: Mapping[str, Mapping[str, str]],
    own: Mapping[str, Mapping[cluster.Training | None, Mapping[str, int]]],
    attempts: int,
) -> dict[cluster.Request, list[str]]:
    """What the first and the last attempt ask Slurm for, and the rules that do; a profile's resources go before the rules' own."""
    requests: dict[cluster.Request, list[str]] = {}
    for rule in dict.fromkeys((*resources, *own)):
        wanted = resources.get(rule, resources[OTHERS])
        for attempt in dict.fromkeys((1, attempts)):
            where = rule if attempt == 1 else f"{rule} (attempt {attempt})"
            for training, values in own.get(rule, {None: {}}).items():
                request = cluster.request_of(values | evaluated(wanted, attempt), training)
                rules = requests.setdefault(request, [])
                # An attempt that asks for what the first one does is not named beside it.
                if rule not in rules:
                    rules.append(where)
    return requests


def evaluated(wanted: Mapping[str, str], attempt: int) -> dict[str, Any]:
    """The resources of one attempt; what is no expression in `attempt` is text, as for Snakemake.

    Of memory that is estimated only later, the most that may be asked for.
    """
    values = {}
    for key, value in wanted.items():
        try:
            values[key] = eval(value, {"attempt": attempt, "min": min, "max": max})
        except (NameError, SyntaxError):
            values[key] = value
    return values | ({memory.ASKED: values[memory.LIMIT]} if memory.LIMIT in values else {})


def good_to_know(here: cluster.Cluster, requests: Mapping[cluster.Request, list[str]]) -> Iterator[str]:
    yield (
        f"a job that must go has KillWait = {here.kill_wait} s to save its checkpoint; one that takes longer goes back to the last"
    )
    for name in dict.fromkeys(request.partition for request in requests if request.gpus):
        if name in here.partitions:
            models = sorted({model or "untyped" for node in here.nodes if name in node.partitions for model in node.gpus})
            yield f"partition {name} has GPUs of type {', '.join(models)}" if models else f"partition {name} has no GPUs"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
