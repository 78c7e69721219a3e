"""What a design of so many seeds and dialogues can show, and what design it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from scipy.optimize import elementwise

from .stats import ALPHA, Estimate, MethodScores, variance_components

# Beyond so many seeds a method, the answer is that seeds are not what is missing.
MOST_SEEDS = 200
# Planning with the upper 80 % limit of a pilot's seed variance (Browne 1995, Statistics in Medicine 14).
CAUTIOUS = 0.8
COMPONENT_COLUMNS = (
    "sd_seed",
    "sd_seed_reference",
    "sd_seed_cautious",
    "sd_seed_reference_cautious",
    "sd_residual",
    "sd_residual_reference",
    "sd_interaction",
)


@dataclass(frozen=True)
class ContrastComponents:
    """Variances, in squared points, that the standard error of a difference of two methods is made of.

    Attributes:
        seed: of each method, between its seeds' true means; 0 for a deterministic one.
        residual: of each method, between seeds on one dialogue, their means apart; 0 for a deterministic one.
        interaction: between dialogues, of the difference of the methods' true means on them.
        has_seeds: of each method, whether it has seeds at all.
    """

    seed: tuple[float, float]
    residual: tuple[float, float]
    interaction: float
    has_seeds: tuple[bool, bool]

    def planned(self, n_seeds: np.ndarray | int, n_dialogues: np.ndarray | int) -> Estimate:
        """Standard error and degrees of freedom that `stats.difference` is expected to find; its value is 0.

        Args:
            n_seeds: seeds of each method that has any, 2 or more.
            n_dialogues: 2 or more.
        """
        n_seeds, n_dialogues = np.broadcast_arrays(np.asarray(n_seeds, float), np.asarray(n_dialogues, float))
        residual = sum(self.residual) / (n_seeds * n_dialogues)
        from_dialogues = self.interaction / n_dialogues + residual
        spread = from_dialogues**2 / (n_dialogues - 1)
        from_seeds = 0.0
        for seed, own_residual, has_seeds in zip(self.seed, self.residual, self.has_seeds, strict=True):
            part = (seed + own_residual / n_dialogues) / n_seeds
            from_seeds = from_seeds + part
            if has_seeds:
                spread = spread + part**2 / (n_seeds - 1)
        variance = from_seeds + from_dialogues - residual
        with_chance = variance > 0
        df = np.divide(variance**2, spread, out=np.array(n_dialogues - 1), where=with_chance)
        return Estimate(np.zeros_like(variance), np.sqrt(variance), df)


def contrast_components(
    method: MethodScores, reference: MethodScores, deterministic: tuple[bool, bool]
) -> ContrastComponents | None:
    """The components as a pilot shows them; None where a method with chance has one run, or there is one dialogue."""
    if method.n_dialogues == 1:
        return None
    seed, residual = [], []
    for scores, no_chance in zip((method, reference), deterministic, strict=True):
        if no_chance:
            seed.append(0.0)
            residual.append(0.0)
            continue
        if scores.n_seeds == 1:
            return None
        components = variance_components(scores)
        seed.append(components.seed)
        residual.append(components.residual)
    shown = float((method.dialogue_means - reference.dialogue_means).var(ddof=1))
    shared = residual[0] / method.n_seeds + residual[1] / reference.n_seeds
    return ContrastComponents(
        tuple(seed), tuple(residual), max(shown - shared, 0.0), tuple(not no_chance for no_chance in deterministic)
    )


def cautious(components: ContrastComponents, method: MethodScores, reference: MethodScores) -> ContrastComponents:
    """The same with each seed variance at the upper one-sided limit that a pilot of so few seeds allows."""
    seed = []
    for scores, residual, has_seeds in zip((method, reference), components.residual, components.has_seeds, strict=True):
        if not has_seeds:
            seed.append(0.0)
            continue
        freedom = scores.n_seeds - 1
        limit = float(scores.seed_means.var(ddof=1)) * freedom / stats.chi2.ppf(1 - CAUTIOUS, freedom)
        seed.append(max(limit - residual / scores.n_dialogues, 0.0))
    return replace(components, seed=tuple(seed))


def as_columns(components: ContrastComponents | None, cautious: ContrastComponents | None) -> dict[str, float]:
    """Standard deviations in points for a table, to be read back by `from_columns`; NaN for what a pilot cannot tell."""
    if components is None:
        return dict.fromkeys(COMPONENT_COLUMNS, math.nan)
    variances = (*components.seed, *cautious.seed, *components.residual, components.interaction)
    return dict(zip(COMPONENT_COLUMNS, map(math.sqrt, variances), strict=True))


def from_columns(row: Mapping[str, float]) -> tuple[ContrastComponents, ContrastComponents] | None:
    """A contrast's components, as estimated and cautious, from a row of contrasts.csv; None where a pilot could not tell them."""
    if any(math.isnan(row[column]) for column in COMPONENT_COLUMNS):
        return None
    variances = [row[column] ** 2 for column in COMPONENT_COLUMNS]
    has_seeds = (row["n_seeds"] > 0, row["n_seeds_reference"] > 0)
    residual, interaction = tuple(variances[4:6]), variances[6]
    return (
        ContrastComponents(tuple(variances[0:2]), residual, interaction, has_seeds),
        ContrastComponents(tuple(variances[2:4]), residual, interaction, has_seeds),
    )


