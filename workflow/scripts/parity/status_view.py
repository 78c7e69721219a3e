"""A study's state as a terminal shows it: the grid of method x seed, what runs now, and what needs a look."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from . import controller
from .eta import Left, job_left, share_done, study_left
from .progress import FAILED, INTERRUPTED, RUNNING
from .run_states import LOST, NEXT, SCORED, WAITING, Job, RunState, other_jobs, run_states, unnamed_runs

STYLES = {RUNNING: "cyan", SCORED: "green", FAILED: "bold red", LOST: "bold red", INTERRUPTED: "yellow", WAITING: "dim", NEXT: ""}
# What a cell says of a run whose stage before this one is done.
BEFORE = {"generate": "trained", "score": "to be scored"}
# Where the seeds have no room as columns, a letter a run.
LETTERS = {RUNNING: ">", SCORED: "S", FAILED: "F", LOST: "L", INTERRUPTED: "I", WAITING: ".", NEXT: "t"}
NO_SEED_COLUMN = "no seed"
# A job whose process lives and that has not moved for so long is said to stand still.
STILL_SECONDS = 300
LINES_AROUND = 7


@dataclass(frozen=True)
class StudyState:
    """All that is shown of a study. `now` is when it was read, in seconds since 1970."""

    name: str
    begun: bool
    runs: list[RunState]
    jobs: list[Job]
    unnamed: list[str]
    left: Left
    # Whose snakemake runs it; None where that is not to be said.
    owner: str | None
    now: float
    # Most lines to take up; None for no limit.
    height: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._parts(options.max_width)

    def _parts(self, width: int) -> Iterator[RenderableType]:
        yield Text(f"{self.name}: {counted(self.runs)}", style="bold")
        if left := self._time_left():
            yield Text(left)
        if self.owner:
            yield Text(self.owner, style="dim")
        grid = self._grid(width)
        yield grid
        room = None if self.height is None else max(1, self.height - grid.row_count - LINES_AROUND)
        running = [(run.name, run.job) for run in self.runs if run.state == RUNNING]
        running += [(job_name(job), job) for job in self.jobs if job.state == RUNNING]
        bad = [line for run in self.runs if (line := trouble(run.name, run.job, run.checkpoint, self.now))]
        bad += [line for job in self.jobs if (line := trouble(job_name(job), job, None, self.now))]
        # What went wrong is not to be pushed out by what goes well.
        for_bad = bad if room is None else bad[: max(1, room // 2)]
        if running:
            limit = None if room is None else max(1, room - len(for_bad) - 2)
            yield self._running(running[:limit])
            if limit and len(running) > limit:
                yield Text(f"... and {len(running) - limit} more that run", style="dim")
        yield from (Text(line, style="red" if is_bad else "yellow") for is_bad, line in for_bad)
        if len(bad) > len(for_bad):
            yield Text(f"... and {len(bad) - len(for_bad)} more: make status", style="red")
        yield from (Text(note, style="dim") for note in self._notes())

    def _time_left(self) -> str:
        seconds, unknown = self.left.seconds, self.left.unknown
        if seconds is None:
            return ""
        if not unknown:
            return f"About {duration(seconds)} left"
        others = f"; the others about {duration(seconds)}" if seconds >= 1 else ""
        return f"No estimate yet for {unknown} of them{others}"

    def _grid(self, width: int) -> Table:
        columns = [NO_SEED_COLUMN] if any(not run.seeded for run in self.runs) else []
        seeds = sorted({run.seed for run in self.runs if run.seeded})
        cells = {(run.method, run.seed if run.seeded else NO_SEED_COLUMN): cell(run) for run in self.runs}
        methods = list(dict.fromkeys(run.method for run in self.runs))
        widest = max([len(text.plain) for text in cells.values()] + [len(NO_SEED_COLUMN)])
        needed = max(map(len, methods)) + (len(columns) + len(seeds)) * (widest + 2)
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        table.add_column("method", no_wrap=True)
        if needed > width:
            table.add_column("runs, in the order of the seeds (S scored, t trained, > running, . waiting, F L I see below)")
            for method in methods:
                row = [Text(LETTERS[run.state], style=STYLES[run.state]) for run in self.runs if run.method == method]
                table.add_row(method, Text("").join(row))
            return table
        for name in [*columns, *(f"seed {seed}" for seed in seeds)]:
            table.add_column(name, no_wrap=True, min_width=widest)
        for method in methods:
            table.add_row(method, *(cells.get((method, key), Text("")) for key in [*columns, *seeds]))
        return table

    def _running(self, running: list[tuple[str, Job]]) -> Table:
        hosts = {job.record.get("host") for _, job in running}
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        for name in ("runs now", "", "epoch", "step", "loss", "eval", "left", "for", *(["on"] if hosts else [])):
            table.add_column(name, no_wrap=name != "on", justify="right" if name in ("epoch", "step", "left", "for") else "left")
        for name, job in running:
            table.add_row(*_course_of(name, job, self.now), where(job))
        return table

    def _notes(self) -> Iterator[str]:
        if any(run.other_settings for run in self.runs):
            yield "* made with other settings than the config's: Snakemake will do it again."
        if self.unnamed:
            more = f" and {len(self.unnamed) - 3} more" if len(self.unnamed) > 3 else ""
            yield f"Results of runs that the config does not name: {', '.join(self.unnamed[:3])}{more}."


def read_study(config: dict, now: float, height: int | None = None, owner: bool = True) -> StudyState:
    """The state of a checked config's study in the working directory.

    Args:
        height: the most lines to show it in.
        owner: whether to say who runs it.
    """
    results = Path("results", config["name"])
    runs = run_states(config, results, now)
    return StudyState(
        name=config["name"],
        begun=results.is_dir(),
        runs=runs,
        jobs=other_jobs(config, results, now),
        unnamed=unnamed_runs(config, results),
        left=study_left(runs, now),
        owner=_owner(config["name"], runs) if owner else None,
        now=now,
        height=height,
    )


def _owner(name: str, runs: list[RunState]) -> str:
    if living := controller.seen_living(name):
        return f"{living} runs it."
    if any(run.state == RUNNING for run in runs):
        return "No snakemake runs this study now: what runs was left by one that is gone."
    return "No snakemake runs this study now."


def counted(runs: list[RunState]) -> str:
    """How many runs are in which state, in words."""
    counts = Counter(run.state for run in runs)
    if counts[SCORED] == len(runs):
        return f"all {len(runs)} runs scored"
    parts = [f"{counts[SCORED]} of {len(runs)} runs scored"]
    words = {RUNNING: "running", NEXT: "half done", FAILED: "failed", INTERRUPTED: "interrupted", LOST: "lost"}
    parts += [f"{counts[state]} {word}" for state, word in (words | {WAITING: "waiting"}).items() if counts[state]]
    return ", ".join(parts)


def cell(run: RunState) -> Text:
    """A run in a few letters."""
    text = run.state
    if run.state == RUNNING:
        share = share_done(run.job)
        text = run.stage if share is None else f"{run.stage} {100 * share:.0f} %"
    elif run.state == NEXT:
        text = BEFORE[run.stage]
    elif run.state == SCORED and run.score is not None:
        text = f"scored {run.score:.1f}"
    return Text(f"{text}{' *' if run.other_settings else ''}", style=STYLES[run.state])


def trouble(name: str, job: Job | None, checkpoint: int | None, now: float) -> tuple[bool, str] | None:
    """Of a job that ended badly: whether somebody has to look at it, and what happened, in a line; else None."""
    if job is None or job.state == RUNNING:
        return None
    record = job.record
    named = f"{name}: {job.rule}" if name else job.rule
    on = where(job)
    goes_on = f" A checkpoint of step {checkpoint} is there." if checkpoint is not None else ""
    if job.state == LOST:
        at = f" at step {record['step']} of {record['steps']}" if record.get("steps") else ""
        seen = f"last seen {clock(job.seen)}, {duration(now - job.seen)} ago"
        return True, f"{named} is lost{at}: killed on {on} without a word, {seen}.{goes_on} Log: {job.log}"
    ended = record.get("ended", job.seen)
    took = f"after {duration(ended - record.get('started', ended))} on {on}"
    reason = record.get("reason") or "no reason was given"
    # The message of an interrupted training names the checkpoint itself.
    ending = "" if job.state == INTERRUPTED else f"{goes_on} Log: {job.log}"
    return job.state == FAILED, f"{named} {job.state} {clock(ended)} {took}: {reason}.{ending}".replace("..", ".")


def _course_of(name: str, job: Job, now: float) -> list[str]:
    """The cells of a running job but the last."""
    record = job.record
    epoch, epochs = record.get("epoch"), record.get("epochs")
    steps = f"{record.get('step', 0)}/{record['steps']}" if record.get("steps") else ""
    if record.get("total"):
        steps = f"{record.get('done', 0)}/{record['total']}"
    left = job_left(job, now)
    still = now - record.get("changed", now)
    return [
        name,
        record.get("phase") or job.rule,
        "" if epoch is None or not epochs else f"{epoch:.2f}/{epochs:g}",
        steps,
        number(record.get("loss")),
        number(record.get("eval_loss")),
        f"still for {duration(still)}" if still > STILL_SECONDS else "" if left is None else duration(left),
        duration(now - record.get("started", now)),
    ]


def job_name(job: Job) -> str:
    """What a job that is no run's works on, where its log says more than its rule."""
    return job.log.stem if job.log.stem != job.rule else ""


def where(job: Job) -> str:
    slurm = job.record.get("slurm_job")
    return f"{job.record.get('host', 'a machine')}{f' (Slurm job {slurm})' if slurm else ''}"


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def duration(seconds: float) -> str:
    """A time span in one or two units."""
    seconds = max(0, round(seconds))
    for unit, size, smaller, small in (("d", 86400, "h", 3600), ("h", 3600, "min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // small} {smaller}"
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


def clock(moment: float) -> str:
    """A time of day, with the date where it is another day's."""
    then, today = time.localtime(moment), time.localtime()
    form = "at %H:%M" if then[:3] == today[:3] else "on %Y-%m-%d at %H:%M"
    return time.strftime(form, then)


def not_begun(name: str) -> str:
    """What is said of a study without results."""
    others = sorted(path.parents[1].name for path in Path().glob("results/*/logs/config.json"))
    here = f" Here are: {', '.join(others)}." if others else ""
    return f"{name}: nothing of it has run in {Path.cwd()} yet.{here}"
