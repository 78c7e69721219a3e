"""parity.training: what a run learns, saves and records, that its seed decides everything, and how it fails."""

import json
import math
import os
import pty
import shutil
import termios
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, TrainerCallback

from parity import training
from parity.checkpoints import Checkpoints
from parity.config import load_schema
from parity.errors import InputError
from parity.generation import generate_summaries
from parity.methods import build_method, load_trained
from parity.models import load_model
from parity.progress_lines import ProgressLines
from parity.results import TRAINING_KEYS
from parity.tokens import load_tokenizer
from parity.training import Unfinished, train_run

DEFAULTS = {
    key: schema["default"] for key, schema in load_schema("config")["$defs"]["train"]["properties"].items() if "default" in schema
}
TRAIN = DEFAULTS | {"learning_rate": 0.02, "batch_size": 4, "num_train_epochs": 4, "logging_steps": 1}
GREEDY = {"max_new_tokens": 10, "num_beams": 1, "do_sample": False, "batch_size": 8, "precision": "auto"}
STEPS = 3 * 4
NF4 = {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True}
BLOCKS = {
    "full": {"kind": "full"},
    "LORA": {"kind": "peft", "peft": {"peft_type": "LORA", "r": 4, "lora_alpha": 16, "target_modules": ["q", "v", "wo"]}},
    "QLORA": {"kind": "peft", "peft": {"peft_type": "LORA", "r": 4, "target_modules": ["q", "v"]}, "quantization": NF4},
    "IA3": {"kind": "peft", "peft": {"peft_type": "IA3"}},
    "DORA": {"kind": "peft", "peft": {"peft_type": "LORA", "r": 4, "target_modules": ["q", "v", "wo"], "use_dora": True}},
    "PREFIX_TUNING": {"kind": "peft", "peft": {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 4}},
    "PROMPT_TUNING": {"kind": "peft", "peft": {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 4}},
}
# These move the weights by little a step.
RATES = {"IA3": 0.3, "PREFIX_TUNING": 0.3, "PROMPT_TUNING": 0.3}
WEIGHTS = {name: "model.safetensors" if name == "full" else "adapter_model.safetensors" for name in BLOCKS}


def block_of(name, **changes) -> dict:
    return BLOCKS[name] | {"train": TRAIN | {"learning_rate": RATES.get(name, TRAIN["learning_rate"])} | changes}


def train(name, seed, model, data, out, **changes) -> dict:
    checkpoints = Checkpoints(str(out.parent / "checkpoints"), "study", name, seed, out.name)
    return train_run(name, seed, block_of(name, **changes), model, load_tokenizer(model), data, out, checkpoints, 0)


def summaries_of(model, folder, data) -> list[str]:
    return generate_summaries(model, load_tokenizer(folder), data["test"], GREEDY, 1, "test")[0]


def load_saved(name, base, folder):
    """As a user would, by the libraries' own loaders, but for bitsandbytes' fault on some CPUs, which load_quantized knows."""
    if name == "QLORA":
        return load_trained(base, str(folder), "peft", NF4)
    if name == "full":
        return AutoModelForSeq2SeqLM.from_pretrained(folder)
    return PeftModel.from_pretrained(AutoModelForSeq2SeqLM.from_pretrained(base), folder)


@pytest.fixture(scope="module")
def runs(tiny_model, tokens, tmp_path_factory):
    """Train a method with seed 1 on first use; keep its record, its folder and what it generated in memory."""
    done = {}

    def run(name):
        if name not in done:
            folder = tmp_path_factory.mktemp("runs") / name
            built = []
            with pytest.MonkeyPatch.context() as patch:
                # Keeps hold of the model that train_run trains and lets go.
                patch.setattr(training, "build_method", lambda *args: built.append(build_method(*args)) or built[-1])
                record = train(name, 1, tiny_model, tokens, folder)
            done[name] = SimpleNamespace(record=record, folder=folder, in_memory=summaries_of(built[0], tiny_model, tokens))
        return done[name]

    return run


@pytest.mark.parametrize("name", BLOCKS)
def test_what_is_saved_generates_exactly_what_the_model_in_memory_did(runs, tiny_model, tokens, name):
    run = runs(name)
    untrained = summaries_of(load_model(tiny_model), tiny_model, tokens)
    # A round trip that lost all that was learned would not show otherwise.
    assert run.in_memory != untrained
    assert summaries_of(load_saved(name, tiny_model, run.folder), tiny_model, tokens) == run.in_memory


def test_the_modules_of_an_adapter_are_saved_in_one_order(tiny_model, tmp_path):
    """PEFT keeps them as a set, whose order is another one in every process."""
    modules = ["wo", "wi_1", "wi_0", "v", "q", "o", "k"]
    model = build_method("lora", {"kind": "peft", "peft": {"peft_type": "LORA", "target_modules": modules}}, tiny_model)
    training.save_trained(model, load_tokenizer(tiny_model), tmp_path / "model")
    saved = json.loads((tmp_path / "model/adapter_config.json").read_text(encoding="utf-8"))
    assert saved["target_modules"] == sorted(modules)


