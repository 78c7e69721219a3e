"""Values that YAML can write and no config can mean: what no file of a study's results could hold either."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from .errors import short

DEEPEST = 20
# A whole number beyond it is no count of anything, and no double holds it.
LARGEST = 2**63
QUOTES = "Put quotes around it (YAML reads on, yes, dates and numbers as values)"


def odd_values(value: Any, where: str = "", depth: int = 0) -> Iterator[tuple[str, str, str]]:
    """Keys and values of a config that are neither text, numbers, true, false and null nor made of these.

    Returns:
        (key and value, problem, remedy) of each. NaN and infinity are left to the schema where it asks for a number.
    """
    if depth > DEEPEST:
        yield where.lstrip("."), "it is nested too deeply, or holds itself by an anchor of YAML", "Write it out, and flatter"
    elif isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                yield short(key), "a key must be text", QUOTES
            elif problem := _problem(key):
                yield f"{where}.{short(key)}".lstrip("."), problem, "Rename it"
            else:
                yield from odd_values(part, f"{where}.{key}", depth + 1)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from odd_values(part, f"{where}.{number}", depth + 1)
    elif problem := _problem(value):
        shown = "a huge number" if isinstance(value, int) else short(value)
        yield (
            f"{where.lstrip('.')} = {shown}",
            problem,
            QUOTES if type(value).__module__ == "datetime" else "Remove or replace it",
        )


def _problem(value: Any) -> str | None:
    if isinstance(value, str):
        return "it holds half a character" if re.search("[\ud800-\udfff]", value) else None
    if isinstance(value, bool | None):
        return None
    if isinstance(value, int):
        return None if abs(value) <= LARGEST else f"no number here may be beyond {LARGEST:.0e}"
    if isinstance(value, float):
        return None
    return f"a {type(value).__name__} is neither text nor a number"


def not_finite(value: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """The numbers at any depth that are none, in the blocks whose keys no schema knows."""
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from not_finite(part, f"{where}.{key}")
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{where} = {value}", "it is no finite number", "Write a number, or remove it"
