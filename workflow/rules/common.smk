"""Checking the config, the runs it asks for, and what rules need to know of them."""

import copy
import os
import re
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config

# The name that another workflow gives to this one where it uses it as a module; None where this one stands alone.
OF_MODULE = workflow.modifier
MODULE = OF_MODULE.namespace
# Whether that workflow knows already what to make where nothing is asked for.
HAS_TARGET = workflow.default_target is not None


def scripts_folder():
    """Where the scripts lie, with the library beside them: of a module on a git host, where Snakemake keeps what it fetched."""
    rules_folder = workflow.current_basedir
    if rules_folder.is_local:
        return Path(rules_folder.get_path_or_uri(secret_free=True)).parent / "scripts"
    if not hasattr(rules_folder, "hosted_repo"):
        raise WorkflowError(
            f"module {MODULE}: snakefile: Parity is more than its Snakefile. Write github(...), gitlab(...), or a path on this machine"
        )
    # Snakemake fetches what rules name, not the library, nor the schemas and templates that it reads.
    repository = rules_folder.hosted_repo.repo
    os.environ.update(PARITY_FETCHED_COMMIT=repository.commit(rules_folder.ref).hexsha)
    listed = repository.git.ls_tree("-r", "--name-only", rules_folder.ref, "workflow")
    for name in listed.splitlines():
        if name.startswith(("workflow/scripts/", "workflow/schemas/", "workflow/report/")):
            workflow.sourcecache.get_path(rules_folder.join(f"../../{name}"))
    return Path(workflow.source_path("../scripts/parity/__init__.py")).parents[1]


SCRIPTS = scripts_folder()
sys.path.insert(0, str(SCRIPTS))

import parity

if Path(parity.__path__[0]).resolve() != (SCRIPTS / "parity").resolve():
    raise WorkflowError(
        f"module {MODULE}: Python has loaded another package named parity from {parity.__path__[0]}, and can have one of a name."
        " Rename that one; two versions of Parity want a Snakemake each"
    )

from parity import adaptive_seeds
from parity import command_line
from parity import compared
from parity import config as study
from parity import controller
from parity import gang_rules
from parity import gpus
from parity import human_rules
from parity import kept
from parity import memory_request
from parity import warm
from parity import watching
from parity.errors import InputError
from parity.files import file_digest, folder_digest, read_json
from parity.hub import MODEL_FILES
from parity.job import OFFLINE
from parity.rouge_backends import require_backend
from parity.source_digest import source_digest
from parity.trackers import require_tracker

if MODULE is None:
    # The warm process must start as its jobs do. Of a whole workflow, other rules may want the hub.
    os.environ.update(OFFLINE)
    CONFIG_FILE = ", ".join(map(str, workflow.overwrite_configfiles)) or "config/config.yaml"
else:
    CONFIG_FILE = f"module {MODULE}: config"
    # What is filled in below is no business of the workflow that wrote it, nor is what --config says of other keys than ours.
    config = copy.deepcopy(config)
# For what a job has to say of a key.
os.environ.update(PARITY_CONFIG_FILE=CONFIG_FILE)
whole_config = workflow.modifier_stack[0].globals["config"]
try:
    if MODULE is None or whole_config == config:
        update_config(config, study.retyped(workflow.config_settings.config or {}))
    if MODULE is None:
        command_line.refuse_programs(workflow.overwrite_configfiles or ["config/config.yaml"])
        command_line.refuse_what_a_shell_would_run(workflow.config_settings.config_args)
    study.check_config(config, CONFIG_FILE)
    require_backend(f"{CONFIG_FILE}: scoring.backend", config["scoring"]["backend"])
    require_tracker(f"{CONFIG_FILE}: tracking", config["tracking"])
except InputError as error:
    raise WorkflowError(str(error)) from None

if MODULE is None and workflow.is_main_process and not workflow.output_settings.dryrun:
    try:
        if controller.guard(config["name"], sys.argv):
            kept.keep_finished(Path("results", config["name"]))
    except controller.Busy as error:
        raise WorkflowError(str(error)) from None

