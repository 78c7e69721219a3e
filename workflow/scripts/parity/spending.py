"""Looking at data several times as they grow, with error rates that hold over all looks: alpha spending.

Estimates at successive looks, of the same dialogues and ever more seeds, have Cov(look j, look k) = Var(look k) for j < k,
since what the dialogues and the earlier seeds brought is in both: the structure of a group-sequential trial (Jennison and
Turnbull 2000, section 3.1). Its usual boundaries take the variance for known. With three seeds it is not, and a claim that
rests on a variance that came out small is a further chance to mislead at every look. So the looks are taken here for those of
the t test that knows its variance least: of one method whose seeds alone vary. Where dialogues or two methods share the
variance, looks are more alike, degrees of freedom more, and less is spent than may be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from scipy import interpolate, stats

OBRIEN_FLEMING, POCOCK = "obrien_fleming", "pocock"
# Simulated studies in which nothing is true: levels around 0.01 are right to 2 %.
N_STUDIES = 200_000
# A chance that so few of them would show is spent as if the look shared nothing with the others (Bonferroni).
FEWEST = 100
# What an adjusted p is read from; below the first, it is the first.
ALPHAS = np.concatenate([np.geomspace(1e-10, 0.3, 60, endpoint=False), np.linspace(0.3, 0.9999, 30)])


def spent(alpha: np.ndarray | float, time: float, spending: str) -> np.ndarray | float:
    """The part of alpha that may be spent up to a time (0 to 1): functions 1 and 2 of Lan and DeMets (1983, Biometrika 70).

    Raises:
        ValueError: `spending` is neither obrien_fleming nor pocock.
    """
    if spending == OBRIEN_FLEMING:
        return 2 * stats.norm.sf(stats.norm.isf(np.asarray(alpha) / 2) / math.sqrt(time))
    if spending == POCOCK:
        return alpha * math.log1p((math.e - 1) * time)
    raise ValueError(f"unknown spending function {spending!r}")


def nominal_levels(alpha: float, counts: Sequence[int], planned: Sequence[int], spending: str) -> np.ndarray:
    """The level of a one-sided test at each look with which the chance of a false claim at any of them is what is spent.

    Args:
        counts: seeds at the looks that are taken, rising.
        planned: at those that were planned. A look's time is its seeds as a share of the last of these.
    Returns:
        a level a look; 0 where nothing is to spend.
    """
    return _levels_of(alpha, tuple(counts), planned[-1], spending)


@lru_cache(maxsize=256)
def _levels_of(alpha: float, counts: tuple[int, ...], most: int, spending: str) -> np.ndarray:
    return _levels(alpha, counts, most, spending)


def p_over_looks(p: float, counts: Sequence[int], planned: Sequence[int], spending: str) -> float:
    """A one-sided p value of the last of some looks, adjusted for the earlier ones.

    The smallest alpha with which the test would have claimed at this look (Liu and Anderson 2008, JASA 103): over all looks
    the chance of such a value of a or below at any of them, if nothing is true, is no more than a.
    """
    as_planned = tuple(counts) == tuple(planned[: len(counts)])
    # One table for all looks of a plan.
    least, highest, alpha_of = _read_off(tuple(planned if as_planned else counts), len(counts), planned[-1], spending)
    if p > highest:
        return 1.0
    return float(np.exp(alpha_of(math.log(max(p, least)))))


@lru_cache(maxsize=256)
def _read_off(counts: tuple[int, ...], look: int, most: int, spending: str) -> tuple[float, float, Callable]:
    """From the level of a look's test to alpha, both as logarithms, and before that the lowest and highest of these levels."""
    levels = np.maximum.accumulate(_table(counts, most, spending)[:, look - 1])
    # Where several have one level, the lowest alpha is not enough for sure.
    known = (levels > 0) & np.append(np.diff(levels) > 0, True)
    curve = interpolate.PchipInterpolator(np.log(levels[known]), np.log(ALPHAS[known]))
    return float(levels[known][0]), float(levels[known][-1]), curve


@lru_cache(maxsize=64)
def _table(counts: tuple[int, ...], most: int, spending: str) -> np.ndarray:
    """Levels for each of ALPHAS, shape (ALPHAS, looks)."""
    return np.array([_levels(float(alpha), counts, most, spending) for alpha in ALPHAS])


def _levels(alpha: float, counts: tuple[int, ...], most: int, spending: str) -> np.ndarray:
    p, levels, before = _null(counts), np.zeros(len(counts)), 0.0
    going_on = np.arange(N_STUDIES)
    for look, count in enumerate(counts):
        total = float(spent(alpha, count / most, spending))
        chance, before = max(total - before, 0.0), total
        now = p[look, going_on]
        enough = chance * N_STUDIES
        if enough < FEWEST:
            levels[look] = chance
        elif enough < len(now):
            place = int(enough)
            below, above = np.partition(now, [place - 1, place])[place - 1 : place + 1]
            levels[look] = below + (enough - place) * (above - below)
        else:
            levels[look] = 1.0
        going_on = going_on[now > levels[look]]
    return levels


@lru_cache(maxsize=16)
def _null(counts: tuple[int, ...]) -> np.ndarray:
    """One-sided p values of t tests over the looks of N_STUDIES studies in which nothing is true, shape (looks, studies).

    Of the seeds that a look adds, the sum is normal, and the sum of squares about their mean is chi-squared.
    """
    generator = np.random.default_rng(0)
    sums, squares, p, before = np.zeros(N_STUDIES), np.zeros(N_STUDIES), [], 0
    for count in counts:
        added = count - before
        of_added = math.sqrt(added) * generator.normal(size=N_STUDIES)
        sums += of_added
        squares += of_added**2 / added + (generator.chisquare(added - 1, N_STUDIES) if added > 1 else 0.0)
        variance = (squares - sums**2 / count) / (count - 1)
        p.append(stats.t.sf(sums / count / np.sqrt(variance / count), count - 1))
        before = count
    return np.array(p)