def power_of_difference(true: np.ndarray | float, estimate: Estimate, alpha: float = ALPHA) -> np.ndarray:
    """Probability that the two-sided test finds a true difference (points)."""
    true, se, df = np.broadcast_arrays(np.asarray(true, float), estimate.se, _usable(estimate.df))
    threshold = stats.t.ppf(1 - alpha / 2, df)
    shift = np.divide(np.abs(true), se, out=np.where(true == 0, 0.0, np.inf), where=se != 0)
    within = np.minimum(shift, 1e3)
    # The second term is a difference taken for one in the other direction; scipy's nct.cdf(-threshold) is NaN at times.
    found = stats.nct.sf(threshold, df, within) + stats.nct.sf(threshold, df, -within)
    return np.where((shift == 0) & (se == 0), 0.0, np.where(shift > 1e3, 1.0, found))


def power_of_noninferiority(true: np.ndarray | float, margin: float, estimate: Estimate, alpha: float = ALPHA) -> np.ndarray:
    """Probability that the one-sided test rules out a loss of `margin` points where the true difference is `true`."""
    true, se, df = np.broadcast_arrays(np.asarray(true, float), estimate.se, _usable(estimate.df))
    threshold = stats.t.ppf(1 - alpha, df)
    shift = np.divide(true + margin, se, out=np.where(true + margin > 0, np.inf, -np.inf), where=se != 0)
    return np.where(np.abs(shift) > 1e3, (shift > 0) * 1.0, stats.nct.sf(threshold, df, np.clip(shift, -1e3, 1e3)))


def power_of_equivalence(true: np.ndarray | float, margin: float, estimate: Estimate, alpha: float = ALPHA) -> np.ndarray:
    """A lower bound of the probability that both one-sided tests succeed (Bonferroni)."""
    below = power_of_noninferiority(true, margin, estimate, alpha)
    above = power_of_noninferiority(-np.asarray(true), margin, estimate, alpha)
    return np.maximum(below + above - 1, 0)


def smallest_detectable_difference(estimate: Estimate, power: float, alpha: float = ALPHA) -> np.ndarray:
    """The true difference, in points, that the two-sided test finds with probability `power`."""
    se, df = np.broadcast_arrays(np.asarray(estimate.se, float), np.asarray(estimate.df, float))
    known = np.isfinite(se)
    distinct, place = np.unique(_usable(df[known]), return_inverse=True)
    if not distinct.size:
        return np.full(se.shape, math.nan)

    def lacking(shift: np.ndarray, df: np.ndarray) -> np.ndarray:
        return power_of_difference(shift, Estimate(0.0, np.ones_like(df), df), alpha) - power

    # The sum of the two t quantiles is the usual approximation, and never too small by half.
    guess = stats.t.ppf(1 - alpha / 2, distinct) + stats.t.ppf(power, distinct)
    factors = elementwise.find_root(lacking, (np.zeros_like(guess), 2 * guess), args=(distinct,)).x
    found = np.full(se.shape, math.nan)
    found[known] = factors[place] * se[known]
    return found


def seeds_needed(
    power_of: Callable[[Estimate], np.ndarray], components: ContrastComponents, n_dialogues: int, power: float
) -> int | None:
    """The fewest seeds a method (2 to MOST_SEEDS) with which `power_of` the design reaches `power`, or None.

    For two methods without seeds, 1 where the dialogues are enough.
    """
    if not any(components.has_seeds):
        return 1 if power_of(components.planned(2, n_dialogues)) >= power else None
    return _first(np.arange(2, MOST_SEEDS + 1), power_of, lambda seeds: components.planned(seeds, n_dialogues), power)


def dialogues_needed(
    power_of: Callable[[Estimate], np.ndarray], components: ContrastComponents, n_seeds: int, power: float
) -> int | None:
    """The number of dialogues (two digits exact, to a million) with which `power_of` the design reaches `power`, or None."""
    sizes = np.unique([round(digits * 10**zeros) for zeros in range(5) for digits in np.arange(10, 100)])
    return _first(sizes, power_of, lambda dialogues: components.planned(max(n_seeds, 2), dialogues), power)


@dataclass(frozen=True)
class Need:
    """The least that a question takes.

    Attributes:
        seeds: seeds a method with the dialogues at hand, or None where no number up to MOST_SEEDS is enough.
        dialogues: only where seeds is None: (dialogues, seeds a method) that are enough, or None where nothing in reach is.
    """

    seeds: int | None
    dialogues: tuple[int, int] | None = None


def need(
    power_of: Callable[[Estimate], np.ndarray], components: ContrastComponents, n_seeds: int, n_dialogues: int, power: float
) -> Need:
    """What `power_of` a design needs to reach `power`: more seeds if that is enough, else more dialogues too."""
    if (seeds := seeds_needed(power_of, components, n_dialogues, power)) is not None:
        return Need(seeds)
    for tried in (n_seeds, 10, 50, MOST_SEEDS):
        if tried >= n_seeds and (dialogues := dialogues_needed(power_of, components, tried, power)) is not None:
            return Need(None, (dialogues, tried))
    return Need(None)


def _first(sizes: np.ndarray, power_of: Callable, planned: Callable, power: float) -> int | None:
    enough = power_of(planned(sizes)) >= power
    return int(sizes[enough.argmax()]) if enough.any() else None


def _usable(df: np.ndarray | float) -> np.ndarray:
    """Beyond a million degrees of freedom t is normal, and the noncentral t loses its digits."""
    return np.minimum(df, 1e6)
