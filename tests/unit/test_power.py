"""Power and plans, held against statsmodels, simulated tests and simulated studies."""

import math
from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from statsmodels.stats.power import TTestPower

from parity import power as power_module
from parity.power import (
    CAUTIOUS,
    COMPONENT_COLUMNS,
    MOST_SEEDS,
    N_STUDIES,
    ContrastComponents,
    Design,
    Need,
    as_columns,
    cautious,
    contrast_components,
    designs_found,
    dialogues_needed,
    from_columns,
    need,
    of_dialogues,
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
    return lambda design: power_of_difference(true, design)


@pytest.fixture
def draw():
    return np.random.default_rng(5)


@pytest.mark.parametrize("n_dialogues", [5, 40, 1500])
@pytest.mark.parametrize("true", [-1.0, 0.4, 1.3])
def test_power_without_seeds_is_that_of_statsmodels_paired_t_test(n_dialogues, true):
    design = DETERMINISTIC.planned(2, n_dialogues)
    expected = TTestPower().power(abs(true) / 8, n_dialogues, 0.05, alternative="two-sided")
    assert power_of_difference(true, design) == pytest.approx(expected, abs=1e-3)
    expected = TTestPower().power(abs(true) / 8, n_dialogues, 0.2, alternative="two-sided")
    assert power_of_difference(true, design, alpha=0.2) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_the_smallest_detectable_difference_without_seeds_is_statsmodels_effect(power):
    design = DETERMINISTIC.planned(2, 60)
    expected = 8 * TTestPower().solve_power(nobs=60, alpha=0.05, power=power)
    assert smallest_detectable_difference(design, power) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("true", [0.0, -0.5, 1.0])
def test_power_of_noninferiority_is_that_of_a_one_sided_t_test_from_the_margin(true):
    expected = TTestPower().power((true + 2) / 8, 80, 0.05, alternative="larger")
    assert power_of_noninferiority(np.array(true), 2.0, planned_rows(DETERMINISTIC, 2, 80)) == pytest.approx(expected, abs=1e-3)


def planned_rows(components, n_seeds, n_dialogues):
    return components.planned(np.atleast_1d(n_seeds), n_dialogues)


def test_power_of_noninferiority_answers_for_one_design_as_for_many():
    one = power_of_noninferiority(0.0, 2.0, DETERMINISTIC.planned(2, 80))
    assert one == pytest.approx(power_of_noninferiority(0.0, 2.0, planned_rows(DETERMINISTIC, 2, 80))[0])


@pytest.mark.parametrize("df", [4.0, 30.0])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_variance_of_one_part_alone_gives_the_power_of_a_t_test_whichever_part_it_is(place, df):
    # The first method's seeds, the second's, or the dialogues; the other two have degrees of freedom but no variance.
    parts, freedom = np.zeros(3), np.full(3, 9.0)
    parts[place], freedom[place] = 0.5**2, df
    design = Design(parts[:2], freedom[:2], parts[2], freedom[2], np.zeros(()))
    expected = TTestPower().power(1.2 / 0.5 / math.sqrt(df + 1), df + 1, 0.05)
    assert power_of_difference(1.2, design) == pytest.approx(expected, abs=2e-3)
    assert power_of_difference(1.2, of_dialogues(0.5**2, df)) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("df", [1.3, 4.0, 60.0])
def test_power_is_how_often_simulated_tests_find_what_is_there(draw, df):
    se, margin = 0.5, 2.0
    design = of_dialogues(np.full(1, se**2), df)
    noise, studies_se = draw.normal(0, se, 100_000), se * np.sqrt(draw.chisquare(df, 100_000) / df)
    for true in (0.8, -0.2):
        found = Estimate(true + noise, studies_se, df)
        for planned, p in (
            (power_of_difference(true, design), found.p_difference()),
            (power_of_noninferiority(true, margin, design), found.p_noninferior(margin)),
            (power_of_equivalence(true, margin, design), found.p_equivalent(margin)),
        ):
            assert planned == pytest.approx(np.mean(p < 0.05), abs=0.008)


def test_power_of_equivalence_is_none_for_methods_a_margin_apart_or_a_margin_too_small():
    design = planned_rows(DETERMINISTIC, 2, 80)
    assert power_of_equivalence(6.0, 3.0, design) == pytest.approx(0, abs=1e-3)
    assert power_of_equivalence(0.0, 0.1, design) == 0
    for true in (0.3, 3.0):
        assert power_of_equivalence(true, 3.0, design) == pytest.approx(power_of_equivalence(-true, 3.0, design))


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize("df", [1.0, 7.5, 1e9])
def test_where_there_is_no_difference_the_test_finds_one_as_often_as_alpha(df, alpha):
    design = of_dialogues(np.full(1, 0.7**2), df)
    assert power_of_difference(0.0, design, alpha) == pytest.approx(alpha, abs=5e-4)
    assert power_of_noninferiority(-2.0, 2.0, design, alpha) == pytest.approx(alpha, abs=5e-4)


@pytest.mark.parametrize("df", [1.0, 1.5, 2.0, 3.0, 5.0, 12.0, 50.0, 400.0, 1499.0, 1e5])
def test_power_rises_with_the_true_difference_to_certainty(df):
    true = np.concatenate([np.linspace(0, 20, 401), np.linspace(21, 900, 100)])
    found = power_of_difference(true, of_dialogues(1.0, df))
    assert not np.isnan(found).any()
    assert np.diff(found).min() > -1e-9
    assert found[-1] == pytest.approx(1)
    assert power_of_difference(-true, of_dialogues(np.ones_like(true), df)) == pytest.approx(found)


def test_without_any_chance_the_tests_find_all_that_is_there_and_nothing_else():
    certain = of_dialogues(np.zeros(3), 9.0)
    assert power_of_difference(np.array([-0.1, 0.0, 0.1]), certain).tolist() == [1, 0, 1]
    # What a mean of floats leaves of no difference.
    assert power_of_difference(np.array([-1e-12, 0.0, 1e-12]), certain).tolist() == [0, 0, 0]
    true = np.array([-0.6, -0.5, -0.4])
    assert power_of_noninferiority(true, 0.5, certain).tolist() == [0, 0, 1]
    assert power_of_equivalence(true, 0.5, certain).tolist() == [0, 0, 1]
    assert power_of_equivalence(np.array([0.6, 0.4, 0.0]), 0.5, certain).tolist() == [0, 1, 1]
    # What the test itself says of such estimates.
    assert (Estimate(true, 0.0, 9.0).p_noninferior(0.5) < 0.05).tolist() == [False, False, True]


@pytest.mark.parametrize("df", [1.0, 1.5, 2.0, 6.0, 80.0, 1499.0, 1e8])
@pytest.mark.parametrize("power", [0.5, 0.8, 0.999])
def test_the_smallest_detectable_difference_is_detected_with_just_this_power(df, power):
    design = of_dialogues(np.array([0.3, 2.0]) ** 2, df)
    smallest = smallest_detectable_difference(design, power)
    assert power_of_difference(smallest, design) == pytest.approx(np.full(2, power), abs=1e-4)
    assert smallest[1] / smallest[0] == pytest.approx(2.0 / 0.3)
    strict = smallest_detectable_difference(design, power, alpha=0.01)
    assert power_of_difference(strict, design, alpha=0.01) == pytest.approx(np.full(2, power), abs=1e-4)
    assert np.all(strict > smallest)


def test_smallest_detectable_differences_of_many_rows_keep_their_places():
    se, df = np.array([0.5, math.nan, 0.0, 0.7, 0.5]), np.array([30.0, math.nan, 9.0, 4.0, 30.0])
    found = smallest_detectable_difference(of_dialogues(se**2, df), 0.8)
    assert found[0] == found[4] == pytest.approx(smallest_detectable_difference(of_dialogues(0.5**2, 30.0), 0.8))
    assert found[3] == pytest.approx(smallest_detectable_difference(of_dialogues(0.7**2, 4.0), 0.8))
    assert math.isnan(found[1])
    assert found[2] == 0
    assert np.isnan(smallest_detectable_difference(of_dialogues(np.full(1, math.nan), math.nan), 0.8)).all()


def test_designs_are_worked_through_in_chunks_that_change_no_number(monkeypatch):
    design = TYPICAL.planned(np.arange(2, 9)[:, None], np.array([50, 200, 1000]))
    expected = smallest_detectable_difference(design, 0.8)
    sizes, work = [], power_module._smallest_detectable

    def counted(rows, *options):
        sizes.append(rows.se.size)
        return work(rows, *options)

    monkeypatch.setattr(power_module, "CHUNK", 4)
    monkeypatch.setattr(power_module, "_smallest_detectable", counted)
    assert_allclose(smallest_detectable_difference(design, 0.8), expected, rtol=1e-4)
    assert max(sizes) <= 4
    assert sum(sizes) == 21
    # A chunk may hold nothing to solve.
    monkeypatch.setattr(power_module, "CHUNK", 1)
    few = smallest_detectable_difference(of_dialogues(np.array([0.0, math.nan, 0.3]), 20), 0.8)
    assert (few[0], math.isnan(few[1]), few[2] > 0) == (0, True, True)
    for place in np.ndindex(7, 3):
        one = TYPICAL.planned(place[0] + 2, (50, 200, 1000)[place[1]])
        assert expected[place] == pytest.approx(smallest_detectable_difference(one, 0.8), rel=1e-4)


@pytest.mark.parametrize("quantile", [0.01, 0.2, 0.5, 0.8, 0.99])
def test_chi_squared_quantiles_are_scipys_on_both_sides_of_the_approximation(quantile):
    df = np.array([[0.7, 1.0, 4.0, 99.0, 100.0], [100.5, 150.0, 4.0, 1e4, 1e6]])
    found = power_module._chi_squared_over_df(df, np.array([0.3, quantile]))
    assert found.shape == (2, 5, 2)
    expected = stats.chi2.ppf(quantile, df) / df
    assert_allclose(found[..., 1], expected, rtol=1e-3)
    assert_allclose(found[..., 1][df <= 100], expected[df <= 100], rtol=1e-12)
    assert_allclose(found[..., 0], stats.chi2.ppf(0.3, df) / df, rtol=1e-3)


@pytest.mark.parametrize("quantile", [0.75, 0.9, 0.95, 0.975, 0.995, 0.9995])
def test_t_quantiles_are_scipys(quantile):
    df = np.geomspace(0.6, 1e6, 500).reshape(50, 10)
    assert_allclose(power_module._t_quantile(quantile, df), stats.t.ppf(quantile, df), rtol=1e-3)


def test_the_planned_error_worked_out_by_hand():
    components = ContrastComponents(seed=(1.0, 4.0), residual=(30.0, 60.0), interaction=20.0, has_seeds=(True, True))
    found = components.planned(2, 10)
    # Seeds (1 + 30 / 10) / 2 and (4 + 60 / 10) / 2; dialogues 20 / 10 + 90 / 20; both hold 90 / 20.
    assert found.seed_parts.tolist() == [2, 5]
    assert found.seed_df.tolist() == [1, 1]
    assert (found.dialogue_part, found.dialogue_df, found.residual_part) == (6.5, 9, 4.5)
    assert found.se == pytest.approx(math.sqrt(2 + 5 + 6.5 - 4.5))


def test_without_variances_no_error_is_planned_and_no_interval_has_a_width():
    found = ContrastComponents((0.0, 0.0), (0.0, 0.0), 0.0, (True, False)).planned(np.array([2, 5]), 50)
    assert found.se.tolist() == [0, 0]
    assert found.dialogue_df.tolist() == [49, 49]
    assert np.array_equal(found.reach(0.975), np.zeros((2, N_STUDIES)))


@pytest.mark.parametrize("components", [TYPICAL, AGAINST_DETERMINISTIC, DETERMINISTIC])
def test_planned_designs_of_many_sizes_are_those_of_each(components):
    seeds, dialogues = np.array([[2], [3], [8]]), np.array([50, 500])
    found = components.planned(seeds, dialogues)
    assert found.se.shape == (3, 2)
    assert found.reach(0.9).shape == (3, 2, N_STUDIES)
    for place in np.ndindex(3, 2):
        one = components.planned(int(seeds[place[0], 0]), int(dialogues[place[1]]))
        assert found.se[place] == pytest.approx(float(one.se))
        assert found.reach(0.9)[place] == pytest.approx(one.reach(0.9))


def test_designs_taken_out_in_one_row_are_those_at_their_places():
    design = TYPICAL.planned(np.array([[2], [3], [8]]), np.array([50, 500]))
    picked = design.rows(np.array([4, 1]))
    assert picked.reach(0.9) == pytest.approx(design.reach(0.9)[[2, 0], [0, 1]])


def test_which_method_comes_first_changes_no_plan():
    components = ContrastComponents((0.9, 0.05), (10.0, 80.0), 20.0, (True, True))
    swapped = ContrastComponents((0.05, 0.9), (80.0, 10.0), 20.0, (True, True))
    seeds = np.array([2, 3, 7])
    one, other = components.planned(seeds, 200), swapped.planned(seeds, 200)
    assert power_of_difference(1.5, one) == pytest.approx(power_of_difference(1.5, other), rel=1e-9)
    assert power_of_noninferiority(0.2, 1.5, one) == pytest.approx(power_of_noninferiority(0.2, 1.5, other), rel=1e-9)
    assert power_of_equivalence(0.2, 1.5, one) == pytest.approx(power_of_equivalence(0.2, 1.5, other), rel=1e-9)
    assert_allclose(smallest_detectable_difference(one, 0.8), smallest_detectable_difference(other, 0.8), rtol=1e-5)
    # Not because the methods were taken for equal: reaches differ study by study.
    assert not np.allclose(one.reach(0.975), other.reach(0.975), rtol=0.1)


@pytest.mark.parametrize("n_seeds", [(2, 6), (3, 1)])
def test_which_method_comes_first_changes_nothing_of_what_a_contrast_can_detect(draw, n_seeds):
    method, reference = study(draw, n_seeds, 40)
    one, other = designs_found([(method, reference)]), designs_found([(reference, method)])
    assert_allclose(smallest_detectable_difference(one, 0.8), smallest_detectable_difference(other, 0.8), rtol=1e-5)
    assert one.seed_df[:, 0].tolist() == other.seed_df[::-1, 0].tolist() == [n_seeds[0] - 1, max(n_seeds[1] - 1, 1)]


def test_contrasts_that_were_made_have_designs_with_the_errors_that_they_showed(draw):
    pairs = [study(draw, n_seeds, 40) for n_seeds in ((3, 3), (2, 6), (4, 1), (1, 3), (1, 1))]
    # Where the residual taken out leaves less than the dialogues' part, or than the seeds', the larger part counts.
    pairs += [study(draw, (2, 3), 40, seed=(0, 0)) for _ in range(10)]
    pairs += [study(draw, (2, 3), 3, seed=(4, 4), interaction=(0, 0)) for _ in range(10)]
    found = designs_found(pairs)
    assert found.se == pytest.approx(np.array([difference(*pair).se for pair in pairs]))
    from_seeds = found.seed_parts.sum(axis=0)
    assert (from_seeds < found.residual_part)[5:15].any()
    assert (found.dialogue_part < found.residual_part)[15:].any()
    assert found.dialogue_df.tolist() == [39] * 15 + [2] * 10


def test_a_contrast_on_one_dialogue_has_no_error_no_power_and_nothing_that_it_detects(draw):
    found = designs_found([study(draw, (3, 2), 1), study(draw, (3, 2), 30), study(draw, (1, 1), 1)])
    for numbers in (
        found.se,
        smallest_detectable_difference(found, 0.8),
        power_of_difference(1.0, found),
        power_of_noninferiority(0.0, 1.0, found),
        power_of_equivalence(0.0, 1.0, found),
    ):
        assert np.isnan(numbers).tolist() == [True, False, True]


@pytest.mark.parametrize("n_seeds", [(5, 5), (4, 1), (1, 4), (1, 1)])
def test_a_pilots_own_design_is_planned_with_the_pilots_own_error(draw, n_seeds):
    deterministic = tuple(seeds == 1 for seeds in n_seeds)
    sd = {
        name: tuple(0.0 if no_chance else value for no_chance in deterministic)
        for name, value in (("seed", 3.0), ("residual", 4.0))
    }
    pilot = study(draw, n_seeds, 60, **sd)
    components = contrast_components(*pilot, deterministic)
    planned = components.planned(max(*n_seeds, 2), 60)
    assert components.has_seeds == tuple(not no_chance for no_chance in deterministic)
    assert planned.se == pytest.approx(difference(*pilot).se)
    assert planned.reach(0.975) == pytest.approx(designs_found([pilot]).reach(0.975)[0])


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


@cache
def simulated(n_seeds, sd, n_studies=3000):
    """The plan of a study with this seed standard deviation on 500 dialogues, and what such studies find where nothing differs."""
    draw = np.random.default_rng([5, *n_seeds, round(100 * sd)])
    chance = [float(seeds > 1) for seeds in n_seeds]
    seed, residual = tuple(sd * has for has in chance), tuple(4.6 * has for has in chance)
    found = [
        difference(*study(draw, n_seeds, 500, seed=seed, residual=residual, interaction=(3.3, 3.3))) for _ in range(n_studies)
    ]
    components = ContrastComponents(
        tuple(sd**2 for sd in seed), tuple(sd**2 for sd in residual), 2 * 3.3**2, tuple(seeds > 1 for seeds in n_seeds)
    )
    return components.planned(max(n_seeds), 500), Estimate(*np.array([(each.value, each.se, each.df) for each in found]).T)


CELLS = [((seeds, seeds), sd) for seeds in (2, 3, 5) for sd in (0.15, 0.35, 0.8)] + [((3, 1), 0.35)]


@pytest.mark.parametrize(("n_seeds", "sd"), CELLS)
def test_simulated_studies_find_a_difference_as_often_as_planned(n_seeds, sd):
    design, found = simulated(n_seeds, sd)
    true = float(smallest_detectable_difference(design, 0.8))
    # Four standard errors of 3000 studies.
    for shift, expected, tolerance in ((true, 0.8, 0.03), (-true, 0.8, 0.03), (0.0, power_of_difference(0.0, design), 0.016)):
        p = Estimate(found.value + shift, found.se, found.df).p_difference()
        assert np.mean(p < 0.05) == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(("n_seeds", "sd"), [((2, 2), 0.8), ((3, 3), 0.35), ((3, 1), 0.35)])
def test_simulated_studies_find_noninferiority_and_equivalence_as_often_as_planned(n_seeds, sd):
    design, found = simulated(n_seeds, sd)
    margin = float(smallest_detectable_difference(design, 0.8))
    # At no difference, and at a small loss.
    for true in (0.0, -margin / 4):
        shifted = Estimate(found.value + true, found.se, found.df)
        for planned, p in (
            (power_of_noninferiority(true, margin, design), shifted.p_noninferior(margin)),
            (power_of_equivalence(true, margin, design), shifted.p_equivalent(margin)),
        ):
            assert 0.3 < planned < 0.97
            assert np.mean(p < 0.05) == pytest.approx(planned, abs=0.035)


@pytest.mark.parametrize(("n_seeds", "sd"), CELLS)
def test_the_reaches_planned_are_those_of_simulated_studies(n_seeds, sd):
    design, found = simulated(n_seeds, sd)
    planned, shown = design.reach(0.975), stats.t.ppf(0.975, found.df) * found.se
    assert planned.shape == (N_STUDIES,)
    assert planned.mean() == pytest.approx(shown.mean(), rel=0.06)
    assert_allclose(np.quantile(planned, [0.25, 0.5, 0.75]), np.quantile(shown, [0.25, 0.5, 0.75]), rtol=0.08)


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

    for seeds, expected in ((MOST_SEEDS - 1, MOST_SEEDS), (MOST_SEEDS, None)):
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
        assert seeds_needed(lambda design, power_of=power_of: power_of(0.0, 2.0, design), DETERMINISTIC, 500, 0.8) == 1
        assert seeds_needed(lambda design, power_of=power_of: power_of(0.0, 0.2, design), DETERMINISTIC, 500, 0.8) is None


def test_seeds_for_noninferiority_are_fewer_than_for_equivalence():
    noninferior = seeds_needed(lambda design: power_of_noninferiority(0.0, 1.0, design), TYPICAL, 500, 0.8)
    equivalent = seeds_needed(lambda design: power_of_equivalence(0.0, 1.0, design), TYPICAL, 500, 0.8)
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
