"""parity.models: which folders hold a model that can be compared, and loading and measuring it."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from shapes import FAMILIES
from tiny import make_model
from transformers import (
    AutoModelForSeq2SeqLM,
    BartForConditionalGeneration,
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    PegasusForConditionalGeneration,
    PreTrainedModel,
    T5Config,
    T5EncoderModel,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
    WhisperConfig,
    WhisperForConditionalGeneration,
)

from parity.errors import InputError
from parity.methods import build_method, parameter_counts
from parity.models import (
    check_model_digest,
    check_model_folder,
    count_parameters,
    count_trainable,
    fixed_parameters,
    load_model,
    model_digest,
    weight_bytes,
)


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


GPT2 = GPT2Config(vocab_size=32, n_embd=8, n_layer=1, n_head=1, n_positions=16)


def whisper() -> PreTrainedModel:
    layers = dict.fromkeys(("encoder_layers", "decoder_layers", "encoder_attention_heads", "decoder_attention_heads"), 1)
    sizes = {"vocab_size": 32, "d_model": 8, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8}
    tokens = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 3}
    return WhisperForConditionalGeneration(WhisperConfig(**layers, **sizes, **tokens))


def pictures_to_text() -> PreTrainedModel:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    eye = ViTConfig(image_size=8, patch_size=4, **sizes)
    return VisionEncoderDecoderModel(VisionEncoderDecoderConfig.from_encoder_decoder_configs(eye, GPT2))


def bert() -> PreTrainedModel:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    return BertForMaskedLM(BertConfig(vocab_size=32, **sizes))


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        (lambda: GPT2LMHeadModel(GPT2), "gpt2 is no encoder-decoder."),
        (bert, "bert is no encoder-decoder."),
        (lambda: T5EncoderModel(T5Config(vocab_size=32, d_model=8, d_ff=8, num_layers=1)), "t5 is no encoder-decoder."),
        (whisper, "whisper is no encoder-decoder from text to text."),
        (pictures_to_text, "vision-encoder-decoder is no encoder-decoder from text to text."),
    ],
    ids=["decoder alone", "encoder alone", "half of T5", "speech", "pictures"],
)
def test_what_does_not_read_text_and_write_text_is_refused_by_its_type(tmp_path, build, problem):
    build().save_pretrained(tmp_path)
    message = message_of(check_model_folder, str(tmp_path))
    assert message.startswith(f"{tmp_path}: {problem} ")
    assert "T5, FLAN-T5, mT5, BART, PEGASUS, LongT5" in message
    assert "A decoder alone (GPT, Llama)" in message


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_accepted_and_loads_with_the_values_that_are_stored(shape, family):
    folder = Path(shape(family))
    assert check_model_folder(str(folder)).is_encoder_decoder
    stored = load_file(folder / "model.safetensors")
    loaded = load_model(str(folder)).state_dict()
    # A BART checkpoint is stored without its head.
    before = "model." if family == "bart" else ""
    assert all(torch.equal(loaded[f"{before}{name}"], tensor) for name, tensor in stored.items())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_head_is_tied_where_it_is_not_stored_and_its_own_where_it_is(shape, family):
    model = load_model(shape(family))
    tied = model.get_output_embeddings().weight is model.get_input_embeddings().weight
    assert tied is not FAMILIES[family].own_head


def test_a_longt5_with_a_head_of_its_own_keeps_it(shape, tmp_path):
    folder = Path(shutil.copytree(shape("longt5_local"), tmp_path / "copy"))
    tensors = load_file(folder / "model.safetensors")
    tensors["lm_head.weight"] = torch.randn_like(tensors["shared.weight"])
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    assert torch.equal(load_model(str(folder)).lm_head.weight, tensors["lm_head.weight"])


def test_what_tying_and_computing_fill_in_is_not_missed(shape, tmp_path):
    """A PEGASUS checkpoint holds neither its sinusoidal positions nor the embedding more than once."""
    folder = Path(shutil.copytree(shape("pegasus"), tmp_path / "copy"))
    tensors = load_file(folder / "model.safetensors")
    filled = [key for key in tensors if "embed" in key or key in ("lm_head.weight", "final_logits_bias")]
    assert filled
    kept = {key: tensor for key, tensor in tensors.items() if key not in filled or key == "model.shared.weight"}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    whole, partial = load_model(shape("pegasus")).state_dict(), load_model(str(folder)).state_dict()
    assert list(whole) == list(partial)
    assert all(torch.equal(whole[key], partial[key]) for key in whole)


def test_positions_that_are_computed_are_frozen_and_those_that_are_learnt_are_not(shape):
    tables = {f"model.{side}.embed_positions.weight" for side in ("encoder", "decoder")}
    assert fixed_parameters(shape("pegasus")) == tables
    model = load_model(shape("pegasus"))
    assert {name for name, parameter in model.named_parameters() if not parameter.requires_grad} == tables
    # As transformers itself builds the two.
    for family, build in (("pegasus", PegasusForConditionalGeneration), ("bart", BartForConditionalGeneration)):
        model = load_model(shape(family))
        assert count_trainable(model) == count_trainable(build(model.config))
    assert fixed_parameters(shape("bart")) == fixed_parameters(shape("t5")) == set()


def test_loading_draws_no_random_number(shape):
    for family in FAMILIES:
        folder = shape(family)
        before = torch.get_rng_state()
        load_model(folder)
        assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("family", "name"), [("bart", "vocab.json"), ("bart", "merges.txt"), ("mt5", "spiece.model"), ("mt5", "model.safetensors")]
)
def test_the_models_digest_follows_every_familys_files(shape, tmp_path, family, name):
    folder = Path(shutil.copytree(shape(family), tmp_path / "copy"))
    assert model_digest(folder) == model_digest(shape(family))
    with (folder / name).open("ab") as file:
        file.write(b" ")
    assert model_digest(folder) != model_digest(shape(family))


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
    (copy / "model-00001-of-00001.safetensors").write_bytes(b"12345")
    (copy / "notes.txt").write_bytes(b"12345")
    assert weight_bytes(copy) == size + 5


def test_a_model_of_another_digest_than_the_studys_is_refused(copy):
    expected = model_digest(copy)
    assert check_model_digest(str(copy), expected) == check_model_digest(str(copy), None) == expected
    (copy / "config.json").write_text((copy / "config.json").read_text() + "\n")
    message = message_of(check_model_digest, str(copy), expected)
    assert message.startswith(f"{copy}: the model's digest is {model_digest(copy)}, but model.digest = {expected}. ")


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
