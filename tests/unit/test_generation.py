"""parity.generation: one summary a row, in the rows' order, decoded as the study says and by nothing else."""

import pytest
import torch
from datasets import Dataset
from shapes import FAMILIES
from tiny import make_model
from transformers import GenerationConfig

from parity.errors import InputError
from parity.generation import check_generation, generate_summaries, generation_config
from parity.models import load_model
from parity.tokens import load_tokenizer

GREEDY = {"max_new_tokens": 12, "num_beams": 1, "do_sample": False, "batch_size": 8, "precision": "auto"}
DRAWN = GREEDY | {"do_sample": True}


@pytest.fixture(scope="module")
def tokenizer(tiny_model):
    return load_tokenizer(tiny_model)


@pytest.fixture
def model(tiny_model):
    return load_model(tiny_model)


@pytest.fixture(scope="module")
def rows(tokens) -> Dataset:
    """Inputs in an order that is neither by length nor its reverse."""
    inputs = [*tokens["test"]["input_ids"], *tokens["train"]["input_ids"]]
    lengths = [len(ids) for ids in inputs]
    assert lengths != sorted(lengths) and lengths != sorted(lengths, reverse=True)
    return Dataset.from_dict({"id": [str(n) for n in range(len(inputs))], "input_ids": inputs})


def summaries_of(model, tokenizer, rows, settings, seed=1):
    return generate_summaries(model, tokenizer, rows, settings, seed, "test")[0]


def one_by_one(model, tokenizer, rows, count=12) -> list[str]:
    """Greedy summaries by the model's own generate, without padding and batches."""
    texts = []
    for row in rows:
        ids = model.eval().generate(input_ids=torch.tensor([row["input_ids"]]), max_new_tokens=count, do_sample=False)
        texts.append(tokenizer.decode(ids[0], skip_special_tokens=True).strip())
    return texts


@pytest.mark.parametrize("batch_size", [1, 8, 100])
def test_the_rows_order_is_kept_though_batches_are_sorted_by_length(model, tokenizer, rows, batch_size):
    expected = one_by_one(model, tokenizer, rows)
    # Otherwise a wrong order would not show.
    assert len(set(expected)) > len(rows) / 2
    assert summaries_of(model, tokenizer, rows, GREEDY | {"batch_size": batch_size}) == expected


def test_a_model_in_training_mode_generates_without_dropout(model, tokenizer, rows):
    model.train()
    assert summaries_of(model, tokenizer, rows, GREEDY) == one_by_one(model, tokenizer, rows)


def test_drawn_summaries_depend_on_the_seed_only(model, tokenizer, rows):
    torch.manual_seed(123)
    first = summaries_of(model, tokenizer, rows, DRAWN, seed=7)
    torch.manual_seed(456)
    assert summaries_of(model, tokenizer, rows, DRAWN, seed=7) == first
    assert summaries_of(model, tokenizer, rows, DRAWN, seed=8) != first


def test_greedy_summaries_do_not_depend_on_the_seed(model, tokenizer, rows):
    assert summaries_of(model, tokenizer, rows, GREEDY, seed=7) == summaries_of(model, tokenizer, rows, GREEDY, seed=8)


def test_in_bf16_summaries_are_generated_and_said_to_be(model, tokenizer, rows):
    summaries, record, _ = generate_summaries(model, tokenizer, rows, GREEDY | {"precision": "bf16"}, 1, "test")
    assert record["precision"] == "bf16"
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}
    assert len(summaries) == len(rows) and all(summaries)


def test_a_model_that_never_ends_is_cut_off_everywhere(model, tokenizer, rows):
    with torch.no_grad():
        model.lm_head.weight[tokenizer.eos_token_id] = 0
    _, record, cut_off = generate_summaries(model, tokenizer, rows, GREEDY | {"max_new_tokens": 3}, 1, "test")
    assert (record["cut_off"], record["empty"], record["new_tokens"]) == (len(rows), 0, 3 * len(rows))
    assert cut_off == [True] * len(rows)
    assert record["dialogues"] == len(rows)
    assert record["input_tokens"] == sum(map(len, rows["input_ids"]))
    assert record["device"] == ("cpu" if not torch.cuda.is_available() else torch.cuda.get_device_name())
    assert sorted(record["machine"]) == ["cores", "memory_bytes", "processor", "system"]


