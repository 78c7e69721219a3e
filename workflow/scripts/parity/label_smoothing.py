"""Label smoothing where transformers' Trainer cannot do it by itself."""

from __future__ import annotations

from collections.abc import Callable

from peft import PeftModel
from transformers import PreTrainedModel
from transformers.trainer_pt_utils import LabelSmoother


def prompt_loss(model: PreTrainedModel | PeftModel, label_smoothing_factor: float) -> Callable | None:
    """The Trainer's compute_loss_func for PEFT's prompts with label smoothing; None where the Trainer needs none.

    Its own label smoothing asks the model below an adapter for its name, and a prompt keeps that model elsewhere.
    """
    if not (label_smoothing_factor and isinstance(model, PeftModel) and model.active_peft_config.is_prompt_learning):
        return None
    smoother = LabelSmoother(epsilon=label_smoothing_factor)

    def loss(outputs, labels, num_items_in_batch=None):
        return smoother(outputs, labels, num_items_in_batch=num_items_in_batch)

    return loss
