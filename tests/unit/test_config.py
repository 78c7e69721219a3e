"""Checking a study's config: what the schema refuses, what contradicts, and what runs and settings come out of it."""

import copy
import math
from functools import reduce
from pathlib import Path

import pytest
import yaml
from snakemake.cli import parse_config
from snakemake.utils import update_config

from parity.config import (
    Run,
    check_config,
    contrasts_of,
    first_of_kind,
    is_trained,
    load_schema,
    method_block,
    retyped,
    study_runs,
)
from parity.errors import InputError
from parity.human_rules import ceilings, rated_methods

ROOT = Path(__file__).parents[2]
SHIPPED = ("config/config.yaml", "config/dialogsum.yaml")
FILE = "study.yaml"
STUDY = """
name: study
seeds: [1, 2]
compare: [zero_shot, full, lora, lead, human, other]
model: {source: hub, name_or_path: some/model, revision: abc}
data:
  source: files
  name_or_path: data
  splits: {train: train.jsonl, validation: validation.jsonl, test: test.jsonl}
train: {num_train_epochs: 3}
methods:
  zero_shot: {kind: zero_shot}
  full: {kind: full, train: {learning_rate: 1.0e-4, batch_size: 8}}
  lora: {kind: peft, peft: {peft_type: LORA, r: 8}, train: {learning_rate: 1.0e-3, batch_size: 8}}
  lead: {kind: baseline, baseline: lead, n: 3}
  human: {kind: baseline, baseline: human}
  other: {kind: predictions, file: other.jsonl}
"""
REMOVED = object()


def study(**changes):
    """The study above with dotted keys changed: methods__full__kind="peft"."""
    config = yaml.safe_load(STUDY)
    for key, value in changes.items():
        put(config, key.replace("__", "."), value)
    return config


def put(config, key, value):
    *parents, last = key.split(".")
    block = reduce(lambda block, name: block.setdefault(name, {}), parents, config)
    if value is REMOVED:
        del block[last]
    else:
        block[last] = value


def checked(config):
    check_config(config, FILE)
    return config


def refusal(config):
    with pytest.raises(InputError) as caught:
        check_config(config, FILE)
    return str(caught.value)


def shipped(file):
    return yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))


