"""What ratings say: agreement of raters, rates of preference, an order of methods, and agreement with a metric.

The unit that is drawn again is the dialogue: its summaries and its raters' judgements of them go together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from .bootstrap import percentile_interval
from .stats import CONFIDENCE, ROUNDING

# A Bradley-Terry fit ends where no strength moves by more than this, or after so many rounds.
PRECISION, MOST_ROUNDS = 1e-7, 20_000


@dataclass(frozen=True)
class Interval:
    """A value with a 95 % interval; NaN where there is none."""

    value: float
    low: float = math.nan
    high: float = math.nan


def from_draws(value: float, draws: np.ndarray) -> Interval:
    """A percentile interval, without the draws that have no value; none where that leaves less than half of them."""
    found = draws[np.isfinite(draws)]
    if not math.isfinite(value) or len(found) < len(draws) / 2:
        return Interval(value)
    return Interval(value, *percentile_interval(found))


def resampled(n_dialogues: int, repetitions: int, seed: int) -> np.ndarray:
    """How often each dialogue comes in each draw, shape (repetitions, dialogues)."""
    return np.random.default_rng(seed).multinomial(n_dialogues, np.full(n_dialogues, 1 / n_dialogues), repetitions)


def coincidences(values: np.ndarray, n_values: int) -> np.ndarray:
    """Krippendorff's coincidence matrix of every unit, shape (units, values, values).

    Args:
        values: judgements from 0 to n_values - 1, shape (raters, units); NaN where a rater did not judge a unit.
    """
    counts = (values.T[:, :, None] == np.arange(n_values)).sum(axis=1).astype(float)
    raters = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(n_values)
    # A unit that one rater judged has no pair of judgements.
    return np.divide(pairs, (raters - 1)[:, None, None], out=np.zeros_like(pairs), where=(raters > 1)[:, None, None])


def ordinal_alpha(matrix: np.ndarray) -> np.ndarray:
    """Krippendorff's alpha for ordered values from coincidences summed over units, shape (..., values, values).

    1 - observed / expected disagreement, with the squared number of judgements between two values as their distance
    (Krippendorff 2011, *Computing Krippendorff's Alpha-Reliability*). NaN where all judgements are one value.
    """
    totals = matrix.sum(axis=-1)
    middles = totals.cumsum(axis=-1) - totals / 2
    distances = (middles[..., :, None] - middles[..., None, :]) ** 2
    observed = (matrix * distances).sum(axis=(-1, -2))
    expected = (totals[..., :, None] * totals[..., None, :] * distances).sum(axis=(-1, -2))
    ratio = np.full(np.shape(observed), math.nan)
    np.divide((totals.sum(axis=-1) - 1) * observed, expected, out=ratio, where=expected > 0)
    return 1 - ratio


def proportion(shares: np.ndarray, dialogues: np.ndarray) -> Interval:
    """The mean of shares between 0 and 1 with an interval for new dialogues.

    Wilson's interval with the effective number of judgements that their variance between dialogues leaves, at most their number
    and, where they do not vary, the number of dialogues (Korn and Graubard 1998, Survey Methodology 24, with Wilson's in place of
    the exact interval), and t of the dialogues' degrees of freedom in place of the normal quantile.

    Args:
        shares: a value a judgement, ties 0.5.
        dialogues: each judgement's dialogue.
    """
    _, codes = np.unique(dialogues, return_inverse=True)
    n = len(shares)
    if not n:
        return Interval(math.nan)
    value, n_dialogues = float(np.mean(shares)), int(codes.max()) + 1
    if n_dialogues < 2:
        return Interval(value)
    sums = np.bincount(codes, weights=shares - value)
    variance = n_dialogues / (n_dialogues - 1) * float((sums**2).sum()) / n**2
    effective = min(value * (1 - value) / variance, n) if variance > ROUNDING**2 else n_dialogues
    t = stats.t.ppf((1 + CONFIDENCE) / 2, n_dialogues - 1)
    shrink = 1 + t**2 / effective
    centre = (value + t**2 / (2 * effective)) / shrink
    reach = t / shrink * math.sqrt(value * (1 - value) / effective + t**2 / (4 * effective**2))
    return Interval(value, max(centre - reach, 0.0), min(centre + reach, 1.0))


def bradley_terry(wins: np.ndarray) -> np.ndarray:
    """Strengths of methods on the log-odds scale, with mean 0, shape (..., methods).

    The odds that i is preferred to j are exp(strength i - strength j) (Bradley and Terry 1952); a tie is half a win of each. Each
    pair gets one more tie, so that a method which never lost, or never met another, has a finite strength. Fitted by minorise and
    maximise (Hunter 2004, Annals of Statistics 32).

    Args:
        wins: how often the row was preferred to the column, shape (..., methods, methods).
    """
    n_methods = wins.shape[-1]
    wins = wins + (1 - np.eye(n_methods)) / 2
    met = wins + np.swapaxes(wins, -1, -2)
    won = wins.sum(axis=-1)
    strengths = np.zeros(won.shape)
    for _ in range(MOST_ROUNDS):
        powers = np.exp(strengths)
        expected = (met / (powers[..., :, None] + powers[..., None, :])).sum(axis=-1)
        moved = np.log(won / expected)
        moved -= moved.mean(axis=-1, keepdims=True)
        change = np.abs(moved - strengths).max(initial=0.0)
        strengths = moved
        if change < PRECISION:
            break
    return strengths


def kendall_tau(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Kendall's tau-b over the last axis, shape (...); NaN where one of the two does not vary."""
    pairs = np.triu_indices(first.shape[-1], 1)

    def signs(values: np.ndarray) -> np.ndarray:
        gaps = values[..., pairs[0]] - values[..., pairs[1]]
        return np.sign(np.where(np.abs(gaps) <= ROUNDING, 0, gaps))

    one, other = signs(np.asarray(first, float)), signs(np.asarray(second, float))
    scale = np.sqrt((one**2).sum(axis=-1) * (other**2).sum(axis=-1))
    tau = np.full(np.shape(scale), math.nan)
    np.divide((one * other).sum(axis=-1), scale, out=tau, where=scale > 0)
    return tau


def mean_over_dialogues(values: np.ndarray) -> Interval:
    """The mean of a value a dialogue, NaN ones left out, with a t interval."""
    found = values[np.isfinite(values)]
    if not len(found):
        return Interval(math.nan)
    value = float(found.mean())
    if len(found) < 2:
        return Interval(value)
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, len(found) - 1) * found.std(ddof=1) / math.sqrt(len(found))
    return Interval(value, value - reach, value + reach)
