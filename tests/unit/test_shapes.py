"""T5, T5 v1.1, mT5, BART, PEGASUS and LongT5: the whole chain by config alone, and what comes out loads without Parity."""

import json
from types import SimpleNamespace

import pytest
import torch
from datasets import load_from_disk
from peft import PeftModel
from shapes import FAMILIES
from test_scripts import Study
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from parity import config as study
from parity.files import read_json, read_json_lines
from parity.methods import build_method, load_trained
from parity.models import load_model

ADAPTERS = {
    "lora": {"peft_type": "LORA", "r": 2},
    "ia3": {"peft_type": "IA3"},
    "prefix": {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 4},
    "prompt": {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 4},
}
METHODS = ("zero_shot", "full", *ADAPTERS)
GATED_T5 = {"lora": ["q", "v"], "ia3": ["k", "v", "wo"]}
OF_BART = {"lora": ["q_proj", "v_proj"], "ia3": ["fc2", "q_proj", "v_proj"]}
# Where LoRA and IA3 sit when the config names no target_modules.
TARGETS = {
    "t5": GATED_T5,
    "t5_v1_1": GATED_T5,
    "mt5": {"lora": ["q", "v"], "ia3": ["k", "v", "wi_1"]},
    "bart": OF_BART,
    "pegasus": OF_BART,
    "longt5_local": GATED_T5,
    "longt5_global": GATED_T5,
}


@pytest.fixture(scope="module", params=FAMILIES)
def chain(request, shape, splits, tmp_path_factory) -> SimpleNamespace:
    """A study of one family, through every script: its records by method, and its tables."""
    made = Study(tmp_path_factory.mktemp(request.param), shape(request.param), splits)
    made.config["seeds"] = [1]
    made.config["compare"] = list(METHODS)
    made.config["methods"] = {"zero_shot": {"kind": "zero_shot"}, "full": {"kind": "full"}} | {
        name: {"kind": "peft", "peft": peft} for name, peft in ADAPTERS.items()
    }
    study.check_config(made.config, "config.yaml")
    made.prepare()
    counts = made.check()
    records = {one.method: made.run_method(one.method, one.seed) for one in study.study_runs(made.config)}
    return SimpleNamespace(family=request.param, study=made, counts=counts, records=records, tables=made.aggregate())


def model_of(chain, method) -> str:
    return str(chain.study.folder(method, 1) / "model")


