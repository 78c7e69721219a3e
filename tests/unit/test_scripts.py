"""The workflow's scripts, each main(job) on its own, from the user's files to the tables."""

import ast
import copy
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from datasets import load_from_disk
from made_up_ratings import SETTINGS, People, write
from made_up_studies import TASK

from parity import config as study
from parity.compared import report_config
from parity.data import canonical_digest, record_rows
from parity.errors import InputError
from parity.files import file_digest, read_json, read_json_lines, write_json, write_json_lines
from parity.models import count_parameters, load_model, model_digest
from parity.source_digest import source_digest
from parity.wording import number

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
# Those that import libraries for seconds.
HEAVY = {
    "check",
    "check_method",
    "train",
    "gang",
    "generate",
    "score",
    "look",
    "compare",
    "aggregate",
    "failures",
    "plan",
    "report",
    "human_results",
}
SPLIT_FILES = {"train": "train.jsonl", "validation": "validation.jsonl", "test": "test.jsonl"}
SEEDS = (1, 2)
SCORING = {"backend": "rouge_score"}


class Files(list):
    """As a rule's input and output are to a script: by index, by name, by attribute, and with get."""

    def __init__(self, *paths, **named):
        super().__init__([*paths, *named.values()])
        self.__dict__.update(named)

    def __getitem__(self, key):
        return getattr(self, key) if isinstance(key, str) else super().__getitem__(key)

    def get(self, name, default=None):
        return getattr(self, name, default)


