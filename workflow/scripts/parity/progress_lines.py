"""How far a training is, said while it runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tqdm import tqdm
from transformers import TrainerCallback, TrainerState

from .job import terminal
from .progress import Reporter


class ProgressLines(TrainerCallback):
    """How far the training is: in the job's progress file, as a line a logged step in the log, and as a bar where somebody
    looks at a terminal that shows nothing else."""

    def __init__(self, title: str, checkpoint_folder: Path | None = None):
        self.title = title
        self.checkpoint_folder = checkpoint_folder and str(checkpoint_folder.absolute())
        self.bar: tqdm | None = None
        self.reporter: Reporter | None = None

    def on_train_begin(self, args, state, control, **_: Any) -> None:
        self.reporter = Reporter(
            phase="train",
            steps=state.max_steps,
            epochs=state.num_train_epochs,
            checkpoint_folder=self.checkpoint_folder,
            first_step=state.global_step,
            first_step_at=time.time(),
            **_losses(state.log_history),
            **self._now(state),
        )
        if screen := terminal():
            done = {"total": state.max_steps, "initial": state.global_step}
            self.bar = tqdm(desc=self.title, file=screen, leave=False, dynamic_ncols=True, **done)

    def on_step_end(self, args, state, control, **_: Any) -> None:
        self.reporter.step(phase="train", **self._now(state))
        if self.bar:
            self.bar.update()

    def on_prediction_step(self, args, state, control, **_: Any) -> None:
        self.reporter.step(phase="evaluate", **self._now(state))

    def on_log(self, args, state, control, logs: dict | None = None, **_: Any) -> None:
        shown = {key: value for key, value in (logs or {}).items() if key in ("loss", "eval_loss", "epoch")}
        line = " ".join(f"{key}={value}" for key, value in shown.items())
        print(f"{self.title}: step {state.global_step}/{state.max_steps} {line}", flush=True)
        self.reporter.step(**(shown | self._now(state)))

    def on_train_end(self, args, state, control, **_: Any) -> None:
        self.reporter.say(phase="save", **self._now(state))
        self.close()

    def close(self) -> None:
        """Take the bar away, also where the training was interrupted."""
        if self.bar:
            self.bar.close()

    @staticmethod
    def _now(state: TrainerState) -> dict:
        return {"step": state.global_step, "epoch": state.epoch}


def _losses(history: list[dict]) -> dict:
    """The newest of each loss in the history that a checkpoint brought."""
    return {key: entry[key] for entry in history for key in ("loss", "eval_loss") if key in entry}
