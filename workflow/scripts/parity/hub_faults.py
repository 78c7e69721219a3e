"""What can go wrong between here and the Hugging Face hub: what is tried again, how long, and how the rest is said."""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from .errors import InputError

T = TypeVar("T")
# Of one file, or of the list of files: the first and the repetitions.
ATTEMPTS = 5
# Seconds before the second attempt, doubled from one to the next, and the longest wait that a hub may ask for.
FIRST_WAIT, LONGEST_WAIT = 1.0, 120.0
BUSY = (408, 429, 500, 502, 503, 504)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FETCH_ELSEWHERE = (
    "Where there is internet (on a cluster, the login node) run: make fetch CONFIG=<the study's config file>. Or use"
    " source: folder / files"
)


class Busy(Exception):
    """The hub, or the store it sends to, says that it cannot answer now; `wait` seconds, where it says so."""

    def __init__(self, status: int, wait: float | None):
        super().__init__(f"HTTP status {status}")
        self.status = status
        self.wait = wait


class Damaged(Exception):
    """What arrived is not what the hub lists."""


def use_patient_client() -> None:
    """Let the library's client raise Busy, and keep addresses that are secrets out of its log.

    The library has retries of its own, but not for every request, and it sleeps as long as a hub asks it to.
    """
    import httpx2
    from huggingface_hub import set_client_factory

    def refuse_if_busy(response: httpx2.Response) -> None:
        if response.status_code in BUSY:
            asked = response.headers.get("Retry-After", "").strip()
            raise Busy(response.status_code, float(asked) if asked.isdigit() else None)

    set_client_factory(lambda: httpx2.Client(event_hooks={"response": [refuse_if_busy]}, follow_redirects=True))
    for handler in logging.getLogger("huggingface_hub").handlers:
        handler.addFilter(_without_secrets)


def patiently(do: Callable[[], T]) -> T:
    """What `do` returns, tried ATTEMPTS times (or PARITY_HUB_ATTEMPTS) while it fails in a way that may pass.

    Raises:
        what `do` raised last.
    """
    import tenacity

    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(int(os.environ.get("PARITY_HUB_ATTEMPTS", ATTEMPTS))),
        wait=_wait,
        retry=tenacity.retry_if_exception(_may_pass),
        before_sleep=_say,
        reraise=True,
    )
    return retrying(do)


@contextmanager
def in_words(where: str, out: Path) -> Iterator[None]:
    """Raise InputError, with the remedy, for what can go wrong while `where` is fetched into the folder `out`."""
    import httpx2
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError, RevisionNotFoundError

    try:
        yield
    except RevisionNotFoundError as error:
        raise InputError(where, "the hub has no such revision", "Write a commit, tag or branch of that repository") from error
    except GatedRepoError as error:
        remedy = "Ask for access on its page on the hub, and set HF_TOKEN to a token of the account that has it"
        raise InputError(where, "it is gated: its owner lets in whom they choose", remedy) from error
    except RepositoryNotFoundError as error:
        raise InputError(where, "the hub has no such repository", "Check the id; for a private one, set HF_TOKEN") from error
    except HFValidationError as error:
        raise InputError(where, f"this is no id of the hub ({plain(error)})", "Write owner/name") from error
    except Busy as error:
        raise InputError(where, _busy_in_words(error), f"Run it again later. {FETCH_ELSEWHERE}") from error
    except Damaged as error:
        remedy = (
            "Nothing of it was kept. Run it again; if it stays so, the file was changed on its way or on the hub: do not use it"
        )
        raise InputError(where, f"what arrived is not what the hub lists: {error}", remedy) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        if (status := _status(error)) == 404:
            raise InputError(
                where, f"the hub lists a file that it does not have ({plain(error)})", "Run it again later"
            ) from error
        if status is not None:
            remedy = "Check HF_TOKEN, and that its account may read this repository"
            raise InputError(where, f"the hub refuses (HTTP status {status}: {plain(error)})", remedy) from error
        if isinstance(error, OSError) and error.errno and not isinstance(error, ConnectionError):
            raise _disk_in_words(where, out, error) from error
        raise InputError(where, f"the hub cannot be reached ({plain(error)})", FETCH_ELSEWHERE) from error


def plain(error: object) -> str:
    """An error's text in one line, without what addresses can hold of secrets: passwords, and the signatures of stores."""
    text = re.sub(r"(\w+://)[^/\s@]*@", r"\1", " ".join(str(error).split()))
    return re.sub(r"(\w+://[^\s?'\"]*)\?[^\s'\"]*", r"\1", text)


def _busy_in_words(error: Busy) -> str:
    if error.wait is not None and error.wait > LONGEST_WAIT:
        return f"the hub is busy (HTTP status {error.status}) and asks to wait for {error.wait:.0f} s"
    return f"the hub is busy or out of order (HTTP status {error.status}, again and again)"


def _disk_in_words(where: str, out: Path, error: OSError) -> InputError:
    if error.errno not in NO_ROOM:
        return InputError(where, f"it cannot be written to {out} ({error.strerror})", f"Check who may write to {out.parent}")
    free = shutil.disk_usage(out.parent).free / 1e6
    problem = f"no room for it in {out.parent} ({error.strerror}; {free:.0f} MB are free on that disk)"
    return InputError(where, problem, "Make room there, or make resources/hub a link to a folder with room, and run it again")


def _status(error: BaseException) -> int | None:
    """The HTTP status that the hub refused with, if it did."""
    from huggingface_hub.errors import HfHubHTTPError

    if isinstance(error, HfHubHTTPError):
        return error.response.status_code
    # The library hides some behind an error of its own.
    return _status(error.__cause__) if error.__cause__ is not None else None


def _may_pass(error: BaseException) -> bool:
    """Whether it is worth another attempt: not what the hub refuses, nor what the disk does."""
    import httpx2
    from huggingface_hub.errors import XetDownloadError

    if isinstance(error, Busy):
        return (error.wait or 0) <= LONGEST_WAIT
    if isinstance(error, Damaged | XetDownloadError):
        return True
    if isinstance(error, httpx2.HTTPError | OSError):
        return _status(error) is None and not (
            isinstance(error, OSError) and error.errno and not isinstance(error, ConnectionError)
        )
    return False


def _wait(state: Any) -> float:
    """Seconds before the next attempt: what the hub asks for, where it asks."""
    asked = getattr(state.outcome.exception(), "wait", None)
    return FIRST_WAIT * 2 ** (state.attempt_number - 1) if asked is None else asked


def _say(state: Any) -> None:
    error = state.outcome.exception()
    print(f"Attempt {state.attempt_number}: {plain(error)}. Again in {state.next_action.sleep:.0f} s", flush=True)


def _without_secrets(record: logging.LogRecord) -> bool:
    record.msg, record.args = plain(record.getMessage()), ()
    return True