def run(script: str, job: SimpleNamespace) -> None:
    """main(job) of a script, imported under a name that no library has."""
    spec = importlib.util.spec_from_file_location(f"workflow_script_{script}", SCRIPTS / f"{script}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(job)


def job_of(input=None, output=None, params=None, resources=None, **wildcards) -> SimpleNamespace:
    return SimpleNamespace(
        input=input,
        output=output,
        params=SimpleNamespace(**params or {}),
        resources=SimpleNamespace(**resources or {}),
        wildcards=SimpleNamespace(**wildcards),
        config={"tracking": "none"},
        log=["job.log"],
        rule="test",
    )


class Study:
    """A study in a folder, its jobs put together as the rules do."""

    def __init__(self, root: Path, model: str, splits: dict):
        self.root, self.model = root, model
        self.source = root / "source"
        for split, records in splits.items():
            rows = [self._official(row) for row in record_rows(records)]
            write_json_lines(self.source / SPLIT_FILES[split], rows)
        self.config = {
            "name": "tiny",
            "seeds": list(SEEDS),
            "compare": ["zero_shot", "full", "lora", "lead", "human", "theirs"],
            "model": {"source": "folder", "name_or_path": model},
            "data": {"source": "files", "name_or_path": str(self.source), "splits": SPLIT_FILES},
            "max_source_length": 160,
            "max_target_length": 32,
            "train": {"batch_size": 4, "num_train_epochs": 1, "logging_steps": 1, "learning_rate": 0.01},
            "generation": {"max_new_tokens": 8},
            "methods": {
                "zero_shot": {"kind": "zero_shot"},
                "full": {"kind": "full"},
                "lora": {"kind": "peft", "peft": {"peft_type": "LORA", "r": 2, "target_modules": ["q", "v"]}},
                "lead": {"kind": "baseline", "baseline": "lead", "n": 1},
                "human": {"kind": "baseline", "baseline": "human"},
                "theirs": {"kind": "predictions", "file": str(self.source / "theirs.txt")},
            },
        }
        study.check_config(self.config, "config.yaml")
        texts = [f"Their summary {number}." for number in range(len(splits["test"]))]
        (self.source / "theirs.txt").write_text("\n".join(texts) + "\n")

    @staticmethod
    def _official(row: dict) -> dict:
        summaries = row["references"]
        named = {"summary": summaries[0]} if len(summaries) == 1 else {f"summary{n}": s for n, s in enumerate(summaries, 1)}
        return {"fname": row["id"], "dialogue": row["dialogue"], **named}

    @property
    def prepared(self) -> Files:
        data = self.root / "data"
        files = {split: str(data / name) for split, name in SPLIT_FILES.items()}
        return Files(**files, tokens=str(data / "tokens"), audit=str(data / "audit.json"))

    def prepare(self, **data) -> None:
        params = {
            "data": self.config["data"] | data,
            "data_folder": str(self.source),
            "model": self.model,
            "model_digest": None,
            **{key: self.config[key] for key in ("prompt", "max_source_length", "max_target_length")},
        }
        run("prepare", job_of(Files(model=self.model), self.prepared, params))

    def check(self, **changes) -> dict:
        """Run the script check on this study, or on one with another `compare` and further `methods`."""
        config = copy.deepcopy(self.config)
        config["methods"] |= changes.pop("methods", {})
        out = self.root / "data" / "check.json"
        job = job_of(Files(test=self.prepared.test, tokens=self.prepared.tokens), Files(str(out)), {})
        job.config = config | changes
        run("check", job)
        return read_json(out)

    @property
    def checked(self) -> dict[str, str]:
        """What the script check wrote, once it has run."""
        path = self.root / "data" / "check.json"
        return {"checked": str(path)} if path.exists() else {}

    def folder(self, method: str, seed: int) -> Path:
        return self.root / method / f"seed-{seed}"

    def run_method(self, method: str, seed: int) -> dict:
        """All stages of one run, and its record."""
        block, folder = study.method_block(self.config, method), self.folder(method, seed)
        names = {"method": method, "seed": str(seed)}
        predictions = str(folder / "predictions.jsonl")
        records = {}
        if block["kind"] in study.TRAINED_KINDS:
            records["training"] = str(folder / "train.json")
            outputs = Files(model=str(folder / "model"), record=records["training"])
            params = {"study": "tiny", "method": block, "model": self.model, "cpu_threads": 1, "code": "a digest"}
            resources = {"checkpoint_folder": str(self.root / "checkpoints"), "checkpoint_seconds": 0}
            run("train", job_of(Files(tokens=self.prepared.tokens, **self.checked), outputs, params, resources, **names))
            assert not (self.root / "checkpoints").exists()
        if block["kind"] in study.GENERATING_KINDS:
            records["generation"] = str(folder / "generate.json")
            trained = str(folder / "model") if "training" in records else []
            inputs = Files(tokens=self.prepared.tokens, trained=trained, **self.checked)
            outputs = Files(predictions=predictions, record=records["generation"])
            params = {"method": block, "model": self.model, "cpu_threads": 1}
            run("generate", job_of(inputs, outputs, params, **names))
        elif block["kind"] == "baseline":
            inputs = Files(test=self.prepared.test)
            run("baseline", job_of(inputs, Files(predictions=predictions), {"method": block}, **names))
        else:
            inputs = Files(outside=block["file"], test=self.prepared.test)
            run("predictions", job_of(inputs, Files(predictions=predictions), **names))
        params = {
            "study": self.config["name"],
            "seeded": study.is_seeded(block),
            "method": block,
            "scoring": self.config["scoring"],
            "task": study.task_of(self.config),
            "code_digests": {"score": source_digest(SCRIPTS / "score.py")},
        }
        inputs = Files(predictions=predictions, test=self.prepared.test, audit=self.prepared.audit, **records)
        outputs = Files(record=str(folder / "rouge.json"), scores=str(folder / "scores.csv"))
        run("score", job_of(inputs, outputs, params, **names))
        return read_json(outputs.record)

    def compare(self, root: Path | None = None) -> Files:
        """The tables of estimates and contrasts; the runs' scores are looked for below `root`."""
        runs = study.study_runs(self.config)
        outputs = Files(**{name: str((root or self.root) / f"{name}.csv") for name in ("estimates", "contrasts")})
        scores = [str((root or self.root) / one.method / f"seed-{one.seed}" / "scores.csv") for one in runs]
        params = {
            "methods": [one.method for one in runs],
            "deterministic": ["zero_shot", "lead", "human"],
            "config": self.config,
        }
        inputs = Files(*scores)
        inputs.scores = scores
        run("compare", job_of(inputs, outputs, params))
        return outputs

    def aggregate(self) -> SimpleNamespace:
        compared = self.compare()
        records = [str(self.folder(one.method, one.seed) / "rouge.json") for one in study.study_runs(self.config)]
        outputs = Files(**{name: str(self.root / name) for name in ("results", "summary", "page", "verdict", "latex")})
        inputs = Files(*records, compared.estimates, compared.contrasts)
        inputs.records, inputs.estimates, inputs.contrasts = records, compared.estimates, compared.contrasts
        run("aggregate", job_of(inputs, outputs, {"config": self.config}))
        return SimpleNamespace(
            results=pd.read_csv(outputs.results),
            summary=pd.read_csv(outputs.summary).set_index("method"),
            estimates=pd.read_csv(compared.estimates),
            contrasts=pd.read_csv(compared.contrasts),
            **{name: Path(outputs[name]).read_text(encoding="utf-8") for name in ("page", "verdict", "latex")},
        )

    def failures(self, out: Path) -> pd.DataFrame:
        runs = study.study_runs(self.config)
        predictions = [str(self.folder(one.method, one.seed) / "predictions.jsonl") for one in runs]
        params = {"methods": [one.method for one in runs], "seeds": [one.seed for one in runs]}
        run("failures", job_of(Files(predictions=predictions, test=self.prepared.test), Files(str(out)), params))
        return pd.read_csv(out)

    def plan(self, root: Path) -> SimpleNamespace:
        contrasts = self.root / "contrasts.csv"
        outputs = Files(**{name: str(root / f"plan.{name}") for name in ("page", "table", "png", "svg")})
        records = [str(self.folder(one.method, one.seed) / "rouge.json") for one in study.study_runs(self.config)]
        inputs = Files(contrasts=str(contrasts))
        inputs.records = records
        run("plan", job_of(inputs, outputs, {"config": self.config, "deterministic": []}))
        return SimpleNamespace(**{name: Path(outputs[name]).read_bytes() for name in ("page", "table", "png", "svg")})


@pytest.fixture(scope="module")
def prepared(tiny_model, splits, tmp_path_factory) -> Study:
    made = Study(tmp_path_factory.mktemp("study"), tiny_model, splits)
    made.prepare()
    return made


@pytest.fixture(scope="module")
def finished(prepared) -> SimpleNamespace:
    """Every run of the study, its records and its tables."""
    prepared.check()
    records = {one: prepared.run_method(one.method, one.seed) for one in study.study_runs(prepared.config)}
    return SimpleNamespace(study=prepared, records=records, tables=prepared.aggregate())


def test_prepare_writes_the_splits_the_token_ids_and_the_audit(prepared, splits, tiny_model):
    for split, records in splits.items():
        rows = read_json_lines(Path(prepared.prepared[split]))
        assert rows == [{"id": r.id, "dialogue": r.dialogue, "references": list(r.references)} for r in records]
    tokens = load_from_disk(prepared.prepared.tokens)
    assert {split: len(rows) for split, rows in tokens.items()} == {"train": 12, "validation": 4, "test": 5}
    audit = read_json(prepared.prepared.audit)
    digest = canonical_digest(splits)
    assert audit["digests"] == {"data": digest, "data_used": digest, "model": model_digest(tiny_model)}
    assert {split: (s["loaded"], s["used"], s["references"]) for split, s in audit["splits"].items()} == {
        "train": (12, 12, 12),
        "validation": (4, 4, 4),
        "test": (5, 5, 15),
    }
    assert audit["leaked"] == {"found": 0, "dropped": 0}


@pytest.mark.parametrize(("drop", "used"), [(True, 11), (False, 12)])
def test_prepare_drops_leaked_dialogues_only_where_asked(tiny_model, splits, tmp_path, drop, used):
    leaking = splits | {"train": [*splits["train"][:11], splits["test"][0]]}
    made = Study(tmp_path, tiny_model, leaking)
    made.prepare(drop_leaked=drop)
    audit = read_json(made.prepared.audit)
    assert audit["leaked"] == {"found": 1, "dropped": 12 - used}
    assert (audit["splits"]["train"]["loaded"], audit["splits"]["train"]["used"]) == (12, used)
    assert audit["near_duplicates"]["between"]["train-test"]["dialogues"] == 1
    assert len(read_json_lines(Path(made.prepared.train))) == used
    assert (audit["digests"]["data"] == audit["digests"]["data_used"]) is not drop


def test_prepare_takes_the_same_subsample_every_time(tiny_model, splits, tmp_path):
    drawn = []
    for name in ("one", "two"):
        made = Study(tmp_path / name, tiny_model, splits)
        made.prepare(max_train_samples=5, max_validation_samples=2, max_test_samples=3, sample_seed=4)
        drawn.append([[row["id"] for row in read_json_lines(Path(made.prepared[split]))] for split in SPLIT_FILES])
    assert drawn[0] == drawn[1]
    assert [len(ids) for ids in drawn[0]] == [5, 2, 3]


def test_prepare_refuses_other_data_than_the_study_names(tiny_model, splits, tmp_path):
    made = Study(tmp_path, tiny_model, splits)
    with pytest.raises(InputError) as error:
        made.prepare(digest="a" * 64)
    assert f"data.digest = {'a' * 64}" in str(error.value)
    assert canonical_digest(splits) in str(error.value)
    assert not Path(made.prepared.train).exists()


def test_prepare_refuses_a_folder_without_a_model_before_it_reads_the_data(tiny_model, splits, tmp_path):
    made = Study(tmp_path, tiny_model, splits)
    made.model = str(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"nowhere.*no such folder"):
        made.prepare()


def test_check_counts_the_parameters_of_every_trained_method(prepared, tiny_model):
    found = prepared.check()
    total = count_parameters(load_model(tiny_model))
    counts = {key: value for key, value in found["full"].items() if key not in ("memory", "flops")}
    assert counts == {"parameters": total, "trainable": total, "trainable_percent": 100.0}
    assert found["lora"]["parameters"] == total
    assert 0 < found["lora"]["trainable"] < total


def test_check_says_what_memory_every_stage_of_every_method_takes(prepared):
    found = prepared.check()
    assert {name: sorted(about["memory"]) for name, about in found.items()} == {
        "zero_shot": ["generate"],
        "full": ["generate", "train"],
        "lora": ["generate", "train"],
    }
    for about in found.values():
        for estimate in about["memory"].values():
            assert 0 < estimate["gpu"]["least_mb"] <= estimate["gpu"]["device_mb"]
            assert 0 < estimate["cpu"]["least_mb"] <= estimate["cpu"]["host_mb"]
    assert found["lora"]["memory"]["train"]["cpu"]["optimizer_mb"] <= found["full"]["memory"]["train"]["cpu"]["optimizer_mb"]


def test_check_method_says_the_same_of_one_method(prepared, tmp_path):
    job = job_of(Files(tokens=prepared.prepared.tokens), Files(str(tmp_path / "lora.json")), method="lora")
    job.config = prepared.config
    run("check_method", job)
    assert read_json(tmp_path / "lora.json") == {"lora": prepared.check()["lora"]}


@pytest.mark.parametrize("stage", ["train", "generate"])
def test_a_run_that_cannot_fit_into_this_machine_is_refused_before_anything_is_loaded(prepared, tmp_path, stage):
    checked = prepared.check()
    checked["full"]["memory"][stage]["cpu"]["least_mb"] = 10**9
    write_json(tmp_path / "check.json", checked)
    inputs = Files(tokens=str(tmp_path / "none"), checked=str(tmp_path / "check.json"))
    params = {"study": "tiny", "method": study.method_block(prepared.config, "full"), "model": "none", "cpu_threads": 1}
    with pytest.raises(InputError) as error:
        run(stage, job_of(inputs, Files(), params, method="full", seed="1"))
    assert f"methods.full: {stage} takes at least 1000000000 MB of memory, and this machine has " in str(error.value)
    assert "need less" in str(error.value)


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        (
            {"kind": "peft", "peft": {"peft_type": "LORA", "target_modules": ["c_attn"]}},
            ["methods.odd.peft", "c_attn", "Name target_modules"],
        ),
        ({"kind": "predictions", "file": "{source}/short.txt"}, ["methods.odd.file", "short.txt", "1 lines for 5"]),
    ],
    ids=["adapter", "predictions"],
)
def test_check_refuses_what_would_fail_after_hours(prepared, block, parts):
    (prepared.source / "short.txt").write_text("One line.\n")
    if "file" in block:
        block = block | {"file": block["file"].format(source=prepared.source)}
    with pytest.raises(InputError) as error:
        prepared.check(compare=["full", "odd"], methods={"odd": block})
    assert [part for part in parts if part not in str(error.value)] == []


