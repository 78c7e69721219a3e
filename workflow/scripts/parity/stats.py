"""What scores over seeds and dialogues may claim: means, differences and ratios with intervals for new seeds and dialogues.

A score Y[s, d] of a method has two crossed sources of chance: its seeds s, nested in the method, and the dialogues d,
shared by all methods. Seeds of two methods are never paired: seed 3 of one has nothing in common with seed 3 of another
but the number. docs/STATISTICS.md derives the formulas and shows the coverage of every interval here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

CONFIDENCE = 0.95
ALPHA = 1 - CONFIDENCE
# Standard errors and differences below this many points are rounding of sums of floats, not chance.
ROUNDING = 1e-9
# Pairs of scores that are compared at a time, to bound memory.
PAIRS_AT_A_TIME = 1_000_000


@dataclass(frozen=True)
class MethodScores:
    """One method's scores on one metric.

    Attributes:
        values: points, shape (seeds, dialogues). One row has no seed variance to estimate: either the method is
            deterministic, or what is said of it holds for that run alone.
    """

    values: np.ndarray

    @property
    def n_seeds(self) -> int:
        return self.values.shape[0]

    @property
    def n_dialogues(self) -> int:
        return self.values.shape[1]

    @cached_property
    def seed_means(self) -> np.ndarray:
        return self.values.mean(axis=1)

    @cached_property
    def dialogue_means(self) -> np.ndarray:
        return self.values.mean(axis=0)

    @cached_property
    def mean(self) -> float:
        return float(self.dialogue_means.mean())

    @cached_property
    def residual_variance(self) -> float:
        """Mean square of what neither the seed nor the dialogue explains; 0 for one row or one dialogue."""
        freedom = (self.n_seeds - 1) * (self.n_dialogues - 1)
        if not freedom:
            return 0.0
        residuals = self.values - self.seed_means[:, None] - self.dialogue_means + self.mean
        return float((residuals**2).sum() / freedom)

    @cached_property
    def seed_variance(self) -> float:
        """Variance of the seed means; 0 for one row."""
        return float(self.seed_means.var(ddof=1)) if self.n_seeds > 1 else 0.0

    @cached_property
    def dialogue_variance(self) -> float:
        """Variance of the dialogue means; 0 for one dialogue."""
        return float(self.dialogue_means.var(ddof=1)) if self.n_dialogues > 1 else 0.0

    @property
    def seed_part(self) -> float:
        """Variance of the mean that the seeds show."""
        return self.seed_variance / self.n_seeds

    @property
    def residual_part(self) -> float:
        """The share of the mean's variance that seeds and dialogues both show."""
        return self.residual_variance / (self.n_seeds * self.n_dialogues)


@dataclass(frozen=True)
class Estimate:
    """Estimates in points with standard errors and degrees of freedom; floats, or arrays of one shape.

    se and df are NaN where there is one dialogue, which says nothing about another.
    """

    value: np.ndarray | float
    se: np.ndarray | float
    df: np.ndarray | float

    def interval(self, confidence: float = CONFIDENCE) -> tuple[np.ndarray, np.ndarray]:
        """Two-sided t interval: (low, high)."""
        reach = stats.t.ppf((1 + confidence) / 2, self.df) * self.se
        return self.value - reach, self.value + reach

    def p_difference(self) -> np.ndarray:
        """Two-sided p of the hypothesis that the true value is 0."""
        return 2 * stats.t.sf(np.abs(self._t(0)), self.df)

    def p_above(self, bound: float) -> np.ndarray:
        """One-sided p of the hypothesis that the true value is `bound` or below."""
        return stats.t.sf(self._t(bound), self.df)

    def p_below(self, bound: float) -> np.ndarray:
        """One-sided p of the hypothesis that the true value is `bound` or above."""
        return stats.t.cdf(self._t(bound), self.df)

    def p_noninferior(self, margin: float) -> np.ndarray:
        """One-sided p of the hypothesis that the true value is -margin or below."""
        return self.p_above(-margin)

    def p_equivalent(self, margin: float) -> np.ndarray:
        """p of the hypothesis that the true value lies outside +-margin: two one-sided tests (Schuirmann 1987)."""
        return np.maximum(self.p_above(-margin), self.p_below(margin))

    def _t(self, hypothesis: float) -> np.ndarray:
        distance, se = np.broadcast_arrays(np.asarray(self.value) - hypothesis, np.asarray(self.se))
        # Without any variance a difference is certain, and no difference is no evidence.
        certain = np.where(distance == 0, 0.0, np.copysign(np.inf, distance))
        return np.divide(distance, se, out=certain, where=se != 0)


Weighted = Sequence[tuple[float, MethodScores]]


