"""What is taken from the Hugging Face hub, where it lies once fetched, and whether it still is what was fetched."""

from __future__ import annotations

from pathlib import Path

from .errors import InputError
from .files import FETCH_RECORD, file_digest, read_json

# Weights are read from safetensors alone: the other formats can hold code that runs when they are read.
MODEL_FILES = ("*.json", "*.safetensors", "*.model", "*.spm", "*.txt")


def hub_folder(kind: str, repo_id: str, revision: str) -> str:
    """Where a repository of the hub lies once fetched. `kind` is model or dataset."""
    return f"resources/hub/{kind}s--{repo_id.replace('/', '--')}/{revision}"


def check_fetched(folder: str | Path) -> None:
    """Hold a fetched folder against the digests of its fetched.json; a folder of the user's own has none.

    Raises:
        InputError: a file is not as it was fetched, or gone.
    """
    record = Path(folder, FETCH_RECORD)
    if not record.is_file():
        return
    for name, expected in read_json(record)["sha256"].items():
        path = Path(folder, name)
        if not path.is_file() or file_digest(path) != expected:
            raise InputError(
                str(path),
                "not as it was fetched from the hub" if path.is_file() else "fetched from the hub, and gone now",
                f"Delete the folder {folder} and fetch it again",
            )