def test_check_refuses_the_human_baseline_where_dialogues_have_one_reference(tiny_model, splits, tmp_path):
    made = Study(tmp_path, tiny_model, splits | {"test": splits["validation"], "validation": splits["train"][:2]})
    made.prepare()
    with pytest.raises(InputError) as error:
        made.check(compare=["human"])
    assert str(error.value).startswith("methods.human: ")
    assert "two references or more" in str(error.value)
    assert "Remove human from compare" in str(error.value)


def test_every_run_has_a_prediction_a_test_dialogue_in_order(finished, splits):
    ids = [record.id for record in splits["test"]]
    for one in finished.records:
        rows = read_json_lines(finished.study.folder(one.method, one.seed) / "predictions.jsonl")
        expected = [name for name in ids for _ in range(3)] if one.method == "human" else ids
        assert [row["id"] for row in rows] == expected
        assert all(isinstance(row["prediction"], str) for row in rows)


def test_baselines_and_outside_summaries_are_what_they_say(finished, splits):
    def predictions(method):
        return [row["prediction"] for row in read_json_lines(finished.study.folder(method, 0) / "predictions.jsonl")]

    assert predictions("lead") == [record.dialogue.split("\n")[0] for record in splits["test"]]
    assert predictions("human") == [reference for record in splits["test"] for reference in record.references]
    assert predictions("theirs") == [f"Their summary {number}." for number in range(5)]


