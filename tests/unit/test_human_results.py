"""From ratings to estimates, flags, pages and the verdict."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from made_up_ratings import People, drawn, saved, write
from made_up_studies import scores, study_of, written_and_read

from parity.human_estimates import Judged, crossed_mean, estimates_table
from parity.human_ratings import read_ratings
from parity.human_results import human_section, results_page
from parity.human_summary import human_summary
from parity.human_verdict import human_verdict
from parity.page import whole_page
from parity.stats import MethodScores, linear_estimate
from parity.verdict import verdict_page

N_DIALOGUES = 40
POINTS = {
    "zero_shot": scores(20.0, n_dialogues=N_DIALOGUES, draw=1),
    "full": scores(40.0, 3, N_DIALOGUES, draw=2),
    "lora": scores(40.4, 3, N_DIALOGUES, draw=3),
}
STUDY = study_of(POINTS, margin=1.0)


def judged_by(folder, people, key, allow_partial: bool = False, **items) -> Judged:
    """`people(key, rater)` saves what each rater says."""
    exports = [people(key, rater) for rater in key["sheets"]]
    return Judged(read_ratings(write(folder, *exports), key, allow_partial), key, 200)


def summary_of(judged: Judged, contrasts: pd.DataFrame = STUDY.contrasts, changed: tuple[str, ...] = ()) -> dict:
    # As the next rule reads it.
    return json.loads(
        json.dumps(human_summary(judged, estimates_table(judged), contrasts, list(changed), "made_up"), allow_nan=False)
    )


@pytest.fixture(scope="module")
def key() -> dict:
    return drawn(POINTS, dialogues=N_DIALOGUES)[0]


@pytest.fixture(scope="module")
def judged(key, tmp_path_factory) -> Judged:
    """People who like full better than lora, which ROUGE puts a little higher."""
    people = People({"zero_shot": 2.0, "full": 4.0, "lora": 3.2})
    return judged_by(tmp_path_factory.mktemp("ratings"), people.export, key)


@pytest.fixture(scope="module")
def estimates(judged) -> pd.DataFrame:
    return estimates_table(judged)


@pytest.fixture(scope="module")
def summary(judged) -> dict:
    return summary_of(judged)


def row(estimates: pd.DataFrame, quantity: str, **names) -> pd.Series:
    rows = estimates[estimates["quantity"] == quantity]
    for name, value in names.items():
        rows = rows[rows[name] == value]
    [found] = [one for _, one in rows.iterrows()]
    return found


def test_a_mean_is_over_dialogues_and_raters_with_intervals_for_old_and_new_raters(judged, estimates):
    table = judged.found.ratings
    cells = table[(table["method"] == "full") & (table["scale"] == "coherence")].pivot(
        index="rater", columns="dialogue", values="rating"
    )
    found = row(estimates, "rating", method="full", scale="coherence")
    values = cells.to_numpy(float)
    means = MethodScores(values.mean(axis=0, keepdims=True))
    assert found["value"] == pytest.approx(values.mean())
    assert (found["low"], found["high"]) == pytest.approx(linear_estimate([(1, means)]).interval())
    low, high = linear_estimate([(1, MethodScores(values))]).interval()
    assert (found["new_raters_low"], found["new_raters_high"]) == pytest.approx((max(low, 1), min(high, 5)))
    assert (found["lowest_rater"], found["highest_rater"]) == pytest.approx((cells.mean(axis=1).min(), cells.mean(axis=1).max()))
    assert tuple(found[["n_raters", "n_dialogues", "n_judgements"]]) == (3, 40, 120)


def test_a_difference_pairs_by_dialogue_and_by_rater(judged, estimates):
    values = {method: judged.values["overall"][:, :, place] for place, method in enumerate(judged.methods)}
    found = row(estimates, "difference", method="lora", reference="full", scale="overall")
    assert found["value"] == pytest.approx((values["lora"] - values["full"]).mean())
    # A rater's leniency is in both ratings and leaves the difference.
    low, high = linear_estimate([(1, MethodScores(values["lora"] - values["full"]))]).interval()
    assert (found["new_raters_low"], found["new_raters_high"]) == pytest.approx((low, high))


def test_a_win_rate_is_the_mean_of_the_preferences_of_a_pair(judged, estimates):
    rows = judged.shares("lora", "full")
    found = row(estimates, "win_rate", method="lora", reference="full")
    assert found["value"] == pytest.approx(rows["share"].mean()) and found["low"] < found["value"] < found["high"] < 0.5
    assert found["n_judgements"] == len(rows) == 40
    assert judged.shares("full", "lora")["share"].mean() == pytest.approx(1 - found["value"])


def test_the_order_is_the_one_that_people_have(estimates):
    ranks = {method: row(estimates, "rank", method=method) for method in POINTS}
    assert {method: one["value"] for method, one in ranks.items()} == {"full": 1, "lora": 2, "zero_shot": 3}
    assert all(one["low"] <= one["value"] <= one["high"] for one in ranks.values())
    strengths = [row(estimates, "strength", method=method) for method in POINTS]
    assert sum(one["value"] for one in strengths) == pytest.approx(0, abs=1e-6)
    assert all(one["low"] < one["value"] < one["high"] for one in strengths)


def test_rouge_agrees_with_people_as_far_as_their_orders_go(judged, estimates, key, tmp_path):
    found = row(estimates, "tau_summaries", scale="overall", metric="rouge1")
    assert 0.2 < found["low"] < found["value"] < found["high"] < 0.95
    rank = {
        one["id"]: sorted(one["summaries"], key=lambda m, s=one["summaries"]: s[m]["scores"]["rouge1"])
        for one in key["dialogues"]
    }

    def machine(key, rater):
        return saved(key, rater, lambda d, m, s: 1 + rank[d].index(m), lambda d, a, b: max(a, b, key=rank[d].index))

    same = estimates_table(judged_by(tmp_path, machine, key))
    assert row(same, "tau_summaries", scale="overall", metric="rouge1")["value"] == 1
    assert row(same, "choices", metric="rouge1")["value"] == 1
    assert row(same, "alpha", scale="coverage")["value"] == 1


def test_people_who_prefer_what_rouge_puts_second_are_flagged(summary):
    pairs = {(pair["method"], pair["reference"]): pair for pair in summary["pairs"]}
    assert pairs["lora", "full"]["finding"] == "differs" and pairs["lora", "full"]["is_confirmatory"]
    assert pairs["zero_shot", "full"]["finding"] == "agrees"
    text = "\n\n".join(human_verdict(summary))
    assert "## What people say" in text and "**Raters and ROUGE-1 disagree.** `lora` is preferred to `full` in " in text
    assert "ROUGE-1 orders them the other way, within its interval (0.40 points [" in text
    assert "`zero_shot`" not in text


@pytest.mark.parametrize(
    ("people", "rouge", "finding"),
    [
        ({"lora": 4.0, "full": 3.0}, (3.0, 2.0, 4.0), "agrees"),
        ({"lora": 3.0, "full": 4.0}, (3.0, 2.0, 4.0), "contradicts"),
        ({"lora": 3.0, "full": 4.0}, (0.1, -1.0, 1.2), "differs"),
        ({"lora": 3.0, "full": 4.0}, (-0.1, -1.2, 1.0), "people only"),
        ({"lora": 3.0, "full": 4.0}, (0.0, -1.0, 1.0), "people only"),
        ({"lora": 3.0, "full": 4.0}, (0.5, math.nan, math.nan), "differs"),
        ({"lora": 3.5, "full": 3.5}, (3.0, 2.0, 4.0), "ROUGE only"),
        ({"lora": 3.5, "full": 3.5}, (0.1, -1.0, 1.2), "open"),
    ],
)
@pytest.mark.parametrize("n_pairs", [1, 0])
def test_what_people_and_rouge_say_together(tmp_path, people, rouge, finding, n_pairs):
    key, _ = drawn({name: POINTS[name] for name in ("full", "lora")}, dialogues=30, pairs_per_dialogue=n_pairs)
    contrasts = pd.DataFrame([["lora", "full", "rouge1", "confirmatory", *rouge]])
    contrasts.columns = ["method", "reference", "metric", "family", "difference", "low", "high"]
    # Noise, but no taste of its own where the two are worth the same.
    made = People(people, seed=3, dialogue_sd=0.4)
    summary = summary_of(judged_by(tmp_path, made.export, key), contrasts)
    assert summary["pairs"][0]["finding"] == finding
    assert (summary["pairs"][0]["win_rate"] is None) == (n_pairs == 0)
    assert ("Raters and ROUGE-1 disagree" in "".join(human_verdict(summary))) == (finding in ("contradicts", "differs"))


def test_a_ceiling_of_references_is_judged_but_not_held_against_rouge(tmp_path):
    points = POINTS | {"human": scores(50.0, n_dialogues=N_DIALOGUES, draw=4)}
    key, _ = drawn(points, ceilings=("human",), dialogues=20)
    people = People({"zero_shot": 2.0, "full": 3.5, "lora": 3.4, "human": 4.6})
    judged = judged_by(tmp_path, people.export, key)
    summary = summary_of(judged, study_of(points).contrasts)
    assert [pair["finding"] for pair in summary["pairs"] if "human" in (pair["method"], pair["reference"])] == [None] * 3
    assert judged.scores("rouge1").shape == (20, 3)
    assert "references by people" in results_page(summary)
    assert row(estimates_table(judged), "rank", method="human")["value"] == 1


def test_a_method_that_always_wins_is_first_and_nothing_blows_up(tmp_path, key):
    order = ["zero_shot", "lora", "full"]
    always = judged_by(
        tmp_path, lambda key, rater: saved(key, rater, lambda d, m, s: 5, lambda d, a, b: max(a, b, key=order.index)), key
    )
    summary = summary_of(always)
    found = estimates_table(always)
    assert row(found, "rank", method="full")["value"] == 1
    assert np.isfinite(found.loc[found["quantity"] == "strength", ["value", "low", "high"]].to_numpy(float)).all()
    # Everybody gave 5 to everything: there is no variation to agree on, and no order to correlate with.
    assert math.isnan(row(found, "alpha", scale="coverage")["value"])
    assert math.isnan(row(found, "tau_summaries", scale="overall", metric="rouge1")["value"])
    assert "| full " in results_page(summary)


def test_one_rater_one_method_or_one_dialogue_give_what_they_can(tmp_path):
    key, _ = drawn({"full": POINTS["full"]}, dialogues=1, raters=["ada"])
    judged = judged_by(tmp_path, lambda key, rater: saved(key, rater, lambda *_: 4), key)
    summary = summary_of(judged)
    assert summary["pairs"] == [] and row(estimates_table(judged), "rating", scale="overall")["value"] == 4
    page = results_page(summary)
    assert "1 rater judged summaries of 1 test dialogue" in page and "One rater cannot show whether others would agree." in page
    assert "No confirmatory contrast is among" in "".join(human_verdict(summary))
    assert human_section(summary).html


def test_a_page_says_what_is_missing(tmp_path, key):
    people = People({"zero_shot": 2.0, "full": 3.5, "lora": 3.4})
    exports = [people.export(key, "ada", slice(30)), people.export(key, "cleo")]
    judged = Judged(read_ratings(write(tmp_path, *exports), key, allow_partial=True), key, 100)
    text = results_page(summary_of(judged, changed=("lora/seed-2",)))
    assert "No ratings came from ben." in text
    assert "630 of 720 ratings are there" in text
    assert "written anew (lora/seed-2)" in text
    found = row(estimates_table(judged), "rating", method="full", scale="overall")
    assert found["n_dialogues"] == 40 and found["n_judgements"] == 70 and found["new_raters_low"] < found["low"]


def test_the_verdict_has_the_part_only_where_people_have_judged(summary):
    parts = (STUDY.estimates, STUDY.contrasts, STUDY.results, STUDY.config)
    assert "What people say" not in verdict_page(*parts)
    page = verdict_page(*parts, summary)
    assert page.index("## What people say") < page.index("## The numbers")
    assert page.replace("\n\n".join(human_verdict(summary)) + "\n\n", "") == verdict_page(*parts)


def test_the_tables_read_back_as_they_were_written(estimates):
    assert len(written_and_read(estimates)) == len(estimates)
    assert not estimates.duplicated(["quantity", "method", "reference", "scale", "metric"]).any()
    bounded = estimates.dropna(subset=["low", "value"])
    assert ((bounded["low"] <= bounded["value"]) & (bounded["value"] <= bounded["high"])).all()


def test_the_section_holds_every_table_and_escapes_names(summary):
    hostile = json.loads(json.dumps(summary).replace("made_up", "<script>x</script>").replace('"ada"', '"</div><b>"'))
    hostile["silent_raters"] = ["</ul><script>"]
    page = whole_page("A report", [human_section(hostile)])
    assert "<script>" not in page and "</ul><script>" not in page and "No ratings came from" in page
    for part in ("Ratings", "Preferences", "Order", "Do the raters agree?", "Does ROUGE judge as people do?", 'class="flagged"'):
        assert part in page
    assert page.count('<svg class="mark"') == 12 and "`" not in page.split("<body>")[1]


def test_intervals_hold_the_truth_of_new_dialogues_and_of_new_raters_in_about_95_of_100_studies():
    """Five raters, 20 dialogues; `low` speaks of the raters at hand, `new_raters_low` of all. SE of a share of 400: 1.1 points."""
    generator = np.random.default_rng(7)
    held = np.zeros((2, 400), bool)
    for study in range(400):
        leniency = generator.normal(0, 0.4, 5)
        values = 3 + leniency[:, None] + generator.normal(0, 0.5, 20) + generator.normal(0, 0.5, (5, 20))
        found = crossed_mean(values, -math.inf, math.inf)
        held[0, study] = found["low"] <= 3 + leniency.mean() <= found["high"]
        held[1, study] = found["new_raters_low"] <= 3 <= found["new_raters_high"]
    assert ((held.mean(axis=1) >= 0.915) & (held.mean(axis=1) <= 0.985)).all()
