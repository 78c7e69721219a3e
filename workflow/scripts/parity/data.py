"""Loading dialogues with their references from the layouts that datasets come in."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import SHOWN, InputError, short
from .files import digest, iterate_json_lines, json_problem, parse_json, read_lines, read_text

SPLITS = ("train", "validation", "test")
ID_COLUMNS = ("fname", "id")
MOST_NAMED = 20


@dataclass(frozen=True)
class Record:
    """One dialogue and all its references, in the order of the file. Text is stripped, its lines end in \\n."""

    id: str
    dialogue: str
    references: tuple[str, ...]


def load_split(path: Path, split: str, columns: dict) -> list[Record]:
    """The dialogues of one file, each once.

    A dialogue's references are gathered from the columns <summary>1, <summary>2 ..., from rows whose ids are <id>_1,
    <id>_2 ... over the same dialogue (DialogSum's layout on the hub) and, in a file without ids, from neighbouring rows
    of the same dialogue.

    Args:
        path: a .jsonl, .json (an array of objects) or .csv file.
        split: its name, which numbers the records of a file without ids.
        columns: names of the columns: id (or None), dialogue, summary.
    Raises:
        InputError: names the file and line of anything that cannot be read, and ids that stand twice.
    """
    records, has_ids = [], False
    for place, row in iterate_rows(path):
        id_column = columns["id"] or next((name for name in ID_COLUMNS if name in row), None)
        if columns["id"] and columns["id"] not in row:
            raise _missing_column(place, "id", columns["id"], row)
        has_ids = has_ids or id_column is not None
        record_id = _text_id(row[id_column], place, id_column) if id_column else f"{split}_{len(records)}"
        if columns["dialogue"] not in row:
            raise _missing_column(place, "dialogue", columns["dialogue"], row)
        references = tuple(_clean(row[name], place, name) for name in _summary_columns(row, columns["summary"], place))
        records.append(Record(record_id, _clean(row[columns["dialogue"]], place, columns["dialogue"]), references))
    if not records:
        raise InputError(str(path), "no records", "Check that its download or copy was complete")
    records = _gather_numbered_rows(records) if has_ids else _gather_neighbours(records)
    _refuse_repeated_ids(records, path)
    return records


def canonical_digest(splits: dict[str, list[Record]]) -> str:
    """One digest over all records (split, id, dialogue, references in order), the same whatever layout they came in."""
    return digest([[s, r.id, r.dialogue, list(r.references)] for s in SPLITS for r in splits[s]])


def check_digest(splits: dict[str, list[Record]], expected: str | None, where: str) -> str:
    """The canonical digest of `splits`. Raises InputError where it is not the `expected` one."""
    actual = canonical_digest(splits)
    if expected and actual != expected:
        raise InputError(
            where,
            f"the data's content digest is {actual}, but data.digest = {expected}",
            "The data are not those that the study names: fetch them again, or change data.digest knowingly",
        )
    return actual


def subsample(records: list[Record], size: int | None, seed: int) -> list[Record]:
    """`size` records drawn with `seed`, in the file's order; all of them where `size` is None or not below their number."""
    if size is None or size >= len(records):
        return records
    chosen = sorted(random.Random(seed).sample(range(len(records)), size))
    return [records[index] for index in chosen]


def read_records(path: Path) -> list[Record]:
    """What `record_rows` wrote."""
    return [Record(row["id"], row["dialogue"], tuple(row["references"])) for row in iterate_json_lines(Path(path))]


def record_rows(records: list[Record]) -> Iterator[dict]:
    return (asdict(record) for record in records)


def iterate_rows(path: Path) -> Iterator[tuple[str, dict]]:
    """Each row with the place it stands at, for messages."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        yield from _read_csv(path)
    elif suffix == ".jsonl":
        yield from ((f"{path}, record {number}", row) for number, row in enumerate(iterate_json_lines(path), 1))
    elif suffix == ".json":
        try:
            rows = parse_json(read_text(path))
        except ValueError as error:
            where = f"{path}, line {error.lineno}" if isinstance(error, json.JSONDecodeError) else str(path)
            problem = f"not JSON ({json_problem(error)})"
            raise InputError(where, problem, "Mend it, or name it .jsonl if it is JSON Lines") from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise InputError(str(path), "not an array of objects", "Write [{...}, ...] or JSON Lines (.jsonl)")
        yield from ((f"{path}, record {number}", row) for number, row in enumerate(rows, 1))
    else:
        raise InputError(str(path), f"unknown ending {suffix!r}", "Convert it to .jsonl, .json or .csv")


def _read_csv(path: Path) -> Iterator[tuple[str, dict]]:
    csv.field_size_limit(2**31 - 1)
    # A \r alone ends a line, too.
    pieces = (piece for _, line in read_lines(path) for piece in re.split(r"(?<=\r)(?!\n)", line) if piece)
    reader = csv.reader(pieces, strict=True)
    header = None
    try:
        for row in reader:
            if not row:
                continue
            if header is None:
                header = row
                _refuse_repeated_columns(path, header)
                continue
            if len(row) != len(header):
                raise InputError(
                    f"{path}, line {reader.line_num}",
                    f"{len(row)} fields where the header has {len(header)}",
                    "Mend that row, or fetch the file again if it was cut off",
                )
            yield f"{path}, line {reader.line_num}", dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.line_num}", f"not CSV ({error})", "Mend it, or fetch it again if it was cut off"
        ) from error


def _summary_columns(row: dict, name: str, place: str) -> list[str]:
    if name in row:
        return [name]
    numbered = sorted((int(m[1]), key) for key in row if (m := re.fullmatch(re.escape(name) + r"(\d{1,9})", key)))
    if not numbered:
        raise _missing_column(place, "summary", name, row)
    return [key for _, key in numbered]


def _missing_column(place: str, key: str, name: str, row: dict) -> InputError:
    return InputError(place, f"no column {name!r}", f"It has {names(row)}; name the right one as data.columns.{key}")


def names(found: Iterable[str]) -> str:
    """Names of columns or keys for a message, the first ones of many."""
    found = list(found)
    listed = (name if len(name) < SHOWN else short(name) for name in found[:MOST_NAMED])
    return (", ".join(listed) + (" ..." if len(found) > MOST_NAMED else "")) or "none"


def _refuse_repeated_columns(path: Path, header: list[str]) -> None:
    seen: set[str] = set()
    for name in header:
        if name in seen:
            raise InputError(str(path), f"two columns are named {short(name)}", "Rename one: nobody can know which is meant")
        seen.add(name)


def _clean(value: object, place: str, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(place, f"{name} = {short(value)} is no text", "Write it as a string")
    return plain(value)


def plain(text: str) -> str:
    """The text without spaces around it, and with \\n as its only line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _text_id(value: object, place: str, name: str) -> str:
    """An id as text; empty for JSON's null."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise InputError(place, f"{name} = {short(value)} is no id", "Write it as a string")
    return "" if value is None else plain(str(value))


def _gather_numbered_rows(records: list[Record]) -> list[Record]:
    by_stem: dict[str, list[tuple[int, Record]]] = {}
    for record in records:
        if match := re.fullmatch(r"(.+)_(\d{1,9})", record.id):
            by_stem.setdefault(match[1], []).append((int(match[2]), record))
    merged: dict[str, Record] = {}
    for stem, rows in by_stem.items():
        # train_0, train_1 ... share a stem too, but not a dialogue, and their numbers do not start at 1.
        numbers, parts = zip(*sorted(rows, key=lambda row: row[0]), strict=True)
        if numbers == tuple(range(1, len(rows) + 1)) and len(rows) > 1 and len({part.dialogue for part in parts}) == 1:
            whole = Record(stem, parts[0].dialogue, tuple(ref for part in parts for ref in part.references))
            merged |= {part.id: whole for part in parts}
    return list({id(r): r for r in (merged.get(record.id, record) for record in records)}.values())


def _gather_neighbours(records: list[Record]) -> list[Record]:
    gathered: list[Record] = []
    for record in records:
        if gathered and gathered[-1].dialogue == record.dialogue:
            last = gathered[-1]
            gathered[-1] = Record(last.id, last.dialogue, last.references + record.references)
        else:
            gathered.append(record)
    return gathered


def _refuse_repeated_ids(records: list[Record], path: Path) -> None:
    seen: set[str] = set()
    for record in records:
        if record.id in seen or not record.id:
            problem = f"id {short(record.id)} stands twice" if record.id else "an id is empty"
            raise InputError(str(path), problem, "Give each dialogue an id of its own, or name another column as data.columns.id")
        seen.add(record.id)
