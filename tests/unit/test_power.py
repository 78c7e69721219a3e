"""Power and plans, held against statsmodels, simulated tests and simulated studies."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from statsmodels.stats.power import TTestPower

from parity.power import (
    CAUTIOUS,
    COMPONENT_COLUMNS,
    MOST_SEEDS,
    ContrastComponents,
    Need,
    as_columns,
    cautious,
    contrast_components,
    dialogues_needed,
    from_columns,
    need,
    power_of_difference,
    power_of_equivalence,
    power_of_noninferiority,
    seeds_needed,
    smallest_detectable_difference,
)
from parity.stats import Estimate, MethodScores, difference

pytestmark = pytest.mark.filterwarnings("error")

# Variances like those of ROUGE-1 on short dialogues, in squared points.
TYPICAL = ContrastComponents(seed=(0.3, 0.2), residual=(45.0, 60.0), interaction=30.0, has_seeds=(True, True))
AGAINST_DETERMINISTIC = ContrastComponents((0.5, 0.0), (50.0, 0.0), 60.0, (True, False))
# Standard deviation 8 of the difference on a dialogue.
DETERMINISTIC = ContrastComponents((0.0, 0.0), (0.0, 0.0), 64.0, (False, False))


def study(draw, n_seeds, n_dialogues, *, seed=(1.0, 1.5), residual=(4.0, 6.0), interaction=(3.0, 3.0)):
    """Two methods' scores of normal effects with these standard deviations, 0 and one row for a deterministic one."""
    difficulty = draw.normal(40, 10, n_dialogues)
    return tuple(
        MethodScores(
            difficulty
            + draw.normal(0, own_interaction, n_dialogues)
            + draw.normal(0, own_seed, (seeds, 1))
            + draw.normal(0, own_residual, (seeds, n_dialogues))
        )
        for seeds, own_seed, own_residual, own_interaction in zip(n_seeds, seed, residual, interaction, strict=True)
    )


def finds_difference(true):
    return lambda estimate: power_of_difference(true, estimate)


@pytest.fixture
def draw():
    return np.random.default_rng(5)


@pytest.mark.parametrize("n_dialogues", [5, 40, 1500])
@pytest.mark.parametrize("true", [-1.0, 0.4, 1.3])
def test_power_without_seeds_is_that_of_statsmodels_paired_t_test(n_dialogues, true):
    estimate = DETERMINISTIC.planned(2, n_dialogues)
    expected = TTestPower().power(abs(true) / 8, n_dialogues, 0.05, alternative="two-sided")
    assert power_of_difference(true, estimate) == pytest.approx(expected)
    expected = TTestPower().power(abs(true) / 8, n_dialogues, 0.2, alternative="two-sided")
    assert power_of_difference(true, estimate, alpha=0.2) == pytest.approx(expected)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_the_smallest_detectable_difference_without_seeds_is_statsmodels_effect(power):
    estimate = DETERMINISTIC.planned(2, 60)
    expected = 8 * TTestPower().solve_power(nobs=60, alpha=0.05, power=power)
    assert smallest_detectable_difference(estimate, power) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("true", [0.0, -0.5, 1.0])
def test_power_of_noninferiority_is_that_of_a_one_sided_t_test_from_the_margin(true):
    expected = TTestPower().power((true + 2) / 8, 80, 0.05, alternative="larger")
    assert power_of_noninferiority(np.array(true), 2.0, planned_rows(DETERMINISTIC, 2, 80)) == pytest.approx(expected)


def planned_rows(components, n_seeds, n_dialogues):
    return components.planned(np.atleast_1d(n_seeds), n_dialogues)


def test_power_of_noninferiority_answers_for_one_design_as_for_many():
    one = power_of_noninferiority(0.0, 2.0, DETERMINISTIC.planned(2, 80))
    assert one == pytest.approx(power_of_noninferiority(0.0, 2.0, planned_rows(DETERMINISTIC, 2, 80))[0])


