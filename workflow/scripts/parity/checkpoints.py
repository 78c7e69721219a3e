"""The checkpoints of one training run: each lies whole in its folder, or is not used."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from .errors import InputError
from .files import file_digest, read_json, whole

MANIFEST = "manifest.json"
REMEDY = "Name a folder on a disk with room, in the profile: set-resources: train: checkpoint_folder: ..."


class Checkpoints:
    """Folders `<folder>/<study>/<method>/seed-<seed>/<key>/checkpoint-<step>` with a manifest of their files' digests.

    They lie outside a rule's outputs, which Snakemake deletes when a job fails. Two processes may write here at once (a
    scheduler can start a job again while its lost node still runs it): what one takes from the other is only time.
    """

    def __init__(self, folder: str, study: str, method: str, seed: int, key: str):
        """
        Args:
            folder: as a config or profile gives it: ~ and $VARIABLES are expanded.
            key: a digest of all that decides the run's result, so that no other run's checkpoint is ever taken.
        Raises:
            InputError: `folder` is empty or holds a variable that is not set.
        """
        self.named = folder
        expanded = os.path.expandvars(os.path.expanduser(folder))  # noqa: PTH111
        if not expanded or "$" in expanded:
            raise self._refusal("it is empty or holds a variable that is not set")
        self.root = Path(expanded)
        self.run = self.root / study / method / f"seed-{seed}"
        self.folder = self.run / key

    def open(self) -> None:
        """Make the folder, try to write there, and remove what killed writes left.

        Raises:
            InputError: nothing can be written there.
        """
        try:
            self._make_folder()
            for left_by_a_killed_job in self.folder.glob(".checkpoint-*~*"):
                shutil.rmtree(left_by_a_killed_job, ignore_errors=True)
            with tempfile.TemporaryFile(dir=self.folder) as probe:
                probe.write(b"Is there room?")
        except OSError as error:
            raise self._refusal(f"checkpoints cannot be written there ({error})") from error

    def newest(self) -> Path | None:
        """The newest whole checkpoint, None where there is none. A damaged one is said, and removed."""
        for path in sorted(self.folder.glob("checkpoint-*"), key=step_of, reverse=True):
            if damage := _damage(path):
                print(f"{path} is damaged ({damage}): removed, the one before it is used", flush=True)
                shutil.rmtree(path, ignore_errors=True)
            else:
                return path
        return None

    def write(self, step: int, fill: Callable[[Path], None]) -> Path:
        """Let `fill(folder)` write a checkpoint, name it once it lies whole on the disk, keep it and the one before.

        Raises what `fill` and the disk raise; the older checkpoints are then as they were.
        """
        self._make_folder()
        path = self.folder / f"checkpoint-{step}"
        with whole(path) as place:
            place.mkdir()
            fill(place)
            (place / MANIFEST).write_text(json.dumps(_digests(place), indent=2), encoding="utf-8")
        others = sorted((other for other in self.folder.glob("checkpoint-*") if other != path), key=step_of)
        for older in others[:-1]:
            shutil.rmtree(older, ignore_errors=True)
        return path

    def remove(self) -> None:
        """Delete the run's checkpoints, those of other keys too, and the folders above them that are empty now."""
        shutil.rmtree(self.run, ignore_errors=True)
        if self.run.exists():
            print(f"{self.run} could not be removed", flush=True)
        with contextlib.suppress(OSError):
            for folder in (self.run.parent, self.run.parent.parent, self.root):
                folder.rmdir()

    def _make_folder(self) -> None:
        for _ in range(100):
            # Another run that ends removes the folders above while they are empty, between two steps of mkdir.
            with contextlib.suppress(FileNotFoundError, FileExistsError):
                return self.folder.mkdir(parents=True, exist_ok=True)
            time.sleep(0.01)
        return self.folder.mkdir(parents=True, exist_ok=True)

    def _refusal(self, problem: str) -> InputError:
        return InputError(f"rule train: resources: checkpoint_folder = {self.named!r}", problem, REMEDY)


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix("checkpoint-"))


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: file_digest(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}


def _damage(checkpoint: Path) -> str | None:
    """What is wrong with a checkpoint, None where all its files are as they were written."""
    try:
        promised, found = read_json(checkpoint / MANIFEST), _digests(checkpoint)
    except (OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    if promised == found:
        return None
    names = sorted(name for name in {*promised, *found} if dict(promised).get(name) != found.get(name))
    return f"not as it was written: {', '.join(names)}"
