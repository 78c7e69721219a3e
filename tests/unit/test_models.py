"""parity.models: which folders hold a model that can be compared, and loading and measuring it."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny import make_model
from transformers import AutoModelForSeq2SeqLM, GPT2Config, GPT2LMHeadModel

from parity.errors import InputError
from parity.methods import build_method, parameter_counts
from parity.models import check_model_folder, count_parameters, count_trainable, load_model, model_digest, weight_bytes


@pytest.fixture
def copy(tiny_model, tmp_path) -> Path:
    """A model's folder that a test may spoil."""
    return Path(shutil.copytree(tiny_model, tmp_path / "copy"))


def message_of(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    return str(error.value)


def test_a_complete_encoder_decoder_is_accepted(tiny_model):
    check_model_folder(tiny_model)


def test_a_missing_folder_is_refused_with_the_config_key(tmp_path):
    folder = str(tmp_path / "away")
    message = message_of(check_model_folder, folder)
    assert message.startswith(f"model.name_or_path = {folder!r}: no such folder")
    assert "Check the path" in message


def test_a_folder_without_config_is_refused(copy):
    (copy / "config.json").unlink()
    message = message_of(check_model_folder, str(copy))
    assert message.startswith(f"{copy}: no config.json")
    assert "save_pretrained" in message


def test_a_folder_without_weights_is_refused(copy):
    (copy / "model.safetensors").unlink()
    message = message_of(check_model_folder, str(copy))
    assert message.startswith(f"{copy}: no weights (model.safetensors)")
    assert "Fetch or copy the model again" in message


@pytest.mark.parametrize("text", ['{"model_type": "t5", ', "{}", '{"model_type": "no_such_model"}', "[]", ""])
def test_a_broken_config_is_refused_by_file(copy, text):
    (copy / "config.json").write_text(text)
    message = message_of(check_model_folder, str(copy))
    assert message.startswith(f"{copy}/config.json: unreadable")
    assert "Copy the model again" in message


def test_a_decoder_only_model_is_refused_by_its_type(tmp_path):
    GPT2LMHeadModel(GPT2Config(vocab_size=32, n_embd=8, n_layer=1, n_head=1, n_positions=16)).save_pretrained(tmp_path)
    message = message_of(check_model_folder, str(tmp_path))
    assert message.startswith(f"{tmp_path}: gpt2 is no encoder-decoder")
    assert "FLAN-T5" in message


def test_a_bf16_checkpoint_is_loaded_in_fp32_with_the_same_values(tiny_model, tmp_path):
    stored = AutoModelForSeq2SeqLM.from_pretrained(tiny_model, dtype=torch.bfloat16)
    stored.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "bfloat16"
    loaded = load_model(str(tmp_path))
    assert {parameter.dtype for parameter in loaded.parameters()} == {torch.float32}
    state = loaded.state_dict()
    assert all(torch.equal(state[name], tensor.float()) for name, tensor in stored.state_dict().items())


def test_a_head_of_its_own_stays_untied(tiny_model):
    model = load_model(tiny_model)
    assert model.lm_head.weight is not model.shared.weight
    assert not torch.equal(model.lm_head.weight, model.shared.weight)


@pytest.mark.parametrize("kept", [0, 5, 1000, -100])
def test_weights_cut_off_on_the_way_are_refused(copy, kept):
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:kept])
    message = message_of(load_model, str(copy))
    assert message.startswith(f"{copy}: the model cannot be loaded")
    assert "Fetch or copy it again" in message


def test_weights_that_do_not_fit_the_config_are_refused(copy):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"d_ff": 128}))
    assert message_of(load_model, str(copy)).startswith(f"{copy}: the model cannot be loaded")


def test_weights_that_lack_a_tensor_are_refused_and_not_filled_at_random(copy):
    tensors = load_file(copy / "model.safetensors")
    del tensors["encoder.block.0.layer.0.SelfAttention.q.weight"]
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    assert message_of(load_model, str(copy)).startswith(f"{copy}: ")


def test_a_tensor_that_two_modules_share_is_counted_once():
    first, second = torch.nn.Linear(3, 4), torch.nn.Linear(3, 4)
    assert count_parameters(torch.nn.ModuleList([first, second])) == 32
    second.weight = first.weight
    assert count_parameters(torch.nn.ModuleList([first, second])) == 20
    first.bias.requires_grad = False
    assert count_trainable(torch.nn.ModuleList([first, second])) == 16


def test_weight_bytes_leave_out_all_but_the_weights(copy):
    size = (copy / "model.safetensors").stat().st_size
    assert weight_bytes(copy) == size
    (copy / "pytorch_model-00001-of-00001.bin").write_bytes(b"12345")
    assert weight_bytes(copy) == size + 5


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_the_models_digest_follows_weights_config_and_tokenizer(tiny_model, copy, name):
    assert model_digest(copy) == model_digest(tiny_model)
    (copy / "notes.txt").write_text("no part of the model")
    assert model_digest(copy) == model_digest(tiny_model)
    with (copy / name).open("ab") as file:
        file.write(b" ")
    assert model_digest(copy) != model_digest(tiny_model)


def test_flan_t5_smalls_shape_has_the_published_parameter_counts(tmp_path):
    model = make_model(vocab_size=32128, d_model=512, d_kv=64, d_ff=1024, num_layers=8, num_decoder_layers=8, num_heads=6)
    model.save_pretrained(tmp_path)

    full = build_method("full", {"kind": "full"}, str(tmp_path))
    assert parameter_counts(full) == {"parameters": 76_961_152, "trainable": 76_961_152, "trainable_percent": 100.0}
    assert torch.equal(full.lm_head.weight, model.lm_head.weight)

    peft = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q", "v"]}
    counts = parameter_counts(build_method("lora", {"kind": "peft", "peft": peft}, str(tmp_path)))
    assert (counts["parameters"], counts["trainable"]) == (76_961_152, 344_064)
    assert round(counts["trainable_percent"], 3) == 0.447
