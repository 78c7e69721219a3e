"""Numbers: what precision `auto` comes to, how far apart precisions and devices are, and whether a run repeats itself."""

from __future__ import annotations

from math import isfinite

from .ground import HIDDEN, LORA, NEEDS_GPU, STEPS, Ground, curve, difference
from .report import Failed, Skipped, within

METHODS = {"full": {}, "lora": LORA}
# One step of Adam amplifies the rounding of a gradient near zero; TF32 would be some 100 times further off.
DEVICE_TOLERANCE = 1e-3


def auto(ground: Ground) -> str:
    """`auto` is bf16 where the GPU, or without one the CPU, computes in it, else fp32."""
    found = ground.describe()
    expected = "bf16" if found["computes_in_bf16"] else "fp32"
    if found["auto"] != expected:
        raise Failed(f"auto is {found['auto']} here, and {expected} was expected")
    return f"{expected} on {found['name']}"


def precisions(ground: Ground, tolerance: float) -> str:
    """bf16 learns what fp32 does, full and LoRA, within a tolerance."""
    records = _trained(ground)
    for name, record in records.items():
        if not all(map(isfinite, curve(record))) or record["precision"] != name.split("-")[1]:
            raise Failed(f"{name}: losses {curve(record)} in {record['precision']}")
    worst = max(difference(curve(records[f"{name}-bf16"]), curve(records[f"{name}-fp32"])) for name in METHODS)
    return within("greatest relative difference of a loss", worst, tolerance)


def tf32(ground: Ground) -> str:
    """In fp32, products are not rounded to TF32: nobody in the chain switches that on."""
    if not ground.on_gpu:
        raise Skipped(NEEDS_GPU)
    if any(record["tf32"] for record in _trained(ground).values()):
        raise Failed("it is on after a training")
    return "off"


def cpu_curve(ground: Ground) -> str:
    """fp32 on the GPU gives the loss curve of the CPU."""
    ground.need_gpus()
    on_gpu = _trained(ground)
    names = [f"{name}-fp32" for name in METHODS]
    requests = [_request(ground, name, "fp32", "-cpu") for name in METHODS]
    on_cpu = dict(zip(names, ground.run("train", environment=HIDDEN, requests=requests), strict=True))
    worst = max(difference(curve(on_gpu[name]), curve(on_cpu[name])) for name in names)
    return within("greatest relative difference of a loss", worst, DEVICE_TOLERANCE)


def repeats(ground: Ground) -> str:
    """Whether the same run gives the same numbers again. Not promised on a GPU, so never a failure."""
    first, second = uncut(ground)
    worst = difference(curve(first), curve(second))
    return "the same loss curve" if worst == 0 else f"not bit for bit: losses differ by up to {worst:.2g} of them"


def uncut(ground: Ground) -> list[dict]:
    """A run with dropout, twice, undisturbed."""
    return ground.once("uncut", lambda: ground.run("train", requests=[with_dropout(ground, f"uncut-{n}") for n in (1, 2)]))


def with_dropout(ground: Ground, out: str) -> dict:
    steps = 2 * STEPS if ground.is_small else 10 * STEPS
    return ground.request(out, {}, ground.model(dropout_rate=0.1), ground.dialogues, max_steps=steps)


def _request(ground: Ground, name: str, precision: str, suffix: str = "") -> dict:
    out = f"{name}-{precision}{suffix}"
    return ground.request(out, METHODS[name], ground.model(), ground.dialogues, precision=precision)


def _trained(ground: Ground) -> dict[str, dict]:
    """The records of all methods in both precisions."""
    pairs = [(name, precision) for name in METHODS for precision in ("fp32", "bf16")]

    def train() -> dict[str, dict]:
        records = ground.run("train", requests=[_request(ground, *pair) for pair in pairs])
        return {"-".join(pair): record for pair, record in zip(pairs, records, strict=True)}

    return ground.once("trained", train)
