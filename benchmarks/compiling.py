"""Whether torch.compile pays in training on this machine: its compile time against what a step gains.

    .venv/bin/python benchmarks/compiling.py [--steps 48]

Full fine-tuning, batch 8, FLAN-T5-small's shape, DialogSum's own lengths, two threads: the same steps without it, with each
block of the model compiled (blocks of a kind share their code), and with the whole model compiled. Steps in which nothing is
compiled any more, the last half, are compared one by one; what the first half takes longer is the price.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.speed.ground import apart, flan_t5_small_shape

WAYS = ("plain", "blocks", "whole")


def seconds_of_steps(way: str, steps: int, folder: str) -> list[float]:
    """Of each step but the first, with so much of the model compiled as `way` says."""
    from benchmarks.speed.training import train_ours

    import parity.training

    build = parity.training.build_method

    def build_compiled(*arguments):
        model = build(*arguments)
        for stack in (model.encoder, model.decoder):
            for part in {"plain": [], "blocks": stack.block, "whole": [stack]}[way]:
                part.compile(dynamic=True)
        return model

    parity.training.build_method = build_compiled
    ends = train_ours("full", 8, folder, steps)[0]
    return [after - before for before, after in pairwise(ends)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=48)
    steps = parser.parse_args().steps
    with flan_t5_small_shape() as folder:
        found = {way: apart("benchmarks.compiling", "seconds_of_steps", way, steps, folder) for way in WAYS}
    half = (steps - 1) // 2
    for way in WAYS[1:]:
        late = [plain / compiled for plain, compiled in zip(found["plain"][half:], found[way][half:], strict=True)]
        price = sum(found[way][:half]) - sum(found["plain"][:half]) / statistics.median(late)
        print(
            json.dumps({"compiled": way, "speed of a step": round(statistics.median(late), 3), "compile seconds": round(price)})
        )


if __name__ == "__main__":
    main()