def test_a_complete_study_is_accepted():
    assert checked(study())["name"] == "study"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("name", "my study", "'my study' does not match"),
        ("name", "../outside", "'../outside' does not match"),
        ("name", 5, "5 is not of type 'string'"),
        ("seeds", [], "seeds = []"),
        ("seeds", 1, "seeds = 1: 1 is not of type 'array'"),
        ("seeds", [1, 1], "seeds = [1, 1]: [1, 1] has non-unique elements"),
        ("seeds", [-1], "seeds.0 = -1: -1 is less than the minimum of 0"),
        ("seeds", [4294967296], "seeds.0 = 4294967296"),
        ("seeds", [1, 2.5], "seeds.1 = 2.5: 2.5 is not of type 'integer'"),
        ("seeds", [1, "two"], "seeds.1 = 'two': 'two' is not of type 'integer'"),
        ("seeds", [True], "seeds.0 = True: True is not of type 'integer'"),
        ("seeds", [None], "seeds.0 = None: None is not of type 'integer'"),
        ("compare", [], "compare = []"),
        ("compare", ["full", "full"], "compare = ['full', 'full']: ['full', 'full'] has non-unique elements"),
        ("compare", "full", "compare = 'full': 'full' is not of type 'array'"),
        ("compare", [1], "compare.0 = 1: 1 is not of type 'string'"),
        ("cpu_threads", 0, "cpu_threads = 0: 0 is less than the minimum of 1"),
        ("cpu_threads", 1.5, "cpu_threads = 1.5"),
        ("model", "some/model", "model = 'some/model': 'some/model' is not of type 'object'"),
        ("model.source", "web", "model.source = 'web': 'web' is not one of ['hub', 'folder']"),
        ("model.source", "files", "model.source = 'files'"),
        ("model.name_or_path", "", "model.name_or_path = ''"),
        ("model.revision", "a/b", "model.revision = 'a/b'"),
        ("model.revision", 1234567, "model.revision = 1234567"),
        ("data", None, "data = None: None is not of type 'object'"),
        ("data.source", "folder", "data.source = 'folder': 'folder' is not one of ['hub', 'files']"),
        ("data.name_or_path", "", "data.name_or_path = ''"),
        ("data.splits", [], "data.splits = []"),
        ("data.splits.test", "", "data.splits.test = ''"),
        ("data.columns", {"id": 1}, "data.columns.id = 1"),
        ("data.columns", {"dialogue": None}, "data.columns.dialogue = None"),
        ("data.columns", {"summary": 2}, "data.columns.summary = 2"),
        ("data.digest", "abc", "data.digest = 'abc': 'abc' does not match"),
        ("data.drop_leaked", "yes", "data.drop_leaked = 'yes': 'yes' is not of type 'boolean'"),
        ("data.sample_seed", -1, "data.sample_seed = -1"),
        ("data.max_train_samples", 0, "data.max_train_samples = 0: 0 is less than the minimum of 1"),
        ("data.max_validation_samples", -5, "data.max_validation_samples = -5"),
        ("data.max_test_samples", "all", "data.max_test_samples = 'all'"),
        ("prompt", 3, "prompt = 3: 3 is not of type 'string'"),
        ("max_source_length", 0, "max_source_length = 0: 0 is less than the minimum of 1"),
        ("max_target_length", 0, "max_target_length = 0: 0 is less than the minimum of 1"),
        ("max_source_length", None, "max_source_length = None"),
        ("train", 3, "train = 3: 3 is not of type 'object'"),
        ("train.learning_rate", 0, "train.learning_rate = 0: 0 is less than or equal to the minimum of 0"),
        ("train.learning_rate", -1.0e-4, "train.learning_rate = -0.0001"),
        ("train.batch_size", 0, "train.batch_size = 0"),
        ("train.num_train_epochs", 0, "train.num_train_epochs = 0"),
        ("train.max_steps", 0, "train.max_steps = 0"),
        ("train.optim", 1, "train.optim = 1"),
        ("train.lr_scheduler_type", None, "train.lr_scheduler_type = None"),
        ("train.warmup_steps", -1, "train.warmup_steps = -1"),
        ("train.weight_decay", -0.1, "train.weight_decay = -0.1"),
        ("train.max_grad_norm", -1, "train.max_grad_norm = -1"),
        ("train.label_smoothing_factor", 1, "train.label_smoothing_factor = 1"),
        ("train.eval_batch_size", 0, "train.eval_batch_size = 0"),
        ("train.logging_steps", 0, "train.logging_steps = 0"),
        ("generation.max_new_tokens", 0, "generation.max_new_tokens = 0"),
        ("generation.min_new_tokens", -1, "generation.min_new_tokens = -1"),
        ("generation.num_beams", 0, "generation.num_beams = 0"),
        ("generation.length_penalty", "long", "generation.length_penalty = 'long'"),
        ("generation.no_repeat_ngram_size", -1, "generation.no_repeat_ngram_size = -1"),
        ("generation.repetition_penalty", 0, "generation.repetition_penalty = 0"),
        ("generation.do_sample", 1, "generation.do_sample = 1: 1 is not of type 'boolean'"),
        ("generation.temperature", 0, "generation.temperature = 0"),
        ("generation.top_k", 0, "generation.top_k = 0"),
        ("generation.top_p", 0, "generation.top_p = 0"),
        ("generation.top_p", 1.1, "generation.top_p = 1.1"),
        ("generation.batch_size", 0, "generation.batch_size = 0"),
        ("methods", {}, "methods = {}"),
        ("methods.my-lora", {"kind": "zero_shot"}, "'my-lora' does not match"),
        ("methods.2nd", {"kind": "zero_shot"}, "'2nd' does not match"),
        ("methods.full", None, "methods.full = None: None is not of type 'object'"),
        ("methods.full.kind", "lora", "methods.full.kind = 'lora': 'lora' is not one of ['zero_shot', 'full', 'peft'"),
        ("methods.full.train.batch_size", 0, "methods.full.train.batch_size = 0"),
        ("methods.zero_shot.generation", {"num_beams": 0}, "methods.zero_shot.generation.num_beams = 0"),
        ("methods.lora.peft", {"r": 8}, "methods.lora.peft lacks peft_type"),
        ("methods.lora.peft.peft_type", 1, "methods.lora.peft.peft_type = 1"),
        ("methods.other.file", "", "methods.other.file = ''"),
        ("methods.other.seeds", [], "methods.other.seeds = []"),
        ("methods.other.seeds", [1, 1], "methods.other.seeds = [1, 1]"),
        (
            "methods.lead.baseline",
            "oracle",
            "methods.lead.baseline = 'oracle': 'oracle' is not one of ['lead', 'longest', 'human']",
        ),
        ("methods.lead.n", 0, "methods.lead.n = 0: 0 is less than the minimum of 1"),
        ("scoring", "rouge_score", "scoring = 'rouge_score': 'rouge_score' is not of type 'object'"),
        ("scoring.backend", "rouge", "scoring.backend = 'rouge': 'rouge' is not one of ['rouge_score', 'rouge_score_rs']"),
        ("comparison", None, "comparison = None: None is not of type 'object'"),
        (
            "comparison.primary_metric",
            "rouge3",
            "comparison.primary_metric = 'rouge3': 'rouge3' is not one of ['rouge1', 'rouge2'",
        ),
        (
            "comparison.primary_metric",
            "rouge_l",
            "'rougeL', 'rougeLsum', 'rouge1_max', 'rouge2_max', 'rougeL_max', 'rougeLsum_max']",
        ),
        ("comparison.primary_metric", None, "comparison.primary_metric = None"),
        ("comparison.margin", 0, "comparison.margin = 0: 0 is less than or equal to the minimum of 0"),
        ("comparison.margin", -0.5, "comparison.margin = -0.5: -0.5 is less than or equal to the minimum of 0"),
        ("comparison.margin", 100.5, "comparison.margin = 100.5: 100.5 is greater than the maximum of 100"),
        ("comparison.margin", math.nan, "comparison.margin = nan: nan is not of type 'number', 'null'"),
        ("comparison.margin", math.inf, "comparison.margin = inf: inf is not of type 'number', 'null'"),
        ("comparison.margin", "half a point", "comparison.margin = 'half a point'"),
        ("comparison.margin", "1e0", "comparison.margin = '1e0': this is text to YAML, not a number"),
        ("comparison.margin", True, "comparison.margin = True"),
        ("comparison.contrasts", "lora", "comparison.contrasts = 'lora': 'lora' is not of type 'array', 'null'"),
        ("comparison.contrasts", ["lora"], "comparison.contrasts.0 = 'lora': 'lora' is not of type 'array'"),
        ("comparison.contrasts", [["lora", "full"], ["lora"]], "comparison.contrasts.1 = ['lora']: ['lora'] is too short"),
        ("comparison.contrasts", [["lora", "full", "lead"]], "comparison.contrasts.0 = ['lora', 'full', 'lead']"),
        ("comparison.contrasts", [["lora", 1]], "comparison.contrasts.0.1 = 1: 1 is not of type 'string'"),
        ("comparison.power", 0.49, "comparison.power = 0.49: 0.49 is less than the minimum of 0.5"),
        ("comparison.power", 1, "comparison.power = 1: 1 is greater than the maximum of 0.999"),
        ("comparison.power", 80, "comparison.power = 80"),
        ("comparison.power", None, "comparison.power = None"),
        ("comparison.difference", 0, "comparison.difference = 0: 0 is less than or equal to the minimum of 0"),
        ("comparison.difference", 101, "comparison.difference = 101: 101 is greater than the maximum of 100"),
        ("comparison.difference", None, "comparison.difference = None"),
        ("human_evaluation.dialogues", 0, "human_evaluation.dialogues = 0: 0 is less than the minimum of 1"),
        ("human_evaluation.raters", [], "human_evaluation.raters = []"),
        ("human_evaluation.raters", ["ada", "ada"], "human_evaluation.raters = ['ada', 'ada']: ['ada', 'ada'] has non-unique"),
        ("human_evaluation.raters", ["../ada"], "human_evaluation.raters.0 = '../ada': '../ada' does not match"),
        ("human_evaluation.scales", ["beauty"], "human_evaluation.scales.0 = 'beauty'"),
        ("human_evaluation.scales", [], "human_evaluation.scales = []"),
        ("human_evaluation.pairs_per_dialogue", -1, "human_evaluation.pairs_per_dialogue = -1"),
        ("comparison.n_bootstrap", 99, "comparison.n_bootstrap = 99: 99 is less than the minimum of 100"),
        ("comparison.n_bootstrap", 2000.0, "comparison.n_bootstrap = 2000.0"),
        ("comparison.bootstrap_seed", -1, "comparison.bootstrap_seed = -1"),
        ("published", {"source": "", "scores": {}}, "published.source = ''"),
        ("published", {"source": "x", "scores": {"full": {"rouge1": 101}}}, "published.scores.full.rouge1 = 101"),
        ("published", {"source": "x", "scores": {"full": {"rouge2": -1}}}, "published.scores.full.rouge2 = -1"),
        ("published", {"source": "x", "scores": {"full": 40.4}}, "published.scores.full = 40.4"),
    ],
)
def test_a_value_out_of_the_schema_is_refused_by_file_key_and_value(key, value, said):
    config = study()
    put(config, key, value)
    message = refusal(config)
    assert message.startswith(f"{FILE}: ")
    assert said in message
    assert message.endswith("config/README.md explains every key")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("seeds", "[1.0, 2.0]"),
        ("cpu_threads", "2.0"),
        ("max_source_length", "512.0"),
        ("methods.full.train.batch_size", "8.0"),
        ("methods.other.seeds", "[3.0]"),
    ],
)
def test_a_whole_float_is_refused_where_an_integer_belongs(key, text):
    """JSON Schema takes 1.0 for an integer, but Python does not: it would name a folder seed-1.0, which no rule makes."""
    config = study(methods__other__file="{seed}.jsonl")
    put(config, key, yaml.safe_load(text))
    message = refusal(config)
    assert key in message
    assert text.strip("[]").split(",")[0] in message


