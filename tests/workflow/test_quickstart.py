"""The quick start from end to end: what it leaves behind, and what runs again after which edit."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
import yaml
from project import ROOT, Project
from rouge_score import rouge_scorer
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from parity.config import load_schema

METRICS = ("rouge1", "rouge2", "rougeL", "rougeLsum")
TRAINED = ("full", "lora")
SEEDS = (1, 2, 3)
PICTURE_NAMES = ("means", "contrasts", "seeds", "scores", "cost", "length", "curves")


def results(quickstart: Project) -> Path:
    return quickstart.folder / "results/quickstart"


def read_json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def listed(page: str, heading: str) -> set[str]:
    """The paths in the first column of a page's table whose first column is headed so."""
    rows = re.search(rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", (ROOT / page).read_text(encoding="utf-8"), re.M)[
        1
    ]
    return {path for row in rows.splitlines() for path in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_what_is_there_is_what_the_list_of_outputs_says(quickstart: Project):
    folder = results(quickstart)
    always, asked = listed("docs/OUTPUTS.md", "path"), listed("docs/OUTPUTS.md", "on demand")
    kept = {path.rstrip("/") for path in always if path.endswith("/")}
    found = set()
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        general = re.sub(r"^\w+/seed-\d+", "{method}/seed-{seed}", name)
        of_a_list = any(f"{general}/".startswith(f"{part}/") for part in kept) or name.split("/")[0] in {
            a.rstrip("/") for a in asked
        }
        if path.is_file() and not of_a_list:
            found.add(general)
    assert found == {path for path in always if not path.endswith("/")}
    for path in sorted(always | listed("README.md", "in `results/quickstart/`")):
        assert list(folder.glob(path.replace("{method}", "*").replace("{seed}", "*"))), path


def test_zero_shot_is_neither_nothing_nor_solved_and_training_gains_ten_points(quickstart: Project):
    summary = pd.read_csv(results(quickstart) / "summary.csv").set_index("method")
    assert 15 <= summary.loc["zero_shot", "rouge1_mean"] <= 40
    for method in TRAINED:
        assert summary.loc[method, "rouge1_mean"] >= summary.loc["zero_shot", "rouge1_mean"] + 10


def test_every_run_leaves_a_record_that_keeps_its_contract(quickstart: Project):
    runs = sorted(results(quickstart).glob("*/seed-*/rouge.json"))
    assert len(runs) == 10
    for path in runs:
        record = read_json(path)
        jsonschema.validate(record, load_schema("result"))
        assert (record["seed"] is None) == (record["method"] not in TRAINED)
        assert record["counts"]["dialogues"] == 150


def test_means_are_those_of_the_scores_of_every_dialogue(quickstart: Project):
    for path in results(quickstart).glob("*/seed-*/rouge.json"):
        scores = pd.read_csv(path.parent / "scores.csv")
        assert len(scores) == 150
        for name, value in read_json(path)["metrics"].items():
            assert scores[name].mean() == pytest.approx(value, abs=1e-9)


def test_scores_are_those_of_rouge_score(quickstart: Project):
    references = {row["id"]: row["references"] for row in read_lines(results(quickstart) / "data/test.jsonl")}
    run = results(quickstart) / "lora/seed-1"
    scores = pd.read_csv(run / "scores.csv").set_index("id")
    scorer = rouge_scorer.RougeScorer(METRICS, use_stemmer=True)
    for row in read_lines(run / "predictions.jsonl")[:20]:
        pairs = [scorer.score(reference, row["prediction"]) for reference in references[row["id"]]]
        for metric in METRICS:
            expected = [100 * pair[metric].fmeasure for pair in pairs]
            assert scores.loc[row["id"], metric] == pytest.approx(sum(expected) / len(expected), abs=1e-9)
            assert scores.loc[row["id"], f"{metric}_max"] == pytest.approx(max(expected), abs=1e-9)


def test_the_tables_hold_every_run_and_method(quickstart: Project):
    tidy = pd.read_csv(results(quickstart) / "results.csv")
    assert len(tidy) == 10
    summary = pd.read_csv(results(quickstart) / "summary.csv").set_index("method")
    assert list(summary.index) == ["zero_shot", "full", "lora", "lead", "longest", "human"]
    for method in TRAINED:
        values = [read_json(results(quickstart) / f"{method}/seed-{seed}/rouge.json")["metrics"]["rouge1"] for seed in SEEDS]
        assert summary.loc[method, "rouge1_mean"] == pytest.approx(pd.Series(values).mean())
        assert summary.loc[method, "rouge1_sd"] == pytest.approx(pd.Series(values).std(ddof=1))
    page = (results(quickstart) / "summary.md").read_text(encoding="utf-8")
    assert "deterministic" in page
    assert all(f"| {method} " in page for method in summary.index)


def test_the_tables_of_the_comparison_hold_every_method_pair_and_metric(quickstart: Project):
    estimates = pd.read_csv(results(quickstart) / "estimates.csv")
    contrasts = pd.read_csv(results(quickstart) / "contrasts.csv")
    assert len(estimates) == 6 * 8 and len(contrasts) == 15 * 8
    for table in (estimates, contrasts):
        assert (table["unit"] == "ROUGE F-measure in points, 0 to 100").all()
        assert (
            table["protocol"] == table["metric"].str.endswith("_max").map({False: "mean over references", True: "best reference"})
        ).all()
    confirmatory = contrasts[contrasts["family"] == "confirmatory"]
    assert confirmatory[["method", "reference", "metric"]].to_numpy().tolist() == [["lora", "full", "rouge1"]]
    assert (contrasts["low"] <= contrasts["difference"]).all() and (contrasts["difference"] <= contrasts["high"]).all()


def test_a_reader_traces_a_figure_to_its_dialogues_with_the_lines_of_the_docs(quickstart: Project):
    [lines] = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/STATISTICS.md").read_text(encoding="utf-8"), re.M | re.S)
    done = subprocess.run([sys.executable, "-c", lines], cwd=quickstart.folder, capture_output=True, text=True, check=True)
    contrasts = pd.read_csv(results(quickstart) / "contrasts.csv").set_index(["method", "reference", "metric"])
    found = contrasts.loc[("lora", "full", "rouge1"), ["difference", "se"]]
    assert [float(number) for number in done.stdout.split()] == pytest.approx(found.tolist(), rel=1e-9)


def test_the_pages_name_estimand_unit_and_protocol_and_answer_the_declared_question(quickstart: Project):
    for page in ("summary.md", "verdict.md"):
        text = (results(quickstart) / page).read_text(encoding="utf-8")
        for part in (
            "**Estimated:**",
            "ROUGE F-measures in points (0 to 100)",
            "mean over a dialogue's references",
            "Primary metric: ROUGE-1",
        ):
            assert part in text, page
    verdict = (results(quickstart) / "verdict.md").read_text(encoding="utf-8")
    assert "declared margin of 1.0 point" in verdict and re.search("`lora` (keeps|reaches) ", verdict)
    assert r"\toprule" in (results(quickstart) / "table.tex").read_text(encoding="utf-8")


def test_a_plan_is_made_on_demand(quickstart: Project):
    assert quickstart.planned_jobs("plan") == {"plan": 1}
    # As a user asks for it, with a study of theirs; the virtual environment is the one that runs this test.
    options = ["-o", ".venv/installed", f"BIN={Path(sys.executable).parent}", "CONFIG=config/config.yaml"]
    make = ["make", "-f", str(ROOT / "Makefile"), "plan", *options]
    subprocess.run(make, cwd=quickstart.folder, env=quickstart.environment(), check=True, capture_output=True)
    plan = pd.read_csv(results(quickstart) / "plan.csv")
    at_hand = plan[(plan["n_seeds"] == 3) & (plan["n_dialogues"] == 150) & (plan["assumption"] == "as estimated")]
    assert at_hand["smallest_detectable_difference"].between(0.1, 5).all() and len(at_hand) == 1
    assert "What it takes" in (results(quickstart) / "plan.md").read_text(encoding="utf-8")
    assert (results(quickstart) / "plan.png").read_bytes().startswith(b"\x89PNG")
    assert (results(quickstart) / "plan.svg").read_text(encoding="utf-8").rstrip().endswith("</svg>")


def make_report(quickstart: Project) -> subprocess.CompletedProcess:
    """make report, as a user asks for it."""
    options = ["-o", ".venv/installed", f"BIN={Path(sys.executable).parent}"]
    make = ["make", "-f", str(ROOT / "Makefile"), "report", *options]
    return subprocess.run(make, cwd=quickstart.folder, env=quickstart.environment(), capture_output=True, text=True)


def test_the_report_is_there_with_its_pictures_and_snakemakes_own(quickstart: Project):
    page = results(quickstart) / "report.html"
    whole = page.read_text(encoding="utf-8")
    verdict = (results(quickstart) / "verdict.md").read_text(encoding="utf-8")
    [headline] = re.findall(r"^- \*\*(.*)\*\*$", verdict, re.M)
    assert re.sub("`(.*?)`", r"<code>\1</code>", headline) in whole.replace("&#x27;", "'")
    assert whole.count("<svg") == 7
    figures = sorted(path.name for path in (results(quickstart) / "figures").iterdir())
    assert figures == sorted(f"{name}.{ending}" for name in PICTURE_NAMES for ending in ("png", "svg"))
    done = make_report(quickstart)
    assert done.returncode == 0, done.stdout + done.stderr
    own = (results(quickstart) / "snakemake-report.html").read_text(encoding="utf-8")
    for part in ("quality against cost", "the verdict as text", "every run", "Parity's study"):
        assert part in own
    assert "Nothing to be done" in quickstart.snakemake("--cores", "2").stdout


def test_a_report_asked_for_while_a_run_is_missing_shows_the_hole_and_is_no_finished_one(quickstart: Project):
    page, run = results(quickstart) / "report.html", results(quickstart) / "lora/seed-2"
    before = page.read_bytes()
    (run / "rouge.json").rename(run / "kept.json")
    try:
        done = make_report(quickstart)
        part = page.read_text(encoding="utf-8")
    finally:
        (run / "kept.json").rename(run / "rouge.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 runs of this study are here; 1 is missing." in part and "lora, seed 2" in part and "No verdict yet" in part
    assert "logs/score/lora/seed-2.log" in part and "1 of 10 runs are missing" in done.stdout
    assert quickstart.planned_jobs() == {"report": 1}
    quickstart.snakemake("--cores", "2")
    assert page.read_bytes() == before


def test_an_edited_style_makes_the_report_again_and_nothing_else(quickstart: Project):
    path = quickstart.folder / "workflow/report/page.css"
    original = path.read_text(encoding="utf-8")
    try:
        path.write_text(original + "p { margin: 0; }\n", encoding="utf-8")
        jobs = quickstart.planned_jobs()
    finally:
        path.write_text(original, encoding="utf-8")
    assert jobs == {"report": 1}


def test_runs_scored_on_other_dialogues_are_never_joined_and_the_remedy_of_the_message_works(quickstart: Project):
    table = results(quickstart) / "contrasts.csv"
    scores = results(quickstart) / "lora/seed-2/scores.csv"
    before, whole = table.read_bytes(), scores.read_bytes()
    lines = whole.splitlines(keepends=True)
    scores.write_bytes(b"".join(lines[:5] + lines[7:]))
    done = quickstart.snakemake("--cores", "1", check=False)
    assert done.returncode != 0
    missing = [line.split(b",")[0].decode() for line in lines[5:7]]
    for part in ("lora/seed-2/scores.csv", "zero_shot/seed-0/scores.csv", "it lacks 2 of them", *missing, "delete"):
        assert part in done.stdout
    assert not table.exists()
    scores.unlink()
    quickstart.snakemake("--cores", "2")
    assert scores.read_bytes() == whole and table.read_bytes() == before


def test_another_margin_runs_nothing_but_the_comparison(quickstart: Project):
    assert rerun_after(quickstart, lambda config: config["comparison"].update(margin=0.5)) == {
        "compare": 1,
        "aggregate": 1,
        "report": 1,
    }


def test_train_json_tells_the_course_and_the_cost(quickstart: Project):
    for method in TRAINED:
        record = read_json(results(quickstart) / f"{method}/seed-1/train.json")
        assert record["loss"][-1]["loss"] < record["loss"][0]["loss"]
        assert record["eval_loss"]
        assert record["steps"] == record["loss"][-1]["step"] == 2 * 320 / 8
        assert record["bytes_on_disk"] > 0 and record["peak_host_bytes"] > 0 and record["input_tokens"] > 0
        assert 0 < record["model_flops_utilisation"] < 1.5 and 0 < record["padding_share"] < 1
        assert set(record["seconds_by_phase"]) == {"start_up", "load", "train", "evaluate", "save"}
    full = read_json(results(quickstart) / "full/seed-1/train.json")
    lora = read_json(results(quickstart) / "lora/seed-1/train.json")
    assert full["trainable_percent"] == 100
    assert lora["trainable_percent"] < 5
    assert lora["bytes_on_disk"] < full["bytes_on_disk"] / 20


def test_a_full_run_leaves_a_model_that_anybody_can_load(quickstart: Project):
    folder = results(quickstart) / "full/seed-1/model"
    assert {"model.safetensors", "config.json", "generation_config.json", "tokenizer.json"} <= {p.name for p in folder.iterdir()}
    model = AutoModelForSeq2SeqLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    test = read_lines(results(quickstart) / "data/test.jsonl")[0]
    prompt = yaml.safe_load((quickstart.folder / "config/config.yaml").read_text(encoding="utf-8"))["prompt"]
    ids = tokenizer(prompt.replace("{dialogue}", test["dialogue"]), return_tensors="pt").input_ids
    summary = tokenizer.decode(model.generate(ids, max_new_tokens=128)[0], skip_special_tokens=True)
    assert summary.strip() == read_lines(results(quickstart) / "full/seed-1/predictions.jsonl")[0]["prediction"]


def test_the_audit_of_the_embedded_data_finds_no_duplicates(quickstart: Project):
    audit = read_json(results(quickstart) / "data/audit.json")
    assert all(part["dialogues"] == 0 for part in audit["near_duplicates"]["between"].values())
    assert all(part["surplus"] == 0 for part in audit["near_duplicates"]["within"].values())
    assert {split: part["loaded"] for split, part in audit["splits"].items()} == {"train": 1500, "validation": 150, "test": 150}


def test_a_second_run_does_nothing(quickstart: Project):
    assert "Nothing to be done" in quickstart.snakemake("--cores", "4").stdout


def rerun_after(quickstart: Project, edit) -> dict[str, int]:
    """What is planned after an edit of the config, which is undone."""
    path = quickstart.folder / "config/config.yaml"
    original = path.read_text(encoding="utf-8")
    try:
        quickstart.edit_config(edit)
        return quickstart.planned_jobs()
    finally:
        path.write_text(original, encoding="utf-8")


def test_another_seed_runs_that_seed_alone(quickstart: Project):
    jobs = rerun_after(quickstart, lambda config: config["seeds"].append(4))
    assert jobs == {"train": 2, "generate": 2, "score": 2, "compare": 1, "aggregate": 1, "failures": 1, "report": 1}


def test_another_learning_rate_of_lora_runs_lora_alone(quickstart: Project):
    jobs = rerun_after(quickstart, lambda config: config["methods"]["lora"]["train"].update(learning_rate=2.0e-3))
    assert jobs == {"train": 3, "generate": 3, "score": 3, "compare": 1, "aggregate": 1, "failures": 1, "report": 1}


def test_another_rank_of_lora_runs_lora_alone(quickstart: Project):
    jobs = rerun_after(quickstart, lambda config: config["methods"]["lora"]["peft"].update(r=4))
    assert jobs == {
        "check_method": 2,
        "train": 3,
        "generate": 3,
        "score": 3,
        "compare": 1,
        "aggregate": 1,
        "failures": 1,
        "report": 1,
    }


def test_other_decoding_of_zero_shot_generates_for_it_alone(quickstart: Project):
    jobs = rerun_after(quickstart, lambda config: config["methods"]["zero_shot"].update(generation={"num_beams": 2}))
    assert jobs == {"check_method": 1, "generate": 1, "score": 1, "compare": 1, "aggregate": 1, "failures": 1, "report": 1}


def test_another_scoring_backend_scores_again_and_does_nothing_before(quickstart: Project):
    jobs = rerun_after(quickstart, lambda config: config["scoring"].update(backend="rouge_score_rs"))
    assert jobs == {"score": 10, "compare": 1, "aggregate": 1, "report": 1}


def test_another_prompt_runs_everything(quickstart: Project):
    jobs = rerun_after(quickstart, lambda config: config.update(prompt="Sum up: {dialogue}"))
    assert jobs["prepare"] == 1 and jobs["train"] == 6 and jobs["generate"] == 7 and jobs["score"] == 10


@pytest.mark.parametrize(
    ("module", "old", "new", "stages"),
    [
        ("generation.py", "longest first", "LONGEST first", {}),
        (
            "generation.py",
            "use_cache=True",
            "use_cache=False",
            {"generate": 7, "score": 7, "compare": 1, "aggregate": 1, "failures": 1, "report": 1},
        ),
        ("wording.py", '"ROUGE-1"', '"R-1"', {"aggregate": 1, "report": 1}),
        ("bootstrap.py", "default_rng(seed)", "default_rng(seed + 1)", {"compare": 1, "aggregate": 1, "report": 1}),
    ],
    ids=["a comment", "code of a stage", "code of the pages", "code of the statistics"],
)
def test_an_edit_in_a_library_module_reruns_the_stages_that_use_it(quickstart: Project, module, old, new, stages):
    path = quickstart.folder / "workflow/scripts/parity" / module
    original = path.read_text(encoding="utf-8")
    assert old in original
    try:
        path.write_text(original.replace(old, new), encoding="utf-8")
        jobs = quickstart.planned_jobs()
    finally:
        path.write_text(original, encoding="utf-8")
    assert jobs == stages


def test_a_deleted_run_is_done_again_to_the_same_bytes(quickstart: Project):
    run = results(quickstart) / "lora/seed-2"
    kept = {name: (run / name).read_bytes() for name in ("predictions.jsonl", "scores.csv", "model/adapter_model.safetensors")}
    shutil.rmtree(run)
    # One core instead of four: how many jobs run at once must not matter either.
    quickstart.snakemake("--cores", "1", str((run / "rouge.json").relative_to(quickstart.folder)))
    for name, content in kept.items():
        assert (run / name).read_bytes() == content, name
