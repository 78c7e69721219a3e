"""A Trainer that a signal stops at a checkpoint, and that goes on from a checkpoint as if it had never been stopped."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import TrainerCallback, TrainerState
from transformers.trainer import OPTIMIZER_NAME, SCHEDULER_NAME, TRAINER_STATE_NAME

from .checkpoints import Checkpoints, step_of
from .costs import Meter
from .errors import Interrupted
from .files import read_json
from .random_state import random_state, set_random_state
from .sharded import is_sharded, put_back, put_back_optimizer_state, whole_optimizer_state, whole_tensors
from .split_batches import SplitBatchTrainer
from .stop_signals import StopSignals

WEIGHTS, CARRIED = "weights.pt", "carried.json"


class ResumableTrainer(SplitBatchTrainer):
    """A Trainer that evaluates after each epoch, with checkpoints of its own making.

    A run that is cut anywhere and goes on from a checkpoint gives, on a CPU, the bytes and numbers of a run that was not.
    The Trainer's own checkpoints give other numbers: they lose the loss since the last logged step, and with a cut after
    an epoch's last step its evaluation and the number that this draws.

    Attributes:
        resumed: an entry for every interruption that was resumed, `{"step": n}`.
    """

    def __init__(self, *, checkpoints: Checkpoints, checkpoint_seconds: float, meter: Meter, **arguments: Any):
        """
        Args:
            checkpoint_seconds: time from one checkpoint to the next; 0 for none but at a signal.
            meter: of the job's costs; it is told of the attempts before.
        """
        super().__init__(**arguments)
        self.checkpoints = checkpoints
        self.checkpoint_seconds = checkpoint_seconds
        self.meter = meter
        self.stop = StopSignals()
        self.told_to_stop: signal.Signals | None = None
        self.resumed: list[dict] = []
        self.newest: Path | None = None
        self._carried: dict[str, Any] = {}
        self._random_state_is_right = False
        self.add_callback(_CheckpointCallback(self))

    def fit(self) -> None:
        """Train to the last step, from the newest checkpoint where there is one.

        Raises:
            Interrupted: SIGTERM or SIGINT came; the step at hand was finished and a checkpoint written.
        """
        self.newest = self.ranks.of_first(self.checkpoints.newest() if self.ranks.is_first else None)
        if not self.ranks.is_first:
            # Each process drops other units; which, follows from the run's seed. The first draws what it would alone.
            torch.manual_seed(int(np.random.SeedSequence([self.args.seed, self.ranks.index]).generate_state(1)[0]))
        self._last_written = time.perf_counter()
        self.meter.begin("train")
        with self.stop:
            self.train(resume_from_checkpoint=self.newest and str(self.newest))

    def checkpoint_is_due(self) -> bool:
        """Whether all processes of the run are to write a checkpoint now."""
        waited = time.perf_counter() - self._last_written
        return self.is_told_to_stop(0 < self.checkpoint_seconds <= waited)

    def is_told_to_stop(self, or_else: bool = False) -> bool:
        """Whether any process of the run got a signal, or says `or_else`: all of them hear the same."""
        number, wish = self.ranks.largest([self.stop.received or 0, or_else])
        self.told_to_stop = signal.Signals(number) if number else None
        return bool(number or wish)

    def restore(self) -> None:
        """What the Trainer itself forgets of a checkpoint; called where it has begun all its sums at zero."""
        if self.newest is None:
            return
        self.resumed = [*self._carried["resumed"], {"step": self.state.global_step}]
        if self.ranks.is_first:
            print(f"Goes on after step {self.state.global_step} of {self.state.max_steps}, from {self.newest}", flush=True)
        self._tr_loss += self._carried["loss_since_logged"][self.ranks.index]
        self._total_loss_scalar = self._carried["loss_logged"]
        self._globalstep_last_logged = self._carried["last_logged_step"]
        if evaluation_is_due(self.state):
            super()._load_rng_state(str(self.newest))
            self._evaluate(None, None)
            self._random_state_is_right = True

    def write_checkpoint(self) -> str | None:
        """Write a checkpoint of the last step. Returns why it could not be written, or None."""
        state = self._state()
        problem = self._write(state) if self.ranks.is_first else None
        problem, self.newest = self.ranks.of_first((problem, self.newest))
        self._last_written = time.perf_counter()
        return problem

    def _write(self, state: dict[str, Any]) -> str | None:
        try:
            self.newest = self.checkpoints.write(self.state.global_step, partial(self._fill, state))
        except (OSError, RuntimeError) as error:
            # Of a full disk torch says nothing that a person would understand.
            free = shutil.disk_usage(self.checkpoints.folder).free / 1e6 if self.checkpoints.folder.exists() else 0
            room = f"{free:.0f} MB are free in {self.checkpoints.root}"
            problem = f"The checkpoint of step {self.state.global_step} could not be written ({error}). {room}"
            print(problem, flush=True)
            return problem
        return None

    def _state(self) -> dict[str, Any]:
        """All that a checkpoint holds, which every process adds to."""
        carried = {
            "loss_since_logged": self.ranks.gathered(self._tr_loss.item()),
            "loss_logged": self._total_loss_scalar,
            "last_logged_step": self._globalstep_last_logged,
            "costs": self.meter.costs(self.ranks.gathered),
            "token_sums": self.token_counts.sums(self.ranks.gathered),
            "resumed": self.resumed,
        }
        state = {"carried": carried, "random": self.ranks.gathered(self._random_state_files())}
        state["weights"] = whole_tensors(what_changes(self.model), keep=self.ranks.is_first)
        if is_sharded(self.model):
            state["optimizer"] = whole_optimizer_state(self.model, self._plain_optimizer())
        return state

    def _fill(self, state: dict[str, Any], folder: Path) -> None:
        torch.save(state["weights"], folder / WEIGHTS)
        if "optimizer" in state:
            torch.save(state["optimizer"], folder / OPTIMIZER_NAME)
            torch.save(self.lr_scheduler.state_dict(), folder / SCHEDULER_NAME)
        else:
            self._save_optimizer_and_scheduler(str(folder))
        for files in state["random"]:
            for name, content in files.items():
                (folder / name).write_bytes(content)
        self.state.save_to_json(str(folder / TRAINER_STATE_NAME))
        (folder / CARRIED).write_text(json.dumps(state["carried"]), encoding="utf-8")

    def _random_state_files(self) -> dict[str, bytes]:
        with tempfile.TemporaryDirectory() as folder:
            self._save_rng_state(folder)
            return {path.name: path.read_bytes() for path in Path(folder).iterdir()}

    def _plain_optimizer(self) -> torch.optim.Optimizer:
        return getattr(self.optimizer, "optimizer", self.optimizer)

    def _interrupted(self, problem: str | None) -> Interrupted:
        """The error that ends the run, once a checkpoint was tried: with `problem`, or written."""
        parts = [f"{self.told_to_stop.name} at step {self.state.global_step} of {self.state.max_steps}"]
        if problem:
            parts.append(problem)
        if self.newest:
            parts.append(f"The next attempt goes on from the checkpoint of step {step_of(self.newest)}: {self.newest}")
        else:
            parts.append("There is no checkpoint: the next attempt starts at the first step")
        return Interrupted(". ".join(parts))

    def _save_checkpoint(self, model, trial) -> None:
        problem = self.write_checkpoint()
        if self.is_told_to_stop():
            raise self._interrupted(problem)

    def _load_from_checkpoint(self, resume_from_checkpoint, model=None) -> None:
        folder = Path(resume_from_checkpoint)
        put_back(what_changes(self.model), torch.load(folder / WEIGHTS, map_location="cpu", weights_only=True))
        self._carried = read_json(folder / CARRIED)
        self.meter.carry(self._carried["costs"])
        self.token_counts.carry(self._carried["token_sums"])

    def _load_optimizer_and_scheduler(self, checkpoint) -> None:
        if checkpoint is None or not is_sharded(self.model):
            return super()._load_optimizer_and_scheduler(checkpoint)
        saved = torch.load(Path(checkpoint) / OPTIMIZER_NAME, map_location="cpu", weights_only=True)
        put_back_optimizer_state(self.model, self._plain_optimizer(), saved)
        self.lr_scheduler.load_state_dict(torch.load(Path(checkpoint) / SCHEDULER_NAME, weights_only=True))

    def _load_rng_state(self, checkpoint) -> None:
        if not self._random_state_is_right:
            super()._load_rng_state(checkpoint)

    def _run_epoch(self, **arguments) -> None:
        # With max_steps inside an epoch, a run that goes on after its last step would train on to the epoch's end.
        if self.state.global_step < self.state.max_steps:
            super()._run_epoch(**arguments)

    def _evaluate(self, trial, ignore_keys_for_eval, skip_scheduler=False) -> dict[str, float]:
        before = random_state()
        try:
            with self.meter.during("evaluate"):
                metrics = super()._evaluate(trial, ignore_keys_for_eval, skip_scheduler)
        except _EvaluationCut:
            # The next attempt evaluates from the start, and an evaluation draws a number.
            set_random_state(before)
            raise self._interrupted(self.write_checkpoint()) from None
        if self.is_told_to_stop() and self.state.global_step < self.state.max_steps:
            raise self._interrupted(self.write_checkpoint())
        return metrics


class _EvaluationCut(Exception):
    pass


class _CheckpointCallback(TrainerCallback):
    def __init__(self, trainer: ResumableTrainer):
        self.trainer = trainer

    def on_train_begin(self, args, state, control, **_: Any) -> None:
        self.trainer.restore()

    def on_step_end(self, args, state, control, **_: Any) -> None:
        # The Trainer calls _save_checkpoint then, after it has logged the step.
        control.should_save = self.trainer.checkpoint_is_due()

    def on_prediction_step(self, args, state, control, **_: Any) -> None:
        if self.trainer.is_told_to_stop():
            raise _EvaluationCut


def evaluation_is_due(state: TrainerState) -> bool:
    """Whether the evaluation after the last step of an epoch, or of the training, is still to come."""
    ended = state.global_step == state.max_steps or float(state.epoch).is_integer()
    last = state.log_history[-1] if state.log_history else {}
    return ended and not ("eval_loss" in last and last["step"] == state.global_step)


def what_changes(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Trained parameters and buffers; all else is as the seed and the base model made it."""
    trained = {name: tensor.detach() for name, tensor in model.named_parameters() if tensor.requires_grad}
    return trained | dict(model.named_buffers())