def test_cut_off_and_empty_summaries_are_counted_apart(model, tokenizer, rows):
    chosen = rows.select(range(5))
    ends_at_once = [True, False, False, True, False]
    with torch.no_grad():
        states = torch.cat(
            [
                model.eval()(
                    input_ids=torch.tensor([row["input_ids"]]), decoder_input_ids=torch.tensor([[0]]), output_hidden_states=True
                ).decoder_hidden_states[-1][0]
                for row in chosen
            ]
        )
        wanted = torch.tensor([1000.0 if ends else -1000.0 for ends in ends_at_once])
        # The end mark is the likeliest first token of exactly the rows that `ends_at_once` names.
        model.lm_head.weight[tokenizer.eos_token_id] = torch.linalg.pinv(states) @ wanted
    summaries, record, cut_off = generate_summaries(model, tokenizer, chosen, GREEDY | {"max_new_tokens": 1}, 1, "test")
    assert [summary == "" for summary in summaries] == ends_at_once
    # The end mark is a new token too.
    assert (record["empty"], record["cut_off"], record["new_tokens"]) == (2, 3, 5)
    assert cut_off == [not ends for ends in ends_at_once]


@pytest.mark.parametrize("family", ["bart", "pegasus"])
def test_a_summary_that_the_model_is_made_to_end_counts_as_cut_off(shape, family):
    """These families end at max_new_tokens whatever they say."""
    model, tokenizer = load_model(shape(family)), load_tokenizer(shape(family))
    # The end mark is never the likeliest token by itself.
    model.final_logits_bias[0, tokenizer.eos_token_id] = -1000
    rows = Dataset.from_dict({"id": ["a", "b"], "input_ids": [[5, 6, 7, tokenizer.eos_token_id]] * 2})
    config = generation_config(model, GREEDY)
    ids = model.eval().generate(input_ids=torch.tensor([rows[0]["input_ids"]]), generation_config=config)[0].tolist()
    assert (ids[-1], len(ids)) == (tokenizer.eos_token_id, 13)
    record = generate_summaries(model, tokenizer, rows, GREEDY, 1, "test")[1]
    assert (record["cut_off"], record["new_tokens"]) == (2, 24)


def test_any_of_several_end_marks_ends_a_summary(model, tokenizer, rows):
    first = summaries_of(model, tokenizer, rows.select([0]), GREEDY)[0]
    ids = model.generate(input_ids=torch.tensor([rows[0]["input_ids"]]), max_new_tokens=12, do_sample=False)[0].tolist()
    assert len(set(ids)) > 3
    model.generation_config.eos_token_id = [tokenizer.eos_token_id, ids[2]]
    summaries, record, _ = generate_summaries(model, tokenizer, rows.select([0]), GREEDY, 1, "test")
    assert first.startswith(summaries[0])
    assert (record["cut_off"], record["new_tokens"]) == (0, ids.index(ids[2], 1))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_familys_special_tokens_reach_the_decoding_and_nothing_else_of_its_own_does(shape, family):
    """BART's config asks for 4 beams and PEGASUS' for 8."""
    model = load_model(shape(family))
    config = generation_config(model, GREEDY)
    tokens = {"t": (0, 1, 0, None, None), "m": (0, 1, 0, None, None), "l": (0, 1, 0, None, None)}
    tokens |= {"b": (1, 2, 2, 0, 2), "p": (0, 1, 0, None, 1)}
    found = (config.pad_token_id, config.eos_token_id, config.decoder_start_token_id)
    assert (*found, config.forced_bos_token_id, config.forced_eos_token_id) == tokens[family[0]]
    assert (config.num_beams, config.max_new_tokens) == (1, 12)
    assert {config.length_penalty, config.no_repeat_ngram_size, config.early_stopping} == {None}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_that_generates_passes_the_check(shape, family):
    check_generation(shape(family), [5, 6, 1])