def test_seeds_are_null_where_no_seed_changes_a_run(finished):
    seeds = {(one.method, one.seed): record["seed"] for one, record in finished.records.items()}
    deterministic = {("zero_shot", 0): None, ("lead", 0): None, ("human", 0): None, ("theirs", 0): None}
    assert seeds == deterministic | {(method, seed): seed for method in ("full", "lora") for seed in SEEDS}


def test_records_say_what_was_trained_generated_and_scored(finished, splits):
    for one, record in finished.records.items():
        folder = finished.study.folder(one.method, one.seed)
        kind = finished.study.config["methods"][one.method]["kind"]
        assert (record["training"] is not None) == (kind in study.TRAINED_KINDS)
        assert (record["generation"] is not None) == (kind in study.GENERATING_KINDS)
        assert record["counts"]["dialogues"] == 5
        assert record["counts"]["references"] == 15
        assert record["counts"]["predictions"] == (15 if one.method == "human" else 5)
        digests = record["provenance"]["digests"]
        assert digests["predictions"] == file_digest(folder / "predictions.jsonl")
        assert digests["data"] == canonical_digest(splits)
        assert digests["code"] == {"score": source_digest(SCRIPTS / "score.py")}
        scores = pd.read_csv(folder / "scores.csv")
        assert list(scores["id"]) == [r.id for r in splits["test"]]
        assert scores["rouge1"].mean() == pytest.approx(record["metrics"]["rouge1"])
        if record["training"]:
            assert record["training"]["eval_loss"] == read_json(folder / "train.json")["eval_loss"][-1]["eval_loss"]


