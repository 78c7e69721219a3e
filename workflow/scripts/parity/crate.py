"""A finished study as a Workflow Run RO-Crate: the workflow, the config, what every run left, and how they hang together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .config import Run
from .errors import InputError
from .files import read_json, whole, write_json
from .finished_study import OF_THE_STUDY, FinishedStudy
from .sources import hub_source
from .wording import metric_name, number

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

PACKAGE = "rocrate==0.16.0"
METADATA = "ro-crate-metadata.json"
WORKFLOW = Path(__file__).parents[2]
# Of the workflow's folder, what makes a run: no caches, no package of the cluster's.
SOURCES = ("Snakefile", "rules/*.smk", "schemas/*.yaml", "envs/*.yaml", "report/*", "scripts/*.py", "scripts/parity/**/*.py")
# Of a run, everything but the weights, which are `make export`'s.
OF_A_RUN = ("train.json", "generate.json", "predictions.jsonl", "scores.csv", "rouge.json")
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
DONE = "http://schema.org/CompletedActionStatus"
FORMATS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".py": "text/x-python",
    ".yaml": "application/yaml",
}
NO_LICENCE = "No licence is named. The terms of the data and of the base model hold for what was made from them: name one before you publish."


def write_crate(study: FinishedStudy) -> Path:
    """Write the folder <study>/export/ro-crate, whole or not at all, and return it. The same study gives the same bytes.

    Raises:
        InputError: the package rocrate is not installed.
    """
    try:
        from rocrate.rocrate import ROCrate
    except ImportError as error:
        remedy = "Install it: pip install -r requirements-ro-crate.txt"
        raise InputError("ro-crate", f"the package {PACKAGE.split('==')[0]} is not installed", remedy) from error

    out = study.folder / "export/ro-crate"
    # The version that these profiles are made for.
    crate = ROCrate(version="1.1")
    workflow = _describe(crate, study)
    for run in study.records:
        _add_run(crate, study, run, workflow)
    _add_study_run(crate, study, workflow)
    with whole(out) as folder:
        crate.write(folder)
        # The library gives what it adds by itself in the order of a set.
        metadata = read_json(folder / METADATA)
        metadata["@graph"].sort(key=lambda entity: entity["@id"])
        write_json(folder / METADATA, metadata)
    return out


def _describe(crate: ROCrate, study: FinishedStudy) -> Any:
    """The crate itself and the workflow in it, which is returned."""
    config, record = study.config, next(iter(study.records.values()))
    crate.name = f"The study {config['name']}: ways of fine-tuning compared by Parity"
    crate.description = (
        f"Methods {', '.join(config['compare'])}; seeds {', '.join(map(str, config['seeds']))}. Summaries, scores of every"
        " dialogue, settings, costs and digests of every run, and the tables and the verdict of the comparison. Weights are left out."
    )
    crate.datePublished = _ended(study)
    crate.license = _entity(crate, "#terms", "CreativeWork", name="Terms", description=NO_LICENCE)
    for url, (name, version) in PROFILES.items():
        _entity(crate, url, "CreativeWork", name=name, version=version)
    crate.root_dataset["conformsTo"] = [{"@id": url} for url in PROFILES]
    packages = record["provenance"]["packages"]
    workflow = crate.add_workflow(
        WORKFLOW / "Snakefile", "workflow/Snakefile", main=True, lang="snakemake", lang_version=packages["snakemake"]
    )
    workflow["name"], workflow["encodingFormat"] = "Parity", "text/plain"
    workflow["conformsTo"] = {"@id": "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"}
    commit = record["provenance"]["code"]["commit"]
    if commit:
        workflow["version"] = commit
    workflow["softwareRequirements"] = [
        _entity(crate, f"#{name}", "SoftwareApplication", name=name, softwareVersion=version)
        for name, version in packages.items()
        if version
    ]
    for pattern in SOURCES[1:]:
        for path in sorted(WORKFLOW.glob(pattern)):
            if path.is_file():
                _file(crate, path, f"workflow/{path.relative_to(WORKFLOW)}", path.name)
    return workflow


def _add_run(crate: ROCrate, study: FinishedStudy, run: Run, workflow: Any) -> None:
    record, place = study.records[run], f"{run.method}/seed-{run.seed}"
    files = [
        _file(crate, study.run_folder(run) / name, f"results/{place}/{name}", f"{run.method} seed {run.seed}: {name}")
        for name in OF_A_RUN
        if (study.run_folder(run) / name).is_file()
    ]
    primary = study.config["comparison"]["primary_metric"]
    crate.add_action(
        workflow,
        f"#{run.method}-seed-{run.seed}",
        object=_inputs(crate, study),
        result=files,
        properties={
            "name": f"{run.method}, seed {run.seed}",
            "description": f"{metric_name(primary)} {number(record['metrics'][primary], 2)} on {record['counts']['dialogues']} test dialogues",
            "endTime": record["provenance"]["finished"],
            "actionStatus": DONE,
        },
    )


def _add_study_run(crate: ROCrate, study: FinishedStudy, workflow: Any) -> None:
    tables = [_file(crate, study.folder / name, f"results/{name}", name) for name in OF_THE_STUDY]
    asked = crate.add_formal_parameter("config", "File", "#config", properties={"description": "The study's config file"})
    given = crate.add_formal_parameter("verdict", "File", "#verdict", properties={"description": "What the study establishes"})
    workflow["input"], workflow["output"] = asked, given
    config = crate.dereference("config.yaml")
    config["exampleOfWork"] = asked
    next(table for table in tables if table.id.endswith("verdict.md"))["exampleOfWork"] = given
    action = crate.add_action(
        workflow,
        "#study",
        object=_inputs(crate, study),
        result=tables,
        properties={
            "name": f"The study {study.config['name']}",
            "description": "The comparison of all runs: tables and verdict",
            "endTime": _ended(study),
            "actionStatus": DONE,
        },
    )
    crate.root_dataset["mentions"] = [action, *(one for one in crate.get_by_type("CreateAction") if one is not action)]


def _inputs(crate: ROCrate, study: FinishedStudy) -> list:
    """What every run was made from: the config, the base model and the data, each added once."""
    config = crate.dereference("config.yaml") or _file(crate, study.config_file, "config.yaml", "The study's config")
    return [config, *(_input(crate, study, key) for key in ("model", "data"))]


def _input(crate: ROCrate, study: FinishedStudy, key: str) -> Any:
    from .card_text import place_of

    if found := crate.dereference(f"#{key}"):
        return found
    source = hub_source(study.config, key)
    known = (
        {"url": f"https://huggingface.co/{'datasets/' if key == 'data' else ''}{source.repo_id}/tree/{source.commit}"}
        if source
        else {}
    )
    digest = next(iter(study.records.values()))["provenance"]["digests"][key]
    name = source.repo_id if source else place_of(study, key)
    return _entity(crate, f"#{key}", "CreativeWork", name=f"The {key}: {name}", identifier=f"sha256:{digest}", **known)


def _file(crate: ROCrate, source: str | Path, place: str, name: str) -> Any:
    kind = FORMATS.get(Path(place).suffix, "text/plain")
    return crate.add_file(source, place, properties={"name": name, "encodingFormat": kind})


def _entity(crate: ROCrate, name_in_crate: str, kind: str, **properties: Any) -> Any:
    from rocrate.model.contextentity import ContextEntity

    return crate.add(ContextEntity(crate, name_in_crate, properties={"@type": kind} | properties))


def _ended(study: FinishedStudy) -> str:
    return max(record["provenance"]["finished"] for record in study.records.values())
