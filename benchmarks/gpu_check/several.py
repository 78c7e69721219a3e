"""One run on two GPUs, or on the CPU in two processes: DDP and FSDP learn what one process does."""

from __future__ import annotations

from pathlib import Path

from .ground import Ground, curve, difference
from .interruption import killed_rank
from .report import Failed, within

TOLERANCE = 1e-3


def together(ground: Ground, fsdp: bool) -> str:
    """The loss curve of one process, and its files, written once."""
    if ground.on_gpu:
        ground.need_gpus(2)
    alone = ground.once("alone", lambda: ground.run("train", requests=[_request(ground, "alone", 1, False)])[0])
    request = _request(ground, f"two-{fsdp}", 2, fsdp)
    record = ground.run("train", gpus=2, requests=[request])[0]
    if record["processes"] != 2:
        raise Failed(f"{record['processes']} processes")
    names = [sorted(path.name for path in (Path(request["out"]).parent / out).iterdir()) for out in ("alone", request["name"])]
    if names[0] != names[1]:
        raise Failed(f"one process writes {names[0]}, two write {names[1]}")
    return within("greatest relative difference of a loss", difference(curve(record), curve(alone)), TOLERANCE)


def killed(ground: Ground) -> str:
    """After one of the two was killed, the run ends, and goes on from its checkpoint to the same losses."""
    if ground.on_gpu:
        ground.need_gpus(2)
    request = _request(ground, "killed", 2, False, seconds=1e-9, max_steps=60)
    undisturbed = ground.run("train", gpus=2, requests=[_request(ground, "undisturbed", 2, False, max_steps=60)])[0]
    record = killed_rank(ground, request)
    worst = difference(curve(record), curve(undisturbed))
    return f"went on from step {record['resumed'][0]['step']}; " + within("losses differ by", worst, TOLERANCE)


def _request(ground: Ground, out: str, processes: int, fsdp: bool, seconds: float = 0, **settings) -> dict:
    settings |= {"gpus_per_run": processes, "fsdp": fsdp, "precision": "fp32"}
    return ground.request(out, {}, ground.model(), ground.dialogues, seconds=seconds, **settings)
