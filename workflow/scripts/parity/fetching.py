"""Fetching a model or a dataset from the Hugging Face hub, once, into a folder of its own: whole and as the hub says, or not."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from .errors import InputError
from .files import FETCH_RECORD, file_digest, whole, write_json
from .hub_faults import Damaged, in_words, patiently, use_patient_client

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoSibling


def fetch(kind: str, repo_id: str, revision: str, patterns: list[str], out: Path) -> None:
    """Download the files of a hub repository that match `patterns` into the new folder `out`.

    The revision is resolved to a commit first, so that all files are of one commit, and every file is held against the size
    and digest that the hub lists for it there. fetched.json in `out` records the commit and each file's SHA-256.

    Args:
        patterns: of a dataset the names of its files, all needed; of a model globs of files beside its config.json.
    Raises:
        InputError: what the hub or the disk refused, with repository, revision and remedy (hub_faults.py).
    """
    # Jobs work with the hub switched off; this one alone may speak to it. The library reads this when it is imported.
    os.environ.update(HF_HUB_OFFLINE="0", HF_HUB_DISABLE_TELEMETRY="1")
    from huggingface_hub import HfApi, constants, hf_hub_download

    where = f"{kind} {repo_id} at {revision}"
    use_patient_client()
    with in_words(where, out), whole(out) as folder:
        info = patiently(
            # Without a time limit of ours the library would wait for an answer for ever.
            lambda: HfApi().repo_info(
                repo_id,
                repo_type=kind,
                revision=revision,
                files_metadata=True,
                timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT,
            )
        )
        files = _wanted(kind, info.siblings or [], patterns, where)
        folder.mkdir()
        for file in files:
            patiently(_download_of(hf_hub_download, repo_id, kind, info.sha, file, folder))
        shutil.rmtree(folder / ".cache", ignore_errors=True)
        digests = {file.rfilename: file_digest(folder / file.rfilename) for file in files}
        write_json(folder / FETCH_RECORD, {"repo_id": repo_id, "revision": revision, "commit": info.sha, "sha256": digests})


def _wanted(kind: str, files: list[RepoSibling], patterns: list[str], where: str) -> list[RepoSibling]:
    """The files to fetch, by name. Raises InputError where what is needed is not there."""
    if kind == "dataset":
        wanted = [file for file in files if file.rfilename in patterns]
        missing = sorted(set(patterns) - {file.rfilename for file in wanted})
        remedy = "Check the names under data.splits"
    else:
        wanted = [file for file in files if any(_beside_the_config(file.rfilename, pattern) for pattern in patterns)]
        missing = [] if wanted else patterns
        remedy = "Check that it is a model of the transformers library"
        if wanted and not any(_beside_the_config(file.rfilename, "*.safetensors") for file in files):
            others = [
                file.rfilename for file in files if PurePosixPath(file.rfilename).suffix in (".bin", ".h5", ".msgpack", ".ot")
            ]
            raise InputError(
                where,
                f"no weights in safetensors (it has {', '.join(others) or 'none'}), and Parity reads no others: a pickle can run"
                " any code when it is read",
                "Name a revision that has model.safetensors, or download it by other means and make a copy that is safe: make safetensors",
            )
    if missing:
        raise InputError(where, f"no file there matches {', '.join(missing)}", remedy)
    for file in wanted:
        parts = PurePosixPath(file.rfilename).parts
        if file.rfilename.startswith("/") or ".." in parts or "\\" in file.rfilename or "\0" in file.rfilename:
            raise InputError(where, f"it lists {file.rfilename!r}, which leads out of its folder", "Do not use this repository")
    return sorted(wanted, key=lambda file: file.rfilename)


def _beside_the_config(name: str, pattern: str) -> bool:
    return "/" not in name and fnmatchcase(name, pattern)


def _download_of(
    download: Callable[..., Any], repo_id: str, kind: str, commit: str, file: RepoSibling, folder: Path
) -> Callable[[], None]:
    """A function that downloads one file and raises Damaged where it is not what the hub lists."""

    def download_and_check() -> None:
        path = folder / file.rfilename
        # One that was found damaged must not be taken for done.
        path.unlink(missing_ok=True)
        download(repo_id, file.rfilename, repo_type=kind, revision=commit, local_dir=folder)
        if path.is_symlink() or not path.is_file():
            raise Damaged(f"{file.rfilename} did not arrive as a file")
        found, listed = _as_listed(path, file)
        if found != listed:
            raise Damaged(f"{file.rfilename} has {found}, and the hub lists {listed}")

    return download_and_check


def _as_listed(path: Path, file: RepoSibling) -> tuple[str, str]:
    """Size and digest of a file that arrived, and those that the hub lists: SHA-256 of a large file, git's SHA-1 of a small one."""
    size = path.stat().st_size
    if file.lfs:
        return f"{size} bytes, SHA-256 {file_digest(path)}", f"{file.lfs.size} bytes, SHA-256 {file.lfs.sha256}"
    if file.blob_id is None or file.size is None:
        # Some mirrors list no digests.
        print(f"The hub lists no digest of {file.rfilename}: taken as it came", flush=True)
        return "", ""
    blob = hashlib.sha1(f"blob {size}\0".encode() + path.read_bytes(), usedforsecurity=False).hexdigest()
    return f"{size} bytes, git blob {blob}", f"{file.size} bytes, git blob {file.blob_id}"
