"""The two-way statistics, held against scipy, statsmodels, sums worked out by hand and simulated studies."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from made_up_studies import table
from numpy.testing import assert_allclose
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.weightstats import ttost_paired

from parity.stats import (
    Estimate,
    MethodScores,
    difference,
    linear_estimate,
    probability_better,
    ratio,
    variance_components,
)

# No warning on any input, however degenerate: in a log it would look like a fault of the study.
pytestmark = pytest.mark.filterwarnings("error")


def crossed(draw, n_seeds, n_dialogues, *, mean=40.0, seed=1.0, dialogue=8.0, residual=5.0, difficulty=0.0):
    """Scores with normal effects of these standard deviations; `difficulty` of the dialogues is shared by methods."""
    by_seed = draw.normal(0, seed, (n_seeds, 1)) if seed else 0.0
    by_dialogue = draw.normal(0, dialogue, n_dialogues) + difficulty
    return MethodScores(mean + by_seed + by_dialogue + draw.normal(0, residual, (n_seeds, n_dialogues)))


@pytest.fixture
def draw():
    return np.random.default_rng(7)


@pytest.fixture
def pair(draw):
    """Three seeds of one method against five of another, on the same dialogues."""
    difficulty = draw.normal(0, 10, 40)
    return tuple(crossed(draw, n, 40, mean=mean, dialogue=4, difficulty=difficulty) for n, mean in ((3, 41), (5, 40)))


def assert_same(found, expected, rtol=1e-9, atol=1e-9):
    assert_allclose([found.value, found.se, found.df], [expected.value, expected.se, expected.df], rtol=rtol, atol=atol)


def test_two_single_runs_are_compared_as_scipys_paired_t_test_does(draw):
    method, reference = draw.normal(40.8, 9, (2, 35))
    found, expected = difference(table(method), table(reference)), stats.ttest_rel(method, reference)
    assert found.value == pytest.approx((method - reference).mean())
    assert found.df == pytest.approx(expected.df)
    assert found.p_difference() == pytest.approx(expected.pvalue)
    assert found.interval() == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found.interval(0.9) == pytest.approx(tuple(expected.confidence_interval(0.9)))


def test_a_single_runs_mean_has_the_interval_of_a_one_sample_t_test(draw):
    values = draw.normal(1.0, 5, 30)
    found, expected = linear_estimate([(1, table(values))]), stats.ttest_1samp(values, 0)
    assert found.df == 29
    assert found.p_difference() == pytest.approx(expected.pvalue)
    assert found.interval() == pytest.approx(tuple(expected.confidence_interval()))


def test_where_only_seeds_differ_the_comparison_is_welchs_test_on_seed_means(draw):
    method, reference = draw.normal(41, 0.5, 3), draw.normal(40, 2.0, 6)
    found = difference(table(*np.tile(method, (20, 1)).T), table(*np.tile(reference, (20, 1)).T))
    expected = stats.ttest_ind(method, reference, equal_var=False)
    assert found.value == pytest.approx(method.mean() - reference.mean())
    assert found.df == pytest.approx(expected.df)
    assert found.p_difference() == pytest.approx(expected.pvalue)
    assert found.interval() == pytest.approx(tuple(expected.confidence_interval()))


def test_where_only_seeds_differ_a_deterministic_reference_makes_it_a_one_sample_test(draw):
    means = draw.normal(41, 1.0, 4)
    found = difference(table(*np.tile(means, (20, 1)).T), table([40.0] * 20))
    expected = stats.ttest_1samp(means, 40.0)
    assert found.df == pytest.approx(3)
    assert found.p_difference() == pytest.approx(expected.pvalue)
    assert found.interval() == pytest.approx(tuple(np.subtract(expected.confidence_interval(), 40)))


@pytest.mark.filterwarnings("ignore")
def test_variance_components_are_those_of_a_mixed_model_fitted_by_reml(draw):
    scores = crossed(draw, 5, 25, seed=3.0, dialogue=6.0, residual=4.0)
    seeds, dialogues = np.indices(scores.values.shape)
    long = pd.DataFrame({"score": scores.values.ravel(), "seed": seeds.ravel(), "dialogue": dialogues.ravel(), "all": 1})
    model = MixedLM.from_formula(
        "score ~ 1", groups="all", re_formula="0", vc_formula={"seed": "0 + C(seed)", "dialogue": "0 + C(dialogue)"}, data=long
    )
    fitted = model.fit(reml=True)
    expected = dict(zip(model.exog_vc.names, fitted.vcomp, strict=True)) | {"residual": fitted.scale}
    found = variance_components(scores)
    assert min(expected.values()) > 1
    assert_allclose([getattr(found, name) for name in expected], list(expected.values()), rtol=2e-3)
    # The model's standard error of the intercept is the one of a mean for new seeds and dialogues.
    assert linear_estimate([(1, scores)]).se == pytest.approx(float(fitted.bse_fe.iloc[0]), rel=2e-3)


@pytest.mark.parametrize("margin", [0.5, 2.0, 6.0])
def test_equivalence_of_single_runs_is_statsmodels_paired_tost(draw, margin):
    method, reference = draw.normal(40, 3, (2, 25))
    expected = ttost_paired(method, reference, -margin, margin)[0]
    assert difference(table(method), table(reference)).p_equivalent(margin) == pytest.approx(expected)
    assert difference(table(reference), table(method)).p_equivalent(margin) == pytest.approx(expected)


@pytest.mark.parametrize("margin", [0.5, 2.0, 6.0])
def test_noninferiority_of_single_runs_is_a_one_sided_test_of_shifted_scores(draw, margin):
    method, reference = draw.normal(40, 3, (2, 25))
    expected = stats.ttest_rel(method + margin, reference, alternative="greater").pvalue
    assert difference(table(method), table(reference)).p_noninferior(margin) == pytest.approx(expected)


def test_the_tests_and_the_intervals_agree_on_every_decision(pair):
    found = difference(*pair)
    low, high = found.interval(0.9)
    assert found.p_noninferior(-low) == pytest.approx(0.05)
    assert found.p_equivalent(max(-low, high)) == pytest.approx(0.05)
    at_bound = Estimate(found.value - found.interval()[0], found.se, found.df)
    assert at_bound.p_difference() == pytest.approx(0.05)


def test_the_parts_of_a_mean_worked_out_by_hand():
    # Seed means 20, 26: variance 18. Dialogue means 12, 25, 32: variance 103. Residuals +-(1, -2, 1): sum of squares 12.
    found = linear_estimate([(1, table([10, 20, 30], [14, 30, 34]))])
    v_seed, v_dialogue, v_residual = 18 / 2, 103 / 3, 12 / 2 / 6
    variance = v_seed + v_dialogue - v_residual
    assert found.value == pytest.approx(23)
    assert found.se == pytest.approx(math.sqrt(variance))
    assert found.df == pytest.approx(variance**2 / (v_seed**2 / 1 + v_dialogue**2 / 2 + v_residual**2 / 2))


def test_the_dialogues_variance_is_the_least_that_a_mean_has():
    # Seed means 20, 20: no seed variance. Dialogue means 11, 19.5, 29.5. Residuals +-(-1, 0.5, 0.5): sum of squares 3.
    found = linear_estimate([(1, table([10, 20, 30], [12, 19, 29]))])
    v_dialogue, v_residual = (81 + 0.25 + 90.25) / 2 / 3, 3 / 2 / 6
    assert found.se == pytest.approx(math.sqrt(v_dialogue))
    assert found.df == pytest.approx(v_dialogue**2 / (v_dialogue**2 / 2 + v_residual**2 / 2))


def test_the_seeds_variance_is_the_least_that_a_mean_has():
    # Dialogue means 25, 25, 25. Seed means 20, 30: variance 50. Residuals +-(-10, 0, 10): sum of squares 400.
    found = linear_estimate([(1, table([10, 20, 30], [40, 30, 20]))])
    v_seed, v_residual = 50 / 2, 400 / 2 / 6
    assert v_seed < v_residual
    assert found.se == pytest.approx(math.sqrt(v_seed))
    assert found.df == pytest.approx(v_seed**2 / (v_seed**2 / 1 + v_residual**2 / 2))


def parts_by_hand(rows, weight):
    """(seed part, residual part, mean of each dialogue) of a weighted mean, by plain sums."""
    n_seeds, n_dialogues = len(rows), len(rows[0])
    seed_means = [sum(row) / n_dialogues for row in rows]
    dialogue_means = [sum(column) / n_seeds for column in zip(*rows, strict=True)]
    mean = sum(seed_means) / n_seeds
    seed = sum((each - mean) ** 2 for each in seed_means) / (n_seeds - 1) / n_seeds
    squares = sum(
        (rows[s][d] - seed_means[s] - dialogue_means[d] + mean) ** 2 for s in range(n_seeds) for d in range(n_dialogues)
    )
    residual = squares / ((n_seeds - 1) * (n_dialogues - 1)) / (n_seeds * n_dialogues)
    return weight**2 * seed, weight**2 * residual, [weight * each for each in dialogue_means]


def test_a_weighted_difference_of_unequally_many_seeds_is_the_sum_of_its_parts():
    two = [[31, 45, 12, 60], [36, 41, 20, 70]]
    three = [[30, 40, 15, 52], [28, 49, 11, 50], [35, 44, 19, 61]]
    seed_a, residual_a, by_dialogue_a = parts_by_hand(two, 0.5)
    seed_b, residual_b, by_dialogue_b = parts_by_hand(three, -2)
    by_dialogue = [a + b for a, b in zip(by_dialogue_a, by_dialogue_b, strict=True)]
    value = sum(by_dialogue) / 4
    dialogue = sum((each - value) ** 2 for each in by_dialogue) / 3 / 4
    variance = seed_a + seed_b + dialogue - residual_a - residual_b
    spread = seed_a**2 / 1 + seed_b**2 / 2 + dialogue**2 / 3 + residual_a**2 / 3 + residual_b**2 / 6
    found = linear_estimate([(0.5, table(*two)), (-2, table(*three))])
    assert_same(found, Estimate(value, math.sqrt(variance), variance**2 / spread))


def test_three_weighted_methods_share_their_dialogues(draw):
    # Without seeds the sum is a single run of its own.
    rows = draw.normal(40, 5, (3, 20))
    found = linear_estimate([(2, table(rows[0])), (-0.5, table(rows[1])), (-1.5, table(rows[2]))])
    assert_same(found, linear_estimate([(1, table(2 * rows[0] - 0.5 * rows[1] - 1.5 * rows[2]))]))


def test_variance_components_worked_out_by_hand():
    # Mean square of the residual 6; variances of seed means 18, of dialogue means 103.
    found = variance_components(table([10, 20, 30], [14, 30, 34]))
    assert (found.seed, found.dialogue, found.residual) == pytest.approx((18 - 6 / 3, 103 - 6 / 2, 6))
    # McGraw and Wong's ICC(A,1) from the mean squares of dialogues 206, seeds 54 and residual 6: n = 3, k = 2.
    assert found.intraclass_correlation == pytest.approx((206 - 6) / (206 + (2 - 1) * 6 + 2 / 3 * (54 - 6)))


def test_a_variance_component_that_comes_out_negative_is_zero():
    no_seed = variance_components(table([10, 20, 30], [12, 19, 29]))
    no_dialogue = variance_components(table([10, 20, 30], [40, 30, 20]))
    assert (no_seed.seed, no_seed.residual) == pytest.approx((0, 1.5))
    assert no_seed.dialogue > 0
    assert (no_dialogue.seed, no_dialogue.dialogue) == (0, 0)
    assert no_dialogue.intraclass_correlation == 0


def test_variance_components_are_right_on_average(draw):
    found = [variance_components(crossed(draw, 4, 30, seed=3.0, dialogue=6.0, residual=4.0)) for _ in range(400)]
    assert np.mean([each.seed for each in found]) == pytest.approx(9, rel=0.12)
    assert np.mean([each.dialogue for each in found]) == pytest.approx(36, rel=0.05)
    assert np.mean([each.residual for each in found]) == pytest.approx(16, rel=0.03)


def test_what_all_methods_share_on_a_dialogue_changes_no_difference(pair, draw):
    shared = draw.normal(0, 30, 40)
    moved = [MethodScores(scores.values + shared) for scores in pair]
    assert_same(difference(*moved), difference(*pair))


def test_a_constant_moves_a_mean_and_not_its_error(pair):
    found, moved = linear_estimate([(1, pair[0])]), linear_estimate([(1, MethodScores(pair[0].values + 12.5))])
    assert_same(moved, Estimate(found.value + 12.5, found.se, found.df))


def test_swapping_two_methods_turns_the_sign_and_the_interval(pair):
    forth, back = difference(*pair), difference(*pair[::-1])
    assert_same(back, Estimate(-forth.value, forth.se, forth.df))
    assert back.interval() == pytest.approx((-forth.interval()[1], -forth.interval()[0]))
    assert back.p_difference() == pytest.approx(forth.p_difference())


def test_the_order_of_seeds_means_nothing_and_of_dialogues_only_that_it_is_one_for_all(pair, draw):
    order, orders = draw.permutation(40), [draw.permutation(len(scores.values)) for scores in pair]
    moved = [MethodScores(scores.values[seeds][:, order]) for scores, seeds in zip(pair, orders, strict=True)]
    assert_same(difference(*moved), difference(*pair))
    assert_same(probability_better(*moved), probability_better(*pair))
    assert ratio([(1, moved[0])], [(1, moved[1])]).high == pytest.approx(ratio([(1, pair[0])], [(1, pair[1])]).high)
    only_one_moved = difference(MethodScores(pair[0].values[:, order]), pair[1])
    assert only_one_moved.se > 1.2 * difference(*pair).se


def test_scores_ten_times_as_large_have_ten_times_the_error(pair):
    found, scaled = difference(*pair), difference(*(MethodScores(10 * scores.values) for scores in pair))
    assert_same(scaled, Estimate(10 * found.value, 10 * found.se, found.df))
    assert scaled.p_difference() == pytest.approx(found.p_difference())


def test_methods_on_different_numbers_of_dialogues_are_not_compared(draw):
    method, reference = crossed(draw, 2, 10), crossed(draw, 2, 11)
    for compare in (difference, probability_better, lambda a, b: ratio([(1, a)], [(1, b)])):
        with pytest.raises(ValueError, match="different numbers of dialogues"):
            compare(method, reference)


def test_95_percent_of_intervals_hold_the_true_difference_and_the_error_is_the_true_one(draw):
    values, variances, inside = [], [], 0
    for _ in range(800):
        difficulty = draw.normal(0, 10, 50)
        method = crossed(draw, 3, 50, mean=41, dialogue=4, residual=5, difficulty=difficulty)
        found = difference(method, crossed(draw, 4, 50, mean=40, dialogue=4, residual=5, difficulty=difficulty))
        low, high = found.interval()
        inside += low <= 1 <= high
        values.append(found.value)
        variances.append(found.se**2)
    # Seeds 1 / 3 + 1 / 4, dialogues 2 x 16 / 50, residuals 25 / 150 + 25 / 200.
    truth = 1 / 3 + 1 / 4 + 32 / 50 + 25 / 150 + 25 / 200
    assert inside / 800 == pytest.approx(0.95, abs=0.025)
    assert np.mean(variances) == pytest.approx(truth, rel=0.08)
    assert np.var(values) == pytest.approx(truth, rel=0.2)


def test_95_percent_of_ratios_intervals_hold_the_true_share_of_the_gain(draw):
    inside = 0
    for _ in range(600):
        difficulty = draw.normal(0, 10, 50)
        zero_shot = crossed(draw, 1, 50, mean=30, seed=0, dialogue=4, residual=0, difficulty=difficulty)
        full = crossed(draw, 4, 50, mean=40, dialogue=4, difficulty=difficulty)
        method = crossed(draw, 3, 50, mean=38, dialogue=4, difficulty=difficulty)
        found = ratio([(1, method), (-1, zero_shot)], [(1, full), (-1, zero_shot)])
        inside += found.low <= 0.8 <= found.high
    assert inside / 600 == pytest.approx(0.95, abs=0.03)


def test_a_ratios_interval_is_the_quantiles_of_a_ratio_of_normal_means(draw):
    # Far from a zero denominator, P(x - r y <= 0) is P(x / y <= r), so Fieller's bounds are these quantiles.
    method, full = draw.normal(30, 12, (2, 4000)) + draw.normal(0, 6, 4000)
    found = ratio([(1, table(method))], [(1, table(full))])
    means = draw.multivariate_normal([method.mean(), full.mean()], np.cov(method, full) / 4000, 200_000)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means[:, 0] / means[:, 1], [0.025, 0.975])), abs=3e-4)


def assert_fieller(numerator, denominator, points=401):
    """The interval is the set that a fine grid of ratios finds; a method on both sides counts with its net weight."""
    found = ratio(numerator, denominator)
    value = linear_estimate(numerator).value / linear_estimate(denominator).value
    net = net_terms(numerator, denominator)
    t = stats.t.ppf(0.975, linear_estimate(net(value)).df)
    width = found.high - found.low
    grid = np.linspace(found.low - width, found.high + width, points)
    inside = [abs(at.value) <= t * at.se for at in (linear_estimate(net(r)) for r in grid)]
    assert found.value == pytest.approx(value)
    assert inside == ((grid >= found.low) & (grid <= found.high)).tolist()
    for bound, outwards in ((found.low, -1e-6), (found.high, 1e-6)):
        at_bound = [linear_estimate(net(bound + step * width)) for step in (outwards, -outwards)]
        assert [abs(at.value) <= t * at.se for at in at_bound] == [False, True]


def net_terms(numerator, denominator):
    """Terms of numerator - r * denominator as a function of r, each method once."""
    methods = {id(scores): scores for _, scores in [*numerator, *denominator]}

    def weight(terms, key):
        return sum(each for each, scores in terms if id(scores) == key)

    return lambda r: [(weight(numerator, key) - r * weight(denominator, key), scores) for key, scores in methods.items()]


def test_fiellers_interval_of_a_share_of_full_is_what_a_grid_search_finds(pair):
    assert_fieller([(1, pair[0])], [(1, pair[1])])


def test_fiellers_interval_of_two_single_runs_is_what_a_grid_search_finds(draw):
    assert_fieller([(1, table(draw.normal(30, 9, 20)))], [(1, table(draw.normal(35, 9, 20)))])


@pytest.mark.parametrize("zero_shot_seeds", [1, 3])
def test_fiellers_interval_of_a_share_of_the_gain_is_what_a_grid_search_finds(pair, draw, zero_shot_seeds):
    zero_shot = crossed(draw, zero_shot_seeds, 40, mean=30)
    assert_fieller([(1, pair[0]), (-1, zero_shot)], [(1, pair[1]), (-1, zero_shot)])


def test_fiellers_interval_of_a_loosely_known_denominator_is_what_a_grid_search_finds(draw):
    wide = ratio(top := [(1, crossed(draw, 3, 12, mean=6))], bottom := [(1, crossed(draw, 3, 12, mean=9, dialogue=6))])
    assert wide.high - wide.low > 1
    assert_fieller(top, bottom)


def test_fiellers_interval_heeds_the_floors_of_the_variance(draw):
    floors = set()
    for _ in range(25):
        top, bottom = (crossed(draw, n_seeds, 6, mean=60, seed=1, dialogue=2, residual=6) for n_seeds in (3, 5))
        assert_fieller([(1, top)], [(1, bottom)], points=41)
        seeds = top.seed_part + bottom.seed_part
        floors.add((seeds < top.residual_part + bottom.residual_part, bottom.seed_part < bottom.residual_part))
    assert len(floors) == 4


@pytest.mark.parametrize(("beyond", "is_bounded"), [(0.99, False), (1.01, True)])
def test_a_ratio_is_unbounded_exactly_where_its_denominator_may_be_zero(draw, beyond, is_bounded):
    deviations = draw.normal(0, 5, 30)
    deviations -= deviations.mean()
    threshold = stats.t.ppf(0.975, 29) * deviations.std(ddof=1) / math.sqrt(30)
    denominator = table(deviations + beyond * threshold)
    low, high = linear_estimate([(1, denominator)]).interval()
    found = ratio([(1, table(draw.normal(3, 5, 30)))], [(1, denominator)])
    assert (low * high > 0) == is_bounded
    assert found.is_bounded == is_bounded
    assert is_bounded or (found.low, found.high) == (-math.inf, math.inf)
    assert math.isfinite(found.value)


def test_a_denominator_that_seeds_make_uncertain_leaves_a_ratio_unbounded():
    # Seed means 1 and 9 on every dialogue: 5 +- 4 with one degree of freedom may well be 0.
    found = ratio([(1, table([4.0, 5, 6]))], [(1, table([1.0, 1, 1], [9.0, 9, 9]))])
    assert (found.value, found.low, found.high) == pytest.approx((1.0, -math.inf, math.inf))


def test_a_method_is_exactly_all_of_itself(pair):
    for scores in pair:
        found = ratio([(1, scores)], [(1, scores)])
        assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))


def test_an_identical_output_without_seeds_is_all_of_the_other(draw):
    values = draw.normal(40, 9, 30)
    for copy in (table(values), table(values, values, values)):
        found = ratio([(1, copy)], [(1, table(values))])
        assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1), abs=1e-6)


def test_full_keeps_all_of_its_own_gain_and_zero_shot_none(pair, draw):
    zero_shot, full = crossed(draw, 1, 40, mean=30), pair[1]
    gain = [(1, full), (-1, zero_shot)]
    of_full, of_zero_shot = ratio(gain, gain), ratio([(1, zero_shot), (-1, zero_shot)], gain)
    assert (of_full.value, of_full.low, of_full.high) == pytest.approx((1, 1, 1))
    assert (of_zero_shot.value, of_zero_shot.low, of_zero_shot.high) == pytest.approx((0, 0, 0))


def test_there_is_no_share_of_nothing(draw):
    values = draw.normal(40, 9, 30)
    gain = [(1, table(values, values, values)), (-1, table(values))]
    found = ratio([(1, table(draw.normal(40, 9, 30))), gain[1]], gain)
    assert np.isnan([found.value, found.low, found.high]).all()
    assert not found.is_bounded


def test_a_lower_confidence_gives_a_narrower_interval_of_a_ratio(pair):
    wide, narrow = (ratio([(1, pair[0])], [(1, pair[1])], confidence) for confidence in (0.95, 0.8))
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_a_ratio_does_not_depend_on_the_unit_of_the_scores(pair):
    found = ratio([(1, pair[0])], [(1, pair[1])])
    percent = ratio([(0.01, pair[0])], [(0.01, pair[1])])
    assert (percent.value, percent.low, percent.high) == pytest.approx((found.value, found.low, found.high))


def test_the_probability_of_scoring_better_counts_all_pairs_of_seeds_and_half_of_ties():
    method, reference = [[1, 5, 3], [2, 5, 9]], [[1, 4, 9], [0, 5, 9], [3, 6, 2]]
    points = [
        (one > other) + 0.5 * (one == other)
        for d in range(3)
        for one, other in itertools.product((row[d] for row in method), (row[d] for row in reference))
    ]
    found = probability_better(table(*method), table(*reference))
    assert found.value == pytest.approx(sum(points) / 18)


def test_the_error_of_the_probability_is_that_of_its_projections_by_hand(draw):
    method, reference = draw.integers(0, 9, (3, 8)), draw.integers(0, 8, (4, 8))
    wins = (method[:, None] > reference) + 0.5 * (method[:, None] == reference)
    seeds_a, residual_a, by_dialogue = parts_by_hand(wins.mean(axis=1).tolist(), 1)
    seeds_b, residual_b, _ = parts_by_hand(wins.mean(axis=0).tolist(), 1)
    dialogues = np.var(by_dialogue, ddof=1) / 8
    variance = max(seeds_a + seeds_b + dialogues - residual_a - residual_b, dialogues, seeds_a + seeds_b)
    spread = seeds_a**2 / 2 + seeds_b**2 / 3 + dialogues**2 / 7 + residual_a**2 / 14 + residual_b**2 / 21
    found = probability_better(table(*method), table(*reference))
    assert_same(found, Estimate(wins.mean(), math.sqrt(variance), variance**2 / spread))


def test_the_probability_of_single_runs_has_a_one_sample_t_interval(draw):
    method, reference = draw.integers(0, 5, (2, 60))
    expected = stats.ttest_1samp((method > reference) + 0.5 * (method == reference), 0)
    found = probability_better(table(method), table(reference))
    assert found.df == 59
    assert found.interval() == pytest.approx(tuple(expected.confidence_interval()))


def test_the_probability_and_its_error_are_the_true_ones(draw):
    values, variances = [], []
    for _ in range(500):
        difficulty = draw.normal(0, 10, 40)
        method = crossed(draw, 3, 40, mean=43, seed=2, dialogue=2, residual=3, difficulty=difficulty)
        found = probability_better(method, crossed(draw, 3, 40, mean=40, seed=2, dialogue=2, residual=3, difficulty=difficulty))
        values.append(found.value)
        variances.append(found.se**2)
    truth = stats.norm.cdf(3 / math.sqrt(2 * (4 + 4 + 9)))
    assert np.mean(values) == pytest.approx(truth, abs=4 * np.std(values) / math.sqrt(500))
    assert np.mean(variances) == pytest.approx(np.var(values), rel=0.15)


def test_the_probabilities_of_two_methods_add_up_to_one(pair):
    forth, back = probability_better(*pair), probability_better(*pair[::-1])
    assert 0.5 < forth.value < 1
    assert_same(back, Estimate(1 - forth.value, forth.se, forth.df))


def test_a_method_that_is_always_better_is_so_for_certain(pair):
    better = MethodScores(pair[1].values[:3] + 100)
    assert_same(probability_better(better, pair[1]), Estimate(1.0, 0.0, 39))
    assert_same(probability_better(pair[1], better), Estimate(0.0, 0.0, 39))


def test_scores_apart_by_rounding_alone_are_tied():
    method, reference = table([0.1 + 0.2, 50]), table([0.3, 50 + 1e-12], [0.3, 50 - 1e-12])
    assert method.values[0, 0] > reference.values[0, 0]
    assert_same(probability_better(method, reference), Estimate(0.5, 0.0, 1))


@pytest.mark.parametrize(("n_seeds", "n_seeds_reference"), [(3, 3), (3, 1), (1, 3), (1, 1)])
def test_identical_outputs_differ_by_nothing_for_certain(draw, n_seeds, n_seeds_reference):
    # 0.1 + 0.1 + 0.1 is not 0.3: a mean over three equal seeds is rounded otherwise than the single row.
    values = draw.uniform(0, 100, 50).round(1)
    method, reference = table(*[values] * n_seeds), table(*[values] * n_seeds_reference)
    found = difference(method, reference)
    assert (found.value, found.se, found.df) == (0, 0, 49)
    assert found.interval() == (0, 0)
    assert found.p_difference() == 1
    assert found.p_noninferior(0.5) == found.p_equivalent(0.5) == 0
    assert_same(probability_better(method, reference), Estimate(0.5, 0.0, 49))


def test_a_constant_difference_is_certain(draw):
    values = draw.uniform(0, 90, 50)
    found = difference(table(values + 2, values + 2, values + 2), table(values))
    assert found.value == pytest.approx(2)
    assert (found.se, found.df) == (0, 49)
    assert found.interval() == (found.value, found.value)
    assert found.p_difference() == found.p_noninferior(1) == found.p_equivalent(3) == 0
    assert found.p_equivalent(1) == 1
    assert difference(table(values), table(values + 2)).p_noninferior(1) == 1


def test_scores_that_are_all_the_same_have_no_variance_and_no_share_of_it():
    constant = table([40.0] * 5, [40.0] * 5, [40.0] * 5)
    assert_same(linear_estimate([(1, constant)]), Estimate(40.0, 0.0, 4))
    components = variance_components(constant)
    assert (components.seed, components.dialogue, components.residual) == (0, 0, 0)
    assert math.isnan(components.intraclass_correlation)
    found = ratio([(1, constant)], [(1, table([50.0] * 5))])
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.8, 0.8))


def test_rounding_of_equal_seeds_is_no_variance_component(draw):
    values = draw.uniform(0, 100, 50).round(1)
    components = variance_components(table(values, values, values))
    assert (components.seed, components.residual) == (0, 0)
    assert components.dialogue == pytest.approx(values.var(ddof=1))
    assert components.intraclass_correlation == 1


def test_scores_of_zero_are_no_denominator():
    found = ratio([(1, table([40.0] * 5))], [(1, table([0.0] * 5))])
    assert np.isnan([found.value, found.low, found.high]).all()


@pytest.mark.parametrize("n_seeds", [1, 3])
def test_one_dialogue_gives_values_and_says_nothing_of_another(n_seeds):
    method, reference = table(*[[41.0 + seed] for seed in range(n_seeds)]), table([30.0])
    for found, value in (
        (linear_estimate([(1, method)]), method.mean),
        (difference(method, reference), method.mean - 30),
        (probability_better(method, reference), 1),
    ):
        assert found.value == value
        assert np.isnan([found.se, found.df, *found.interval(), found.p_difference()]).all()
        assert np.isnan([found.p_noninferior(1), found.p_equivalent(1)]).all()
    share = ratio([(1, method)], [(1, reference)])
    assert share.value == pytest.approx(method.mean / 30)
    assert np.isnan([share.low, share.high]).all()
    components = variance_components(method)
    assert np.isnan([components.seed, components.dialogue, components.residual, components.intraclass_correlation]).all()


def test_one_run_has_a_mean_and_no_variance_components(draw):
    scores = crossed(draw, 1, 20)
    assert (scores.seed_part, scores.residual_part) == (0, 0)
    components = variance_components(scores)
    assert np.isnan([components.seed, components.dialogue, components.residual]).all()


def test_an_estimate_of_many_rows_answers_for_each(pair):
    certain = table([40.0] * 3), table([38.0] * 3)
    one_dialogue = table([40.0]), table([38.0])
    rows = [difference(*each) for each in (pair, certain, one_dialogue)]
    together = Estimate(*(np.array([getattr(row, name) for row in rows]) for name in ("value", "se", "df")))
    for question in ("interval", "p_difference"):
        assert_allclose(np.transpose(getattr(together, question)()), [getattr(row, question)() for row in rows])
    for question in ("p_noninferior", "p_equivalent"):
        assert_allclose(getattr(together, question)(1.5), [getattr(row, question)(1.5) for row in rows])
