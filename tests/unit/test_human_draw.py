"""Drawing dialogues and summaries for raters: fair, blind, and the same from the same inputs."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from made_up_ratings import SETTINGS, drawn, records_of, runs_of

from parity.errors import InputError
from parity.files import digest
from parity.human_draw import draw, draw_dialogues
from parity.human_sheet import sheet_page

POINTS = {"full": np.arange(40.0).reshape(2, 20), "lora": np.full((3, 20), 10.0), "zero_shot": np.full(20, 5.0)}


def test_every_dialogue_is_drawn_equally_often_and_every_stretch_of_spreads_is_there():
    spreads = {f"d{number}": float(number) for number in range(10)}
    draws = [draw_dialogues(spreads, 4, seed) for seed in range(3000)]
    counts = Counter(name for one in draws for name in one)
    # 1200 expected, with a standard deviation of 27.
    assert all(1090 < counts[name] < 1310 for name in spreads)
    for one in draws:
        assert len(set(one)) == 4
        ranks = sorted(spreads[name] for name in one)
        assert all(2 <= later - earlier <= 3 for earlier, later in pairwise(ranks))


def test_all_dialogues_are_drawn_where_all_are_asked_for_and_more_are_refused():
    spreads = {f"d{number}": 0.0 for number in range(7)}
    assert sorted(draw_dialogues(spreads, 7, 3)) == sorted(spreads)
    with pytest.raises(InputError, match=r"human_evaluation.dialogues = 8: the test set has 7. Ask for 7"):
        draw_dialogues(spreads, 8, 3)


def test_the_same_inputs_give_the_same_sheets_and_another_seed_or_summary_others():
    assert drawn(POINTS) == drawn(POINTS)
    assert drawn(POINTS)[0]["sheets"] != drawn(POINTS, seed=1)[0]["sheets"]
    records = records_of(20)
    runs = runs_of(records, POINTS, lambda method, number, name: f"{method} {number} {name}")
    other = draw(
        records,
        [*runs[:-1], runs_of(records, POINTS)[-1].__class__(runs[-1].run, runs[-1].texts, runs[-1].scores, "x")],
        SETTINGS,
        "rouge1",
        [],
    )
    assert other[0]["salt"] != draw(records, runs, SETTINGS, "rouge1", [])[0]["salt"]


def test_raters_see_the_same_summaries_in_orders_of_their_own():
    key, sheets = drawn(POINTS, dialogues=20)
    texts = {rater: {s["text"] for item in sheet["items"] for s in item["summaries"]} for rater, sheet in sheets.items()}
    assert texts["ada"] == texts["ben"] == texts["cleo"] and len(texts["ada"]) == 60
    orders = {rater: [item["dialogue"] for item in of["items"]] for rater, of in key["sheets"].items()}
    assert len({tuple(order) for order in orders.values()}) == 3
    first = Counter(next(iter(item["summaries"].values())) for of in key["sheets"].values() for item in of["items"])
    # 20 expected, with a standard deviation of 3.7.
    assert all(8 <= first[method] <= 32 for method in POINTS)


def test_seeds_are_mixed_and_the_key_knows_which_summary_was_shown():
    key, _ = drawn(POINTS, dialogues=20)
    seeds = Counter(one["summaries"]["lora"]["seed"] for one in key["dialogues"])
    assert set(seeds) == {1, 2, 3}
    for one in key["dialogues"]:
        shown = one["summaries"]["full"]
        number = int(one["id"].removeprefix("test_"))
        assert shown["scores"]["rouge1"] == POINTS["full"][shown["seed"] - 1, number]
    assert key["digest"] == digest({name: value for name, value in key.items() if name != "digest"})


def test_pairs_take_turns_over_dialogues_and_raters():
    key, _ = drawn(POINTS, dialogues=20)
    asked: dict[str, Counter] = {}
    by_dialogue: dict[str, set] = {}
    for rater, sheet in key["sheets"].items():
        for item in sheet["items"]:
            [pair] = [frozenset(item["summaries"][token] for token in pair) for pair in item["pairs"]]
            asked.setdefault(rater, Counter())[pair] += 1
            by_dialogue.setdefault(item["dialogue"], set()).add(pair)
    assert all(sorted(counts.values()) == [6, 7, 7] for counts in asked.values())
    assert all(len(pairs) == 3 for pairs in by_dialogue.values())


@pytest.mark.parametrize(("asked", "shown"), [(0, 0), (2, 2), (9, 3)])
def test_so_many_pairs_a_dialogue_as_asked_for_and_none_twice(asked, shown):
    key, _ = drawn(POINTS, pairs_per_dialogue=asked)
    for item in key["sheets"]["ada"]["items"]:
        assert len({frozenset(pair) for pair in item["pairs"]}) == len(item["pairs"]) == shown


def test_one_method_alone_has_no_pairs():
    _, sheets = drawn({"full": POINTS["full"]})
    assert all(item["pairs"] == [] and len(item["summaries"]) == 1 for item in sheets["ada"]["items"])
    assert "Which is better?" not in sheet_page(sheets["ada"])


def test_a_page_says_nothing_of_methods_seeds_scores_or_the_key():
    key, sheets = drawn(POINTS)
    for rater in key["sheets"]:
        page = sheet_page(sheets[rater])
        told = json.dumps(sheets[rater])
        for secret in (key["salt"], key["digest"], *key["predictions"].values(), *POINTS, *(f"{name}/seed" for name in POINTS)):
            assert secret not in page and secret not in told
        assert set(sheets[rater]) == {"sheet", "rater", "scales", "items", "digest"}
        assert set(sheets[rater]["items"][0]) == {"item", "dialogue", "summaries", "pairs"}
        assert set(sheets[rater]["items"][0]["summaries"][0]) == {"token", "text"}
    tokens = [token for of in key["sheets"].values() for item in of["items"] for token in (item["item"], *item["summaries"])]
    assert len(set(tokens)) == len(tokens) == 3 * 6 * 4


def test_a_study_of_baselines_alone_has_to_name_what_is_judged():
    with pytest.raises(InputError, match=r"human_evaluation.methods = None: every compared method is a baseline"):
        draw(records_of(3), [], SETTINGS, "rouge1", [])
