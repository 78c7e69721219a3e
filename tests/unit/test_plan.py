"""Plans of seeds and dialogues from a pilot: the table, and the page that puts it into words."""

import itertools
import re
from functools import cache, partial

import numpy as np
import pytest
from made_up_studies import scores, study_of

from parity import power
from parity.plan import ESTIMATED, plan_page, plan_table
from parity.power import contrast_components, power_of_difference, power_of_equivalence, power_of_noninferiority
from parity.results import UNIT

FULL = scores(40, 3, seed_sd=0.5, draw=2)
POINTS = {
    "zero_shot": scores(20, draw=1),
    "full": FULL,
    "lora": scores(39.4, 3, seed_sd=0.6, draw=3),
    "ia3": scores(38.8, 4, seed_sd=0.3, draw=5),
    "lead": scores(30, draw=6),
    "other": scores(35, draw=7),
}
GRID = {"n_seeds": [2, 3, 5, 10, 20, 50], "n_dialogues": [30, 60, 120, 240, 600]}


@cache
def study(*contrasts, **comparison):
    chosen = [pair.split("-") for pair in contrasts] if contrasts else None
    return study_of(POINTS, **{"margin": 1.0, "contrasts": chosen} | comparison)


def tables(page, below):
    """The rows of each Markdown table after the line that begins with `below`, each as a dict."""
    text = page[page.index(below) :]
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", text + "\n", re.M):
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        found.append([dict(zip(lines[0], row, strict=True)) for row in lines[2:]])
    return found


def components_of(made, method, reference, deterministic=(False, False)):
    of_metric = made.scores.scores[made.config["comparison"]["primary_metric"]]
    pair = of_metric[method], of_metric[reference]
    found = contrast_components(*pair, deterministic)
    return found, power.cautious(found, *pair)


# The table


def test_the_table_has_a_row_a_contrast_assumption_and_design():
    table = study("lora-full", "ia3-lora").plan
    for pair, seeds in ((("lora", "full"), GRID["n_seeds"]), (("ia3", "lora"), [2, 3, 4, 5, 10, 20, 50])):
        rows = table[(table["method"] == pair[0]) & (table["reference"] == pair[1])]
        designs = list(itertools.product(seeds, GRID["n_dialogues"]))
        for assumption in ("as estimated", "cautious"):
            of_assumption = rows[rows["assumption"] == assumption]
            assert list(zip(of_assumption["n_seeds"], of_assumption["n_dialogues"], strict=True)) == designs
        assert len(rows) == 2 * len(designs)
    assert len(table) == 2 * (6 + 7) * 5


def test_every_row_names_its_metric_unit_protocol_and_what_was_wanted():
    table = study("lora-full", primary_metric="rouge2_max", difference=0.7).plan
    assert set(table["metric"]) == {"rouge2_max"}
    assert set(table["unit"]) == {UNIT}
    assert set(table["protocol"]) == {"best reference"}
    assert set(table["difference"]) == {0.7}
    assert set(table["margin"]) == {1.0}


@pytest.mark.parametrize(("contrasts", "alpha"), [(["lora-full"], 0.05), (["lora-full", "ia3-full", "lead-zero_shot"], 0.05 / 3)])
def test_the_error_is_shared_among_the_contrasts(contrasts, alpha):
    made = study(*contrasts)
    assert made.plan["alpha"].to_numpy() == pytest.approx(alpha)
    for place, components in enumerate(components_of(made, "lora", "full")):
        rows = made.plan[(made.plan["method"] == "lora") & (made.plan["assumption"] == ["as estimated", "cautious"][place])]
        planned = components.planned(rows["n_seeds"], rows["n_dialogues"])
        assert rows["se"].to_numpy() == pytest.approx(planned.se)
        for column, expected in {
            "smallest_detectable_difference": power.smallest_detectable_difference(planned, 0.8, alpha),
            "power_of_difference": power_of_difference(1.0, planned, alpha),
            "power_of_noninferiority": power_of_noninferiority(0.0, 1.0, planned, alpha),
            "power_of_equivalence": power_of_equivalence(0.0, 1.0, planned, alpha),
        }.items():
            assert rows[column].to_numpy() == pytest.approx(expected), column


def test_the_design_at_hand_has_the_standard_error_that_the_contrast_had():
    made = study("lora-full")
    rows = made.plan[(made.plan["n_seeds"] == 3) & (made.plan["n_dialogues"] == 60) & (made.plan["assumption"] == ESTIMATED)]
    assert rows["se"].tolist() == pytest.approx([made.contrast("lora", "full")["se"]])
    # The residual's own degrees of freedom, which a plan leaves out, hardly matter.
    expected = made.contrast("lora", "full")["smallest_detectable_difference"]
    assert rows["smallest_detectable_difference"].tolist() == pytest.approx([expected], rel=1e-3)


def test_the_cautious_seed_variance_never_promises_more():
    table = study("lora-full", "ia3-full").plan.set_index(["method", "n_seeds", "n_dialogues"])
    estimated, cautious = (table[table["assumption"] == name] for name in ("as estimated", "cautious"))
    assert (cautious["smallest_detectable_difference"] >= estimated["smallest_detectable_difference"]).all()
    assert (cautious["power_of_difference"] <= estimated["power_of_difference"]).all()


