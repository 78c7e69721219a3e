"""Where runs stand, from folders made up here: parity.run_states, parity.eta, and what make status prints of them."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import yaml
from project import ROOT
from rich.console import Console

from parity import config as study
from parity.eta import job_left, study_left
from parity.progress import DEAD_AFTER_SECONDS
from parity.run_states import RunState, other_jobs, run_states
from parity.status import asked_config, main, show
from parity.status_view import duration, read_study
from parity.watching import remember_config

NOW = 1_800_000_000.0
DEAD = 2**22 - 1


@pytest.fixture
def config(tmp_path, monkeypatch) -> dict:
    """The quick start's, in a folder of its own where nothing has run."""
    monkeypatch.chdir(tmp_path)
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    study.check_config(config, "config.yaml")
    return config


class Made:
    """A study's folder, as its jobs would have left it."""

    def __init__(self, config: dict):
        self.config, self.results = config, Path("results", config["name"])
        self.made = NOW - 5000

    def output(self, method: str, seed: int, name: str, made: float | None = None, **record) -> None:
        path = self.results / method / f"seed-{seed}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record), encoding="utf-8")
        self.made += 10
        os.utime(path, (made or self.made,) * 2)

    def trained(self, method: str, seed: int, **more) -> None:
        settings = study.method_block(self.config, method)["train"]
        self.output(method, seed, "train.json", settings=settings, **({"seconds_by_phase": {"train": 100.0}} | more))

    def generated(self, method: str, seed: int, **more) -> None:
        self.output(method, seed, "generate.json", **({"seconds_by_phase": {"generate": 10.0}} | more))

    def scored(self, method: str, seed: int, score: float = 40.0, **more) -> None:
        block = study.method_block(self.config, method)
        settings = {key: value for key, value in block.items() if key != "kind"} | more
        if block["kind"] in study.TRAINED_KINDS:
            self.trained(method, seed)
        if block["kind"] in study.GENERATING_KINDS:
            self.generated(method, seed)
        self.output(method, seed, "predictions.jsonl")
        self.output(method, seed, "rouge.json", metrics={"rouge1": score}, settings=settings)

    def job(self, folder: str, run: str, age: float = 1, **record) -> None:
        me = psutil.Process()
        known = {"rule": folder, "state": "running", "host": socket.gethostname(), "pid": me.pid, "created": me.create_time()}
        path = self.results / "logs" / folder / f"{run}.progress.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(known | {"started": NOW - 60, "slurm_job": None} | record), encoding="utf-8")
        os.utime(path, (NOW - age,) * 2)

    def run(self, method: str, seed: int) -> RunState:
        return next(run for run in self.all() if (run.method, run.seed) == (method, seed))

    def all(self) -> list[RunState]:
        return run_states(self.config, self.results, NOW)

    def text(self, width: int = 120, height: int | None = None) -> str:
        console = Console(file=io.StringIO(), width=width)
        console.print(read_study(self.config, NOW, height))
        return console.file.getvalue()


@pytest.fixture
def made(config) -> Made:
    return Made(config)


COURSE = {"phase": "train", "step": 30, "steps": 80, "epoch": 0.75, "epochs": 2, "loss": 0.6123, "first_step": 0}
COURSE |= {"first_step_at": NOW - 60, "changed": NOW}


def test_where_nothing_has_run_every_run_waits(made):
    assert {run.state for run in made.all()} == {"waiting"} and len(made.all()) == 10


def test_a_run_goes_through_its_stages(made):
    states = []

    def note():
        run = made.run("lora", 1)
        states.append((run.state, run.stage))

    made.job("train", "lora/seed-1", **COURSE)
    note()
    (made.results / "logs/train/lora/seed-1.progress.json").unlink()
    made.trained("lora", 1)
    note()
    made.job("generate", "lora/seed-1")
    note()
    (made.results / "logs/generate/lora/seed-1.progress.json").unlink()
    made.generated("lora", 1)
    note()
    made.scored("lora", 1)
    note()
    assert states == [("running", "train"), ("next", "generate"), ("running", "generate"), ("next", "score"), ("scored", None)]


def test_a_scored_run_has_its_score_and_says_if_the_settings_are_others_now(made):
    made.scored("full", 1, 40.25)
    assert (made.run("full", 1).score, made.run("full", 1).other_settings) == (40.25, False)
    made.scored("full", 2, train={"learning_rate": 1.0})
    assert made.run("full", 2).other_settings
    assert "scored 40.0 *" in made.text() and "made with other settings" in made.text()


