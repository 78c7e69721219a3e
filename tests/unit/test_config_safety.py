"""A config is data, wherever it comes from: it names no code, leads out of no folder, and no value of it is run by a shell."""

from __future__ import annotations

import copy
import subprocess

import pytest
import yaml
from hostile import CHARACTERS, LATEX, PATHS, SHELL, TEMPLATES, TEXTS
from project import ROOT
from snakemake.common.configfile import load_configfile
from snakemake_interface_executor_plugins.utils import format_cli_arg

from parity.command_line import refuse_programs, refuse_what_a_shell_would_run
from parity.config import check_config
from parity.errors import InputError
from parity.methods import peft_config
from parity.wording import as_text

CONFIG = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
HUB = yaml.safe_load((ROOT / "config" / "dialogsum.yaml").read_text(encoding="utf-8"))
# Names of folders below results/.
NAMES = [text for text in TEXTS if text not in ("con",)] + ["", " ", "a b", "a\n", "é", "-a", ".a", "a" * 101]


def refusal(config: dict) -> str:
    with pytest.raises(InputError) as error:
        check_config(config, "config.yaml")
    return str(error.value)


def with_value(config: dict, value: object, *keys: str) -> dict:
    config = copy.deepcopy(config)
    block = config
    for key in keys[:-1]:
        block = block[key]
    block[keys[-1]] = value
    return config


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_no_study_or_method_is_named_so_that_it_leaves_its_folder_or_means_something_to_a_shell(name):
    assert "name = " in refusal(with_value(CONFIG, name, "name"))
    config = with_value(CONFIG, {"kind": "zero_shot"}, "methods", name)
    config["compare"] = [*CONFIG["compare"], name]
    assert "methods" in refusal(config)
    scores = with_value(CONFIG, {"source": "a paper", "scores": {name: {}}}, "published")
    assert "published.scores" in refusal(scores)


@pytest.mark.parametrize("key", ["model", "data"])
@pytest.mark.parametrize("revision", [*SHELL, *LATEX, *TEMPLATES, *CHARACTERS, *PATHS[:6], "main\n", "-x", "a b", ".git"])
def test_no_revision_leads_out_of_its_folder_or_means_something_to_a_shell(key, revision):
    assert f"{key}.revision" in refusal(with_value(HUB, revision, key, "revision"))


@pytest.mark.parametrize("key", ["model", "data"])
@pytest.mark.parametrize("repo_id", [*SHELL, *LATEX, *TEMPLATES, *CHARACTERS, "a/b/c", "../x", "x/..", "a--b/c", "/x", "a/b\n"])
def test_no_id_of_the_hub_is_more_than_an_id(key, repo_id):
    assert f"{key}.name_or_path" in refusal(with_value(HUB, repo_id, key, "name_or_path"))


@pytest.mark.parametrize("file", ["../../../../secrets.csv", "/etc/passwd.csv", "a/../../b.csv"])
def test_no_file_of_a_fetched_dataset_lies_outside_of_it(file):
    assert "it leads out of the fetched dataset" in refusal(with_value(HUB, file, "data", "splits", "test"))


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("model", "name_or_path"), "models/{x}"),
        (("data", "name_or_path"), "a\nb"),
        (("data", "splits", "train"), "<results>.jsonl"),
        (("data", "splits", "test"), "te}st.jsonl"),
        (("methods", "theirs"), {"kind": "predictions", "file": "{seed}/{method}.txt"}),
    ],
)
def test_no_path_is_a_pattern_to_snakemake(keys, value):
    message = refusal(with_value(CONFIG, value, *keys))
    assert ".".join(keys) in message
    assert "the path holds" in message


@pytest.mark.parametrize(
    ("peft", "key"),
    [
        ({"trust_remote_code": True}, "methods.lora.peft.trust_remote_code"),
        ({"peft_type": "PROMPT_TUNING", "tokenizer_kwargs": {"trust_remote_code": True}}, "tokenizer_kwargs.trust_remote_code"),
        ({"layers": [{"trust_remote_code": False}]}, "methods.lora.peft.layers.0.trust_remote_code"),
        ({"megatron_core": "os"}, "methods.lora.peft.megatron_core"),
        ({"megatron_config": {"a": 1}}, "methods.lora.peft.megatron_config"),
    ],
)
def test_no_config_switches_foreign_code_on(peft, key):
    message = refusal(with_value(CONFIG, CONFIG["methods"]["lora"]["peft"] | peft, "methods", "lora", "peft"))
    assert key in message
    assert "Remove it" in message


@pytest.mark.parametrize("place", [(), ("model",), ("data",), ("train",), ("generation",), ("methods", "full"), ("scoring",)])
def test_trusting_foreign_code_is_no_key_anywhere(place):
    assert "trust_remote_code" in refusal(with_value(CONFIG, True, *place, "trust_remote_code"))


def test_a_tokenizer_that_an_adapter_names_brings_no_code(tmp_path):
    settings = {"peft_type": "PROMPT_TUNING", "prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "Summarize:"}
    with pytest.raises(InputError, match="no such folder"):
        peft_config("mine", settings | {"tokenizer_name_or_path": "someone/evil"})
    (tmp_path / "tokenizer_config.json").write_text('{"auto_map": {"AutoTokenizer": ["trap.Trap", null]}}')
    with pytest.raises(InputError, match="wants code of its own to be run"):
        peft_config("mine", settings | {"tokenizer_name_or_path": str(tmp_path)})


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.system ['touch PWNED']", "!!python/object/new:os.system ['touch PWNED']", "!!python/module:os"],
)
def test_yaml_makes_no_objects(tmp_path, monkeypatch, tag):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(f"name: {tag}\n")
    for load in (lambda: yaml.safe_load((tmp_path / "config.yaml").read_text()), lambda: load_configfile("config.yaml")):
        with pytest.raises(Exception, match=r"could not determine a constructor|not valid JSON or YAML"):
            load()
    assert not (tmp_path / "PWNED").exists()


def test_a_config_that_is_a_program_is_refused(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("name: a\n")
    refuse_programs([path, tmp_path / "not there"])
    path.write_text('"__use_yte__": true\nname: ?open("PWNED", "w").name\n')
    with pytest.raises(InputError, match="Snakemake runs the Python in it"):
        refuse_programs([path])


@pytest.mark.parametrize("text", [*SHELL, *LATEX, *TEMPLATES, *CHARACTERS, "'quoted'", '"$(touch PWNED)"', "'a' $(touch PWNED)"])
@pytest.mark.parametrize("key", ["prompt=", ""])
def test_a_value_on_the_command_line_reaches_a_jobs_shell_as_it_is_or_is_refused(tmp_path, key, text):
    argument = key + text
    try:
        refuse_what_a_shell_would_run([argument])
    except InputError as error:
        assert "--configfile" in str(error)
        return
    # What Snakemake puts into the command line of a job, read by a shell.
    command = f"printf '%s\\0' {format_cli_arg('--config', [argument])}"
    read = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert read.split("\0") == ["--config", argument, ""]
    assert list(tmp_path.iterdir()) == []


def test_plain_values_on_the_command_line_are_taken():
    refuse_what_a_shell_would_run(["seeds=[1, 2]", "name=a", "data={max_train_samples: 4}", 'prompt="{dialogue}" $5 & more;'])
    refuse_what_a_shell_would_run(None)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_foreign_text_in_markdown_is_one_line_of_text(text):
    shown = as_text(text)
    assert "\n" not in shown
    unescaped = shown.replace("\\\\", "")
    assert not [c for i, c in enumerate(unescaped) if c in "`*[]<>|&~" and unescaped[i - 1 : i] != "\\"]
