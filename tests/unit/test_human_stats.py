"""The statistics of ratings, against published examples, other libraries, and studies whose truth is known."""

from __future__ import annotations

import math

import krippendorff
import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from parity import human_stats as hs

N = math.nan
# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability: four observers, twelve units; printed there: ordinal 0.815.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
)


def alpha(values: np.ndarray) -> float:
    """Of grades from 1 to 5."""
    return float(hs.ordinal_alpha(hs.coincidences(values - 1, 5).sum(axis=0)))


def test_alpha_is_the_published_one():
    assert alpha(PUBLISHED) == pytest.approx(0.815, abs=0.0005)


def test_alpha_is_that_of_the_library_with_gaps_too():
    generator = np.random.default_rng(1)
    for _ in range(20):
        truth = generator.integers(1, 6, 15)
        values = np.clip(truth + generator.integers(-1, 2, (3, 15)), 1, 5).astype(float)
        values[generator.random(values.shape) < 0.25] = N
        expected = krippendorff.alpha(values, level_of_measurement="ordinal", value_domain=[1, 2, 3, 4, 5])
        assert alpha(values) == pytest.approx(expected)


def test_alpha_of_full_agreement_is_1_and_without_variation_there_is_none():
    assert alpha(np.array([[1.0, 2, 5], [1, 2, 5]])) == 1
    assert math.isnan(alpha(np.full((2, 4), 3.0)))
    assert math.isnan(alpha(np.array([[1.0, 2, 3]])))


def test_alpha_of_raters_by_chance_is_about_0():
    assert alpha(np.random.default_rng(0).integers(1, 6, (3, 4000)).astype(float)) == pytest.approx(0, abs=0.03)


def test_bradley_terry_is_the_logistic_regression_of_the_same_comparisons():
    """A comparison is a row with 1 for one method and -1 for the other; the added tie of each pair as two half rows."""
    wins = np.array([[0, 7.5, 9], [4.5, 0, 6], [3, 2, 0]])
    rows, won, weights = [], [], []
    for i in range(3):
        for j in range(3):
            if i != j:
                rows.append(np.eye(3)[i] - np.eye(3)[j])
                won.append(1)
                weights.append(wins[i, j] + 0.5)
    rows, won = rows + [-row for row in rows], won + [0] * 6
    model = sm.GLM(won, np.array(rows)[:, :2] - 0, family=sm.families.Binomial(), freq_weights=weights * 2)
    expected = np.append(model.fit().params, 0)
    assert hs.bradley_terry(wins) == pytest.approx(expected - expected.mean(), abs=1e-5)


def test_a_method_that_wins_always_and_one_that_never_met_another_have_finite_strengths():
    wins = np.zeros((4, 4))
    wins[0, 1] = wins[0, 2] = wins[1, 2] = 50
    strengths = hs.bradley_terry(wins)
    assert np.isfinite(strengths).all() and np.abs(strengths).max() < 15
    assert strengths[0] > strengths[1] > strengths[2] and strengths.sum() == pytest.approx(0)
    two = hs.bradley_terry(np.array([[0, 10.0], [0, 0]]))
    assert two[0] - two[1] == pytest.approx(math.log(10.5 / 0.5), abs=1e-5)


def test_bradley_terry_of_many_draws_is_that_of_each():
    wins = np.random.default_rng(2).poisson(4, (5, 3, 3)).astype(float) * (1 - np.eye(3))
    assert hs.bradley_terry(wins) == pytest.approx(np.array([hs.bradley_terry(one) for one in wins]), abs=1e-4)


def test_tau_is_scipys_tau_b():
    generator = np.random.default_rng(3)
    first, second = generator.integers(0, 4, (30, 6)).astype(float), generator.integers(0, 4, (30, 6)).astype(float)
    expected = [stats.kendalltau(*pair).statistic for pair in zip(first, second, strict=True)]
    assert hs.kendall_tau(first, second) == pytest.approx(np.array(expected), nan_ok=True)
    assert math.isnan(hs.kendall_tau(np.ones(4), np.arange(4.0)))


def test_a_proportion_of_one_judgement_a_dialogue_is_wilsons_interval_with_t():
    shares = np.array([1.0] * 14 + [0.0] * 6)
    found = hs.proportion(shares, np.arange(20))
    n, p, t = 20, 0.7, stats.t.ppf(0.975, 19)
    # The sample variance divides by n - 1: the effective number is one less.
    bounds = np.roots([1 + t**2 / (n - 1), -(2 * p + t**2 / (n - 1)), p**2])
    assert (found.value, found.low, found.high) == pytest.approx((0.7, *sorted(bounds)))


def test_judgements_of_one_dialogue_count_as_far_as_they_differ():
    """Three raters who always agree say no more than one; three who do not say more."""
    shares = np.array([1.0] * 14 + [0.0] * 6)
    one = hs.proportion(shares, np.arange(20))
    agreeing = hs.proportion(np.repeat(shares, 3), np.repeat(np.arange(20), 3))
    apart = hs.proportion((np.random.default_rng(5).random(60) < 0.7).astype(float), np.repeat(np.arange(20), 3))
    assert (agreeing.low, agreeing.high) == pytest.approx((one.low, one.high))
    assert apart.high - apart.low < 0.8 * (one.high - one.low)


def test_a_proportion_that_does_not_vary_has_a_width_all_the_same():
    found = hs.proportion(np.ones(30), np.repeat(np.arange(10), 3))
    assert found.value == found.high == 1
    assert found.low == pytest.approx(10 / (10 + stats.t.ppf(0.975, 9) ** 2))
    ties = hs.proportion(np.full(30, 0.5), np.repeat(np.arange(10), 3))
    assert ties.low < 0.4 and ties.high > 0.6


def test_of_one_dialogue_or_none_there_is_no_interval():
    assert math.isnan(hs.proportion(np.array([1.0, 0.0]), np.zeros(2)).low)
    assert math.isnan(hs.proportion(np.array([]), np.array([])).value)
    assert math.isnan(hs.mean_over_dialogues(np.array([3.0, N])).low)
    assert math.isnan(hs.from_draws(1.0, np.array([N, N, 1.0])).low)


@pytest.mark.parametrize("truth", [0.5, 0.8, 0.95])
def test_the_interval_of_a_proportion_holds_the_truth_in_about_95_of_100_studies(truth):
    """Dialogues differ in their own rate, three raters a dialogue, 30 dialogues."""
    generator = np.random.default_rng(4)
    held = 0
    for _ in range(600):
        rates = generator.beta(4 * truth, 4 * (1 - truth), 30)
        shares = (generator.random((30, 3)) < rates[:, None]).astype(float)
        found = hs.proportion(shares.ravel(), np.repeat(np.arange(30), 3))
        held += found.low <= truth <= found.high
    # The standard error of a share of 600 is 0.9 points.
    assert 0.92 <= held / 600 <= 0.99