def test_more_seeds_never_hurt():
    table = study("lora-full").plan
    for _, rows in table.groupby(["assumption", "n_dialogues"]):
        assert (rows.sort_values("n_seeds")["smallest_detectable_difference"].diff().dropna() < 0).all()


def test_without_a_margin_there_is_no_power_of_parity():
    columns = set(study("lora-full", margin=None).plan.columns)
    assert "power_of_difference" in columns
    assert not columns & {"power_of_noninferiority", "power_of_equivalence"}


def test_deterministic_methods_are_planned_over_dialogues_alone_and_once():
    made = study("zero_shot-lead")
    table = made.plan
    assert table["n_seeds"].tolist() == [0] * 5
    assert table["n_dialogues"].tolist() == GRID["n_dialogues"]
    assert set(table["assumption"]) == {"as estimated"}
    gap = POINTS["zero_shot"][0] - POINTS["lead"][0]
    assert table["se"].to_numpy() == pytest.approx(gap.std(ddof=1) / np.sqrt(GRID["n_dialogues"]))


def test_a_small_pilot_plans_two_dialogues_or_more():
    points = {"lead": scores(30, 1, 3, draw=1), "human": scores(50, 1, 3, draw=2)}
    assert study_of(points, contrasts=[["lead", "human"]]).plan["n_dialogues"].tolist() == [2, 3, 6, 12, 30]


@pytest.mark.parametrize(
    ("points", "contrasts"),
    [
        (POINTS, []),
        (POINTS, [["other", "full"]]),
        ({"full": FULL[:1], "lora": POINTS["lora"][:1]}, None),
        ({"full": FULL[:, :1], "lora": POINTS["lora"][:, :1]}, None),
    ],
    ids=["no contrast", "one file", "single runs", "one dialogue"],
)
def test_where_no_plan_is_possible_the_table_has_its_columns_and_no_row(points, contrasts):
    table = study_of(points, contrasts=contrasts).plan
    assert len(table) == 0
    assert {"method", "reference", "metric", "assumption", "n_seeds", "n_dialogues"} <= set(table.columns)


def test_a_contrast_that_cannot_be_planned_leaves_the_others_theirs():
    table = study("other-full", "lora-full").plan
    assert set(table["method"]) == {"lora"}
    assert table["alpha"].to_numpy() == pytest.approx(0.025)


# The page


@pytest.mark.parametrize("place", [0, 1], ids=["as estimated", "cautious"])
def test_what_a_question_needs_is_what_the_power_analysis_says(place):
    made = study("lora-full", "ia3-full")
    components = components_of(made, "lora", "full")[place]
    assumption = ["as estimated", "cautious"][place]
    rows = {row["To show"]: row for row in tables(made.plan_page, "## lora against full")[0]}
    questions = {
        "a difference of 1.0 point": partial(power_of_difference, 1.0, alpha=0.025),
        "non-inferiority at 1.0 point, if the methods are equal": partial(power_of_noninferiority, 0.0, 1.0, alpha=0.025),
        "equivalence at 1.0 point, if the methods are equal": partial(power_of_equivalence, 0.0, 1.0, alpha=0.025),
    }
    assert list(rows) == list(questions)
    for question, power_of in questions.items():
        seeds = power.seeds_needed(power_of, components, 60, 0.8)
        dialogues = power.dialogues_needed(power_of, components, 3, 0.8)
        row = rows[question]
        assert row[f"seeds with 60 dialogues, {assumption}"] == str(seeds or "more than 200")
        assert row[f"dialogues with 3 seeds, {assumption}"] == (f"{dialogues:,}" if dialogues else "none up to a million")


def test_dialogues_are_counted_with_the_seeds_of_the_pilot():
    alike = {"seed_sd": 0.35, "own_sd": 3, "residual_sd": 1}
    made = study_of({"full": scores(40, 5, draw=2, **alike), "lora": scores(39, 5, draw=3, **alike)})
    components = components_of(made, "lora", "full")[0]
    dialogues = power.dialogues_needed(partial(power_of_difference, 1.0), components, 5, 0.8)
    assert dialogues != power.dialogues_needed(partial(power_of_difference, 1.0), components, 2, 0.8)
    assert tables(made.plan_page, "What it takes")[0][0]["dialogues with 5 seeds, as estimated"] == str(dialogues)


def test_needs_that_no_design_meets_are_said_to_be_out_of_reach():
    [row, *_] = tables(study("lora-full", difference=0.05).plan_page, "What it takes")[0]
    assert row["seeds with 60 dialogues, as estimated"] == "more than 200"
    assert row["dialogues with 3 seeds, cautious"] == "none up to a million"