def test_a_run_that_is_trained_anew_is_not_scored_by_what_the_last_training_left(made):
    made.scored("lora", 1)
    made.trained("lora", 1)
    assert (made.run("lora", 1).state, made.run("lora", 1).stage) == ("next", "generate")
    made.job("train", "lora/seed-1", started=NOW)
    assert made.run("lora", 1).state == "running"


def test_a_killed_job_of_this_machine_is_lost_at_once(made):
    made.job("train", "full/seed-1", pid=DEAD, **COURSE)
    run = made.run("full", 1)
    assert (run.state, run.stage) == ("lost", "train")
    assert "train is lost at step 30 of 80: killed on" in " ".join(made.text().split())


def test_a_process_id_that_was_used_again_is_another_process(made):
    made.job("train", "full/seed-1", created=12345.0)
    assert made.run("full", 1).state == "lost"


@pytest.mark.parametrize(("age", "state"), [(DEAD_AFTER_SECONDS - 1, "running"), (DEAD_AFTER_SECONDS + 1, "lost")])
def test_of_another_machines_job_the_heartbeat_tells(made, age, state):
    made.job("train", "full/seed-1", age=age, host="node7", pid=1, slurm_job="4711")
    assert made.run("full", 1).state == state
    assert "node7 (Slurm job 4711)" in made.text()


def test_a_failed_job_shows_its_reason_and_its_log(made):
    made.job("generate", "full/seed-2", state="failed", ended=NOW, reason="RuntimeError: no memory")
    assert (made.run("full", 2).state, made.run("full", 2).left) == ("failed", ("generate", "score"))
    text = " ".join(made.text().split())
    assert (
        "full seed 2: generate failed" in text
        and "RuntimeError: no memory. Log: results/quickstart/logs/generate/full/seed-2.log" in text
    )
    assert "0 of 10 runs scored, 1 failed, 9 waiting" in text


def test_an_interrupted_training_shows_the_checkpoint_that_it_goes_on_from(made):
    for step in (20, 40):
        Path(f"elsewhere/checkpoint-{step}").mkdir(parents=True)
    made.job("train", "lora/seed-3", state="interrupted", ended=NOW, reason="SIGTERM at step 40", checkpoint_folder="elsewhere")
    run = made.run("lora", 3)
    assert (run.state, run.checkpoint) == ("interrupted", 40)
    made.job("train", "lora/seed-3", pid=DEAD, checkpoint_folder="elsewhere", **COURSE)
    assert "A checkpoint of step 40 is there." in " ".join(made.text().split())


def test_what_a_killed_job_left_beside_its_finished_output_is_nothing(made):
    made.job("train", "lora/seed-1", state="failed", started=NOW - 9000)
    made.scored("lora", 1)
    assert made.run("lora", 1).state == "scored"


def test_jobs_of_no_run_are_shown_and_those_of_forgotten_runs_are_not(made):
    made.job(".", "prepare", rule="prepare")
    made.job("check_method", "full-train-0123", rule="check_method", state="failed", reason="no room", ended=NOW)
    made.job("train", "gone/seed-1")
    assert {(job.rule, job.state) for job in other_jobs(made.config, made.results, NOW)} == {
        ("prepare", "running"),
        ("check_method", "failed"),
    }


def test_results_that_the_config_does_not_name_are_said(made):
    made.scored("lora", 1)
    made.output("lora", 9, "rouge.json")
    assert "Results of runs that the config does not name: lora seed 9." in made.text()


def test_a_job_takes_as_long_as_its_steps_say(made):
    made.job("train", "full/seed-1", **COURSE)
    job = made.run("full", 1).job
    assert job_left(job, NOW) == pytest.approx(60 / 30 * 50)
    assert job_left(job, NOW + 30) == pytest.approx(100 - 30)
    # After a checkpoint, the steps before it were another attempt's.
    made.job("train", "full/seed-1", **COURSE | {"first_step": 20})
    assert job_left(made.run("full", 1).job, NOW) == pytest.approx(60 / 10 * 50)
    made.job("train", "full/seed-1", **COURSE | {"step": 0})
    assert job_left(made.run("full", 1).job, NOW) is None