@pytest.mark.parametrize("df", [1.3, 4.0, 60.0])
def test_power_is_how_often_simulated_tests_find_what_is_there(draw, df):
    se, true, margin = 0.5, 0.8, 2.0
    estimate = Estimate(np.zeros(1), np.full(1, se), np.full(1, df))
    found = Estimate(draw.normal(true, se, 100_000), se * np.sqrt(draw.chisquare(df, 100_000) / df), df)
    equivalent = found.p_equivalent(margin) < 0.05
    assert power_of_difference(true, estimate) == pytest.approx(np.mean(found.p_difference() < 0.05), abs=0.006)
    assert power_of_noninferiority(true, margin, estimate) == pytest.approx(
        np.mean(found.p_noninferior(margin) < 0.05), abs=0.006
    )
    # A lower bound, and a close one where power is high.
    assert power_of_equivalence(true, margin, estimate) < equivalent.mean() + 0.006
    if df == 60:
        assert power_of_equivalence(0.2, margin, estimate) == pytest.approx(0.95, abs=0.04)
        assert power_of_equivalence(true, margin, estimate) == pytest.approx(equivalent.mean(), abs=0.006)


def test_power_of_equivalence_is_none_for_methods_a_margin_apart_or_a_margin_too_small():
    estimate = planned_rows(DETERMINISTIC, 2, 80)
    assert power_of_equivalence(5.0, 1.0, estimate) == 0
    assert power_of_equivalence(0.0, 0.1, estimate) == 0
    assert power_of_equivalence(0.3, 3.0, estimate) == pytest.approx(power_of_equivalence(-0.3, 3.0, estimate))


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize("df", [1.0, 7.5, 1e9])
def test_where_there_is_no_difference_the_test_finds_one_as_often_as_alpha(df, alpha):
    estimate = Estimate(np.zeros(1), np.full(1, 0.7), np.full(1, df))
    assert power_of_difference(0.0, estimate, alpha) == pytest.approx(alpha)
    assert power_of_noninferiority(-2.0, 2.0, estimate, alpha) == pytest.approx(alpha)


@pytest.mark.parametrize("df", [1.0, 1.5, 2.0, 3.0, 5.0, 12.0, 50.0, 400.0, 1499.0, 1e5])
def test_power_rises_with_the_true_difference_to_certainty(df):
    true = np.linspace(0, 900, 3601)
    found = power_of_difference(true, Estimate(0.0, np.ones_like(true), np.full_like(true, df)))
    assert not np.isnan(found).any()
    assert np.diff(found).min() > -1e-9
    assert found[-1] == pytest.approx(1)
    assert power_of_difference(-true, Estimate(0.0, np.ones_like(true), np.full_like(true, df))) == pytest.approx(found)


def test_without_any_chance_the_tests_find_all_that_is_there_and_nothing_else():
    certain = Estimate(np.zeros(3), np.zeros(3), np.full(3, 9.0))
    assert power_of_difference(np.array([-0.1, 0.0, 0.1]), certain).tolist() == [1, 0, 1]
    true = np.array([-0.6, -0.5, -0.4])
    assert power_of_noninferiority(true, 0.5, certain).tolist() == [0, 0, 1]
    # What the test itself says of such estimates.
    assert (Estimate(true, 0.0, 9.0).p_noninferior(0.5) < 0.05).tolist() == [False, False, True]


@pytest.mark.parametrize("df", [1.0, 1.5, 2.0, 6.0, 80.0, 1499.0, 1e8])
@pytest.mark.parametrize("power", [0.5, 0.8, 0.999])
def test_the_smallest_detectable_difference_is_detected_with_just_this_power(df, power):
    estimate = Estimate(np.zeros(2), np.array([0.3, 2.0]), np.full(2, df))
    smallest = smallest_detectable_difference(estimate, power)
    assert power_of_difference(smallest, estimate) == pytest.approx(np.full(2, power), abs=1e-6)
    assert smallest[1] / smallest[0] == pytest.approx(2.0 / 0.3)
    assert np.all(smallest_detectable_difference(estimate, power, alpha=0.01) > smallest)


