"""Reading summaries that another system wrote, and holding them against the test set."""

from __future__ import annotations

from pathlib import Path

from .data import names, plain
from .errors import InputError, short
from .files import read_json_lines, read_text


def read_outside_predictions(path: Path, ids: list[str], where: str) -> list[dict]:
    """The rows for predictions.jsonl from somebody else's file, in the order of the test set.

    Args:
        path: .jsonl with id and prediction, or any other ending: a text file with one line a test dialogue, in order.
        ids: the test dialogues' ids in order.
        where: the config key that names the file, for messages.
    Raises:
        InputError: an unknown id, an id twice, a dialogue without a prediction, or a wrong number of lines.
    """
    if path.suffix != ".jsonl":
        return _read_lines(path, ids, where)
    found: dict[str, str] = {}
    known = set(ids)
    for number, record in enumerate(read_json_lines(path), 1):
        place = f"{where}: {path}, record {number}"
        if not isinstance(record.get("id"), str) or not isinstance(record.get("prediction"), str):
            raise InputError(place, f"needs id and prediction, both text, and has {names(record)}", "Rename its keys")
        record_id = plain(record["id"])
        if record_id not in known:
            raise InputError(place, f"id {short(record_id)} is not in the test set", f"Ids there look like {short(ids[0])}")
        if record_id in found:
            raise InputError(place, f"id {short(record_id)} stands twice", "Keep one prediction a dialogue")
        found[record_id] = record["prediction"].strip()
    missing = [record_id for record_id in ids if record_id not in found]
    if missing:
        raise InputError(
            f"{where}: {path}",
            f"no prediction for {len(missing)} of {len(ids)} test dialogues: {', '.join(missing[:5])}",
            "Every method must be scored on the same dialogues: add them",
        )
    return [{"id": record_id, "prediction": found[record_id]} for record_id in ids]


def _read_lines(path: Path, ids: list[str], where: str) -> list[dict]:
    lines = read_text(path).removesuffix("\n").split("\n")
    if len(lines) != len(ids):
        raise InputError(
            f"{where}: {path}",
            f"{len(lines)} lines for {len(ids)} test dialogues",
            "Write one line a test dialogue in the test file's order, or JSON Lines with ids",
        )
    return [{"id": record_id, "prediction": line.strip()} for record_id, line in zip(ids, lines, strict=True)]
