"""The graph that Snakemake plans for the shipped configs and profiles."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from project import ROOT, Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("graph") / "project")


def test_the_quick_start_runs_each_trained_method_once_a_seed_and_the_others_once(project: Project):
    assert project.planned_jobs() == {
        "prepare": 1,
        "check": 1,
        "train": 6,
        "generate": 7,
        "baseline": 3,
        "score": 10,
        "compare": 1,
        "aggregate": 1,
        "failures": 1,
        "report": 1,
    }


def test_the_study_fetches_model_and_data_once_and_runs_five_seeds(project: Project):
    assert project.planned_jobs("--configfile", "config/dialogsum.yaml") == {
        "fetch": 2,
        "prepare": 1,
        "check": 1,
        "train": 10,
        "generate": 11,
        "baseline": 3,
        "score": 14,
        "compare": 1,
        "aggregate": 1,
        "failures": 1,
        "report": 1,
    }


def test_a_config_file_of_its_own_takes_nothing_from_the_quick_start(project: Project):
    target = project.edit_config(lambda config: config.pop("seeds"), target="config/without_seeds.yaml")
    done = project.snakemake("-n", "--cores", "1", "--configfile", target, check=False)
    assert done.returncode != 0
    assert "config/without_seeds.yaml: the file lacks seeds" in done.stdout


def test_config_on_the_command_line_goes_before_the_file(project: Project):
    assert project.planned_jobs("--config", "seeds=[7]")["train"] == 2


# A dry run that prints how often it parsed a source file or read an estimate, and how many jobs it planned.
COUNTING = """
import ast, sys
from pathlib import Path
sys.path.insert(0, str(Path("workflow/scripts").absolute()))
from parity import memory_request
counts = {"parse": 0, "read_json": 0}
def counted(module, name):
    plain = getattr(module, name)
    def function(*arguments, **options):
        counts[name] += sys._getframe(1).f_globals["__name__"].startswith("parity")
        return plain(*arguments, **options)
    setattr(module, name, function)
counted(ast, "parse"), counted(memory_request, "read_json")
from snakemake.cli import main
try:
    main(["-n", "-q", "rules", "--cores", "1", "--configfile", sys.argv[1]])
finally:
    print("counted", counts["parse"], counts["read_json"])
"""


def test_a_dry_run_of_many_runs_reads_code_and_estimates_no_more_often_than_of_few(project: Project):
    counted = {}
    for n_seeds in (1, 12):

        def enlarge(config, n_seeds=n_seeds):
            config |= {"name": f"seeds-{n_seeds}", "seeds": list(range(n_seeds)), "compare": ["full", "lora"]}

        target = project.edit_config(enlarge, target=f"config/{n_seeds}.yaml")
        # Without a method's settings in it, the check sends each method to one of its own, which is not there.
        data = project.folder / f"results/seeds-{n_seeds}/data"
        data.mkdir(parents=True)
        (data / "check.json").write_text("{}", encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", COUNTING, target],
            cwd=project.folder,
            env=project.environment(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert f"train {2 * n_seeds}" in " ".join((done.stdout + done.stderr).split())
        counted[n_seeds] = [int(number) for number in done.stdout.split("counted ")[1].split()]
    assert counted[1] == counted[12]
    n_files = len(list((project.folder / "workflow/scripts").rglob("*.py")))
    assert 20 < counted[1][0] <= n_files and counted[1][1] == 1


def test_a_scoring_backend_that_is_not_installed_is_refused_before_any_job(project: Project):
    """As where the package is not installed: Python's import system then finds no such module."""
    options = ["-n", "--cores", "1", "--config", "scoring={backend: rouge_score_rs}"]
    code = f"import sys; sys.modules['rouge_score_rs'] = None; from snakemake.cli import main; main({options})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project.folder, env=project.environment(), capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "config/config.yaml: scoring.backend = rouge_score_rs: it is not installed" in done.stdout + done.stderr
    assert "pip install rouge-score-rs==" in done.stdout + done.stderr
    assert project.planned_jobs(*options[3:])["score"] == 10


def test_zero_shot_that_samples_runs_once_a_seed(project: Project):
    def sample(config):
        config["methods"]["zero_shot"]["generation"] = {"do_sample": True}

    target = project.edit_config(sample, target="config/sampled.yaml")
    assert project.planned_jobs("--configfile", target)["generate"] == 9


def test_outside_predictions_run_once_a_file(project: Project):
    for seed in (4, 5):
        (project.folder / f"theirs-{seed}.jsonl").write_text("{}", encoding="utf-8")

    def add(config):
        config["compare"] = ["theirs"]
        config["methods"]["theirs"] = {"kind": "predictions", "file": "theirs-{seed}.jsonl", "seeds": [4, 5]}

    target = project.edit_config(add, target="config/outside.yaml")
    assert project.planned_jobs("--configfile", target) == {
        "prepare": 1,
        "check": 1,
        "predictions": 2,
        "score": 2,
        "compare": 1,
        "aggregate": 1,
        "failures": 1,
        "report": 1,
    }


def test_people_are_asked_only_where_somebody_asks_for_it(project: Project):
    planned = project.planned_jobs("human_sheets")
    assert planned["human_sheets"] == 1 and planned["score"] == 7 and "compare" not in planned
    ratings = project.folder / "results/quickstart/human-evaluation/ratings"
    ratings.mkdir(parents=True)
    try:
        assert "human_results" not in project.planned_jobs()
        (ratings / "ada.json").write_text("{}", encoding="utf-8")
        planned = project.planned_jobs()
        assert planned["human_results"] == 1 and "human_sheets" not in planned
    finally:
        shutil.rmtree(ratings.parent)


def test_a_ceiling_among_the_judged_methods_is_one_of_the_runs(project: Project):
    target = project.edit_config(
        lambda config: config.update(human_evaluation={"methods": ["full", "human"]}), target="config/ceiling.yaml"
    )
    planned = project.planned_jobs("--configfile", target, "--", "human_sheets")
    assert planned["score"] == 4 and planned["baseline"] == 1


def test_rule_script_log_and_benchmark_share_one_name():
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for block in path.read_text(encoding="utf-8").split("\nrule ")[1:]:
            name = block.split(":")[0]
            assert f"../scripts/{name}.py" in block
            # Whoever looks for a seed's training finds it where that of a seed alone is.
            known_as = "train" if name in ("gang", "take_from_gang") else name
            assert f"logs/{known_as}" in block
            assert name == "fetch" or f"benchmarks/{name}" in block or f"benchmarks/{known_as}" in block
