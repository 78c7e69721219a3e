"""Which run is handed on, what its card claims, and what PEFT's format gets of it: on records that no training made."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml
from made_up_studies import generation_record, record, training_record
from project import ROOT

from parity.best_run import best_of_method, best_of_study
from parity.card_text import choice_of, limitations_of, place_of
from parity.config import Run, check_config, method_block, study_runs, task_of
from parity.errors import InputError
from parity.files import write_json
from parity.finished_study import FinishedStudy, read_finished
from parity.model_card import card_data
from parity.peft_results import run_result
from parity.results import METRICS, SCORE_COLUMNS

LOSSES = {"full": {1: 1.2, 2: 1.0, 3: 1.1}, "lora": {1: 0.9, 2: 0.9, 3: 1.3}, "ia3": {1: 0.8, 2: 2.0, 3: 2.0}}
COUNTS = {"dialogues": 4, "references": 8, "predictions": 4, "empty_predictions": 1}
OWN = {metric: (40.0, 38.5, 41.5) for metric in METRICS}


def made_up(tmp_path: Path, edit=lambda config: None) -> FinishedStudy:
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    config["compare"] = ["zero_shot", "full", "lora", "ia3"]
    config["methods"]["ia3"] = {"kind": "peft", "peft": {"peft_type": "IA3"}, "train": {"learning_rate": 0.005, "batch_size": 8}}
    edit(config)
    check_config(config, "made_up.yaml")
    records = {}
    for run in study_runs(config):
        block = method_block(config, run.method)
        trained = run.method in LOSSES
        training = training_record(10, 1000, losses=(9.0, LOSSES[run.method][run.seed])) if trained else None
        # The worse a loss, the better the score: who looked at scores would choose otherwise.
        scores = dict.fromkeys(SCORE_COLUMNS, 10 * LOSSES[run.method][run.seed] if trained else 1.0)
        found = record(run.method, run.seed if trained else None, block["kind"], scores, COUNTS, training, generation_record())
        found |= {"study": config["name"], "settings": {k: v for k, v in block.items() if k != "kind"}, "task": task_of(config)}
        records[run] = found
    return FinishedStudy(config, "made_up.yaml", tmp_path, records)


def test_the_validation_split_chooses_the_seed_and_the_test_split_has_no_say(tmp_path):
    study = made_up(tmp_path)
    # Of equals the first.
    assert best_of_method(study, "lora") == Run("lora", 1)
    assert best_of_study(study) == [Run("full", 2), Run("ia3", 1)]
    text = choice_of(study, Run("ia3", 1))
    assert "Of the 3 seeds of `ia3`, this one has the lowest evaluation loss on the validation split: 0.8000 (seed 1)" in text
    assert "0.9000 (`lora`)" in text


@pytest.mark.parametrize("method", ["zero_shot", "lorra"])
def test_a_method_that_was_not_trained_cannot_be_exported(tmp_path, method):
    with pytest.raises(InputError, match=f"METHOD = {method}: .*Trained: full, lora, ia3"):
        best_of_method(made_up(tmp_path), method)


def test_losses_that_do_not_compare_choose_no_method(tmp_path):
    study = made_up(tmp_path, lambda config: config["methods"]["ia3"]["train"].update(label_smoothing_factor=0.1))
    with pytest.raises(InputError, match=r"lora, ia3 do not compare.*METHOD="):
        best_of_study(study)
    assert best_of_method(study, "ia3") == Run("ia3", 1)


def test_a_run_without_an_evaluation_loss_is_named(tmp_path):
    study = made_up(tmp_path)
    study.records[Run("lora", 2)]["training"]["eval_loss"] = None
    with pytest.raises(InputError, match=r"lora/seed-2/rouge\.json: has no evaluation loss"):
        best_of_method(study, "lora")


def test_a_study_without_training_has_nothing_to_export(tmp_path):
    study = made_up(tmp_path, lambda config: config.update(compare=["zero_shot"]))
    with pytest.raises(InputError, match="has trained nothing"):
        best_of_study(study)


def hub(config):
    config["model"] = {"source": "hub", "name_or_path": "google/flan-t5-small", "revision": "0fc9ddf"}
    config["data"] |= {"source": "hub", "name_or_path": "someone/talks", "revision": "main"}


def test_the_metadata_name_what_is_on_the_hub_at_the_commit_that_was_fetched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_json(Path("resources/hub/datasets--someone--talks/main/fetched.json"), {"commit": "abc123"})
    data = card_data(made_up(tmp_path, hub), Run("lora", 1), OWN).to_dict()
    assert (data["base_model"], data["base_model_relation"]) == ("google/flan-t5-small", "adapter")
    assert data["datasets"] == ["someone/talks"] and "license" not in data
    [entry] = data["model-index"]
    [result] = entry["results"]
    assert result["dataset"] == {"type": "someone/talks", "name": "someone/talks", "split": "test", "revision": "abc123"}
    assert result["metrics"][0]["name"] == "ROUGE-1, F-measure in points [38.50, 41.50]"
    assert {metric["value"] for metric in result["metrics"]} == {40.0}


def test_a_model_of_ones_own_is_no_id_of_the_hub_and_its_path_is_nobodys_business(tmp_path):
    def edit(config):
        config["model"]["name_or_path"] = "/home/somebody/secret/mine-t5"

    study = made_up(tmp_path, edit)
    data = card_data(study, Run("lora", 1), OWN).to_dict()
    assert not {"base_model", "base_model_relation", "datasets"} & set(data)
    assert place_of(study, "model") == "mine-t5"
    vars(study)["audit"] = {
        "splits": {"test": {"used": 4, "truncation": {"sources": {"truncated": 1}}}},
        "leaked": {"found": 2, "dropped": 0},
    }
    text = "\n".join(limitations_of(study, Run("lora", 1)))
    for part in ("1 of 4 test dialogues", "2 training dialogues had a near-duplicate", "so that the scores flatter"):
        assert part in text
    assert "is no repository of the hub" in text and "the adapter is of no use" in text and "secret" not in text


# The keys of a result of PEFT's method comparison, as its scripts write them.
PEFT_KEYS = {
    "run_info": {"created_at", "total_time", "experiment_name", "peft_branch", "train_config", "peft_config", "error_msg"},
    "train_info": {
        "accelerator_memory_reserved_avg",
        "accelerator_memory_max",
        "accelerator_memory_reserved_99th",
        "train_time",
        "file_size",
        "num_trainable_params",
        "num_total_params",
        "status",
        "metrics",
    },
    "meta_info": {"model_info", "dataset_info", "package_info", "system_info", "pytorch_info"},
}
TRAIN_CONFIG = {
    "model_id",
    "dtype",
    "max_seq_length",
    "batch_size",
    "batch_size_eval",
    "max_steps",
    "eval_steps",
    "compile",
    "use_gc",
    "query_template",
    "seed",
    "grad_norm_clip",
    "optimizer_type",
    "optimizer_kwargs",
    "lr_scheduler",
    "use_amp",
    "autocast_adapter_dtype",
    "generation_kwargs",
    "attn_implementation",
    "init_kv_cache_prefix",
}


def test_a_result_has_pefts_keys_and_no_guess(tmp_path):
    study, run = made_up(tmp_path), Run("lora", 2)
    vars(study)["audit"] = {"splits": {"train": {"references": 5}}}
    training = {"loss": [{"step": 5, "loss": 2.0}, {"step": 10, "loss": 1.5}]}
    training["eval_loss"] = [{"step": 5, "epoch": 1.0, "eval_loss": 9.0}, {"step": 10, "epoch": 2.0, "eval_loss": 0.9}]
    write_json(study.run_folder(run) / "train.json", training)
    write_json(study.run_folder(run) / "model/adapter_config.json", {"peft_type": "LORA", "r": 8})
    result = run_result(study, run)
    assert {part: set(values) for part, values in result.items()} == PEFT_KEYS
    config, info = result["run_info"]["train_config"], result["train_info"]
    assert set(config) == TRAIN_CONFIG
    assert (config["query_template"].count("{query}"), config["seed"], config["dtype"]) == (1, 2, "float32")
    assert result["run_info"]["experiment_name"] == "lora/quickstart-lora-seed-2"
    assert info["num_total_params"] == 1010 and info["num_trainable_params"] == 10
    assert info["accelerator_memory_max"] is None and info["status"] == "success"
    assert [entry["valid loss"] for entry in info["metrics"][:-1]] == [9.0, 0.9]
    assert [entry["train samples"] for entry in info["metrics"][:-1]] == [5, 10]
    last = info["metrics"][-1]
    assert last["test accuracy"] is None and last["test rouge1"] == 9.0 and last["train loss"] == 1.5


def test_a_record_of_another_study_or_with_other_settings_is_no_run_of_this_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = made_up(tmp_path / "results/quickstart")
    Path("made_up.yaml").write_text(yaml.safe_dump(study.config), encoding="utf-8")
    from parity import finished_study

    monkeypatch.setattr(finished_study, "expected", lambda config, folder: [])
    for run, found in study.records.items():
        write_json(study.run_folder(run) / "rouge.json", found)
    assert read_finished("made_up.yaml").records == study.records
    path = study.run_folder(Run("lora", 2)) / "rouge.json"
    original = study.records[Run("lora", 2)]
    for change, told in (
        ({"study": "other"}, "study = 'other' is not 'quickstart': it is another study's"),
        ({"settings": {"train": {}}}, r"other settings than the config has now \(settings\)"),
    ):
        write_json(path, copy.deepcopy(original) | change)
        with pytest.raises(
            InputError, match=rf"lora/seed-2/rouge\.json: .*{told}.*snakemake --cores 4 --configfile made_up.yaml"
        ):
            read_finished("made_up.yaml")


@pytest.mark.parametrize(("text", "problem"), [("- 1\n", "holds no keys"), ("a: [\n", "no YAML"), ("name: x\n", "lacks")])
def test_a_config_that_is_none_is_refused(tmp_path, text, problem):
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        read_finished(str(path))
