"""Any scores give tables without a missing value but where one is meant, intervals that hold their estimate, and readable pages."""

from __future__ import annotations

import math
import re

import numpy as np
from generated import METHOD_NAMES, WRITABLE, a_folder, cases
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from made_up_studies import Study, study_of

from parity.bootstrap import crossed_bootstrap, percentile_interval
from parity.files import read_table, write_table
from parity.power import contrast_components, need, of_dialogues, power_of_difference, smallest_detectable_difference
from parity.stats import MethodScores, difference, probability_better, ratio, variance_components

POINTS = st.sampled_from([0.0, 100.0, 50.0, 1e-300, 5e-324, 1e-9, 1e-10, 99.99999999999999, 1 / 3]) | st.floats(0, 100)
KINDS = ("zero_shot", "full", "peft", "predictions", "baseline")
PER_SEED = ("sd_seed_means", "sd_seed", "sd_dialogue", "sd_residual", "intraclass_correlation")
SHARES = ("percent_of_full", "percent_of_gain")


def points(n_dialogues: int, most_seeds: int = 4) -> st.SearchStrategy[np.ndarray]:
    """Scores of a method, shape (seeds, dialogues): any, all the same, or the same for every seed."""
    shape = st.tuples(st.integers(1, most_seeds), st.just(n_dialogues))
    one_value = shape.flatmap(lambda size: POINTS.map(lambda value: np.full(size, value)))
    of_seeds = st.tuples(shape, arrays.arrays(float, n_dialogues, elements=POINTS)).map(
        lambda both: np.tile(both[1], (both[0][0], 1))
    )
    return shape.flatmap(lambda size: arrays.arrays(float, size, elements=POINTS)) | one_value | of_seeds


PAIRS = st.sampled_from([1, 2, 3, 7]).flatmap(lambda n: st.tuples(points(n), points(n)))


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """Methods of any names and kinds, with a seed each where no seed changes them."""
    n_dialogues = draw(st.sampled_from([1, 2, 3, 5]))
    names = draw(st.lists(METHOD_NAMES, min_size=1, max_size=4, unique_by=str.lower))
    kinds = {name: draw(st.sampled_from(KINDS)) for name in names}
    found = {name: draw(points(n_dialogues)) for name in names}
    found = {name: values[:1] if kinds[name] in ("zero_shot", "baseline") else values for name, values in found.items()}
    published = None
    if draw(st.booleans()):
        published = {"source": draw(WRITABLE.filter(bool)), "scores": {names[0]: {"rouge1": draw(POINTS)}}}
    study = study_of(found, kinds=kinds, published=published, margin=draw(st.sampled_from([None, 1.0, 1e-300, 100])))
    study.config["model"]["name_or_path"] = draw(WRITABLE.filter(bool))
    study.config["data"]["name_or_path"] = draw(WRITABLE.filter(bool))
    return study


def check_interval(row, column: str, bounds: str = "") -> None:
    low, high = row[f"{bounds}low"], row[f"{bounds}high"]
    if math.isnan(low) or math.isnan(high):
        assert math.isnan(low) and math.isnan(high)
    else:
        slack = 1e-9 * max(1, abs(row[column]))
        assert low - slack <= row[column] <= high + slack, (column, low, row[column], high)


@cases(study=studies())
def test_no_table_lacks_a_value_but_where_one_is_meant(study):
    with a_folder() as folder:
        for name, table in (("estimates", study.estimates), ("contrasts", study.contrasts)):
            write_table(folder / f"{name}.csv", table)
            again = read_table(folder / f"{name}.csv")
            assert len(again) == len(table)
            if len(table):
                assert again["method"].astype(str).tolist() == table["method"].astype(str).tolist()
    one_dialogue = next(iter(study.points.values())).shape[1] == 1
    full = any(block["kind"] == "full" for block in study.config["methods"].values())
    may_lack = {*PER_SEED, *(f"{share}{end}" for share in SHARES for end in ("", "_low", "_high"))}
    may_lack |= set() if full else {"scope_of_shares"}
    may_lack |= {"low", "high", "se", "df"} if one_dialogue else set()
    for column in study.estimates.columns.difference(list(may_lack)):
        assert study.estimates[column].notna().all(), column
    for _, row in study.estimates.iterrows():
        check_interval(row, "mean")
        for share in SHARES:
            check_interval(row, share, f"{share}_")
        # Made-up studies have multiples of the primary metric for the others.
        assert not row["is_primary"] or 0 <= row["mean"] <= 100 + 1e-9
    for _, row in study.contrasts.iterrows():
        check_interval(row, "difference")
        check_interval(row, "probability_better", "probability_better_")
        assert row["bootstrap_low"] <= row["bootstrap_high"] or one_dialogue
        for column in [column for column in row.index if column.startswith("p_") or column == "p"]:
            assert math.isnan(row[column]) or 0 <= row[column] <= 1
        if not one_dialogue:
            assert row[["se", "df", "p", "low", "high", "smallest_detectable_difference"]].notna().all()