def test_the_studys_time_is_that_of_its_runs_shared_by_what_runs_at_a_time(made):
    made.scored("full", 1)
    made.scored("lora", 1)
    made.scored("zero_shot", 0)
    made.job("train", "full/seed-2", **COURSE)
    left = study_left(made.all(), NOW)
    # full: 2 with 100 s of its training and 10 s of summaries, 3 with all of both; lora: 2 and 3.
    assert left.seconds == pytest.approx(110 + 110 + 2 * 110) and left.unknown == 0
    made.job("train", "lora/seed-2", **COURSE)
    assert study_left(made.all(), NOW).seconds == pytest.approx(440 / 2)


def test_what_is_not_known_is_said_and_not_guessed(made):
    made.job("train", "full/seed-1", **COURSE)
    left = study_left(made.all(), NOW)
    # Nobody knows how long summaries take, and nobody how LoRA trains. Floors take no time.
    assert left.unknown == 7
    assert "No estimate yet for 7 of them" in made.text()
    (made.results / "logs/train/full/seed-1.progress.json").unlink()
    assert study_left(made.all(), NOW).seconds is None


def test_the_grid_shows_methods_by_seeds_and_the_course_of_what_runs(made):
    made.scored("full", 1, 40.25)
    made.job("train", "lora/seed-2", **COURSE)
    lines = made.text().splitlines()
    assert lines[3].split() == ["method", "no", "seed", "seed", "1", "seed", "2", "seed", "3"]
    assert [line.split() for line in lines if line.startswith("full ")] == [["full", "scored", "40.2", "waiting", "waiting"]]
    assert "train 38 %" in made.text()
    [row] = [line for line in lines if line.startswith("lora seed 2")]
    for part in ("0.75/2", "30/80", "0.612", "1 min 40 s"):
        assert part in row


def test_a_job_that_stands_still_is_said_to(made):
    made.job("train", "lora/seed-2", **COURSE | {"changed": NOW - 1000})
    assert "still for 16 min 40 s" in made.text()


def test_many_seeds_become_a_letter_each_and_nothing_is_wider_than_the_terminal(made):
    made.config["seeds"] = list(range(1, 31))
    made.scored("full", 2)
    text = made.text(width=60)
    assert ".S" + "." * 28 in text
    assert max(map(len, text.splitlines())) <= 60


def test_a_low_terminal_is_not_overrun_and_trouble_comes_first(made):
    made.config["seeds"] = list(range(1, 31))
    for seed in range(1, 25):
        made.job("train", f"full/seed-{seed}", **COURSE)
    made.job("train", "lora/seed-1", state="failed", ended=NOW, reason="a bug")
    text = made.text(width=140, height=24)
    assert len(text.splitlines()) <= 24
    assert "a bug" in text and "more that run" in text


def test_a_study_that_has_not_begun_is_said_to_have_not(config, capsys):
    console = Console(width=200)
    show(config, console)
    assert f"quickstart: nothing of it has run in {Path.cwd()} yet." in capsys.readouterr().out


def test_without_a_config_the_study_that_ran_last_is_shown(config):
    for number, name in enumerate(["one", "two"]):
        results = Path("results", name)
        remember_config(config | {"name": name, "seeds": [number]}, results)
        os.utime(results / "logs/config.json", (NOW + number,) * 2)
    assert asked_config(None)["seeds"] == [1]


@pytest.mark.parametrize(
    ("text", "problem"),
    [(None, "cannot be read"), ("a: [", "is no YAML"), ("- 1", "is no config of a study"), ("name: x\nseeds: []", "seeds")],
)
def test_a_config_that_is_none_is_refused_in_a_line(config, capsys, text, problem):
    if text is not None:
        Path("mine.yaml").write_text(text)
    assert main(["--configfile", "mine.yaml"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("mine.yaml: ") and problem in said and len(said.splitlines()) == 1


def test_looking_writes_nothing_and_loads_nothing_heavy(made):
    made.scored("full", 1)
    Path("config").mkdir()
    Path("config/config.yaml").write_text(yaml.safe_dump(made.config))
    before = sorted((path, path.stat().st_mtime_ns) for path in Path().rglob("*"))
    code = (
        "import sys; from parity.status import main; main([]); "
        "print([name for name in ('torch', 'transformers', 'pandas', 'numpy', 'snakemake') if name in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow/scripts"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "1 of 10 runs scored" in done.stdout and done.stdout.endswith("[]\n")
    assert sorted((path, path.stat().st_mtime_ns) for path in Path().rglob("*")) == before


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (3599, "59 min 59 s"), (3660, "1 h 1 min"), (90000, "1 d 1 h")]
)
def test_durations_have_two_units_at_most(seconds, said):
    assert duration(seconds) == said
