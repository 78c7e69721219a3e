"""What a finished quick start is handed on as: folders for the hub, summaries of new dialogues, PEFT's results, an RO-Crate."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard
from peft import PeftModel
from project import ROOT, Project
from rocrate.rocrate import ROCrate
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from parity.__main__ import main
from parity.files import folder_digest

RESULTS = Path("results/quickstart")
EXPORT = RESULTS / "export"


@pytest.fixture(scope="module")
def exported(quickstart: Project) -> Iterator[Project]:
    """The quick start with all its exports, which are taken away at the end: other tests find it as it was."""
    options = ["-o", ".venv/installed", "-o", ".venv/installed-ro-crate", f"BIN={Path(sys.executable).parent}"]
    for target in ("export", "export-peft", "ro-crate"):
        make = ["make", "-f", str(ROOT / "Makefile"), target, *options]
        subprocess.run(make, cwd=quickstart.folder, env=quickstart.environment(), check=True, capture_output=True)
    yield quickstart
    shutil.rmtree(quickstart.folder / EXPORT)


def dialogues(project: Project) -> list[dict]:
    text = (project.folder / RESULTS / "data/test.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def predictions(project: Project, run: str) -> list[str]:
    text = (project.folder / RESULTS / run / "predictions.jsonl").read_text(encoding="utf-8")
    return [json.loads(line)["prediction"] for line in text.splitlines()]


def best_seed(project: Project, method: str) -> int:
    losses = {}
    for path in (project.folder / RESULTS / method).glob("seed-*/rouge.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        losses[record["seed"]] = record["training"]["eval_loss"]
    return min(losses, key=losses.get)


@pytest.mark.parametrize("method", ["full", "lora"])
def test_an_exported_folder_works_without_parity_and_writes_the_studys_summaries(exported: Project, method, monkeypatch):
    folder = exported.folder / EXPORT / method
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if method == "lora":
        base = exported.folder / "resources/quickstart/model"
        model = PeftModel.from_pretrained(AutoModelForSeq2SeqLM.from_pretrained(base), folder)
        assert json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"] == "resources/quickstart/model"
        settings = {"max_new_tokens": 128, "num_beams": 1, "do_sample": False}
    else:
        # Its own generation_config.json decodes as the study did.
        model, settings = AutoModelForSeq2SeqLM.from_pretrained(folder), {}
    prompt = json.loads((folder / "records/rouge.json").read_text(encoding="utf-8"))["task"]["prompt"]
    inputs = tokenizer(prompt.replace("{dialogue}", dialogues(exported)[0]["dialogue"]), return_tensors="pt")
    with torch.inference_mode():
        ids = model.eval().generate(**inputs, **settings)[0]
    expected = predictions(exported, f"{method}/seed-{best_seed(exported, method)}")[0]
    assert tokenizer.decode(ids, skip_special_tokens=True).strip() == expected


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_card_is_valid_and_says_what_the_study_found(exported: Project, method):
    card = ModelCard.load(exported.folder / EXPORT / method / "README.md")
    record = json.loads((exported.folder / EXPORT / method / "records/rouge.json").read_text(encoding="utf-8"))
    assert record["seed"] == best_seed(exported, method)
    results = {result.metric_name.split(",")[0]: result.metric_value for result in card.data.eval_results}
    assert results["ROUGE-1"] == round(record["metrics"]["rouge1"], 2)
    assert card.data.model_name == f"quickstart-{method}-seed-{record['seed']}"
    assert card.data.base_model is None and card.data.library_name == {"full": "transformers", "lora": "peft"}[method]
    summary = (exported.folder / RESULTS / "summary.md").read_text(encoding="utf-8")
    [row] = [line for line in card.text.splitlines() if line.startswith("| ROUGE-1 ")]
    in_summary = next(line for line in summary.splitlines() if line.startswith(f"| {method} "))
    means = [float(line.split("|")[3].split()[0]) for line in (row, in_summary)]
    assert abs(means[0] - means[1]) <= 0.06
    for part in (
        "Of the 3 seeds",
        "The test split had no say in it",
        "small stand-in that ships with Parity",
        "No licence is named",
    ):
        assert part in card.text


def test_the_exported_and_the_runs_own_folder_summarise_alike(exported: Project, tmp_path, monkeypatch, capsys):
    rows = dialogues(exported)[:2]
    lines = "".join(json.dumps({"id": row["id"], "dialogue": row["dialogue"]}) + "\n" for row in rows)
    (tmp_path / "new.jsonl").write_text(lines, encoding="utf-8")
    run = f"lora/seed-{best_seed(exported, 'lora')}"
    # As the README says it, in a process of its own, in which libraries are not to talk.
    command = [sys.executable, "-m", "parity", "summarize", str(tmp_path / "new.jsonl"), "--model"]
    done = subprocess.run(
        [*command, str(RESULTS / run / "model")], cwd=exported.folder, env=exported.environment(), capture_output=True, text=True
    )
    assert done.returncode == 0 and done.stderr == ""
    monkeypatch.chdir(exported.folder)
    assert main([*command[3:], str(EXPORT / "lora")]) == 0
    for text in (done.stdout, capsys.readouterr().out):
        assert [json.loads(line)["summary"] for line in text.splitlines()] == predictions(exported, run)[:2]


def test_pefts_format_has_a_file_a_trained_run(exported: Project):
    names = sorted(path.name for path in (exported.folder / EXPORT / "peft_method_comparison").iterdir())
    kinds = ["full-finetuning--quickstart-full"] * 3 + ["lora--quickstart-lora"] * 3
    assert names == [f"{kind}-seed-{seed}.json" for kind, seed in zip(kinds, [1, 2, 3] * 2, strict=True)]
    result = json.loads((exported.folder / EXPORT / "peft_method_comparison" / names[0]).read_text(encoding="utf-8"))
    assert result["run_info"]["peft_config"] is None and result["train_info"]["num_total_params"] == 3689856


def test_the_crate_is_read_again_by_the_library_and_holds_every_file_that_it_names(exported: Project):
    folder = exported.folder / EXPORT / "ro-crate"
    crate = ROCrate(folder)
    assert crate.mainEntity.id == "workflow/Snakefile" and "ComputationalWorkflow" in crate.mainEntity.type
    assert crate.mainEntity["programmingLanguage"]["name"] == "Snakemake"
    named = {entity.id for entity in crate.data_entities}
    assert all((folder / name).is_file() for name in named)
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there - named == {"ro-crate-metadata.json"}
    actions = crate.get_by_type("CreateAction")
    assert len(actions) == 10 + 1 and all(action["result"] and action["endTime"] for action in actions)
    profiles = {profile if isinstance(profile, str) else profile.id for profile in crate.root_dataset["conformsTo"]}
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles
    assert not [name for name in named if name.endswith(".safetensors")]


def test_all_exports_again_give_the_same_bytes(exported: Project, monkeypatch):
    def digests():
        return {part: folder_digest(exported.folder / EXPORT / part, ["**/*.*"]) for part in ("full", "lora", "ro-crate")}

    before = digests()
    monkeypatch.chdir(exported.folder)
    assert main(["export"]) == main(["ro-crate"]) == 0
    assert digests() == before


def test_a_study_that_is_not_finished_is_not_exported_and_what_is_missing_is_said(
    exported: Project, tmp_path, monkeypatch, capsys
):
    shutil.copytree(exported.folder / RESULTS, tmp_path / "unfinished", ignore=shutil.ignore_patterns("export"))
    (tmp_path / "unfinished/lora/seed-3/train.json").unlink()
    (tmp_path / "unfinished/verdict.md").unlink()
    monkeypatch.chdir(exported.folder)
    for command in ("export", "export-peft", "ro-crate"):
        assert main([command, "--results", str(tmp_path / "unfinished")]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        for part in ("the study quickstart: is not finished: 2 files are missing", "lora/seed-3/train.json", "verdict.md"):
            assert part in said.err
        assert "snakemake --cores 4 --configfile config/config.yaml" in said.err
    assert not (tmp_path / "unfinished/export").exists()
