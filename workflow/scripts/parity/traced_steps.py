"""The bytes that a model's work takes beside its weights: of a training step, an evaluation, and writing summaries.

The work is done, with all its operations, on a subject's tensors, which as a rule have no memory (skeletons.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import astuple, dataclass

import torch
from accelerate.utils import convert_outputs_to_fp32
from transformers import PreTrainedModel
from transformers.trainer_pt_utils import LabelSmoother

from .fast_layers import fast_layers
from .live_bytes import LiveBytes, Peak, gpu_kernels
from .models import base_model
from .packed_layers import packed_names
from .precision import PRECISIONS
from .skeletons import cast_faked, without_values
from .target_loss import has_plain_loss, token_loss

# Any token that is in every vocabulary, and no special one of T5's or BART's kin.
TOKEN = 5


@dataclass(frozen=True)
class Device:
    """Where a run computes, and in what precision: "bf16" or "fp32"."""

    is_gpu: bool
    precision: str


@dataclass(frozen=True)
class Subject:
    """A model that can be run in `mode`: on tensors without memory, or, in a nullcontext, on its real ones."""

    model: PreTrainedModel
    mode: AbstractContextManager

    @property
    def is_real(self) -> bool:
        return isinstance(self.mode, nullcontext)

    def cast(self, dtype: torch.dtype) -> None:
        """The model's weights in another type, in place."""
        if self.is_real:
            self.model.to(dtype)
        else:
            cast_faked(self.model, self.mode, dtype)

    def at_batch(self, peak_of: Callable[[int], Peak], batch: int) -> Peak:
        """`peak_of(batch)`. With real tensors one and two examples must do: each further one takes as much again."""
        if batch < 3 or not self.is_real:
            return peak_of(batch)
        pairs = zip(astuple(peak_of(1)), astuple(peak_of(2)), strict=True)
        return Peak(*(one + (batch - 1) * (two - one) for one, two in pairs))


def step_peak(
    subject: Subject, device: Device, batch: int, lengths: tuple[int, int], settings: dict, *, sharded_gradients: bool = False
) -> Peak:
    """Bytes that forward and backward of `batch` examples take at most, their gradients included.

    Args:
        lengths: of source and target in tokens.
        settings: a resolved `train` block. With more than one part a batch, gradients of the part before are there already.
        sharded_gradients: leave the parameters' gradients out.
    """
    model = subject.model
    if settings["gradient_checkpointing"]:
        model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    model.train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    hooks = [parameter.register_post_accumulate_grad_hook(_drop) for parameter in trained if sharded_gradients]
    with _counting(subject, device) as live:
        for _ in range(min(2, settings["gradient_accumulation_steps"])):
            loss_of(model, device, batch, lengths, settings["label_smoothing_factor"]).backward()
    for hook in hooks:
        hook.remove()
    for parameter in trained:
        _drop(parameter)
    if settings["gradient_checkpointing"]:
        model.activation_checkpointing_disable()
    model.eval()
    return live.peak


def evaluation_peak(subject: Subject, device: Device, batch: int, lengths: tuple[int, int], settings: dict) -> Peak:
    """Bytes that the evaluation loss of `batch` examples takes at most."""
    subject.model.eval()
    with _counting(subject, device) as live, torch.no_grad():
        loss_of(subject.model, device, batch, lengths, settings["label_smoothing_factor"])
    return live.peak


