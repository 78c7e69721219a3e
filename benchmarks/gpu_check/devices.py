"""Which GPU: a job computes on what the slots gave it, alone or shared, and what a killed one held is free again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .ground import PATIENCE_SECONDS, Child, Ground
from .report import Failed


@dataclass
class Holder:
    """A job that holds a GPU and computes there."""

    child: Child

    def computes_on(self) -> dict:
        """Wait until it does."""
        ready = self.child.place / "ready.json"
        self._until(ready.exists)
        return json.loads(ready.read_text(encoding="utf-8"))

    def until_it_waits(self) -> None:
        self._until(lambda: "Waiting for" in self.child.text())

    def _until(self, is_so) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS / 10
        while not is_so():
            if self.child.process.poll() is not None or time.monotonic() > deadline:
                raise Failed(
                    f"a job that should hold a GPU did not: {(self.child.text().splitlines() or ['it said nothing'])[-1]}"
                )
            time.sleep(0.05)


@contextmanager
def holder(ground: Ground, visible: str | None = None, runs_per_gpu: int = 1) -> Iterator[Holder]:
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    child = ground.start("hold", environment=environment, runs_per_gpu=runs_per_gpu, ready="ready.json")
    try:
        yield Holder(child)
    finally:
        child.process.kill()
        child.wait()


def right_device(ground: Ground) -> str:
    """A job is shown the GPU of its slot alone, and a tensor really lies and computes there, by torch's own word."""
    ground.need_gpus()
    with holder(ground) as one:
        found = one.computes_on()
    gpu = next((gpu for gpu in ground.gpus if gpu.id == found["visible"]), None)
    if gpu is None or found["count"] != 1:
        raise Failed(f"the job was shown {found['visible']}, and torch sees {found['count']} GPUs")
    # ROCm's UUIDs are of another form than the kernel's.
    if not found["is_amd"] and (not found["uuid"] or found["uuid"].lower() not in gpu.id.lower()):
        raise Failed(f"the slot is {gpu.id}, and torch computes on {found['uuid']}")
    if found["total"] != 499500:
        raise Failed(f"the sum of 0 to 999 is {found['total']} there")
    return f"{gpu}"


def two_jobs(ground: Ground) -> str:
    """Two jobs at once compute on different GPUs; with one GPU the second waits."""
    ground.need_gpus()
    with holder(ground) as one:
        first = one.computes_on()["visible"]
        with holder(ground) as other:
            if len(ground.gpus) == 1:
                other.until_it_waits()
                return "one GPU: the second waits"
            second = other.computes_on()["visible"]
    if first == second:
        raise Failed(f"both compute on {first}")
    return f"{first} and {second}"


def killed_holder(ground: Ground) -> str:
    """What a killed job held is given to the one that waits for it."""
    ground.need_gpus()
    with holder(ground) as one:
        gpu = one.computes_on()["visible"]
        with holder(ground, visible=gpu) as waiting:
            waiting.until_it_waits()
            one.child.process.kill()
            one.child.process.wait()
            started = time.perf_counter()
            if waiting.computes_on()["visible"] != gpu:
                raise Failed("the one that waited got another GPU")
    return f"free again, and in use {time.perf_counter() - started:.1f} s later"


def shared(ground: Ground) -> str:
    """With runs_per_gpu: 2, two jobs compute on one GPU at the same time."""
    ground.need_gpus()
    gpu = ground.gpus[0].id
    with holder(ground, gpu, runs_per_gpu=2) as one, holder(ground, gpu, runs_per_gpu=2) as other:
        found = [each.computes_on()["visible"] for each in (one, other)]
    if found != [gpu, gpu]:
        raise Failed(f"they compute on {found}")
    return f"both on {gpu}"