RESULTS = f"results/{config['name']}"
DATA = f"{RESULTS}/data"
RUN = f"{RESULTS}/{{method}}/seed-{{seed}}"
ADAPTIVE = adaptive_seeds.is_adaptive(config)
DETERMINISTIC = [name for name in config["compare"] if compared.is_deterministic(config, name)]
# With a hyphen, which no method's name has: `human` alone is the folder of the baseline of that name.
HUMAN = f"{RESULTS}/human-evaluation"
HUMAN_KEY = f"{HUMAN}/key.json"


def placed(path):
    """Where Python finds a path of a rule, which is below the `prefix` of the module, where it has one."""
    return OF_MODULE.path_modifier.replace_prefix(path)


def first_to_take(path):
    """Whether no other module of this workflow makes `path`. Rules of two would be ambiguous."""
    taken = workflow.__dict__.setdefault("parity_takes", {})
    return taken.setdefault(path, MODULE) == MODULE


if not first_to_take(placed(RESULTS)):
    raise WorkflowError(
        f"{CONFIG_FILE}: name = {config['name']!r}: the module {workflow.parity_takes[placed(RESULTS)]} writes {placed(RESULTS)}, too."
        f" Give one of them another name, or the modules a `prefix` each"
    )


# Where a list counts them.
COUNTED_RUNS = None if ADAPTIVE else study.study_runs(config)


def known_runs():
    """The runs of the study, as far as they are known: where seeds are added until the questions are settled, up to the next look."""
    return COUNTED_RUNS or study.study_runs(config, Path(placed(RESULTS)))


def look_record(number):
    """What a look says. Until it has been taken, Snakemake takes it first."""
    return read_json(checkpoints.look.get(look=number).output[0])


def last_look():
    """Number and record of the look after which no more seeds are added."""
    number = 1
    while (record := look_record(number))["next"] is not None:
        number += 1
    return number, record


def final_look(wildcards):
    """An input function: the record of the last look, where there are looks."""
    return adaptive_seeds.look_file(Path(RESULTS), last_look()[0]).as_posix() if ADAPTIVE else []


def runs_of_look(wildcards):
    """The runs that a look is taken at."""
    before = look_record(int(wildcards.look) - 1) if int(wildcards.look) > 1 else None
    if before is not None and before["next"] is None:
        raise WorkflowError(
            f"{RESULTS}/looks: the looks ended before look {wildcards.look}: {before['stopped']}"
        )
    return study.runs_of(config, adaptive_seeds.counts_after(before))


def final_runs():
    """All runs of the study."""
    return study.runs_of(config, last_look()[1]["seeds"]) if ADAPTIVE else COUNTED_RUNS


def pilot_runs():
    """The runs that a plan rests on: those of the study, or of one that may add seeds the first two seeds of each method."""
    return study.runs_of(config, dict.fromkeys(config["compare"], 2)) if ADAPTIVE else COUNTED_RUNS


def is_rated(run):
    return run.method in human_rules.rated_methods(config)


def has_training(run):
    return study.is_trained(config, run.method)


def files_of(runs, name):
    return [f"{RESULTS}/{run.method}/seed-{run.seed}/{name}" for run in runs]


def of_runs(name, chosen=None):
    """An input function: this file of every run, or of those that are chosen."""
    return lambda wildcards: files_of(filter(chosen, final_runs()), name)


def told_of_runs(told, chosen=None):
    """A params function: what is told of every run, or of those that are chosen."""
    return lambda wildcards: [told(run) for run in known_runs() if chosen is None or chosen(run)]


def model_folder(wildcards):
    return study.study_folder(config, "model")


def data_folder(wildcards):
    return study.study_folder(config, "data")


def own(paths):
    """Files that the config names, as inputs: they lie where it says, whatever the `prefix` of the module."""
    return [local(path) for path in paths]


def hub_pattern(wildcard):
    """A wildcard constraint for fetch: what this study wants of the hub, and no module before it fetches."""
    mine = [parts for folder, parts in study.hub_repositories(config).items() if first_to_take(folder)]
    return "|".join(re.escape(parts[wildcard]) for parts in mine) or "(?!)"