def generation_peak(subject: Subject, device: Device, batch: int, source: int, settings: dict) -> Peak:
    """Bytes that writing summaries of `batch` sources of that length takes at most: for the encoder, or for the last token.

    Args:
        settings: a resolved `generation` block; all summaries become as long as max_new_tokens.
    """
    model, beams = base_model(subject.model).eval(), settings["num_beams"]
    virtual = _virtual_tokens(subject.model)
    with _cast(subject, device), _counting(subject, device) as live, torch.no_grad():
        inputs = _tokens(batch, source + virtual)
        mask = _mask(inputs).repeat_interleave(beams, 0)
        encoded = model.get_encoder()(input_ids=inputs, attention_mask=_mask(inputs))
        encoded["last_hidden_state"] = encoded["last_hidden_state"].repeat_interleave(beams, 0)
        encoding = live.peak
        written = _tokens(batch * beams, virtual + settings["max_new_tokens"])
        # Of all tokens before the last at once: only what they leave in the cache is of interest.
        cache = model(
            encoder_outputs=encoded, attention_mask=mask, decoder_input_ids=written[:, :-1], use_cache=True
        ).past_key_values
        live.forget_peak()
        last = written[:, -1:]
        logits = model(
            encoder_outputs=encoded, attention_mask=mask, decoder_input_ids=last, past_key_values=cache, use_cache=True
        ).logits
        _choose(logits[:, -1])
        if beams > 1:
            cache.reorder_cache(torch.arange(batch * beams))
        return encoding.beside(live.peak)


def _choose(logits: torch.Tensor) -> None:
    """As many tensors of a score a token of the vocabulary as generate() holds at most: beam search's, or sorted for top_p."""
    scores = logits.to(copy=True, dtype=torch.float32)
    kept = [scores, torch.log_softmax(scores, -1), scores.clone(), torch.sort(scores)]
    del kept


def _virtual_tokens(model: torch.nn.Module) -> int:
    """The tokens that a prompt, or a prefix, adds to the real ones."""
    return sum(getattr(config, "num_virtual_tokens", None) or 0 for config in getattr(model, "peft_config", {}).values())


def loss_of(model: torch.nn.Module, device: Device, batch: int, lengths: tuple[int, int], label_smoothing: float) -> torch.Tensor:
    """The loss as the Trainer computes it, where no target is padding."""
    source, target = (_tokens(batch, length) for length in lengths)
    forward = model if device.precision == "fp32" else convert_outputs_to_fp32(_autocast(device)(model.__call__))
    inputs = {"input_ids": source, "attention_mask": _mask(source), "decoder_input_ids": target, "use_cache": False}
    if has_plain_loss(model):
        return token_loss(forward(**inputs).logits.flatten(0, 1), target.flatten(), label_smoothing)
    if not label_smoothing:
        return forward(**inputs, labels=target).loss
    return LabelSmoother(label_smoothing)(forward(**inputs), target)


def _autocast(device: Device) -> torch.autocast:
    # The tensors are a CPU's, whatever device they stand for.
    return torch.autocast("cpu", torch.bfloat16, enabled=device.precision == "bf16")


@contextmanager
def _cast(subject: Subject, device: Device) -> Iterator[None]:
    """Let the model compute as generation.place lets it."""
    dtype, packed = PRECISIONS[device.precision], bool(packed_names(subject.model))
    if packed:
        with _autocast(device):
            yield
        return
    subject.cast(dtype)
    try:
        yield
    finally:
        subject.cast(torch.float32)


@contextmanager
def _counting(subject: Subject, device: Device) -> Iterator[LiveBytes]:
    """Run what is inside on the subject's tensors; what is counted is beside its weights."""
    with without_values(), subject.mode, _layers(subject, device), LiveBytes() as live:
        live.ignore([*subject.model.parameters(), *subject.model.buffers()])
        yield live


def _layers(subject: Subject, device: Device) -> AbstractContextManager:
    if not device.is_gpu:
        return fast_layers(subject.model)
    return nullcontext() if subject.is_real else gpu_kernels()


def _tokens(rows: int, length: int) -> torch.Tensor:
    return torch.full((rows, length), TOKEN)


def _mask(tokens: torch.Tensor) -> torch.Tensor:
    """With a padded token: where there is none, models leave their attention's masks out."""
    mask = torch.ones_like(tokens)
    mask[0, -1] = 0
    return mask


def _drop(parameter: torch.nn.Parameter) -> None:
    parameter.grad = None
