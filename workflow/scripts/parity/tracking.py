"""A training's curve in an experiment tracker, by transformers' own integrations, kept from ever touching the training."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import Seq2SeqTrainingArguments, TrainerCallback, TrainerState
from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

from .random_state import kept_random_state
from .trackers import NONE, require_tracker

# In a run's checkpoint folder, so that it lasts as long as that: what goes on from a checkpoint goes on under this id.
RUN_ID = "tracked-run"
WANDB_PROJECT = "parity"
# At its end a run waits so long for a server that does not answer.
WANDB_FINISH_SECONDS = 60


@dataclass(frozen=True)
class Tracking:
    """What to track a run with, in values that JSON can hold.

    Attributes:
        tracker: tensorboard, wandb or trackio.
        folder: where the trackers keep a study's curves.
    """

    tracker: str
    folder: str
    study: str
    method: str
    seed: int

    @property
    def run_name(self) -> str:
        return f"{self.group}/seed-{self.seed}"

    @property
    def group(self) -> str:
        return f"{self.study}/{self.method}"


def tracking_of(tracker: str, results: Path, study: str, method: str, seed: int) -> dict | None:
    """The values of a Tracking whose files go below a study's `results`; None for none.

    Raises:
        InputError: the tracker is not installed.
    """
    if tracker == NONE:
        return None
    require_tracker("tracking", tracker)
    return {"tracker": tracker, "folder": str(results / "tracking"), "study": study, "method": method, "seed": seed}


class TrackedRun(TrainerCallback):
    """Hands what the Trainer logs to a tracker.

    The Trainer's own `report_to` would do so too, but a tracker that fails would end the training there, and one that draws a
    random number would change it. Here its loss is said once, and the training draws what it would draw alone.
    """

    def __init__(self, tracking: Tracking, arguments: Seq2SeqTrainingArguments, checkpoint_folder: Path):
        """
        Args:
            arguments: the run's; they are told its name.
            checkpoint_folder: of this very run, see run_key.
        """
        arguments.run_name, arguments.project = tracking.run_name, tracking.study
        self.tracking = tracking
        self.checkpoint_folder = checkpoint_folder
        self.integration: TrainerCallback | None = None
        self.lost = False

    def on_train_begin(self, args, state, control, **more: Any) -> None:
        def begin() -> None:
            self.integration = INTEGRATIONS[self.tracking.tracker](self.tracking, self.checkpoint_folder, state)
            self.integration.on_train_begin(args, state, control, **more)

        self._guarded(begin)

    def on_log(self, args, state, control, **more: Any) -> None:
        self._guarded(lambda: self.integration.on_log(args, state, control, **more))

    def on_train_end(self, args, state, control, **more: Any) -> None:
        self._guarded(lambda: self.integration.on_train_end(args, state, control, **more))

    def close(self) -> None:
        """Let the tracker write what it has, also where the training was interrupted."""
        if self.integration and self.tracking.tracker in CLOSE:
            self._guarded(CLOSE[self.tracking.tracker])

    def _guarded(self, call: Callable[[], None]) -> None:
        if self.lost:
            return
        try:
            with kept_random_state():
                call()
        # Whatever goes wrong in somebody else's package, over a network, is no reason to lose a training.
        except Exception as error:
            self.lost = True
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            print(
                f"Tracking of {self.tracking.run_name} with {self.tracking.tracker} is lost: {reason}. The training goes on",
                flush=True,
            )


def _tensorboard(tracking: Tracking, checkpoint_folder: Path, state: TrainerState) -> TrainerCallback:
    from torch.utils.tensorboard import SummaryWriter

    folder = Path(tracking.folder, "tensorboard", tracking.method, f"seed-{tracking.seed}")
    if state.global_step == 0:
        shutil.rmtree(folder, ignore_errors=True)
    # What came after the checkpoint comes again.
    purged = state.global_step + 1 if state.global_step else None
    return INTEGRATION_TO_CALLBACK["tensorboard"](SummaryWriter(str(folder), purge_step=purged))


def _wandb(tracking: Tracking, checkpoint_folder: Path, state: TrainerState) -> TrainerCallback:
    folder = Path(tracking.folder).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    # The user's own environment says where to and whether at once.
    os.environ.setdefault("WANDB_MODE", "offline")
    os.environ.setdefault("WANDB_PROJECT", WANDB_PROJECT)
    os.environ.setdefault("WANDB_FINISH_TIMEOUT", str(WANDB_FINISH_SECONDS))
    os.environ |= {
        "WANDB_DIR": str(folder),
        "WANDB_RUN_GROUP": tracking.group,
        "WANDB_RUN_ID": _run_id(checkpoint_folder, goes_on=state.global_step > 0),
        "WANDB_RESUME": "allow",
        # The job's log stays the job's; the commit stands in rouge.json, and models are no tracker's.
        "WANDB_CONSOLE": "off",
        "WANDB_SILENT": "true",
        "WANDB_DISABLE_GIT": "true",
        "WANDB_DISABLE_CODE": "true",
        "WANDB_LOG_MODEL": "false",
        "WANDB_WATCH": "false",
    }
    return INTEGRATION_TO_CALLBACK["wandb"]()


def _trackio(tracking: Tracking, checkpoint_folder: Path, state: TrainerState) -> TrainerCallback:
    # Read when it is imported.
    os.environ.setdefault("TRACKIO_DIR", str(Path(tracking.folder, "trackio").absolute()))
    integration = INTEGRATION_TO_CALLBACK["trackio"]()
    resume = "allow" if state.global_step else "never"
    integration._trackio = _WithGroup(integration._trackio, tracking.group, resume)
    return integration


class _WithGroup:
    """trackio, whose integration has no way to say a run's group, and takes up a run of the same name though it is another."""

    def __init__(self, trackio: Any, group: str, resume: str):
        self._trackio, self._said = trackio, {"group": group, "resume": resume}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trackio, name)

    def init(self, **arguments: Any) -> Any:
        return self._trackio.init(**(arguments | self._said))


def _run_id(checkpoint_folder: Path, goes_on: bool) -> str:
    file = checkpoint_folder / RUN_ID
    if goes_on and file.is_file():
        return file.read_text(encoding="utf-8")
    name = uuid.uuid4().hex[:16]
    file.write_text(name, encoding="utf-8")
    return name


def _close_wandb() -> None:
    import wandb

    if wandb.run is not None:
        wandb.finish()


def _close_trackio() -> None:
    import trackio

    if trackio.context_vars.current_run.get() is not None:
        trackio.finish()


INTEGRATIONS = {"tensorboard": _tensorboard, "wandb": _wandb, "trackio": _trackio}
CLOSE = {"wandb": _close_wandb, "trackio": _close_trackio}