def model_files():
    """What every reader of the model depends on: the fetched folder, or the files of the user's own."""
    folder = study.study_folder(config, "model")
    files = [] if config["model"]["source"] == "hub" else sorted(map(str, Path(folder).glob("*.*")))
    return own(files or [folder])


def data_files():
    folder = study.study_folder(config, "data")
    if config["data"]["source"] == "hub":
        return own([folder])
    return own([f"{folder}/{file}" for file in config["data"]["splits"].values()])


def outside_file(wildcards):
    return local(study.outside_file(config, wildcards.method, wildcards.seed))


@cache
def block_of(method):
    """The method's resolved block, which every job of the method asks for."""
    return study.method_block(config, method)


def methods_in_gangs(wished):
    """A wildcard constraint: the trained methods whose seeds train together, or the others."""
    found = [name for name in methods_of(*study.TRAINED_KINDS) if is_in_gang(name) == wished]
    return "|".join(found) or "(?!)"


@cache
def is_in_gang(method):
    n_seeds = sum(run.method == method for run in known_runs())
    return gang_rules.is_ganged(block_of(method), n_seeds, gang_is_on_gpu())


def methods_of(*kinds):
    return [name for name in config["compare"] if config["methods"][name]["kind"] in kinds]


def method_pattern(*kinds):
    """A wildcard constraint: the compared methods of these kinds."""
    return "|".join(methods_of(*kinds)) or "(?!)"


def settings(*keys):
    """A params function: of the method's resolved block only `keys`, so that editing another key reruns nothing."""

    def chosen(wildcards):
        block = block_of(wildcards.method)
        return {key: block[key] for key in ("kind", *keys) if key in block}

    return chosen


@cache
def code_of(script):
    return source_digest(SCRIPTS / f"{script}.py")


def code_of_pages():
    """A digest of the templates, styles and scripts of pages, which no digest of Python code holds."""
    return folder_digest(SCRIPTS.parent / "report", ("*.html.j2", "*.css", "*.js"))


def gpus_per_run(wildcards):
    return block_of(wildcards.method)["train"]["gpus_per_run"]


def checked(stage):
    """An input function: the check of the method as it is set now, with the memory that it takes in a stage."""

    def file(wildcards):
        # Where it is there, it is read: its whole place is known, and Snakemake must not add a prefix once more.
        return local(
            memory_request.check_file(placed(DATA), wildcards.method, block_of(wildcards.method), stage)
        )

    return file


def gang_is_on_gpu():
    """Whether the rule gang will find a GPU, as far as is known before any rule is."""
    settings = workflow.resource_settings.overwrite_resources or {}
    source = settings.get("gang", {}).get("gpus_from")
    return getattr(source, "raw", source) == "scheduler" or memory_request.has_gpu()


def gangs_of(method):
    """The groups of seeds of a method that train together."""
    seeds = [run.seed for run in known_runs() if run.method == method]
    return gang_rules.gangs(seeds, Path(placed(RESULTS), method))


def gang_of(wildcards):
    """The seeds of the gang that is called by its first."""
    return next(gang for gang in gangs_of(wildcards.method) if gang[0] == int(wildcards.first))


def gang_folder(wildcards):
    """The folder of the gang that a seed trains in."""
    gang = next(gang for gang in gangs_of(wildcards.method) if int(wildcards.seed) in gang)
    return f"{RESULTS}/{wildcards.method}/gang-{gang[0]}"


def finds_gpu(rule):
    """Whether a job of the rule will find a GPU."""
    return getattr(rules, rule).rule.resources["gpus_from"].raw == "scheduler" or memory_request.has_gpu()


def gang_memory(asked_mb):
    """A resource function of the rule gang. Before the check has been made, Snakemake says <TBD>."""

    def megabytes(wildcards, input, attempt):
        return asked_mb(input.checked, wildcards.method, finds_gpu("gang"), len(gang_of(wildcards)), attempt)

    return megabytes


