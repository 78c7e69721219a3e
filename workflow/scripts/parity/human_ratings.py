"""Raters' saved files, held against the key: what is not exactly what a sheet saved is refused with a reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pandas as pd

from .config import load_schema, strict_validator
from .errors import InputError
from .files import digest, parse_json, read_text
from .human_draw import KEY_FORMAT
from .human_scales import TIE
from .human_sheet import EXPORT_FORMAT, checksum

AGAIN = "Ask the rater to open the sheet, press Save ratings and send that file as it is"
RATING_COLUMNS = ["rater", "dialogue", "method", "seed", "position", "scale", "rating"]
PREFERENCE_COLUMNS = ["rater", "dialogue", "method", "reference", "share"]
MOST_NAMED = 5
LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class Ratings:
    """What people said, with the methods' names again.

    Attributes:
        ratings: a row a rater, dialogue, method and scale; `position` is the summary's place on that sheet, from 1.
        preferences: a row a rater, dialogue and pair; `share` is what `method` gets of it: 1, 0, or 0.5 for no difference.
    """

    ratings: pd.DataFrame
    preferences: pd.DataFrame


def read_key(path: Path) -> dict:
    """key.json. Raises InputError where it is missing or is not what the rule human_sheets wrote."""
    remedy = "Take it from a backup: without the very key that the sheets were made with, no rating can be read"
    try:
        key = parse_json(path.read_text(encoding="utf-8"))
        json.dumps(key, allow_nan=False)
    except (OSError, ValueError) as error:
        raise InputError(str(path), f"is no readable key ({error})", remedy) from error
    if not isinstance(key, dict) or key.get("format") != KEY_FORMAT:
        raise InputError(str(path), "is no key of rating sheets", remedy)
    if key.get("digest") != digest({name: value for name, value in key.items() if name != "digest"}):
        raise InputError(str(path), "the key has been changed since the sheets were made", remedy)
    return key


def read_ratings(paths: list[Path], key: dict, allow_partial: bool) -> Ratings:
    """All saved files together.

    Raises:
        InputError: a file is no saved file, belongs to another sheet, was edited, lacks something (unless `allow_partial`)
            or holds something that its sheet does not; or two files are of one rater.
    """
    found: dict[str, Path] = {}
    rows: list[dict] = []
    preferences: list[dict] = []
    for path in sorted(map(Path, paths)):
        export = _read_export(path)
        rater = _rater_of(path, export, key)
        if rater in found:
            raise InputError(
                f"{found[rater]} and {path}",
                f"two files are of one rater, {rater}",
                "Keep the later one. If two people used this sheet, one of them has to rate another rater's sheet instead",
            )
        found[rater] = path
        items = key["sheets"][rater]["items"]
        entries = _entries_by_item(path, export["ratings"], items)
        _refuse_gaps(path, items, entries, key["settings"]["scales"], allow_partial)
        for item in items:
            if item["item"] in entries:
                rows += _rating_rows(rater, item, entries[item["item"]], key)
                preferences += _preference_rows(rater, item, entries[item["item"]], key)
    return Ratings(pd.DataFrame(rows, columns=RATING_COLUMNS), pd.DataFrame(preferences, columns=PREFERENCE_COLUMNS))


def _read_export(path: Path) -> dict:
    text = read_text(path)
    try:
        export = parse_json(text)
    except ValueError as error:
        raise InputError(str(path), f"is not JSON ({error})", f"It may have been cut off on its way. {AGAIN}") from error
    if not isinstance(export, dict) or export.get("format") != EXPORT_FORMAT:
        raise InputError(str(path), "holds no ratings that a sheet saved", f"Remove it from this folder. {AGAIN}")
    body = {name: value for name, value in export.items() if name != "checksum"}
    if export.get("checksum") != checksum(json.dumps(body, ensure_ascii=False, separators=(",", ":"))):
        raise InputError(str(path), "the file has been edited since the sheet saved it: its checksum does not fit", AGAIN)
    error = jsonschema.exceptions.best_match(strict_validator(load_schema("ratings")).iter_errors(export))
    if error:
        where = ".".join(map(str, error.absolute_path)) or "the file"
        raise InputError(f"{path}: {where}", error.message[:LONGEST_MESSAGE], AGAIN)
    return export


def _rater_of(path: Path, export: dict, key: dict) -> str:
    """Whose sheet was rated."""
    for rater, sheet in key["sheets"].items():
        if sheet["sheet"] == export["sheet"]:
            if sheet["digest"] != export["digest"] or rater != export["rater"]:
                raise InputError(f"{path}: digest", f"it is not that of the sheet of {rater}", AGAIN)
            return rater
    raise InputError(
        f"{path}: sheet = {export['sheet']}",
        f"these ratings (of {export['rater']}) are of another study, or of sheets that were drawn before the present ones",
        "Move the file to its own study. Ratings of earlier sheets can only be read with the key.json of that time",
    )


def _entries_by_item(path: Path, ratings: list[dict], items: list[dict]) -> dict[str, dict]:
    """Item's token -> {(summary, scale): grade, (summary, summary): the better one}, nothing in it twice or unknown."""
    known = {item["item"]: item for item in items}
    entries: dict[str, dict] = {}
    for number, entry in enumerate(ratings):
        where = f"{path}: ratings.{number}"
        item = known.get(entry["item"])
        if item is None:
            raise InputError(f"{where}.item = {entry['item']}", "no such dialogue is on this sheet", AGAIN)
        if entry["item"] in entries:
            raise InputError(f"{where}.item = {entry['item']}", "this dialogue stands there twice", AGAIN)
        answers: dict[tuple, object] = {}
        pairs = [
            *(((s["summary"], name), value) for s in entry["summaries"] for name, value in s.items() if name != "summary"),
            *((tuple(one["pair"]), one["better"]) for one in entry["preferences"]),
        ]
        for question, answer in pairs:
            if question in answers:
                raise InputError(f"{where}: {' and '.join(question)}", "this question is answered twice", AGAIN)
            answers[question] = answer
        for summary in {question[0] for question in answers} - set(item["summaries"]):
            raise InputError(f"{where}: {summary}", "no such summary is shown with this dialogue", AGAIN)
        for one in entry["preferences"]:
            if one["pair"] not in item["pairs"]:
                raise InputError(f"{where}: {' and '.join(one['pair'])}", "these two are not asked about", AGAIN)
            if one["better"] not in (*one["pair"], TIE):
                raise InputError(f"{where}: better = {one['better']}", "it is none of the two, and no tie", AGAIN)
        entries[entry["item"]] = answers
    return entries


