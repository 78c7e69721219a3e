"""What became of submitted jobs: asking squeue, then sacct, and judging the answer.

Defects of snakemake-executor-plugin-slurm 2.8.0 that this replaces: it compares sacct's "CANCELLED by 0" as a whole, drops
all jobs when one round of questions fails, waits for ever for a job that was preempted without requeue, is held, can never
start, or is unknown to Slurm, and counts a preemption with grace time as a failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

FAILED = frozenset(
    (
        "BOOT_FAIL",
        "CANCELLED",
        "DEADLINE",
        "FAILED",
        "NODE_FAIL",
        "OUT_OF_MEMORY",
        "PREEMPTED",
        "REVOKED",
        "SPECIAL_EXIT",
        "TIMEOUT",
    )
)
# Within this, Slurm itself requeues a preempted job where the site wants that.
REQUEUE_SECONDS = 30
# Reasons for which a pending job waits until somebody changes it (man squeue, JOB REASON CODES).
HOPELESS = (
    "AccountNotAllowed",
    "AssocMaxCpuPerJobLimit",
    "AssocMaxGRESPerJob",
    "AssocMaxMemPerJob",
    "AssocMaxWallDurationPerJobLimit",
    "BadConstraints",
    "DependencyNeverSatisfied",
    "InvalidAccount",
    "InvalidQOS",
    "JobHoldMaxRequeue",
    "launch failed requeued held",
    "launch_failed_requeued_held",
    "MaxMemPerLimit",
    "PartitionNodeLimit",
    "PartitionTimeLimit",
    "QOSMaxCpuPerJobLimit",
    "QOSMaxGRESPerJob",
    "QOSMaxMemoryPerJob",
    "QOSMaxWallDurationPerJobLimit",
    "QOSNotAllowed",
)
# A reason may stand for a moment while the scheduler thinks; this long, and it is meant.
HOPELESS_SECONDS = 60


@dataclass(frozen=True)
class State:
    """A job as Slurm tells it: its state without ornaments, why it waits, and whether it was being preempted when it ended."""

    name: str
    reason: str = ""
    preempted: bool = False


@dataclass
class Outcome:
    """What follows from a job's state: how it `ended` ("well", or why it failed; "" while it goes on), what to tell, what to run."""

    ended: str = ""
    notes: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


class Watch:
    """Judges states over time.

    Args:
        patience: seconds after which a job that Slurm does not know, or did not requeue, is given up.
        requeue: whether Slurm may send the jobs back to the queue.
    """

    def __init__(self, patience: float, requeue: bool):
        self.patience = patience
        self.requeue = requeue
        # For every job, its last state and since when it has been in it.
        self._since: dict[str, tuple[str, float]] = {}

    def judge(self, job: str, found: dict[str, State] | None, now: float) -> Outcome:
        """What becomes of `job`, given what `query` found at the time `now` (seconds of a clock that never goes back)."""
        if found is None:
            # Slurm did not answer: nothing is known, and nothing is counted against the job.
            self._since.pop(job, None)
            return Outcome()
        state = found.get(job)
        name = f"{state.name} {state.reason}" if state else "unknown"
        before, since = self._since.get(job, ("", now))
        if before != name:
            since = now
        self._since[job] = (name, since)
        outcome = self._judge(job, state, now - since, news=before != name)
        if name.startswith("PENDING") and before.startswith(("RUNNING", "COMPLETING")):
            # squeue shows no NODE_FAIL where Slurm requeues at once.
            outcome.notes.insert(0, "is back in the queue, since its node failed or it was requeued; it costs no retry")
        return outcome

    def _judge(self, job: str, state: State | None, seconds: float, news: bool) -> Outcome:
        if state is None:
            gone = f"Slurm has known nothing of it for {seconds:.0f} s, neither squeue nor sacct"
            return Outcome(ended=gone if seconds >= self.patience else "")
        if state.name == "COMPLETED":
            return Outcome(ended="well")
        if state.name in FAILED:
            return self._judge_failed(job, state, seconds, news)
        if state.name == "PENDING" and _hopeless(state.reason):
            if seconds >= HOPELESS_SECONDS:
                return Outcome(ended=f"it would wait for ever ({state.reason}), and was cancelled", command=["scancel", job])
            return Outcome(notes=[f"waits with the reason {state.reason}, which does not pass by itself"] if news else [])
        if state.name == "PENDING" and state.reason in ("JobHeldUser", "JobHeldAdmin") and news:
            return Outcome(notes=[f"is held ({state.reason}); release it with: scontrol release {job}"])
        return Outcome()

    def _judge_failed(self, job: str, state: State, seconds: float, news: bool) -> Outcome:
        failed = state.name + (f" ({state.reason})" if state.reason not in ("", "None") else "")
        if not self.requeue or not (state.name in ("NODE_FAIL", "PREEMPTED") or state.preempted):
            return Outcome(ended=failed)
        if seconds >= self.patience:
            return Outcome(ended=f"{failed}, and it was not requeued within {seconds:.0f} s")
        # A job that left within its grace time has FAILED, and some sites cancel what they preempt: Slurm requeues neither.
        by_hand = state.name == "FAILED" or (state.name == "PREEMPTED" and seconds >= REQUEUE_SECONDS)
        why = "its node failed" if state.name == "NODE_FAIL" else "a more urgent job needed its place"
        return Outcome(
            notes=[f"{why}; it goes back to the queue, and training goes on from its checkpoint"] if news else [],
            command=["scontrol", "requeue", job] if by_hand else [],
        )


