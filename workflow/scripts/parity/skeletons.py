"""A model without the memory of its weights: every tensor's shape, type and place, and no values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import safe_open
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
    UnsupportedFakeTensorException,
)
from transformers import PreTrainedModel

from .models import WEIGHTS, load_model


class NeedsValues(Exception):
    """A step asked for the value of a tensor that has none: it has to be done with the real weights."""


@contextmanager
def without_values() -> Iterator[None]:
    """Raise NeedsValues where what is done inside fails for want of values alone."""
    try:
        yield
    except (DataDependentOutputException, DynamicOutputShapeException, UnsupportedFakeTensorException) as error:
        raise NeedsValues from error


def load_skeleton(folder: str) -> PreTrainedModel:
    """The model in `folder` on torch's meta device, checked against the files: names, shapes, and that none is cut off.

    Reads the files' headers, and of the weights only those that may be tied to each other.

    Raises:
        InputError: as load_model.
    """
    model = load_model(folder, device_map="meta")
    _tie_as_stored(model, folder)
    return model


def faked(model: torch.nn.Module) -> FakeTensorMode:
    """Give every parameter and buffer of `model` the type and device of a CPU's but no memory, in place; shared ones stay shared.

    Returns:
        the mode to enter to run it.
    """
    # Some PEFT types keep plain tensors beside their parameters.
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    with mode:
        _replace_tensors(model, None)
    return mode


def cast_faked(model: torch.nn.Module, mode: FakeTensorMode, dtype: torch.dtype) -> None:
    """What model.to(dtype) does to a model with values, for one that `faked` made; torch's own cannot replace fake parameters."""
    with mode:
        _replace_tensors(model, dtype)


def _replace_tensors(model: torch.nn.Module, dtype: torch.dtype | None) -> None:
    """Put an empty tensor in the place of each parameter and buffer, its floating-point ones in `dtype` where one is given."""
    done: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def empty_like(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in done:
            empty = torch.empty(tensor.shape, dtype=dtype if dtype and tensor.is_floating_point() else tensor.dtype)
            if isinstance(tensor, torch.nn.Parameter):
                empty = torch.nn.Parameter(empty, requires_grad=tensor.requires_grad)
            # With the tensor itself: another one could take over the id of a tensor that is gone.
            done[id(tensor)] = tensor, empty
        return done[id(tensor)][1]

    for module in model.modules():
        for tensors in (module._parameters, module._buffers):
            tensors.update({name: empty_like(tensor) for name, tensor in tensors.items() if tensor is not None})


def _tie_as_stored(model: PreTrainedModel, folder: str) -> None:
    """Tie weights that are both stored with the same values, as from_pretrained does where it has the values."""
    for target, source in getattr(model, "all_tied_weights_keys", {}).items():
        if model.get_parameter(target) is model.get_parameter(source):
            continue
        stored = _stored(folder, (target, source))
        if len(stored) == 2 and torch.equal(stored[target], stored[source]):
            parent, _, name = target.rpartition(".")
            setattr(model.get_submodule(parent), name, model.get_parameter(source))


def _stored(folder: str, names: tuple[str, str]) -> dict[str, torch.Tensor]:
    """Those of the named tensors that the weight files hold."""
    found = {}
    for path in sorted(path for pattern in WEIGHTS for path in Path(folder).glob(pattern)):
        with safe_open(path, framework="pt") as tensors:
            found |= {name: tensors.get_tensor(name) for name in names if name in tensors.keys()}  # noqa: SIM118
    return found
