"""Other encoder-decoders through Snakemake by config alone, and those that cannot take part, refused before any training.

tests/unit/test_shapes.py takes all families and kinds of methods through the same scripts in one process.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from project import ROOT, Project
from shapes import POSITIONS, bart_tokenizer, make_shape
from transformers import GPT2Config, GPT2LMHeadModel, MarianConfig, MarianMTModel

SPLITS = {"train": "train.jsonl", "validation": "validation.jsonl", "test": "test.jsonl"}
LORA = {"kind": "peft", "peft": {"peft_type": "LORA", "r": 2}}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("other_models") / "project")


def texts() -> list[str]:
    lines = (ROOT / "resources/quickstart/train.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    return [text for row in map(json.loads, lines) for text in (row["dialogue"], row["summary"])]


def config_for(project: Project, name: str, methods: dict, **keys) -> str:
    """A config file that names a model's folder and methods, and nothing else of the model."""
    config = {
        "name": name,
        "seeds": [1],
        "compare": list(methods),
        "model": {"source": "folder", "name_or_path": f"models/{name}"},
        "data": {"source": "files", "name_or_path": "resources/quickstart", "splits": SPLITS}
        | {"max_train_samples": 4, "max_validation_samples": 2, "max_test_samples": 2},
        "max_source_length": 100,
        "max_target_length": 40,
        "train": {"learning_rate": 0.01, "batch_size": 2, "max_steps": 2, "logging_steps": 1},
        "generation": {"max_new_tokens": 6},
        "comparison": {"n_bootstrap": 100},
        "methods": methods,
    }
    path = f"config/{name}.yaml"
    (project.folder / path).write_text(yaml.safe_dump(config | keys), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("family", "methods"),
    [
        ("pegasus", {"full": {"kind": "full"}, "lora": LORA}),
        ("bart", {"lora": LORA, "qlora": LORA | {"quantization": {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}}}),
    ],
    ids=["pegasus", "bart"],
)
def test_a_study_of_another_family_needs_its_folder_and_no_target_modules(project: Project, family, methods):
    make_shape(family, project.folder / "models" / family, texts())
    project.snakemake("--cores", "2", "--configfile", config_for(project, family, methods))
    results = project.folder / "results" / family
    summary = pd.read_csv(results / "summary.csv")
    assert summary["method"].tolist() == list(methods)
    assert summary["rouge1_mean"].notna().all()
    record = json.loads((results / "lora/seed-1/rouge.json").read_text(encoding="utf-8"))
    assert record["training"]["target_modules"] == ["q_proj", "v_proj"]
    assert record["settings"]["peft"] == {"peft_type": "LORA", "r": 2}


def refused(project: Project, config: str, name: str) -> str:
    """The output of a run that ends before any training and leaves no run's file."""
    done = project.snakemake("--cores", "2", "--configfile", config, check=False)
    assert done.returncode != 0
    assert "rule train:" not in done.stdout
    left = [path for path in (project.folder / "results" / name).rglob("*.json*") if "seed-" in str(path)]
    assert left == []
    return done.stdout


def marian(folder: Path) -> None:
    """An encoder-decoder that PEFT has no default targets for."""
    folder.mkdir(parents=True)
    layers = dict.fromkeys(("encoder_layers", "decoder_layers", "encoder_attention_heads", "decoder_attention_heads"), 1)
    sizes = {"d_model": 8, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8, "max_position_embeddings": POSITIONS}
    tokens = {"pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    size = bart_tokenizer(folder, texts())
    MarianMTModel(MarianConfig(vocab_size=size, decoder_vocab_size=size, **layers, **sizes, **tokens)).save_pretrained(folder)
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BartTokenizer"}), encoding="utf-8")


def test_an_architecture_without_default_targets_is_refused_with_its_modules(project: Project):
    marian(project.folder / "models/marian")
    output = refused(project, config_for(project, "marian", {"lora": LORA}), "marian")
    assert "methods.lora.peft.target_modules: not named, and PEFT has no default of LORA for marian" in output
    assert "fc1, fc2, k_proj, out_proj, q_proj, v_proj" in output


def test_a_decoder_alone_is_refused_with_what_is_supported(project: Project):
    model = GPT2LMHeadModel(GPT2Config(vocab_size=32, n_embd=8, n_layer=1, n_head=1, n_positions=16))
    model.save_pretrained(project.folder / "models/gpt2")
    output = refused(project, config_for(project, "gpt2", {"full": {"kind": "full"}}), "gpt2")
    assert "models/gpt2: gpt2 is no encoder-decoder. Parity compares models that read a text and write one" in output
    assert "rule check:" not in output
