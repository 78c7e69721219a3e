"""The cluster itself: what the other tests of this folder rely on happens on it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cluster import SYSTEM_CONF, Cluster
from daemons import wait_until
from patience import PATIENCE_SECONDS
from slurm_configuration import NODES
from slurm_packages import NoCluster


def test_a_node_with_a_broken_prolog_is_drained_and_its_job_held(cluster: Cluster):
    cluster.break_prolog("cpu1")
    job = cluster.submit("true", "-w", "cpu1")
    wait_until(lambda: "held" in cluster.job(job).reason, "the job is held")
    assert cluster.job(job).state == "PENDING"
    cluster.reset()
    assert cluster.node_states()["cpu1"] == "idle"


def test_a_foreign_slurm_is_left_alone(cluster: Cluster):
    other = Cluster(cluster.root.with_name("parity-slurm-other"), cluster.first_port + 100)
    with pytest.raises(NoCluster, match="belongs to another Slurm"):
        other.start()
    other.stop()
    assert SYSTEM_CONF.readlink() == cluster.conf
    assert set(cluster.node_states()) == set(NODES)
    assert subprocess.run(["sinfo", "-h"], capture_output=True, timeout=PATIENCE_SECONDS).returncode == 0


def test_a_folder_that_is_not_the_clusters_is_left_alone(tmp_path: Path):
    (tmp_path / "mine").touch()
    with pytest.raises(NoCluster, match="left alone"):
        Cluster(tmp_path)._make_root()
    assert (tmp_path / "mine").exists()