@cases(study=studies())
def test_every_page_has_whole_tables_and_says_no_nan(study):
    names = set(study.points) | set(re.findall(r"\w+", str(study.config["model"]) + str(study.config["data"])))
    names |= set(re.findall(r"\w+", str(study.config.get("published"))))
    for name, page in study.pages.items():
        page.encode()
        for word in ("nan", "NaN", "inf", "None", "-0.0"):
            assert word in names or not re.search(rf"(?<![\w.]){word}(?![\w-])", page), (name, word)
        for rows in re.findall(r"(?m)(?:^\|.*\n)+", page):
            columns = {len(re.findall(r"(?<!\\)\|", row)) for row in rows.strip().split("\n")}
            assert len(columns) == 1, (name, rows)


@cases(pair=PAIRS)
def test_estimates_of_any_two_methods_are_turned_with_them(pair):
    method, reference = map(MethodScores, pair)
    one, other = difference(method, reference), difference(reference, method)
    assert one.value == -other.value and (one.se == other.se or math.isnan(one.se))
    if method.n_dialogues > 1:
        low, high = one.interval()
        assert math.isfinite(low) and low <= one.value <= high
        assert 0 <= one.p_difference() <= 1 and 0 <= one.p_noninferior(1) <= 1 and 0 <= one.p_equivalent(1) <= 1
    better, worse = probability_better(method, reference), probability_better(reference, method)
    assert abs(better.value + worse.value - 1) < 1e-9 and 0 <= better.value <= 1
    share = ratio([(1, method)], [(1, reference)])
    assert math.isnan(share.low) == math.isnan(share.high)
    assert math.isnan(share.low) or share.low <= share.value <= share.high
    assert not math.isnan(share.low) or method.n_dialogues == 1 or abs(reference.mean) < 1e-6
    parts = variance_components(method)
    assert all(math.isnan(part) or part >= 0 for part in (parts.seed, parts.dialogue, parts.residual))


@cases(pair=PAIRS, seed=st.integers(0, 2**40))
def test_bootstrap_draws_lie_between_the_lowest_and_the_highest_score(pair, seed):
    values = {"a": MethodScores(pair[0]), "b": MethodScores(pair[1])}
    draws = crossed_bootstrap(values, 50, seed)
    for name, scores in values.items():
        low, high = percentile_interval(draws[name])
        assert scores.values.min() - 1e-9 <= low <= high <= scores.values.max() + 1e-9


@cases(pair=PAIRS, true=st.floats(0, 50), power=st.sampled_from([0.5, 0.8, 0.999]))
def test_a_plan_of_any_pilot_is_a_number_or_says_that_nothing_is_enough(pair, true, power):
    method, reference = map(MethodScores, pair)
    if (components := contrast_components(method, reference, (False, False))) is None:
        assert 1 in (method.n_seeds, reference.n_seeds, method.n_dialogues)
        return
    design = components.planned(method.n_seeds, method.n_dialogues)
    assert 0 <= power_of_difference(true, design) <= 1
    assert smallest_detectable_difference(design, power) >= 0
    found = need(lambda planned: power_of_difference(true, planned), components, method.n_seeds, method.n_dialogues, power)
    assert found.seeds is None or found.seeds >= 2


@cases(variance=st.sampled_from([0.0, 5e-324, 1e-20, 1.0, 1e4]), n=st.sampled_from([2, 3, 500, 10**6]))
def test_what_can_be_found_grows_with_its_variance(variance, n):
    least = smallest_detectable_difference(of_dialogues(np.array([variance, 4 * variance]), n - 1), 0.8)
    assert np.isfinite(least).all() and 0 <= least[0] <= least[1]