@pytest.mark.parametrize("name", BLOCKS)
def test_the_record_holds_the_loss_curve_and_the_costs(runs, tokens, name):
    record = runs(name).record
    assert set(TRAINING_KEYS) < set(record)
    assert set(record) == {*TRAINING_KEYS, "method", "seed", "settings", "loss", "eval_loss"}
    assert (record["method"], record["seed"], record["settings"]) == (name, 1, block_of(name)["train"])
    assert record["steps"] == STEPS
    assert [point["step"] for point in record["loss"]] == list(range(1, STEPS + 1))
    assert [sorted(point) for point in record["loss"]] == [["epoch", "learning_rate", "loss", "step"]] * STEPS
    assert [(point["step"], point["epoch"]) for point in record["eval_loss"]] == [(3, 1), (6, 2), (9, 3), (12, 4)]
    assert all(math.isfinite(point["loss"]) for point in record["loss"])
    # Each of the four epochs sees every training input once, padding not counted.
    assert record["input_tokens"] == 4 * sum(map(len, tokens["train"]["input_ids"]))
    assert record["target_tokens"] == 4 * sum(map(len, tokens["train"]["labels"]))
    assert list(record["seconds_by_phase"]) == ["start_up", "load", "train", "evaluate", "save"]
    assert all(seconds > 0 for seconds in record["seconds_by_phase"].values())
    assert record["resumed"] == []
    assert record["peak_host_bytes"] > 1_000_000
    assert (record["peak_gpu_bytes"], record["gpu_hours"], record["gpu_energy_joules"]) == (None, 0, None)
    assert json.loads(json.dumps(record)) == record


@pytest.mark.parametrize("name", BLOCKS)
def test_the_evaluation_loss_falls(runs, name):
    losses = [point["eval_loss"] for point in runs(name).record["eval_loss"]]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("name", BLOCKS)
def test_what_is_saved_is_counted_and_an_adapter_alone_is_saved(runs, tiny_model, name):
    run = runs(name)
    files = {path.name for path in run.folder.iterdir()}
    assert run.record["bytes_on_disk"] == (run.folder / WEIGHTS[name]).stat().st_size
    if name == "full":
        assert {"config.json", "generation_config.json", "tokenizer.json", "model.safetensors"} <= files
        assert run.record["trainable"] == run.record["parameters"]
        sentence = "Ann bought a lamp."
        own = AutoTokenizer.from_pretrained(run.folder)
        assert own(sentence).input_ids == load_tokenizer(tiny_model)(sentence).input_ids
    else:
        assert "model.safetensors" not in files
        assert 4 * run.record["trainable"] <= run.record["bytes_on_disk"] < Path(tiny_model, "model.safetensors").stat().st_size
        assert 0 < run.record["trainable"] < run.record["parameters"]


def test_the_saved_config_leaves_the_cache_on(runs):
    assert json.loads((runs("full").folder / "config.json").read_text())["use_cache"] is True
    assert load_model(str(runs("full").folder)).config.use_cache is True


@pytest.mark.parametrize("name", ["full", "LORA"])
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(runs, tiny_model, tokens, tmp_path, name):
    first = runs(name)
    torch.manual_seed(999)
    again = train(name, 1, tiny_model, tokens, tmp_path / "again")
    train(name, 2, tiny_model, tokens, tmp_path / "other")
    weights = (first.folder / WEIGHTS[name]).read_bytes()
    assert (tmp_path / "again" / WEIGHTS[name]).read_bytes() == weights
    assert (tmp_path / "other" / WEIGHTS[name]).read_bytes() != weights
    assert again["loss"] == first.record["loss"]
    assert again["eval_loss"] == first.record["eval_loss"]
    assert summaries_of(load_saved(name, tiny_model, tmp_path / "again"), tiny_model, tokens) == first.in_memory


def test_training_leaves_the_base_model_as_it_was(tiny_model, tokens, tmp_path):
    base = Path(shutil.copytree(tiny_model, tmp_path / "base"))
    before = {path.name: path.read_bytes() for path in base.iterdir()}
    train("LORA", 1, str(base), tokens, tmp_path / "out", max_steps=1)
    train("full", 1, str(base), tokens, tmp_path / "out_full", max_steps=1)
    assert {path.name: path.read_bytes() for path in base.iterdir()} == before


def losses_of(record) -> list[float]:
    return [point["loss"] for point in record["loss"]] + [point["eval_loss"] for point in record["eval_loss"]]


@pytest.mark.parametrize("name", [name for name in BLOCKS if name != "PREFIX_TUNING"])
def test_activations_that_are_computed_twice_change_nothing(runs, tiny_model, tokens, tmp_path, name):
    record = train(name, 1, tiny_model, tokens, tmp_path / "out", gradient_checkpointing=True)
    assert losses_of(record) == pytest.approx(losses_of(runs(name).record), rel=1e-5)


