"""parity.tokens: token ids of every split, cut as the tokenizer itself would cut them, and counts of what was cut."""

import json
import shutil
from pathlib import Path

import pytest
from shapes import FAMILIES
from transformers import ByT5Tokenizer

from parity.data import Record, load_split
from parity.errors import InputError
from parity.tokens import load_tokenizer, tokenise

PROMPT = "Summarize the following conversation.\n\n{dialogue}\n\nSummary: "
COLUMNS = {"id": None, "dialogue": "dialogue", "summary": "summary"}


@pytest.fixture
def tokenizer(tiny_model):
    return load_tokenizer(tiny_model)


@pytest.mark.parametrize("limit", [1, 2, 17, 40, 1000])
def test_truncation_keeps_the_end_mark_and_equals_the_tokenizers_own(tokenizer, splits, limit):
    data, _ = tokenise(splits, tokenizer, PROMPT, limit, limit)
    prompts = [PROMPT.replace("{dialogue}", record.dialogue) for record in splits["train"]]
    summaries = [record.references[0] for record in splits["train"]]
    assert data["train"]["input_ids"] == tokenizer(prompts, truncation=True, max_length=limit).input_ids
    assert data["train"]["labels"] == tokenizer(summaries, truncation=True, max_length=limit).input_ids
    assert all(ids[-1] == tokenizer.eos_token_id for ids in data["train"]["input_ids"])
    assert max(map(len, data["train"]["input_ids"])) <= limit


@pytest.mark.parametrize("limit", [2, 17, 1000])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_familys_texts_are_cut_as_its_own_tokenizer_cuts_them(shape, splits, family, limit):
    """BART's have a mark at both ends, the others' at the end."""
    tokenizer = load_tokenizer(shape(family))
    data, _ = tokenise(splits, tokenizer, PROMPT, limit, limit)
    prompts = [PROMPT.replace("{dialogue}", record.dialogue) for record in splits["train"]]
    summaries = [record.references[0] for record in splits["train"]]
    assert data["train"]["input_ids"] == tokenizer(prompts, truncation=True, max_length=limit).input_ids
    assert data["train"]["labels"] == tokenizer(summaries, truncation=True, max_length=limit).input_ids


def test_a_tokenizer_that_pads_before_the_text_is_made_to_pad_behind(shape, tmp_path):
    """Positions, and the decoder's first token, would not stand where the model looks for them."""
    folder = Path(shutil.copytree(shape("bart"), tmp_path / "copy"))
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps(settings | {"padding_side": "left"}))
    batch = load_tokenizer(str(folder))(["One.", "One and two and three."], padding=True)
    assert batch.attention_mask[0][0] == 1
    assert batch.attention_mask[0][-1] == 0


def test_vocabulary_without_merges_is_refused_and_not_split_into_letters(shape, tmp_path):
    folder = Path(shutil.copytree(shape("bart"), tmp_path / "copy"))
    (folder / "merges.txt").unlink()
    with pytest.raises(InputError) as error:
        load_tokenizer(str(folder))
    assert str(error.value).startswith(f"{folder}: no tokenizer can be loaded")
    assert "merges" in str(error.value)


def test_a_tokenizer_that_needs_no_vocabulary_is_loaded(shape, tmp_path):
    """ByT5 reads bytes."""
    folder = Path(shutil.copytree(shape("t5"), tmp_path / "copy"))
    (folder / "spiece.model").unlink()
    with pytest.raises(InputError, match=r"no tokenizer\.json or vocabulary there"):
        load_tokenizer(str(folder))
    ByT5Tokenizer().save_pretrained(folder)
    assert load_tokenizer(str(folder))("Hi").input_ids == [*(byte + 3 for byte in b"Hi"), 1]


def test_the_dialogue_stands_in_the_prompt_and_nothing_is_lost_below_the_limit(tokenizer, splits):
    data, _ = tokenise(splits, tokenizer, "Say briefly: {dialogue} (end)", 1000, 1000)
    expected = f"Say briefly: {splits['test'][0].dialogue} (end)"
    assert tokenizer.decode(data["test"][0]["input_ids"], skip_special_tokens=True) == expected


