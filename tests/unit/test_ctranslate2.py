"""parity.ctranslate2_*: the same summaries as transformers', what cannot be the same is refused, and what rounding to 8 bits costs.

A user may do without ctranslate2 (requirements-ctranslate2.txt); requirements-dev.txt has it.
"""

from importlib.util import find_spec

import pytest
import torch
from datasets import Dataset
from project import ROOT

from parity.config import method_block
from parity.ctranslate2_generation import generate_with_ctranslate2, translation_options
from parity.ctranslate2_model import PACKAGE, loaded_bytes, merged
from parity.ctranslate2_rules import backend_contradictions
from parity.data import load_split
from parity.errors import InputError
from parity.examination import examine
from parity.generation import generate_summaries, generation_config
from parity.methods import build_method, load_trained
from parity.models import load_model
from parity.tokens import load_tokenizer

EMBEDDED = str(ROOT / "resources/quickstart/model")
PROMPT = "Summarize the following conversation.\n\n{dialogue}\n\nSummary: "
COLUMNS = {"id": None, "dialogue": "dialogue", "summary": "summary"}
GREEDY = {
    "max_new_tokens": 12,
    "num_beams": 1,
    "do_sample": False,
    "batch_size": 8,
    "precision": "auto",
    "backend": "ctranslate2",
    "compute_type": None,
}
BEAMS = {"num_beams": 3, "early_stopping": True}
LORA = {"peft_type": "LORA", "r": 4, "lora_alpha": 16, "target_modules": ["q", "v"]}
COUNTS = ("dialogues", "new_tokens", "cut_off", "empty")


def block(kind="zero_shot", peft=None, **generation) -> dict:
    config = {
        "methods": {"mine": {"kind": kind, "generation": GREEDY | generation}},
        "generation": {},
        "train": {"learning_rate": 1e-3, "batch_size": 2, "max_steps": 2},
    }
    return method_block(config, "mine") | ({"peft": peft} if peft else {})


def both(load, tokenizer, rows, **settings):
    """(summaries, record, cut off) of transformers and of CTranslate2."""
    settings = GREEDY | settings
    theirs = generate_summaries(load(), tokenizer, rows, settings | {"precision": "fp32"}, 1, "test")
    return theirs, generate_with_ctranslate2(load, tokenizer, rows, settings, 1, "test", 1)


def assert_same(theirs, ours, distinct=0.5):
    # Otherwise a wrong order, or a model that always says the same, would not show.
    assert len(set(theirs[0])) >= distinct * len(theirs[0])
    assert ours[0] == theirs[0]
    assert ours[2] == theirs[2]
    assert [ours[1][key] for key in COUNTS] == [theirs[1][key] for key in COUNTS]


def embedded_rows(count: int, file=ROOT / "resources/quickstart/test.jsonl") -> Dataset:
    tokenizer = load_tokenizer(EMBEDDED)
    records = load_split(file, "test", COLUMNS)[:count]
    ids = [tokenizer(PROMPT.replace("{dialogue}", record.dialogue)).input_ids[:512] for record in records]
    return Dataset.from_dict({"id": [record.id for record in records], "input_ids": ids})


def random_rows(size: int, end: int, count: int = 12) -> Dataset:
    draw = torch.Generator().manual_seed(0)
    inputs = [[*torch.randint(5, size, (4 + 5 * number % 17,), generator=draw).tolist(), end] for number in range(count)]
    return Dataset.from_dict({"id": list(map(str, range(count))), "input_ids": inputs})


def loud(folder: str):
    """The family's model with larger weights: those it is made with let it write the same whatever it reads."""
    model = load_model(folder)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2 and model.config.model_type in ("bart", "pegasus"):
                parameter.mul_(12)
    return model


@pytest.mark.parametrize("settings", [{}, BEAMS], ids=["greedy", "beams"])
def test_the_embedded_models_summaries_are_transformers_own(settings):
    """Its head is its own, as FLAN-T5's is, and its outputs are not scaled."""
    rows = embedded_rows(12)
    assert_same(*both(lambda: load_model(EMBEDDED), load_tokenizer(EMBEDDED), rows, max_new_tokens=40, **settings))


