"""The error a user can mend."""

from __future__ import annotations


class InputError(Exception):
    """Something the user gave is wrong. The message names where it stands, what is wrong, and the remedy."""

    def __init__(self, where: str, problem: str, remedy: str):
        super().__init__(f"{where}: {problem}. {remedy}")
