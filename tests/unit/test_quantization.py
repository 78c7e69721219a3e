"""parity.quantization: the `quantization` block, what of it is refused, and training and generation on weights in few bits.

All on the CPU. A user may do without bitsandbytes (requirements-quantization.txt); requirements-dev.txt has it.
"""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from parity.checkpoints import Checkpoints
from parity.config import load_schema
from parity.errors import InputError
from parity.examination import examine
from parity.generation import generate_summaries
from parity.methods import build_method, load_trained, parameter_counts
from parity.models import count_parameters, load_model
from parity.packed_layers import held_bytes, packed_names
from parity.quantization import PACKAGE, bits_config, load_quantized
from parity.skeletons import faked, load_skeleton
from parity.tokens import load_tokenizer
from parity.traced_steps import Device, Subject, step_peak
from parity.training import train_run

DEFAULTS = {
    name: {
        key: schema["default"]
        for key, schema in load_schema("config")["$defs"][name]["properties"].items()
        if "default" in schema
    }
    for name in ("train", "generation")
}
SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
FOUR = {
    "load_in_4bit": True,
    "bnb_4bit_quant_type": "nf4",
    "bnb_4bit_use_double_quant": True,
    "bnb_4bit_compute_dtype": "bfloat16",
}
BITS = {"4": FOUR, "8": {"load_in_8bit": True}}
ADAPTERS = {
    "lora": {"peft_type": "LORA", "r": 4, "lora_alpha": 16, "target_modules": ["q", "v"]},
    "ia3": {"peft_type": "IA3"},
    "prefix": {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 4},
}
RATES = {"lora": 0.02, "ia3": 0.3, "prefix": 0.3}


def block(adapter: str, bits: dict | None, **train) -> dict:
    settings = {"learning_rate": RATES.get(adapter, 0.02), "batch_size": 4, "num_train_epochs": 4, "logging_steps": 3}
    resolved = {"kind": "peft", "peft": ADAPTERS[adapter], "train": DEFAULTS["train"] | settings | train}
    return resolved | {"generation": DEFAULTS["generation"]} | ({"quantization": bits} if bits else {})


def train(adapter: str, bits: dict | None, model: str, data, out: Path, **changes) -> dict:
    checkpoints = Checkpoints(str(out.parent / "checkpoints"), "study", adapter, 1, out.name)
    return train_run("mine", 1, block(adapter, bits, **changes), model, load_tokenizer(model), data, out, checkpoints, 0)


def test_data_types_are_written_by_their_names_and_whole_numbers_will_do():
    config = bits_config("methods.mine.quantization", {"load_in_4bit": True, "bnb_4bit_compute_dtype": "bfloat16"})
    assert (config.load_in_4bit, config.bnb_4bit_compute_dtype) == (True, torch.bfloat16)
    assert bits_config("x", {"load_in_8bit": True, "llm_int8_threshold": 5}).llm_int8_threshold == 5.0


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ({"load_in_4bits": True}, [".load_in_4bits = True", "BitsAndBytesConfig has no such key", "Did you mean load_in_4bit?"]),
        ({"load_in_4bit": True, "zzz": 1}, [".zzz = 1", "Known: bnb_4bit_compute_dtype"]),
        (
            {"load_in_4bit": True, "bnb_4bit_compute_dtype": "bfloat"},
            [".bnb_4bit_compute_dtype = 'bfloat'", "Did you mean bfloat16?"],
        ),
        ({"load_in_4bit": True, "bnb_4bit_compute_dtype": "float16"}, ["T5's values are too large", "Set it to bfloat16"]),
        ({"load_in_4bit": True, "bnb_4bit_quant_type": "nf5"}, [".bnb_4bit_quant_type = 'nf5'", "Did you mean nf4?"]),
        ({"load_in_4bit": True, "bnb_4bit_quant_type": 4}, [".bnb_4bit_quant_type = 4", "Known: fp4, nf4"]),
        ({"load_in_4bit": True, "bnb_4bit_quant_storage": "unit8"}, ["Did you mean uint8?"]),
        ({"load_in_4bit": True, "load_in_8bit": True}, ["either 8 or 4 bits"]),
        ({"load_in_4bit": False}, ["either 8 or 4 bits", "Set load_in_4bit: true or load_in_8bit: true"]),
        ({"bnb_4bit_quant_type": "nf4"}, ["has no effect without load_in_4bit: true"]),
        ({"load_in_8bit": True, "bnb_4bit_quant_type": "nf4"}, ["has no effect without load_in_4bit: true"]),
        ({"load_in_4bit": True, "llm_int8_threshold": 6.0}, ["has no effect without load_in_8bit: true"]),
        ({"load_in_8bit": True, "llm_int8_threshold": "six"}, ["llm_int8_threshold must be a float", "BitsAndBytesConfig"]),
        ({"load_in_8bit": True, "llm_int8_enable_fp32_cpu_offload": True}, ["lies on one device", "Remove it"]),
        ({"load_in_8bit": "yes"}, ["either 8 or 4 bits"]),
    ],
    ids=str,
)
def test_a_bad_block_is_refused_by_key_value_and_remedy(settings, parts):
    with pytest.raises(InputError) as error:
        bits_config("methods.mine.quantization", settings)
    message = str(error.value)
    assert message.startswith("methods.mine.quantization")
    assert [part for part in parts if part not in message] == []


