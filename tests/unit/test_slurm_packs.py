"""Several jobs in one allocation: each keeps its own fate, and none that has done well is done again."""

import subprocess
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from snakemake_executor_plugin_parity_slurm.packs import Pack, pack_up


@dataclass(eq=False)
class Job:
    """What packs read of a Snakemake job."""

    name: str
    rule: str = "train"
    resources: dict = field(default_factory=lambda: {"runs_per_job": 2, "gpu": 1})
    attempt: int = 1
    group: bool = False

    def __post_init__(self):
        self.rule = SimpleNamespace(name=self.rule)

    def is_group(self):
        return self.group


def names(jobs) -> str:
    return "".join(job.name for job in jobs)


def test_like_jobs_are_packed_up_to_the_size_and_the_rest_stays_alone(tmp_path):
    packs, alone = pack_up([Job(name) for name in "abcde"], tmp_path)
    assert [names(pack.jobs) for pack in packs] == ["ab", "cd"]
    assert names(alone) == "e"
    assert len({pack.folder for pack in packs}) == 2


@pytest.mark.parametrize(
    "other",
    [
        Job("b", rule="generate"),
        Job("b", attempt=2),
        Job("b", resources={"runs_per_job": 2, "gpu": 2}),
        Job("b", resources={"runs_per_job": 1, "gpu": 1}),
        Job("b", resources={"gpu": 1}),
        Job("b", group=True),
    ],
)
def test_unlike_jobs_do_not_share_an_allocation(tmp_path, other):
    packs, alone = pack_up([Job("a"), other], tmp_path)
    assert packs == []
    assert sorted(names(alone)) == ["a", "b"]


@pytest.fixture
def pack(tmp_path):
    """Three jobs whose commands each add a letter to a file; the second fails while a file `broken` is there."""
    pack = Pack(tuple(Job(name) for name in "abc"), tmp_path / "a pack's folder")
    out, broken = tmp_path / "out", tmp_path / "broken"
    commands = [f"echo {letter} >> '{out}'" for letter in "abc"]
    commands[1] = f"echo b >> '{out}'; test ! -e '{broken}'"
    pack.write_script(commands)
    return SimpleNamespace(
        pack=pack,
        break_it=broken.touch,
        mend_it=broken.unlink,
        run=lambda: subprocess.run(["sh", pack.folder / "run.sh"]).returncode,
        done=lambda: out.read_text().replace("\n", ""),
        fates=lambda ended: [pack.fate(job, ended) for job in pack.jobs],
    )


def test_all_jobs_run_one_after_another(pack):
    assert pack.fates("") == ["goes on"] * 3
    assert pack.run() == 0
    assert pack.done() == "abc"
    assert pack.fates("") == pack.fates("well") == ["well"] * 3


def test_a_failure_ends_the_allocation_and_is_that_jobs_alone(pack):
    pack.break_it()
    assert pack.run() != 0
    assert pack.done() == "ab"
    assert pack.fates("TIMEOUT") == ["well", "TIMEOUT", "never started"]


def test_a_requeued_allocation_leaves_out_what_was_done(pack):
    pack.break_it()
    pack.run()
    pack.mend_it()
    assert pack.run() == 0
    assert pack.done() == "abbc"


def test_a_job_that_is_done_is_so_before_the_allocation_ends(pack):
    pack.break_it()
    pack.run()
    assert pack.fates("") == ["well", "goes on", "goes on"]


def test_nothing_is_left_of_a_pack_whose_jobs_have_ended(pack):
    pack.run()
    pack.pack.remove()
    assert not pack.pack.folder.exists()
