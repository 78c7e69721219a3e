"""New dialogues summarised by a run that lies in a folder, and every way in which that can go wrong."""

from __future__ import annotations

import io
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from made_up_studies import TASK, generation_record, record, training_record

from parity.__main__ import main
from parity.data import Record
from parity.files import read_json, write_json
from parity.results import SCORE_COLUMNS

GENERATION = {
    "max_new_tokens": 12,
    "num_beams": 1,
    "do_sample": False,
    "batch_size": 4,
    "precision": "fp32",
    "backend": "transformers",
    "compute_type": None,
}
PEFT = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q", "v"]}
LIMIT = 60


@dataclass
class Runs:
    """Runs of a study in a project's folder: lora, full and zero_shot, of the tiny model."""

    project: Path

    def model(self, method: str) -> Path:
        return self.project / f"results/made_up/{method}/seed-1/model"

    def edit_record(self, method: str, edit) -> None:
        path = self.model(method).parent / "rouge.json"
        found = read_json(path)
        edit(found)
        write_json(path, found)


def write_run(runs: Runs, method: str, kind: str, base: str, settings: dict) -> None:
    from parity.methods import build_method
    from parity.models import model_digest, weight_bytes
    from parity.tokens import load_tokenizer

    folder = runs.model(method)
    if kind != "zero_shot":
        import torch

        torch.manual_seed(1)
        model = build_method(method, {"kind": kind, **settings}, base)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                # An adapter begins as no change at all.
                if parameter.requires_grad and (kind == "full" or "lora_B" in name):
                    parameter.add_(torch.randn_like(parameter) * 0.5)
        model.save_pretrained(folder)
        if kind == "full":
            load_tokenizer(base).save_pretrained(folder)
    training = training_record() | {"bytes_on_disk": weight_bytes(folder)} if kind != "zero_shot" else None
    counts = {"dialogues": 4, "references": 4, "predictions": 4, "empty_predictions": 0}
    metrics = dict.fromkeys(SCORE_COLUMNS, 1.0)
    found = record(method, 1 if training else None, kind, metrics, counts, training, generation_record())
    found["settings"] = settings | {"generation": GENERATION}
    found["task"] = TASK | {"max_source_length": LIMIT, "model": TASK["model"] | {"name_or_path": "models/base"}}
    found["provenance"]["digests"]["model"] = model_digest(base)
    write_json(folder.parent / "rouge.json", found)


@pytest.fixture(scope="module")
def made(tiny_model, tmp_path_factory) -> Runs:
    runs = Runs(tmp_path_factory.mktemp("summarize") / "project")
    shutil.copytree(tiny_model, runs.project / "models/base")
    write_run(runs, "lora", "peft", tiny_model, {"peft": PEFT})
    write_run(runs, "full", "full", tiny_model, {})
    write_run(runs, "zero_shot", "zero_shot", tiny_model, {})
    return runs


@pytest.fixture
def runs(made, tmp_path, monkeypatch) -> Runs:
    """A copy that a test may spoil. Whoever summarises stands elsewhere, as somebody in another folder would."""
    shutil.copytree(made.project, tmp_path / "project")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return Runs(tmp_path / "project")


def dialogue_file(splits, number: int = 0) -> str:
    path = Path(f"dialogue-{number}.txt")
    path.write_text(splits["test"][number].dialogue + "\n", encoding="utf-8")
    return str(path)


def as_the_study_would(runs: Runs, method: str, records: list[Record], base: str) -> list[str]:
    """The summaries that the rules prepare and generate would write of these dialogues."""
    from parity.generation import generate_summaries
    from parity.methods import load_trained
    from parity.tokens import load_tokenizer, tokenise

    kind = {"lora": "peft", "full": "full", "zero_shot": "zero_shot"}[method]
    splits = {split: records for split in ("train", "validation", "test")}
    rows = tokenise(splits, load_tokenizer(base), TASK["prompt"], LIMIT, 32)[0]["test"]
    model = load_trained(base, str(runs.model(method)), kind)
    return generate_summaries(model, load_tokenizer(base), rows, GENERATION, 1, method)[0]


