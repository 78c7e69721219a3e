"""parity.fit: a model and a tokenizer that do not belong together are refused before anything is trained."""

import pytest
from datasets import Dataset, DatasetDict
from shapes import FAMILIES
from transformers import AutoConfig

from parity.errors import InputError
from parity.fit import check_special_tokens, check_tokens, end_marks
from parity.tokens import load_tokenizer, tokenise


@pytest.fixture
def bart(shape):
    return AutoConfig.from_pretrained(shape("bart")), load_tokenizer(shape("bart"))


def refusal(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    return str(error.value)


def data_of(labels: list[int], input_ids: tuple[int, ...] = (0, 5, 2)) -> DatasetDict:
    rows = Dataset.from_dict({"input_ids": [list(input_ids)], "labels": [labels]})
    return DatasetDict(train=rows, validation=rows, test=rows.remove_columns("labels"))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_familys_own_tokenizer_fits(shape, splits, family):
    config, tokenizer = AutoConfig.from_pretrained(shape(family)), load_tokenizer(shape(family))
    check_special_tokens(config, tokenizer, shape(family))
    check_tokens(tokenise(splits, tokenizer, "{dialogue}", 160, 8)[0], config, tokenizer, shape(family))


@pytest.mark.parametrize("key", ["pad_token_id", "eos_token_id", "decoder_start_token_id"])
def test_a_config_that_lacks_a_special_token_is_refused_with_what_the_tokenizer_says(bart, key):
    config, tokenizer = bart
    setattr(config, key, None)
    message = refusal(check_special_tokens, config, tokenizer, "models/mine")
    assert message.startswith(f"models/mine/config.json: {key}: not set")
    assert "pad is 1, eos is 2, bos is 0" in message


def test_a_config_that_never_heard_of_a_decoders_start_is_refused(shape):
    """T5's config has no default for it."""
    config = AutoConfig.from_pretrained(shape("t5"))
    del config.decoder_start_token_id
    message = refusal(check_special_tokens, config, load_tokenizer(shape("t5")), "models/mine")
    assert "decoder_start_token_id: not set" in message
    assert "with T5 and its kin it is pad_token_id" in message


def test_a_tokenizer_without_a_pad_token_is_refused(bart):
    config, tokenizer = bart
    tokenizer.pad_token = None
    assert "no pad token" in refusal(check_special_tokens, config, tokenizer, "models/mine")


@pytest.mark.parametrize(
    ("labels", "input_ids"), [([0, 5, 2], (0, 300, 2)), ([0, 300, 2], (0, 5, 2))], ids=["in an input", "in a target"]
)
def test_a_token_that_the_model_does_not_know_is_refused(bart, labels, input_ids):
    config, tokenizer = bart
    check_tokens(data_of([0, 299, 2]), config, tokenizer, "models/mine")
    message = refusal(check_tokens, data_of(labels, input_ids), config, tokenizer, "models/mine")
    assert message.startswith("models/mine: its tokenizer makes the token id 300")
    assert "the model knows 300 tokens" in message


def test_targets_without_the_models_end_mark_are_refused(bart):
    config, tokenizer = bart
    message = refusal(check_tokens, data_of([0, 5, 6]), config, tokenizer, "models/mine")
    assert "does not end a summary" in message
    assert "eos_token_id = 2" in message
    config.eos_token_id = [6, 7]
    check_tokens(data_of([0, 5, 6]), config, tokenizer, "models/mine")


def test_another_familys_tokenizer_is_refused(shape, splits):
    """BART's end mark is 2, T5's is 1."""
    config, other = AutoConfig.from_pretrained(shape("bart")), load_tokenizer(shape("mt5"))
    data, _ = tokenise(splits, other, "{dialogue}", 160, 32)
    assert "its tokenizer" in refusal(check_tokens, data, config, other, "models/mine")


def test_end_marks_are_one_or_many():
    assert end_marks(2) == {2}
    assert end_marks([2, 5]) == {2, 5}
