"""parity.memory and parity.examination: the estimate follows the settings, and is a little above a real run's peak."""

import json
import re
import subprocess
import sys

import pytest
import torch
from project import ROOT
from transformers import LEDConfig, LEDForConditionalGeneration

from parity.config import load_schema
from parity.errors import InputError
from parity.examination import examine
from parity.models import load_model, weight_bytes

DEFAULTS = {
    name: {
        key: schema["default"]
        for key, schema in load_schema("config")["$defs"][name]["properties"].items()
        if "default" in schema
    }
    for name in ("train", "generation")
}
LORA = {"peft_type": "LORA", "r": 2, "target_modules": ["q", "v"]}


def block(kind: str = "full", peft: dict | None = None, generation: dict | None = None, **train) -> dict:
    resolved = {"kind": kind, "train": DEFAULTS["train"] | {"batch_size": 8} | train}
    resolved["generation"] = DEFAULTS["generation"] | (generation or {})
    return resolved | ({"peft": peft} if peft else {})


@pytest.fixture
def estimate(tiny_model, tokens):
    """The estimate of a block on the tiny model: of a stage, on a device."""

    def made(stage: str = "train", device: str = "cpu", **settings) -> dict[str, int]:
        return examine("mine", block(**settings), tiny_model, tokens)["memory"][stage][device]

    return made


def activations(estimated: dict[str, int]) -> int:
    return estimated["activations_mb"]


def test_weights_gradients_and_states_are_those_of_the_model(tiny_model, tokens):
    weights = sum(parameter.nbytes for parameter in load_model(tiny_model).parameters())
    found = examine("mine", block(), tiny_model, tokens)["memory"]["train"]["cpu"]
    megabytes = -(-weights // 10**6)
    assert (found["weights_mb"], found["gradients_mb"], found["optimizer_mb"]) == (megabytes, megabytes, -(-2 * weights // 10**6))
    assert found["least_mb"] < found["host_mb"]


# Of the estimate that is above the process's own: its part that a setting is there for.
@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"batch_size": 8}, {"batch_size": 64}),
        ({"batch_size": 64, "gradient_accumulation_steps": 8}, {"batch_size": 64}),
        ({"batch_size": 64, "gradient_checkpointing": True}, {"batch_size": 64}),
        ({"batch_size": 64, "precision": "bf16"}, {"batch_size": 64, "precision": "fp32"}),
        ({"batch_size": 64, "gpus_per_run": 4}, {"batch_size": 64}),
        ({"eval_batch_size": 16}, {"eval_batch_size": 512}),
        ({"batch_size": 64, "kind": "peft", "peft": LORA}, {"batch_size": 64}),
        ({"label_smoothing_factor": 0.0, "batch_size": 64}, {"label_smoothing_factor": 0.1, "batch_size": 64}),
    ],
    ids=lambda settings: ",".join(settings),
)
@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_a_training_that_does_less_at_a_time_takes_less(estimate, less, more, device):
    assert activations(estimate(device=device, **less)) < activations(estimate(device=device, **more))


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"batch_size": 16}, {"batch_size": 256}),
        ({"max_new_tokens": 8, "batch_size": 256}, {"max_new_tokens": 512, "batch_size": 256}),
        ({"num_beams": 1, "batch_size": 256}, {"num_beams": 8, "batch_size": 256}),
    ],
)
def test_writing_less_at_a_time_takes_less(estimate, less, more):
    assert estimate("generate", generation=less)["host_mb"] < estimate("generate", generation=more)["host_mb"]


def test_several_processes_are_several_times_the_machine_and_shards_are_parts_of_a_gpu(tmp_path, tokens):
    from tiny import make_model

    # Large enough that its weights count beside the constants.
    make_model(vocab_size=400, d_model=256, d_ff=2048, d_kv=64, num_layers=8, num_decoder_layers=8).save_pretrained(tmp_path)

    def of(**settings) -> dict[str, int]:
        return examine("mine", block(**settings), str(tmp_path), tokens)["memory"]["train"]

    alone, four, sharded = of(), of(gpus_per_run=4), of(gpus_per_run=4, fsdp=True)
    assert four["cpu"]["host_mb"] > 2 * alone["cpu"]["host_mb"]
    # DDP adds gradients up in buckets of its own.
    assert four["gpu"]["least_mb"] > alone["gpu"]["least_mb"]
    held = 4 * weight_bytes(tmp_path) / 10**6
    assert sharded["gpu"]["least_mb"] < alone["gpu"]["least_mb"] - held / 2


def test_an_optimiser_that_keeps_less_takes_less(tmp_path, tokens):
    from tiny import make_model

    make_model(vocab_size=400, d_model=256, d_ff=2048, d_kv=64).save_pretrained(tmp_path)
    kept = [
        examine("mine", block(optim=optim), str(tmp_path), tokens)["memory"]["train"]["gpu"] for optim in ("adamw_torch", "sgd")
    ]
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
    assert activations(found[1]) == pytest.approx(2 * activations(found[0]), rel=0.1)


@pytest.mark.parametrize(
    "run", ["quick start, train, lora, 128/32 tokens", "quick start, generate, full, 512/128 tokens, batch_size 32, max"]
)
def test_the_estimate_is_a_little_above_the_peak_of_a_real_run(run):
    command = [sys.executable, str(ROOT / "benchmarks/memory.py"), "--only", run]
    done = subprocess.run(command, capture_output=True, text=True)
    ratios = re.findall(r"\| +([0-9.]+) \|$", done.stdout, re.M)
    assert ratios, done.stderr[-2000:]
    assert all(0.95 <= float(ratio) <= 1.6 for ratio in ratios), done.stdout


def test_what_is_said_is_json(estimate):
    assert json.loads(json.dumps(estimate())) == estimate()
