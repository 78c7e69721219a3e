"""How often the intervals of docs/HUMAN_EVALUATION.md hold the truth, in simulated ratings: python benchmarks/human_coverage.py"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from parity.human_estimates import crossed_mean
from parity.human_stats import proportion
from parity.wording import markdown

N_DIALOGUES = 30
DIALOGUE_SD = NOISE_SD = 0.5


def means(n_raters: int, rater_sd: float, repetitions: int, generator: np.random.Generator) -> dict:
    """Ratings with leniency of raters; the truth for these raters, and for new ones."""
    held, widths = np.zeros(2), np.zeros(2)
    for _ in range(repetitions):
        leniency = generator.normal(0, rater_sd, n_raters)
        shared = generator.normal(0, DIALOGUE_SD, N_DIALOGUES)
        found = crossed_mean(
            leniency[:, None] + shared + generator.normal(0, NOISE_SD, (n_raters, N_DIALOGUES)), -math.inf, math.inf
        )
        intervals = [(found["low"], found["high"], leniency.mean()), (found["new_raters_low"], found["new_raters_high"], 0.0)]
        held += [low <= truth <= high for low, high, truth in intervals]
        widths += [high - low for low, high, _ in intervals]
    cells = [f"{100 * share:.1f} ({width:.2f})" for share, width in zip(held / repetitions, widths / repetitions, strict=True)]
    return {"Raters": n_raters, "SD of leniency": rater_sd, "These raters": cells[0], "New raters too": cells[1]}


def win_rates(n_raters: int, truth: float, repetitions: int, generator: np.random.Generator) -> dict:
    """Preferences at a rate of each dialogue's own, beta distributed around the truth."""
    held, widths = 0, 0.0
    dialogues = np.repeat(np.arange(N_DIALOGUES), n_raters)
    for _ in range(repetitions):
        rates = generator.beta(4 * truth, 4 * (1 - truth), N_DIALOGUES)
        found = proportion((generator.random(len(dialogues)) < rates[dialogues]).astype(float), dialogues)
        held += found.low <= truth <= found.high
        widths += found.high - found.low
    return {
        "Raters": n_raters,
        "True rate": f"{100 * truth:g} %",
        "Held": f"{100 * held / repetitions:.1f} ({100 * widths / repetitions:.0f})",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generator = np.random.default_rng(options.seed)
    rows = [means(raters, sd, options.repetitions, generator) for raters in (2, 3, 5) for sd in (0.15, 0.4)]
    print(markdown(rows))
    print()
    print(markdown([win_rates(raters, truth, options.repetitions, generator) for raters in (1, 3) for truth in (0.5, 0.8, 0.95)]))


if __name__ == "__main__":
    main()
