"""A training that is cut, anywhere and by whatever, and goes on: the same bytes and numbers as one that was not."""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.forkserver
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import torch
from datasets import DatasetDict, load_from_disk
from patience import PATIENCE_SECONDS
from test_scripts import Files, job_of
from test_scripts import run as run_main
from test_training import BLOCKS, DEFAULTS, RATES, WEIGHTS, load_saved, summaries_of
from transformers import TrainerCallback

from parity import resumable, training
from parity.checkpoints import Checkpoints, step_of
from parity.errors import InputError, Interrupted
from parity.job import run_logged
from parity.resumable import ResumableTrainer
from parity.tokens import load_tokenizer
from parity.training import run_key, train_run

METHODS = ("full", "LORA", "QLORA", "DORA", "IA3", "PREFIX_TUNING")
# Three epochs of three steps; a loss is logged after every second step, so that its sum is cut too.
TRAIN = DEFAULTS | {"batch_size": 4, "num_train_epochs": 3, "logging_steps": 2, "eval_batch_size": 2}
VARIANTS = {
    "plain": {},
    "adafactor": {"optim": "adafactor", "lr_scheduler_type": "cosine", "warmup_steps": 3, "max_steps": 8, "weight_decay": 0.1},
    "unlogged": {"logging_steps": 1000, "lr_scheduler_type": "cosine_with_restarts"},
}
# So short that a checkpoint is written after every step.
ALWAYS = 1e-9


@dataclass
class Cut:
    """Sends `signals` to its own process at an event of the Trainer's callbacks, after `step` steps."""

    event: str
    step: int
    signals: tuple = (signal.SIGTERM,)


# By what they cut: where the signal comes, and the step after which the run goes on.
CUTS = {
    "in the first step": (Cut("on_pre_optimizer_step", 0), 1),
    "before a step that is logged": (Cut("on_pre_optimizer_step", 3), 4),
    "before a step that is not": (Cut("on_pre_optimizer_step", 4), 5),
    "in an epoch's last step": (Cut("on_pre_optimizer_step", 2), 3),
    "in an epoch's evaluation": (Cut("on_prediction_step", 3), 3),
    "when an epoch is evaluated": (Cut("on_evaluate", 6), 6),
    "in the last step": (Cut("on_pre_optimizer_step", 8), 9),
    "in the last evaluation": (Cut("on_prediction_step", 9), 9),
    "by Ctrl-C": (Cut("on_pre_optimizer_step", 6, (signal.SIGINT,)), 7),
}


class Cutter(TrainerCallback):
    """Sends the signals of the first of `cuts` once its time has come."""

    def __init__(self, cuts: list[Cut]):
        self.cuts = cuts
        for event in ("on_step_begin", "on_pre_optimizer_step", "on_step_end", "on_prediction_step", "on_evaluate"):
            setattr(self, event, lambda args, state, control, event=event, **_: self.reached(event, state.global_step))

    def reached(self, event: str, step: int) -> None:
        if self.cuts and (self.cuts[0].event, self.cuts[0].step) == (event, step):
            for each in self.cuts.pop(0).signals:
                os.kill(os.getpid(), each)


def with_cuts(*cuts: Cut) -> Callable:
    """The trainer with a Cutter among its callbacks."""

    def trainer(callbacks, **arguments):
        return ResumableTrainer(callbacks=[*callbacks, Cutter(list(cuts))], **arguments)

    return trainer