def test_records_and_tables_say_what_every_stage_cost(finished, splits):
    full = next(record for one, record in finished.records.items() if one.method == "full")
    for stage, phase in (("training", "train"), ("generation", "generate")):
        cost = full[stage]
        seconds = cost["seconds_by_phase"][phase]
        assert cost["examples_per_second"] == pytest.approx(cost["token_sums"]["example"] / seconds, rel=0.01)
        flops = cost["model_flops"] / seconds / cost["peak_flops_per_second"]
        assert cost["model_flops_utilisation"] == pytest.approx(flops, rel=0.01, abs=1e-6) and flops > 0
        assert 0 <= cost["padding_share"] < 1
    assert full["training"]["token_sums"]["example"] == len(splits["train"])
    assert full["generation"]["token_sums"]["example"] == len(splits["test"])
    lora = next(record for one, record in finished.records.items() if one.method == "lora")
    assert 0 < lora["training"]["model_flops"] < full["training"]["model_flops"]
    assert all(record["scoring"]["peak_host_bytes"] > 10**7 for record in finished.records.values())
    results = finished.tables.results
    assert (results["score_seconds"] >= 0).all() and (results["start_up_seconds"] > 0).all()
    summary = finished.tables.summary
    assert (summary.loc[["full", "lora"], "train_tokens_per_second"] > 0).all()
    assert summary.loc["lead", ["train_seconds", "generate_seconds", "train_model_flops"]].isna().all()


def test_what_train_wrote_is_what_generated(finished):
    made = finished.study
    full, lora, zero_shot = made.folder("full", 1), made.folder("lora", 1), made.folder("zero_shot", 0)
    assert (full / "model" / "model.safetensors").is_file()
    assert (lora / "model" / "adapter_model.safetensors").is_file()
    assert not (lora / "model" / "model.safetensors").exists()
    texts = {(folder / "predictions.jsonl").read_text() for folder in (full, made.folder("full", 2), lora, zero_shot)}
    assert len(texts) > 1


