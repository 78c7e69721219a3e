"""A gang: several seeds that train in one process, each as it would have alone."""

from __future__ import annotations

import math
import os
import signal
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from test_training import BLOCKS, DEFAULTS, RATES, WEIGHTS
from transformers import AutoModelForSeq2SeqLM, TrainerCallback

from parity import gang as gang_module
from parity import training
from parity.cheap_dropout import Draws, cheap_dropout, drawn_apart, keep_mask
from parity.checkpoints import Checkpoints
from parity.errors import InputError, Interrupted
from parity.gang import Gang
from parity.gang_layers import adapter_names, adapters_by_rows, trained_elsewhere
from parity.ganged_trainer import GangedTrainer
from parity.methods import build_method
from parity.tokens import load_tokenizer
from parity.training import train_run

# Three epochs of three steps.
TRAIN = DEFAULTS | {"batch_size": 4, "num_train_epochs": 3, "logging_steps": 1, "eval_batch_size": 3}
MODULES = ["q", "v", "wo"]
MORE_BLOCKS = {
    name: {"kind": "peft", "peft": {"target_modules": MODULES, **peft}}
    for name, peft in {
        "RSLORA": {"peft_type": "LORA", "r": 4, "use_rslora": True},
        "LOHA": {"peft_type": "LOHA", "r": 4},
        "LOKR": {"peft_type": "LOKR", "r": 4},
        "OFT": {"peft_type": "OFT", "r": 0, "oft_block_size": 4},
        "VERA": {"peft_type": "VERA", "r": 4},
    }.items()
}
GANGED = ("full", "LORA", "IA3", "DORA", *MORE_BLOCKS)
SEEDS = (1, 2, 3)
ALWAYS = 1e-9


def block_of(name: str, **train) -> dict:
    return (BLOCKS | MORE_BLOCKS)[name] | {"train": TRAIN | {"learning_rate": RATES.get(name, 0.02)} | train}


@pytest.fixture(scope="module")
def calm(tiny_model, tmp_path_factory) -> str:
    """The tiny model without dropout."""
    folder = tmp_path_factory.mktemp("calm") / "model"
    model = AutoModelForSeq2SeqLM.from_pretrained(tiny_model)
    model.config.dropout_rate = 0.0
    model.save_pretrained(folder)
    load_tokenizer(tiny_model).save_pretrained(folder)
    return str(folder)


class Place:
    """Runs of one method and model in a folder, alone or ganged."""

    def __init__(self, root: Path, model: str, data, name: str, seconds: float = 0, **train):
        self.root, self.model, self.data, self.name, self.seconds = root, model, data, name, seconds
        self.block = block_of(name, **train)

    def checkpoints(self, seed: int) -> Checkpoints:
        return Checkpoints(str(self.root / "checkpoints"), "study", self.name, seed, "key")

    def out(self, seed: int) -> Path:
        return self.root / f"out-{seed}"

    def run(self, seed: int, member=None) -> dict:
        tokenizer = load_tokenizer(self.model)
        place = self.out(seed), self.checkpoints(seed), self.seconds
        return train_run(self.name, seed, self.block, self.model, tokenizer, self.data, *place, None, member)

    def gang(self, seeds=SEEDS) -> list:
        return Gang().train([partial(self.run, seed) for seed in seeds])

    def weights(self, seed: int) -> dict[str, torch.Tensor]:
        return load_file(self.out(seed) / WEIGHTS.get(self.name, WEIGHTS["LORA"]))


@pytest.fixture
def place_of(tmp_path, calm, tokens):
    return lambda folder, name="LORA", model=calm, **settings: Place(tmp_path / folder, model, tokens, name, **settings)


def losses(record: dict, key: str = "loss") -> list[float]:
    return [point[key] for point in record[key]]


def assert_same_run(alone: dict, ganged: dict, weights: dict, of_gang: dict) -> None:
    assert losses(ganged) == pytest.approx(losses(alone), abs=1e-5)
    assert losses(ganged, "eval_loss") == pytest.approx(losses(alone, "eval_loss"), abs=1e-5)
    assert [point["learning_rate"] for point in ganged["loss"]] == [point["learning_rate"] for point in alone["loss"]]
    assert weights.keys() == of_gang.keys()
    for name, tensor in weights.items():
        assert torch.linalg.vector_norm(of_gang[name] - tensor) <= 1e-4 * torch.linalg.vector_norm(tensor), name


