"""Reading and writing files whole or not at all, and their digests."""

from __future__ import annotations

import codecs
import glob
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, short

if TYPE_CHECKING:
    import pandas as pd

# Columns of tables whose cells are text, even where all of them look like numbers.
NAMES = ("study", "method", "reference")
# What the rule fetch writes beside the files it fetched.
FETCH_RECORD = "fetched.json"


def read_text(path: Path) -> str:
    """A UTF-8 file's text. Raises InputError where it is missing, a folder, empty or not UTF-8."""
    return "".join(line for _, line in read_lines(path))


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """A UTF-8 file's lines, numbered from 1 and with the line feed that ends them, read one at a time.

    Raises:
        InputError: the file is missing, a folder or not UTF-8, or holds nothing but spaces.
    """
    if not path.is_file():
        raise InputError(str(path), "no such file", "Check the path in the config")
    is_empty = True
    with path.open("rb") as file:
        for number, content in enumerate(file, 1):
            try:
                line = (content.removeprefix(codecs.BOM_UTF8) if number == 1 else content).decode("utf-8")
            except UnicodeDecodeError as error:
                raise InputError(
                    f"{path}, line {number}", "this is not UTF-8 text", f"Convert it: iconv -f LATIN1 -t UTF-8 {path}"
                ) from error
            is_empty = is_empty and not line.strip()
            yield number, line
    if is_empty:
        raise InputError(str(path), "the file is empty", "Check that its download or copy was complete")


def read_json_lines(path: Path) -> list[dict]:
    """The objects of a JSON Lines file. Raises InputError naming the line that is no JSON object."""
    return list(iterate_json_lines(path))


def iterate_json_lines(path: Path) -> Iterator[dict]:
    """The objects of a JSON Lines file, one at a time. Raises InputError naming the line that is no JSON object."""
    # Lines end in \n alone: JSON strings may hold U+2028 and the like.
    lines = read_lines(path)
    for number, line in lines:
        if not (line := line.removesuffix("\n")).strip():
            continue
        try:
            record = parse_json(line)
        except ValueError as error:
            is_last = not any(later.strip() for _, later in lines)
            remedy = "The file ends in the middle of a record: fetch or copy it again" if is_last else "Mend that line"
            raise InputError(f"{path}, line {number}", f"not JSON ({json_problem(error)}): {short(line)}", remedy) from error
        if not isinstance(record, dict):
            raise InputError(f"{path}, line {number}", f"not a JSON object: {short(line)}", "Write {...} a line")
        yield record


def parse_json(text: str) -> Any:
    """A value from JSON of somebody else's. Raises ValueError for whatever no file of ours could hold, too."""
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    # Half of a pair of UTF-16 can be spelt in JSON, but is no character.
    if re.search(r"\\u[dD][89a-fA-F]", text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"{error.object[error.start]!a} is half a character") from error
    return value


def json_problem(error: ValueError) -> str:
    """What is wrong with JSON, in brackets behind 'not JSON'."""
    return f"{error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)


def read_json(path: Path) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place beside `path` to write a file or folder, which takes the name `path` only once all is written.

    A full disk, a killed job or a machine without power then leaves nothing under the declared name that a later step could
    take for finished: without the wait for the disk, a name can outlive a power cut that its bytes do not.
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
        for part in [*place.rglob("*"), place]:
            sync(part)
        if path.is_dir():
            shutil.rmtree(path)
        place.replace(path)
        sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        # Some network file systems cannot do that for a folder.
        if not path.is_dir():
            raise
    finally:
        os.close(descriptor)


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
    """A table that `write_table` wrote. Only an empty cell is a missing value: a method may be called null, NA, inf or True."""
    # The Snakefile imports this module, at the start of every job, and pandas takes long to load.
    import pandas as pd

    return pd.read_csv(path, dtype=dict.fromkeys(NAMES, str), keep_default_na=False, na_values=[""])


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
