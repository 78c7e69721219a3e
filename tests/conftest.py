"""What several test modules share: one quick-start run."""

from __future__ import annotations

import pytest
from project import Project


@pytest.fixture(scope="session")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The quick start, run once for all tests. Tests leave its config and code as they found them."""
    project = Project(tmp_path_factory.mktemp("quickstart") / "project")
    project.snakemake("--cores", "4")
    return project
