"""The executor's judgement of Slurm's states: nothing is forgotten, nothing waits for ever, preemption costs no retry."""

import asyncio
import stat

import pytest

from snakemake_executor_plugin_parity_slurm import states
from snakemake_executor_plugin_parity_slurm.states import State, Watch

PATIENCE = 600
JOB = "7"


def judged(state: State | None, *times: float, requeue: bool = True, found=None):
    """The last outcome of a job that was in `state` at each of the `times`."""
    watch = Watch(PATIENCE, requeue)
    for time in times or (0,):
        outcome = watch.judge(JOB, {JOB: state} if state else {} if found is None else found, time)
    return outcome


@pytest.mark.parametrize("name", ["PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED", "REQUEUED", "STAGE_OUT"])
def test_a_job_that_lives_goes_on_however_long(name):
    assert judged(State(name, "Resources"), 0, 10, 1_000_000).ended == ""


def test_a_completed_job_ended_well():
    assert judged(State("COMPLETED")).ended == "well"


@pytest.mark.parametrize("requeue", [True, False])
@pytest.mark.parametrize(
    "name", ["CANCELLED", "FAILED", "TIMEOUT", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE", "REVOKED", "SPECIAL_EXIT"]
)
def test_a_failed_job_is_given_back_for_a_retry_at_once(name, requeue):
    assert judged(State(name), requeue=requeue).ended == name
    assert judged(State(name, "OutOfMemory"), requeue=requeue).ended == f"{name} (OutOfMemory)"


@pytest.mark.parametrize("name", ["NODE_FAIL", "PREEMPTED"])
def test_without_requeue_a_lost_job_is_given_back_for_a_retry(name):
    assert judged(State(name), requeue=False).ended == name


@pytest.mark.parametrize("name", ["NODE_FAIL", "PREEMPTED"])
def test_with_requeue_a_lost_job_is_left_to_slurm_but_not_for_ever(name):
    first = judged(State(name))
    assert (first.ended, first.command) == ("", [])
    assert "checkpoint" in first.notes[0]
    assert judged(State(name), 0, 10).notes == []
    assert "not requeued within 600 s" in judged(State(name), 0, PATIENCE).ended


@pytest.mark.parametrize("before", ["RUNNING", "COMPLETING"])
def test_a_job_that_is_back_in_the_queue_is_said_once(before):
    watch = Watch(PATIENCE, True)
    said = [watch.judge(JOB, {JOB: State(name, "None")}, 0).notes for name in ("PENDING", before, "PENDING", "PENDING")]
    assert [len(notes) for notes in said] == [0, 0, 1, 0]
    assert "back in the queue" in said[2][0]


def test_a_preempted_job_that_its_site_cancels_is_requeued_by_us():
    assert judged(State("PREEMPTED"), 0, 10).command == []
    assert judged(State("PREEMPTED"), 0, states.REQUEUE_SECONDS).command == ["scontrol", "requeue", JOB]


def test_a_job_that_left_in_its_grace_time_is_requeued_at_once():
    outcome = judged(State("FAILED", preempted=True))
    assert (outcome.ended, outcome.command) == ("", ["scontrol", "requeue", JOB])
    assert judged(State("FAILED", preempted=True), requeue=False).ended == "FAILED"


def test_the_patience_starts_anew_when_the_state_changes():
    watch = Watch(PATIENCE, True)
    watch.judge(JOB, {JOB: State("NODE_FAIL")}, 0)
    watch.judge(JOB, {JOB: State("RUNNING")}, 500)
    assert watch.judge(JOB, {JOB: State("NODE_FAIL")}, 1000).ended == ""
    assert watch.judge(JOB, {JOB: State("NODE_FAIL")}, 1000 + PATIENCE).ended


def test_a_job_that_slurm_no_longer_knows_is_given_up_after_a_while():
    assert judged(None, 0, PATIENCE - 1).ended == ""
    assert "neither squeue nor sacct" in judged(None, 0, PATIENCE).ended


def test_silence_of_slurm_is_held_against_no_job():
    watch = Watch(PATIENCE, True)
    for time in (0, PATIENCE, 100 * PATIENCE):
        outcome = watch.judge(JOB, None, time)
        assert (outcome.ended, outcome.command, outcome.notes) == ("", [], [])
    # Nor does the time of silence count for what comes after it.
    assert watch.judge(JOB, {}, 101 * PATIENCE).ended == ""


@pytest.mark.parametrize(
    "reason", ["PartitionTimeLimit", "launch failed requeued held", "AssocMaxWallDurationPerJobLimit", "BadConstraints"]
)
def test_a_job_that_can_never_start_is_cancelled_and_given_back(reason):
    first = judged(State("PENDING", reason))
    assert first.ended == "" and reason in first.notes[0]
    later = judged(State("PENDING", reason), 0, states.HOPELESS_SECONDS)
    assert reason in later.ended
    assert later.command == ["scancel", JOB]


def test_a_job_that_somebody_holds_waits_and_says_so_once():
    assert "scontrol release 7" in judged(State("PENDING", "JobHeldUser")).notes[0]
    assert judged(State("PENDING", "JobHeldUser"), 0, 10).notes == []
    assert judged(State("PENDING", "JobHeldUser"), 0, 10 * PATIENCE).ended == ""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Stands in for Slurm's commands, to make answers that a healthy cluster does not give: answers(squeue=..., sacct=...)."""

    def answers(**outputs: str | None) -> None:
        for name in ("squeue", "sacct", "scontrol"):
            text = outputs.get(name)
            script = tmp_path / name
            script.write_text(
                f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/asked\n'
                + (f"cat <<'E'\n{text}\nE\n" if text is not None else "exit 1\n")
            )
            script.chmod(script.stat().st_mode | stat.S_IXUSR)

    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    answers.asked = lambda: (tmp_path / "asked").read_text().splitlines()
    return answers


def queried(*jobs: str):
    return asyncio.run(states.query("run", jobs))


def test_squeue_is_asked_first_and_sacct_for_the_rest(slurm):
    slurm(squeue="1|RUNNING|None\n2|PENDING|Priority", sacct="3|CANCELLED by 0\n4|COMPLETED\n5|OUT_OF_ME+")
    found = queried("1", "2", "3", "4", "6")
    assert found["1"] == State("RUNNING", "None") and found["2"] == State("PENDING", "Priority")
    assert found["3"].name == "CANCELLED" and found["4"].name == "COMPLETED"
    assert "6" not in found
    assert "-j 3,4,6" in slurm.asked()[-1]


def test_sacct_is_left_alone_where_squeue_knows_all(slurm):
    slurm(squeue="1|RUNNING|None", sacct=None)
    assert set(queried("1")) == {"1"}
    assert [line.split()[0] for line in slurm.asked()] == ["squeue"]


def test_a_controller_that_is_away_gives_no_answer_rather_than_a_wrong_one(slurm):
    slurm(squeue=None, sacct="1|COMPLETED")
    assert queried("1") is None


def test_an_accounting_that_is_away_leaves_what_squeue_knows(slurm):
    slurm(squeue="1|COMPLETED|None", sacct=None)
    assert queried("1", "2") == {"1": State("COMPLETED", "None")}


def test_a_job_that_the_controller_has_lost_is_not_taken_to_run_because_the_accounting_says_so(slurm):
    slurm(squeue="4|PENDING|Priority", sacct="1|RUNNING\n2|PENDING\n3|COMPLETED")
    assert set(queried("1", "2", "3", "4")) == {"3", "4"}


@pytest.mark.parametrize(
    ("job", "preempted"),
    [
        ("JobId=1 StartTime=2026-01-01T10:00:00 PreemptTime=2026-01-01T10:05:00", True),
        # Preempted and requeued, and it failed by itself in the run after that.
        ("JobId=1 StartTime=2026-01-01T10:00:00 PreemptTime=2026-01-01T09:05:00", False),
        ("JobId=1 StartTime=2026-01-01T10:00:00 PreemptTime=None", False),
        ("JobId=1 StartTime=2026-01-01T10:00:00", False),
    ],
)
def test_whether_a_failed_job_had_been_told_to_go(slurm, job, preempted):
    slurm(squeue="1|FAILED|NonZeroExitCode", scontrol=job)
    assert queried("1") == {"1": State("FAILED", "NonZeroExitCode", preempted)}


def test_an_out_of_memory_line_of_either_command_is_a_failure(slurm):
    # No cgroups where the tests run: only such a line can show this state.
    slurm(squeue="1|OUT_OF_MEMORY|OutOfMemory", sacct="2|OUT_OF_MEMORY")
    found = queried("1", "2")
    assert [Watch(PATIENCE, True).judge(job, found, 0).ended for job in ("1", "2")] == [
        "OUT_OF_MEMORY (OutOfMemory)",
        "OUT_OF_MEMORY",
    ]