@pytest.mark.parametrize("name", GANGED)
def test_without_dropout_each_seed_is_the_run_that_it_would_be_alone(place_of, name):
    alone, together = place_of("alone", name), place_of("together", name)
    solo = [alone.run(seed) for seed in SEEDS]
    for seed, record, ganged in zip(SEEDS, solo, together.gang(), strict=True):
        assert_same_run(record, ganged, alone.weights(seed), together.weights(seed))
    # The seeds are other runs, or nothing would be shown.
    assert losses(solo[0]) != pytest.approx(losses(solo[1]), abs=1e-3)


@pytest.mark.parametrize("name", ["full", "LORA"])
@pytest.mark.parametrize(
    "settings",
    [
        {"max_grad_norm": 0.01},
        {"label_smoothing_factor": 0.1},
        {"train_sampling_strategy": "random"},
        {"batch_size": 5, "max_steps": 7, "lr_scheduler_type": "cosine", "warmup_steps": 2, "weight_decay": 0.1},
        {"optim": "adafactor"},
        {"precision": "bf16"},
    ],
    ids=str,
)
def test_settings_mean_what_they_mean_alone(place_of, name, settings):
    alone, together = place_of("alone", name, **settings), place_of("together", name, **settings)
    solo = alone.run(2)
    _, ganged = together.gang((1, 2))
    if settings.get("precision") == "bf16":
        # Sums of halves are rounded in another order.
        assert losses(ganged) == pytest.approx(losses(solo), rel=0.02)
        return
    assert_same_run(solo, ganged, alone.weights(2), together.weights(2))


@pytest.mark.parametrize("name", ["full", "LORA"])
def test_a_gang_of_the_same_seeds_gives_the_same_bytes_with_dropout_too(place_of, tiny_model, name):
    first, second = place_of("first", name, tiny_model), place_of("second", name, tiny_model)
    assert [losses(record) for record in first.gang()] == [losses(record) for record in second.gang()]
    for seed in SEEDS:
        assert (first.out(seed) / WEIGHTS[name]).read_bytes() == (second.out(seed) / WEIGHTS[name]).read_bytes()


@pytest.fixture
def padded_alone(monkeypatch):
    """Lets a seed alone draw for padding, too, as a gang does: the same numbers for batches that are as wide."""
    monkeypatch.setattr(training, "unpadded", lambda _: nullcontext())


@pytest.mark.usefixtures("padded_alone")
@pytest.mark.parametrize("name", ["full", "LORA"])
def test_with_dropout_a_seed_draws_from_its_own_generator_alone(place_of, tiny_model, name):
    """Batches of one length are padded to the same width in whatever company, so that the same numbers are drawn."""
    settings = {"name": name, "model": tiny_model, "batch_size": 12, "num_train_epochs": 2}
    one, other = place_of("one", **settings), place_of("other", **settings)
    in_company_of_two, _ = one.gang((7, 8))
    in_company_of_nine, _ = other.gang((7, 9))
    assert losses(in_company_of_two) == pytest.approx(losses(in_company_of_nine), abs=1e-5)
    alone = place_of("alone", **settings).run(7)
    assert losses(in_company_of_two) == pytest.approx(losses(alone), abs=1e-5)


@pytest.mark.usefixtures("padded_alone")
def test_dropout_in_an_adapter_is_drawn_apart_too(place_of, tiny_model):
    place = place_of("place", model=tiny_model, batch_size=12, num_train_epochs=2)
    place.block["peft"] = place.block["peft"] | {"lora_dropout": 0.3}
    other = place_of("other", model=tiny_model, batch_size=12, num_train_epochs=2)
    other.block = place.block
    together, _ = place.gang((7, 8))
    assert losses(together) == pytest.approx(losses(other.run(7)), abs=1e-5)


def test_the_frozen_weights_are_held_once(place_of, monkeypatch):
    models = []
    monkeypatch.setattr(training, "build_method", lambda *args: models.append(build_method(*args)) or models[-1])
    place_of("place").gang()
    frozen = [{p.data_ptr() for p in model.parameters() if not p.requires_grad} for model in models]
    trained = [{p.data_ptr() for p in model.parameters() if p.requires_grad} for model in models]
    assert frozen[0] == frozen[1] == frozen[2]
    assert trained[0].isdisjoint(trained[1])