@dataclass(eq=False)
class Run:
    """One run in a folder, that can be started again and again."""

    root: Path
    name: str
    variant: str
    model: str
    data: DatasetDict

    @property
    def block(self) -> dict:
        rate = {"learning_rate": RATES.get(self.name, 0.02)}
        return BLOCKS[self.name] | {"train": TRAIN | rate | VARIANTS[self.variant]}

    @property
    def checkpoints(self) -> Checkpoints:
        return Checkpoints(str(self.root / "checkpoints"), "study", self.name, 1, self.variant)

    @property
    def out(self) -> Path:
        return self.root / "out"

    def start(self, *cuts: Cut, seconds: float = 0) -> dict:
        """Train, and be cut at the first of `cuts`; the record."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(training, "ResumableTrainer", with_cuts(*cuts))
            tokenizer = load_tokenizer(self.model)
            return train_run(self.name, 1, self.block, self.model, tokenizer, self.data, self.out, self.checkpoints, seconds)

    def cut(self, cut: Cut, seconds: float = 0) -> str:
        """Train until a signal ends it; what it says then."""
        with pytest.raises(Interrupted) as error:
            self.start(cut, seconds=seconds)
        assert not self.out.exists()
        return str(error.value)

    def results(self, record: dict) -> dict:
        """All of a run that chance or a cut could change."""
        learnt = {key: record[key] for key in ("loss", "eval_loss", "steps", "token_sums", "padding_share")}
        return learnt | {"weights": (self.out / WEIGHTS[self.name]).read_bytes()}


@pytest.fixture(autouse=True)
def ctrl_c_is_heard():
    """A shell that runs the tests in the background lets them ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run_of(tiny_model, tokens, tmp_path):
    def make(name="LORA", variant="plain", folder="run"):
        return Run(tmp_path / folder, name, variant, tiny_model, tokens)

    return make


@pytest.fixture(scope="module")
def uncut(tiny_model, tokens, tmp_path_factory):
    """The results of a run that nothing disturbed."""
    done = {}

    def results(name="LORA", variant="plain"):
        if (name, variant) not in done:
            run = Run(tmp_path_factory.mktemp("uncut"), name, variant, tiny_model, tokens)
            record = run.start()
            assert record["resumed"] == []
            assert not list(run.checkpoints.folder.iterdir())
            done[name, variant] = run.results(record)
        return done[name, variant]

    return results


def test_the_runs_hold_the_chance_and_the_sums_that_a_cut_could_lose(tiny_model, uncut):
    assert json.loads(Path(tiny_model, "config.json").read_text())["dropout_rate"] > 0
    assert [point["step"] for point in uncut()["loss"]] == [2, 4, 6, 8]
    assert [point["step"] for point in uncut()["eval_loss"]] == [3, 6, 9]
    rates = [point["learning_rate"] for point in uncut(variant="adafactor")["loss"]]
    assert len(set(rates)) == len(rates) == 4
    assert [point["step"] for point in uncut(variant="adafactor")["eval_loss"]] == [3, 6, 8]


@pytest.mark.parametrize("cut", CUTS)
def test_a_run_goes_on_as_if_it_had_not_been_cut(run_of, uncut, cut):
    run = run_of("full")
    where, step = CUTS[cut]
    said = run.cut(where)
    path = run.checkpoints.folder / f"checkpoint-{step}"
    assert said == (
        f"{where.signals[0].name} at step {step} of 9. The next attempt goes on from the checkpoint of step {step}: {path}"
    )
    record = run.start()
    assert record["resumed"] == [{"step": step}]
    assert run.results(record) == uncut("full")


@pytest.mark.parametrize(
    ("name", "variant"),
    [*((name, "plain") for name in METHODS), ("full", "adafactor"), ("DORA", "adafactor"), ("LORA", "unlogged")],
)
def test_a_run_that_is_cut_again_and_again_ends_the_same(run_of, uncut, name, variant):
    run = run_of(name, variant)
    last = 8 if variant == "adafactor" else 9
    cuts = [
        (Cut("on_pre_optimizer_step", 0), 1),
        (Cut("on_prediction_step", 3), 3),
        # In the evaluation that is made up for, before the first step of this attempt.
        (Cut("on_prediction_step", 3), 3),
        (Cut("on_pre_optimizer_step", 4), 5),
        (Cut("on_pre_optimizer_step", last - 1), last),
        (Cut("on_prediction_step", last), last),
    ]
    for cut, step in cuts:
        assert f"at step {step} of {last}" in run.cut(cut)
    record = run.start()
    assert record["resumed"] == [{"step": step} for _, step in cuts]
    assert run.results(record) == uncut(name, variant)


