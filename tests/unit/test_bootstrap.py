"""The crossed bootstrap, held against its exact variance and the distribution that a few draws must have."""

import math

import numpy as np
import pytest
from made_up_studies import table
from numpy.testing import assert_array_equal

from parity.bootstrap import crossed_bootstrap, percentile_interval
from parity.stats import MethodScores, difference, linear_estimate

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def draw():
    return np.random.default_rng(11)


@pytest.fixture
def methods(draw):
    """Four seeds, six seeds and a deterministic method on the same 30 dialogues; every part of the variance counts."""
    difficulty = draw.normal(40, 8, 30)

    def scores(n_seeds, seed):
        return MethodScores(difficulty + draw.normal(0, seed, (n_seeds, 1)) + draw.normal(0, 10, (n_seeds, 30)))

    return {"lora": scores(4, 2.0), "full": scores(6, 1.0), "zero_shot": scores(1, 0.0)}


def parts(scores):
    """What seeds, dialogues and their interaction add to the variance of a mean over drawn seeds and dialogues."""
    mean = scores.values.mean()
    seeds, dialogues = scores.values.mean(axis=1) - mean, scores.values.mean(axis=0) - mean
    rest = scores.values - mean - seeds[:, None] - dialogues
    return (seeds**2).sum() / seeds.size**2, (dialogues**2).sum() / dialogues.size**2, (rest**2).sum() / rest.size**2


def test_the_same_seed_draws_the_same_and_another_seed_others(methods):
    one, again, other = (crossed_bootstrap(methods, 200, seed) for seed in (1, 1, 2))
    for name in methods:
        assert one[name].shape == (200,)
        assert_array_equal(one[name], again[name])
        assert not np.any(one[name] == other[name])


def test_another_seed_draws_other_training_seeds_too():
    # Scores that are the same on every dialogue leave nothing but the draws of training seeds.
    full = {"full": table(*[[40.0 + seed] * 5 for seed in range(10)])}
    one, again, other = (crossed_bootstrap(full, 200, seed)["full"] for seed in (1, 1, 2))
    assert_array_equal(one, again)
    assert np.mean(one.round(6) == other.round(6)) < 0.2


def test_the_draws_have_the_mean_and_exactly_the_variance_of_drawing_seeds_and_dialogues(methods):
    drawn = crossed_bootstrap(methods, 100_000, 3)
    for name, scores in methods.items():
        expected = sum(parts(scores))
        assert drawn[name].mean() == pytest.approx(scores.mean, abs=4 * math.sqrt(expected / 100_000))
        # Four standard errors of a variance of normal draws.
        assert drawn[name].var() == pytest.approx(expected, rel=4 * math.sqrt(2 / 100_000))


def test_a_differences_draws_pair_the_dialogues_and_not_the_seeds(methods):
    drawn = crossed_bootstrap(methods, 100_000, 3)
    for name, reference in (("lora", "full"), ("lora", "zero_shot")):
        of_seeds = [parts(methods[each])[0] + parts(methods[each])[2] for each in (name, reference)]
        # The interaction of the single row with its one seed is none: its row is its mean over seeds.
        gap = methods[name].values.mean(axis=0) - methods[reference].values.mean(axis=0)
        expected = sum(of_seeds) + gap.var() / 30
        assert (drawn[name] - drawn[reference]).var() == pytest.approx(expected, rel=4 * math.sqrt(2 / 100_000))


def test_seeds_of_two_methods_are_drawn_apart_even_where_their_scores_are_the_same(methods):
    drawn = crossed_bootstrap({"lora": methods["lora"], "copy": methods["lora"]}, 100_000, 3)
    seeds, _, interaction = parts(methods["lora"])
    gap = drawn["lora"] - drawn["copy"]
    assert gap.var() == pytest.approx(2 * (seeds + interaction), rel=4 * math.sqrt(2 / 100_000))