def test_a_model_that_trains_but_cannot_generate_is_refused_before_it_is_trained(tmp_path):
    """transformers 5.23 makes room for as many layers of T5's decoder as the encoder has."""
    model = make_model(vocab_size=32, num_layers=1, num_decoder_layers=2)
    model.save_pretrained(tmp_path)
    assert model(input_ids=torch.tensor([[5, 6, 1]]), labels=torch.tensor([[7, 1]])).loss > 0
    with pytest.raises(InputError) as error:
        check_generation(str(tmp_path), [5, 6, 1])
    assert str(error.value).startswith(f"{tmp_path}: this t5 cannot generate with the transformers installed (IndexError")


def test_no_progress_bar_but_a_line_a_batch_where_nobody_looks(model, tokenizer, rows, capfd, monkeypatch):
    monkeypatch.setenv("PARITY_TERMINAL", "2")
    summaries_of(model, tokenizer, rows.select(range(5)), GREEDY | {"batch_size": 2})
    shown = capfd.readouterr()
    assert shown.out.splitlines() == ["test: 2/5 dialogues", "test: 4/5 dialogues", "test: 5/5 dialogues"]
    assert "it/s" not in shown.err


def test_the_special_tokens_are_the_models_and_the_decoding_the_studys(model):
    model.generation_config = GenerationConfig(
        pad_token_id=3, eos_token_id=4, bos_token_id=5, decoder_start_token_id=6, forced_bos_token_id=7, forced_eos_token_id=8
    )
    config = generation_config(model, GREEDY | {"num_beams": 2, "length_penalty": 0.5})
    assert (config.pad_token_id, config.eos_token_id, config.bos_token_id) == (3, 4, 5)
    assert (config.decoder_start_token_id, config.forced_bos_token_id, config.forced_eos_token_id) == (6, 7, 8)
    assert (config.num_beams, config.length_penalty, config.max_new_tokens, config.do_sample) == (2, 0.5, 12, False)
    assert config.use_cache is True
    assert not hasattr(config, "batch_size")


def test_special_tokens_that_the_generation_config_lacks_come_from_the_models_config(model):
    model.generation_config = GenerationConfig()
    config = generation_config(model, GREEDY)
    assert (config.pad_token_id, config.eos_token_id, config.decoder_start_token_id) == (0, 1, 0)


@pytest.mark.parametrize(
    "own",
    [
        {"num_beams": 4},
        {"no_repeat_ngram_size": 1},
        {"repetition_penalty": 50.0},
        {"min_new_tokens": 12},
        {"min_length": 12},
        {"do_sample": True},
        {"suppress_tokens": list(range(3, 200))},
        {"begin_suppress_tokens": list(range(3, 390))},
        {"bad_words_ids": [[number] for number in range(3, 200)]},
    ],
    ids=lambda own: next(iter(own)),
)
def test_a_checkpoints_own_decoding_settings_change_nothing(model, tokenizer, rows, own):
    if "min" in next(iter(own)):
        with torch.no_grad():
            # Ends early, so that a least length would show.
            model.lm_head.weight[tokenizer.eos_token_id] *= 3
    expected = summaries_of(model, tokenizer, rows, GREEDY)
    model.generation_config.update(**own)
    assert summaries_of(model, tokenizer, rows, GREEDY) == expected


@pytest.mark.parametrize("own", [{"top_k": 1}, {"top_p": 0.01}, {"temperature": 0.01}], ids=lambda own: next(iter(own)))
def test_a_checkpoints_own_drawing_settings_change_nothing(model, tokenizer, rows, own):
    expected = summaries_of(model, tokenizer, rows, DRAWN)
    model.generation_config.update(**own)
    assert summaries_of(model, tokenizer, rows, DRAWN) == expected


def test_the_studys_decoding_settings_do_change_something(model, tokenizer, rows):
    greedy = summaries_of(model, tokenizer, rows, GREEDY)
    for settings in ({"num_beams": 3}, {"no_repeat_ngram_size": 1}, {"repetition_penalty": 50.0}, {"max_new_tokens": 5}):
        assert summaries_of(model, tokenizer, rows, GREEDY | settings) != greedy
