"""Gangs (docs/GANG.md): seeds that train together are the runs that they are alone, and how many more an hour there are of them."""

from __future__ import annotations

import time
from contextlib import ExitStack

from parity.gang_pace import COUNTED, UNCOUNTED

from .ground import LORA, PATIENCE_SECONDS, Child, Ground, curve, difference
from .numbers import DEVICE_TOLERANCE
from .report import Failed, within
from .speed import SOURCE, TARGET

GANGED = {"LoRA": LORA, "full": {"kind": "full"}}
LEARNING_RATES = {"full": 1e-4, "peft": 1e-3}
SEEDS = (1, 2, 3)
BATCH = 16


def as_alone(ground: Ground, method: dict) -> str:
    """In fp32 and without dropout, the loss curves of three ganged seeds are those of the same seeds alone."""
    alone, together = (
        ground.run(task, requests=[_request(ground, method, f"{task}-{method['kind']}-{seed}", seed) for seed in SEEDS])
        for task in ("train", "train_together")
    )
    if difference(curve(alone[0]), curve(alone[1])) <= DEVICE_TOLERANCE:
        raise Failed("two seeds have the same losses, which shows nothing")
    worst = max(difference(curve(one), curve(other)) for one, other in zip(together, alone, strict=True))
    return within("greatest relative difference of a loss", worst, DEVICE_TOLERANCE)


def speed(ground: Ground, method: dict) -> str:
    """How much faster a gang is than its seeds one after another, and so are seeds alone that share the device."""
    found = ground.run("speed_of_gangs", **_sizes(ground, method))
    alone = min(found["alone"])
    shown = [f"{count} in a gang {alone / seconds:.2f}" for count, seconds in zip(sizes(ground), found["gangs"], strict=True)]
    shown += [f"{count} at once {alone / _at_once(ground, method, count):.2f}" for count in at_once(ground)]
    shown.append(_auto(ground, method))
    return f"alone {3600 / alone:.0f} seeds/h; times as fast: {', '.join(shown)}"


def _auto(ground: Ground, method: dict) -> str:
    """What `gang: auto` chooses for 8 seeds."""
    seeds, steps = ((1, 2), (0, 1)) if ground.is_small else (range(1, 9), (UNCOUNTED, COUNTED))
    requests = [_timed(ground, method, f"auto-{seed}", seed) for seed in seeds]
    found = ground.run("pace_of_gang", requests=requests, uncounted=steps[0], counted=steps[1])
    ratio = found["seconds_one_by_one"] / found["seconds_together"]
    chosen = "together" if found["together"] else "one by one"
    return f"auto of {len(seeds)}: {chosen}, since batches together are {ratio:.2f} times as fast as one by one"


def sizes(ground: Ground) -> tuple[int, ...]:
    return (2,) if ground.is_small else (1, 2, 4, 8, 16)


def at_once(ground: Ground) -> tuple[int, ...]:
    return (2,) if ground.is_small else (2, 4, 8)


def _request(ground: Ground, method: dict, out: str, seed: int) -> dict:
    # The larger the steps, the sooner what sums are rounded to grows into another course.
    rate = LEARNING_RATES[method["kind"]]
    model = ground.model(dropout_rate=0.0)
    return ground.request(out, method, model, ground.dialogues, seed=seed, precision="fp32", learning_rate=rate)


def _timed(ground: Ground, method: dict, out: str, seed: int) -> dict:
    """A run of which the device has to do so much that its steps can be timed; with dropout, as FLAN-T5 has it."""
    steps = 2 if ground.is_small else 60
    model = ground.model("quick start" if ground.is_small else "T5-small", dropout_rate=0.1)
    tokens = ground.random_tokens(32 if ground.is_small else BATCH * steps, SOURCE, TARGET)
    settings = {"batch_size": 4 if ground.is_small else BATCH, "max_steps": steps, "logging_steps": 1000}
    return ground.request(f"{method['kind']}-{out}", method, model, tokens, seed=seed, **settings)


def _sizes(ground: Ground, method: dict) -> dict:
    gangs = [
        [[_timed(ground, method, f"gang-{count}-{turn}-{seed}", seed) for seed in range(1, count + 1)] for turn in (1, 2)]
        for count in sizes(ground)
    ]
    return {"gangs": gangs, "alone": [_timed(ground, method, f"alone-{turn}", 1) for turn in range(len(gangs) + 1)]}


def _at_once(ground: Ground, method: dict, count: int) -> float:
    """Seconds a seed of `count` processes that share the device and train at the same time."""
    children = [
        ground.start(
            "train_when_told",
            runs_per_gpu=count,
            requests=[_timed(ground, method, f"of-{count}-{seed}-{turn}", seed) for turn in (1, 2)],
            ready="ready.json",
        )
        for seed in range(1, count + 1)
    ]
    with ExitStack() as stack:
        for child in children:
            stack.callback(child.process.kill)
        for child in children:
            _until_ready(child)
        for child in children:
            child.process.stdin.close()
        return max(child.result() for child in children) / count


def _until_ready(child: Child) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (child.place / "ready.json").exists():
        if child.process.poll() is not None or time.monotonic() > deadline:
            child.process.kill()
            child.result()
        time.sleep(0.05)