def test_the_grids_on_the_page_are_those_of_the_table():
    made = study("lora-full", "ia3-lora")
    _, estimated, cautious = tables(made.plan_page, "## ia3 against lora")
    table = made.plan[made.plan["method"] == "ia3"].set_index(["assumption", "n_seeds", "n_dialogues"])
    for assumption, grid in (("as estimated", estimated), ("cautious", cautious)):
        assert [row["Seeds"] for row in grid] == ["2", "3", "4", "5", "10", "20", "50"]
        for row, n_dialogues in itertools.product(grid, GRID["n_dialogues"]):
            value = table.loc[(assumption, int(row["Seeds"]), n_dialogues), "smallest_detectable_difference"]
            assert row[f"{n_dialogues} dialogues"] == f"{value:.2f}"


def test_the_words_about_the_variance_are_those_of_the_components():
    made = study("lora-full", "ia3-full", power=0.9)
    row = made.contrast("lora", "full")
    [line] = [line for line in made.plan_page.splitlines() if line.startswith("Standard deviations in points: of `lora`")]
    assert f"of `lora` between seeds {row.sd_seed:.2f} (cautious: {row.sd_seed_cautious:.2f})" in line
    assert f"of `full` between seeds {row.sd_seed_reference:.2f} (cautious: {row.sd_seed_reference_cautious:.2f})" in line
    assert f"difference between dialogues {row.sd_interaction:.2f}." in line
    share = round(100 * row.sd_interaction**2 / 60 / row.se**2)
    assert (
        f"With 3 seeds and 60 dialogues, {100 - share} % of the variance of the estimated difference would shrink with more seeds"
        in line
    )
    assert f"and {share} % only with more dialogues." in line


@pytest.mark.parametrize("wanted", [0.8, 0.95])
def test_below_the_named_difference_even_countless_seeds_do_not_help_with_these_dialogues(wanted):
    made = study("lora-full", "ia3-full", power=wanted)
    [least] = re.findall(
        rf"with 60 dialogues a difference below ([\d.]+) points is found with a probability of less than {100 * wanted:g} %",
        made.plan_page[made.plan_page.index("## lora") : made.plan_page.index("## ia3")],
    )
    countless = components_of(made, "lora", "full")[0].planned(10**7, 60)
    assert float(power_of_difference(float(least) - 0.01, countless, 0.025)) < wanted
    assert float(power_of_difference(float(least) + 0.01, countless, 0.025)) > wanted


def test_against_a_deterministic_method_only_the_other_ones_seeds_are_spoken_of():
    page = study("lora-zero_shot").plan_page
    assert "of `lora` between seeds" in page
    assert "of `zero_shot` between seeds" not in page


def test_deterministic_methods_have_a_page_without_seeds():
    page = study("zero_shot-lead").plan_page
    assert "Neither method has seeds: dialogues alone decide." in page
    needs, grid = tables(page, "## zero_shot against lead")
    assert [list(row) for row in needs] == [["To show", "dialogues"]] * 3
    assert [row["Seeds"] for row in grid] == ["-"]
    assert "cautious" not in page[page.index("## zero_shot") :]


def test_scores_that_do_not_vary_need_nothing_and_the_page_says_so():
    page = study_of({"full": np.full((2, 9), 30.0), "lora": np.full((2, 9), 30.0)}, margin=1.0).plan_page
    assert "Nothing varies, so that every design shows every difference." in page
    assert {row["seeds with 9 dialogues, as estimated"] for row in tables(page, "What it takes")[0]} == {"2"}


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ({"full": FULL[:1], "lora": POINTS["lora"]}, "a method has one run, which says nothing about the next"),
        ({"full": FULL[:, :1], "lora": POINTS["lora"][:, :1]}, "there is one test dialogue"),
    ],
    ids=["single run", "one dialogue"],
)
def test_where_no_plan_is_possible_the_page_says_why_and_what_a_pilot_takes(points, why):
    page = study_of(points, margin=1.0).plan_page
    assert f"No plan is possible: {why}. A pilot takes two seeds or more of each method, and two dialogues or more." in page
    assert "What it takes" not in page
    assert "plan.svg" not in page


def test_without_a_contrast_the_page_says_how_to_declare_one():
    page = study_of(POINTS, contrasts=[]).plan_page
    assert "No contrast is declared: name the ones to plan for as `comparison.contrasts` in the config." in page
    assert "##" not in page
    assert "plan.svg" not in page


def test_the_page_names_the_error_the_power_and_the_picture():
    page = study("lora-full", "ia3-full", power=0.9).plan_page
    assert "found with a probability of 90 %, tested at 5 % / 2, the first step of Holm over 2 contrasts." in page
    assert "![Smallest detectable difference against seeds and dialogues](plan.svg)" in page
    assert "tested at 5 %." in study("lora-full").plan_page


def test_without_a_margin_the_page_asks_for_a_difference_alone():
    page = study("lora-full", margin=None, difference=0.5).plan_page
    assert [row["To show"] for row in tables(page, "What it takes")[0]] == ["a difference of 0.5 points"]
    assert "equivalence" not in page


def test_the_same_pilot_gives_the_same_plan_twice():
    made = study("lora-full", "zero_shot-lead")
    again = [plan_table(made.contrasts, made.config) for _ in range(2)]
    assert again[0].to_csv() == again[1].to_csv() == made.plan.to_csv()
    assert plan_page(again[0], made.contrasts, made.config, made.results) == made.plan_page