@pytest.mark.parametrize("text", [".nan", ".inf"])
def test_a_learning_rate_that_is_no_finite_number_is_refused(text):
    value = yaml.safe_load(text)
    assert not math.isfinite(value)
    assert "methods.full.train.learning_rate" in refusal(study(methods__full__train__learning_rate=value))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        *((key, f"the file lacks {key}") for key in ("name", "model", "data", "seeds", "compare", "methods")),
        ("model.source", "model lacks source"),
        ("model.name_or_path", "model lacks name_or_path"),
        ("data.source", "data lacks source"),
        ("data.name_or_path", "data lacks name_or_path"),
        ("data.splits", "data lacks splits"),
        ("data.splits.train", "data.splits lacks train"),
        ("data.splits.validation", "data.splits lacks validation"),
        ("data.splits.test", "data.splits lacks test"),
        ("methods.full.kind", "methods.full lacks kind"),
        ("methods.lora.peft", "methods.lora lacks peft"),
        ("methods.other.file", "methods.other lacks file"),
        ("methods.lead.baseline", "methods.lead lacks baseline"),
    ],
)
def test_a_missing_key_is_named(key, said):
    config = study()
    put(config, key, REMOVED)
    assert said in refusal(config)


def test_a_method_without_a_kind_is_not_told_that_its_right_keys_are_unknown():
    message = refusal(study(methods__lora__kind=REMOVED))
    assert "methods.lora lacks kind" in message
    assert "unknown key" not in message


