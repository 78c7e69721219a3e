"""The adapters of several runs in one forward pass: each row of a batch goes through the adapter of the run that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext

import torch
from peft.tuners.lora.layer import Linear as LoraLinear
from peft.tuners.tuners_utils import BaseTunerLayer
from peft.utils.other import AuxiliaryTrainingWrapper

from .cheap_dropout import Draws, drawn_apart
from .errors import InputError
from .fast_layers import replaced
from .gang_weights import STACKED
from .models import base_model, has_adapter
from .target_loss import has_plain_loss


def adapter_names(model: torch.nn.Module) -> list[str]:
    """The outermost modules that an adapter has put into a model: what is trained lies in them, what lies outside is frozen."""
    found: list[str] = []
    for name, module in model.named_modules():
        if isinstance(module, BaseTunerLayer | AuxiliaryTrainingWrapper) and not any(
            name.startswith(f"{outer}.") for outer in found
        ):
            found.append(name)
    return found


def trained_elsewhere(model: torch.nn.Module) -> list[str]:
    """Trained parameters that lie in no adapter's module, and would be the same for all runs."""
    inside = tuple(f"{name}." for name in adapter_names(model))
    return [name for name, parameter in model.named_parameters() if parameter.requires_grad and not name.startswith(inside)]


class CannotBeGanged(InputError):
    """The seeds of a method cannot train together."""


def refuse_what_cannot_be_ganged(name: str, model: torch.nn.Module) -> None:
    """Raise CannotBeGanged where a method trains what rows cannot go through one each, or its model has a loss of its own."""
    where, remedy = f"methods.{name}.train.gang", "Set gang: false for this method"
    kind = base_model(model).config.model_type
    if not has_plain_loss(model):
        raise CannotBeGanged(where, f"{kind} has a loss of its own, which is not told apart by rows", remedy)
    if not has_adapter(model):
        if kind not in STACKED:
            raise CannotBeGanged(
                where, f"all weights of {kind} cannot be told apart by rows, only those of {', '.join(STACKED)}", remedy
            )
    elif elsewhere := trained_elsewhere(model):
        raise CannotBeGanged(where, f"the adapter trains {elsewhere[0]}, which belongs to no layer of an adapter", remedy)


@contextmanager
def adapters_by_rows(models: Sequence[torch.nn.Module], rows: Sequence[int], draws: Draws | None) -> Iterator[None]:
    """Let the first of `models`, which differ in their adapters alone, send each model's rows through its own adapter.

    Args:
        rows: how many rows of a batch are each model's, in their order.
        draws: who draws dropout for them; None for no dropout.
    """
    with ExitStack() as stack:
        for name in adapter_names(models[0]):
            layers = [model.get_submodule(name) for model in models]
            stack.enter_context(replaced(layers[0], "forward", _together(layers, rows, draws)))
        yield


def _together(layers: Sequence[torch.nn.Module], rows: Sequence[int], draws: Draws | None) -> Callable:
    if all(map(_is_plain_lora, layers)) and len(set(rows)) == 1:
        return _plain_lora(layers, rows)
    calls = [layer.forward for layer in layers]

    def forward(input: torch.Tensor, *arguments: object, **named: object) -> torch.Tensor:
        parts = []
        for place, (call, part) in enumerate(zip(calls, input.split(list(rows)), strict=True)):
            own = drawn_apart(Draws([rows[place]], [draws.generators[place]])) if draws else nullcontext()
            with own:
                parts.append(call(part, *arguments, **named))
        return torch.cat(parts)

    return forward


def _is_plain_lora(layer: torch.nn.Module) -> bool:
    if type(layer) is not LoraLinear or layer.disable_adapters or layer.merged or len(layer.active_adapters) != 1:
        return False
    name = layer.active_adapters[0]
    return name in layer.lora_A and name not in layer.lora_variant and layer.lora_B[name].bias is None


def _plain_lora(layers: Sequence[LoraLinear], rows: Sequence[int]) -> Callable:
    """base(x) + B_s A_s x * scaling, with the frozen product once for all rows, and the runs' small ones side by side.

    Hu et al. 2021 (arXiv 2106.09685), equation 3, with a first dimension of runs.
    """
    first, (name,) = layers[0], layers[0].active_adapters
    n_runs = len(rows)

    def forward(input: torch.Tensor, *arguments: object, **named: object) -> torch.Tensor:
        result = first.base_layer(input, *arguments, **named)
        down = torch.stack([layer.lora_A[name].weight for layer in layers])
        up = torch.stack([layer.lora_B[name].weight for layer in layers])
        dropped = first.lora_dropout[name](first._cast_input_dtype(input, down.dtype))
        of_runs = dropped.reshape(n_runs, -1, dropped.shape[-1])
        delta = torch.bmm(torch.bmm(of_runs, down.transpose(1, 2)), up.transpose(1, 2)) * first.scaling[name]
        return (result + delta.reshape(*input.shape[:-1], -1)).to(result.dtype)

    return forward
