"""All seeds of a method in one process: a gang. Adapters have one frozen base in common; whole models have nothing.

Each seed keeps a Trainer of its own (ganged_trainer.py), with its own order of examples, optimiser, schedule, checkpoints and
generators, in a course of its own, of which one runs at a time. Only where a Trainer would compute the loss of a batch, its course
waits until the others have come so far; the batches then go through the model together, each row through its seed's adapter, or
its seed's weights.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from greenlet import getcurrent, greenlet

from .cheap_dropout import Draws, drawn_apart
from .costs import Meter
from .gang_layers import adapters_by_rows
from .gang_pace import Pace
from .gang_weights import weights_by_rows
from .models import has_adapter
from .progress import FILE_VARIABLE
from .random_state import random_state, set_random_state
from .shortage import is_out_of_memory
from .stop_signals import StopSignals
from .target_loss import is_target, target_outputs, token_loss
from .token_counts import IGNORED

if TYPE_CHECKING:
    from .ganged_trainer import GangedTrainer


@dataclass(frozen=True)
class Asked:
    """A batch whose loss a Trainer wants.

    Attributes:
        call: the Trainer's model, as it would call it.
        inputs: on the device.
        tokens: to predict in the whole of what the optimiser's step is computed from; None in an evaluation.
    """

    trainer: GangedTrainer
    call: Any
    inputs: dict[str, torch.Tensor]
    tokens: torch.Tensor | None

    @property
    def trains(self) -> bool:
        return self.tokens is not None


class Member:
    """One seed of a gang.

    Attributes:
        outcome: what its run returned, or the error that ended it.
        asked: what it waits for; None once it has ended.
    """

    def __init__(self, gang: Gang, run: Callable[[Member], dict]):
        self.gang = gang
        self.stop = gang.stop
        self.meter: Meter | None = None
        self.asked: Asked | None = None
        self.outcome: dict | Exception | None = None
        self._course = greenlet(lambda _: run(self))
        self._random = random_state()
        self._progress: str | None = None

    def compute(self, asked: Asked) -> torch.Tensor:
        """Called in this member's course: the loss, detached; where it trains, gradients lie at the trained parameters."""
        return getcurrent().parent.switch(asked)

    def join(self, model: torch.nn.Module, meter: Meter) -> None:
        """Called in this member's course once its model is there, to hold the frozen weights in common with the others."""
        self.meter = meter
        self.gang.share(model)

    def go_on(self, answer: torch.Tensor | Exception | None = None, seconds: float = 0.0) -> None:
        """Let this member's course run until it waits again, or ends.

        Args:
            answer: to what it asked; an error is raised there.
            seconds: that were spent on its behalf meanwhile.
        """
        outside, progress = random_state(), os.environ.get(FILE_VARIABLE)
        set_random_state(self._random)
        _set(FILE_VARIABLE, self._progress)
        if self.meter:
            self.meter.go_on(seconds)
        try:
            found = self._course.throw(answer) if isinstance(answer, Exception) else self._course.switch(answer)
            self.asked, self.outcome = (None, found) if self._course.dead else (found, None)
        except Exception as error:
            self.asked, self.outcome = None, error
        finally:
            if self.meter:
                self.meter.pause()
            self._progress = os.environ.get(FILE_VARIABLE)
            self._random = random_state()
            set_random_state(outside)
            _set(FILE_VARIABLE, progress)

    def generator(self, device: torch.device) -> torch.Generator:
        """This member's generator on a device, at its present state."""
        made = torch.Generator(device)
        made.set_state(self._random[3] if device.type == "cuda" else self._random[2])
        return made

    def drew(self, generator: torch.Generator) -> None:
        """Go on from where a generator of this member is by now."""
        of_python, of_numpy, of_torch, on_gpu = self._random
        if generator.device.type == "cuda":
            self._random = (of_python, of_numpy, of_torch, generator.get_state())
        else:
            self._random = (of_python, of_numpy, generator.get_state(), on_gpu)


