"""parity.methods: PEFT configs from a method's block, adapters on the base model, and what is refused with which words."""

import pytest
import torch
from transformers import BartConfig, BartForConditionalGeneration, T5Config, T5ForConditionalGeneration

from parity.errors import InputError
from parity.methods import build_method, load_trained, parameter_counts, peft_config
from parity.models import count_parameters, load_model
from parity.probes import check_method

ADAPTERS = {
    "LORA": {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q", "v"]},
    "DORA": {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q", "v"], "use_dora": True},
    "IA3": {"peft_type": "IA3"},
    "PREFIX_TUNING": {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 4},
    "PROMPT_TUNING": {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 4},
}
LAYERS, WIDTH, INNER, HIDDEN = 2, 32, 32, 64
ATTENTIONS = LAYERS + 2 * LAYERS
# Counted by hand from the shape of the tiny model: two layers a side, in the decoder with an attention to the encoder.
TRAINABLE = {
    "LORA": ATTENTIONS * 2 * 2 * (WIDTH + INNER),
    "DORA": ATTENTIONS * 2 * (2 * (WIDTH + INNER) + INNER),
    "IA3": ATTENTIONS * 2 * INNER + 2 * LAYERS * HIDDEN,
}


@pytest.fixture
def probe(tokens) -> dict:
    row = tokens["train"][0]
    return {"input_ids": row["input_ids"], "labels": row["labels"]}


def block(peft: dict) -> dict:
    return {"kind": "peft", "peft": peft}


def refusal(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    return str(error.value)


def test_the_settings_reach_pefts_own_config_for_an_encoder_decoder():
    config = peft_config("mine", {"peft_type": "lora", "r": 3, "lora_dropout": 0.25, "target_modules": ["q"]})
    assert (config.r, config.lora_dropout, config.target_modules) == (3, 0.25, {"q"})
    assert (config.peft_type, config.task_type) == ("LORA", "SEQ_2_SEQ_LM")


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ({"peft_type": "LORRA"}, ["methods.mine.peft.peft_type = 'LORRA'", "PEFT knows no such type", "Did you mean LORA?"]),
        ({"peft_type": "prefix-tuning"}, ["peft_type = 'prefix-tuning'", "Did you mean PREFIX_TUNING?"]),
        ({"peft_type": "??"}, ["methods.mine.peft.peft_type = '??'", "Known: ", "IA3, ", "LORA, "]),
        ({"peft_type": 7}, ["methods.mine.peft.peft_type = 7", "PEFT knows no such type", "Known: "]),
        ({"peft_type": "LORA", "rr": 8}, ["methods.mine.peft.rr = 8", "LoraConfig has no such key", "Did you mean r?"]),
        ({"peft_type": "LORA", "lora_alfa": 8}, ["methods.mine.peft.lora_alfa = 8", "Did you mean lora_alpha?"]),
        ({"peft_type": "LORA", "zzzz": 1}, ["methods.mine.peft.zzzz = 1", "Known: ", "lora_alpha"]),
        ({"peft_type": "LORA", "task_type": "CAUSAL_LM"}, ["methods.mine.peft.task_type = 'CAUSAL_LM'", "has no such key"]),
        (
            {"peft_type": "IA3", "r": 4},
            ["methods.mine.peft.r = 4", "IA3Config has no such key", "a key of LORA, not of IA3: remove it"],
        ),
        ({"peft_type": "ADALORA"}, ["methods.mine.peft.peft_type = ADALORA", "every training step", "Choose another type"]),
        (
            {"peft_type": "MULTITASK_PROMPT_TUNING"},
            ["methods.mine.peft.peft_type = MULTITASK_PROMPT_TUNING", "task id", "Choose another type"],
        ),
        (
            {"peft_type": "IA3", "target_modules": ["q"], "feedforward_modules": ["wo"]},
            ["methods.mine.peft = ", "feedforward_modules", "See PEFT's IA3Config"],
        ),
    ],
)
def test_a_bad_block_is_refused_by_key_value_and_remedy(settings, parts):
    message = refusal(peft_config, "mine", settings)
    assert [part for part in parts if part not in message] == []


@pytest.mark.parametrize(
    "settings",
    [
        {"peft_type": "LORA", "r": 0},
        {"peft_type": "LORA", "r": -1},
        {"peft_type": "LORA", "r": "eight"},
        {"peft_type": "LORA", "target_modules": ["query_that_is_not_there"]},
        {"peft_type": "PROMPT_TUNING"},
        {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": "many"},
    ],
    ids=str,
)
def test_a_value_that_cannot_work_is_refused_before_training(tiny_model, probe, settings):
    message = refusal(check_method, "mine", block(settings), tiny_model, probe)
    assert message.startswith("methods.mine")
    assert str(settings) in message


def test_target_modules_that_fit_nothing_are_refused_with_the_remedy(tiny_model):
    message = refusal(build_method, "mine", block({"peft_type": "LORA", "target_modules": ["c_attn"]}), tiny_model)
    assert message.startswith("methods.mine.peft = {'peft_type': 'LORA', 'target_modules': ['c_attn']}")
    assert "this t5" in message
    assert "Name target_modules that the model has" in message


def test_an_adapter_of_which_nothing_is_trained_is_refused(tiny_model):
    message = refusal(build_method, "mine", block(ADAPTERS["LORA"] | {"inference_mode": True}), tiny_model)
    assert message.startswith("methods.mine.peft = ")
    assert "nothing of it can be trained" in message
    assert "Remove inference_mode" in message


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_documented_adapter_fits_an_encoder_decoder(tiny_model, probe, name):
    counts = check_method(name, block(ADAPTERS[name]), tiny_model, probe)
    assert counts["parameters"] == count_parameters(load_model(tiny_model))
    assert 0 < counts["trainable"] < counts["parameters"]
    assert counts["trainable"] == TRAINABLE.get(name, counts["trainable"])
    assert counts["trainable_percent"] == 100 * counts["trainable"] / counts["parameters"]


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_leaves_the_base_model_frozen_and_as_it_was(tiny_model, name):
    before = load_model(tiny_model).state_dict()
    adapted = build_method(name, block(ADAPTERS[name]), tiny_model)
    after = {key.replace("base_layer.", ""): tensor for key, tensor in adapted.get_base_model().state_dict().items()}
    assert all(torch.equal(after[key], tensor) for key, tensor in before.items())
    frozen = {id(parameter) for parameter in adapted.parameters() if not parameter.requires_grad}
    assert len(frozen) == len(list(load_model(tiny_model).parameters()))


def test_full_fine_tuning_trains_everything(tiny_model, probe):
    counts = check_method("full", {"kind": "full"}, tiny_model, probe)
    assert counts["trainable"] == counts["parameters"] == count_parameters(load_model(tiny_model))
    assert counts["trainable_percent"] == 100


def test_an_adapter_is_drawn_from_torchs_generator(tiny_model):
    def first_matrix(seed):
        torch.manual_seed(seed)
        adapted = build_method("lora", block(ADAPTERS["LORA"]), tiny_model)
        return next(tensor for key, tensor in adapted.named_parameters() if "lora_A" in key)

    assert torch.equal(first_matrix(5), first_matrix(5))
    assert not torch.equal(first_matrix(5), first_matrix(6))


def test_parameter_counts_of_an_adapter_are_relative_to_the_base_model(tiny_model):
    counts = parameter_counts(build_method("lora", block(ADAPTERS["LORA"]), tiny_model))
    assert counts["parameters"] == count_parameters(load_model(tiny_model))
    assert counts["trainable"] == TRAINABLE["LORA"]


def test_what_generates_is_the_base_model_the_trained_one_or_the_base_with_its_adapter(tiny_model, tmp_path):
    base = load_model(tiny_model)
    trained = load_model(tiny_model)
    with torch.no_grad():
        trained.lm_head.weight += 1
    trained.save_pretrained(tmp_path / "full")
    adapted = build_method("lora", block(ADAPTERS["LORA"]), tiny_model)
    with torch.no_grad():
        for key, tensor in adapted.named_parameters():
            if "lora_B" in key:
                tensor += 1
    adapted.save_pretrained(tmp_path / "peft")

    def logits(model):
        with torch.no_grad():
            return model.eval()(input_ids=torch.tensor([[5, 6, 1]]), labels=torch.tensor([[7, 1]])).logits

    assert torch.equal(logits(load_trained(tiny_model, None, "zero_shot")), logits(base))
    assert torch.equal(logits(load_trained(tiny_model, str(tmp_path / "full"), "full")), logits(trained))
    assert torch.equal(logits(load_trained(tiny_model, str(tmp_path / "peft"), "peft")), logits(adapted))
    assert not torch.equal(logits(base), logits(trained))
    assert not torch.equal(logits(base), logits(adapted))


def test_a_prefix_fits_heads_that_are_together_narrower_than_the_model(tmp_path):
    """As in FLAN-T5-small: 6 heads of 64 in a model of 512."""
    config = T5Config(vocab_size=40, d_model=32, d_kv=8, d_ff=16, num_layers=1, num_heads=3, decoder_start_token_id=0)
    T5ForConditionalGeneration(config).save_pretrained(tmp_path)
    block = {"kind": "peft", "peft": {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 2}}
    counts = check_method("prefix", block, str(tmp_path), {"input_ids": [5, 6, 1], "labels": [7, 1]})
    assert counts["trainable"] > 0


LAYERS_OF = {
    T5Config: {"vocab_size": 40, "d_model": 16, "d_kv": 4, "d_ff": 16, "num_heads": 2, "decoder_start_token_id": 0},
    BartConfig: {"vocab_size": 40, "d_model": 16, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16, "max_position_embeddings": 32},
}
PREFIX = {"kind": "peft", "peft": {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 2}}


@pytest.mark.parametrize(("encoder", "decoder"), [(1, 3), (2, 4), (4, 2)])
@pytest.mark.parametrize("config", LAYERS_OF)
def test_a_prefix_fits_a_decoder_that_is_deeper_or_shallower_than_the_encoder(tmp_path, config, encoder, decoder):
    if config is T5Config:
        layers, build = {"num_layers": encoder, "num_decoder_layers": decoder}, T5ForConditionalGeneration
    else:
        heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
        layers, build = {"encoder_layers": encoder, "decoder_layers": decoder} | heads, BartForConditionalGeneration
    build(config(**LAYERS_OF[config], **layers)).save_pretrained(tmp_path)
    counts = check_method("prefix", PREFIX, str(tmp_path), {"input_ids": [5, 6, 1], "labels": [7, 1]})
    # PEFT gives a shallower decoder as many as the encoder has layers.
    width = 8 if config is T5Config else 16
    assert counts["trainable"] == 2 * max(encoder, decoder) * 2 * width


@pytest.mark.parametrize(("encoder", "decoder"), [(4, 2), (2, 4)])
def test_a_prefix_is_cut_into_the_decoders_heads(tmp_path, encoder, decoder):
    heads = {"encoder_attention_heads": encoder, "decoder_attention_heads": decoder}
    layers = {"encoder_layers": 2, "decoder_layers": 2}
    BartForConditionalGeneration(BartConfig(**LAYERS_OF[BartConfig], **layers, **heads)).save_pretrained(tmp_path)
    adapted = build_method("prefix", PREFIX, str(tmp_path))
    assert adapted.active_peft_config.num_attention_heads == decoder
    assert check_method("prefix", PREFIX, str(tmp_path), {"input_ids": [5, 6, 2], "labels": [7, 2]})["trainable"] > 0


@pytest.mark.parametrize(("layers", "learning"), [(1, 1), (2, 1), (3, 3), (4, 2)])
def test_of_pefts_prefix_half_learns_nothing_where_the_layers_are_even(tmp_path, layers, learning):
    """docs/GPU.md says so; a PEFT in which this fails has mended it."""
    sizes = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_layers": layers, "decoder_layers": layers}
    BartForConditionalGeneration(BartConfig(**LAYERS_OF[BartConfig], **sizes)).save_pretrained(tmp_path)
    adapted = build_method("prefix", PREFIX, str(tmp_path))
    adapted(input_ids=torch.tensor([[5, 6, 2]]), labels=torch.tensor([[7, 8, 2]])).loss.backward()
    [prefix] = [parameter for parameter in adapted.parameters() if parameter.requires_grad]
    # Of each virtual token: a key and a value a layer, each as wide as the model.
    pairs = prefix.grad.view(2, layers, 2 * 16).abs().sum(dim=(0, 2))
    assert int((pairs > 0).sum()) == learning