@pytest.mark.parametrize(("block", "missing"), [({"source": "x"}, "scores"), ({"scores": {}}, "source")])
def test_published_scores_need_their_source_and_the_scores(block, missing):
    assert f"published lacks {missing}" in refusal(study(published=block))


def test_an_empty_file_is_refused():
    assert "the file lacks name, model, data, seeds, compare, methods" in refusal({})


@pytest.mark.parametrize(
    ("key", "value", "near"),
    [
        ("max_source_lenght", 512, "max_source_length"),
        ("seed", [1], "seeds"),
        ("model.revison", "abc", "revision"),
        ("data.drop_leak", True, "drop_leaked"),
        ("data.splits.validaton", "x.jsonl", "validation"),
        ("data.columns.dialog", "text", "dialogue"),
        ("train.learning_rat", 1.0, "learning_rate"),
        ("generation.num_beam", 4, "num_beams"),
        ("methods.zero_shot.generatoin", {}, "generation"),
        ("methods.full.trian", {}, "train"),
        ("methods.full.train.batchsize", 8, "batch_size"),
        ("methods.lora.generation", {"top_kk": 5}, "top_k"),
        ("methods.lora.pfet", {}, "peft"),
        ("methods.lead.baselin", "lead", "baseline"),
        ("methods.other.fil", "x", "file"),
        ("comparison.primary_metrics", "rouge1", "primary_metric"),
        ("comparison.contrast", [], "contrasts"),
        ("comparson", {}, "comparison"),
        ("published.sorce", "x", "source"),
        ("published.scores.full", {"rougeLsums": 30}, "rougeLsum"),
    ],
)
def test_a_misspelt_key_is_refused_with_the_likely_one(key, value, near):
    config = study(published__source="x", published__scores={})
    put(config, key, value)
    message = refusal(config)
    inner = next(iter(value)) if isinstance(value, dict) and value else None
    assert f"{key}.{inner} = " in message if inner else f"{key} = " in message
    assert f"unknown key, did you mean {near}?" in message


def test_an_unknown_key_like_no_other_is_refused_with_all_known_ones():
    message = refusal(study(model__zzz=1))
    assert "model.zzz = 1: unknown key, known here: source, name_or_path, revision" in message


@pytest.mark.parametrize(("key", "value"), [("n", 3), ("peft", {"peft_type": "LORA"}), ("file", "x.txt")])
def test_a_key_of_another_kind_of_method_is_refused(key, value):
    config = study()
    put(config, f"methods.full.{key}", value)
    assert f"methods.full.{key} = {value!r}: unknown key" in refusal(config)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"methods__lora__gpus_per_run": 2}, "it belongs into the block train: train: {gpus_per_run: ...}"),
        ({"methods__zero_shot__gpus_per_run": 2}, "a method of kind zero_shot trains nothing; remove it"),
        ({"methods__human__train": {"gpus_per_run": 2}}, "a method of kind baseline trains nothing; remove it"),
        ({"gpus_per_run": 2}, "it belongs into the block train: train: {gpus_per_run: ...}"),
    ],
)
def test_gpus_per_run_in_a_wrong_place_is_refused_with_the_right_one(changes, said):
    message = refusal(study(**changes))
    assert "unknown key" in message
    assert said in message


@pytest.mark.parametrize("key", [1, True], ids=["a number", "what YAML takes for true, as the key on"])
def test_a_key_that_is_no_text_is_refused(key):
    config = study()
    config["train"][key] = 1
    assert str(key) in refusal(config)


@pytest.mark.parametrize("key", ["train.learning_rate", "methods.full.train.learning_rate"])
def test_a_rate_that_yaml_takes_for_text_is_explained(key):
    config = study()
    put(config, key, yaml.safe_load("1e-4"))
    message = refusal(config)
    assert f"{key} = '1e-4': this is text to YAML, not a number" in message
    assert "1.0e-4, not 1e-4" in message


def test_a_quoted_seed_is_explained():
    assert "seeds.0 = '1': this is text to YAML, not a number" in refusal(study(seeds=["1"]))


def test_all_schema_errors_are_named_at_once():
    message = refusal(study(name=5, seeds=[], train__batch_size=0))
    assert all(f"{key} = " in message for key in ("name", "seeds", "train.batch_size"))


def test_a_long_value_is_shortened_in_the_message():
    message = refusal(study(seeds="x" * 500))
    assert f"seeds = '{'x' * 56}..." in message