def test_braces_in_a_dialogue_are_text(tokenizer):
    records = {"test": [Record("a", "A: {0} {dialogue} {x", ("Braces.",))]}
    data, _ = tokenise(records, tokenizer, "Read: {dialogue}", 1000, 1000)
    assert tokenizer.decode(data["test"][0]["input_ids"], skip_special_tokens=True) == "Read: A: {0} {dialogue} {x"


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_dialogue_to_train_on_has_a_row_a_reference(tokenizer, split):
    records = {split: [Record("a", "A: One.", ("First.", "Second.")), Record("b", "B: Two.", ("Third.",))]}
    data, _ = tokenise(records, tokenizer, PROMPT, 100, 100)
    assert data[split]["id"] == ["a", "a", "b"]
    decoded = [tokenizer.decode(ids, skip_special_tokens=True) for ids in data[split]["labels"]]
    assert decoded == ["First.", "Second.", "Third."]
    assert data[split][0]["input_ids"] == data[split][1]["input_ids"] != data[split][2]["input_ids"]


def test_a_test_dialogue_has_one_row_and_no_labels(tokenizer, splits):
    data, _ = tokenise(splits, tokenizer, PROMPT, 100, 100)
    assert data["test"]["id"] == [record.id for record in splits["test"]]
    assert sorted(data["test"].column_names) == ["id", "input_ids"]


def test_truncation_is_counted_by_split_with_the_lengths_before_the_cut(tokenizer, splits):
    _, truncation = tokenise(splits, tokenizer, PROMPT, 60, 8)
    for split, records in splits.items():
        sources = [len(tokenizer(PROMPT.replace("{dialogue}", r.dialogue)).input_ids) for r in records]
        targets = [len(tokenizer(reference).input_ids) for r in records for reference in r.references]
        for side, lengths, limit in (("sources", sources, 60), ("targets", targets, 8)):
            found = truncation[split][side]
            assert 0 < found["truncated"] == sum(length > limit for length in lengths)
            assert found["longest"] == max(lengths)
            assert found["mean"] == pytest.approx(sum(lengths) / len(lengths), abs=0.0501)
            # The smallest length that at least 95 % of the rows do not exceed.
            assert found["p95"] == next(n for n in sorted(lengths) if sum(m <= n for m in lengths) >= 0.95 * len(lengths))


def test_an_input_of_exactly_the_limit_is_not_cut(tokenizer):
    records = {"test": [Record("a", "A: One.", ("First.",))]}
    length = len(tokenizer(PROMPT.replace("{dialogue}", "A: One.")).input_ids)
    assert tokenise(records, tokenizer, PROMPT, length, 100)[1]["test"]["sources"]["truncated"] == 0
    assert tokenise(records, tokenizer, PROMPT, length - 1, 100)[1]["test"]["sources"]["truncated"] == 1


def test_a_folder_without_a_tokenizer_is_refused_by_its_name(tiny_model, tmp_path):
    (tmp_path / "config.json").write_text((Path(tiny_model) / "config.json").read_text())
    with pytest.raises(InputError) as error:
        load_tokenizer(str(tmp_path))
    assert str(error.value).startswith(f"{tmp_path}: no tokenizer.json or vocabulary there")
    assert "Put the model's tokenizer files beside its weights" in str(error.value)


@pytest.mark.parametrize(
    ("first", "source_lengths", "target_lengths"),
    # The notes on the data give the lengths of the first 5,000 training dialogues.
    [(5000, (233, 423, 1245), (41, 192)), (12460, (233, 425, 1578), (41, 277))],
)
def test_lengths_of_the_real_dialogsum_under_the_real_t5_vocabulary(
    dialogsum, t5_tokenizer, first, source_lengths, target_lengths
):
    records = load_split(dialogsum / "dialogsum.train.jsonl", "train", COLUMNS)[:first]
    data, truncation = tokenise({"train": records}, load_tokenizer(t5_tokenizer), PROMPT, 512, 128)
    sources, targets = truncation["train"]["sources"], truncation["train"]["targets"]
    assert (round(sources["mean"]), sources["p95"], sources["longest"]) == source_lengths
    assert (round(targets["mean"]), targets["longest"]) == target_lengths
    assert len(data["train"]) == first
    assert max(map(len, data["train"]["input_ids"])) == 512
    assert max(map(len, data["train"]["labels"])) == 128


def test_t5s_own_truncation_is_equalled_on_real_dialogues(dialogsum, t5_tokenizer):
    tokenizer = load_tokenizer(t5_tokenizer)
    records = load_split(dialogsum / "dialogsum.test.jsonl", "test", COLUMNS)
    data, _ = tokenise({"test": records}, tokenizer, PROMPT, 150, 128)
    prompts = [PROMPT.replace("{dialogue}", record.dialogue) for record in records]
    assert data["test"]["input_ids"] == tokenizer(prompts, truncation=True, max_length=150).input_ids
