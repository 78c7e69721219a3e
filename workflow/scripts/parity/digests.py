"""What a job wrote, by digest: a record a job, in the form that `sha256sum --check` reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .files import digest, file_digest, write_text
from .progress import stands_for

FOLDER, SUFFIX = "digests", ".sha256"
# Each record lies there twice, so that damage to one is not damage to what it vouches for.
COPY = ".copy"
OF_NOTHING = hashlib.sha256().hexdigest()
# Snakemake's own, in a folder that is an output: its date stands for the folder's.
TIMESTAMP = ".snakemake_timestamp"


@dataclass(frozen=True)
class Record:
    """What one job wrote. Paths are relative to the folder of the study.

    Attributes:
        state: a digest of what the job was told and read, see `state_of`.
        outputs: the files and folders that Snakemake knows as the job's.
        files: the SHA-256 of every file in them.
    """

    state: str
    outputs: tuple[str, ...]
    files: dict[str, str]

    def text(self) -> str:
        head = [f"# job {self.state}", *(f"# output {path}" for path in self.outputs), f"# files {len(self.files)}"]
        return "\n".join([*head, *(f"{value}  {path}" for path, value in self.files.items()), ""])


def place_of(job: Any) -> tuple[Path, str] | None:
    """The folder that a job's study lies in, and the job's name, such as train/lora/seed-1, both told by its log's path.

    None for a job whose log lies elsewhere: it leaves no record.
    """
    rule = stands_for(job.rule)
    folder, found, rest = str(job.log[0]).partition(f"/logs/{rule}")
    return (Path(folder), f"{rule}{rest.removesuffix('.log')}") if found else None


def record_path(folder: Path, name: str) -> Path:
    return folder / FOLDER / f"{name}{SUFFIX}"


def write_record(folder: Path, name: str, state: str, outputs: Iterable[str]) -> None:
    """Put on record what a job has written, now that all of it lies whole in its place."""
    parts = [Path(path).relative_to(folder) for path in outputs]
    files = {file.as_posix(): file_digest(folder / file) for part in parts for file in files_in(folder, part)}
    text = Record(state, tuple(part.as_posix() for part in parts), files).text()
    path = record_path(folder, name)
    for each in (path, copy_of(path)):
        write_text(each, text)


def forget_record(folder: Path, name: str) -> None:
    """Before a job begins: what stands on record is of an attempt before."""
    path = record_path(folder, name)
    for each in (path, copy_of(path)):
        each.unlink(missing_ok=True)


def copy_of(record: Path) -> Path:
    return record.with_name(f"{record.name}{COPY}")


def read_record(path: Path) -> Record | None:
    """None where there is none, or it is not as it was written."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return None
    outputs = tuple(line.removeprefix("# output ") for line in lines if line.startswith("# output "))
    pairs = [re.fullmatch(r"([0-9a-f]{64})  (.+)", line) for line in lines]
    files = {pair[2]: pair[1] for pair in pairs if pair}
    record = Record(lines[0].removeprefix("# job "), outputs, files)
    return record if "\n".join(lines) == record.text() else None


def records_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of every record in the folder of a study, of such too of which only the copy is left."""
    root = folder / FOLDER
    paths = {path.with_name(path.name.removesuffix(COPY)) for path in root.rglob(f"*{SUFFIX}*")}
    yield from ((path.relative_to(root).as_posix().removesuffix(SUFFIX), path) for path in sorted(paths))


def files_in(folder: Path, output: Path) -> list[Path]:
    """The files that an output of a study in `folder` consists of, itself or those in it, relative to `folder`."""
    place = folder / output
    found = [path for path in place.rglob("*") if path.is_file() and path.name != TIMESTAMP] if place.is_dir() else [place]
    return sorted(path.relative_to(folder) for path in found)


def damages(folder: Path, record: Record) -> dict[str, str]:
    """What is wrong with the files of a record, by path; empty where all are as they were written."""
    found = {}
    for path, value in record.files.items():
        file = folder / path
        if not file.is_file():
            found[path] = "missing"
        elif file.stat().st_size == 0 and value != OF_NOTHING:
            found[path] = "empty"
        elif file_digest(file) != value:
            found[path] = "not the bytes that were written"
    return found


def state_of(job: Any) -> str:
    """A digest of what a job was told, its params or else the config, and of the size and date of all that it read."""
    told = dict(job.params.items()) or job.config
    read = {str(path): _dates(Path(path)) for path in job.input}
    return digest([repr(told), read])


def _dates(path: Path) -> list:
    dates = []
    for each in sorted([path, *path.rglob("*")]):
        if each.is_file():
            dates.append([each.as_posix(), each.stat().st_size, each.stat().st_mtime_ns])
    return dates
