"""A model's folder is data: no code that comes with it is run, and no weights are read in a form that could hold code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from .errors import InputError

# Of every from_pretrained and from_config. Left out, transformers would ask on the terminal whether to run a model's own code.
SAFE = {"local_files_only": True, "trust_remote_code": False}
PICKLES = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.pickle", "*.ckpt", "*.joblib")
CONFIGS = ("config.json", "tokenizer_config.json", "generation_config.json", "processor_config.json")


def pickles_in(folder: Path) -> Iterator[Path]:
    """Files beside the weights that are pickles by their names; reading such a file runs what stands in it."""
    for pattern in PICKLES:
        yield from sorted(folder.glob(pattern))


def refuse_code_and_pickles(folder: str | Path) -> None:
    """Raise InputError where a model's folder has a pickle, or asks for code of its own to be run."""
    folder = Path(folder)
    if pickle := next(pickles_in(folder), None):
        has_safe_weights = any(folder.glob("*.safetensors"))
        raise InputError(
            str(pickle),
            "a pickle, which can run any code when it is read. Parity reads weights from safetensors alone",
            "Remove it: the weights in safetensors beside it are enough"
            if has_safe_weights
            else f"Make a copy with weights in safetensors: make safetensors MODEL={folder} TO=<new folder>",
        )
    for name in CONFIGS:
        if "auto_map" in _json_object(folder / name):
            raise InputError(
                str(folder / name),
                "auto_map: this model wants code of its own to be run, which Parity never does",
                "Take a model whose class is part of transformers. If its model_type is, removing auto_map makes it one",
            )


def _json_object(path: Path) -> dict:
    """What a JSON file holds; nothing where it is missing or broken, which those who need it say better."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