@pytest.mark.parametrize("name", ["full", "PREFIX_TUNING"])
def test_the_summaries_are_the_same(run_of, name, tiny_model, tokens):
    texts = []
    for cut in (None, Cut("on_pre_optimizer_step", 4)):
        run = run_of(name, folder=f"run {cut}")
        if cut:
            run.cut(cut)
        run.start()
        texts.append(summaries_of(load_saved(name, tiny_model, run.out), tiny_model, tokens))
    assert texts[0] == texts[1]


def test_checkpoints_in_between_change_nothing_and_two_are_kept(run_of, uncut):
    run = run_of("full")
    record = run.start(seconds=ALWAYS)
    assert record["resumed"] == []
    assert run.results(record) == uncut("full")
    assert sorted(step_of(path) for path in run.checkpoints.folder.iterdir()) == [8, 9]


def test_a_signal_after_the_last_evaluation_ends_nothing(run_of, uncut):
    run = run_of()
    record = run.start(Cut("on_evaluate", 9))
    assert run.results(record) == uncut()


def test_a_checkpoint_of_a_run_that_has_ended_is_evaluated_no_second_time(run_of, uncut):
    run = run_of(variant="adafactor")
    run.start(seconds=ALWAYS)
    shutil.rmtree(run.out)
    record = run.start()
    assert record["resumed"] == [{"step": 8}]
    assert run.results(record) == uncut(variant="adafactor")


def test_a_damaged_checkpoint_costs_the_steps_since_the_one_before(run_of, uncut, capfd):
    run = run_of("full")
    run.cut(Cut("on_pre_optimizer_step", 4), seconds=ALWAYS)
    weights = run.checkpoints.folder / "checkpoint-5" / resumable.WEIGHTS
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    record = run.start()
    assert record["resumed"] == [{"step": 4}]
    assert run.results(record) == uncut("full")
    assert "checkpoint-5 is damaged" in capfd.readouterr().out


def test_costs_are_those_of_all_attempts(run_of):
    run = run_of()
    run.cut(Cut("on_pre_optimizer_step", 4))
    path = run.checkpoints.newest()
    carried = json.loads((path / resumable.CARRIED).read_text())
    seconds = carried["costs"]["seconds_by_phase"]
    assert list(seconds) == ["start_up", "load", "train", "evaluate"]
    more = {phase: 10**6 * place + before for place, (phase, before) in enumerate(seconds.items(), 1)}
    carried["costs"] |= {"seconds_by_phase": more, "peak_host_bytes": 10**15, "gpu_hours": 7.0}
    content = {file.name: file.read_bytes() for file in path.iterdir() if file.name != "manifest.json"}
    content[resumable.CARRIED] = json.dumps(carried).encode()
    run.checkpoints.write(5, lambda folder: [(folder / name).write_bytes(text) for name, text in content.items()])
    record = run.start()
    assert [spent // 10**6 for spent in record["seconds_by_phase"].values()] == [1, 2, 3, 4, 0]
    assert all(record["seconds_by_phase"][phase] > spent for phase, spent in more.items())
    assert (record["peak_host_bytes"], record["gpu_hours"]) == (10**15, 7.0)


def test_more_signals_while_the_checkpoint_is_written_change_nothing(run_of, uncut, monkeypatch):
    original = ResumableTrainer._save_optimizer_and_scheduler

    def disturbed(trainer, folder):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        original(trainer, folder)

    run = run_of("full")
    monkeypatch.setattr(ResumableTrainer, "_save_optimizer_and_scheduler", disturbed)
    assert "SIGINT at step 5 of 9" in run.cut(Cut("on_pre_optimizer_step", 4, (signal.SIGINT,)))
    monkeypatch.undo()
    record = run.start()
    assert record["resumed"] == [{"step": 5}]
    assert run.results(record) == uncut("full")


def test_a_signal_while_a_periodic_checkpoint_is_written_ends_the_run_with_that_one(run_of, uncut, monkeypatch):
    original = ResumableTrainer._save_optimizer_and_scheduler

    def disturbed(trainer, folder):
        if trainer.state.global_step == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        original(trainer, folder)

    run = run_of()
    with monkeypatch.context() as patch:
        patch.setattr(ResumableTrainer, "_save_optimizer_and_scheduler", disturbed)
        with pytest.raises(Interrupted, match="SIGTERM at step 4 of 9"):
            run.start(seconds=ALWAYS)
    assert run.results(run.start()) == uncut()


def test_the_handlers_are_put_back(run_of):
    wanted = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(each) for each in wanted]
    run = run_of()
    run.cut(Cut("on_pre_optimizer_step", 0))
    assert [signal.getsignal(each) for each in wanted] == before
    run.start()
    assert [signal.getsignal(each) for each in wanted] == before