@pytest.mark.parametrize("name", BLOCKS)
def test_bf16_learns_nearly_the_same_and_leaves_the_weights_in_fp32(runs, tiny_model, tokens, tmp_path, name):
    record = train(name, 1, tiny_model, tokens, tmp_path / "out", precision="bf16")
    assert (runs(name).record["precision"], record["precision"]) == ("fp32", "bf16")
    assert losses_of(record) != losses_of(runs(name).record)
    assert losses_of(record) == pytest.approx(losses_of(runs(name).record), rel=0.1)
    saved = load_file(tmp_path / "out" / WEIGHTS[name])
    assert {tensor.dtype for tensor in saved.values()} == {torch.float32}


def test_max_steps_goes_before_the_epochs(tiny_model, tokens, tmp_path):
    record = train("full", 1, tiny_model, tokens, tmp_path / "out", max_steps=2)
    assert record["steps"] == 2
    assert [point["step"] for point in record["loss"]] == [1, 2]


def test_the_settings_reach_the_trainer(tmp_path):
    settings = TRAIN | {
        "optim": "adafactor",
        "lr_scheduler_type": "cosine",
        "warmup_steps": 3,
        "weight_decay": 0.25,
        "max_grad_norm": 0.5,
        "label_smoothing_factor": 0.125,
        "eval_batch_size": 7,
    }
    arguments = training.training_arguments(settings, 11, str(tmp_path))
    assert arguments.optim == "adafactor"
    assert arguments.lr_scheduler_type == "cosine"
    assert (arguments.warmup_steps, arguments.weight_decay, arguments.max_grad_norm) == (3, 0.25, 0.5)
    assert (arguments.label_smoothing_factor, arguments.per_device_eval_batch_size) == (0.125, 7)
    assert (arguments.learning_rate, arguments.per_device_train_batch_size) == (0.02, 4)
    assert (arguments.num_train_epochs, arguments.max_steps) == (4, -1)
    assert (arguments.seed, arguments.data_seed) == (11, 11)


@pytest.mark.parametrize("logging_steps", [1, 1000])
def test_a_rate_so_high_that_the_loss_is_no_number_is_refused(tiny_model, tokens, tmp_path, logging_steps):
    with pytest.raises(InputError) as error:
        train("full", 3, tiny_model, tokens, tmp_path / "out", learning_rate=1e30, logging_steps=logging_steps)
    message = str(error.value)
    assert message.startswith("methods.full.train.learning_rate = 1e+30")
    assert "seed 3" in message
    assert "Lower the rate or add warmup_steps" in message
    assert not (tmp_path / "out").exists()


def test_a_run_that_stops_early_is_not_taken_for_finished(tiny_model, tokens, tmp_path, monkeypatch):
    class StopAtFive(TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            control.should_training_stop = state.global_step == 5

    original = training.ResumableTrainer

    def stopping(**arguments):
        return original(**arguments | {"callbacks": [*arguments["callbacks"], StopAtFive()]})

    monkeypatch.setattr(training, "ResumableTrainer", stopping)
    with pytest.raises(Unfinished, match=f"LORA seed 4 stopped at step 5 of {STEPS}"):
        train("LORA", 4, tiny_model, tokens, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def follow(lines: ProgressLines, steps: int) -> None:
    """The calls of a training of `steps` steps that logs one loss."""
    state = SimpleNamespace(max_steps=steps, global_step=0, epoch=0.0, num_train_epochs=2, log_history=[])
    lines.on_train_begin(None, state, None)
    for _ in range(steps):
        state.global_step += 1
        lines.on_step_end(None, state, None)
    lines.on_log(None, state, None, logs={"loss": 1.5, "epoch": 2.0, "grad_norm": 3.0})
    lines.on_train_end(None, state, None)


def test_progress_is_a_bar_on_a_terminal_and_lines_in_the_log(monkeypatch, capfd):
    ours, screen = pty.openpty()
    termios.tcsetwinsize(screen, (24, 80))
    monkeypatch.setenv("PARITY_TERMINAL", str(screen))
    follow(ProgressLines("lora seed 1"), 4)
    shown = os.read(ours, 4096).decode()
    os.close(screen)
    os.close(ours)
    assert "lora seed 1:   0%" in shown
    assert "/4 [" in shown
    logged = capfd.readouterr()
    assert logged.out == "lora seed 1: step 4/4 loss=1.5 epoch=2.0\n"
    assert logged.err == ""


def test_progress_is_lines_alone_where_nobody_looks(monkeypatch, capfd, tmp_path):
    with (tmp_path / "stderr").open("w") as pipe:
        monkeypatch.setenv("PARITY_TERMINAL", str(pipe.fileno()))
        follow(ProgressLines("full seed 2"), 3)
    assert (tmp_path / "stderr").read_text() == ""
    logged = capfd.readouterr()
    assert logged.out == "full seed 2: step 3/3 loss=1.5 epoch=2.0\n"
    assert logged.err == ""