SHARDED = {"learning_rate": 0.1, "batch_size": 4, "gpus_per_run": 2, "fsdp": True}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"compare": ["full", "lorra"]}, "compare: lorra: no such method under methods. Did you mean lora?"),
        (
            {"compare": ["full", "zzz"]},
            "compare: zzz: no such method under methods. Known: zero_shot, full, lora, lead, human, other",
        ),
        ({"prompt": "Summarise: "}, "prompt = 'Summarise: ': needs {dialogue} once. Write {dialogue} where"),
        ({"prompt": "{dialogue} {dialogue}"}, "prompt = '{dialogue} {dialogue}': needs {dialogue} once"),
        ({"model__revision": None}, "model.revision = None: source: hub needs a revision. Write the commit to fetch"),
        ({"model__revision": ""}, "model.revision = ''"),
        ({"model__source": "folder"}, "model.revision = 'abc': source: folder has no revisions. Remove it"),
        ({"data__source": "hub"}, "data.revision = None: source: hub needs a revision"),
        ({"data__revision": "main"}, "data.revision = 'main': source: files has no revisions. Remove it"),
        ({"data__splits__validation": "test.jsonl"}, "two splits share a file. Name a file of its own for each"),
        (
            {"methods__full__train__learning_rate": REMOVED},
            "methods.full.train.learning_rate: not set. Set it there, or for all methods as train.learning_rate",
        ),
        ({"methods__lora__train__batch_size": REMOVED}, "methods.lora.train.batch_size: not set"),
        ({"train__num_train_epochs": REMOVED}, "methods.full.train.num_train_epochs: not set"),
        (
            {"methods__lora__generation": {"temperature": 0.7}},
            "methods.lora.generation.temperature = 0.7: has no effect without do_sample: true. Set do_sample: true or remove",
        ),
        ({"generation": {"top_k": 5}}, "methods.zero_shot.generation.top_k = 5: has no effect without do_sample"),
        ({"generation": {"top_p": 0.9}}, "methods.zero_shot.generation.top_p = 0.9: has no effect without do_sample"),
        (
            {"methods__full__generation": {"min_new_tokens": 65, "max_new_tokens": 64}},
            "methods.full.generation.min_new_tokens = 65: is above max_new_tokens = 64. Lower it",
        ),
        (
            {"generation": {"min_new_tokens": 129}},
            "methods.zero_shot.generation.min_new_tokens = 129: is above max_new_tokens = 128",
        ),
        (
            {"methods__full__train__gpus_per_run": 3},
            "methods.full.train.batch_size = 8: cannot be shared evenly by gpus_per_run = 3 processes in"
            " gradient_accumulation_steps = 1 parts each. Take a multiple of 3, or gpus_per_run of 1 or 2 or 4 or 8",
        ),
        (
            {"train__gpus_per_run": 2, "train__gradient_accumulation_steps": 3},
            "methods.full.train.batch_size = 8: cannot be shared evenly by gpus_per_run = 2 processes in"
            " gradient_accumulation_steps = 3 parts each. Take a multiple of 6, or fewer gradient_accumulation_steps",
        ),
        (
            {"methods__full__train__fsdp": True},
            "methods.full.train.fsdp = true: a single process has nobody to share with. Set gpus_per_run or remove fsdp",
        ),
        (
            {"methods__lora__peft__peft_type": "PREFIX_TUNING", "train__gradient_checkpointing": True},
            "methods.lora.train.gradient_checkpointing = true: a prefix reaches the layers through the cache",
        ),
        ({"methods__human__n": 3}, "methods.human.n = 3: baseline human takes no n. Remove it"),
        ({"methods__lead__n": REMOVED}, "methods.lead.n: baseline lead needs n, the number of utterances. Add n: 3"),
        (
            {"methods__other__seeds": [1]},
            "methods.other.file = 'other.jsonl': seeds are given, but the file's name has no {seed}. Write {seed} in it",
        ),
        (
            {"comparison__contrasts": [["lora", "full"], ["lorra", "full"]]},
            "comparison.contrasts.1 = ['lorra', 'full']: lorra is not in compare. Did you mean lora?",
        ),
        (
            {"human_evaluation__methods": ["full", "lorra"]},
            "human_evaluation.methods: lorra: it is not in compare. Did you mean lora?",
        ),
        (
            {"human_evaluation__raters": ["Ada", "ben", "ada"]},
            "human_evaluation.raters = ['Ada', 'ben', 'ada']: two raters have one name, Ada and ada. Give each a name",
        ),
        (
            {"comparison__contrasts": [["lora", "zzz"]]},
            "comparison.contrasts.0 = ['lora', 'zzz']: zzz is not in compare. Compared: zero_shot, full, lora, lead, human, other",
        ),
        (
            {"compare": ["zero_shot", "full"], "comparison__contrasts": [["lora", "full"]]},
            "comparison.contrasts.0 = ['lora', 'full']: lora is not in compare. Compared: zero_shot, full",
        ),
        (
            {"comparison__contrasts": [["lora", "lora"]]},
            "comparison.contrasts.0 = ['lora', 'lora']: a method cannot be contrasted with itself. Name two methods",
        ),
        (
            {"comparison__contrasts": [["lora", "full"], ["lead", "full"], ["lora", "full"]]},
            "comparison.contrasts.2 = ['lora', 'full']: these two methods are contrasted already. Remove it",
        ),
        (
            {"comparison__contrasts": [["lora", "full"], ["full", "lora"]]},
            "comparison.contrasts.1 = ['full', 'lora']: these two methods are contrasted already. Remove it",
        ),
        (
            {"methods__full__quantization": {"load_in_4bit": True}},
            "methods.full.quantization = {'load_in_4bit': True}: kind full trains all weights, and weights in 8 or 4 bits cannot be"
            " trained. Set kind: peft, or remove it",
        ),
        (
            {"methods__zero_shot__quantization": {"load_in_8bit": True}},
            "methods.zero_shot.quantization = {'load_in_8bit': True}: the pretrained model is compared as it is, in fp32. Remove it",
        ),
        (
            {"methods__lora__quantization": {"load_in_4bit": True}, "methods__lora__train": SHARDED},
            "methods.lora.quantization = {'load_in_4bit': True}: weights in 8 or 4 bits cannot be sharded (train.fsdp = true). Set"
            " fsdp: false for this method",
        ),
        (
            {"methods__lora__peft": {"peft_type": "PREFIX_TUNING"}, "train": {"gradient_checkpointing": True, "max_steps": 1}},
            "methods.lora.train.gradient_checkpointing = true: a prefix reaches the layers through the cache",
        ),
        (
            {"published": {"source": "x", "scores": {"lroa": {"rouge1": 40}}}},
            "published.scores.lroa: no such method under methods. Known: zero_shot, full, lora, lead, human, other; remove what was published of others",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_refused(changes, said):
    message = refusal(study(**changes))
    assert message.startswith(f"{FILE}: ")
    assert said in message


@pytest.mark.parametrize(
    "changes",
    [
        {"train": {"max_steps": 10}},
        {"generation": {"do_sample": True, "temperature": 0.7, "top_k": 5, "top_p": 1}},
        {"generation": {"min_new_tokens": 128}},
        {"methods__other__file": "other-{seed}.jsonl", "methods__other__seeds": [7, 8]},
        {"data__max_train_samples": None, "data__digest": None, "data__columns": {"id": None}},
        {"published": {"source": "x", "scores": {"full": {"rouge1": 0, "trainable_percent": 100}}}},
        {"methods__unused": {"kind": "full"}},
        {"methods__lora__quantization": {"load_in_4bit": True}, "methods__lora__train": SHARDED | {"fsdp": False}},
        {"compare": ["lead"], "seeds": [0, 4294967295]},
        {"methods__lora__peft": {"peft_type": "IA3", "any_key": [1], "of": {"PEFT": None}}},
        {"comparison": {"margin": None, "contrasts": None}},
        {"comparison": {"margin": 100, "difference": 100, "power": 0.999, "n_bootstrap": 100}},
        {"comparison": {"margin": 1.0e-3, "difference": 1, "power": 0.5, "primary_metric": "rougeLsum_max"}},
        {"comparison__contrasts": [["lora", "full"], ["lora", "zero_shot"], ["zero_shot", "full"], ["human", "lead"]]},
        {"comparison__contrasts": []},
        {"train__gpus_per_run": 2, "train__gradient_accumulation_steps": 4, "train__fsdp": True},
        {"methods__full__train__gradient_checkpointing": True},
    ],
)
def test_what_only_looks_contradictory_is_accepted(changes):
    checked(study(**changes))


def test_missing_keys_take_the_schemas_defaults():
    config = checked(study())
    assert config["prompt"].count("{dialogue}") == 1
    assert (config["max_source_length"], config["max_target_length"], config["cpu_threads"]) == (512, 128, 1)
    assert config["data"]["columns"] == {"id": None, "dialogue": "dialogue", "summary": "summary"}
    assert config["data"] | {"drop_leaked": False, "sample_seed": 0, "digest": None, "revision": None} == config["data"]
    assert [config["data"][f"max_{split}_samples"] for split in ("train", "validation", "test")] == [None] * 3
    assert config["generation"] == {}
    assert config["scoring"] == {"backend": "rouge_score"}


def test_a_study_that_declares_no_question_takes_the_defaults_of_comparison():
    defaults = {
        "primary_metric": "rouge1",
        "margin": None,
        "contrasts": None,
        "questions": None,
        "power": 0.8,
        "difference": 1.0,
        "n_bootstrap": 2000,
        "bootstrap_seed": 0,
    }
    assert checked(study())["comparison"] == defaults
    assert checked(study(comparison={"margin": 0.5}))["comparison"] == defaults | {"margin": 0.5}


@pytest.mark.parametrize(
    ("kind", "name"), [("full", "full_long"), ("peft", "lora"), ("zero_shot", "zero_shot"), ("predictions", None)]
)
def test_the_first_method_of_a_kind_is_the_first_compared(kind, name):
    """Not the first under methods, where full stands before full_long, and not one that is not compared."""
    compare = ["lora", "full_long", "zero_shot", "full"]
    config = checked(study(compare=compare, methods__full_long=study()["methods"]["full"]))
    assert first_of_kind(config, kind) == name


@pytest.mark.parametrize(
    ("compare", "contrasts"),
    [
        (["zero_shot", "full", "lora", "ia3", "lead"], [("lora", "full"), ("ia3", "full")]),
        (["ia3", "full_long", "lora", "full"], [("ia3", "full_long"), ("lora", "full_long")]),
        (["zero_shot", "lora", "ia3", "lead"], []),
        (["full", "full_long", "other"], []),
    ],
)
def test_by_default_every_peft_method_is_contrasted_with_the_first_full_one(compare, contrasts):
    methods = study()["methods"]
    config = study(compare=compare, methods__ia3=methods["lora"], methods__full_long=methods["full"])
    assert contrasts_of(checked(config)) == contrasts


@pytest.mark.parametrize("declared", [[["full", "lora"], ["human", "lead"]], []])
def test_declared_contrasts_replace_the_default_ones_and_keep_their_direction(declared):
    assert contrasts_of(checked(study(comparison={"contrasts": declared}))) == [tuple(pair) for pair in declared]


def overridden(*entries, **changes):
    """The study as Snakemake's --config changes it: ENTRIES as on the command line."""
    config = study(**changes)
    update_config(config, retyped(parse_config(entries)))
    return config


def test_contrasts_and_numbers_of_a_comparison_may_be_given_on_the_command_line():
    given = "comparison={'contrasts': [['lora','full'], ['human', 'lead']], 'margin': 0.5, 'n_bootstrap': 500}"
    config = checked(overridden(given, comparison={"margin": 2, "power": 0.9}))
    assert contrasts_of(config) == [("lora", "full"), ("human", "lead")]
    chosen = config["comparison"]
    assert (chosen["margin"], chosen["power"], chosen["n_bootstrap"]) == (0.5, 0.9, 500)
    assert isinstance(chosen["n_bootstrap"], int)


def test_the_command_line_may_take_back_a_margin_and_contrasts():
    config = checked(overridden("comparison={margin: null, contrasts: null}", comparison={"margin": 2, "contrasts": []}))
    assert config["comparison"]["margin"] is None
    assert contrasts_of(config) == [("lora", "full")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{'contrasts': [['lorra','full']]}", "comparison.contrasts.0 = ['lorra', 'full']: lorra is not in compare"),
        ("{'contrasts': [['lora','full','lead']]}", "comparison.contrasts.0 = ['lora', 'full', 'lead']"),
        ("{'contrasts': [['lora', 3]]}", "comparison.contrasts.0.1 = 3: 3 is not of type 'string'"),
        ("{'margin': -1}", "comparison.margin = -1"),
        ("{'margin': 1e-1}", "comparison.margin = '1e-1': this is text to YAML, not a number"),
        ("{'margin': .nan}", "comparison.margin = nan"),
        ("rouge2", "comparison = 'rouge2': 'rouge2' is not of type 'object'"),
    ],
)
def test_what_the_command_line_gets_wrong_is_refused_like_in_a_file(given, said):
    assert said in refusal(overridden(f"comparison={given}"))


