"""A Trainer of one seed of a gang: it leaves losses and gradients to the gang, and does all else itself."""

from __future__ import annotations

from typing import Any

import torch

from .gang import Asked, Member
from .models import base_model
from .resumable import ResumableTrainer


class GangedTrainer(ResumableTrainer):
    """A ResumableTrainer whose batches go through the base together with those of other seeds."""

    def __init__(self, *, member: Member, **arguments: Any):
        super().__init__(**arguments)
        self.member = member
        self.stop = member.stop
        self.pad_token_id = base_model(self.model).config.pad_token_id or 0

    def training_step(self, model, inputs, num_items_in_batch=None) -> torch.Tensor:
        model.train()
        return self.member.compute(Asked(self, model, self._prepare_inputs(inputs), num_items_in_batch))

    def prediction_step(self, model, inputs, prediction_loss_only, ignore_keys=None) -> tuple[torch.Tensor, None, None]:
        return self.member.compute(Asked(self, model, self._prepare_inputs(inputs), None)), None, None