class Heard:
    """What members hear of signals: all of them the same between two batches, so that they stop after the same step."""

    def __init__(self):
        self.received: signal.Signals | None = None

    def __enter__(self) -> Heard:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Gang:
    """Several runs of one method that train together.

    Args:
        pace: which way their steps are computed; None: together.
    """

    def __init__(self, pace: Pace | None = None):
        self.stop = Heard()
        self._pace = pace
        self._base: dict[str, torch.nn.Parameter] | None = None

    def train(self, runs: Sequence[Callable[[Member], dict]]) -> list[dict | Exception]:
        """Let all runs train to their ends. If one fails, the others go on.

        Returns:
            of each run what it returned, or the error that ended it.
        """
        members = [Member(self, run) for run in runs]
        for member in members:
            member.go_on()
        with StopSignals() as signals:
            while waiting := [member for member in members if member.asked]:
                # Those that went on from an older checkpoint may train where others evaluate.
                trains = waiting[0].asked.trains
                group = [member for member in waiting if member.asked.trains == trains]
                began = time.perf_counter()
                answers = self._answers(group)
                share = (time.perf_counter() - began) / len(group)
                self.stop.received = signals.received
                for member, answer in zip(group, answers, strict=True):
                    member.go_on(answer, share)
        return [member.outcome for member in members]

    def _answers(self, group: Sequence[Member]) -> list[torch.Tensor | Exception]:
        first = group[0].asked
        if self._pace is None or not first.trains or len(group) == 1:
            return _computed(group)
        with self._pace.step(len(group), first.inputs["input_ids"].device):
            parts = [group] if self._pace.together else [[member] for member in group]
            return [answer for part in parts for answer in _computed(part)]

    def share(self, model: torch.nn.Module) -> None:
        """Let the frozen weights of `model` be those of the first model of this gang; see Member.join."""
        frozen = {name: parameter for name, parameter in model.named_parameters() if not parameter.requires_grad}
        if self._base is None:
            self._base = frozen
        for name, parameter in frozen.items():
            parameter.data = self._base[name].data


def _computed(group: Sequence[Member]) -> list[torch.Tensor | Exception]:
    """The losses that the members of a group wait for; where their batches do not fit into memory together, in two halves."""
    device = group[0].asked.inputs["input_ids"].device
    generators = [member.generator(device) for member in group]
    try:
        losses = _losses([member.asked for member in group], generators)
    except RuntimeError as error:
        if not is_out_of_memory(error) or len(group) == 1:
            return [error] * len(group)
    else:
        for member, generator in zip(group, generators, strict=True):
            member.drew(generator)
        return losses
    # Here the error, which holds on to what did not fit, is gone.
    for member in group:
        if member.asked.trains:
            member.asked.trainer.model.zero_grad()
    torch.cuda.empty_cache()
    half = len(group) // 2
    return _computed(group[:half]) + _computed(group[half:])


def _losses(asked: Sequence[Asked], generators: Sequence[torch.Generator]) -> list[torch.Tensor]:
    """Loss, and where they train gradient, of the batches of several Trainers."""
    first = asked[0]
    inputs = _side_by_side([each.inputs for each in asked], first.trainer.pad_token_id)
    rows = [len(each.inputs["labels"]) for each in asked]
    targets = [each.inputs["labels"][is_target(each.inputs["labels"])] for each in asked]
    draws = Draws(rows, generators) if first.trains else None
    with ExitStack() as stack:
        stack.enter_context(nullcontext() if first.trains else torch.no_grad())
        stack.enter_context(first.trainer.compute_loss_context_manager())
        stack.enter_context(_by_rows([each.trainer.model for each in asked], rows, targets, draws))
        if draws:
            stack.enter_context(drawn_apart(draws))
        outputs = target_outputs(first.trainer.model, first.call, inputs)
        losses = _of_each(asked, outputs.logits, targets)
        if first.trains:
            # A sum: no trained weight of one run is in another's loss.
            first.trainer.accelerator.backward(torch.stack(losses).sum())
    for each, own in zip(asked, _own_rows(inputs, rows), strict=True):
        if each.trains:
            each.trainer.token_counts.add_batch(own)
    return [loss.detach() for loss in losses]


def _by_rows(
    models: Sequence[torch.nn.Module], rows: Sequence[int], targets: Sequence[torch.Tensor], draws: Draws | None
) -> AbstractContextManager:
    if len(models) == 1:
        return nullcontext()
    if has_adapter(models[0]):
        return adapters_by_rows(models, rows, draws)
    return weights_by_rows(models, rows, [len(own) for own in targets])


def _of_each(asked: Sequence[Asked], logits: torch.Tensor, targets: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    losses = []
    for each, own, of_tokens in zip(asked, targets, logits.split([len(own) for own in targets]), strict=True):
        loss = token_loss(of_tokens, own, each.trainer.args.label_smoothing_factor)
        losses.append(loss * (len(own) / each.tokens) if each.trains else loss)
    return losses


def _side_by_side(batches: Sequence[dict[str, torch.Tensor]], pad_token_id: int) -> dict[str, torch.Tensor]:
    """One batch of all rows, padded to the longest."""
    padding = {"labels": IGNORED, "attention_mask": 0}
    joined = {}
    for key in batches[0]:
        width = max(batch[key].shape[1] for batch in batches)
        joined[key] = torch.cat(
            [
                torch.nn.functional.pad(batch[key], (0, width - batch[key].shape[1]), value=padding.get(key, pad_token_id))
                for batch in batches
            ]
        )
    return joined


def _own_rows(inputs: dict[str, torch.Tensor], rows: Sequence[int]) -> list[dict[str, torch.Tensor]]:
    parts = {key: tensor.split(list(rows)) for key, tensor in inputs.items()}
    return [{key: of_key[place] for key, of_key in parts.items()} for place in range(len(rows))]


def _set(variable: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(variable, None)
    else:
        os.environ[variable] = value