def test_filling_in_defaults_leaves_the_schema_alone():
    before = copy.deepcopy(load_schema("config"))
    config = checked(study())
    config["generation"]["num_beams"] = 4
    config["data"]["columns"]["dialogue"] = "text"
    assert load_schema("config") == before
    assert checked(study())["generation"] == {}


def test_a_methods_own_setting_goes_before_the_studys_and_that_before_the_default():
    config = checked(
        study(
            train={"num_train_epochs": 3, "weight_decay": 0.1, "warmup_steps": 5},
            methods__full__train={"learning_rate": 1.0, "batch_size": 8, "weight_decay": 0.5},
            generation={"num_beams": 4, "max_new_tokens": 60},
            methods__full__generation={"num_beams": 2},
        )
    )
    block = method_block(config, "full")
    train, generation = block["train"], block["generation"]
    assert (train["weight_decay"], train["warmup_steps"], train["optim"]) == (0.5, 5, "adamw_torch_fused")
    assert (generation["num_beams"], generation["max_new_tokens"], generation["batch_size"]) == (2, 60, 16)
    assert method_block(config, "lora")["train"]["weight_decay"] == 0.1


def test_a_methods_null_takes_back_the_studys_setting():
    config = checked(study(train={"max_steps": 10, "num_train_epochs": 1}, methods__full__train__max_steps=None))
    assert method_block(config, "full")["train"]["max_steps"] is None
    assert method_block(config, "lora")["train"]["max_steps"] == 10


