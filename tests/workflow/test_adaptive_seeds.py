"""Seeds that are added until the questions are settled, in the workflow itself: two systems' summaries of ever more seeds."""

from __future__ import annotations

import json
import random
import shutil

import pytest
from project import Project

STUDY = "results/quickstart"
QUESTIONS = [
    {"contrast": ["short", "long"], "question": "superiority"},
    {"contrast": ["twin", "short"], "question": "noninferiority"},
]
# Of two systems' summaries, how many words of a dialogue they take.
WORDS = {"short": (4, 12), "long": (8, 30), "twin": (4, 12)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A study whose first question is answered soon, and whose second never is. Of seeds 1 to 4 there are summaries."""
    project = Project(tmp_path_factory.mktemp("adaptive") / "project")

    def edit(config):
        config["data"] |= {"max_train_samples": 8, "max_validation_samples": 8}
        config["seeds"] = {"until": "settled", "min": 2, "max": 6, "step": 2, "spending": "pocock"}
        config["comparison"] |= {"margin": 0.05, "questions": QUESTIONS}
        config["methods"] = {name: {"kind": "predictions", "file": f"{name}-{{seed}}.jsonl"} for name in WORDS}
        config["methods"]["lead"] = {"kind": "baseline", "baseline": "lead", "n": 2}
        config["compare"] = list(config["methods"])

    project.edit_config(edit)
    write_summaries(project, range(1, 5))
    return project


def write_summaries(project: Project, seeds, salt: str = "") -> None:
    lines = (project.folder / "resources/quickstart/test.jsonl").read_text(encoding="utf-8").splitlines()
    for name, (fewest, most) in WORDS.items():
        for seed in seeds:
            draw = random.Random(f"{salt}{name}{seed}")
            rows = []
            for record in map(json.loads, lines):
                words = record["dialogue"].split()
                rows.append({"id": record["fname"], "prediction": " ".join(words[: draw.randint(fewest, most)])})
            text = "".join(json.dumps(row) + "\n" for row in rows)
            (project.folder / f"{name}-{seed}.jsonl").write_text(text, encoding="utf-8")


def look(project: Project, number: int) -> dict:
    return json.loads((project.folder / STUDY / f"looks/look-{number}.json").read_text(encoding="utf-8"))


def ledger(project: Project) -> list[dict]:
    lines = (project.folder / STUDY / "looks/ledger.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


def verdict(project: Project) -> str:
    return (project.folder / STUDY / "verdict.md").read_text(encoding="utf-8")


def test_a_dry_run_plans_up_to_the_first_look(project: Project):
    planned = project.planned_jobs()
    assert (planned["look"], planned["predictions"]) == (1, 6)


def test_a_plan_takes_two_seeds_and_no_look(project: Project):
    planned = project.planned_jobs("plan")
    assert (planned["predictions"], planned["score"], planned["plan"]) == (6, 7, 1)
    assert not {"look", "compare"}.intersection(planned)
    project.snakemake("plan", "--cores", "4")
    page = (project.folder / STUDY / "plan.md").read_text(encoding="utf-8")
    assert "## short against long" in page and "that costs, cautious" in page
    assert "all methods have 6 seeds, for" in page
    assert not (project.folder / STUDY / "looks").exists()


def test_a_study_that_cannot_go_on_has_taken_its_looks_and_says_what_is_missing(project: Project):
    done = project.snakemake("--cores", "4", check=False)
    assert done.returncode != 0
    assert "-5.jsonl" in done.stdout
    assert [entry["number"] for entry in ledger(project)] == [1, 2]
    first, second = look(project, 1), look(project, 2)
    assert first["questions"][1]["answer"] is None
    # The twin and the short one go on; what is long needs no more once it is known to be another.
    assert second["next"]["twin"] == 6
    assert second["questions"][0]["answer"] is not None and second["next"]["long"] < 6
    assert not (project.folder / STUDY / "verdict.md").exists()


def test_it_goes_on_with_the_next_look_and_ends_at_the_maximum(project: Project):
    write_summaries(project, (5, 6))
    before = ledger(project)
    project.snakemake("--cores", "4")
    assert ledger(project)[:2] == before
    assert [entry["number"] for entry in ledger(project)] == [1, 2, 3]
    last = look(project, 3)
    assert (last["stopped"], last["next"], last["not_counted"]) == ("the maximum is reached", None, 0)
    assert "3 looks of at most 3 were taken, and 5.00 of the 5 % of error spent" in verdict(project)
    assert project.planned_jobs() == {}
    rows = (project.folder / STUDY / "results.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + sum(last["seeds"].values()) + 1


def test_seeds_that_are_deleted_and_come_out_the_same_are_no_new_look(project: Project):
    before, said = ledger(project), verdict(project)
    shutil.rmtree(project.folder / STUDY / "twin/seed-1")
    project.snakemake("--cores", "4")
    assert ledger(project) == before
    assert verdict(project) == said


def test_seeds_that_come_out_otherwise_are_not_looked_at_for_free(project: Project):
    before = ledger(project)
    write_summaries(project, range(1, 7), salt="again ")
    project.snakemake("--cores", "4")
    after = ledger(project)
    assert after[: len(before)] == before
    assert len(after) > len(before) and not any(entry["counted"] for entry in after[len(before) :])
    newest = max(entry["number"] for entry in after[len(before) :])
    # What the first scores showed is no longer there, and on these nothing is left to spend.
    assert all(question["answer"] is None and question["p_looks"] == 1.0 for question in look(project, newest)["questions"])
    assert "taken once more, on other scores, with nothing left to spend" in verdict(project)


def test_another_question_after_the_first_look_is_refused_and_nothing_is_lost(project: Project):
    before = ledger(project)
    target = project.edit_config(lambda config: config["comparison"].update(margin=2.0), target="config/other.yaml")
    done = project.snakemake("--cores", "4", "--configfile", target, check=False)
    assert done.returncode != 0
    log = (project.folder / STUDY / "logs/look/1.log").read_text(encoding="utf-8")
    assert "comparison.margin = 2.0: was 0.05 at the first look" in log
    assert ledger(project) == before
    project.snakemake("--cores", "4")
    assert "The looks ended because" in verdict(project)