@pytest.mark.parametrize(
    "settings",
    [{}, BEAMS, BEAMS | {"length_penalty": 2.0}, {"min_new_tokens": 9}, {"no_repeat_ngram_size": 2}, {"repetition_penalty": 1.5}],
    ids=str,
)
@pytest.mark.parametrize("family", ["t5", "t5_v1_1", "mt5"])
def test_of_t5_and_its_kin_every_decoding_gives_transformers_summaries(shape, family, settings):
    """The first T5's head is the embedding, the others' is their own; mT5 does not scale its outputs, which beams would show."""
    tokenizer = load_tokenizer(shape(family))
    rows = random_rows(load_model(shape(family)).config.vocab_size, tokenizer.eos_token_id)

    assert_same(*both(lambda: load_model(shape(family)), tokenizer, rows, **settings), distinct=0.1)


@pytest.mark.parametrize("settings", [{}, {"min_new_tokens": 9}, {"no_repeat_ngram_size": 2}], ids=str)
@pytest.mark.parametrize("family", ["bart", "pegasus"])
def test_bart_and_pegasus_begin_and_end_as_their_special_tokens_say(shape, family, settings):
    tokenizer = load_tokenizer(shape(family))
    rows = random_rows(load_model(shape(family)).config.vocab_size, tokenizer.eos_token_id)
    assert_same(*both(lambda: loud(shape(family)), tokenizer, rows, **settings), distinct=0.15)


@pytest.mark.parametrize("settings", [{}, BEAMS], ids=["greedy", "beams"])
def test_a_trained_models_and_an_adapters_summaries_are_transformers_own(tmp_path, settings):
    rows, tokenizer = embedded_rows(8), load_tokenizer(EMBEDDED)
    torch.manual_seed(0)
    adapted = build_method("mine", block("peft", LORA), EMBEDDED)
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.05)
    adapted.save_pretrained(tmp_path / "adapter")
    full = load_model(EMBEDDED)
    with torch.no_grad():
        for parameter in full.parameters():
            parameter.mul_(1 + 0.02 * torch.randn_like(parameter))
    full.save_pretrained(tmp_path / "full")
    found = {}
    for kind, folder in (("zero_shot", None), ("peft", tmp_path / "adapter"), ("full", tmp_path / "full")):
        theirs, ours = both(
            lambda k=kind, f=folder: load_trained(EMBEDDED, str(f), k), tokenizer, rows, max_new_tokens=30, **settings
        )
        assert_same(theirs, ours)
        found[kind] = ours[0]
    assert found["zero_shot"] != found["peft"] != found["full"] != found["zero_shot"]


def test_the_record_says_how_and_in_what(tiny_model, tokens):
    tokenizer, load = load_tokenizer(tiny_model), lambda: load_model(tiny_model)
    theirs, ours = both(load, tokenizer, tokens["test"])
    assert sorted(theirs[1]) == sorted(ours[1])
    assert [theirs[1][key] for key in ("backend", "compute_type", "precision")] == ["transformers", None, "fp32"]
    assert [ours[1][key] for key in ("backend", "compute_type", "precision")] == ["ctranslate2", "float32", "fp32"]
    rounded = generate_with_ctranslate2(load, tokenizer, tokens["test"], GREEDY | {"compute_type": "int8_float32"}, 1, "test", 1)
    assert (rounded[1]["compute_type"], rounded[1]["precision"]) == ("int8_float32", "fp32")


def test_drawn_summaries_depend_on_the_seed_only(tiny_model, tokens):
    def drawn(seed):
        settings = GREEDY | {"do_sample": True, "temperature": 3.0}
        return generate_with_ctranslate2(
            lambda: load_model(tiny_model), load_tokenizer(tiny_model), tokens["test"], settings, seed, "test", 1
        )[0]

    assert drawn(7) == drawn(7) != drawn(8)


