"""parity.unpadded: T5's stacks without padding compute what they compute with it."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from peft import get_peft_model
from shapes import FAMILIES
from test_fast_layers import batch, gradients, with_decoder_inputs, without_dropout
from tiny import make_model

from parity.fast_layers import fast_layers
from parity.methods import peft_config
from parity.models import load_model
from parity.target_loss import target_loss
from parity.unpadded import is_unpadded, unpadded


def widths_seen(model, inputs: dict) -> set[tuple[int, int]]:
    """Batch and tokens of what the encoder's and the decoder's last block are given, in one step."""
    seen = set()
    hooks = [
        stack.block[-1].register_forward_pre_hook(lambda _, args: seen.add(tuple(args[0].shape[:2])))
        for stack in (model.get_encoder(), model.get_decoder())
    ]
    target_loss(model, model, inputs, 0.0)
    for hook in hooks:
        hook.remove()
    return seen


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_loss_and_gradients_are_those_with_padding(shape, family, checkpointing):
    model = without_dropout(load_model(shape(family))).train()
    if checkpointing:
        model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    inputs = with_decoder_inputs(model, batch())
    with fast_layers(model):
        padded, _ = target_loss(model, model, inputs, 0.0)
        padded.backward()
        expected = gradients(model)
        with unpadded(model):
            loss, outputs = target_loss(model, model, inputs, 0.0)
            loss.backward()
    assert outputs.logits.shape == (18, model.config.vocab_size)
    assert loss.item() == pytest.approx(padded.item(), rel=1e-5)
    found = gradients(model)
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-3, atol=1e-6 * max(1, gradient.abs().max().item()))


def test_no_padding_goes_through_the_stacks():
    model = make_model().train()
    inputs = with_decoder_inputs(model, batch())
    with fast_layers(model):
        assert widths_seen(model, inputs) == {(3, 12), (3, 7)}
        with unpadded(model):
            assert is_unpadded(model)
            # 12, 9 and 12 tokens of sources, 7, 7 and 4 of targets.
            assert widths_seen(model, inputs) == {(1, 33), (1, 18)}
        assert not is_unpadded(model)
        assert widths_seen(model, inputs) == {(3, 12), (3, 7)}


def test_under_autocast_too():
    model = without_dropout(make_model()).train()
    inputs = with_decoder_inputs(model, batch())
    with fast_layers(model), torch.autocast("cpu", torch.bfloat16):
        padded, _ = target_loss(model, model, inputs, 0.0)
        with unpadded(model):
            loss, _ = target_loss(model, model, inputs, 0.0)
    loss.backward()
    assert loss.item() == pytest.approx(padded.item(), rel=0.01)
    assert {parameter.grad.dtype for parameter in model.parameters()} == {torch.float32}


@pytest.mark.parametrize("oddity", ["padding in front", "a hole", "no padding"])
def test_any_mask_will_do(oddity):
    model = without_dropout(make_model()).train()
    inputs = with_decoder_inputs(model, batch())
    mask = inputs["attention_mask"]
    mask[0, {"padding in front": slice(2), "a hole": 3, "no padding": slice(0)}[oddity]] = 0
    if oddity == "no padding":
        mask[:] = 1
    with fast_layers(model):
        padded, _ = target_loss(model, model, inputs, 0.0)
        with unpadded(model):
            loss, _ = target_loss(model, model, inputs, 0.0)
            assert (1, int(mask.sum())) in widths_seen(model, inputs)
    assert loss.item() == pytest.approx(padded.item(), rel=1e-5)


def test_a_batch_with_a_text_of_nothing_is_left_as_it_is():
    model = without_dropout(make_model()).train()
    inputs = with_decoder_inputs(model, batch())
    inputs["attention_mask"][1] = 0
    with fast_layers(model):
        padded, _ = target_loss(model, model, inputs, 0.0)
        with unpadded(model):
            assert widths_seen(model, inputs) == {(3, 12), (3, 7)}
            assert target_loss(model, model, inputs, 0.0)[0] == padded


def test_an_example_without_a_target_takes_part_with_a_gradient_of_nothing():
    """What a process of several is given where an epoch's last batch has none for it."""
    model = make_model().train()
    inputs = with_decoder_inputs(
        model, {"input_ids": torch.tensor([[5]]), "attention_mask": torch.tensor([[1]])} | {"labels": torch.tensor([[-100]])}
    )
    with fast_layers(model), unpadded(model):
        _, outputs = target_loss(model, model, inputs, 0.0)
        (outputs.logits.sum() * 0.0).backward()
    assert not any(parameter.grad.any() for parameter in model.parameters() if parameter.grad is not None)


@pytest.mark.parametrize(
    "block",
    [
        {"peft_type": "LORA", "r": 4, "target_modules": ["q", "v", "wo"], "use_dora": True},
        {"peft_type": "IA3", "target_modules": ["k", "v", "wo"], "feedforward_modules": ["wo"]},
        {"peft_type": "LN_TUNING", "target_modules": ["layer_norm"]},
        {"peft_type": "OFT", "oft_block_size": 4, "target_modules": ["q"]},
        {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 3},
        {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 3},
    ],
    ids=lambda block: block["peft_type"],
)
def test_adapters_learn_the_same_with_and_without(block):
    torch.manual_seed(0)
    model = without_dropout(get_peft_model(make_model(), peft_config("mine", block))).train()
    inputs = with_decoder_inputs(model, batch())
    results = []
    for context in (nullcontext, unpadded):
        with fast_layers(model), context(model):
            loss, _ = target_loss(model, model, inputs, 0.0)
            loss.backward()
            has_prompt = model.active_peft_config.is_prompt_learning
            assert is_unpadded(model) == (context is unpadded and not has_prompt)
        results.append((loss.item(), gradients(model)))
    (padded, expected), (found, learned) = results
    assert found == pytest.approx(padded, rel=1e-5)
    assert learned.keys() == expected.keys() != set()
    for name, gradient in expected.items():
        torch.testing.assert_close(learned[name], gradient, rtol=1e-3, atol=1e-6 * max(1, gradient.abs().max().item()))
