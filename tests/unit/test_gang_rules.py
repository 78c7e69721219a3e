"""Which methods' seeds train together, in which groups, with how much memory, and what the job of a gang leaves."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from made_up_studies import small_config
from test_gang import block_of
from test_scripts import Files, Study, job_of, run

from parity import gang_job, training
from parity.config import check_config, load_schema, method_block
from parity.errors import InputError, Interrupted
from parity.examination import examine
from parity.files import read_json
from parity.gang_job import at_once, train_gangs
from parity.gang_pace import Pace
from parity.gang_rules import PROMPTS, gangs, is_ganged, obstacle
from parity.ganged_trainer import GangedTrainer
from parity.memory_request import gang_device_mb, gang_host_mb, most_at_once
from parity.results import SCORE_COLUMNS
from parity.resumable import ResumableTrainer
from parity.training_process import Request

TRAIN = {
    key: schema["default"] for key, schema in load_schema("config")["$defs"]["train"]["properties"].items() if "default" in schema
}
LORA = {"kind": "peft", "peft": {"peft_type": "LORA"}, "train": TRAIN}
FULL = {"kind": "full", "train": TRAIN}


def wishing(block: dict, gang, **train) -> dict:
    return block | {"train": block["train"] | {"gang": gang} | train}


@pytest.mark.parametrize(
    ("block", "n_seeds", "on_gpu", "ganged"),
    [
        (LORA, 5, True, False),
        (wishing(LORA, True), 5, False, True),
        (wishing(LORA, True), 5, True, True),
        (wishing(LORA, "auto"), 5, True, True),
        (wishing(LORA, "auto"), 5, False, False),
        (wishing(LORA, "auto"), 1, True, False),
        (wishing(FULL, "auto"), 5, True, True),
        (wishing(FULL, "auto"), 5, False, False),
        (wishing(LORA, "auto", gradient_checkpointing=True), 5, True, False),
        ({"kind": "zero_shot"}, 5, True, False),
    ],
)
def test_auto_gangs_where_it_pays_and_nothing_stands_against_it(block, n_seeds, on_gpu, ganged):
    assert is_ganged(block, n_seeds, on_gpu) is ganged


@pytest.mark.parametrize("peft_type", PROMPTS)
def test_prompts_are_no_adapters_of_layers(peft_type):
    assert "puts no adapter into the layers" in obstacle(wishing(LORA, True) | {"peft": {"peft_type": peft_type.lower()}})[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seeds": [1]}, "methods.lora.train.gang = true: there is one seed, and a gang has two or more"),
        ({"zero_shot": {"train": {"gang": True}}}, "methods.zero_shot"),
        (
            {"train": small_config()["train"] | {"gang": True, "gpus_per_run": 2}},
            "methods.full.train.gang = true: gpus_per_run = 2",
        ),
        ({"lora": {"gang": True, "gpus_per_run": 2}}, "gpus_per_run = 2 is of one seed's process or memory"),
        ({"lora": {"gang": True, "gradient_accumulation_steps": 2}}, "gradient_accumulation_steps = 2"),
        ({"lora": {"gang": True, "gradient_checkpointing": True}}, "Set gradient_checkpointing: false"),
        ({"lora": {"gang": "maybe"}}, "gang = 'maybe'"),
        ({"peft": {"peft_type": "PREFIX_TUNING"}}, "PREFIX_TUNING puts no adapter into the layers"),
        ({"quantization": {"load_in_8bit": True}}, "weights in 8 or 4 bits are not shared among seeds"),
    ],
)
def test_a_gang_that_cannot_be_is_refused(changes, message):
    config = small_config()
    config["methods"]["lora"]["train"] = {"gang": True}
    for key, value in changes.items():
        if key == "lora":
            config["methods"]["lora"]["train"] = value
        elif key == "zero_shot":
            config["methods"]["zero_shot"] = {"kind": "zero_shot"} | value
        elif key in ("peft", "quantization"):
            config["methods"]["lora"][key] = value
        else:
            config[key] = value
    with pytest.raises(InputError) as refused:
        check_config(config, "study.yaml")
    assert message in str(refused.value)


def test_auto_is_never_refused():
    config = small_config(train=small_config()["train"] | {"gang": "auto"}, seeds=[1])
    check_config(config, "study.yaml")
    assert method_block(config, "full")["train"]["gang"] == "auto"


def test_an_adapter_that_trains_more_than_its_layers_is_refused_before_training(tiny_model, tokens):
    block = block_of("LORA", gang=True) | {
        "generation": {"max_new_tokens": 8, "num_beams": 1, "batch_size": 4, "precision": "fp32"}
    }
    block["peft"] = block["peft"] | {"bias": "none", "trainable_token_indices": None}
    block["generation"] |= {"backend": "transformers", "compute_type": None, "do_sample": False}
    examine("lora", block, tiny_model, tokens)
    block["peft"] = {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 4}
    with pytest.raises(InputError, match=r"methods.lora.train.gang: the adapter trains .*Set gang: false"):
        examine("lora", block, tiny_model, tokens)


def trained(folder: Path, seed: int, ganged: list | None) -> None:
    place = folder / f"seed-{seed}/train.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps({"seed": seed} | ({"ganged": ganged} if ganged else {})))


def test_seeds_that_have_trained_together_stay_together(tmp_path):
    assert gangs([1, 2, 3], tmp_path) == [[1, 2, 3]]
    for seed in (1, 3):
        trained(tmp_path, seed, [1, 2, 3])
    # Later seeds are a group of their own, and the one that is lost belongs to its own.
    assert gangs([1, 2, 3, 4, 5], tmp_path) == [[1, 2, 3], [4, 5]]
    for seed in (4, 5):
        trained(tmp_path, seed, [4, 5])
    assert gangs([1, 2, 3, 4, 5, 6], tmp_path) == [[1, 2, 3], [4, 5], [6]]
    # Without one of a group, the rest is no such group any more.
    assert gangs([1, 2, 4, 5], tmp_path) == [[4, 5], [1, 2]]


def test_a_seed_that_trained_alone_in_the_job_of_a_gang_comes_back_alone(tmp_path):
    for seed in (1, 3):
        trained(tmp_path, seed, [seed])
    assert gangs([1, 2, 3], tmp_path) == [[1], [3], [2]]


def test_seeds_that_trained_alone_are_one_group(tmp_path):
    for seed in (1, 2):
        trained(tmp_path, seed, None)
    assert gangs([1, 2], tmp_path) == [[1, 2]]


@pytest.fixture
def checked(tmp_path) -> str:
    on_cpu = {"host_mb": 1950, "least_mb": 1000, "gang_seed_mb": 1000}
    on_gpu = {"host_mb": 4000, "device_mb": 2000, "least_mb": 1000, "gang_seed_mb": 1000}
    (tmp_path / "check.json").write_text(json.dumps({"lora": {"memory": {"train": {"cpu": on_cpu, "gpu": on_gpu}}}}))
    return str(tmp_path / "check.json")


def test_a_gang_asks_for_what_one_seed_takes_and_what_each_further_one_does(checked):
    assert [gang_host_mb(checked, "lora", False, n) - 300 for n in (1, 2, 4)] == [1950, 2950, 4950]
    assert [gang_device_mb(checked, "lora", True, n) for n in (1, 2, 4)] == [2000, 3000, 5000]
    assert [gang_host_mb(checked, "lora", True, n) - 300 for n in (1, 4)] == [4000, 4000]
    assert gang_device_mb(checked, "lora", False, 4) is None
    assert gang_device_mb(checked, "lora", True, 4, attempt=2) == 7500


def test_no_more_seeds_train_at_once_than_fit(checked, monkeypatch, capsys):
    assert [most_at_once(checked, "lora", False, there) for there in (1900, 1950, 2949, 2950, 9999)] == [0, 1, 1, 2, 9]
    monkeypatch.setattr(gang_job.psutil, "virtual_memory", lambda: SimpleNamespace(total=4_000 * 10**6))
    assert (at_once(checked, "lora", 2), at_once(None, "lora", 9)) == (2, 9)
    assert capsys.readouterr().out == ""
    assert at_once(checked, "lora", 9) == 3
    assert "lora: 3 of 9 seeds at a time" in capsys.readouterr().out


@pytest.fixture
def requests(tiny_model, tokens, tmp_path):
    tokens.save_to_disk(tmp_path / "tokens")

    def made(*seeds):
        found = []
        for seed in seeds:
            place = {"folder": str(tmp_path / "checkpoints"), "study": "study", "method": "lora", "seed": seed, "key": "key"}
            folders = tiny_model, str(tmp_path / "tokens"), str(tmp_path / f"out-{seed}")
            found.append(Request("lora", seed, block_of("LORA"), *folders, place, 0, 1))
        return found

    return made


def test_a_gang_that_does_not_fit_trains_in_parts(requests, tmp_path, monkeypatch):
    groups = []

    class Gang(gang_job.Gang):
        def train(self, runs):
            groups.append(len(runs))
            return super().train(runs)

    monkeypatch.setattr(gang_job, "Gang", Gang)
    records = train_gangs(requests(1, 2, 3, 4), 3, tmp_path / "logs")
    assert groups == [2, 2]
    assert all(record["gang_pace"] is None for record in records)
    assert [(record["seed"], record["steps"]) for record in records] == [(1, 9), (2, 9), (3, 9), (4, 9)]
    assert all((tmp_path / f"out-{seed}/adapter_model.safetensors").exists() for seed in (1, 2, 3, 4))
    assert not list((tmp_path / "logs").glob("*.progress.json"))


def test_auto_tries_how_batches_are_computed_best_once_for_all_parts(requests, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(gang_job, "Pace", lambda: made.append(Pace(1, 2)) or made[-1])
    asked = [replace(request, block=block_of("LORA", gang="auto")) for request in requests(1, 2, 3, 4)]
    records = train_gangs(asked, 2, tmp_path / "logs")
    (pace,) = made
    assert [record["gang_pace"] for record in records] == [pace.record()] * 4
    assert pace.record()["together"] == (pace.record()["seconds_together"] <= pace.record()["seconds_one_by_one"])
    assert [record["steps"] for record in records] == [9] * 4


def prompt_tuning(request: Request, gang) -> Request:
    """As a request, of what trains no adapter in a layer."""
    return replace(request, block=block_of("PROMPT_TUNING", gang=gang))


def test_with_auto_seeds_that_cannot_train_together_train_alone(requests, tmp_path, capsys):
    asked = [prompt_tuning(request, "auto") for request in requests(1, 2)]
    records = train_gangs(asked, 2, tmp_path / "logs")
    assert [(record["ganged"], record["gang_pace"], record["steps"]) for record in records] == [([1], None, 9), ([2], None, 9)]
    assert "lora: seeds train one after another, since the adapter trains prompt_encoder" in capsys.readouterr().out
    assert all((tmp_path / f"out-{seed}/adapter_model.safetensors").exists() for seed in (1, 2))
    told = train_gangs([prompt_tuning(request, True) for request in requests(3, 4)], 2, tmp_path / "logs")
    assert all("Set gang: false for this method" in str(error) for error in told)


def test_of_seeds_that_train_alone_one_that_fails_leaves_the_others(requests, tmp_path, monkeypatch):
    class Failing(ResumableTrainer):
        def training_step(self, *arguments):
            if self.args.seed == 1:
                raise ValueError("no such number")
            if self.args.seed == 3:
                raise Interrupted("SIGTERM at step 0 of 9")
            return super().training_step(*arguments)

    monkeypatch.setattr(training, "ResumableTrainer", Failing)
    first, second = train_gangs([prompt_tuning(request, "auto") for request in requests(1, 2)], 2, tmp_path / "logs")
    assert "ValueError: no such number" in str(first) and second["steps"] == 9
    with pytest.raises(Interrupted, match=r"^SIGTERM at step 0 of 9$"):
        train_gangs([prompt_tuning(request, "auto") for request in requests(3, 4)], 2, tmp_path / "logs")
    assert not (tmp_path / "out-4").exists()


def test_every_seed_of_a_gang_says_how_far_it_is(requests, tmp_path, monkeypatch):
    seen = {}

    class Watched(GangedTrainer):
        def training_step(self, model, inputs, num_items_in_batch=None):
            for path in (tmp_path / "logs").glob("*.progress.json"):
                seen.setdefault(path.name, set()).add(json.loads(path.read_text())["rule"])
            return super().training_step(model, inputs, num_items_in_batch)

    monkeypatch.setattr(training, "GangedTrainer", Watched)
    train_gangs(requests(1, 2), 2, tmp_path / "logs")
    assert seen == {"seed-1.progress.json": {"train"}, "seed-2.progress.json": {"train"}}


def test_what_became_of_each_seed_is_told(requests, tmp_path, monkeypatch):
    class Failing(GangedTrainer):
        def training_step(self, model, inputs, num_items_in_batch=None):
            if self.state.global_step == 2 and self.args.seed == 2:
                raise ValueError("no such number")
            if self.state.global_step == 3 and self.args.seed == 3:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
            return super().training_step(model, inputs, num_items_in_batch)

    monkeypatch.setattr(training, "GangedTrainer", Failing)
    first, second, third = train_gangs(requests(1, 2, 3), 3, tmp_path / "logs")
    assert first["steps"] == 9
    assert str(second) == "methods.lora, seed 2: ValueError: no such number. The log of the gang has more"
    assert str(third).startswith("methods.lora.train.batch_size: not even one seed's batch fits into memory")


def test_an_interrupted_gang_says_so_once(requests, tmp_path, monkeypatch):
    class Told(GangedTrainer):
        def training_step(self, model, inputs, num_items_in_batch=None):
            if self.state.global_step == 2:
                raise Interrupted("SIGTERM at step 2 of 9")
            return super().training_step(model, inputs, num_items_in_batch)

    monkeypatch.setattr(training, "GangedTrainer", Told)
    with pytest.raises(Interrupted, match=r"^SIGTERM at step 2 of 9$"):
        train_gangs(requests(1, 2), 2, tmp_path / "logs")


def gang_job_of(study, seeds, out: Path, logs: Path, name: str = "lora", **resources):
    block = method_block(study.config, name)
    params = {"study": "tiny", "seeds": seeds, "method": block, "model": study.model, "cpu_threads": 1, "code": "a digest"}
    resources = {"checkpoint_folder": str(out.parent / "checkpoints"), "checkpoint_seconds": 0} | resources
    inputs = Files(tokens=study.prepared.tokens, **study.checked)
    job = job_of(inputs, Files(str(out)), params, resources, method=name, first=str(seeds[0]))
    job.log = [str(logs / "gang-1.log")]
    return job


def take(gang: Path, seed: int, folder: Path) -> None:
    outputs = Files(model=str(folder / "model"), record=str(folder / "train.json"))
    run("take_from_gang", job_of(Files(gang=str(gang)), outputs, {}, seed=str(seed), method="lora"))


@pytest.fixture
def small_study(tiny_model, splits, tmp_path) -> Study:
    made = Study(tmp_path / "study", tiny_model, splits)
    made.prepare()
    made.check()
    return made


@pytest.mark.parametrize(("name", "file"), [("lora", "adapter_config.json"), ("full", "model.safetensors")])
def test_a_seed_of_a_gang_is_taken_with_the_record_of_its_training(small_study, tmp_path, name, file):
    gang = tmp_path / "gang-1"
    run("gang", gang_job_of(small_study, [1, 2], gang, tmp_path / "logs", name))
    for seed in (1, 2):
        take(gang, seed, tmp_path / f"seed-{seed}")
        record = read_json(tmp_path / f"seed-{seed}/train.json")
        assert (record["seed"], record["ganged"], record["steps"]) == (seed, [1, 2], 3)
        assert record["examples_per_second"] > 0 and record["model_flops_utilisation"] > 0
        assert (tmp_path / f"seed-{seed}/model" / file).exists()
    assert not list((tmp_path / "checkpoints").rglob("*"))


def test_of_a_gang_in_which_a_seed_diverges_the_others_are_taken(small_study, tmp_path, monkeypatch):
    class Poisoned(GangedTrainer):
        def training_step(self, model, inputs, num_items_in_batch=None):
            if self.args.seed == 2:
                for parameter in model.parameters():
                    if parameter.requires_grad:
                        parameter.data.fill_(float("nan"))
            return super().training_step(model, inputs, num_items_in_batch)

    monkeypatch.setattr(training, "GangedTrainer", Poisoned)
    gang = tmp_path / "gang-1"
    run("gang", gang_job_of(small_study, [1, 2], gang, tmp_path / "logs"))
    take(gang, 1, tmp_path / "seed-1")
    with pytest.raises(InputError, match=r"methods.lora.train.learning_rate = .*with seed 2 the loss became infinite or NaN"):
        take(gang, 2, tmp_path / "seed-2")
    assert read_json(tmp_path / "seed-1/train.json")["steps"] == 3
    assert not list((tmp_path / "seed-2").glob("*"))


def test_a_look_is_taken_by_its_script(tmp_path):
    table = "id," + ",".join(SCORE_COLUMNS) + "\n"
    scores = []
    for method, points in (("full", 40), ("lora", 30)):
        for seed in (1, 2):
            path = tmp_path / f"{method}/seed-{seed}/scores.csv"
            path.parent.mkdir(parents=True)
            rows = [f"d{row}," + ",".join([str(points + seed / 10 + row)] * len(SCORE_COLUMNS)) for row in range(4)]
            path.write_text(table + "\n".join(rows) + "\n")
            scores.append(str(path))
    config = {
        "seeds": {"until": "settled", "min": 2, "max": 4, "step": 2, "first": 1, "spending": "pocock"},
        "comparison": {
            "primary_metric": "rouge1",
            "margin": 1.0,
            "questions": [{"contrast": ["lora", "full"], "question": "superiority"}],
        },
    }
    params = {"config": config, "with_seeds": ["full", "lora"], "deterministic": []}
    run("look", job_of(Files(scores=scores), Files(str(tmp_path / "looks/look-1.json")), params, look="1"))
    found = read_json(tmp_path / "looks/look-1.json")
    assert (found["questions"][0]["answer"], found["seeds"], found["next"]) == ("worse", {"full": 2, "lora": 2}, None)
    assert len((tmp_path / "looks/ledger.jsonl").read_text().splitlines()) == 2