def test_an_ignored_ctrl_c_stays_ignored(run_of, uncut):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run = run_of()
        assert run.results(run.start(Cut("on_pre_optimizer_step", 4, (signal.SIGINT,)))) == uncut()
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_folder_that_cannot_be_written_is_refused_before_the_model_is_loaded(run_of):
    run = run_of()
    run.root.mkdir()
    (run.root / "checkpoints").write_text("a file")
    run.model = "a model that is not there"
    with pytest.raises(InputError, match=r"checkpoint_folder = .*Not a directory"):
        train_run(run.name, 1, run.block, run.model, None, run.data, run.out, run.checkpoints, 10)


def test_the_key_is_another_where_anything_differs_that_decides_the_result(run_of, tiny_model, tmp_path, monkeypatch):
    run = run_of()
    other_model = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    settings = json.loads((other_model / "config.json").read_text())
    (other_model / "config.json").write_text(json.dumps(settings | {"dropout_rate": 0.2}))

    def saved(name: str, **splits) -> str:
        DatasetDict(run.data | splits).save_to_disk(tmp_path / name)
        return str(tmp_path / name)

    given = {"block": run.block, "seed": 1, "model_folder": tiny_model, "tokens": saved("tokens"), "code": "a", "cpu_threads": 1}
    others = {
        "block": run.block | {"train": run.block["train"] | {"learning_rate": 0.5}},
        "seed": 2,
        "model_folder": str(other_model),
        "tokens": saved("fewer", train=run.data["train"].select(range(8))),
        "code": "b",
        "cpu_threads": 2,
    }
    keys = [run_key(**given), *(run_key(**given | {name: value}) for name, value in others.items())]
    versions = training.describe_packages()
    monkeypatch.setattr(training, "describe_packages", lambda: versions | {"torch": "1.0"})
    keys.append(run_key(**given))
    monkeypatch.setattr(training, "pick_device", lambda: torch.device("cuda"))
    keys.append(run_key(**given))
    assert len(set(keys)) == len(keys)
    monkeypatch.undo()
    copied = str(shutil.copytree(tiny_model, tmp_path / "copy"))
    other_test = saved("other_test", test=run.data["test"].select(range(1)))
    assert run_key(**given | {"model_folder": copied, "tokens": other_test}) == keys[0]


# Real processes from here on. They are forked from a fresh one that has loaded the libraries once and runs no threads.


