"""Numbers, names and what stands above every table, as people read them."""

import math

import numpy as np
import pandas as pd
import pytest
from made_up_studies import settings

from parity.results import SCORE_COLUMNS
from parity.wording import (
    counted,
    integer,
    markdown,
    metric_name,
    number,
    opening,
    p_is,
    p_value,
    points,
    protocol,
    seeds_of,
    size_of_test_set,
    with_interval,
)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (12.345, 2, "12.35"),
        (12, 1, "12.0"),
        (-0.23, 2, "-0.23"),
        (-0.004, 2, "0.00"),
        (-0.0, 1, "0.0"),
        (-0.05, 1, "-0.1"),
        (2500.4, 0, "2500"),
        (math.nan, 2, "-"),
        (None, 2, "-"),
        (np.float64(-0.049), 1, "0.0"),
        (100, 3, "100.000"),
    ],
)
def test_a_number_is_rounded_has_no_sign_at_zero_and_a_dash_where_it_is_missing(value, digits, text):
    assert number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.0 point"),
        (1, "1.0 point"),
        (0.5, "0.5 points"),
        (2, "2.0 points"),
        (100, "100.0 points"),
        (12.345, "12.345 points"),
        (99.99, "99.99 points"),
        (1.001, "1.001 points"),
    ],
)
def test_a_declared_number_of_points_reads_as_it_was_declared_with_its_singular(value, text):
    assert points(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1 seed"), (2, "2 seeds"), (0, "0 seeds"), (4900, "4,900 seeds"), (np.int64(1), "1 seed")]
)
def test_counted_things_have_the_right_number(value, text):
    assert counted(value, "seed") == text


def test_large_numbers_have_their_thousands_set_apart():
    assert [integer(value) for value in (7, 1000.0, np.int64(990000))] == ["7", "1,000", "990,000"]


@pytest.mark.parametrize(
    ("value", "in_table", "in_text"),
    [
        (0.4821, "0.482", "p = 0.482"),
        (0.001, "0.001", "p = 0.001"),
        (0.00099, "< 0.001", "p < 0.001"),
        (0.0, "< 0.001", "p < 0.001"),
        (1.0, "1.000", "p = 1.000"),
        (0.05, "0.0500", "p = 0.0500"),
        (0.0502, "0.0502", "p = 0.0502"),
        (0.0496, "0.0496", "p = 0.0496"),
        (0.0494, "0.049", "p = 0.049"),
    ],
)
def test_p_has_three_decimals_and_more_where_they_would_hide_the_side_of_the_threshold(value, in_table, in_text):
    assert (p_value(value), p_is(value)) == (in_table, in_text)


def test_a_missing_p_is_a_dash():
    assert p_value(math.nan) == "-"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (23.84, 25.57, "24.7 [23.8, 25.6]"),
        (-0.04, 49.0, "24.7 [0.0, 49.0]"),
        (-3.26, 49.0, "24.7 [-3.3, 49.0]"),
        (math.nan, math.nan, "24.7"),
        (24.7, 24.7, "24.7"),
        (-math.inf, math.inf, "24.7 [unbounded]"),
    ],
)
def test_an_interval_stands_behind_its_value_only_where_there_is_one(low, high, text):
    assert with_interval(pd.Series({"mean": 24.7, "low": low, "high": high, "mean_low": low, "mean_high": high}), "mean") == text


def test_an_interval_may_stand_in_columns_of_another_name():
    assert with_interval(pd.Series({"rouge1_mean": 1.0, "rouge1_low": 0.5, "rouge1_high": 2.0}), "rouge1_mean", "rouge1") == (
        "1.0 [0.5, 2.0]"
    )


@pytest.mark.parametrize(
    ("kind", "chance", "n_seeds", "text"),
    [
        ("peft", "seeds", 3, "3"),
        ("peft", "one run", 1, "1 (this run only)"),
        ("predictions", "one run", 1, "one file (this run only)"),
        ("predictions", "seeds", 4, "4"),
        ("zero_shot", "deterministic", 0, "deterministic"),
    ],
)
def test_the_seed_column_says_what_chance_an_interval_knows(kind, chance, n_seeds, text):
    assert seeds_of(pd.Series({"kind": kind, "chance": chance, "n_seeds": n_seeds})) == text


def test_every_metric_has_a_name_of_its_own_that_tells_mean_from_best_reference():
    names = [metric_name(metric) for metric in SCORE_COLUMNS]
    assert names[:4] == ["ROUGE-1", "ROUGE-2", "ROUGE-L", "ROUGE-Lsum"]
    assert names[4:] == [f"{name} (best reference)" for name in names[:4]]


@pytest.mark.parametrize("metric", SCORE_COLUMNS)
def test_the_protocol_of_a_metric_is_its_own(metric):
    over = "best of" if metric.endswith("_max") else "mean over"
    assert protocol(metric) == f"the {over} a dialogue's references, then the mean over dialogues and seeds"


@pytest.mark.parametrize(
    ("dialogues", "references", "text"),
    [
        (500, 1500, "500 test dialogues with 3 references each"),
        (1500, 1500, "1,500 test dialogues with 1 reference each"),
        (1, 3, "1 test dialogue with 3 references"),
        (1, 1, "1 test dialogue with 1 reference"),
        (4, 10, "4 test dialogues with 2.5 references each"),
        (3, 5, "3 test dialogues with 1.67 references each"),
    ],
)
def test_the_test_set_is_counted_in_dialogues_and_references_a_dialogue(dialogues, references, text):
    assert size_of_test_set(pd.DataFrame({"dialogues": [dialogues] * 2, "references": [references] * 2})) == text


@pytest.mark.parametrize("primary", ["rouge1", "rouge2_max"])
def test_every_page_opens_with_estimand_unit_protocol_primary_metric_model_and_data(primary):
    config = {
        "comparison": settings(primary_metric=primary),
        "model": {"name_or_path": "a/model"},
        "data": {"name_or_path": "some/data"},
    }
    text = "\n".join(opening(pd.DataFrame({"dialogues": [5], "references": [15]}), config))
    for part in (
        "trained again with new seeds and tested on new dialogues",
        "ROUGE F-measures in points (0 to 100) on 5 test dialogues with 3 references each",
        protocol(primary),
        f"Primary metric: {metric_name(primary)}.",
        "95 % interval",
        "Model: a/model. Data: some/data.",
    ):
        assert part in text


def test_a_table_keeps_its_cells_as_they_were_written():
    table = markdown([{"Method": "a", "p": "0.050", "n": "1,000"}, {"Method": "b", "p": "-", "n": "2"}])
    assert "| a        | 0.050 | 1,000 |" in table
    assert table.count("\n") == 3
