"""Too little memory: a batch is computed in smaller parts, and stays what it is."""

from __future__ import annotations

from .ground import NEEDS_GPU, Ground, curve, difference
from .report import Failed, Skipped, within

# The parts' sums are added in another order.
TOLERANCE = 1e-3
# Times the memory in which one example at a time fits.
FACTOR = 2.5
WORDS = "do not fit into memory"


def training(ground: Ground) -> str:
    """With memory for some examples at a time, gradient_accumulation_steps goes up and the loss curve stays."""
    batch, lengths = (8, (250, 256)) if ground.is_small else (32, (500, 512))
    tokens = ground.random_tokens(2 * batch, lengths, lengths)
    settings = {"batch_size": batch, "eval_batch_size": 1, "precision": "fp32", "max_steps": 2}
    requests = {
        name: ground.request(f"short-{name}", {}, ground.model(), tokens, **settings, gradient_accumulation_steps=parts)
        for name, parts in (("small", batch), ("free", 1), ("limited", 1))
    }
    found = ground.run("train_in_short_memory", factor=FACTOR, **requests)
    parts = found["limited"]["gradient_accumulation_steps"]
    if parts == 1 or WORDS not in found["said"]:
        raise Failed("the batch was not split")
    worst = difference(curve(found["limited"]), curve(found["free"]))
    return f"{batch} examples in {parts} parts; " + within("greatest relative difference of a loss", worst, TOLERANCE)


def generation(ground: Ground) -> str:
    """With memory for some dialogues at a time, batches are halved and the summaries stay."""
    if not ground.on_gpu:
        raise Skipped(f"{NEEDS_GPU}: a process's heap cannot be limited closely enough for summaries")
    tokens = ground.random_tokens(64, (500, 512), (10, 20))
    settings = ground.generation(batch_size=64, precision="fp32", max_new_tokens=32, min_new_tokens=32)
    found = ground.run("generate_in_short_memory", model=ground.model(), tokens=tokens, settings=settings, factor=FACTOR)
    if WORDS not in found["said"]:
        raise Failed("no batch was halved")
    same = sum(a == b for a, b in zip(found["free"], found["limited"], strict=True))
    # Sums in other shapes of matrices may decide between two words that are nearly as likely.
    if same < 0.9 * len(found["free"]):
        raise Failed(f"only {same} of {len(found['free'])} summaries are the same")
    return f"halved {found['said'].count(WORDS)} times; {same} of {len(found['free'])} summaries are the same"
