"""How fast this device trains and writes. Figures only: nothing here can fail but by an error."""

from __future__ import annotations

from .ground import LORA, Ground

# Lengths about those of DialogSum's dialogues and summaries.
SOURCE, TARGET = (60, 320), (10, 50)
METHODS = {"full": {}, "LoRA": LORA}


def training(ground: Ground, batch: int) -> str:
    """Examples and tokens a second, and the share of the device's own bf16 products, of each method and precision."""
    found = _measured(ground)
    peak = found["matmul"]
    sides = {side: rates for side, rates in found["training"].items() if side.endswith(f" {batch}")}
    return "; ".join(
        f"{side.removesuffix(f' {batch}')} {examples:.1f} examples/s, {tokens:.0f} tokens/s, {100 * operations / peak:.1f} %"
        for side, (examples, tokens, operations) in sides.items()
    )


def writing(ground: Ground) -> str:
    """Summaries a second."""
    found = _measured(ground)["writing"]
    return "; ".join(
        f"{side} {summaries:.1f} summaries/s, {tokens:.0f} new tokens/s" for side, (summaries, tokens) in found.items()
    )


def products(ground: Ground) -> str:
    return f"{_measured(ground)['matmul'] / 1e12:.3g} TFLOP/s"


def batches(is_small: bool) -> tuple[int, ...]:
    return (4,) if is_small else (8, 64)


def _measured(ground: Ground) -> dict:
    return ground.once("speed", lambda: ground.run("speed", **_arguments(ground)))


def _arguments(ground: Ground) -> dict:
    model = ground.model("quick start" if ground.is_small else "T5-small")
    steps, turns, size = (2, 2, 512) if ground.is_small else (20, 3, 8192)
    tokens = ground.random_tokens(32 if ground.is_small else 1280, SOURCE, TARGET)
    sides = {}
    for batch in batches(ground.is_small):
        for name, method in METHODS.items():
            for precision in ("fp32", "bf16"):
                settings = {"batch_size": batch, "max_steps": steps, "precision": precision, "logging_steps": 1000}
                side = f"{name} {precision} {batch}"
                outs = [f"{side} {turn}".replace(" ", "-") for turn in range(turns)]
                sides[side] = [ground.request(out, method, model, tokens, **settings) for out in outs]
    short = ground.random_tokens(16 if ground.is_small else 256, SOURCE, (1, 1))
    new = 8 if ground.is_small else 64
    writing = {
        precision: {
            "model": model,
            "tokens": short,
            "settings": ground.generation(batch_size=64, max_new_tokens=new, min_new_tokens=new, precision=precision),
        }
        for precision in ("fp32", "bf16")
    }
    return {"sides": sides, "writing": writing, "size": size}
