"""Alpha spending: known boundaries, the chance of any claim over simulated looks, and p values that hold over all looks."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from parity.spending import ALPHAS, OBRIEN_FLEMING, POCOCK, nominal_levels, p_over_looks, spent

FIVE = (40, 80, 120, 160, 200)
PLAN = (3, 5, 7, 9, 10)
BOTH = pytest.mark.parametrize("spending", [OBRIEN_FLEMING, POCOCK])


# Lan and DeMets' boundaries for five equal steps at one-sided 0.025, as the R package ldbounds gives them for a known variance,
# which that of 40 seeds and more nearly is.
@pytest.mark.parametrize(
    ("spending", "z"),
    [
        (OBRIEN_FLEMING, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        (POCOCK, [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_with_many_seeds_the_boundaries_are_those_of_the_literature(spending, z):
    levels = nominal_levels(0.025, FIVE, FIVE, spending)
    # The first two of O'Brien and Fleming are too rare to be simulated: nothing is shared there.
    assert stats.norm.isf(levels) == pytest.approx(z, abs=0.04)


def test_a_chance_that_is_too_small_to_be_simulated_is_spent_alone():
    levels = nominal_levels(0.025, FIVE, FIVE, OBRIEN_FLEMING)
    assert levels[0] == pytest.approx(spent(0.025, 0.2, OBRIEN_FLEMING))


@BOTH
def test_all_is_spent_at_the_end_and_nothing_at_the_beginning(spending):
    assert spent(0.05, 1.0, spending) == pytest.approx(0.05)
    assert spent(0.05, 1e-6, spending) < 1e-6
    shares = [spent(0.05, count / 200, spending) for count in FIVE]
    assert shares == sorted(shares)


def test_pocock_spends_early_what_obrien_and_fleming_keep():
    assert spent(0.05, 0.2, OBRIEN_FLEMING) < 1e-4 < 0.01 < spent(0.05, 0.2, POCOCK)


def test_an_unknown_way_of_spending_is_an_error():
    with pytest.raises(ValueError, match="'all'"):
        spent(0.05, 0.5, "all")


def paths(counts, studies: int, seed: int) -> np.ndarray:
    """One-sided p of the t test of the first n of some seeds, shape (looks, studies), where nothing is true."""
    seeds = np.random.default_rng(seed).normal(size=(studies, counts[-1]))
    return np.array([stats.ttest_1samp(seeds[:, :count], 0, axis=1, alternative="greater").pvalue for count in counts])


@BOTH
@pytest.mark.parametrize("counts", [PLAN, (2, 20), (20,)], ids=str)
def test_any_claim_over_all_looks_has_the_chance_that_was_to_be_spent(spending, counts):
    claims = paths(counts, 100_000, seed=5) <= nominal_levels(0.05, counts, counts, spending)[:, None]
    for look, count in enumerate(counts, 1):
        chance = spent(0.05, count / counts[-1], spending)
        assert claims[:look].any(axis=0).mean() == pytest.approx(chance, abs=0.003)


@BOTH
def test_a_look_that_is_left_out_leaves_its_share_to_the_next(spending):
    counts = (3, 9, 10)
    claims = paths(counts, 100_000, seed=6) <= nominal_levels(0.05, counts, PLAN, spending)[:, None]
    assert claims.any(axis=0).mean() == pytest.approx(0.05, abs=0.003)


def test_one_look_is_a_plain_test():
    assert nominal_levels(0.05, (20,), (20,), OBRIEN_FLEMING) == pytest.approx([0.05], rel=0.02)
    assert p_over_looks(0.013, (20,), (20,), POCOCK) == pytest.approx(0.013, rel=0.05)


@BOTH
@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.05, 0.2, 0.6])
def test_a_p_at_a_looks_level_is_the_alpha_of_that_level(spending, alpha):
    for looks in range(1, len(PLAN) + 1):
        level = nominal_levels(alpha, PLAN[:looks], PLAN, spending)[-1]
        if level > 1e-100:
            assert p_over_looks(level, PLAN[:looks], PLAN, spending) == pytest.approx(max(alpha, ALPHAS[0]), rel=0.05)


@BOTH
def test_adjusted_p_rises_with_p_and_is_hardly_below_it(spending):
    tried = [0.0, 1e-12, 1e-6, 0.001, 0.01, 0.04, 0.05, 0.2, 0.5, 0.9, 1.0]
    for looks in range(1, len(PLAN) + 1):
        adjusted = [p_over_looks(p, PLAN[:looks], PLAN, spending) for p in tried]
        assert all(low <= high for low, high in pairwise(adjusted))
        assert all(after >= before * 0.97 for before, after in zip(tried, adjusted, strict=True))
        assert 0 < adjusted[0] <= 1e-9 and adjusted[-1] == 1.0


@BOTH
def test_where_nothing_is_true_the_least_adjusted_p_is_that_of_a_single_test(spending):
    p = paths(PLAN, 20_000, seed=7)
    least = np.ones(p.shape[1])
    for look in range(1, len(PLAN) + 1):
        least = np.minimum(least, [p_over_looks(each, PLAN[:look], PLAN, spending) for each in p[look - 1]])
    for alpha in (0.01, 0.05, 0.1, 0.25):
        assert (least <= alpha).mean() <= alpha + 4 * math.sqrt(alpha * (1 - alpha) / p.shape[1])
    assert (least <= 0.05).mean() >= 0.04
