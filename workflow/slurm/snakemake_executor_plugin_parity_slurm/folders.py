"""Whether the folder that jobs leave checkpoints in can be written, asked before a job waits for its GPU."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

FOLDER_RESOURCE = "checkpoint_folder"


def folder_problem(folder: str) -> str | None:
    """What is wrong with a checkpoint folder and what to change, None where it can be written; makes it if need be."""
    path = Path(os.path.expandvars(folder)).expanduser()
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(b"Is there room?")
    except OSError as error:
        return (
            f"{FOLDER_RESOURCE} = {folder}: it cannot be written here ({error.strerror}). Name a folder that the login node and"
            " all GPU nodes can write"
        )
    return None