def logits(model, folder) -> torch.Tensor:
    """Of two examples of different length in a batch."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    batch = tokenizer(["Ann bought a map.", "Where was it found?\nAt the market, by Ben."], padding=True, return_tensors="pt")
    labels = tokenizer(["A map was bought.", "Ben found it."], padding=True, return_tensors="pt").input_ids
    with torch.no_grad():
        return model.eval()(**batch, labels=labels).logits


def test_every_method_is_in_the_table_with_a_summary_a_dialogue(chain):
    assert list(chain.tables.summary.index) == list(METHODS)
    assert chain.tables.summary["rouge1_mean"].notna().all()
    for method in METHODS:
        rows = read_json_lines(chain.study.folder(method, 0 if method == "zero_shot" else 1) / "predictions.jsonl")
        assert len(rows) == 5


def test_what_was_trained_is_what_was_counted_before(chain):
    trained = {name: record["training"] for name, record in chain.records.items() if record["training"]}
    keys = ("parameters", "trainable", "trainable_percent")
    assert {name: {key: one[key] for key in keys} for name, one in trained.items()} == {
        name: {key: chain.counts[name][key] for key in keys} for name in METHODS[1:]
    }
    assert all(one["parameters"] == chain.counts["full"]["parameters"] for one in trained.values())


def test_memory_is_estimated_of_every_method(chain):
    for method in METHODS:
        estimates = chain.counts[method]["memory"]
        assert set(estimates) == {"generate"} | ({"train"} if method != "zero_shot" else set())
        for estimate in estimates.values():
            assert 0 < estimate["gpu"]["least_mb"] <= estimate["gpu"]["device_mb"]
            assert 0 < estimate["cpu"]["least_mb"] <= estimate["cpu"]["host_mb"]


def test_adapters_sit_where_pefts_defaults_put_them_and_the_record_says_so(chain):
    found = {name: record["training"]["target_modules"] for name, record in chain.records.items() if record["training"]}
    assert found == {"full": None, "prefix": None, "prompt": None} | TARGETS[chain.family]
    for name in ("lora", "ia3"):
        assert read_json(chain.study.folder(name, 1) / "train.json")["target_modules"] == found[name]


@pytest.mark.parametrize("method", METHODS[1:])
def test_training_changed_what_the_model_says(chain, method):
    base = chain.study.model
    trained = load_trained(base, model_of(chain, method), chain.study.config["methods"][method]["kind"])
    assert not torch.equal(logits(trained, base), logits(load_model(base), base))


@pytest.mark.parametrize("method", ADAPTERS)
def test_an_adapter_loads_with_peft_alone(chain, method):
    base = chain.study.model
    plain = PeftModel.from_pretrained(AutoModelForSeq2SeqLM.from_pretrained(base), model_of(chain, method))
    assert torch.equal(logits(plain, base), logits(load_trained(base, model_of(chain, method), "peft"), base))


def test_a_fine_tuned_folder_loads_with_transformers_alone_and_has_its_tokenizer(chain):
    folder = model_of(chain, "full")
    plain, loading = AutoModelForSeq2SeqLM.from_pretrained(folder, output_loading_info=True)
    assert not any(loading.values())
    assert type(plain) is type(load_model(chain.study.model))
    assert torch.equal(logits(plain, folder), logits(load_trained(chain.study.model, folder, "full"), chain.study.model))
    text = "Ann, where did you find two tickets?"
    own, base = AutoTokenizer.from_pretrained(folder), AutoTokenizer.from_pretrained(chain.study.model)
    assert own(text).input_ids == base(text).input_ids


def test_the_evaluation_loss_is_the_models_own_row_by_row(chain):
    """Alone and without padding: neither block sizes, positions nor the decoder's first token depend on the batch."""
    model = load_model(model_of(chain, "full")).eval()
    losses, tokens = 0.0, 0
    for row in load_from_disk(chain.study.prepared.tokens)["validation"]:
        with torch.no_grad():
            loss = model(input_ids=torch.tensor([row["input_ids"]]), labels=torch.tensor([row["labels"]])).loss
        losses += loss.item() * len(row["labels"])
        tokens += len(row["labels"])
    assert chain.records["full"]["training"]["eval_loss"] == pytest.approx(losses / tokens, rel=1e-5)


def test_the_data_are_in_the_families_own_words(chain):
    """What a wrong tokenizer would spoil: the text comes back, the end mark is the model's."""
    config = json.loads((chain.study.root / "full/seed-1/model/config.json").read_text())
    tokenizer = AutoTokenizer.from_pretrained(chain.study.model)
    [row, *_], [record, *_] = (
        load_from_disk(chain.study.prepared.tokens)["train"],
        read_json_lines(chain.study.root / "data/train.jsonl"),
    )
    assert row["labels"][-1] == row["input_ids"][-1] == config["eos_token_id"]
    assert tokenizer.decode(row["labels"], skip_special_tokens=True) == record["references"][0]
    assert tokenizer.unk_token_id not in row["labels"]


@pytest.mark.parametrize("method", METHODS[1:])
def test_every_trainable_parameter_gets_a_gradient(chain, method):
    """Several processes that train one model together wait for each parameter's."""
    model = build_method(method, chain.study.config["methods"][method], chain.study.model).train()
    row = load_from_disk(chain.study.prepared.tokens)["train"][0]
    model(input_ids=torch.tensor([row["input_ids"]]), labels=torch.tensor([row["labels"]])).loss.backward()
    assert [name for name, parameter in model.named_parameters() if parameter.requires_grad and parameter.grad is None] == []


@pytest.mark.parametrize("family", ["longt5_local", "longt5_global"])
@pytest.mark.parametrize("length", [1, 5, 15, 16, 17, 127, 128, 129, 255, 256, 257])
def test_longt5_reads_a_text_the_same_alone_and_in_a_longer_batch(shape, family, length):
    """Its local blocks are 128 tokens long and its global ones 16."""
    model = load_model(shape(family)).eval()
    text = torch.tensor([[5 + place % 20 for place in range(length - 1)] + [1]])
    padding = torch.zeros((1, 300 - length), dtype=torch.long)
    target = {"labels": torch.tensor([[7, 8, 1]])}
    with torch.no_grad():
        alone = model(input_ids=text, attention_mask=torch.ones_like(text), **target).logits
        mask = torch.cat([torch.ones_like(text), padding], dim=1)
        padded = model(input_ids=torch.cat([text, padding], dim=1), attention_mask=mask, **target).logits
    torch.testing.assert_close(alone, padded, rtol=1e-4, atol=1e-4)
