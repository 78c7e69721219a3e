"""Fetching a model or a dataset from the Hugging Face hub, once, into a folder of its own."""

from __future__ import annotations

import os
import shutil
from fnmatch import fnmatch
from pathlib import Path

from .errors import InputError
from .files import FETCH_RECORD, file_digest, whole, write_json

MODEL_FILES = ("*.json", "*.safetensors", "*.model", "*.spm", "*.txt")


def hub_folder(kind: str, repo_id: str, revision: str) -> str:
    """Where a repository of the hub lies once fetched. `kind` is model or dataset."""
    return f"resources/hub/{kind}s--{repo_id.replace('/', '--')}/{revision}"


def fetch(kind: str, repo_id: str, revision: str, patterns: list[str], out: Path) -> None:
    """Download the files of a hub repository that match `patterns` into the new folder `out`.

    The revision is resolved to a commit first, so that all files are of one commit; fetched.json in `out` records it
    with each file's SHA-256.

    Raises:
        InputError: the hub cannot be reached, or has no such repository, revision or files.
    """
    # Jobs work with the hub switched off; this one alone may speak to it. The library reads this when it is imported.
    os.environ["HF_HUB_OFFLINE"] = "0"
    import httpx2
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    where = f"{kind} {repo_id} at {revision}"
    try:
        info = HfApi().repo_info(repo_id, repo_type=kind, revision=revision)
        names = [sibling.rfilename for sibling in info.siblings or []]
        if kind == "model" and not any(name.endswith(".safetensors") for name in names):
            patterns = [*patterns, "pytorch_model*.bin*"]
        with whole(out) as folder:
            snapshot_download(repo_id, repo_type=kind, revision=info.sha, allow_patterns=patterns, local_dir=folder)
            shutil.rmtree(folder / ".cache", ignore_errors=True)
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            digests = {str(path.relative_to(folder)): file_digest(path) for path in files}
            missing = [pattern for pattern in patterns if not any(fnmatch(name, pattern) for name in digests)]
            # A dataset's patterns are the names of its splits, all needed; of a model's, any may be absent.
            if missing and (kind == "dataset" or not digests):
                raise InputError(where, f"no file there matches {', '.join(missing)}", "Check the names under data.splits")
            write_json(folder / FETCH_RECORD, {"repo_id": repo_id, "revision": revision, "commit": info.sha, "sha256": digests})
    except RevisionNotFoundError as error:
        raise InputError(where, "the hub has no such revision", "Write a commit, tag or branch of that repository") from error
    except RepositoryNotFoundError as error:
        raise InputError(where, "the hub has no such repository", "Check the id; for a private one, set HF_TOKEN") from error
    except (HfHubHTTPError, httpx2.HTTPError, OSError) as error:
        if isinstance(error, OSError) and error.errno and not isinstance(error, ConnectionError):
            raise
        raise InputError(
            where,
            f"the hub cannot be reached ({error})",
            "Where there is internet (on a cluster, the login node) run: make fetch CONFIG=<the study's config file>. Or use"
            " source: folder / files",
        ) from error
