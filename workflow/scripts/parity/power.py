"""What a design of so many seeds and dialogues can show, and what design it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy import special, stats
from scipy.optimize import elementwise

from .stats import ALPHA, ROUNDING, MethodScores, variance_components

# Beyond so many seeds a method, the answer is that seeds are not what is missing.
MOST_SEEDS = 200
# Planning with the upper 80 % limit of a pilot's seed variance (Browne 1995, Statistics in Medicine 14).
CAUTIOUS = 0.8
# Simulated studies that a power is the mean of: enough for two digits of a percentage.
N_STUDIES = 256
# Designs at a time, to bound memory.
CHUNK = 2000
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
class Design:
    """Designs of any shape: the parts that `stats.linear_estimate` will find in a contrast's variance, on average.

    A study's own parts scatter about these like chi-squared variables over their degrees of freedom, and with few seeds its
    interval is then often far wider than the average one. Powers are therefore means over such studies and not over one
    study of average parts, which promises some 80 % where three seeds give 70.

    Attributes:
        seed_parts: squared points, shape (2, ...): each method's; 0 where it has no seeds.
        seed_df: their degrees of freedom.
        dialogue_part: squared points, shape (...).
        dialogue_df: its degrees of freedom.
        residual_part: squared points: what the seed parts and the dialogue part hold both.
    """

    seed_parts: np.ndarray
    seed_df: np.ndarray
    dialogue_part: np.ndarray
    dialogue_df: np.ndarray
    residual_part: np.ndarray

    @property
    def se(self) -> np.ndarray:
        """The true standard error, in points."""
        return np.sqrt(_variance(self.seed_parts.sum(axis=0), self.dialogue_part, self.residual_part))

    def rows(self, places: np.ndarray) -> Design:
        """The designs at these places of the flattened shape, in one row."""
        flat = [part.reshape(2, -1)[:, places] for part in (self.seed_parts, self.seed_df)]
        return Design(*flat, *(part.reshape(-1)[places] for part in (self.dialogue_part, self.dialogue_df, self.residual_part)))

    def reach(self, quantile: float) -> np.ndarray:
        """t(quantile) x standard error of N_STUDIES studies of each design, in points: shape (..., N_STUDIES)."""
        draws = _studies()
        seed_parts = self.seed_parts[..., None] * np.stack(
            [_chi_squared_over_df(df, uniform) for df, uniform in zip(self.seed_df, draws[:2], strict=True)]
        )
        dialogue_part = self.dialogue_part[..., None] * _chi_squared_over_df(self.dialogue_df, draws[2])
        variance = _variance(seed_parts.sum(axis=0), dialogue_part, self.residual_part[..., None])
        spread = (seed_parts**2 / self.seed_df[..., None]).sum(axis=0) + dialogue_part**2 / self.dialogue_df[..., None]
        df = np.divide(variance**2, spread, out=np.ones_like(variance), where=spread > 0)
        return _t_quantile(quantile, df) * np.sqrt(variance)


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

    def planned(self, n_seeds: np.ndarray | int, n_dialogues: np.ndarray | int) -> Design:
        """The design of so many seeds (2 or more, of each method that has any) and dialogues (2 or more)."""
        n_seeds, n_dialogues = np.broadcast_arrays(np.asarray(n_seeds, float), np.asarray(n_dialogues, float))
        residual = sum(self.residual) / (n_seeds * n_dialogues)
        seed_parts = [
            (seed + own_residual / n_dialogues) / n_seeds for seed, own_residual in zip(self.seed, self.residual, strict=True)
        ]
        return Design(
            np.stack(seed_parts),
            np.stack([n_seeds - 1] * 2),
            self.interaction / n_dialogues + residual,
            n_dialogues - 1,
            residual,
        )


def designs_found(pairs: Sequence[tuple[MethodScores, MethodScores]]) -> Design:
    """The designs of contrasts that were made, a row a pair, with the parts that were found; NaN for one dialogue."""
    parts = []
    for method, reference in pairs:
        n_dialogues = method.n_dialogues
        dialogue_part = _gap_variance(method, reference) / n_dialogues if n_dialogues > 1 else math.nan
        seeds = [(scores.seed_part, max(scores.n_seeds - 1, 1)) for scores in (method, reference)]
        parts.append((*zip(*seeds, strict=True), dialogue_part, n_dialogues - 1, method.residual_part + reference.residual_part))
    seed_parts, seed_df, dialogue_part, dialogue_df, residual_part = (np.array(part, float) for part in zip(*parts, strict=True))
    return Design(seed_parts.T, seed_df.T, dialogue_part, dialogue_df, residual_part)


def of_dialogues(variance: np.ndarray | float, df: np.ndarray | float) -> Design:
    """Designs whose dialogues alone decide: the variance of the mean (squared points) and its degrees of freedom."""
    variance, df = np.broadcast_arrays(np.asarray(variance, float), np.asarray(df, float))
    nothing = np.zeros((2, *variance.shape))
    return Design(nothing, nothing + 1, variance, df, nothing[0])


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
    shared = residual[0] / method.n_seeds + residual[1] / reference.n_seeds
    return ContrastComponents(
        tuple(seed),
        tuple(residual),
        max(_gap_variance(method, reference) - shared, 0.0),
        tuple(not no_chance for no_chance in deterministic),
    )


def cautious(components: ContrastComponents, method: MethodScores, reference: MethodScores) -> ContrastComponents:
    """The same with each seed variance at the upper one-sided limit that a pilot of so few seeds allows."""
    seed = []
    for scores, residual, has_seeds in zip((method, reference), components.residual, components.has_seeds, strict=True):
        if not has_seeds:
            seed.append(0.0)
            continue
        freedom = scores.n_seeds - 1
        limit = scores.seed_variance * freedom / special.chdtri(freedom, CAUTIOUS)
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


def power_of_difference(true: np.ndarray | float, design: Design, alpha: float = ALPHA) -> np.ndarray:
    """Probability that the two-sided test finds a true difference (points)."""
    true, se, reach = _with_studies(true, design, 1 - alpha / 2)
    return (_probability_above(true - reach, se) + _probability_above(-true - reach, se)).mean(axis=-1)


def power_of_noninferiority(true: np.ndarray | float, margin: float, design: Design, alpha: float = ALPHA) -> np.ndarray:
    """Probability that the one-sided test rules out a loss of `margin` points where the true difference is `true`."""
    true, se, reach = _with_studies(true, design, 1 - alpha)
    return _probability_above(true + margin - reach, se).mean(axis=-1)


def power_of_equivalence(true: np.ndarray | float, margin: float, design: Design, alpha: float = ALPHA) -> np.ndarray:
    """Probability that both one-sided tests succeed where the true difference is `true`."""
    true, se, reach = _with_studies(true, design, 1 - alpha)
    neither_fails = _probability_above(true + margin - reach, se) + _probability_above(margin - true - reach, se) - 1
    return np.maximum(neither_fails, 0).mean(axis=-1)


def smallest_detectable_difference(design: Design, power: float, alpha: float = ALPHA) -> np.ndarray:
    """The true difference, in points, that the two-sided test finds with probability `power`; NaN where se is."""
    se = design.se
    found = np.where(np.isnan(se), math.nan, 0.0)
    for rows in np.array_split(np.flatnonzero(se > 0), se.size // CHUNK + 1):
        if rows.size:
            found.flat[rows] = _smallest_detectable(design.rows(rows), power, alpha)
    return found


def _smallest_detectable(design: Design, power: float, alpha: float) -> np.ndarray:
    # In standard errors, so that the tolerance of the root is relative to each design's own scale.
    reach = design.reach(1 - alpha / 2) / design.se[:, None]

    def lacking(shift: np.ndarray, row: np.ndarray) -> np.ndarray:
        studies = reach[row.astype(int)]
        return (special.ndtr(shift[..., None] - studies) + special.ndtr(-shift[..., None] - studies)).mean(axis=-1) - power

    rows = np.arange(len(reach), dtype=float)
    enough = reach.max(axis=1) + stats.norm.ppf(power) + 1
    return elementwise.find_root(lacking, (np.zeros_like(rows), enough), args=(rows,), tolerances={"xrtol": 1e-5}).x * design.se


def seeds_needed(
    power_of: Callable[[Design], np.ndarray], components: ContrastComponents, n_dialogues: int, power: float
) -> int | None:
    """The fewest seeds a method (2 to MOST_SEEDS) with which `power_of` the design reaches `power`, or None.

    For two methods without seeds, 1 where the dialogues are enough.
    """
    if not any(components.has_seeds):
        return 1 if power_of(components.planned(2, n_dialogues)) >= power else None
    return _first(np.arange(2, MOST_SEEDS + 1), power_of, lambda seeds: components.planned(seeds, n_dialogues), power)


def dialogues_needed(
    power_of: Callable[[Design], np.ndarray], components: ContrastComponents, n_seeds: int, power: float
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
    power_of: Callable[[Design], np.ndarray], components: ContrastComponents, n_seeds: int, n_dialogues: int, power: float
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


def _gap_variance(method: MethodScores, reference: MethodScores) -> float:
    """Variance over dialogues of the difference of the methods' means on them."""
    return float((method.dialogue_means - reference.dialogue_means).var(ddof=1))