def test_a_seed_that_diverges_ends_alone(place_of, monkeypatch):
    class Poisoned(GangedTrainer):
        def training_step(self, model, inputs, num_items_in_batch=None):
            if self.args.seed == 2 and self.state.global_step == 2:
                for parameter in model.parameters():
                    if parameter.requires_grad:
                        parameter.data.fill_(math.nan)
            return super().training_step(model, inputs, num_items_in_batch)

    alone, together = place_of("alone"), place_of("together")
    solo = alone.run(1)
    monkeypatch.setattr(training, "GangedTrainer", Poisoned)
    first, poisoned, third = together.gang()
    assert isinstance(poisoned, InputError) and "with seed 2 the loss became infinite or NaN" in str(poisoned)
    assert not together.out(2).exists() and third["steps"] == 9
    assert_same_run(solo, first, alone.weights(1), together.weights(1))


def test_an_error_of_one_seed_leaves_the_others(place_of):
    together = place_of("together")
    together.out(2).parent.mkdir(parents=True)

    def run(seed, member):
        if seed == 2:
            raise InputError("methods.lora", "is out of sorts", "Wait")
        return together.run(seed, member)

    first, failed, third = Gang().train([partial(run, seed) for seed in SEEDS])
    assert str(failed).startswith("methods.lora: is out of sorts")
    assert first["steps"] == third["steps"] == 9


class Stopper(TrainerCallback):
    def __init__(self, step: int, seed: int):
        self.step, self.seed = step, seed

    def on_pre_optimizer_step(self, args, state, control, **_):
        if (state.global_step, args.seed) == (self.step, self.seed):
            os.kill(os.getpid(), signal.SIGTERM)


def stopping(step: int, seed: int):
    def trainer(callbacks, **arguments):
        return GangedTrainer(callbacks=[*callbacks, Stopper(step, seed)], **arguments)

    return trainer


@pytest.mark.parametrize(("name", "step"), [("LORA", 0), ("LORA", 4), ("LORA", 8), ("full", 4)])
def test_a_gang_that_is_told_to_stop_goes_on_as_if_it_had_not(place_of, monkeypatch, tiny_model, name, step):
    whole, cut = place_of("whole", name, tiny_model), place_of("cut", name, tiny_model)
    expected = whole.gang()
    handler = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        patch.setattr(training, "GangedTrainer", stopping(step, 2))
        assert [type(outcome) for outcome in cut.gang()] == [Interrupted] * 3
    assert signal.getsignal(signal.SIGTERM) == handler
    assert all(cut.checkpoints(seed).newest() for seed in SEEDS)
    for seed, before, after in zip(SEEDS, expected, cut.gang(), strict=True):
        # All hear of it with the next batch, and stop after that one's step.
        assert after["resumed"] == [{"step": min(step + 2, 9)}]
        assert (losses(before), losses(before, "eval_loss")) == (losses(after), losses(after, "eval_loss"))
        assert (whole.out(seed) / WEIGHTS[name]).read_bytes() == (cut.out(seed) / WEIGHTS[name]).read_bytes()


@pytest.mark.parametrize("name", ["full", "LORA"])
def test_seeds_that_go_on_from_different_steps_train_on_together(place_of, monkeypatch, name):
    """As after a kill: checkpoints are written one after another."""
    alone, together = place_of("alone", name), place_of("together", name, seconds=ALWAYS)
    solo = [alone.run(seed) for seed in SEEDS]
    with monkeypatch.context() as patch:
        patch.setattr(training, "GangedTrainer", stopping(4, 3))
        together.gang()
    # Of the third seed there is none.
    together.checkpoints(3).remove()
    for seed, record, ganged in zip(SEEDS, solo, together.gang(), strict=True):
        assert_same_run(record, ganged, alone.weights(seed), together.weights(seed))
        assert ganged["resumed"] == ([] if seed == 3 else [{"step": 6}])


@pytest.mark.parametrize("name", ["full", "LORA"])
def test_what_does_not_fit_together_is_computed_in_halves(place_of, monkeypatch, name):
    alone, together = place_of("alone", name), place_of("together", name)
    solo = [alone.run(seed) for seed in SEEDS]
    sizes = []
    losses_of = gang_module._losses

    def short_of_memory(asked, generators):
        sizes.append(len(asked))
        if len(asked) > 1:
            # After some of the gradients are there.
            losses_of(asked[:1], generators[:1])
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return losses_of(asked, generators)

    monkeypatch.setattr(gang_module, "_losses", short_of_memory)
    for seed, record, ganged in zip(SEEDS, solo, together.gang(), strict=True):
        assert_same_run(record, ganged, alone.weights(seed), together.weights(seed))
    assert set(sizes) == {3, 2, 1}


