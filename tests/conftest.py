"""What several test modules share: one quick-start run, one of a smaller study with a run of every kind, and one browser."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from chromium import browser, context, listener, page  # noqa: F401
from crashes import STUDIES
from project import Project
from xdist.scheduler import LoadFileScheduling

# Modules of tests/workflow that share a study. They run in one process: every process runs for itself what it is asked for.
SHARING = {
    "small": ("test_crashes", "test_same_everywhere", "test_warm"),
    "quickstart": ("test_exports", "test_human", "test_quickstart", "test_verify", "test_watching"),
}


@pytest.fixture(scope="session")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The quick start, run once for all tests. Tests leave its config and code as they found them."""
    project = Project(tmp_path_factory.mktemp("quickstart") / "project")
    project.snakemake("--cores", "4")
    return project


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small study of crashes.py, whose results no test changes."""
    project = Project(tmp_path_factory.mktemp("small") / "project")
    project.edit_config(STUDIES["small"].edit)
    project.snakemake("--cores", "4")
    return project


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no process is left alone with it at the end."""
    for item in items:
        for study in SHARING.keys() & set(item.fixturenames):
            if _shared_study(item.path) != study:
                raise pytest.UsageError(f"{item.path}: it takes the fixture {study}; name it in SHARING of {__file__}")
    items.sort(key=lambda item: _shared_study(item.path) is None)


class SharingScheduling(LoadFileScheduling):
    """A process for a module at a time, and the same process for all modules that share a study."""

    def _split_scope(self, nodeid: str) -> str:
        module = super()._split_scope(nodeid)
        return _shared_study(Path(module)) or module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> SharingScheduling:
    return SharingScheduling(config, log)


def _shared_study(module: Path) -> str | None:
    found = (study for study, modules in SHARING.items() if module.stem in modules)
    return next(found, None) if module.parent.name == "workflow" else None


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Of unequal files a digest each: pytest would look for the difference of weights for minutes, and print them."""
    if op != "==" or not (_holds_bytes(left) or _holds_bytes(right)):
        return None
    if isinstance(left, dict) and isinstance(right, dict):
        different = [key for key in {**left, **right} if left.get(key) != right.get(key)]
        lines = [f"{key!r}: {_short(left.get(key))} != {_short(right.get(key))}" for key in different]
        return ["unequal, with files by their digests:", *lines]
    return [f"{_short(left)} != {_short(right)}"]


def _holds_bytes(value: object) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
    return any(isinstance(part, bytes) for part in parts)


def _short(value: object) -> str:
    return f"{len(value)} bytes, SHA-256 {sha256(value).hexdigest()[:16]}" if isinstance(value, bytes) else repr(value)[:300]


_failed: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _failed.append(f"{report.nodeid} ({report.when})")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Last of all, the names of what failed: who sees only the end of a log sees them."""
    if _failed and not hasattr(config, "workerinput"):
        print("\nFailed:", *_failed, sep="\n  ")