def test_smallest_detectable_differences_of_many_rows_keep_their_places():
    se, df = np.array([0.5, math.nan, 0.0, 0.7, 0.5]), np.array([30.0, math.nan, 9.0, 4.0, 30.0])
    found = smallest_detectable_difference(Estimate(np.zeros(5), se, df), 0.8)
    assert found[0] == found[4] == pytest.approx(smallest_detectable_difference(Estimate(0.0, 0.5, 30.0), 0.8))
    assert found[3] == pytest.approx(smallest_detectable_difference(Estimate(0.0, 0.7, 4.0), 0.8))
    assert math.isnan(found[1])
    assert found[2] == 0
    assert np.isnan(smallest_detectable_difference(Estimate(np.zeros(1), *np.full((2, 1), math.nan)), 0.8)).all()


def test_the_planned_error_worked_out_by_hand():
    components = ContrastComponents(seed=(1.0, 4.0), residual=(30.0, 60.0), interaction=20.0, has_seeds=(True, True))
    found = components.planned(2, 10)
    # Seeds (1 + 30 / 10) / 2 and (4 + 60 / 10) / 2; dialogues 20 / 10 + 90 / 20; both hold 90 / 20.
    assert found.se == pytest.approx(math.sqrt(2 + 5 + 6.5 - 4.5))
    assert found.df == pytest.approx(9**2 / (2**2 / 1 + 5**2 / 1 + 6.5**2 / 9), rel=0.05)
    assert found.value == 0


def test_without_variances_no_error_is_planned_and_the_dialogues_are_the_degrees_of_freedom():
    found = ContrastComponents((0.0, 0.0), (0.0, 0.0), 0.0, (True, False)).planned(np.array([2, 5]), 50)
    assert found.se.tolist() == [0, 0]
    assert found.df.tolist() == [49, 49]


@pytest.mark.parametrize("components", [TYPICAL, AGAINST_DETERMINISTIC, DETERMINISTIC])
def test_planned_designs_of_many_sizes_are_those_of_each(components):
    seeds, dialogues = np.array([[2], [3], [8]]), np.array([50, 500])
    found = components.planned(seeds, dialogues)
    assert found.se.shape == found.df.shape == (3, 2)
    for row, column in np.ndindex(3, 2):
        one = components.planned(int(seeds[row, 0]), int(dialogues[column]))
        assert (found.se[row, column], found.df[row, column]) == pytest.approx((float(one.se), float(one.df)))


@pytest.mark.parametrize("n_seeds", [(5, 5), (4, 1), (1, 4), (1, 1)])
def test_a_pilots_own_design_is_planned_with_the_pilots_own_error(draw, n_seeds):
    deterministic = tuple(seeds == 1 for seeds in n_seeds)
    sd = {
        name: tuple(0.0 if no_chance else value for no_chance in deterministic)
        for name, value in (("seed", 3.0), ("residual", 4.0))
    }
    pilot = study(draw, n_seeds, 60, **sd)
    components, shown = contrast_components(*pilot, deterministic), difference(*pilot)
    planned = components.planned(max(n_seeds), 60)
    assert components.has_seeds == tuple(not no_chance for no_chance in deterministic)
    assert planned.se == pytest.approx(shown.se)
    assert planned.df == pytest.approx(shown.df, rel=0.02)


@pytest.mark.parametrize("n_seeds", [(4, 4), (4, 1), (1, 1)])
def test_simulated_studies_have_the_planned_error_on_average(draw, n_seeds):
    chance = [float(seeds > 1) for seeds in n_seeds]
    seed, residual = (1.0 * chance[0], 1.5 * chance[1]), (4.0 * chance[0], 6.0 * chance[1])
    true = ContrastComponents(
        tuple(sd**2 for sd in seed), tuple(sd**2 for sd in residual), 3.0**2 + 3.0**2, tuple(seeds > 1 for seeds in n_seeds)
    )
    variances, values = [], []
    for _ in range(1200):
        found = difference(*study(draw, n_seeds, 50, seed=seed, residual=residual))
        variances.append(found.se**2)
        values.append(found.value)
    planned = float(true.planned(max(n_seeds), 50).se) ** 2
    assert planned == pytest.approx(np.mean(variances), rel=0.06)
    assert planned == pytest.approx(np.var(values), rel=0.15)


