"""A base model in 8 and 4 bits: LoRA learns on it, and it writes summaries."""

from __future__ import annotations

from importlib.util import find_spec
from math import isfinite

from benchmarks import memory

from .ground import LORA, Ground, curve
from .report import Failed, Skipped

BLOCKS = {8: {"load_in_8bit": True}, 4: memory.NF4}
REQUIREMENTS = "requirements-quantization.txt"


def learns_and_writes(ground: Ground, bits: int) -> str:
    if find_spec("bitsandbytes") is None:
        raise Skipped(f"needs bitsandbytes: .venv/bin/python -m pip install -r {REQUIREMENTS}")
    block, model = BLOCKS[bits], ground.model()
    request = ground.request(f"bits-{bits}", LORA | {"quantization": block}, model, ground.dialogues)
    record = ground.run("train", requests=[request])[0]
    losses = curve(record)
    first, last = record["eval_loss"][0]["eval_loss"], record["eval_loss"][-1]["eval_loss"]
    if not all(map(isfinite, losses)) or last >= first:
        raise Failed(f"evaluation loss {first:.3f}, then {last:.3f}")
    settings = ground.generation(batch_size=16, max_new_tokens=24)
    arguments = {"model": model, "tokens": ground.dialogues, "settings": settings, "trained": request["out"]}
    summaries = ground.run("generate", quantization=block, **arguments)["summaries"]
    if not any(summaries):
        raise Failed("all summaries are empty")
    written = sum(map(bool, summaries))
    return f"evaluation loss {first:.3f} to {last:.3f}; {written} of {len(summaries)} summaries written"