def linear_estimate(terms: Weighted) -> Estimate:
    """The sum of weight x mean over methods, with its two-way standard error.

    Terms (1, A), (-1, B) give the difference of A and B; (1, A) alone gives A's mean. With V_S the sum of the methods'
    seed parts, V_D the variance over dialogues of the weighted seed averages, over the number of dialogues (which pairs
    the methods by dialogue), and V_E the residual's share that V_S and V_D both hold:
    v = max(V_S + V_D - V_E, V_D, V_S). Degrees of freedom after Satterthwaite (1946, Biometrics Bulletin 2).

    Raises:
        ValueError: the methods have different numbers of dialogues.
    """
    value, dialogue_part, n_dialogues = _by_dialogue(terms)
    if n_dialogues == 1:
        return Estimate(value, math.nan, math.nan)
    seed_parts = [(weight**2 * scores.seed_part, scores.n_seeds - 1) for weight, scores in terms if scores.n_seeds > 1]
    residual_parts = [
        (weight**2 * scores.residual_part, (scores.n_seeds - 1) * (n_dialogues - 1))
        for weight, scores in terms
        if scores.n_seeds > 1
    ]
    return _two_way(value, seed_parts, (dialogue_part, n_dialogues - 1), residual_parts)


def difference(method: MethodScores, reference: MethodScores) -> Estimate:
    """mean(method) - mean(reference), in points."""
    return linear_estimate([(1, method), (-1, reference)])


@dataclass(frozen=True)
class Ratio:
    """A ratio of means with Fieller's interval. low and high are infinite where no bound exists, all NaN where no ratio does."""

    value: float
    low: float
    high: float

    @property
    def is_bounded(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)


def ratio(numerator: Weighted, denominator: Weighted, confidence: float = CONFIDENCE) -> Ratio:
    """The ratio of two weighted sums of means, with the interval of Fieller (1954, JRSS B 16).

    The interval holds every ratio r for which the estimate numerator - r * denominator is within t standard errors of
    0, with the standard error of `linear_estimate` at that r and t at the degrees of freedom of the estimated ratio. It is
    unbounded exactly where the denominator itself is not distinguishable from 0.
    """
    terms = _merged(numerator, denominator)
    scores = [part for _, _, part in terms]
    top = linear_estimate([(weight, part) for weight, _, part in terms])
    bottom = linear_estimate([(weight, part) for _, weight, part in terms])
    if abs(bottom.value) <= ROUNDING or math.isnan(bottom.se):
        value = math.nan if abs(bottom.value) <= ROUNDING else top.value / bottom.value
        return Ratio(value, math.nan, math.nan)
    value = top.value / bottom.value
    at_estimate = linear_estimate([(up - value * down, part) for up, down, part in terms])
    t = stats.t.ppf((1 + confidence) / 2, at_estimate.df)

    n_dialogues = scores[0].n_dialogues
    series = np.array(
        [
            np.sum([up * part.dialogue_means for up, _, part in terms], axis=0),
            np.sum([down * part.dialogue_means for _, down, part in terms], axis=0),
        ]
    )
    covariance = np.cov(series) / n_dialogues
    # Variances of numerator - r * denominator as coefficients of (r^2, r, 1).
    dialogue_part = np.array([covariance[1, 1], -2 * covariance[0, 1], covariance[0, 0]])
    seed_part = _squares([(up, down, part.seed_part) for up, down, part in terms])
    residual_part = _squares([(up, down, part.residual_part) for up, down, part in terms])
    distance = np.array([bottom.value**2, -2 * top.value * bottom.value, top.value**2])
    lows, highs = [], []
    for variance in (seed_part + dialogue_part - residual_part, dialogue_part, seed_part):
        # A point of the interval is one that any of the three variances, whose largest counts, leaves inside.
        bounds = _quadratic_interval(distance - t**2 * variance, value)
        lows.append(bounds[0])
        highs.append(bounds[1])
    return Ratio(value, min(lows), max(highs))