def test_a_run_again_gives_the_same_predictions_and_scores(finished, tmp_path, monkeypatch):
    made = finished.study
    before = made.folder("lora", 2)
    monkeypatch.setattr(made, "folder", lambda method, seed: tmp_path / method / f"seed-{seed}")
    again = made.run_method("lora", 2)
    after = made.folder("lora", 2)
    for name in ("predictions.jsonl", "scores.csv", "model/adapter_model.safetensors"):
        assert (after / name).read_bytes() == (before / name).read_bytes()
    assert again["metrics"] == read_json(before / "rouge.json")["metrics"]


def test_the_tables_hold_every_run_and_every_method(finished):
    results, summary, page = finished.tables.results, finished.tables.summary, finished.tables.page
    runs = study.study_runs(finished.study.config)
    assert list(results["method"]) == [one.method for one in runs]
    assert list(summary.index) == finished.study.config["compare"]
    assert list(summary["n_seeds"]) == [0, 2, 2, 0, 0, 1]
    assert summary["chance"].to_dict() == {
        "zero_shot": "deterministic",
        "full": "seeds",
        "lora": "seeds",
        "lead": "deterministic",
        "human": "deterministic",
        "theirs": "one run",
    }
    by_method = {
        name: [r["metrics"]["rouge1"] for one, r in finished.records.items() if one.method == name] for name in summary.index
    }
    for name, values in by_method.items():
        assert summary["rouge1_mean"][name] == pytest.approx(sum(values) / len(values))
    assert summary["rouge1_percent_of_full"]["full"] == pytest.approx(100)
    assert all(f"| {name} " in page for name in summary.index)
    assert page.startswith("# tiny\n")


def test_compare_puts_every_dialogue_of_every_run_together(finished):
    estimates, contrasts = finished.tables.estimates, finished.tables.contrasts
    assert list(dict.fromkeys(estimates["method"])) == finished.study.config["compare"]
    assert set(estimates["n_dialogues"]) == set(contrasts["n_dialogues"]) == {5}
    confirmatory = contrasts[contrasts["family"] == "confirmatory"]
    assert confirmatory[["method", "reference", "metric"]].values.tolist() == [["lora", "full", "rouge1"]]
    scores = {
        method: pd.concat(pd.read_csv(finished.study.folder(method, seed) / "scores.csv") for seed in SEEDS)
        for method in ("lora", "full")
    }
    assert confirmatory["difference"].tolist() == pytest.approx(
        [scores["lora"]["rouge1"].mean() - scores["full"]["rouge1"].mean()]
    )
    assert estimates.set_index(["method", "metric"])["mean"]["lora", "rougeL"] == pytest.approx(scores["lora"]["rougeL"].mean())


def test_aggregate_writes_the_pages_of_the_same_comparison(finished):
    tables = finished.tables
    [row] = tables.contrasts[tables.contrasts["family"] == "confirmatory"].to_dict("records")
    assert tables.verdict.startswith("# What `tiny` establishes\n")
    assert f"| {number(row['difference'], 2)} " in tables.verdict
    # Of untrained models so small that the share may have no bounds.
    assert re.search("`lora` (keeps|reaches) |What share of .* `lora` keeps: ", tables.verdict)
    assert "Of `theirs` there is one run" in tables.verdict
    assert "on 5 test dialogues with 3 references each" in tables.page
    assert "theirs & 1 &" in tables.latex
    assert r"\label{tab:tiny}" in tables.latex


def test_aggregate_gives_the_same_bytes_again(finished):
    names = ("results", "summary", "page", "verdict", "latex", "estimates.csv", "contrasts.csv")
    before = {name: (finished.study.root / name).read_bytes() for name in names}
    finished.study.aggregate()
    assert {name: (finished.study.root / name).read_bytes() for name in names} == before


def test_failures_counts_those_of_every_run(finished, tmp_path):
    found = finished.study.failures(tmp_path / "failures.csv").set_index(["method", "seed", "failure"]).sort_index()
    assert len(found) == 7 * len(finished.records)
    for one, record in finished.records.items():
        rows = found.loc[(one.method, one.seed)]
        n_texts = record["counts"]["predictions"]
        assert rows.loc["empty", "summaries"] == n_texts and rows.loc["empty", "count"] >= record["counts"]["empty_predictions"]
        cut_off = record["generation"] and record["generation"]["cut_off"]
        assert (rows.loc["cut_off", "summaries"], rows.loc["cut_off", "count"]) == (
            (0, 0) if cut_off is None else (n_texts, cut_off)
        )
    assert found.loc[("lead", 0, "copied"), "share"] == 1 and found.loc[("human", 0, "copied"), "share"] == 0
    assert any(record["generation"] and record["generation"]["cut_off"] for record in finished.records.values())
    finished.study.failures(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "failures.csv").read_bytes()


