"""parity.memory and parity.examination: the estimate follows the settings, and is a little above a real run's peak."""

import importlib.util
import json
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest
import torch
from project import ROOT
from tiny import make_model
from transformers import LEDConfig, LEDForConditionalGeneration

from parity.config import load_schema
from parity.errors import InputError
from parity.examination import examine
from parity.extent import Extent
from parity.memory import Weights, generation_memory, training_memory
from parity.memory_request import CONTEXT_MB, PROCESS_MB
from parity.models import load_model
from parity.packed_layers import held_bytes
from parity.probes import without_memory
from parity.traced_steps import Subject

DEFAULTS = {
    name: {
        key: schema["default"]
        for key, schema in load_schema("config")["$defs"][name]["properties"].items()
        if "default" in schema
    }
    for name in ("train", "generation")
}
LORA = {"peft_type": "LORA", "r": 2, "target_modules": ["q", "v"]}
EXTENT = Extent(train=(40, 12), validation=(40, 12), test=40)


def block(kind: str = "full", peft: dict | None = None, generation: dict | None = None, **train) -> dict:
    resolved = {"kind": kind, "train": DEFAULTS["train"] | {"batch_size": 8} | train}
    resolved["generation"] = DEFAULTS["generation"] | (generation or {})
    return resolved | ({"peft": peft} if peft else {})


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """What a training on a small model takes, by its settings: on a CPU and on a GPU. Inputs have 40 tokens, targets 12."""
    folder = small_model(tmp_path_factory.mktemp("small"))

    @lru_cache
    def subject_of(lora: bool) -> Subject:
        return without_memory("mine", block("peft", LORA) if lora else block(), folder)

    @cache_by_settings
    def made(lora: bool = False, **settings) -> dict[str, dict[str, int]]:
        subject = subject_of(lora)
        return training_memory(subject, Weights(held_bytes(subject.model), 0), block(**settings)["train"], EXTENT)

    return made


@pytest.fixture(scope="module")
def generation(tmp_path_factory):
    """What writing summaries takes, by the settings."""
    subject = without_memory("mine", block(), small_model(tmp_path_factory.mktemp("small")))

    def made(**settings) -> dict[str, dict[str, int]]:
        return generation_memory(subject, Weights(held_bytes(subject.model), 0), DEFAULTS["generation"] | settings, EXTENT)

    return made


def cache_by_settings(function):
    done = {}

    def cached(**settings):
        key = json.dumps(settings, sort_keys=True)
        if key not in done:
            done[key] = function(**settings)
        return done[key]

    return cached


def small_model(folder: Path, layers: int = 1, **shape: int) -> str:
    make_model(vocab_size=400, num_layers=layers, num_decoder_layers=layers, **shape).save_pretrained(folder)
    return str(folder)


