"""What a job finished that its snakemake did not live to see: kept from the next one, and taken as it is.

Snakemake deletes the outputs of a job that it has not seen end, and does it again: hours of training, after a `kill -9` in the
wrong moment.
"""

from __future__ import annotations

import os
import shutil
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .digests import damages, forget_record, place_of, read_record, records_of, state_of, write_record
from .files import whole, write_text

FOLDER, RECORD = "kept", "record.sha256"
SNAKEMAKE_MARKS = Path(".snakemake/incomplete")


def keep_finished(folder: Path) -> None:
    """Called before Snakemake plans: lay the outputs aside that it would delete although their job finished them.

    Args:
        folder: of the study.
    """
    unseen = _outputs_not_seen_to_end()
    for name, path in records_of(folder):
        record = read_record(path)
        if record and unseen.intersection(str(folder / output) for output in record.outputs) and not damages(folder, record):
            stash = folder / FOLDER / name
            shutil.rmtree(stash, ignore_errors=True)
            for file in record.files:
                _link(folder / file, stash / file)
            # Last: without it, nothing is taken.
            write_text(stash / RECORD, record.text())


@contextmanager
def on_record(job: Any) -> Iterator[bool]:
    """Around a job's work: what it leaves is put on record, see `digests`.

    Yields:
        whether an earlier attempt finished this very job, so that there is nothing to do: its outputs are in place.
    """
    place = place_of(job)
    if place is None:
        yield False
        return
    state = state_of(job)
    forget_record(*place)
    yield _take_kept(*place, state)
    write_record(*place, state, job.output)
    _drop_kept(*place)


def _take_kept(folder: Path, name: str, state: str) -> bool:
    stash = folder / FOLDER / name
    record = read_record(stash / RECORD)
    if record is None or record.state != state or damages(stash, record):
        _drop_kept(folder, name)
        return False
    for output in record.outputs:
        with whole(folder / output) as out:
            for file in record.files:
                if file == output or file.startswith(f"{output}/"):
                    _link(stash / file, out / Path(file).relative_to(output))
    print(f"{name} was finished before, but its snakemake did not live to see it: what it wrote is taken as it is", flush=True)
    return True


def _drop_kept(folder: Path, name: str) -> None:
    stash = folder / FOLDER / name
    shutil.rmtree(stash, ignore_errors=True)
    with suppress(OSError):
        for parent in stash.parents:
            if parent == folder:
                break
            parent.rmdir()


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        # Not every file system can.
        shutil.copy2(source, target)


def _outputs_not_seen_to_end() -> set[str]:
    """Snakemake marks them by files whose path, put together, is the output's in base64."""
    outputs = set()
    for path in SNAKEMAKE_MARKS.rglob("*"):
        encoded = "".join(part.removeprefix("@") for part in path.relative_to(SNAKEMAKE_MARKS).parts)
        with suppress(ValueError):
            if path.is_file():
                outputs.add(urlsafe_b64decode(encoded).decode())
    return outputs