def _hopeless(reason: str) -> bool:
    return any(reason.strip("() ").startswith(known) for known in HOPELESS)


async def query(run: str, jobs: Collection[str], clusters: Iterable[str] = ()) -> dict[str, State] | None:
    """The state of every job that Slurm knows, or None where Slurm does not answer.

    squeue knows what runs, and for MinJobAge what ended; sacct is asked only about jobs that squeue does not name.

    Args:
        run: the name that all jobs of this run carry.
        jobs: their ids.
    """
    everywhere = ["--clusters=all"] if clusters else []
    lines = await run_lines(["squeue", *everywhere, "--states=all", "--noheader", "--name", run, "--format=%i|%T|%r"])
    if lines is None:
        return None
    found = {}
    for line in lines:
        job, _, rest = line.partition("|")
        name, _, reason = rest.partition("|")
        found[job.strip()] = State(_bare(name), reason.strip())
    if missing := [job for job in jobs if job not in found]:
        # The name too: a controller that has lost a job gives its number to another.
        asked = ["--name", run, "-j", ",".join(missing)]
        lines = await run_lines(["sacct", *everywhere, "-X", "-P", "-n", "--format=JobIDRaw,State", *asked])
        for line in lines or []:
            job, _, name = line.partition("|")
            # Where a controller has lost a job, the accounting goes on for ever to say that it runs.
            if _bare(name) in FAILED | {"COMPLETED"}:
                found[job.strip()] = State(_bare(name))
    for job in jobs:
        state = found.get(job)
        if state and state.name == "FAILED":
            found[job] = State(state.name, state.reason, preempted=await _was_preempted(job))
    return found


async def _was_preempted(job: str) -> bool:
    """Whether a job that ended was told to go for another job's sake during its last run (PreemptTime after StartTime)."""
    lines = await run_lines(["scontrol", "show", "job", "--oneliner", job])
    if not lines:
        return False
    fields = dict(part.split("=", 1) for part in lines[0].split() if "=" in part)
    # ISO 8601 of the same clock: these compare as text. A job that was never preempted has "None".
    return fields.get("PreemptTime", "None") not in ("None", "Unknown") and fields["PreemptTime"] >= fields.get("StartTime", "")


def _bare(state: str) -> str:
    """CANCELLED of "CANCELLED by 0" and of "CANCELLED+"."""
    words = state.split()
    return words[0].rstrip("+") if words else ""


async def run_lines(command: list[str]) -> list[str] | None:
    """A command's lines of output, or None where it fails or takes more than a minute."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return None
    try:
        out, _ = await asyncio.wait_for(process.communicate(), timeout=60)
    except TimeoutError:
        process.kill()
        await process.wait()
        return None
    return out.decode().splitlines() if process.returncode == 0 else None