def test_plan_writes_a_page_a_table_and_a_picture_in_two_formats_and_the_same_bytes_again(finished, tmp_path):
    made = finished.study.plan(tmp_path / "one")
    assert made.page.startswith(b"# Plan: what `tiny` would need\n")
    table = pd.read_csv(tmp_path / "one" / "plan.table")
    assert set(table["method"]) == {"lora"}
    assert {2, 5, 10} <= set(table["n_dialogues"])
    assert made.png.startswith(b"\x89PNG")
    assert made.svg.rstrip().endswith(b"</svg>")
    assert finished.study.plan(tmp_path / "two") == made


def test_report_writes_the_page_and_its_pictures_beside_the_tables(finished, tmp_path):
    made = finished.study
    folder = tmp_path / "study"
    shutil.copytree(made.root, folder)
    shutil.copyfile(made.root / "results", folder / "results.csv")
    (folder / "data").mkdir(exist_ok=True)
    shutil.copyfile(made.prepared.test, folder / "data/test.jsonl")
    params = {
        "runs": [[one.method, one.seed] for one in study.study_runs(made.config)],
        "deterministic": ["zero_shot", "lead", "human"],
        "config": report_config(made.config),
    }
    run("report", job_of(Files(), Files(page=str(folder / "report.html")), params))
    assert "tiny" in (folder / "report.html").read_text(encoding="utf-8")
    pictures = {path.stem for path in (folder / "figures").glob("*.svg")}
    assert pictures and pictures == {path.stem for path in (folder / "figures").glob("*.png")}


def test_people_judge_sheets_and_what_they_save_becomes_tables_and_a_page(finished, tmp_path):
    made, rated = finished.study, [one for one in finished.records if one.method in ("full", "lora")]
    places = [made.folder(one.method, one.seed) for one in rated]
    predictions, scores = ([str(place / name) for place in places] for name in ("predictions.jsonl", "scores.csv"))
    settings = SETTINGS | {"dialogues": 4, "methods": ["full", "lora"]}
    outputs = Files(key=str(tmp_path / "key.json"), sheets=[str(tmp_path / f"{rater}.html") for rater in settings["raters"]])
    params = {"runs": [(one.method, one.seed) for one in rated], "settings": settings, "metric": "rouge1", "ceilings": []}
    run("human_sheets", job_of(Files(test=made.prepared.test, predictions=predictions, scores=scores), outputs, params))
    for sheet in outputs.sheets:
        text = Path(sheet).read_text(encoding="utf-8")
        assert "relevance" in text and "lora" not in text
    people = People({"full": 4.0, "lora": 2.0})
    key = read_json(outputs.key)
    exports = write(tmp_path / "ratings", *(people.export(key, rater) for rater in key["sheets"]))
    names = {"ratings": "ratings.csv", "preferences": "preferences.csv", "estimates": "estimates.csv", "summary": "summary.json"}
    found = Files(**{name: str(tmp_path / file) for name, file in names.items()}, page=str(tmp_path / "human.md"))
    params = {
        "study": "tiny",
        "runs": [f"{one.method}/seed-{one.seed}" for one in rated],
        "key": outputs.key,
        "settings": {"allow_partial": False, "n_bootstrap": 50},
    }
    inputs = Files(exports=list(map(str, exports)), contrasts=str(made.root / "contrasts.csv"), predictions=predictions)
    run("human_results", job_of(inputs, found, params))
    assert len(pd.read_csv(found.ratings)) == 3 * 4 * 2 * 3
    assert read_json(found.summary)["methods"] == ["full", "lora"]
    assert "| full" in Path(found.page).read_text(encoding="utf-8")


def test_compare_refuses_runs_that_were_scored_on_other_dialogues(finished, tmp_path):
    for one in finished.records:
        source = finished.study.folder(one.method, one.seed) / "scores.csv"
        folder = tmp_path / one.method / f"seed-{one.seed}"
        folder.mkdir(parents=True)
        (folder / "scores.csv").write_bytes(source.read_bytes())
    bad = tmp_path / "lora" / "seed-2" / "scores.csv"
    pd.read_csv(bad).iloc[1:].to_csv(bad, index=False)
    with pytest.raises(InputError, match=r"lora/seed-2/scores\.csv: its dialogues are not those of"):
        finished.study.compare(tmp_path)
    assert not (tmp_path / "estimates.csv").exists()


