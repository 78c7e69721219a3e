"""Find the files of a study that are not as they were written: python -m parity.verify [--configfile FILE] [--look]

What a damaged file's job wrote is set aside, so that the next snakemake makes it again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from . import controller
from .digests import FOLDER, TIMESTAMP, Record, copy_of, damages, read_record, record_path, records_of
from .files import write_text
from .kept import FOLDER as KEPT
from .resume import study_name

ASIDE = "damaged"
NO_RESULTS = ("logs", "benchmarks", FOLDER, ASIDE, KEPT)


@dataclass
class Findings:
    """What a look at the folder of a study found.

    Attributes:
        files: how many are as they were written.
        damaged: what is wrong with others, by job and path.
        mended: records that were damaged, or lost, and were put back from their copies.
        illegible: jobs whose record is lost in both places.
    """

    folder: Path
    files: int = 0
    damaged: dict[str, dict[str, str]] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)
    illegible: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        said = [f"{self.folder}/{path}: {what} ({job})" for job, files in self.damaged.items() for path, what in files.items()]
        said += [f"{record_path(self.folder, job)}: was damaged, and put back from its copy" for job in self.mended]
        said += [
            f"{record_path(self.folder, job)}: damaged, as its copy is. Nobody can say any more what {job} wrote: delete its files"
            for job in self.illegible
        ]
        return said


def examine(folder: Path) -> Findings:
    """Look at every file of the study in `folder` that is on record. A damaged record is put back from its copy."""
    found = Findings(folder)
    for name, path in records_of(folder):
        copies = {each: record for each in (path, copy_of(path)) if (record := read_record(each))}
        if not copies:
            found.illegible.append(name)
            continue
        wrong = {each: damages(folder, record) for each, record in copies.items()}
        right = min(copies, key=lambda each: len(wrong[each]))
        if any(read_record(each) != copies[right] for each in (path, copy_of(path))):
            found.mended.append(name)
            date = right.stat().st_mtime
            for each in (path, copy_of(path)):
                write_text(each, copies[right].text())
                os.utime(each, (date, date))
        if wrong[right]:
            found.damaged[name] = wrong[right]
        found.files += len(copies[right].files) - len(wrong[right])
    return found


def set_aside(folder: Path, name: str) -> None:
    """Move all that a job wrote to the folder `damaged`: where a part is damaged, Snakemake makes the whole again."""
    record = read_record(record_path(folder, name))
    for output in record.outputs:
        _move(folder / output, folder / ASIDE / output)
    copy_of(record_path(folder, name)).unlink(missing_ok=True)
    # Last: a job is set aside once its record is.
    _move(record_path(folder, name), record_path(folder / ASIDE, name))


def _move(source: Path, target: Path) -> None:
    if not source.exists():
        return
    if target.is_dir():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)


def awaited(folder: Path) -> dict[str, Record]:
    """The records of the jobs that were set aside and not done again since, by their names."""
    names = [name for name, _ in records_of(folder / ASIDE) if not record_path(folder, name).exists()]
    return {name: record for name in names if (record := read_record(record_path(folder / ASIDE, name)))}


def not_on_record(folder: Path) -> list[str]:
    """Files in the folder of a study that no record speaks of, but for logs and the like."""
    known = {path for _, record in records_of(folder) if (found := read_record(record)) for path in found.files}
    files = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file() and path.name != TIMESTAMP)
    return [path.as_posix() for path in files if path.parts[0] not in NO_RESULTS and path.as_posix() not in known]


def folders_of(study: str) -> list[Path]:
    """Where files that are on record lie: the study's, and what was fetched from the hub."""
    return [folder for folder in (Path("results", study), Path("resources/hub")) if (folder / FOLDER).is_dir()]


def verify(study: str, look: bool = False) -> bool:
    """Say what of a study is not as it was written, and set it aside unless told only to look. Returns whether all is well."""
    if other := controller.living(study):
        sys.exit(f"{other} is running the study {study}. Look at its files once it has ended")
    if not (folders := folders_of(study)):
        sys.exit(f"results/{study}: nothing there is on record. Run the study first")
    well, files = True, 0
    for folder in folders:
        found = examine(folder)
        for line in found.lines():
            print(line)
        for name in found.damaged if not look else ():
            set_aside(folder, name)
        waiting = awaited(folder)
        if waiting:
            print(f"Set aside in {folder / ASIDE}, and not made again yet: what {', '.join(waiting)} wrote")
        if others := not_on_record(folder):
            print(f"{folder}: {len(others)} files are not on record and were not looked at: {', '.join(others[:5])}")
        well, files = well and not (found.lines() or waiting), files + found.files
    print(f"{files} files are as they were written")
    return well


def main(arguments: list[str]) -> None:
    """Never returns: exits with 1 where anything is not as it was written."""
    parser = argparse.ArgumentParser(prog="verify", description=__doc__.splitlines()[0])
    parser.add_argument("--configfile", default="config/config.yaml", help="the study, if it is not the quick start")
    parser.add_argument("--look", action="store_true", help="say what is damaged, and leave all as it is")
    options = parser.parse_args(arguments)
    if verify(study_name(options.configfile), options.look):
        sys.exit()
    if not options.look:
        print("Started as ever, snakemake makes again what is missing, and all that was made from it. To make again no more than")
        print("has to be: make repair" + (f" CONFIG={options.configfile}" if options.configfile != "config/config.yaml" else ""))
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