def test_simulated_studies_find_a_difference_as_often_as_planned(draw):
    true = ContrastComponents((1.0, 2.25), (16.0, 36.0), 18.0, (True, True))
    found = [
        Estimate(pilot.value + 3.0, pilot.se, pilot.df)
        for pilot in (difference(*study(draw, (5, 5), 60, seed=(1.0, 1.5), residual=(4.0, 6.0))) for _ in range(1500))
    ]
    shown = np.mean([each.p_difference() < 0.05 for each in found])
    assert 0.5 < shown < 0.95
    assert power_of_difference(3.0, true.planned(5, 60)) == pytest.approx(shown, abs=0.04)


def test_components_of_a_pilot_are_right_on_average(draw):
    pilots = [contrast_components(*study(draw, (3, 5), 40), (False, False)) for _ in range(600)]
    assert_allclose(np.mean([each.seed for each in pilots], axis=0), [1.0, 2.25], rtol=0.12)
    assert_allclose(np.mean([each.residual for each in pilots], axis=0), [16, 36], rtol=0.03)
    assert np.mean([each.interaction for each in pilots]) == pytest.approx(18, rel=0.05)


def test_a_deterministic_method_has_no_variances_of_its_own(draw):
    pilot = study(draw, (3, 1), 40)
    found = contrast_components(*pilot, (False, True))
    gap = pilot[0].dialogue_means - pilot[1].values[0]
    assert (found.seed[1], found.residual[1], found.has_seeds) == (0, 0, (True, False))
    assert found.interaction == pytest.approx(gap.var(ddof=1) - found.residual[0] / 3)
    swapped = contrast_components(*pilot[::-1], (True, False))
    assert (swapped.seed, swapped.residual, swapped.has_seeds) == (found.seed[::-1], found.residual[::-1], (False, True))
    assert swapped.interaction == pytest.approx(found.interaction)


def test_an_interaction_that_comes_out_negative_is_zero():
    # Equal means on every dialogue: what the seeds do on it is all that there is.
    method = MethodScores(np.array([[10.0, 20, 30], [40, 30, 20]]))
    found = contrast_components(method, MethodScores(np.full((1, 3), 25.0)), (False, True))
    assert found.interaction == 0
    assert found.residual[0] == pytest.approx(200)


@pytest.mark.parametrize(
    ("n_seeds", "deterministic"), [((1, 3), (False, False)), ((3, 1), (False, False)), ((1, 1), (False, True))]
)
def test_one_run_of_a_method_with_chance_tells_no_components(draw, n_seeds, deterministic):
    assert contrast_components(*study(draw, n_seeds, 40), deterministic) is None


@pytest.mark.parametrize("n_seeds", [1, 3])
def test_one_dialogue_tells_no_components(draw, n_seeds):
    assert contrast_components(*study(draw, (n_seeds, n_seeds), 1), (n_seeds == 1, n_seeds == 1)) is None


def test_identical_outputs_have_no_components_and_need_no_more_seeds(draw):
    values = draw.uniform(0, 100, 50).round(1)
    found = contrast_components(MethodScores(np.stack([values] * 3)), MethodScores(values[None]), (False, True))
    assert (found.seed, found.residual) == ((0, 0), (0, 0))
    assert found.interaction == pytest.approx(0, abs=1e-20)
    planned = planned_rows(found, [2, 3], 50)
    assert planned.se == pytest.approx(0, abs=1e-9)
    assert power_of_difference(1.0, planned).tolist() == [1, 1]
    assert seeds_needed(finds_difference(1.0), found, 50, 0.8) == 2