def test_resolving_a_method_does_not_change_the_config():
    config = checked(study())
    before = copy.deepcopy(config)
    method_block(config, "full")["train"]["learning_rate"] = 99
    assert config == before


@pytest.mark.parametrize(
    ("method", "keys"),
    [
        ("zero_shot", {"kind", "generation"}),
        ("full", {"kind", "train", "generation"}),
        ("lora", {"kind", "peft", "train", "generation"}),
        ("lead", {"kind", "baseline", "n"}),
        ("human", {"kind", "baseline"}),
        ("other", {"kind", "file"}),
    ],
)
def test_a_resolved_method_has_the_blocks_that_its_kind_uses(method, keys):
    assert set(method_block(checked(study()), method)) == keys


@pytest.mark.parametrize(
    ("method", "trained"), [("zero_shot", False), ("full", True), ("lora", True), ("lead", False), ("other", False)]
)
def test_only_full_and_peft_are_trained(method, trained):
    assert is_trained(study(), method) is trained


def test_trained_methods_run_once_a_seed_and_deterministic_ones_once_in_the_order_of_compare():
    config = checked(study(compare=["human", "lora", "zero_shot", "other", "full", "lead"], seeds=[7, 3]))
    assert study_runs(config) == [
        Run("human", 0),
        Run("lora", 7),
        Run("lora", 3),
        Run("zero_shot", 0),
        Run("other", 0),
        Run("full", 7),
        Run("full", 3),
        Run("lead", 0),
    ]