# Python's own search for modules finds no bitsandbytes, as where it is not installed.
WITHOUT = """
import json, sys
from importlib.machinery import PathFinder
class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, *rest):
        return None if name == "bitsandbytes" else super().find_spec(name, *rest)
sys.meta_path[sys.meta_path.index(PathFinder)] = Without
from datasets import load_from_disk
from parity.errors import InputError
from parity.examination import examine
model, tokens, blocks = sys.argv[1], load_from_disk(sys.argv[2]), json.loads(sys.argv[3])
for block in blocks:
    try:
        print(json.dumps(examine("mine", block, model, tokens)["trainable"]))
    except InputError as error:
        print(json.dumps(str(error)))
assert "bitsandbytes" not in sys.modules
"""


def test_without_bitsandbytes_the_message_names_the_command_and_all_else_works(tiny_model, tokens, tmp_path):
    tokens.save_to_disk(tmp_path / "tokens")
    blocks = [block("lora", FOUR), block("lora", FOUR | {"bnb_4bit_quant_type": "nf3"}), block("lora", None)]
    command = [sys.executable, "-c", WITHOUT, tiny_model, str(tmp_path / "tokens"), json.dumps(blocks)]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    missing, misspelt, trainable = map(json.loads, done.stdout.splitlines())
    assert missing.startswith("methods.mine.quantization: bitsandbytes is not installed")
    assert f"pip install {PACKAGE}" in missing
    assert "Did you mean nf4" in misspelt
    assert trainable > 0


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_learns_in_every_epoch_on_weights_in_few_bits(tiny_model, tokens, tmp_path, adapter, bits):
    """With bitsandbytes as it is, nothing is learned on 4 bits after the first evaluation, on processors with AVX512-BF16."""
    record = train(adapter, BITS[bits], tiny_model, tokens, tmp_path / "out")
    losses = [entry["eval_loss"] for entry in record["eval_loss"]]
    assert len(losses) == 4
    assert all(later < earlier for earlier, later in pairwise(losses))


@pytest.mark.parametrize("bits", BITS)
def test_the_same_seed_gives_the_same_adapter_and_other_bits_another(tiny_model, tokens, tmp_path, bits):
    for name in ("one", "two"):
        train("lora", BITS[bits], tiny_model, tokens, tmp_path / name, max_steps=2)
    train("lora", None, tiny_model, tokens, tmp_path / "whole", max_steps=2)
    weights = {name: (tmp_path / name / "adapter_model.safetensors").read_bytes() for name in ("one", "two", "whole")}
    assert weights["one"] == weights["two"] != weights["whole"]
    names = {name: sorted(path.name for path in (tmp_path / name).iterdir()) for name in ("one", "whole")}
    assert names["one"] == names["whole"]


@pytest.mark.parametrize("bits", BITS)
def test_what_is_saved_generates_on_a_quantised_base_what_the_model_in_memory_did(
    tiny_model, tokens, tmp_path, monkeypatch, bits
):
    built = []
    monkeypatch.setattr("parity.training.build_method", lambda *args: built.append(build_method(*args)) or built[-1])
    train("lora", BITS[bits], tiny_model, tokens, tmp_path / "out")

    def summaries(model) -> list[str]:
        greedy = {"max_new_tokens": 10, "num_beams": 1, "do_sample": False, "batch_size": 8, "precision": "auto"}
        return generate_summaries(model, load_tokenizer(tiny_model), tokens["test"], greedy, 1, "test")[0]

    in_memory = summaries(built[0])
    loaded = load_trained(tiny_model, str(tmp_path / "out"), "peft", BITS[bits])
    assert packed_names(loaded.get_base_model())
    assert summaries(loaded) == in_memory
    assert in_memory != summaries(load_model(tiny_model))


