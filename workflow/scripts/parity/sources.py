"""Where a study's model and data can be had by others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .config import study_folder
from .files import FETCH_RECORD, read_json


@dataclass(frozen=True)
class HubSource:
    """A repository of the Hugging Face hub, at a commit where that is known and at the config's revision otherwise."""

    repo_id: str
    commit: str


def hub_source(config: dict, key: str) -> HubSource | None:
    """Of the study's `model` or `data`; None where it is a folder or files of the user's own."""
    block = config[key]
    if block["source"] != "hub":
        return None
    record = Path(study_folder(config, key), FETCH_RECORD)
    commit = read_json(record)["commit"] if record.is_file() else block["revision"]
    return HubSource(block["name_or_path"], commit)
