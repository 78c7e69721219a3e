"""What a model cannot do is said by the first script that can know it, and by the run's own where a method came later."""

import json
import shutil
from pathlib import Path

import pytest
from shapes import POSITIONS
from test_scripts import Study

from parity.errors import InputError

LONG_PROMPT = {"kind": "peft", "peft": {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": POSITIONS - 20}}
LONG_SUMMARIES = {"kind": "zero_shot", "generation": {"max_new_tokens": POSITIONS + 1}}


@pytest.fixture
def bart_study(shape, splits, tmp_path) -> Study:
    """A study of BART whose model's files a test may spoil."""
    made = Study(tmp_path, str(shutil.copytree(shape("bart"), tmp_path / "model")), splits)
    made.config["compare"] = ["zero_shot", "full"]
    made.config["methods"] |= {"prompt": LONG_PROMPT, "chatty": LONG_SUMMARIES}
    return made


def refusal(call, *arguments, **named) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments, **named)
    return str(error.value)


def set_in_config(made: Study, **values) -> None:
    path = Path(made.model) / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"max_position_embeddings": 100}, ["max_source_length = 160: bart has 100 positions", "100 or less"]),
        ({"pad_token_id": None}, ["config.json: pad_token_id: not set"]),
        ({"decoder_start_token_id": None}, ["config.json: decoder_start_token_id: not set"]),
        ({"eos_token_id": 5}, ["does not end a summary", "eos_token_id = 5"]),
        ({"vocab_size": 20}, ["its tokenizer makes the token id", "the model knows 20 tokens"]),
        ({"is_encoder_decoder": False}, ["bart is no encoder-decoder"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_prepare_refuses_a_model_that_cannot_take_part_and_leaves_nothing(bart_study, values, parts):
    set_in_config(bart_study, **values)
    message = refusal(bart_study.prepare)
    assert [part for part in parts if part not in message] == []
    assert not Path(bart_study.prepared.tokens).exists()


def test_check_refuses_texts_that_go_beyond_the_models_positions(bart_study):
    bart_study.prepare()
    bart_study.check()
    message = refusal(bart_study.check, compare=["prompt"])
    assert message.startswith(f"methods.prompt.peft.num_virtual_tokens = {POSITIONS - 20}: ")
    assert f"bart has {POSITIONS} positions" in message
    message = refusal(bart_study.check, compare=["chatty"])
    assert message.startswith(f"methods.chatty.generation.max_new_tokens = {POSITIONS + 1}: ")


def test_a_method_that_came_after_the_check_is_refused_by_its_own_job(bart_study):
    bart_study.prepare()
    bart_study.config["compare"] += ["prompt", "chatty"]
    assert "methods.prompt.peft.num_virtual_tokens" in refusal(bart_study.run_method, "prompt", 1)
    assert not (bart_study.folder("prompt", 1) / "model").exists()
    assert "methods.chatty.generation.max_new_tokens" in refusal(bart_study.run_method, "chatty", 0)
    assert not (bart_study.folder("chatty", 0) / "predictions.jsonl").exists()


def test_check_refuses_a_model_that_cannot_generate(tiny_model, splits, tmp_path):
    from tiny import make_model

    folder = shutil.copytree(tiny_model, tmp_path / "model")
    tokens = json.loads((folder / "config.json").read_text())["vocab_size"]
    make_model(vocab_size=tokens, num_layers=1, num_decoder_layers=2).save_pretrained(folder)
    made = Study(tmp_path, str(folder), splits)
    made.prepare()
    assert "this t5 cannot generate" in refusal(made.check, compare=["full"])
    # Where nothing is generated, nothing is tried.
    made.check(compare=["lead"])