@pytest.mark.parametrize(
    "changes", [{"generation": {"do_sample": True}}, {"methods__zero_shot__generation": {"do_sample": True}}]
)
def test_a_zero_shot_method_that_samples_runs_once_a_seed(changes):
    assert study_runs(checked(study(compare=["zero_shot"], **changes))) == [Run("zero_shot", 1), Run("zero_shot", 2)]


@pytest.mark.parametrize(("own", "seeds"), [(REMOVED, [1, 2]), ([5, 6, 7], [5, 6, 7])])
def test_predictions_with_a_file_a_seed_run_once_a_seed_of_their_own_or_the_studys(own, seeds):
    config = study(compare=["other"], methods__other={"kind": "predictions", "file": "{seed}.txt", "seeds": own})
    if own is REMOVED:
        put(config, "methods.other.seeds", REMOVED)
    assert study_runs(checked(config)) == [Run("other", seed) for seed in seeds]


@pytest.mark.parametrize("file", SHIPPED)
def test_a_shipped_config_is_valid(file):
    config = shipped(file)
    check_config(config, file)
    assert {run.method for run in study_runs(config)} == set(config["compare"])


def test_the_study_sets_every_key_that_the_quick_start_sets():
    """A key that it left out would take the schema's default, or, merged, a value made for a far smaller model."""
    assert set(key_paths(shipped(SHIPPED[0]))) <= set(key_paths(shipped(SHIPPED[1])))


def key_paths(block, prefix=""):
    for key, value in block.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from key_paths(value, f"{prefix}{key}.")


def test_the_study_runs_trained_methods_with_five_seeds_and_the_others_once():
    config = shipped("config/dialogsum.yaml")
    check_config(config, "config/dialogsum.yaml")
    counts = {name: sum(run.method == name for run in study_runs(config)) for name in config["compare"]}
    assert counts == {"zero_shot": 1, "full": 5, "lora": 5, "lead": 1, "longest": 1, "human": 1}


@pytest.mark.parametrize(("method", "rate", "batch"), [("full", 1e-4, 8), ("lora", 1e-3, 16)])
def test_the_study_trains_after_the_published_recipe(method, rate, batch):
    config = shipped("config/dialogsum.yaml")
    check_config(config, "config/dialogsum.yaml")
    block = method_block(config, method)
    assert block["train"] == {
        "learning_rate": rate,
        "batch_size": batch,
        "num_train_epochs": 10,
        "max_steps": None,
        "gang": False,
        "train_sampling_strategy": "group_by_length",
        "optim": "adamw_torch_fused",
        "lr_scheduler_type": "linear",
        "warmup_steps": 0,
        "weight_decay": 0,
        "max_grad_norm": 1.0,
        "label_smoothing_factor": 0,
        "eval_batch_size": 16,
        "logging_steps": 50,
        "precision": "auto",
        "gpus_per_run": 1,
        "fsdp": False,
        "gradient_accumulation_steps": 1,
        "gradient_checkpointing": False,
    }
    assert block["generation"] == {
        "max_new_tokens": 128,
        "num_beams": 1,
        "do_sample": False,
        "batch_size": 32,
        "backend": "transformers",
        "compute_type": None,
        "precision": "auto",
    }


def test_the_studys_model_data_and_adapter_are_the_published_ones():
    config = shipped("config/dialogsum.yaml")
    check_config(config, "config/dialogsum.yaml")
    assert config["model"] == {
        "source": "hub",
        "name_or_path": "google/flan-t5-small",
        "revision": "0fc9ddf78a1e988dac52e2dac162b0ede4fd74ab",
        "digest": None,
    }
    assert config["methods"]["lora"]["peft"] == {
        "peft_type": "LORA",
        "r": 8,
        "lora_alpha": 16,
        "target_modules": ["q", "v"],
    }
    assert config["prompt"] == "Summarize the following conversation.\n\n{dialogue}\n\nSummary: "
    assert (config["max_source_length"], config["max_target_length"]) == (512, 128)
    data = config["data"]
    assert data["name_or_path"] == "knkarthick/dialogsum"
    assert data["drop_leaked"] is False
    assert [data[f"max_{split}_samples"] for split in ("train", "validation", "test")] == [None] * 3
    assert config["published"]["scores"] == {
        "zero_shot": {"rouge1": 22.2, "rouge2": 7.1, "rougeL": 19.2, "trainable_percent": 0},
        "full": {"rouge1": 40.4, "rouge2": 17.1, "rougeL": 32.7, "trainable_percent": 100},
        "lora": {"rouge1": 39.1, "rouge2": 15.5, "rougeL": 31.4, "trainable_percent": 0.45},
    }


def test_people_judge_every_method_but_baselines_unless_others_are_named():
    assert rated_methods(checked(study())) == ["zero_shot", "full", "lora", "other"]
    named = checked(study(human_evaluation__methods=["human", "lora", "lead"]))
    assert rated_methods(named) == ["lora", "lead", "human"]
    assert ceilings(named) == ["human"] and ceilings(checked(study())) == []