def _variance(from_seeds: np.ndarray, from_dialogues: np.ndarray, residual_part: np.ndarray) -> np.ndarray:
    return np.maximum(from_seeds + from_dialogues - residual_part, np.maximum(from_seeds, from_dialogues))


def _with_studies(true: np.ndarray | float, design: Design, quantile: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True differences, standard errors and reaches, with the studies in the last axis."""
    true, se = np.broadcast_arrays(np.asarray(true, float), design.se)
    return true[..., None], se[..., None], design.reach(quantile)


def _probability_above(distance: np.ndarray, se: np.ndarray) -> np.ndarray:
    """P(a normal variable of this mean and standard deviation is above 0)."""
    # Without chance the sign decides; a difference of rounding size is none.
    certain = np.where(distance > ROUNDING, np.inf, -np.inf)
    return special.ndtr(np.divide(distance, se, out=certain, where=np.broadcast_to(se != 0, distance.shape)))


@cache
def _studies() -> np.ndarray:
    """The same N_STUDIES points of the unit cube for every design, shape (3, N_STUDIES).

    Points of Sobol, and again with the two methods' places exchanged: A against B then needs what B against A does.
    """
    points = stats.qmc.Sobol(3, rng=0).random(N_STUDIES // 2).T
    return np.hstack([points, points[[1, 0, 2]]])


def _chi_squared_over_df(df: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Quantiles of chi-squared / df at each df: shape df.shape + uniform.shape."""
    distinct, place = np.unique(np.asarray(df, float), return_inverse=True)
    many = distinct > 100
    # Wilson and Hilferty (1931): right to three digits there, and a hundred times faster.
    z, ninth = stats.norm.ppf(uniform), 2 / (9 * distinct[many, None])
    table = np.empty((len(distinct), len(uniform)))
    table[many] = (1 - ninth + z * np.sqrt(ninth)) ** 3
    table[~many] = stats.chi2.ppf(uniform, distinct[~many, None]) / distinct[~many, None]
    return table[place.reshape(np.shape(df))]


def _t_quantile(quantile: float, df: np.ndarray) -> np.ndarray:
    """Quantiles of t, read from a table fine enough for four digits: a plan asks for millions."""
    inverse = np.linspace(1e-9, 2, 4001)
    return np.exp(np.interp(1 / np.maximum(df, 0.5), inverse, np.log(stats.t.ppf(quantile, 1 / inverse))))
