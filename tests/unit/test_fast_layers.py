"""parity.fast_layers and its parts: the same numbers as the layers that they stand for, forward and backward."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from shapes import FAMILIES
from tiny import make_model

from parity.cheap_dropout import cheap_dropout, keep_mask
from parity.cpu_attention import attention_forward
from parity.fast_layers import fast_layers
from parity.gated_gelu import PART, gated_gelu
from parity.models import load_model
from parity.target_loss import PLAIN_LOSS, has_plain_loss, target_loss, token_loss
from parity.token_counts import IGNORED


def batch(vocabulary: int = 60) -> dict[str, torch.Tensor]:
    """Padded sources and targets of different lengths."""
    generator = torch.Generator().manual_seed(3)
    sources = torch.randint(5, vocabulary, (3, 12), generator=generator)
    targets = torch.randint(5, vocabulary, (3, 7), generator=generator)
    mask = torch.ones_like(sources)
    mask[1, 9:] = 0
    targets[2, 4:] = IGNORED
    return {"input_ids": sources, "attention_mask": mask, "labels": targets}


def with_decoder_inputs(model, inputs: dict) -> dict:
    return inputs | {"decoder_input_ids": model.prepare_decoder_input_ids_from_labels(inputs["labels"])}


def gradients(model) -> dict[str, torch.Tensor]:
    found = {name: parameter.grad.clone() for name, parameter in model.named_parameters() if parameter.grad is not None}
    model.zero_grad()
    return found


def without_dropout(model):
    for module in model.modules():
        for name in ("dropout", "attention_dropout", "activation_dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


@pytest.mark.parametrize("family", FAMILIES)
def test_losses_and_gradients_are_those_of_the_models_own_layers(shape, family):
    model = without_dropout(load_model(shape(family))).train()
    inputs = with_decoder_inputs(model, batch())
    own = model(**inputs).loss
    own.backward()
    expected = gradients(model)
    with fast_layers(model):
        loss, _ = target_loss(model, model, inputs, 0.0)
        loss.backward()
    assert loss.item() == pytest.approx(own.item(), rel=1e-5)
    found = gradients(model)
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-3, atol=1e-6 * max(1, gradient.abs().max().item()))


@pytest.mark.parametrize("p", [0.0, 0.3])
def test_a_gated_layers_middle_is_gelu_times_linear_with_dropout(p):
    torch.manual_seed(0)
    gate, linear = (torch.randn(3, 50, 6000, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert gate.numel() > 2 * PART
    torch.manual_seed(4)
    gated = gated_gelu(gate, linear, p)
    torch.manual_seed(4)
    keep = keep_mask(gate, p) if p else torch.ones_like(gate)
    expected = F.gelu(gate, approximate="tanh") * linear * keep / (1 - p)
    torch.testing.assert_close(gated, expected)
    wanted = torch.randn_like(expected)
    found, by_hand = (torch.autograd.grad(result, (gate, linear), wanted) for result in (gated, expected))
    torch.testing.assert_close(found, by_hand)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_is_as_before_once_they_are_out_again(shape, family):
    model = load_model(shape(family)).eval()
    inputs = with_decoder_inputs(model, batch())
    before, attention, dropout = model(**inputs).logits, model.config._attn_implementation, F.dropout
    with fast_layers(model):
        inside = model(**inputs).logits
        assert F.dropout is not dropout
    assert torch.equal(model(**inputs).logits, before)
    assert (model.config._attn_implementation, F.dropout) == (attention, dropout)
    torch.testing.assert_close(inside, before, rtol=1e-4, atol=1e-4)


def test_they_are_used_at_all():
    model = make_model()
    with fast_layers(model):
        assert model.config._attn_implementation == model.encoder.config._attn_implementation == "parity_cpu"
        assert "forward" in vars(model.encoder.final_layer_norm)
        assert "forward" in vars(model.encoder.block[0].layer[1].DenseReluDense.act)
    assert "forward" not in vars(model.encoder.final_layer_norm)


def test_under_autocast_norms_give_bf16_and_the_loss_stays_close():
    model = without_dropout(make_model()).train()
    inputs = with_decoder_inputs(model, batch())
    exact = model(**inputs).loss.item()
    with fast_layers(model), torch.autocast("cpu", torch.bfloat16):
        assert model.encoder.final_layer_norm(torch.randn(2, 3, 32)).dtype == torch.bfloat16
        loss, _ = target_loss(model, model, inputs, 0.0)
    loss.backward()
    assert loss.item() == pytest.approx(exact, rel=0.02)
    assert {parameter.grad.dtype for parameter in model.parameters()} == {torch.float32}


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_is_that_of_the_target_tokens_alone(smoothing):
    model = make_model().eval()
    inputs = with_decoder_inputs(model, batch())
    labels = inputs["labels"]
    logits = model(**{key: value for key, value in inputs.items() if key != "labels"}).logits
    log_likelihood = logits.log_softmax(-1)
    by_hand = [
        -(1 - smoothing) * log_likelihood[row, place, labels[row, place]] - smoothing * log_likelihood[row, place].mean()
        for row, place in (labels != IGNORED).nonzero().tolist()
    ]
    loss, outputs = target_loss(model, model, inputs, smoothing)
    assert loss.item() == pytest.approx(torch.stack(by_hand).mean().item(), rel=1e-5)
    assert outputs.logits.shape == (18, model.config.vocab_size)
    assert token_loss(outputs.logits, labels[labels != IGNORED], smoothing) == loss


def test_a_loss_with_more_in_it_is_left_to_the_model():
    model = make_model()
    assert has_plain_loss(model)
    model.config.model_type = "switch_transformers"
    assert "switch_transformers" not in PLAIN_LOSS
    assert not has_plain_loss(model)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("p", [0.05, 0.1, 0.5, 0.9])
def test_a_mask_drops_its_share_everywhere(p, dtype):
    torch.manual_seed(1)
    kept = keep_mask(torch.empty(4, 100_003, dtype=dtype), p)
    deviation = math.sqrt(p * (1 - p) / 100_000)
    assert kept.dtype == dtype
    assert set(kept.unique().tolist()) == {0, 1}
    kept = kept.bool()
    # Each row, and each of the four places that a drawn number makes.
    for part in (*kept, *(kept.flatten()[place::4] for place in range(4))):
        assert part.float().mean().item() == pytest.approx(1 - p, abs=5 * deviation)
    # One place says nothing of the next.
    both = (kept[:, 1:] & kept[:, :-1]).float().mean().item()
    assert both == pytest.approx((1 - p) ** 2, abs=5 * deviation)


def test_masks_follow_from_torchs_seed():
    first, second, third = (torch.manual_seed(seed) and keep_mask(torch.empty(50, 50), 0.3) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def test_dropout_scales_what_it_keeps_and_its_gradient():
    torch.manual_seed(0)
    ones = torch.ones(1000, requires_grad=True)
    with cheap_dropout():
        dropped = F.dropout(ones, 0.25)
        dropped.sum().backward()
        assert torch.equal(F.dropout(ones, 0.25, training=False), ones)
        assert torch.equal(F.dropout(ones, 0.0), ones)
        assert not F.dropout(ones, 1.0).any()
    torch.testing.assert_close(dropped.unique(), torch.tensor([0.0, 4 / 3]))
    assert torch.equal(ones.grad, dropped.detach())


def test_attentions_dropout_is_dropout_of_its_weights():
    """Against the same sums written out, on the mask that the same seed draws."""
    torch.manual_seed(0)
    query, key, value = (torch.randn(2, 2, 5, 4, dtype=torch.float64, requires_grad=True) for _ in range(3))
    bias = torch.randn(1, 2, 5, 5, dtype=torch.float64, requires_grad=True)
    module = torch.nn.Module().train()
    torch.manual_seed(4)
    attended, _ = attention_forward(module, query, key, value, None, dropout=0.4, scaling=0.5, position_bias=bias)
    torch.manual_seed(4)
    keep = keep_mask(torch.empty(2, 2, 5, 5, dtype=torch.float64), 0.4)
    weights = torch.softmax(query @ key.transpose(-1, -2) * 0.5 + bias, -1) * keep / 0.6
    expected = (weights @ value).transpose(1, 2)
    torch.testing.assert_close(attended, expected)
    wanted = torch.randn_like(expected)
    inputs = (query, key, value, bias)
    found, by_hand = (torch.autograd.grad(result, inputs, wanted) for result in (attended, expected))
    for one, other in zip(found, by_hand, strict=True):
        torch.testing.assert_close(one, other)


def test_a_decoder_without_a_mask_still_sees_no_later_token():
    torch.manual_seed(0)
    module = torch.nn.Module()
    module.is_causal = True
    query, key, value = (torch.randn(1, 1, 4, 8) for _ in range(3))
    attended, _ = attention_forward(module, query, key, value, None)
    expected = F.scaled_dot_product_attention(query, key, value, is_causal=True).transpose(1, 2)
    torch.testing.assert_close(attended, expected)
