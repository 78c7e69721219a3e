"""Whole models of several runs in one forward pass: each row of a batch goes through the weights of the run that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from .fast_layers import is_t5_norm, replaced

# Architectures that tests hold to what each model computes alone. Of others a layer may not tell rows apart.
STACKED = ("bart", "mt5", "pegasus", "t5")


@contextmanager
def weights_by_rows(models: Sequence[torch.nn.Module], rows: Sequence[int], tokens: Sequence[int]) -> Iterator[None]:
    """Let the first of `models`, all of one architecture, send each model's rows through its own trained weights.

    Args:
        rows: how many rows of a batch are each model's, in their order.
        tokens: how many of the places that the head is given are each model's, where it sees target tokens alone (target_loss.py).
    """
    head = models[0].get_output_embeddings()
    inside = set()
    with ExitStack() as stack:
        for layers in zip(*(model.modules() for model in models), strict=True):
            first = layers[0]
            if getattr(first, "has_relative_attention_bias", False):
                # T5 makes its bias once for all rows, from an embedding of distances.
                stack.enter_context(replaced(first, "compute_bias", _biases(layers, rows)))
                inside.add(first.relative_attention_bias)
            elif first not in inside and any(parameter.requires_grad for parameter in first.parameters(recurse=False)):
                stack.enter_context(replaced(first, "forward", _together(layers, tokens if first is head else rows)))
        yield


def _together(layers: Sequence[torch.nn.Module], counts: Sequence[int]) -> Callable:
    first = layers[0]
    if type(first) is torch.nn.Linear and len(set(counts)) == 1:
        return _products(layers, len(counts))
    if is_t5_norm(first):
        return _t5_norms(layers, counts)
    if type(first) is torch.nn.LayerNorm:
        return _layer_norms(layers, counts)
    return _one_by_one([layer.forward for layer in layers], counts)


def _products(layers: Sequence[torch.nn.Linear], n_runs: int) -> Callable:
    """x_s W_s^T + b_s of all runs s in one batched product."""
    has_bias = layers[0].bias is not None

    def forward(input: torch.Tensor) -> torch.Tensor:
        of_runs = input.reshape(n_runs, -1, input.shape[-1])
        weights = torch.stack([layer.weight for layer in layers]).transpose(1, 2)
        if has_bias:
            product = torch.baddbmm(torch.stack([layer.bias for layer in layers]).unsqueeze(1), of_runs, weights)
        else:
            product = torch.bmm(of_runs, weights)
        return product.reshape(*input.shape[:-1], -1)

    return forward


def _t5_norms(layers: Sequence[torch.nn.Module], rows: Sequence[int]) -> Callable:
    """What these norms compute now, which may be in one step (fast_layers.py), with a weight for every row."""
    compute, epsilon = layers[0].forward.__func__, layers[0].variance_epsilon

    def forward(hidden_states: torch.Tensor) -> torch.Tensor:
        weight = _of_rows([layer.weight for layer in layers], rows)
        return compute(SimpleNamespace(weight=weight, variance_epsilon=epsilon), hidden_states)

    return forward


def _layer_norms(layers: Sequence[torch.nn.LayerNorm], rows: Sequence[int]) -> Callable:
    def forward(input: torch.Tensor) -> torch.Tensor:
        weight = _of_rows([layer.weight for layer in layers], rows)
        bias = _of_rows([layer.bias for layer in layers], rows)
        return torch.addcmul(bias, F.layer_norm(input, layers[0].normalized_shape, eps=layers[0].eps), weight)

    return forward


def _of_rows(vectors: Sequence[torch.Tensor], rows: Sequence[int]) -> torch.Tensor:
    """Rows x 1 x width, from a vector a run."""
    return torch.cat([vector.expand(count, 1, -1) for vector, count in zip(vectors, rows, strict=True)])


def _biases(layers: Sequence[torch.nn.Module], rows: Sequence[int]) -> Callable:
    calls = [layer.compute_bias for layer in layers]

    def compute_bias(*arguments: object, **named: object) -> torch.Tensor:
        biases = [call(*arguments, **named) for call in calls]
        return torch.cat([bias.expand(count, -1, -1, -1) for bias, count in zip(biases, rows, strict=True)])

    return compute_bias


def _one_by_one(calls: Sequence[Callable], counts: Sequence[int]) -> Callable:
    def forward(input: torch.Tensor, *arguments: object, **named: object) -> torch.Tensor:
        parts = [call(part, *arguments, **named) for call, part in zip(calls, input.split(list(counts)), strict=True)]
        # BART's positions are the same for all rows, and given once.
        return torch.cat([part.expand(count, *part.shape[1:]) for part, count in zip(parts, counts, strict=True)])

    return forward