@pytest.mark.parametrize(
    "settings", [{"top_k": 5}, {"top_k": 7, "temperature": 4.0}, {"top_p": 0.6}, {"top_k": 6, "top_p": 0.7}], ids=str
)
def test_tokens_are_drawn_with_the_probabilities_that_transformers_gives_them(tiny_model, tokens, settings):
    draws = 2000
    settings = GREEDY | {"do_sample": True, "max_new_tokens": 1, "batch_size": 500} | settings
    rows, tokenizer = (
        Dataset.from_dict({"id": list(map(str, range(draws))), "input_ids": [tokens["test"][0]["input_ids"]] * draws}),
        load_tokenizer(tiny_model),
    )
    with_head = load_model(tiny_model)
    with torch.no_grad():
        with_head.lm_head.weight.mul_(0.2)
    shares = []
    for side in (
        generate_summaries(with_head, tokenizer, rows, settings | {"precision": "fp32"}, 1, "test")[0],
        generate_with_ctranslate2(lambda: with_head, tokenizer, rows, settings, 1, "test", 1)[0],
    ):
        shares.append({text: side.count(text) / draws for text in set(side)})
    assert len(shares[0]) > 2
    # Four standard errors of the difference of two shares.
    assert all(abs(shares[0].get(text, 0) - shares[1].get(text, 0)) < 4 * (0.5 / draws) ** 0.5 for text in shares[0] | shares[1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"backend": "transformers", "compute_type": "float32"},
            "compute_type = 'float32': has no effect without backend: ctranslate2",
        ),
        ({"precision": "bf16"}, "precision = 'bf16': with backend: ctranslate2 compute_type says it. Set precision: auto"),
        ({"num_beams": 4}, "num_beams = 4: the beam search of ctranslate2 ends as soon"),
        (BEAMS | {"do_sample": True}, "do_sample = True: ctranslate2 does not draw in a beam search"),
        (BEAMS | {"length_penalty": 0}, "length_penalty = 0: ctranslate2 then ends"),
        (BEAMS | {"min_new_tokens": 3}, "min_new_tokens = 3: in a beam search"),
        (BEAMS | {"no_repeat_ngram_size": 3}, "no_repeat_ngram_size = 3: in a beam search"),
        (BEAMS | {"repetition_penalty": 1.2}, "repetition_penalty = 1.2: in a beam search"),
        ({"do_sample": True, "top_p": 0.9, "temperature": 0.7}, "top_p = 0.9: ctranslate2 chooses"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_cannot_be_decoded_alike_is_refused_by_its_key(changes, message):
    [(where, problem, remedy)] = backend_contradictions("mine", block(**changes))
    assert f"{where}: {problem}. {remedy}".startswith(f"methods.mine.generation.{message}")


@pytest.mark.parametrize(
    "fine", [{}, BEAMS, BEAMS | {"length_penalty": 0.5}, {"do_sample": True, "top_p": 0.9}, {"repetition_penalty": 1.2}], ids=str
)
def test_what_can_be_is_not(fine):
    assert list(backend_contradictions("mine", block(**fine))) == []


def test_weights_in_few_bits_are_refused():
    [(where, problem, _)] = backend_contradictions("mine", block("peft", LORA) | {"quantization": {"load_in_4bit": True}})
    assert (where, "cannot be converted" in problem) == ("methods.mine.quantization", True)


@pytest.mark.parametrize(
    "peft",
    [
        {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 4},
        {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 4},
        {"peft_type": "LILY", "target_modules": ["q"]},
    ],
    ids=lambda peft: peft["peft_type"],
)
def test_an_adapter_that_is_none_of_the_weights_is_refused_before_it_is_trained(tiny_model, tokens, peft):
    with pytest.raises(InputError) as error:
        examine("mine", block("peft", peft), tiny_model, tokens)
    assert str(error.value).startswith(
        f"methods.mine.peft.peft_type = {peft['peft_type']}: an adapter of type {peft['peft_type']} cannot be merged"
    )
    assert "LORA, LOHA, LOKR, IA3" in str(error.value)


@pytest.mark.parametrize(
    "peft",
    [
        {"peft_type": "LORA", "use_dora": True, "target_modules": ["q", "v"]},
        {"peft_type": "LOHA", "r": 2, "target_modules": ["q"]},
        {"peft_type": "LOKR", "r": 2, "target_modules": ["q"]},
        {"peft_type": "IA3"},
        {"peft_type": "OFT", "oft_block_size": 8, "target_modules": ["q"]},
        {"peft_type": "VERA", "target_modules": ["q", "v"]},
        {"peft_type": "VBLORA", "num_vectors": 4, "vector_length": 4, "target_modules": ["q"]},
    ],
    ids=lambda peft: peft["peft_type"],
)
def test_the_types_that_messages_name_are_merged_and_pass_the_check(tiny_model, tokens, peft):
    assert examine("mine", block("peft", peft), tiny_model, tokens)["memory"]["generate"]["cpu"]["host_mb"] > 0
    torch.manual_seed(0)
    adapted = build_method("mine", block("peft", peft), tiny_model).eval()
    with torch.no_grad():
        for parameter in adapted.parameters():
            if parameter.requires_grad:
                parameter.add_(0.02 * torch.randn_like(parameter))
        example = {"input_ids": torch.tensor([[5, 6, 7, 1]]), "decoder_input_ids": torch.tensor([[0, 5]])}
        before = adapted(**example).logits
        assert torch.allclose(merged(adapted, "peft")(**example).logits, before, atol=1e-4)


def test_an_adapter_on_weights_that_two_layers_share_is_refused(shape):
    peft = {"peft_type": "LORA", "target_modules": ["q", "lm_head"]}
    with pytest.raises(InputError, match=r"an adapter on lm_head cannot be merged .* its weights are the embedding's too"):
        merged(build_method("mine", block("peft", peft), shape("t5")), "methods.mine.peft")


def test_a_model_that_the_converter_does_not_know_is_refused(shape, tokens):
    with pytest.raises(InputError, match="longt5 models cannot be converted for it; these can: t5, mt5, bart, pegasus"):
        examine("mine", block(), shape("longt5_local"), tokens)


@pytest.mark.parametrize(
    ("family", "settings", "key"),
    [
        ("bart", BEAMS, "num_beams"),
        ("pegasus", BEAMS, "num_beams"),
        ("bart", {"repetition_penalty": 2.0}, "repetition_penalty"),
        ("bart", {"no_repeat_ngram_size": 1}, "no_repeat_ngram_size"),
    ],
)
def test_what_a_models_special_tokens_make_another_decoding_is_refused(shape, tokens, family, settings, key):
    with pytest.raises(InputError) as error:
        examine("mine", block(**settings), shape(family), tokens)
    assert str(error.value).startswith(f"methods.mine.generation.{key} = ")


def test_without_ctranslate2_the_message_names_the_command(tiny_model, tokens, monkeypatch):
    monkeypatch.setattr("parity.ctranslate2_model.find_spec", lambda name: None if name == "ctranslate2" else find_spec(name))
    with pytest.raises(InputError) as error:
        examine("mine", block(), tiny_model, tokens)
    assert str(error.value).startswith("methods.mine.generation.backend = 'ctranslate2': ctranslate2 is not installed")
    assert f"pip install {PACKAGE}" in str(error.value)


def test_a_type_that_this_processor_has_not_is_refused_not_replaced(tiny_model, tokens, monkeypatch):
    monkeypatch.setattr("ctranslate2.get_supported_compute_types", lambda device: {"float32", "int8", "int16"})
    settings = GREEDY | {"compute_type": "bfloat16"}
    with pytest.raises(InputError, match=r"generation.compute_type = 'bfloat16': .* Set one of float32$"):
        generate_with_ctranslate2(
            lambda: load_model(tiny_model), load_tokenizer(tiny_model), tokens["test"], settings, 1, "test", 1
        )


def test_what_is_not_set_is_transformers_own(tiny_model):
    model = load_model(tiny_model)
    options = translation_options(GREEDY | {"do_sample": True}, generation_config(model, GREEDY), model.config.vocab_size)
    assert (options["sampling_topk"], options["sampling_topp"], options["sampling_temperature"]) == (50, 1, 1)
    assert "sampling_topk" not in translation_options(GREEDY, generation_config(model, GREEDY), model.config.vocab_size)


def test_weights_in_8_bits_take_a_quarter_and_the_estimate_of_a_gpu_says_so(tiny_model, tokens):
    model = load_model(tiny_model)
    whole = loaded_bytes(model, None)
    assert whole == sum(parameter.nbytes for parameter in model.parameters())
    assert loaded_bytes(model, "bfloat16") == whole / 2
    # A row's scale is large beside a row of 32 weights.
    assert whole / 4 < loaded_bytes(model, "int8_float32") < whole / 2


def test_int8_costs_little_on_the_real_dialogsum(dialogsum, capsys):
    from benchmarks.speed.ctranslate2 import rounding_cost

    found = rounding_cost(dialogsum / "dialogsum.test.jsonl", "int8_float32", dialogues=40)
    with capsys.disabled():
        print(f"\nint8_float32 against float32 on DialogSum: {found}")
    assert found["dialogues"] == 40
    assert 0 < found["differing"] < 1
    assert abs(found["rouge1_difference"]) < 5
