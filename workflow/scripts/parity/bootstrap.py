"""The crossed bootstrap: seeds and dialogues drawn again together, as a cross-check beside the t intervals."""

from __future__ import annotations

import numpy as np

from .stats import CONFIDENCE, MethodScores


def crossed_bootstrap(methods: dict[str, MethodScores], repetitions: int, seed: int) -> dict[str, np.ndarray]:
    """Means of each method over dialogues and seeds drawn with replacement (Owen 2007, Annals of Applied Statistics 1).

    A repetition draws the dialogues once for all methods, which keeps them paired, and the seeds of each method by
    themselves. A method of one row keeps it.

    Args:
        methods: scores of all methods over the same dialogues.
        repetitions: how many means to draw.
        seed: of the draws. The same seed draws the same dialogues whatever the metric.
    Returns:
        Points, shape (repetitions,), a method.
    """
    generator = np.random.default_rng(seed)
    n_dialogues = next(iter(methods.values())).n_dialogues
    dialogue_weights = generator.multinomial(n_dialogues, np.full(n_dialogues, 1 / n_dialogues), repetitions) / n_dialogues
    means = {}
    for name, scores in methods.items():
        by_seed = dialogue_weights @ scores.values.T
        n_seeds = scores.n_seeds
        if n_seeds == 1:
            means[name] = by_seed[:, 0]
        else:
            # A generator of its own: another method beside it, or another order, changes none of its draws.
            seed_weights = (
                np.random.default_rng([seed, *name.encode()]).multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), repetitions)
                / n_seeds
            )
            means[name] = (by_seed * seed_weights).sum(axis=1)
    return means


def percentile_interval(draws: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The central part of bootstrap draws: (low, high)."""
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