def score_job(prepared, folder: Path):
    """A job that scores the predictions in `folder`, and its outputs."""
    inputs = Files(predictions=str(folder / "predictions.jsonl"), test=prepared.prepared.test, audit=prepared.prepared.audit)
    outputs = Files(record=str(folder / "rouge.json"), scores=str(folder / "scores.csv"))
    params = {
        "study": "tiny",
        "seeded": False,
        "method": {"kind": "zero_shot"},
        "scoring": SCORING,
        "task": TASK,
        "code_digests": {},
    }
    return job_of(inputs, outputs, params, method="zero_shot", seed="0"), outputs


def test_score_refuses_predictions_for_other_dialogues(prepared, tmp_path):
    rows = read_json_lines(Path(prepared.prepared.test))[1:]
    write_json_lines(tmp_path / "predictions.jsonl", [{"id": row["id"], "prediction": "x"} for row in rows])
    job, outputs = score_job(prepared, tmp_path)
    with pytest.raises(ValueError, match="not those of the test set"):
        run("score", job)
    assert not Path(outputs.record).exists()


def test_score_counts_empty_predictions(prepared, tmp_path):
    rows = read_json_lines(Path(prepared.prepared.test))
    predictions = [{"id": row["id"], "prediction": "" if number < 2 else "A lamp."} for number, row in enumerate(rows)]
    write_json_lines(tmp_path / "predictions.jsonl", predictions)
    job, outputs = score_job(prepared, tmp_path)
    run("score", job)
    assert read_json(outputs.record)["counts"]["empty_predictions"] == 2


def test_a_training_that_diverges_leaves_no_model_behind(prepared, tmp_path):
    block = study.method_block(prepared.config, "full")
    block["train"] = block["train"] | {"learning_rate": 1e30}
    outputs = Files(model=str(tmp_path / "out" / "model"), record=str(tmp_path / "out" / "train.json"))
    params = {"study": "tiny", "method": block, "model": prepared.model, "cpu_threads": 1, "code": "a digest"}
    resources = {"checkpoint_folder": str(tmp_path / "checkpoints"), "checkpoint_seconds": 0}
    with pytest.raises(InputError, match="learning_rate"):
        run("train", job_of(Files(tokens=prepared.prepared.tokens), outputs, params, resources, method="full", seed="1"))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_train_and_generate_take_the_configs_number_of_threads(prepared, tmp_path, threads):
    block = study.method_block(prepared.config, "zero_shot")
    outputs = Files(predictions=str(tmp_path / "predictions.jsonl"), record=str(tmp_path / "generate.json"))
    params = {"method": block, "model": prepared.model, "cpu_threads": threads}
    torch.set_num_threads(3)
    run("generate", job_of(Files(tokens=prepared.prepared.tokens, trained=[]), outputs, params, method="zero_shot", seed="0"))
    assert torch.get_num_threads() == threads


def test_every_script_says_what_it_writes_and_runs_only_as_a_script():
    for path in SCRIPTS.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""')
        heavy = ", heavy=True" if path.stem in HEAVY else ""
        assert text.endswith(f'if __name__ == "__main__":\n    run_logged(main, snakemake{heavy})  # noqa: F821\n')


def test_the_warm_process_is_started_for_the_heavy_scripts():
    rules = (SCRIPTS.parent / "rules/common.smk").read_text(encoding="utf-8")
    [names] = re.findall(r"^HEAVY = (\(.*?\))$", rules, re.M | re.S)
    assert set(ast.literal_eval(names)) == HEAVY


@pytest.mark.parametrize("script", sorted(HEAVY))
def test_a_heavy_script_itself_loads_nothing_heavy_before_it_is_handed_over(script):
    code = f"import sys, {script}; print([name for name in ('torch', 'transformers', 'pandas', 'numpy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_aggregate_refuses_records_that_are_no_json(tmp_path):
    (tmp_path / "bad.json").write_text('{"study": ')
    outputs = Files(**{name: str(tmp_path / name) for name in ("results", "summary", "page", "verdict", "latex")})
    inputs = Files(records=[str(tmp_path / "bad.json")], estimates=str(tmp_path / "none"), contrasts=str(tmp_path / "none"))
    with pytest.raises(json.JSONDecodeError):
        run("aggregate", job_of(inputs, outputs, {"config": {}}))
    assert not Path(outputs.results).exists()
