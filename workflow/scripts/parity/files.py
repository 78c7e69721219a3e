"""Reading and writing files whole or not at all, and their digests."""

from __future__ import annotations

import codecs
import glob
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError

if TYPE_CHECKING:
    import pandas as pd

# What the rule fetch writes beside the files it fetched.
FETCH_RECORD = "fetched.json"


def read_text(path: Path) -> str:
    """A UTF-8 file's text. Raises InputError where it is missing, a folder, empty or not UTF-8."""
    if not path.is_file():
        raise InputError(str(path), "no such file", "Check the path in the config")
    content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}, line {line}", "this is not UTF-8 text", f"Convert it: iconv -f LATIN1 -t UTF-8 {path}"
        ) from error
    if not text.strip():
        raise InputError(str(path), "the file is empty", "Check that its download or copy was complete")
    return text


def read_json_lines(path: Path) -> list[dict]:
    """The objects of a JSON Lines file. Raises InputError naming the line that is no JSON object."""
    records = []
    # split("\n") and not splitlines(): JSON strings may hold U+2028 and the like, which are no line ends here.
    lines = read_text(path).split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            is_last = not any(map(str.strip, lines[number:]))
            remedy = "The file ends in the middle of a record: fetch or copy it again" if is_last else "Mend that line"
            raise InputError(
                f"{path}, line {number}", f"not JSON ({error.msg} at column {error.colno}): {line[:60]!r}", remedy
            ) from error
        if not isinstance(record, dict):
            raise InputError(f"{path}, line {number}", f"not a JSON object: {line[:60]!r}", "Write {...} a line")
        records.append(record)
    return records


def read_json(path: Path) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place beside `path` to write a file or folder, which takes the name `path` only once all is written.

    A full disk or a killed job then leaves nothing under the declared name that a later step could take for finished.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left_by_a_killed_job in path.parent.glob(f".{glob.escape(path.name)}~*"):
        shutil.rmtree(left_by_a_killed_job)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}~", dir=path.parent) as scratch:
        place = Path(scratch) / path.name
        yield place
        if not place.exists():
            raise FileNotFoundError(f"nothing was written for {path}")
        if path.is_dir():
            shutil.rmtree(path)
        place.replace(path)


def write_text(path: Path, text: str) -> None:
    with whole(path) as place:
        place.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """`value` as JSON. Raises ValueError for NaN and infinity, which are no JSON."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """A table as CSV, with 12 significant digits: sums of floats that were added in another order then read the same."""
    with whole(Path(path)) as place:
        table.to_csv(place, index=False, float_format="%.12g")


def read_table(path: Path) -> pd.DataFrame:
    """A table that `write_table` wrote. Only an empty cell is a missing value: a method may be called null, NA or None."""
    # The Snakefile imports this module, at the start of every job, and pandas takes long to load.
    import pandas as pd

    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def write_json_lines(path: Path, records: Iterable[dict]) -> None:
    write_text(path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))


def digest(value: Any) -> str:
    """SHA-256 over `value` as canonical JSON (sorted keys, UTF-8, no spaces), in hexadecimal."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digest(folder: Path, patterns: Iterable[str], leave_out: Iterable[str] = ()) -> str:
    """SHA-256 over names and contents of the files in `folder` that match one of the glob `patterns`."""
    paths = sorted({path for pattern in patterns for path in Path(folder).glob(pattern) if path.name not in leave_out})
    return digest([[path.name, file_digest(path)] for path in paths])