def test_a_cautious_plan_takes_the_upper_limit_of_each_seed_variance(draw):
    pilot = study(draw, (3, 4), 40)
    plain = contrast_components(*pilot, (False, False))
    found = cautious(plain, *pilot)
    for seed, residual, scores, degrees in zip(found.seed, plain.residual, pilot, (2, 3), strict=True):
        limit = degrees * scores.values.mean(axis=1).var(ddof=1) / stats.chi2.ppf(0.2, degrees)
        assert seed == pytest.approx(limit - residual / 40)
    assert (found.residual, found.interaction, found.has_seeds) == (plain.residual, plain.interaction, plain.has_seeds)


def test_the_cautious_seed_variance_covers_the_true_one_as_often_as_it_says(draw):
    covered = 0
    for _ in range(1500):
        pilot = study(draw, (3, 1), 10, seed=(2.0, 0.0), residual=(0.1, 0.0))
        components = cautious(contrast_components(*pilot, (False, True)), *pilot)
        covered += components.seed[0] >= 4
        assert components.seed[1] == 0
    assert covered / 1500 == pytest.approx(CAUTIOUS, abs=0.04)


def test_a_cautious_plan_is_never_a_cheaper_one(draw):
    for _ in range(50):
        pilot = study(draw, (2, 3), 30, seed=(0.5, 0.5))
        plain = contrast_components(*pilot, (False, False))
        careful = cautious(plain, *pilot)
        assert all(more >= less for more, less in zip(careful.seed, plain.seed, strict=True))
        assert careful.planned(3, 30).se >= plain.planned(3, 30).se


def test_components_survive_being_columns_of_a_table(draw):
    for n_seeds, deterministic in (((3, 4), (False, False)), ((1, 3), (True, False)), ((1, 1), (True, True))):
        pilot = study(draw, n_seeds, 40)
        plain = contrast_components(*pilot, deterministic)
        careful = cautious(plain, *pilot)
        counts = [0 if no_chance else seeds for seeds, no_chance in zip(n_seeds, deterministic, strict=True)]
        row = as_columns(plain, careful) | {"n_seeds": counts[0], "n_seeds_reference": counts[1]}
        for found, expected in zip(from_columns(row), (plain, careful), strict=True):
            assert found.seed == pytest.approx(expected.seed)
            assert found.residual == pytest.approx(expected.residual)
            assert found.interaction == pytest.approx(expected.interaction)
            assert found.has_seeds == expected.has_seeds


def test_components_that_a_pilot_cannot_tell_are_missing_in_a_table():
    row = as_columns(None, None)
    assert tuple(row) == COMPONENT_COLUMNS
    assert all(math.isnan(value) for value in row.values())
    assert from_columns(row | {"n_seeds": 1, "n_seeds_reference": 1}) is None


@pytest.mark.parametrize(
    ("components", "true", "n_dialogues"),
    [
        (TYPICAL, 1.0, 500),
        (TYPICAL, 1.5, 300),
        (TYPICAL, -1.0, 1500),
        (AGAINST_DETERMINISTIC, 1.5, 500),
        (TYPICAL, 5.0, 500),
        (TYPICAL, 8.0, 500),
        (TYPICAL, 10.0, 1500),
        (TYPICAL, 30.0, 50),
    ],
)
def test_the_seeds_needed_are_enough_and_one_less_is_not(components, true, n_dialogues):
    found = seeds_needed(finds_difference(true), components, n_dialogues, 0.8)
    reached = [float(power_of_difference(true, components.planned(seeds, n_dialogues))) for seeds in (found, max(found - 1, 2))]
    assert reached[0] >= 0.8
    assert found == 2 or reached[1] < 0.8


def test_more_than_enough_needs_the_fewest_seeds_there_are():
    components = ContrastComponents((0.01, 0.01), (1.0, 1.0), 1.0, (True, True))
    assert seeds_needed(finds_difference(5.0), components, 500, 0.8) == 2
    assert seeds_needed(finds_difference(50.0), TYPICAL, 1500, 0.8) == 2


def test_seeds_are_sought_up_to_the_most_there_may_be():
    # A z test needs this variance at just so many seeds; the t test needs one seed more.
    def variance_of(seeds):
        return seeds / 2 / (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) ** 2

    for seeds, expected in ((MOST_SEEDS - 5, MOST_SEEDS - 4), (MOST_SEEDS + 5, None)):
        components = ContrastComponents((variance_of(seeds),) * 2, (0.0, 0.0), 0.0, (True, True))
        assert seeds_needed(finds_difference(1.0), components, 100, 0.8) == expected