def _refuse_gaps(path: Path, items: list[dict], entries: dict[str, dict], scales: list[str], allow_partial: bool) -> None:
    lacking = [
        number for number, item in enumerate(items, 1) if set(_questions(item, scales)) - set(entries.get(item["item"], {}))
    ]
    if not lacking or (allow_partial and entries):
        return
    named = ", ".join(map(str, lacking[:MOST_NAMED])) + (" ..." if len(lacking) > MOST_NAMED else "")
    raise InputError(
        str(path),
        f"{len(lacking)} of {len(items)} dialogues are not rated, or not in full (on the sheet: {named})",
        "Let the rater finish the sheet and save again, or declare human_evaluation.allow_partial: true"
        if entries
        else "Remove the file, or let the rater begin",
    )


def _questions(item: dict, scales: list[str]) -> list[tuple[str, str]]:
    return [(token, scale) for token in item["summaries"] for scale in scales] + [tuple(pair) for pair in item["pairs"]]


def _rating_rows(rater: str, item: dict, answers: dict, key: dict) -> list[dict]:
    shown = next(one["summaries"] for one in key["dialogues"] if one["id"] == item["dialogue"])
    return [
        dict(
            zip(
                RATING_COLUMNS,
                (rater, item["dialogue"], method, shown[method]["seed"], position, scale, answers[token, scale]),
                strict=True,
            )
        )
        for position, (token, method) in enumerate(item["summaries"].items(), 1)
        for scale in key["settings"]["scales"]
        if (token, scale) in answers
    ]


def _preference_rows(rater: str, item: dict, answers: dict, key: dict) -> list[dict]:
    """A pair's later method of the study comes first, as in contrasts.csv."""
    order = list(key["dialogues"][0]["summaries"])
    rows = []
    for pair in item["pairs"]:
        if tuple(pair) not in answers:
            continue
        better = answers[tuple(pair)]
        reference, method = sorted(pair, key=lambda token: order.index(item["summaries"][token]))
        share = 0.5 if better == TIE else float(better == method)
        names = (item["summaries"][method], item["summaries"][reference])
        rows.append(dict(zip(PREFERENCE_COLUMNS, (rater, item["dialogue"], *names, share), strict=True)))
    return rows