def test_every_kind_of_run_writes_the_studys_own_summaries(runs, splits, tiny_model, capsys):
    expected = {method: as_the_study_would(runs, method, splits["test"], tiny_model) for method in ("lora", "full", "zero_shot")}
    assert len({tuple(texts) for texts in expected.values()}) == 3
    for method, texts in expected.items():
        capsys.readouterr()
        # The model's folder, or the run's.
        place = runs.model(method) if method != "zero_shot" else runs.model(method).parent
        assert main(["summarize", *(dialogue_file(splits, n) for n in range(5)), "--model", str(place)]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert rows == [{"id": f"dialogue-{n}.txt", "summary": text} for n, text in enumerate(texts)]


def test_one_text_gives_one_text_and_json_lines_give_json_lines(runs, splits, capsys, monkeypatch):
    dialogue = splits["test"][0].dialogue
    model = ["--model", str(runs.model("lora"))]
    assert main(["summarize", dialogue_file(splits), *model]) == 0
    [summary, end] = capsys.readouterr().out.split("\n")
    assert summary and end == ""
    lines = json.dumps({"id": 7, "dialogue": dialogue}) + "\n\n" + json.dumps({"dialogue": dialogue}) + "\n"
    Path("talks.jsonl").write_text(lines, encoding="utf-8")
    expected = [{"id": "7", "summary": summary}, {"id": "talks.jsonl:3", "summary": summary}]
    assert main(["summarize", "talks.jsonl", *model, "--output", "out/summaries.jsonl"]) == 0
    assert capsys.readouterr().out == ""
    assert [json.loads(line) for line in Path("out/summaries.jsonl").read_text().splitlines()] == expected
    for content, options in ((dialogue, []), (lines, ["--jsonl"])):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
        assert main(["summarize", "-", *options, *model]) == 0
        found = capsys.readouterr().out
        assert found == f"{summary}\n" if not options else [json.loads(line)["summary"] for line in found.splitlines()]


def test_of_a_text_that_is_too_long_it_is_said_what_was_cut(runs, splits, tiny_model, capsys):
    from parity.tokens import load_tokenizer

    long = "\n".join(record.dialogue for record in splits["test"])
    Path("long.txt").write_text(long, encoding="utf-8")
    assert main(["summarize", "long.txt", "--model", str(runs.model("lora"))]) == 0
    said = capsys.readouterr().err
    tokens = len(load_tokenizer(tiny_model)(TASK["prompt"].replace("{dialogue}", long)).input_ids)
    assert f"long.txt: {tokens:,} tokens with the prompt, and this study reads {LIMIT}" in said
    assert f"the last {tokens - LIMIT:,} were cut. Read up to: ... " in said
    last = said.split("Read up to: ... ")[1].split()
    assert " ".join(last[:-1]) in " ".join(f"Sum up: {long}".split())


BAD_TEXTS = {
    "empty": (b" \n\n", ["is empty: there is nothing to summarise"]),
    "binary": (b"PK\x03\x04\0\0dialogue", ["a binary file, not text", "plain text (UTF-8)"]),
    "of another encoding": ("Café?".encode("latin-1"), ["line 1: not UTF-8 text", "iconv"]),
    "missing": (None, ["no such file", "- reads standard input"]),
}


@pytest.mark.parametrize(("content", "parts"), BAD_TEXTS.values(), ids=BAD_TEXTS.keys())
def test_a_text_that_is_none_is_refused_before_a_model_is_loaded(tmp_path, capsys, monkeypatch, content, parts):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("a.txt").write_bytes(content)
    assert main(["summarize", "a.txt", "--model", "no/model"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("parity summarize: a.txt") and "Traceback" not in said
    assert [part for part in parts if part not in said] == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [('{"dialogue": ', "line 2: not JSON"), ('{"text": "x"}', "line 2: no text under 'dialogue'"), ("[1]", "line 2: no text")],
)
def test_a_line_that_holds_no_dialogue_is_named(tmp_path, capsys, monkeypatch, line, problem):
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text('{"dialogue": "x"}\n' + line, encoding="utf-8")
    assert main(["summarize", "a.jsonl", "--model", "no/model"]) == 1
    assert f"a.jsonl, {problem}" in capsys.readouterr().err


def move_base(runs):
    (runs.project / "models/base").rename(runs.project / "models/moved")


def change_base(runs):
    path = runs.project / "models/base/generation_config.json"
    path.write_text(path.read_text().replace("{", '{"max_length": 21,', 1))


def swap_adapter(runs):
    path = runs.model("lora") / "adapter_config.json"
    write_json(path, read_json(path) | {"r": 16})


def swap_kind(runs):
    shutil.rmtree(runs.model("lora"))
    shutil.copytree(runs.model("full"), runs.model("lora"))


BAD_MODELS = {
    "no folder": (lambda runs: shutil.rmtree(runs.model("lora")), ["no such folder", "results/<study>/<method>/seed-<n>/model"]),
    "no record": (lambda runs: (runs.model("lora").parent / "rouge.json").unlink(), ["rouge.json", "Finish the study"]),
    "no weights": (lambda runs: (runs.model("lora") / "adapter_model.safetensors").unlink(), ["no weights there"]),
    "a whole model for an adapter": (
        swap_kind,
        ["is not the model of lora seed 1 of the study made_up", "that one is an adapter"],
    ),
    "another adapter": (swap_adapter, ["is not the model of lora seed 1", "r = 16, where the run had 4"]),
    "other weights": (
        lambda runs: runs.edit_record("lora", lambda found: found["training"].update(bytes_on_disk=1)),
        ["is not the model of lora seed 1", "where the run left 1"],
    ),
    "no base": (move_base, ["models/base: the base model of the study made_up is not there", "--base FOLDER"]),
    "another base": (change_base, ["is not the base model of lora of the study made_up", "the run was made with"]),
    "an earlier record": (
        lambda runs: runs.edit_record("lora", lambda found: found.pop("task")),
        ["earlier Parity", "snakemake"],
    ),
    "a baseline": (lambda runs: runs.edit_record("lora", lambda found: found.update(kind="baseline")), ["has no model"]),
}


@pytest.mark.parametrize(("spoil", "parts"), BAD_MODELS.values(), ids=BAD_MODELS.keys())
def test_a_folder_that_is_not_the_runs_is_refused(runs, splits, capsys, spoil, parts):
    spoil(runs)
    assert main(["summarize", dialogue_file(splits), "--model", str(runs.model("lora"))]) == 1
    said = capsys.readouterr().err
    assert said.startswith("parity summarize: ") and "Traceback" not in said
    assert [part for part in parts if part not in said] == []


def test_a_base_model_that_moved_can_be_named(runs, splits, capsys):
    move_base(runs)
    moved = str(runs.project / "models/moved")
    assert main(["summarize", dialogue_file(splits), "--model", str(runs.model("lora")), "--base", moved]) == 0
    assert capsys.readouterr().out.strip()
