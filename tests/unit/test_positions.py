"""parity.positions: what goes beyond a model's positions is refused at the very token at which the model would fail."""

import pytest
import torch
from datasets import Dataset, DatasetDict
from shapes import FAMILIES, POSITIONS
from transformers import AutoConfig, BertConfig, EncoderDecoderConfig, LEDConfig

from parity.errors import InputError
from parity.generation import generate_summaries
from parity.methods import build_method, peft_config
from parity.models import load_model
from parity.positions import check_lengths, check_method_lengths, position_limits
from parity.tokens import load_tokenizer

LIMITED = ("bart", "pegasus")
VIRTUAL = 4
PROMPTS = {name: {"peft_type": name, "num_virtual_tokens": VIRTUAL} for name in ("PREFIX_TUNING", "PROMPT_TUNING", "P_TUNING")}


def example(source: int, target: int) -> dict:
    return {"input_ids": [5] * (source - 1) + [1], "labels": [5] * (target - 1) + [1]}


def data_of(source: int, target: int) -> DatasetDict:
    row = {key: [ids] for key, ids in example(source, target).items()}
    short = {key: [[5, 1]] for key in row}
    return DatasetDict(
        train=Dataset.from_dict(short), validation=Dataset.from_dict(row), test=Dataset.from_dict({"input_ids": [[5, 1]]})
    )


def refusal(call, *arguments, **named) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments, **named)
    return str(error.value)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_families_of_t5_have_no_limit_and_the_others_have_one(shape, family):
    limits = position_limits(AutoConfig.from_pretrained(shape(family)))
    assert limits == ((POSITIONS, POSITIONS) if family in LIMITED else (None, None))


def test_limits_that_differ_between_encoder_and_decoder_are_found():
    led = LEDConfig(max_encoder_position_embeddings=64, max_decoder_position_embeddings=32)
    assert position_limits(led) == (64, 32)
    both = [BertConfig(max_position_embeddings=limit, hidden_size=8, num_attention_heads=1) for limit in (40, 20)]
    assert position_limits(EncoderDecoderConfig.from_encoder_decoder_configs(*both)) == (40, 20)


@pytest.mark.parametrize("family", LIMITED)
@pytest.mark.parametrize(("key", "beyond"), [("max_source_length", (1, 0)), ("max_target_length", (0, 1))])
def test_a_studys_lengths_are_refused_from_the_token_on_that_the_model_cannot_read(shape, family, key, beyond):
    config = AutoConfig.from_pretrained(shape(family))
    check_lengths(config, POSITIONS, POSITIONS)
    model = load_model(shape(family))
    model(**{key: torch.tensor([ids]) for key, ids in example(POSITIONS, POSITIONS).items()})

    lengths = [POSITIONS + more for more in beyond]
    message = refusal(check_lengths, config, *lengths)
    assert message == f"{key} = {POSITIONS + 1}: {family} has {POSITIONS} positions. Set it to {POSITIONS} or less"
    with pytest.raises(IndexError):
        model(**{key: torch.tensor([ids]) for key, ids in example(*lengths).items()})


def test_t5_reads_texts_of_any_length(shape):
    check_lengths(AutoConfig.from_pretrained(shape("t5")), 10**6, 10**6)


@pytest.mark.parametrize("family", LIMITED)
@pytest.mark.parametrize("peft_type", PROMPTS)
def test_a_prompts_virtual_tokens_count_where_the_model_counts_them(shape, family, peft_type):
    config, adapter = AutoConfig.from_pretrained(shape(family)), peft_config("mine", PROMPTS[peft_type])
    in_decoder = peft_type == "PREFIX_TUNING"
    fits = (POSITIONS, POSITIONS - VIRTUAL) if in_decoder else (POSITIONS - VIRTUAL, POSITIONS)
    model = build_method("mine", {"kind": "peft", "peft": PROMPTS[peft_type]}, shape(family))

    def run(*lengths: int) -> None:
        model(**{key: torch.tensor([ids]) for key, ids in example(*lengths).items()})

    check_method_lengths("mine", config, adapter, data_of(*fits))
    run(*fits)

    too_long = (fits[0], fits[1] + 1) if in_decoder else (fits[0] + 1, fits[1])
    message = refusal(check_method_lengths, "mine", config, adapter, data_of(*too_long))
    key = "max_target_length" if in_decoder else "max_source_length"
    assert message.startswith(f"methods.mine.peft.num_virtual_tokens = {VIRTUAL}: ")
    assert f"makes {POSITIONS + 1}, and {family} has {POSITIONS} positions" in message
    assert f"Set {key} to {POSITIONS - VIRTUAL} or less" in message
    with pytest.raises((IndexError, RuntimeError)):
        run(*too_long)


def test_more_virtual_tokens_than_positions_are_refused_with_another_remedy(shape):
    adapter = peft_config("mine", {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": POSITIONS})
    message = refusal(check_method_lengths, "mine", AutoConfig.from_pretrained(shape("bart")), adapter, data_of(3, 3))
    assert message.endswith("Take fewer virtual tokens")


@pytest.mark.parametrize("family", LIMITED)
@pytest.mark.parametrize("virtual", [0, VIRTUAL])
def test_new_tokens_are_refused_from_the_one_on_that_the_model_cannot_write(shape, family, virtual):
    adapter = peft_config("mine", PROMPTS["PREFIX_TUNING"]) if virtual else None
    block = {"kind": "peft", "peft": PROMPTS["PREFIX_TUNING"]} if virtual else {"kind": "full"}
    model, rows = build_method("mine", block, shape(family)), Dataset.from_dict({"input_ids": [[5, 6, 1]]})

    def write(count: int) -> int:
        settings = {"max_new_tokens": count, "min_new_tokens": count, "num_beams": 1, "do_sample": False, "batch_size": 1}
        settings |= {"precision": "fp32"}
        return generate_summaries(model, load_tokenizer(shape(family)), rows, settings, 1, "test")[1]["new_tokens"]

    most = POSITIONS - virtual
    check_method_lengths("mine", model.config, adapter, data_of(3, 3), most)
    assert write(most) == most
    message = refusal(check_method_lengths, "mine", model.config, adapter, data_of(3, 3), most + 1)
    assert "methods.mine.generation.max_new_tokens" in message
    assert f"to {most} or less" in message
    with pytest.raises(IndexError):
        write(most + 1)