@pytest.mark.parametrize("bits", BITS)
def test_parameters_are_counted_as_if_each_were_a_number_of_its_own(tiny_model, bits):
    quantised = parameter_counts(build_method("mine", block("lora", BITS[bits]), tiny_model))
    assert quantised == parameter_counts(build_method("mine", block("lora", None), tiny_model))
    assert count_parameters(load_quantized(tiny_model, "x", BITS[bits])) == count_parameters(load_model(tiny_model))


@pytest.mark.parametrize("bits", BITS)
def test_only_the_adapter_is_trained(tiny_model, bits):
    model = build_method("mine", block("lora", BITS[bits]), tiny_model)
    assert all("lora_" in name for name, parameter in model.named_parameters() if parameter.requires_grad)


@pytest.mark.parametrize(
    ("peft", "bits"),
    [({"peft_type": "LOHA", "r": 2, "target_modules": ["q"]}, "4"), ({"peft_type": "LN_TUNING", "target_modules": ["q"]}, "8")],
    ids=["at its step", "when it is built"],
)
def test_a_type_that_cannot_sit_on_few_bits_is_refused_before_training(tiny_model, tokens, peft, bits):
    settings = block("lora", BITS[bits]) | {"peft": peft}
    with pytest.raises(InputError) as error:
        examine("mine", settings, tiny_model, tokens)
    assert str(error.value).startswith("methods.mine")
    assert "choose another peft_type" in str(error.value).lower()
    # On weights in fp32 it could, if the type can at all.
    if peft["peft_type"] == "LOHA":
        del settings["quantization"]
        assert examine("mine", settings, tiny_model, tokens)["trainable"] > 0


def test_a_type_that_would_learn_nothing_on_few_bits_is_refused(tiny_model, tokens):
    settings = block("lora", FOUR) | {"peft": {"peft_type": "UNILORA", "target_modules": ["q"]}}
    with pytest.raises(InputError, match="no gradient reaches what is to be trained"):
        examine("mine", settings, tiny_model, tokens)


@pytest.mark.parametrize(("bits", "parts"), [("4", 0.2), ("8", 0.3)])
def test_weights_take_as_many_bytes_as_their_bits_and_scales_say(tmp_path, bits, parts):
    from tiny import make_model

    make_model(vocab_size=64, d_model=256, d_ff=1024, d_kv=64, num_layers=4, num_decoder_layers=4).save_pretrained(tmp_path)
    whole, quantised = load_model(str(tmp_path)), load_quantized(str(tmp_path), "x", BITS[bits])
    packed = set(packed_names(quantised))
    # T5's wo stays in fp32, by transformers' own word.
    assert packed and not any(name.endswith("wo") for name in packed)
    size = sum(parameter.nbytes for name, parameter in whole.named_parameters() if name.removesuffix(".weight") in packed)
    saved = held_bytes(whole) - held_bytes(quantised)
    assert (1 - parts) * size < saved < size


@pytest.mark.parametrize("bits", BITS)
def test_a_stand_in_without_memory_takes_as_much_in_a_step_as_the_quantised_layers(tiny_model, tokens, bits):
    from contextlib import nullcontext

    from parity.probes import without_memory

    settings, device = block("lora", BITS[bits]), Device(is_gpu=False, precision="fp32")
    real = Subject(build_method("mine", settings, tiny_model), nullcontext())
    stand_in = without_memory("mine", settings, tiny_model, packed_names(real.model.get_base_model()))
    peaks = [step_peak(each, device, 4, (40, 12), settings["train"]).all for each in (real, stand_in)]
    assert peaks[1] == pytest.approx(peaks[0], rel=0.15)


def test_few_bits_need_less_memory_than_fp32(tmp_path, tokens):
    from tiny import make_model

    make_model(vocab_size=400, d_model=512, d_ff=4096, d_kv=64, num_layers=1, num_decoder_layers=1).save_pretrained(tmp_path)
    least = [
        examine("mine", block("lora", bits), str(tmp_path), tokens)["memory"]["train"]["gpu"]["least_mb"]
        for bits in (None, BITS["8"], BITS["4"])
    ]
    assert least[0] > least[1] > least[2]


def test_a_skeleton_has_no_layers_in_few_bits(tiny_model):
    skeleton = load_skeleton(tiny_model)
    faked(skeleton)
    assert packed_names(skeleton) == []