def memory(stage, asked_mb):
    """A resource function. Before the check has been made, Snakemake says <TBD>."""

    def megabytes(wildcards, input, attempt):
        return asked_mb(input.checked, wildcards.method, stage, finds_gpu(stage), attempt)

    return megabytes


def trained_model(wildcards):
    return f"{RUN}/model" if study.is_trained(config, wildcards.method) else []


def score_inputs(wildcards):
    """The records that a run of this kind has beside its predictions."""
    kind = config["methods"][wildcards.method]["kind"]
    records = {"generation": f"{RUN}/generate.json"} if kind in study.GENERATING_KINDS else {}
    if kind in study.TRAINED_KINDS:
        records["training"] = f"{RUN}/train.json"
    return {key: path.format(method=wildcards.method, seed=wildcards.seed) for key, path in records.items()}


def files_of_runs(wildcards):
    """All that the runs leave behind, and the checks that were made before them."""
    files = {}
    for run in final_runs():
        own = ["predictions.jsonl", "rouge.json", "scores.csv"]
        if study.is_trained(config, run.method):
            own.append("model")
            files[checked("train")(run)] = None
        if config["methods"][run.method]["kind"] in study.GENERATING_KINDS:
            files[checked("generate")(run)] = None
        files |= dict.fromkeys(
            [*score_inputs(run).values(), *(f"{RUN}/{name}".format(**vars(run)) for name in own)]
        )
    return list(files)


def stage_digests(wildcards):
    """A digest of the code of every stage that a run goes through."""
    kind = config["methods"][wildcards.method]["kind"]
    stages = ["prepare", "generate" if kind in study.GENERATING_KINDS else kind, "score"]
    if kind in study.TRAINED_KINDS:
        stages.append("train")
    return {stage: code_of(stage) for stage in stages}


def saved_ratings():
    """The files that raters saved and somebody put here."""
    return sorted(map(str, Path(placed(HUMAN), "ratings").glob("*.json")))


def needed_ratings(wildcards):
    if not (found := saved_ratings()):
        raise WorkflowError(
            f"{placed(HUMAN)}/ratings: no saved ratings are there. Send each rater their page of {placed(HUMAN)}/sheets/ "
            f"(make human-sheets) and put the files that they save (*.json) into that folder"
        )
    # Where they lie is known whole: no prefix comes before it.
    return own(found)


def human_summary(wildcards):
    """An input function: what people say, where anybody has said anything."""
    return rules.human_results.output.summary if saved_ratings() else []


def guard_ratings(jobs):
    """Raise, before any job runs, where sheets would be drawn again under the ratings of the old ones."""
    if saved_ratings() and any(job.name == "human_sheets" for job in jobs):
        raise WorkflowError(
            f"{HUMAN}/ratings holds ratings of the sheets that are there, and the sheets would be made again (snakemake -n "
            f"says why). make human-results reads the ratings without that. For new sheets, move {HUMAN}/ away first"
        )


# Rules whose scripts import libraries for seconds: run_logged(..., heavy=True).
HEAVY = (
    "check",
    "check_method",
    "train",
    "gang",
    "generate",
    "score",
    "look",
    "compare",
    "aggregate",
    "failures",
    "plan",
    "report",
    "human_results",
)


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


# Of a module, others of the whole workflow may make them. Snakemake says what is missing.
if MODULE is None:
    check_files()


onstart:
    guard_ratings(workflow.dag.needrun_jobs())
    if workflow.is_main_process:
        watching.remember_config(config, Path(RESULTS))
        watching.begin_grid(config)
    if workflow.local_exec:
        check_gpus(workflow.dag.needrun_jobs())
        # For one job alone, loading its libraries there takes as long as here.
        if workflow.is_main_process and sum(job.name in HEAVY for job in workflow.dag.needrun_jobs()) > 1:
            warm.start(Path(RESULTS, "logs/warm.log"))


wildcard_constraints:
    method="|".join(config["compare"]),
    seed=r"\d+",
