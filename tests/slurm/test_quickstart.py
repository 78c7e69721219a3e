"""The whole quick start on the cluster, as a user runs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pandas as pd
import pytest
from cluster import Cluster
from project import Project
from slurm_project import ON_SLURM, SlurmProject


class QuickStart(SlurmProject):
    """The project as it is shipped, with its own study."""

    def __init__(self, cluster: Cluster):
        Project.__init__(self, cluster.root / "projects" / "quickstart")
        self._attach(cluster)
        self.results = self.folder / "results/quickstart"

    def accounted_jobs(self) -> list[tuple[str, str, str]]:
        """Rule, state and node of every Slurm job of this study; squeue forgets them before the study ends."""
        lines = self.cluster.command("sacct", "-nXP", "-S", "now-1hour", "-o", "JobName,Comment,State,NodeList").splitlines()
        rows = [line.split("|") for line in lines if line.startswith("parity-quickstart-")]
        return [(comment.split("_wildcards")[0].removeprefix("rule_"), state, node) for _, comment, state, node in rows]


@pytest.fixture
def quick_start(cluster: Cluster) -> Iterator[QuickStart]:
    project = QuickStart(cluster)
    yield project
    project.end()


def test_the_quick_start_runs_through_the_profile_and_gives_the_bytes_of_a_run_on_this_machine(quick_start: QuickStart):
    run = quick_start.start(*ON_SLURM)
    run.wait()
    results = pd.read_csv(quick_start.results / "results.csv")
    assert len(results) == 10
    assert results["rouge1"].notna().all()
    jobs = quick_start.accounted_jobs()
    rules = Counter(rule for rule, _, _ in jobs)
    assert rules == {"prepare": 1, "check": 1, "train": 6, "generate": 7, "baseline": 3, "score": 10}
    assert {state for _, state, _ in jobs} == {"COMPLETED"}
    assert {node[:3] for rule, _, node in jobs if rule == "train"} == {"gpu"}
    assert {node[:3] for rule, _, node in jobs if rule == "score"} == {"cpu"}
    assert not (quick_start.folder / "results/checkpoints").exists()
    assert list((quick_start.folder / "logs/efficiency").glob("*.csv"))
    assert "Nothing to be done" in quick_start.snakemake("-n", *ON_SLURM).stdout
    on_slurm, tables = quick_start.run_files("lora", 2), quick_start.tables()
    quick_start.forget_run("lora", 2)
    quick_start.snakemake("--cores", "2")
    assert quick_start.run_files("lora", 2) == on_slurm
    assert quick_start.tables() == tables