def test_weights_gradients_and_states_are_those_of_the_model(training, tmp_path):
    weights = sum(parameter.nbytes for parameter in load_model(small_model(tmp_path)).parameters())
    found = training()["cpu"]
    megabytes = -(-weights // 10**6)
    assert (found["weights_mb"], found["gradients_mb"], found["optimizer_mb"]) == (megabytes, megabytes, -(-2 * weights // 10**6))
    assert found["least_mb"] < found["host_mb"]


def test_a_further_seed_of_a_gang_takes_all_but_the_process_and_what_is_frozen(tmp_path):
    folder = small_model(tmp_path, d_ff=65_536)
    weights = sum(parameter.nbytes for parameter in load_model(folder).parameters()) / 1e6

    def found(settings: dict) -> dict[str, dict[str, int]]:
        subject = without_memory("mine", settings, folder)
        return training_memory(subject, Weights(held_bytes(subject.model), 0), settings["train"], EXTENT)

    full, lora = found(block()), found(block("peft", LORA))
    for device, asked, process in (("cpu", "host_mb", PROCESS_MB), ("gpu", "device_mb", CONTEXT_MB)):
        # Stacked, the weights of whole models lie there once more.
        assert full[device]["gang_seed_mb"] == pytest.approx(full[device][asked] - process + weights, abs=2)
        assert lora[device]["gang_seed_mb"] == pytest.approx(lora[device][asked] - process - weights, abs=2)
    assert weights > 40


# Of the estimate that is above the process's own: its part that a setting is there for.
@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"batch_size": 64}, {"batch_size": 512}),
        ({"batch_size": 512, "gradient_accumulation_steps": 8}, {"batch_size": 512}),
        ({"batch_size": 512, "gradient_checkpointing": True}, {"batch_size": 512}),
        ({"batch_size": 512, "precision": "bf16"}, {"batch_size": 512, "precision": "fp32"}),
        ({"batch_size": 512, "gpus_per_run": 4}, {"batch_size": 512}),
        ({"batch_size": 512, "lora": True}, {"batch_size": 512}),
        ({"eval_batch_size": 16}, {"eval_batch_size": 2048}),
        # An evaluation is split as a batch is: in time, but not over processes, which take whole batches.
        ({"eval_batch_size": 2048, "gradient_accumulation_steps": 8}, {"eval_batch_size": 2048}),
    ],
    ids=lambda settings: ",".join(settings),
)
def test_a_training_that_does_less_at_a_time_takes_less(training, less, more):
    for device in ("cpu", "gpu"):
        assert training(**less)[device]["activations_mb"] < training(**more)[device]["activations_mb"]


def test_each_process_evaluates_whole_batches(training):
    of_one, of_four = (training(eval_batch_size=2048, gpus_per_run=processes)["gpu"] for processes in (1, 4))
    assert of_one["activations_mb"] == of_four["activations_mb"]


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"batch_size": 16}, {"batch_size": 256}),
        ({"batch_size": 256, "max_new_tokens": 8}, {"batch_size": 256, "max_new_tokens": 512}),
        ({"batch_size": 256}, {"batch_size": 256, "num_beams": 8}),
        ({"batch_size": 256, "precision": "bf16"}, {"batch_size": 256, "precision": "fp32"}),
    ],
    ids=lambda settings: ",".join(settings),
)
def test_writing_less_at_a_time_takes_less(generation, less, more):
    for device in ("cpu", "gpu"):
        assert generation(**less)[device]["activations_mb"] < generation(**more)[device]["activations_mb"]


def test_in_bf16_the_whole_model_generates_in_half_the_bytes_and_is_then_as_it_was(generation):
    before = generation(precision="fp32")["gpu"]["weights_mb"], generation(precision="bf16")["gpu"]["weights_mb"]
    assert before[1] <= before[0]
    assert generation(precision="fp32")["gpu"]["weights_mb"] == before[0]


@pytest.fixture(scope="module")
def of_some_weight(tmp_path_factory) -> Subject:
    """A model whose weights count beside the constants."""
    folder = small_model(tmp_path_factory.mktemp("weighty"), layers=3, d_model=512, d_ff=8192, d_kv=64)
    return without_memory("mine", block(), folder)


def weighed(subject: Subject, **settings) -> dict[str, dict[str, int]]:
    return training_memory(subject, Weights(held_bytes(subject.model), 0), block(**settings)["train"], EXTENT)


def test_several_processes_are_several_times_the_machine_and_shards_are_parts_of_a_gpu(of_some_weight):
    alone, four, sharded = (
        weighed(of_some_weight, **settings) for settings in ({}, {"gpus_per_run": 4}, {"gpus_per_run": 4, "fsdp": True})
    )
    weights = held_bytes(of_some_weight.model) / 10**6
    assert four["cpu"]["host_mb"] > 4 * (alone["cpu"]["host_mb"] - 1)
    # DDP adds gradients up in buckets of its own.
    assert four["gpu"]["least_mb"] == pytest.approx(alone["gpu"]["least_mb"] + weights, abs=3)
    # A quarter of weights, gradients and states, and what is gathered.
    assert sharded["gpu"]["least_mb"] < alone["gpu"]["least_mb"] - weights
    # Every process begins with all weights, on the machine.
    assert sharded["gpu"]["host_mb"] > 4 * weights


