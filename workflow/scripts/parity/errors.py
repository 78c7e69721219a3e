"""The errors that a user needs no traceback for."""

from __future__ import annotations

from typing import Any

SHOWN = 60


class InputError(Exception):
    """Something the user gave is wrong. The message names where it stands, what is wrong, and the remedy."""

    def __init__(self, where: str, problem: str, remedy: str):
        super().__init__(f"{where}: {problem}. {remedy}")
        # What makes it again in another process.
        self.arguments = (where, problem, remedy)


def short(value: Any) -> str:
    """A value for a message: as Python writes it, on one line, and cut where it is long."""
    text = repr(value[: SHOWN + 1] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


class Interrupted(Exception):
    """A signal ended the training before its last step; what was done lies in a checkpoint."""
