"""parity.precision: what `auto` comes to, and frozen weights in bf16 that change no number."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from peft import LoraConfig, get_peft_model
from tiny import make_model

from parity import precision
from parity.precision import halve_frozen, resolved_precision

LORA = {"peft_type": "LORA", "r": 2, "target_modules": ["q", "v"]}


@pytest.mark.parametrize(("has_bf16", "width", "expected"), [
    (True, 512, "bf16"),
    (True, 384, "bf16"),
    (True, 192, "fp32"),
    (False, 512, "fp32"),
])  # fmt: skip
def test_auto_on_a_cpu_asks_for_its_instructions_and_the_models_width(monkeypatch, has_bf16, width, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(precision, "_cpu_has_bf16", lambda: has_bf16)
    assert resolved_precision("auto", SimpleNamespace(hidden_size=width)) == expected
    # Of two models put together the encoder reads the long texts.
    assert resolved_precision("auto", SimpleNamespace(encoder=SimpleNamespace(hidden_size=width))) == expected
    assert [resolved_precision(name, SimpleNamespace()) for name in ("bf16", "fp32")] == ["bf16", "fp32"]


@pytest.mark.parametrize("has_bf16", [True, False])
def test_auto_on_a_gpu_asks_the_gpu_alone(monkeypatch, has_bf16):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_bf16)
    assert resolved_precision("auto", SimpleNamespace(hidden_size=32)) == ("bf16" if has_bf16 else "fp32")


def adapted(**lora):
    torch.manual_seed(0)
    config = LoraConfig(r=2, target_modules=["q", "v"], init_lora_weights=False, task_type="SEQ_2_SEQ_LM", **lora)
    return get_peft_model(make_model(), config).eval()


def loss_under_autocast(model) -> torch.Tensor:
    tokens = torch.arange(5, 25).view(2, 10)
    with torch.autocast("cpu", torch.bfloat16):
        return model(input_ids=tokens, labels=tokens).loss


def test_frozen_weights_are_halved_and_no_number_changes():
    model = adapted()
    before = loss_under_autocast(model)
    halve_frozen(model, LORA)
    kinds = {name: parameter.dtype for name, parameter in model.named_parameters()}
    assert kinds["base_model.model.encoder.block.0.layer.0.SelfAttention.q.base_layer.weight"] == torch.bfloat16
    assert {kind for name, kind in kinds.items() if "lora_" in name or "shared" in name or "norm" in name} == {torch.float32}
    assert torch.equal(loss_under_autocast(model), before)


def test_a_head_that_is_the_embedding_stays():
    model = adapted()
    base = model.get_base_model()
    base.lm_head.weight = base.shared.weight
    base.requires_grad_(False)
    halve_frozen(model, LORA)
    assert base.lm_head.weight.dtype == torch.float32


@pytest.mark.parametrize("peft", [None, LORA | {"use_dora": True}, {"peft_type": "OFT"}])
def test_weights_that_are_trained_or_computed_with_stay(peft):
    model = make_model() if peft is None else adapted()
    halve_frozen(model, peft)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