def test_an_optimiser_that_keeps_less_takes_less(of_some_weight):
    kept = [weighed(of_some_weight, optim=optim)["gpu"] for optim in ("adamw_torch", "sgd")]
    assert kept[1]["optimizer_mb"] == 0
    assert kept[1]["device_mb"] < kept[0]["device_mb"]


def test_the_real_weights_are_loaded_only_where_values_are_asked_for(tiny_model, tokens, monkeypatch):
    def refuse(folder, **options):
        assert options.get("device_map") == "meta", "loads the weights"
        return load_model(folder, **options)

    monkeypatch.setattr("parity.methods.load_model", refuse)
    monkeypatch.setattr("parity.skeletons.load_model", refuse)
    for peft in (LORA, LORA | {"use_dora": True}, {"peft_type": "IA3"}, {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 4}):
        assert examine("mine", block("peft", peft), tiny_model, tokens)["trainable"] > 0
    with pytest.raises(AssertionError, match="loads the weights"):
        examine("mine", block("peft", LORA | {"init_lora_weights": "pissa"}), tiny_model, tokens)


@pytest.mark.parametrize(
    "peft", [LORA | {"init_lora_weights": "pissa"}, {"peft_type": "LOHA", "r": 2, "target_modules": ["q"]}], ids=str
)
def test_a_type_that_begins_at_the_values_or_asks_for_them_is_examined_all_the_same(tiny_model, tokens, peft):
    about = examine("mine", block("peft", peft), tiny_model, tokens)
    plain = examine("mine", block("peft", LORA), tiny_model, tokens)["memory"]
    for stage in ("train", "generate"):
        assert about["memory"][stage]["cpu"]["host_mb"] == pytest.approx(plain[stage]["cpu"]["host_mb"], rel=0.05)


def test_a_mistake_of_the_users_is_found_without_the_weights(tiny_model, tokens, monkeypatch):
    monkeypatch.setattr("parity.methods.load_model", None)
    with pytest.raises(InputError, match="Name target_modules that the model has"):
        examine("mine", block("peft", {"peft_type": "LORA", "target_modules": ["c_attn"]}), tiny_model, tokens)


def test_a_model_whose_operations_depend_on_values_is_examined_with_its_weights(tmp_path, tokens):
    """LED looks at its mask; an example is then run for real, and a batch takes as many times that."""
    sizes = {"encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16, "d_model": 16}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "attention_window": 8}
    torch.manual_seed(0)
    LEDForConditionalGeneration(LEDConfig(vocab_size=400, **sizes, **heads)).save_pretrained(tmp_path)
    found = [examine("mine", block(batch_size=size), str(tmp_path), tokens)["memory"]["train"]["cpu"] for size in (2560, 5120)]
    assert found[1]["activations_mb"] == pytest.approx(2 * found[0]["activations_mb"], rel=0.1)


@pytest.mark.parametrize(
    "run",
    [
        "quick start, train, lora, 128/32 tokens, batch_size 8",
        "T5-small, generate, full, 256/64 tokens, batch_size 16, max_new_tokens 64, num_beams 4",
    ],
)
def test_the_estimate_is_a_little_above_the_peak_of_a_real_run(run, tmp_path):
    """Two cases of the benchmark, in a process of their own each; docs/GPU.md has them all."""
    benchmark = load_benchmark()
    [case] = [case for case in benchmark.cases() if str(case) == run]
    [row] = benchmark.compared(case, tmp_path)
    assert 1 <= row["ratio"] <= 1.6, row


def load_benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("memory_benchmark", ROOT / "benchmarks/memory.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_what_is_said_is_json(tiny_model, tokens):
    found = examine("mine", block(), tiny_model, tokens)
    assert json.loads(json.dumps(found)) == found
