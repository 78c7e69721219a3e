"""Whole models in one forward pass: of every architecture's rows the losses and gradients that each model computes alone."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext

import pytest
import torch
from shapes import FAMILIES
from test_fast_layers import batch, gradients, with_decoder_inputs, without_dropout

from parity.errors import InputError
from parity.fast_layers import fast_layers
from parity.gang_layers import refuse_what_cannot_be_ganged
from parity.gang_weights import STACKED, weights_by_rows
from parity.models import load_model
from parity.target_loss import is_target, target_loss, target_outputs, token_loss

# LongT5's layers tell blocks of tokens apart, not rows.
STACKING = [family for family in FAMILIES if not family.startswith("longt5")]


def models_of(folder: str, count: int) -> list:
    """Models of one architecture that differ in all weights."""
    made = [without_dropout(load_model(folder)).train() for _ in range(count)]
    generator = torch.Generator().manual_seed(1)
    for model in made:
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.data += 0.05 * torch.randn(parameter.shape, generator=generator)
    return made


def rows_of_six(model) -> dict[str, torch.Tensor]:
    once = batch()
    return with_decoder_inputs(model, {key: torch.cat([tensor, tensor.flip(0)]) for key, tensor in once.items()})


def losses_together(models: list, inputs: dict, rows: list[int]) -> list[torch.Tensor]:
    labels = [own[is_target(own)] for own in inputs["labels"].split(rows)]
    counts = [len(own) for own in labels]
    with weights_by_rows(models, rows, counts):
        logits = target_outputs(models[0], models[0], inputs).logits
        losses = [token_loss(own, of_own, 0.0) for own, of_own in zip(logits.split(counts), labels, strict=True)]
        torch.stack(losses).sum().backward()
    return losses


@pytest.mark.parametrize("layers", [fast_layers, nullcontext])
@pytest.mark.parametrize("rows", [[2, 2, 2], [4, 2]], ids=str)
@pytest.mark.parametrize("family", STACKING)
def test_each_models_loss_and_gradients_are_what_it_computes_alone(shape, family, rows, layers):
    models = models_of(shape(family), len(rows))
    inputs = rows_of_six(models[0])
    parts = [dict(zip(inputs, split, strict=True)) for split in zip(*(inputs[key].split(rows) for key in inputs), strict=True)]
    alone, expected = [], []
    with ExitStack() as stack:
        for model in models:
            stack.enter_context(layers(model))
        for model, part in zip(models, parts, strict=True):
            loss, _ = target_loss(model, model, part, 0.0)
            loss.backward()
            alone.append(loss.item())
            expected.append(gradients(model))
        together = losses_together(models, inputs, rows)
        found = list(map(gradients, models))
        afterwards = target_loss(models[0], models[0], parts[0], 0.0)[0].item()
    assert [loss.item() for loss in together] == pytest.approx(alone, rel=1e-5)
    assert len({round(loss, 4) for loss in alone}) == len(rows)
    for of_model, wanted in zip(found, expected, strict=True):
        assert of_model.keys() == wanted.keys()
        for name, gradient in wanted.items():
            torch.testing.assert_close(of_model[name], gradient, rtol=1e-3, atol=1e-6 * max(1, gradient.abs().max().item()))
    assert afterwards == alone[0]
    assert not [
        name for model in models for name, module in model.named_modules() if {"forward", "compute_bias"} & vars(module).keys()
    ]


def test_under_autocast_too(shape):
    models = models_of(shape("t5_v1_1"), 3)
    inputs = rows_of_six(models[0])
    exact = [loss.item() for loss in losses_together(models, inputs, [2, 2, 2])]
    with torch.autocast("cpu", torch.bfloat16):
        rounded = [loss.item() for loss in losses_together(models, inputs, [2, 2, 2])]
    assert rounded == pytest.approx(exact, rel=0.02) and rounded != exact


def test_a_model_without_gradients_is_computed_too(shape):
    models = models_of(shape("bart"), 3)
    inputs = rows_of_six(models[0])
    counts = [int(is_target(own).sum()) for own in inputs["labels"].split(2)]
    with torch.no_grad(), weights_by_rows(models, [2, 2, 2], counts):
        logits = target_outputs(models[0], models[0], inputs).logits
        assert logits.shape[0] == sum(counts) and not logits.requires_grad


def test_architectures_that_no_test_holds_are_refused(shape):
    assert {load_model(shape(family)).config.model_type for family in STACKING} == set(STACKED)
    for family in STACKING:
        refuse_what_cannot_be_ganged("full", load_model(shape(family)))
    with pytest.raises(InputError, match=r"methods.full.train.gang: all weights of longt5 .*Set gang: false for this method"):
        refuse_what_cannot_be_ganged("full", load_model(shape("longt5_local")))
