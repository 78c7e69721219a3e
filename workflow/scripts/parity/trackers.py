"""The experiment trackers that a config can name. Read by the Snakefile: nothing of them is imported here."""

from __future__ import annotations

from importlib.util import find_spec

from .errors import InputError

NONE = "none"
# What the tests, or a person, have run them with; requirements-tracking.txt holds them too.
PACKAGES = {"tensorboard": "tensorboard==2.21.0", "wandb": "wandb==0.31.0", "trackio": "trackio==0.43.0"}


def require_tracker(where: str, tracker: str) -> None:
    """Raise InputError if the tracker that the key `where` names is not installed."""
    if tracker != NONE and find_spec(tracker) is None:
        raise InputError(
            f"{where} = {tracker}", "it is not installed", f"Install it: .venv/bin/python -m pip install {PACKAGES[tracker]}"
        )
