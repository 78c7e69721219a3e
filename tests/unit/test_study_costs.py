"""What a study costs until its verdict, and what runs still to come would."""

import math

import pandas as pd
import pytest
from made_up_studies import scores, study_of

from parity.study_costs import _part, price, run_costs, short, spent, spent_parts
from parity.tables import summary_table

RATES = {"currency": "EUR", "per_hour": None, "per_gpu_hour": None, "per_kwh": None}


def results(gpu_hours=0.0, gpu_joules=math.nan, cpu_joules=3.6e6) -> pd.DataFrame:
    """Two runs of full, of 1 and 3 hours, and one of zero_shot, of half an hour."""
    rows = [("full", 3000.0, 600.0), ("full", 9000.0, 1800.0), ("zero_shot", math.nan, 1800.0)]
    table = pd.DataFrame(rows, columns=["method", "train_seconds", "generate_seconds"])
    for phase in ("start_up", "load", "evaluate", "save", "score"):
        table[f"{phase}_seconds"] = math.nan
    return table.assign(gpu_hours=gpu_hours, gpu_energy_joules=gpu_joules, cpu_energy_joules=cpu_joules)


def with_rates(**rates) -> dict:
    return {"costs": RATES | rates}


def test_hours_are_those_of_all_jobs_and_sums_are_of_all_runs():
    table = spent(results(), with_rates())
    assert table.loc["full", ["study_runs", "study_hours", "study_gpu_hours", "study_kwh"]].tolist() == [2, 4, 0, 2]
    assert table.loc["zero_shot", ["study_runs", "study_hours", "study_kwh"]].tolist() == [1, 0.5, 1]
    assert table["study_money"].isna().all()


def test_money_is_what_has_a_rate():
    assert run_costs(results(), with_rates(per_hour=2.0))["money"].tolist() == [2, 6, 1]
    assert run_costs(results(gpu_hours=2.0), with_rates(per_gpu_hour=3.0))["money"].tolist() == [6, 6, 6]
    on_gpu = results(gpu_hours=2.0, gpu_joules=7.2e6)
    assert run_costs(on_gpu, with_rates(per_hour=1.0, per_gpu_hour=3.0, per_kwh=0.5))["money"].tolist() == [8.5, 10.5, 8]


def test_energy_that_is_not_known_is_not_nothing():
    assert run_costs(results(cpu_joules=math.nan), with_rates())["kwh"].isna().all()
    assert run_costs(results(gpu_hours=1.0), with_rates())["kwh"].isna().all()
    assert run_costs(results(cpu_joules=math.nan), with_rates(per_hour=1.0, per_kwh=1.0))["money"].isna().all()
    assert run_costs(results(cpu_joules=math.nan), with_rates(per_hour=1.0))["money"].tolist() == [1, 3, 0.5]


def test_the_price_of_runs_has_the_spread_of_the_pilots_runs():
    # full: 2 hours with a standard deviation of sqrt(2); zero_shot half an hour, once.
    assert price({"full": 8}, results(), with_rates()) == "16.0 ± 4.0 hours"
    # A spread that is nothing to the sum's digits is not shown.
    assert price({"full": 8}, results().assign(train_seconds=[3600, 2400.5, math.nan]), with_rates()) == "9.33 hours"
    assert price({"zero_shot": 1}, results(), with_rates(per_hour=2.0)) == "0.500 hours, 1.00 EUR"
    assert price({"full": 2, "zero_shot": 1}, results(gpu_hours=1.0), with_rates()) == "4.50 hours, 3.00 GPU hours"
    assert price({"full": 2}, results().assign(train_seconds=0, generate_seconds=0), with_rates()) == "nothing that is known"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.01234, "0.0123"), (4.5678, "4.57"), (45.678, "45.7"), (456.78, "457"), (math.nan, "-")]
)
def test_numbers_have_three_digits(value, text):
    assert short(value) == text


@pytest.mark.parametrize(
    ("value", "whole", "text"),
    [
        (0.0678, 0.130, "0.068"),
        (0.0000958, 0.130, "< 0.001"),
        (0.4, 780, "< 1"),
        (12.34, 780, "12"),
        (0, 5, "0"),
        (0.0123, math.nan, "0.0123"),
        (math.nan, math.nan, "-"),
    ],
)
def test_a_part_has_the_decimals_of_the_whole(value, whole, text):
    assert _part(value, whole) == text


STUDY = study_of({"zero_shot": scores(30), "full": scores(40, 3), "lora": scores(39, 3, draw=1)}, margin=1.0)


def test_the_page_says_what_was_spent_and_in_all():
    (words, table) = spent_parts(STUDY.summary, STUDY.config)
    assert words.startswith("Until the verdict:") and "EUR" not in words
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    assert lines[0] == ["Method", "Runs", "Hours", "Energy, kWh"]
    assert [line[0] for line in lines[2:]] == ["zero_shot", "full", "lora", "the whole study"]
    assert lines[-1][1] == "7"
    whole = STUDY.summary[["study_runs", "study_hours"]].sum()
    assert whole["study_runs"] == 7 and lines[-1][2] == short(whole["study_hours"])
    assert "Until the verdict" in STUDY.summary_page


def test_with_rates_the_page_has_a_column_of_money():
    config = STUDY.config | with_rates(per_hour=3.0)
    summary = summary_table(STUDY.results, STUDY.estimates, config)
    (words, table) = spent_parts(summary, config)
    assert "EUR by the rates of the config" in words
    assert table.splitlines()[0].split("|")[-2].strip() == "EUR"
    assert summary["study_money"].tolist() == pytest.approx((3 * summary["study_hours"]).tolist())


def test_without_a_model_nothing_is_said():
    made = study_of({"lead": scores(20), "human": scores(30)})
    assert spent_parts(made.summary, made.config) == []


def test_the_plan_says_what_an_answer_costs():
    page = STUDY.plan_page
    assert "that costs, as estimated" in page and "that costs, cautious" in page and " hours" in page
    assert "## At most" not in page


def test_the_plan_of_adaptive_seeds_asks_its_questions_and_says_the_most_that_they_cost():
    questions = [{"contrast": ["lora", "full"], "question": "equivalence"}]
    made = study_of(
        {"zero_shot": scores(30), "full": scores(40, 2), "lora": scores(39, 2, draw=1)}, margin=1.0, questions=questions
    )
    made.config["seeds"] = {"until": "settled", "max": 12}
    page = made.plan_page
    assert (
        "equivalence at 1.0 point" in page and "non-inferiority at" not in page and "a difference of" not in page.split("## ")[1]
    )
    assert "all methods have 12 seeds, for" in page
