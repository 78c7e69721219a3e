"""parity.targets: modules of an adapter whose config names none, and what is said where nobody knows any."""

import pytest
import torch
from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING
from transformers import AutoConfig, AutoModelForSeq2SeqLM, MarianConfig, MarianMTModel

from parity.errors import InputError
from parity.methods import build_method
from parity.probes import check_method
from parity.targets import SAME_MODULES, adapted_modules

LAYER = ("encoder_layers", "decoder_layers", "encoder_attention_heads", "decoder_attention_heads")
EXAMPLE = {"input_ids": [5, 6, 2], "labels": [7, 8, 2]}


@pytest.fixture(scope="module")
def marian(tmp_path_factory) -> str:
    """The folder of a model that PEFT knows no defaults for."""
    sizes = dict.fromkeys(LAYER, 1) | {"d_model": 8, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8}
    tokens = {"pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    folder = tmp_path_factory.mktemp("marian")
    config = MarianConfig(vocab_size=32, decoder_vocab_size=32, max_position_embeddings=32, **sizes, **tokens)
    MarianMTModel(config).save_pretrained(folder)
    return str(folder)


def block(**peft) -> dict:
    return {"kind": "peft", "peft": peft}


def refusal(folder: str, **peft) -> str:
    with pytest.raises(InputError) as error:
        check_method("mine", block(**peft), folder, EXAMPLE)
    return str(error.value)


def modules_of(model_type: str) -> set[str]:
    """Last names of all linear modules in an architecture as it comes."""
    with torch.device("meta"):
        model = AutoModelForSeq2SeqLM.from_config(AutoConfig.for_model(model_type))
    return {name.rsplit(".", 1)[-1] for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}


@pytest.mark.parametrize(("model_type", "twin"), SAME_MODULES.items())
def test_an_architecture_of_the_table_has_its_twins_modules_and_peft_has_nothing_for_it(model_type, twin):
    assert modules_of(model_type) == modules_of(twin)
    # Once PEFT has defaults of its own, the entry must go.
    assert model_type not in TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING


@pytest.mark.parametrize(
    ("family", "peft_type", "modules"),
    [
        ("longt5_local", "LORA", ["q", "v"]),
        ("longt5_global", "LORA", ["q", "v"]),
        ("longt5_global", "IA3", ["k", "v", "wo"]),
        ("longt5_global", "LN_TUNING", ["final_layer_norm", "layer_norm"]),
        ("pegasus", "LORA", ["q_proj", "v_proj"]),
        ("pegasus", "IA3", ["fc2", "q_proj", "v_proj"]),
        ("pegasus", "LN_TUNING", ["encoder_attn_layer_norm", "final_layer_norm", "self_attn_layer_norm"]),
        ("pegasus", "LOHA", ["q_proj", "v_proj"]),
        ("mt5", "IA3", ["k", "v", "wi_1"]),
    ],
)
def test_what_the_config_leaves_open_is_pefts_default_or_its_twins(shape, family, peft_type, modules):
    adapted = build_method("mine", block(peft_type=peft_type), shape(family))
    assert adapted_modules(adapted) == modules


@pytest.mark.parametrize("family", ["bart", "pegasus", "longt5_local"])
def test_a_default_is_the_same_adapter_as_the_same_modules_named(shape, family):
    folder = shape(family)

    def adapter(**named):
        torch.manual_seed(3)
        adapted = build_method("mine", block(peft_type="LORA", r=2, **named), folder)
        return {key: tensor for key, tensor in adapted.named_parameters() if tensor.requires_grad}

    names = ["q", "v"] if family == "longt5_local" else ["q_proj", "v_proj"]
    left_out, named = adapter(), adapter(target_modules=names)
    assert list(left_out) == list(named)
    assert all(torch.equal(left_out[key], named[key]) for key in named)


def test_modules_that_the_study_names_go_before_any_default(shape):
    adapted = build_method("mine", block(peft_type="LORA", target_modules=["out_proj"]), shape("pegasus"))
    assert adapted_modules(adapted) == ["out_proj"]
    named = block(peft_type="IA3", target_modules=["k", "wo"], feedforward_modules=["wo"])
    assert adapted_modules(build_method("mine", named, shape("longt5_local"))) == ["k", "wo"]


def test_full_fine_tuning_and_prompts_sit_on_no_module(shape):
    assert adapted_modules(build_method("mine", {"kind": "full"}, shape("bart"))) is None
    assert adapted_modules(build_method("mine", block(peft_type="PROMPT_TUNING", num_virtual_tokens=2), shape("bart"))) is None


def test_an_architecture_without_a_default_is_refused_with_its_own_modules(marian):
    message = refusal(marian, peft_type="LORA", r=2)
    assert message.startswith("methods.mine.peft.target_modules: not named, and PEFT has no default of LORA for marian")
    assert "of encoder-decoders it has: bart, mt5, t5" in message
    assert "Name some of the model's own: fc1, fc2, k_proj, out_proj, q_proj, v_proj." in message
    assert "target_modules: all-linear" in message


def test_the_message_fits_the_type(marian):
    assert "feedforward_modules" in refusal(marian, peft_type="IA3")
    message = refusal(marian, peft_type="LN_TUNING")
    assert "encoder_attn_layer_norm, final_layer_norm, self_attn_layer_norm" in message
    assert "all-linear" not in message


@pytest.mark.parametrize("targets", ["all-linear", ["q_proj"], r".*\.decoder\..*q_proj"], ids=str)
def test_what_the_message_proposes_works(marian, targets):
    counts = check_method("mine", block(peft_type="LORA", r=2, target_modules=targets), marian, EXAMPLE)
    assert counts["trainable"] > 0


def test_names_that_the_model_does_not_have_are_refused_with_those_that_it_has(marian):
    message = refusal(marian, peft_type="LORA", target_modules=["q", "v"])
    assert "['q', 'v']" in message
    assert "Name target_modules that the model has (fc1, fc2, k_proj, out_proj, q_proj, v_proj)" in message
