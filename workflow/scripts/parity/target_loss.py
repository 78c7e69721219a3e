"""The training loss, over the real target tokens alone: no score over the vocabulary is computed for padding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from transformers import PreTrainedModel

from .models import base_model
from .token_counts import IGNORED
from .unpadded import is_unpadded

# Architectures whose own loss is the mean cross-entropy over the target tokens and nothing else; tests compare the two. Others
# may add a loss of their routers, or predict several tokens at a time.
PLAIN_LOSS = (
    "bart",
    "blenderbot",
    "encoder-decoder",
    "led",
    "longt5",
    "m2m_100",
    "marian",
    "mbart",
    "mt5",
    "pegasus",
    "pegasus_x",
    "t5",
    "umt5",
)


def is_target(labels: torch.Tensor) -> torch.Tensor:
    """Which of the labels are tokens to predict, and not padding: booleans of the labels' shape."""
    return labels != IGNORED


def has_plain_loss(model: torch.nn.Module) -> bool:
    """Whether `target_loss` is the loss that the model itself would give, an adapter on it or not."""
    return base_model(model).config.model_type in PLAIN_LOSS


def target_loss(
    model: torch.nn.Module, call: Any, inputs: dict[str, torch.Tensor], label_smoothing_factor: float
) -> tuple[torch.Tensor, Any]:
    """The mean cross-entropy over all target tokens, with label smoothing (Szegedy et al. 2016, section 7).

    Args:
        model: whose head is given the target tokens' places alone.
        call: what runs the model; the model itself or what a Trainer has put around it.
        inputs: input_ids, attention_mask, decoder_input_ids and labels of a batch, padded.
    Returns:
        the loss, not a number where there is no target token; and the model's outputs, whose logits are those of the
        target tokens alone (tokens x vocabulary), row by row.
    """
    outputs = target_outputs(model, call, inputs)
    labels = inputs["labels"]
    return token_loss(outputs.logits, labels[is_target(labels)], label_smoothing_factor), outputs


def target_outputs(model: torch.nn.Module, call: Any, inputs: dict[str, torch.Tensor]) -> Any:
    """The model's outputs, whose logits are those of the target tokens alone (tokens x vocabulary), row by row; see target_loss."""
    inputs = dict(inputs)
    places = is_target(inputs.pop("labels"))
    if is_unpadded(model):
        inputs["decoder_attention_mask"] = places.long()
    with _head_over(base_model(model), places):
        outputs = call(**inputs)
    # A head that is given another shape than the labels' is left as it is.
    outputs.logits = outputs.logits if outputs.logits.dim() == 2 else outputs.logits[places]
    return outputs


def token_loss(logits: torch.Tensor, labels: torch.Tensor, label_smoothing_factor: float) -> torch.Tensor:
    """The mean over tokens; logits: tokens x vocabulary, labels: tokens."""
    return F.cross_entropy(logits.float(), labels, label_smoothing=label_smoothing_factor)


@contextmanager
def _head_over(model: PreTrainedModel, places: torch.Tensor) -> Iterator[None]:
    """Let the model's head see the decoder's output at `places` (batch x tokens) alone."""

    def only_places(_: torch.nn.Module, args: tuple) -> tuple | None:
        return (args[0][places], *args[1:]) if args[0].shape[:2] == places.shape else None

    hook = model.get_output_embeddings().register_forward_pre_hook(only_places)
    try:
        yield
    finally:
        hook.remove()