@pytest.fixture(scope="module")
def processes():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["test_resumable"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        multiprocessing.forkserver.ensure_running()
    return context


def start_and_store(run: Run, cuts: tuple, seconds: float) -> None:
    torch.set_num_threads(1)
    record = run.start(*cuts, seconds=seconds)
    (run.root / "record.json").write_text(json.dumps(record))


def exit_code(processes, target, *arguments) -> int:
    process = processes.Process(target=target, args=arguments)
    process.start()
    process.join(PATIENCE_SECONDS)
    return process.exitcode


KILLED = -signal.SIGKILL


def kill_while_saving(run: Run, step: int) -> None:
    """Be killed in the middle of a checkpoint: its weights are written, its random state is not."""
    original = ResumableTrainer._save_optimizer_and_scheduler

    def killed(trainer, folder):
        if trainer.state.global_step == step:
            os.kill(os.getpid(), signal.SIGKILL)
        original(trainer, folder)

    ResumableTrainer._save_optimizer_and_scheduler = killed
    start_and_store(run, (), ALWAYS)


def test_a_run_that_is_killed_while_it_writes_a_checkpoint_goes_on_from_the_one_before(processes, run_of, uncut):
    run = run_of("full")
    assert exit_code(processes, kill_while_saving, run, 5) == KILLED
    folder = run.checkpoints.folder
    [left] = folder.glob(".checkpoint-5~*")
    assert (left / "checkpoint-5" / resumable.WEIGHTS).is_file()
    assert sorted(path.name for path in folder.glob("checkpoint-*")) == ["checkpoint-3", "checkpoint-4"]
    record = run.start()
    assert record["resumed"] == [{"step": 4}]
    assert run.results(record) == uncut("full")
    assert not left.exists()


@pytest.mark.parametrize("name", ["full", "PREFIX_TUNING"])
def test_a_run_that_is_killed_anywhere_goes_on_from_its_newest_checkpoint(processes, run_of, uncut, name):
    run = run_of(name)
    chance = random.Random(name)
    cuts = {}
    for _ in range(2):
        begun = max(cuts.values(), default=0)
        step = chance.randint(begun + 1, 8)
        event = chance.choice(["on_step_begin", "on_pre_optimizer_step"])
        cuts[step] = step
        assert exit_code(processes, start_and_store, run, (Cut(event, step, (signal.SIGKILL,)),), ALWAYS) == KILLED
        if step == 8:
            break
    assert exit_code(processes, start_and_store, run, (Cut("on_prediction_step", 9, (signal.SIGKILL,)),), ALWAYS) == KILLED
    assert exit_code(processes, start_and_store, run, (), ALWAYS) == 0
    record = json.loads((run.root / "record.json").read_text())
    assert record["resumed"] == [{"step": step} for step in [*cuts, 9]]
    assert run.results(record) == uncut(name)


def run_script(run: Run, tokens: str, cuts: tuple) -> None:
    """The rule train's script as Snakemake calls it, with the file `stderr` for a terminal."""
    torch.set_num_threads(1)
    run.root.mkdir(exist_ok=True)
    os.dup2(os.open(run.root / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    params = {"study": "study", "method": run.block, "model": run.model, "cpu_threads": 1, "code": "code"}
    outputs = Files(model=str(run.out), record=str(run.root / "train.json"))
    resources = {"checkpoint_folder": str(run.root / "checkpoints"), "checkpoint_seconds": 600}
    job = job_of(Files(tokens=tokens), outputs, params, resources, method=run.name, seed="1")
    job.log, job.rule = [str(run.root / "train.log")], "train"
    training.ResumableTrainer = with_cuts(*cuts)
    run_logged(partial(run_main, "train"), job)


@pytest.fixture
def saved_tokens(tokens, tmp_path) -> str:
    tokens.save_to_disk(tmp_path / "tokens")
    return str(tmp_path / "tokens")


def test_the_script_fails_says_why_and_the_next_attempt_finishes_and_clears_up(processes, run_of, uncut, saved_tokens):
    run = run_of()
    assert exit_code(processes, run_script, run, saved_tokens, (Cut("on_pre_optimizer_step", 4),)) == 1
    assert sorted(path.name for path in run.root.iterdir()) == ["checkpoints", "stderr", "train.log", "train.progress.json"]
    for place in ("stderr", "train.log"):
        said = (run.root / place).read_text()
        assert "SIGTERM at step 5 of 9. The next attempt goes on from the checkpoint of step 5: " in said
    [path] = (run.root / "checkpoints").glob("study/LORA/seed-1/*/checkpoint-5")
    assert str(path) in (run.root / "stderr").read_text()
    assert exit_code(processes, run_script, run, saved_tokens, ()) == 0
    assert f"Goes on after step 5 of 9, from {path}" in (run.root / "train.log").read_text()
    record = json.loads((run.root / "train.json").read_text())
    assert record["resumed"] == [{"step": 5}]
    assert run.results(record) == uncut()
    assert not (run.root / "checkpoints").exists()


def terminate_while_loading(run: Run) -> None:
    training.build_method = lambda *_: os.kill(os.getpid(), signal.SIGTERM)
    run.start()


def test_a_signal_before_the_training_just_ends_the_process(processes, run_of):
    assert exit_code(processes, terminate_while_loading, run_of()) == -signal.SIGTERM


UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount() -> bool:
    return shutil.which("unshare") is not None and subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0


def train_on_a_small_disk(root: Path, size: str, model: str, data: DatasetDict) -> None:
    """Train with checkpoints on a disk of `size` bytes until a signal comes, then with room to the end."""
    run = Run(root, "full", "plain", model, data)
    disk = run.root / "checkpoints"
    disk.mkdir(parents=True)
    mount = partial(subprocess.run, check=True)
    mount(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk])
    said = {"cut": run.cut(Cut("on_pre_optimizer_step", 4), seconds=ALWAYS)}
    said["left"] = sorted(path.name for path in run.checkpoints.folder.iterdir())
    mount(["mount", "-o", "remount,ro", disk])
    with pytest.raises(InputError) as error:
        run.start()
    said["refused"] = str(error.value)
    mount(["mount", "-o", "remount,rw,size=100m", disk])
    (run.root / "record.json").write_text(json.dumps(said | run.start()))


def train_on_small_disks(model: str, tokens: str, *roots_and_sizes: str) -> None:
    for root, size in zip(roots_and_sizes[::2], roots_and_sizes[1::2], strict=True):
        train_on_a_small_disk(Path(root), size, model, load_from_disk(tokens))
        print("-- next disk --")


def assert_the_full_disk_was_said(run: Run, record: dict, output: str, newest: int | None) -> None:
    failed = [f"The checkpoint of step {step} could not be written (" for step in range(1, 6)]
    assert [output.count(line) for line in failed] == [0 if step <= (newest or 0) else 1 for step in range(1, 6)]
    assert record["cut"].startswith(f"SIGTERM at step 5 of 9. {failed[4]}")
    if newest:
        assert f"goes on from the checkpoint of step {newest}: {run.checkpoints.folder}/checkpoint-{newest}" in record["cut"]
    else:
        assert "There is no checkpoint: the next attempt starts at the first step" in record["cut"]
    assert record["left"] == ([f"checkpoint-{newest}"] if newest else [])
    assert "resources: checkpoint_folder = " in record["refused"] and "Read-only file system" in record["refused"]
    assert record["resumed"] == ([{"step": newest}] if newest else [])


@pytest.mark.skipif(not can_mount(), reason="a small disk needs the right to mount one (user namespaces)")
def test_a_full_disk_costs_checkpoints_and_not_the_training(run_of, uncut, saved_tokens):
    first = run_of("full", folder="first")
    first.cut(Cut("on_pre_optimizer_step", 0))
    bytes_of_one = sum(file.stat().st_size for file in first.checkpoints.newest().iterdir())
    # Room for half a checkpoint, and for one and a half.
    disks = {run_of("full", folder="none"): (0.5, None), run_of("full", folder="one"): (1.5, 1)}
    sizes = [word for run, (room, _) in disks.items() for word in (str(run.root), str(int(room * bytes_of_one)))]
    call = "import sys, test_resumable; test_resumable.train_on_small_disks(*sys.argv[1:])"
    done = subprocess.run(
        [*UNSHARE, sys.executable, "-c", call, first.model, saved_tokens, *sizes],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout
    for (run, (_, newest)), output in zip(disks.items(), done.stdout.split("-- next disk --"), strict=False):
        record = json.loads((run.root / "record.json").read_text())
        assert_the_full_disk_was_said(run, record, output, newest)
        assert run.results(record) == uncut("full")
