"""What a config may not say: nothing of it names code to run, and no path of it leads where the workflow does not mean it to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

Problem = tuple[str, str, str]
HUB_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)?")
# Keys of PEFT's configs by which a block could have a module imported that is no part of PEFT.
IMPORTING = ("megatron_core", "megatron_config")


def unsafe_values(config: dict) -> Iterator[Problem]:
    """Everything of a config, checked against the schema already, that is not safe, as (key and value, problem, remedy)."""
    for key in _keys_below(config, ""):
        if key.rpartition(".")[2] == "trust_remote_code":
            yield key, "code that comes with a model or dataset is never run, whatever a config says", "Remove it"
    for name, block in config["methods"].items():
        for key in IMPORTING:
            if key in block.get("peft", {}):
                yield f"methods.{name}.peft.{key}", "it names code to import, which a config may not", "Remove it"
    for key in ("model", "data"):
        if config[key]["source"] == "hub":
            yield from _unsafe_id(f"{key}.name_or_path", config[key]["name_or_path"])
    if config["data"]["source"] == "hub":
        for split, file in config["data"]["splits"].items():
            if PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts:
                yield f"data.splits.{split} = {file!r}", "it leads out of the fetched dataset", "Name a file of that dataset"
    yield from _unusable_paths(config)


def _unsafe_id(key: str, repo_id: str) -> Iterator[Problem]:
    if not HUB_ID.fullmatch(repo_id) or "--" in repo_id or ".." in repo_id:
        yield f"{key} = {repo_id!r}", "this is no id of the hub", "Write owner/name, or use source: folder / files for a path"


def _unusable_paths(config: dict) -> Iterator[Problem]:
    """Paths that Snakemake would take for patterns, and those that no line of a log could show."""
    paths = {"model.name_or_path": config["model"]["name_or_path"], "data.name_or_path": config["data"]["name_or_path"]}
    paths |= {f"data.splits.{split}": file for split, file in config["data"]["splits"].items()}
    for name, block in config["methods"].items():
        if "file" in block:
            paths[f"methods.{name}.file"] = block["file"].replace("{seed}", "")
    for key, path in paths.items():
        if found := re.search(r"[{}<>\x00-\x1f\x7f]", path):
            problem = f"the path holds {found[0]!r}, which a workflow's files cannot"
            yield f"{key} = {path!r}", problem, "Rename the file or folder, or link to it by another name"


def _keys_below(value: Any, where: str) -> Iterator[str]:
    """The full name of every key in `value`, at any depth."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            name = f"{where}.{key}".lstrip(".")
            yield name
            yield from _keys_below(part, name)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, part in enumerate(value):
            yield from _keys_below(part, f"{where}.{number}")
