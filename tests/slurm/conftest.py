"""One real Slurm cluster for all tests of this folder; every test begins with all its nodes idle."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster
from slurm_packages import NoCluster
from slurm_project import SlurmProject

# Not the folder and ports of the cluster that a person starts by hand.
ROOT = Path("/var/tmp/parity-slurm-tests")
FIRST_PORT = 17900


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[Cluster]:
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("the cluster needs this machine for itself: make slurm-test")
    cluster = Cluster(ROOT, FIRST_PORT)
    try:
        cluster.start()
    except NoCluster as reason:
        pytest.skip(str(reason))
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster(running_cluster: Cluster) -> Cluster:
    running_cluster.reset()
    return running_cluster


@pytest.fixture(scope="session")
def reference(running_cluster: Cluster) -> SlurmProject:
    """The small study, run to its end on this machine without Slurm: what every disturbed run must come to."""
    project = SlurmProject(running_cluster, "reference")
    project.start("--cores", "2").wait()
    return project


@pytest.fixture
def project(cluster: Cluster, reference: SlurmProject, request: pytest.FixtureRequest) -> Iterator[SlurmProject]:
    """A copy of the reference, to forget a run in and do it again. What it starts is killed when the test ends."""
    project = SlurmProject.copy_of(reference, re.sub(r"\W+", "-", request.node.name))
    yield project
    project.end()