def test_on_a_large_design_the_draws_spread_as_the_formula_of_the_t_interval_says(draw):
    difficulty = draw.normal(40, 8, 400)
    method, reference = (
        MethodScores(difficulty + draw.normal(0, 1, (60, 1)) + draw.normal(0, 3, 400) + draw.normal(0, 4, (60, 400)))
        for _ in range(2)
    )
    drawn = crossed_bootstrap({"lora": method, "full": reference}, 20_000, 3)
    gap = drawn["lora"] - drawn["full"]
    assert gap.std() == pytest.approx(difference(method, reference).se, rel=0.03)
    assert drawn["lora"].std() == pytest.approx(linear_estimate([(1, method)]).se, rel=0.03)
    assert percentile_interval(gap) == pytest.approx(difference(method, reference).interval(), abs=0.03)


def test_identical_outputs_never_differ(draw):
    values = draw.uniform(0, 100, 25)
    drawn = crossed_bootstrap({"one": table(values), "copy": table(values), "seeds": table(values, values, values)}, 500, 3)
    assert_array_equal(drawn["one"], drawn["copy"])
    assert drawn["seeds"] == pytest.approx(drawn["one"], abs=1e-9)


def test_a_constant_difference_is_the_same_in_every_draw(draw):
    values = draw.uniform(0, 90, 25)
    drawn = crossed_bootstrap({"one": table(values), "better": table(values + 2, values + 2)}, 500, 3)
    assert drawn["better"] - drawn["one"] == pytest.approx(2)
    assert drawn["one"].std() > 1


def test_a_single_row_is_kept_and_only_its_dialogues_are_drawn():
    drawn = crossed_bootstrap({"zero_shot": table([0.0, 1.0])}, 4000, 3)["zero_shot"]
    values, counts = np.unique(drawn, return_counts=True)
    assert_array_equal(values, [0, 0.5, 1])
    assert counts / 4000 == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_as_many_seeds_are_drawn_as_there_are():
    # Two seeds, the same on every dialogue: both, either twice; the mean over dialogues is the seed's own.
    drawn = crossed_bootstrap({"full": table([0.0, 0, 0], [1.0, 1, 1])}, 4000, 3)["full"]
    values, counts = np.unique(drawn.round(9), return_counts=True)
    assert_array_equal(values, [0, 0.5, 1])
    assert counts / 4000 == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_the_same_dialogues_are_drawn_whatever_the_metric_and_whichever_methods_stand_beside(methods):
    zero_shot = methods["zero_shot"]
    drawn = crossed_bootstrap(methods, 300, 3)["zero_shot"]
    other_metric = {name: MethodScores(100 - 2 * scores.values) for name, scores in methods.items()}
    assert crossed_bootstrap(other_metric, 300, 3)["zero_shot"] == pytest.approx(100 - 2 * drawn)
    assert crossed_bootstrap(other_metric, 300, 3)["lora"] == pytest.approx(100 - 2 * crossed_bootstrap(methods, 300, 3)["lora"])
    assert_array_equal(crossed_bootstrap({"zero_shot": zero_shot}, 300, 3)["zero_shot"], drawn)
    assert_array_equal(crossed_bootstrap({"lora": methods["lora"], "other": zero_shot}, 300, 3)["other"], drawn)


def test_a_methods_draws_do_not_depend_on_the_methods_beside_it_or_their_order(methods):
    drawn, backwards = crossed_bootstrap(methods, 300, 3), crossed_bootstrap(dict(reversed(methods.items())), 300, 3)
    for name, scores in methods.items():
        assert_array_equal(backwards[name], drawn[name])
        assert_array_equal(crossed_bootstrap({name: scores}, 300, 3)[name], drawn[name])


@pytest.mark.parametrize("n_seeds", [1, 3])
def test_one_dialogue_is_drawn_every_time(n_seeds):
    drawn = crossed_bootstrap({"full": table(*[[40.0 + seed] for seed in range(n_seeds)])}, 200, 3)["full"]
    assert (drawn.std() > 0) == (n_seeds > 1)
    assert drawn.min() >= 40
    assert drawn.max() <= 39 + n_seeds


def test_the_percentile_interval_is_the_central_part_of_the_draws(draw):
    draws = draw.permutation(1001.0 + np.arange(1001))
    assert percentile_interval(draws) == pytest.approx((1026, 1976))
    assert percentile_interval(draws, 0.8) == pytest.approx((1101, 1901))