def test_what_does_not_fit_alone_either_ends_the_seeds(place_of, monkeypatch):
    def short_of_memory(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(gang_module, "_losses", short_of_memory)
    assert [type(outcome) for outcome in place_of("place").gang((1, 2))] == [torch.OutOfMemoryError] * 2


def test_the_seeds_share_the_costs(place_of):
    import time

    began = time.perf_counter()
    records = place_of("place").gang()
    spent = time.perf_counter() - began
    phases = [{key: value for key, value in record["seconds_by_phase"].items() if key != "start_up"} for record in records]
    assert all(seconds > 0 for each in phases for seconds in each.values())
    assert sum(sum(each.values()) for each in phases) <= spent + 0.1
    # What the others' rows are padded to is computed, too.
    alone = place_of("alone").run(1)
    assert records[0]["token_sums"]["source"] == alone["token_sums"]["source"]
    assert records[0]["token_sums"]["computed"] >= alone["token_sums"]["computed"]


@pytest.mark.parametrize("name", ["PREFIX_TUNING", "PROMPT_TUNING"])
def test_what_is_trained_outside_of_adapter_layers_cannot_be_ganged(place_of, name):
    outcomes = place_of("place", name).gang((1, 2))
    assert all(isinstance(outcome, InputError) for outcome in outcomes)
    assert "Set gang: false" in str(outcomes[0])


def test_adapters_lie_where_they_are_looked_for(tiny_model):
    lora = build_method("lora", BLOCKS["LORA"], tiny_model)
    assert len(adapter_names(lora)) == 2 * 2 + 2 * 4 + 2 * 2
    assert trained_elsewhere(lora) == []
    block = {"kind": "peft", "peft": BLOCKS["LORA"]["peft"] | {"modules_to_save": ["lm_head"]}}
    assert trained_elsewhere(build_method("lora", block, tiny_model)) == []
    assert trained_elsewhere(build_method("full", BLOCKS["full"], tiny_model))


def test_rows_go_through_their_own_adapters_and_afterwards_all_is_as_before(tiny_model):
    models = [build_method("lora", BLOCKS["LORA"], tiny_model).eval() for _ in range(2)]
    for number, model in enumerate(models, 1):
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=0.1 * number, generator=torch.Generator().manual_seed(number))
    ids = torch.arange(2, 26).reshape(4, 6)
    call = {"attention_mask": torch.ones_like(ids), "decoder_input_ids": ids[:, :3]}

    def logits(model, rows):
        with torch.no_grad():
            return model(input_ids=ids[rows], **{key: value[rows] for key, value in call.items()}).logits

    separate = torch.cat([logits(models[0], slice(0, 1)), logits(models[1], slice(1, 4))])
    with adapters_by_rows(models, [1, 3], None):
        together = logits(models[0], slice(0, 4))
    assert torch.allclose(together, separate, atol=1e-4)
    assert not torch.allclose(logits(models[0], slice(1, 4)), separate[1:], atol=1e-3)


def test_masks_of_rows_are_those_of_their_generators_alone():
    def generators():
        return [torch.Generator().manual_seed(seed) for seed in (1, 2)]

    with drawn_apart(Draws([2, 3], generators())):
        together = keep_mask(torch.empty(5, 7), 0.5)
        assert not torch.equal(keep_mask(torch.empty(5, 7), 0.5), together)
    with drawn_apart(Draws([2], generators()[:1])):
        assert torch.equal(keep_mask(torch.empty(2, 7), 0.5), together[:2])
    with drawn_apart(Draws([3], generators()[1:])), pytest.raises(RuntimeError, match="cannot be told apart by rows"):
        keep_mask(torch.empty(4, 7), 0.5)


def test_dropout_is_replaced_until_the_last_leaves():
    before = torch.nn.functional.dropout
    first, second = cheap_dropout(), cheap_dropout()
    first.__enter__()
    second.__enter__()
    replaced = torch.nn.functional.dropout
    first.__exit__(None, None, None)
    assert torch.nn.functional.dropout is replaced is not before
    second.__exit__(None, None, None)
    assert torch.nn.functional.dropout is before