def probability_better(method: MethodScores, reference: MethodScores) -> Estimate:
    """P(the method scores above the reference) on a new dialogue with a new seed of each; a tie counts one half.

    The mean over dialogues and pairs of seeds of the indicator, a two-sample U-statistic over each dialogue. Its
    variance follows from its projections on seeds and dialogues (Hoeffding 1948), put together as in `linear_estimate`.
    """
    if method.n_dialogues != reference.n_dialogues:
        raise ValueError("the methods have different numbers of dialogues")
    of_method = np.empty_like(method.values, dtype=float)
    of_reference = np.zeros_like(reference.values, dtype=float)
    block = max(PAIRS_AT_A_TIME // reference.values.size, 1)
    for start in range(0, method.n_seeds, block):
        rows = slice(start, start + block)
        # Scores that differ by less than the rounding of a mean over references are the same score.
        gap = method.values[rows, None] - reference.values
        wins = ((gap > ROUNDING) + (gap >= -ROUNDING).astype(float)) / 2
        of_method[rows] = wins.mean(axis=1)
        of_reference += wins.sum(axis=0)
    of_reference /= method.n_seeds
    wins_of_method, wins_of_reference = MethodScores(of_method), MethodScores(of_reference)
    n_dialogues = method.n_dialogues
    value = wins_of_method.mean
    if n_dialogues == 1:
        return Estimate(value, math.nan, math.nan)
    both = [wins for wins in (wins_of_method, wins_of_reference) if wins.n_seeds > 1]
    return _two_way(
        value,
        [(wins.seed_part, wins.n_seeds - 1) for wins in both],
        (wins_of_method.dialogue_variance / n_dialogues, n_dialogues - 1),
        [(wins.residual_part, (wins.n_seeds - 1) * (n_dialogues - 1)) for wins in both],
    )


@dataclass(frozen=True)
class VarianceComponents:
    """Where a method's scores vary, as variances in squared points; NaN where one run cannot tell them apart."""

    seed: float
    dialogue: float
    residual: float

    @property
    def intraclass_correlation(self) -> float:
        """ICC(A,1) of McGraw and Wong (1996): the share of a single score's variance that belongs to its dialogue."""
        total = self.seed + self.dialogue + self.residual
        return self.dialogue / total if total else math.nan


def variance_components(scores: MethodScores) -> VarianceComponents:
    """Components of the crossed random-effects model, from its mean squares; what comes out negative is 0.

    In balanced data, as here, they equal the REML estimates wherever those are positive (Searle, Casella and McCulloch 1992).
    """
    if scores.n_seeds == 1 or scores.n_dialogues == 1:
        return VarianceComponents(math.nan, math.nan, math.nan)
    residual = scores.residual_variance
    seed = scores.seed_variance - residual / scores.n_dialogues
    dialogue = scores.dialogue_variance - residual / scores.n_seeds
    return VarianceComponents(_unless_rounding(seed), _unless_rounding(dialogue), _unless_rounding(residual))


def _unless_rounding(variance: float) -> float:
    return variance if variance > ROUNDING**2 else 0.0


def _by_dialogue(terms: Weighted) -> tuple[float, float, int]:
    """Value, variance from the dialogues and number of dialogues of a weighted sum of means."""
    if len({scores.n_dialogues for _, scores in terms}) != 1:
        raise ValueError("the methods have different numbers of dialogues")
    by_dialogue = sum(weight * scores.dialogue_means for weight, scores in terms)
    n_dialogues = len(by_dialogue)
    value = float(by_dialogue.mean())
    variance = float(by_dialogue.var(ddof=1)) / n_dialogues if n_dialogues > 1 else math.nan
    return (0.0 if abs(value) <= ROUNDING else value), variance, n_dialogues


def _two_way(
    value: float, seed_parts: list[tuple[float, int]], dialogue_part: tuple[float, int], residual_parts: list[tuple[float, int]]
) -> Estimate:
    """An estimate from (variance, degrees of freedom) of its parts."""
    from_seeds = sum(variance for variance, _ in seed_parts)
    from_dialogues = dialogue_part[0]
    variance = max(from_seeds + from_dialogues - sum(part for part, _ in residual_parts), from_dialogues, from_seeds)
    if variance <= ROUNDING**2:
        return Estimate(value, 0.0, float(dialogue_part[1]))
    spread = sum(part**2 / df for part, df in [*seed_parts, dialogue_part, *residual_parts])
    return Estimate(value, math.sqrt(variance), variance**2 / spread)


def _merged(numerator: Weighted, denominator: Weighted) -> list[tuple[float, float, MethodScores]]:
    """(weight in the numerator, weight in the denominator, scores), a method once."""
    merged: dict[int, list] = {}
    for place, terms in enumerate((numerator, denominator)):
        for weight, scores in terms:
            merged.setdefault(id(scores), [0.0, 0.0, scores])[place] += weight
    return [tuple(entry) for entry in merged.values()]


def _squares(parts: list[tuple[float, float, float]]) -> np.ndarray:
    """Coefficients in r of the sum of (up - r * down)^2 * variance."""
    up, down, variance = np.array(parts).T
    return np.array([(down**2 * variance).sum(), -2 * (up * down * variance).sum(), (up**2 * variance).sum()])


def _quadratic_interval(coefficients: np.ndarray, inside: float) -> tuple[float, float]:
    """Where a r^2 + b r + c <= 0, widened to hold the point `inside`; infinite where a <= 0."""
    largest = float(np.abs(coefficients).max())
    if not math.isfinite(largest):
        # With less than one degree of freedom, t can be beyond all numbers.
        return -math.inf, math.inf
    # By a power of two, which rounds nothing: squares of large coefficients would be too large.
    a, b, c = np.ldexp(coefficients, -math.frexp(largest)[1])
    if a <= 0:
        return -math.inf, math.inf
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        # With few dialogues the residual taken out can leave less than nothing; that variance then leaves no ratio inside.
        return inside, inside
    half_width = math.sqrt(discriminant) / (2 * a)
    centre = -b / (2 * a)
    return min(centre - half_width, inside), max(centre + half_width, inside)