def test_where_the_dialogues_are_the_limit_no_seeds_are_enough_and_more_dialogues_are():
    # With seeds without end the difference still has the error sqrt(30 / 100).
    find = finds_difference(1.0)
    assert seeds_needed(find, TYPICAL, 100, 0.8) is None
    assert power_of_difference(1.0, TYPICAL.planned(10**6, 100)) < 0.8
    dialogues = dialogues_needed(find, TYPICAL, 10, 0.8)
    assert power_of_difference(1.0, TYPICAL.planned(10, dialogues)) >= 0.8
    step = 10 ** (len(str(dialogues)) - 2)
    assert power_of_difference(1.0, TYPICAL.planned(10, dialogues - step)) < 0.8


def test_where_the_seeds_are_the_limit_no_dialogues_are_enough():
    assert dialogues_needed(finds_difference(0.3), TYPICAL, 3, 0.8) is None
    assert power_of_difference(0.3, TYPICAL.planned(3, 10**9)) < 0.8


def test_methods_without_seeds_need_dialogues_alone():
    find = finds_difference(1.0)
    nobs = TTestPower().solve_power(effect_size=1 / 8, alpha=0.05, power=0.8)
    enough = dialogues_needed(find, DETERMINISTIC, 0, 0.8)
    assert enough - 10 < nobs <= enough
    assert seeds_needed(find, DETERMINISTIC, enough, 0.8) == 1
    assert seeds_needed(find, DETERMINISTIC, enough - 10, 0.8) is None


def test_methods_without_seeds_can_be_planned_for_noninferiority_and_equivalence():
    for power_of in (power_of_noninferiority, power_of_equivalence):
        assert seeds_needed(lambda estimate, power_of=power_of: power_of(0.0, 2.0, estimate), DETERMINISTIC, 500, 0.8) == 1
        assert seeds_needed(lambda estimate, power_of=power_of: power_of(0.0, 0.2, estimate), DETERMINISTIC, 500, 0.8) is None


def test_seeds_for_noninferiority_are_fewer_than_for_equivalence():
    noninferior = seeds_needed(lambda estimate: power_of_noninferiority(0.0, 1.0, estimate), TYPICAL, 500, 0.8)
    equivalent = seeds_needed(lambda estimate: power_of_equivalence(0.0, 1.0, estimate), TYPICAL, 500, 0.8)
    assert 2 < noninferior < equivalent < MOST_SEEDS


def test_a_need_is_of_seeds_where_they_are_enough():
    find = finds_difference(1.0)
    assert need(find, TYPICAL, 3, 1500, 0.8) == Need(seeds_needed(find, TYPICAL, 1500, 0.8))


def test_a_need_is_of_dialogues_with_the_seeds_at_hand_where_no_seeds_are_enough():
    find = finds_difference(1.0)
    found = need(find, TYPICAL, 8, 100, 0.8)
    assert found == Need(None, (dialogues_needed(find, TYPICAL, 8, 0.8), 8))
    assert found.dialogues[0] > 100


@pytest.mark.parametrize(("true", "too_few", "enough"), [(0.7, 3, 10), (0.5, 10, 50)])
def test_a_need_is_of_both_where_neither_is_enough_alone(true, too_few, enough):
    find = finds_difference(true)
    assert seeds_needed(find, TYPICAL, 200, 0.8) is None
    assert dialogues_needed(find, TYPICAL, 3, 0.8) is dialogues_needed(find, TYPICAL, too_few, 0.8) is None
    assert need(find, TYPICAL, 3, 200, 0.8) == Need(None, (dialogues_needed(find, TYPICAL, enough, 0.8), enough))


def test_a_need_beyond_reach_is_none():
    assert need(finds_difference(0.001), TYPICAL, 3, 500, 0.8) == Need(None, None)
