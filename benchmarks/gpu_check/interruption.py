"""A run that a signal cuts, or one of whose processes is killed, goes on as if nothing had been."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import psutil

from .ground import PATIENCE_SECONDS, Child, Ground, curve, difference
from .numbers import uncut, with_dropout
from .report import Failed, within

# How much further than two undisturbed runs from each other a resumed one may be from them.
REPEATS = 5


def signalled(ground: Ground) -> str:
    """With dropout, cut by SIGTERM, resumed: the numbers of an undisturbed run, or as near as two of these are."""
    requests = [with_dropout(ground, "uncut-1"), with_dropout(ground, "cut")]
    first, second = uncut(ground)
    child = ground.start("train", requests=[requests[1]])
    wait_for(child, r"step 3/")
    child.process.send_signal(signal.SIGTERM)
    step = cut_step(child, r"SIGTERM at step")
    resumed = ground.run("train", requests=[requests[1]])[0]
    if resumed["resumed"] != [{"step": step}]:
        raise Failed(f"it was cut after step {step}, and went on from {resumed['resumed']}")
    between = difference(curve(first), curve(second))
    figure = f"cut at step {step}; " + within("losses differ by", difference(curve(resumed), curve(first)), REPEATS * between)
    if between == 0:
        same = weights(requests[0]) == weights(requests[1])
        if not same:
            raise Failed(f"{figure}, yet the weights differ")
        figure += ", the same weights"
    return figure


def killed_rank(ground: Ground, request: dict) -> dict:
    """Kill one of a run's two processes after a checkpoint; the record of the next attempt, which must have gone on."""
    child = ground.start("train", gpus=2, requests=[request])
    wait_for(child, r"step 3/")
    wait_checkpoint(child, Path(request["checkpoints"]["folder"]))
    processes = psutil.Process(child.process.pid).children(recursive=True)
    ranks = [each for each in processes if "parity.training_process" in each.cmdline() and each.environ()["RANK"] == "1"]
    ranks[0].kill()
    started = time.perf_counter()
    step = cut_step(child, r"Process 1 of 2 was ended by SIGKILL")
    if (seconds := time.perf_counter() - started) > 25:
        raise Failed(f"the other process went on for {seconds:.0f} s")
    record = ground.run("train", gpus=2, requests=[request])[0]
    if record["resumed"] != [{"step": step}]:
        raise Failed(f"it was to go on from step {step}, and did from {record['resumed']}")
    return record


def wait_for(child: Child, pattern: str) -> None:
    _wait(child, lambda: re.search(pattern, child.text()))


def wait_checkpoint(child: Child, folder: Path) -> None:
    # Not any depth below: folders that are being written and cleared away are gone while they are walked through.
    _wait(child, lambda: any(folder.glob("*/*/seed-*/*/checkpoint-*/manifest.json")))


def cut_step(child: Child, said: str) -> int:
    """The step that the run ended with and will go on from."""
    status, text = child.wait(), child.text()
    step = re.search(r"checkpoint of step (\d+)", text.splitlines()[-1] if text else "")
    if status != 1 or not re.search(said, text) or not step:
        raise Failed(f"it ended with {status}: {(text.splitlines() or ['nothing said'])[-1]}")
    return int(step[1])


def weights(request: dict) -> bytes:
    return next(Path(request["out"]).glob("*.safetensors")).read_bytes()


def _wait(child: Child, is_so) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if child.process.poll() is not None or time.monotonic() > deadline:
            child.process.kill()
            child.wait()
            raise Failed(f"the run ended before it could be cut: {(child.text().splitlines() or [''])[-1]}")
        time.sleep(0.01)
