"""What `make site-check` counts as asked for: what the profile says, and what the rules ask for in the study at hand."""

import pytest
import yaml
from project import ROOT

from parity.errors import InputError
from snakemake_executor_plugin_parity_slurm import site_check
from snakemake_executor_plugin_parity_slurm.cluster import Training

PROFILE = {"the other rules": {"runtime": "30"}, "train": {"runtime": "60 * attempt", "slurm_partition": "gpu"}}


def study(tmp_path, compare: list[str], **gpus_per_run: int) -> str:
    """The quick start's config with other methods to compare, on so many GPUs a run."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    config["compare"], config["cpu_threads"] = compare, 3
    for method, gpus in gpus_per_run.items():
        config["methods"][method]["train"].update(gpus_per_run=gpus, batch_size=8)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return str(path)


def asked(tmp_path, profile: dict = PROFILE, **study_settings) -> set[tuple]:
    """(rule, GPUs, CPUs, training) of every request."""
    requests = site_check.requests_of(profile, site_check.own_resources(study(tmp_path, **study_settings)), attempts=2)
    return {(rule, each.gpus, each.cpus, each.training) for each, rules in requests.items() for rule in rules}


def test_every_training_asks_for_its_own_gpus_and_a_generation_for_one(tmp_path):
    found = asked(tmp_path, compare=["zero_shot", "full", "lora", "lead"], full=4)
    later = "train (attempt 2)"
    assert found == {
        *((name, 4, 12, Training("full", 4)) for name in ("train", later)),
        *((name, 1, 3, Training("lora", 1)) for name in ("train", later)),
        ("gang", 1, 3, None),
        ("generate", 1, 3, None),
        ("the other rules", 0, 1, None),
    }


def test_a_method_that_is_not_compared_asks_for_nothing(tmp_path):
    assert {training for *_, training in asked(tmp_path, compare=["zero_shot", "lora"], full=4)} == {None, Training("lora", 1)}


def test_the_setting_of_all_methods_counts_where_a_method_has_none(tmp_path):
    path = study(tmp_path, ["full", "lora"], full=2)
    config = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))
    config["train"]["gpus_per_run"] = 4
    config["methods"]["lora"]["train"]["batch_size"] = 8
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    assert set(site_check.own_resources(path)["train"]) == {Training("full", 2), Training("lora", 4)}


def test_what_the_profile_sets_goes_before_what_the_rule_asks_for(tmp_path):
    profile = PROFILE | {"train": {"gpu": "1", "cpus_per_task": "2"}}
    assert ("train", 1, 2, Training("full", 4)) in asked(tmp_path, profile, compare=["full"], full=4)


def test_a_config_that_is_wrong_is_refused_as_snakemake_would(tmp_path):
    with pytest.raises(InputError, match="batch_size = 8: cannot be shared evenly by gpus_per_run = 3"):
        site_check.own_resources(study(tmp_path, ["full"], full=3))


def test_an_attempt_that_asks_for_the_same_is_not_named_beside_the_first(tmp_path):
    profile = {"the other rules": {"runtime": "30"}, "train": {"runtime": "60", "slurm_partition": "gpu"}}
    requests = site_check.requests_of(profile, site_check.own_resources(study(tmp_path, ["full"])), attempts=4)
    names = [name for rules in requests.values() for name in rules]
    assert "train" in names and not any("attempt" in name for name in names)
