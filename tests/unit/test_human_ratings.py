"""What raters saved is taken as it was saved, or refused with a reason."""

from __future__ import annotations

import copy
import json

import numpy as np
import pandas as pd
import pytest
from made_up_ratings import drawn, saved, sealed, write

from parity.errors import InputError
from parity.files import write_json
from parity.human_ratings import read_key, read_ratings

POINTS = {"zero_shot": np.zeros(12), "full": np.ones((2, 12)), "lora": np.full((2, 12), 2.0)}
KEY, _ = drawn(POINTS)


def rate(dialogue: str, method: str, scale: str) -> int:
    return 1 + (int(dialogue.removeprefix("test_")) + list(POINTS).index(method) + len(scale)) % 5


def prefer(dialogue: str, method: str, other: str) -> str | None:
    return max(method, other)


def export(rater: str = "ada", key: dict = KEY, **more) -> dict:
    return saved(key, rater, rate, prefer, **more)


def refusal(tmp_path, *exports: dict, allow_partial: bool = False) -> str:
    with pytest.raises(InputError) as error:
        read_ratings(write(tmp_path, *exports), KEY, allow_partial)
    return str(error.value)


def edited(change, seal: bool = True) -> dict:
    """ada's export after `change(export)`, with a checksum that fits where `seal`."""
    found = copy.deepcopy(export())
    change(found)
    return sealed(found) if seal else found


def test_what_was_saved_comes_back_with_the_methods_names(tmp_path):
    found = read_ratings(write(tmp_path, *(export(rater) for rater in KEY["sheets"])), KEY, allow_partial=False)
    assert len(found.ratings) == 3 * 6 * 3 * 3 and len(found.preferences) == 3 * 6
    for row in found.ratings.itertuples():
        assert row.rating == rate(row.dialogue, row.method, row.scale)
        shown = next(one["summaries"] for one in KEY["dialogues"] if one["id"] == row.dialogue)
        assert row.seed == shown[row.method]["seed"] and 1 <= row.position <= 3
    for row in found.preferences.itertuples():
        assert list(POINTS).index(row.method) > list(POINTS).index(row.reference)
        assert row.share == float(prefer(row.dialogue, row.method, row.reference) == row.method)


def test_no_difference_is_half_a_win(tmp_path):
    found = read_ratings(write(tmp_path, saved(KEY, "ada", rate)), KEY, allow_partial=False)
    assert set(found.preferences["share"]) == {0.5}


def test_the_order_of_files_does_not_matter(tmp_path):
    paths = write(tmp_path, export("cleo"), export("ada"))
    one, other = (read_ratings(order, KEY, allow_partial=False) for order in (paths, paths[::-1]))
    pd.testing.assert_frame_equal(one.ratings, other.ratings)


def test_a_file_that_an_editor_laid_out_anew_is_the_same_file(tmp_path):
    [path] = write(tmp_path, export())
    path.write_text(json.dumps(json.loads(path.read_text()), separators=(",", ":")) + "\n\n", encoding="utf-8")
    assert len(read_ratings([path], KEY, allow_partial=False).ratings) == 54


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("", ["the file is empty"]),
        ("{", ["is not JSON", "press Save ratings"]),
        (json.dumps(export())[:-40], ["is not JSON", "cut off"]),
        ("[1, 2]", ["holds no ratings that a sheet saved"]),
        ('{"rouge1": 3}', ["holds no ratings that a sheet saved", "Remove it"]),
    ],
)
def test_a_file_that_is_no_export_is_refused(tmp_path, content, parts):
    path = tmp_path / "odd.json"
    path.write_text(content)
    with pytest.raises(InputError) as error:
        read_ratings([path], KEY, allow_partial=False)
    assert [part for part in ("odd.json", *parts) if part not in str(error.value)] == []


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "odd.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"odd.json, line 1: this is not UTF-8"):
        read_ratings([tmp_path / "odd.json"], KEY, allow_partial=False)


def test_ratings_for_another_study_are_refused(tmp_path):
    other, _ = drawn(POINTS, seed=5)
    message = refusal(tmp_path, export(key=other))
    assert "saved-0.json: sheet = " in message and "another study" in message and "ada" in message


def change_grade(found):
    found["ratings"][0]["summaries"][0]["coverage"] = 6 - found["ratings"][0]["summaries"][0]["coverage"] or 2


@pytest.mark.parametrize(
    "change",
    [
        change_grade,
        lambda found: found["ratings"].pop(),
        lambda found: found["ratings"].reverse(),
        lambda found: found.update(rater="ben"),
        lambda found: found.pop("checksum"),
    ],
    ids=["grade", "dropped", "order", "rater", "checksum"],
)
def test_an_export_edited_by_hand_is_refused(tmp_path, change):
    def really(found):
        before = json.dumps(found)
        change(found)
        assert json.dumps(found) != before

    message = refusal(tmp_path, edited(really, seal=False))
    assert "has been edited since the sheet saved it" in message and "saved-0.json" in message


def first(found: dict) -> dict:
    return found["ratings"][0]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (
            lambda f: first(f)["summaries"][0].update(relevance=6),
            "ratings.0.summaries.0.relevance: 6 is greater than the maximum",
        ),
        (lambda f: first(f)["summaries"][0].update(relevance=0), "0 is less than the minimum"),
        (lambda f: first(f)["summaries"][0].update(relevance=3.0), "3.0 is not of type 'integer'"),
        (lambda f: first(f)["summaries"][0].update(relevance=True), "True is not of type 'integer'"),
        (lambda f: first(f)["summaries"][0].update(beauty=3), "beauty"),
        (lambda f: f.update(remark="mine"), "remark"),
        (lambda f: first(f)["preferences"][0].update(better="neither"), "better = neither: it is none of the two"),
        (lambda f: first(f)["preferences"][0]["pair"].reverse(), "these two are not asked about"),
        (lambda f: first(f)["preferences"].append(first(f)["preferences"][0]), "answered twice"),
        (lambda f: first(f)["summaries"].append(first(f)["summaries"][0]), "answered twice"),
        (lambda f: first(f)["summaries"][0].update(summary="0" * 16), "no such summary"),
        (lambda f: first(f).update(item="0" * 16), "no such dialogue"),
        (lambda f: f["ratings"].append(first(f)), "this dialogue stands there twice"),
        (lambda f: f.update(digest="0" * 64), "it is not that of the sheet of ada"),
        (lambda f: f.update(rater="ben"), "it is not that of the sheet of ada"),
    ],
)
def test_what_no_sheet_saves_is_refused_even_with_a_checksum_that_fits(tmp_path, change, part):
    message = refusal(tmp_path, edited(change))
    assert part in message and "saved-0.json" in message


def test_two_files_of_one_rater_are_refused_be_they_equal_or_not(tmp_path):
    for other in (export(), saved(KEY, "ada", rate)):
        message = refusal(tmp_path, export(), other)
        assert "two files are of one rater, ada" in message
        assert "saved-0.json" in message and "saved-1.json" in message and "Keep the later one" in message


def test_an_unfinished_sheet_is_refused_unless_declared(tmp_path):
    message = refusal(tmp_path, export(items=slice(1, 5)))
    assert "2 of 6 dialogues are not rated, or not in full (on the sheet: 1, 6)" in message
    assert "human_evaluation.allow_partial" in message
    found = read_ratings(write(tmp_path, export(items=slice(1, 5))), KEY, allow_partial=True)
    assert len(found.ratings) == 4 * 9 and len(found.preferences) == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda f: first(f)["summaries"][0].pop("coherence"),
        lambda f: first(f)["summaries"].pop(),
        lambda f: first(f)["preferences"].pop(),
    ],
    ids=["scale", "summary", "preference"],
)
def test_a_dialogue_that_lacks_an_answer_is_not_rated_in_full(tmp_path, change):
    assert "1 of 6 dialogues are not rated, or not in full (on the sheet: 1)" in refusal(tmp_path, edited(change))


def test_an_empty_export_is_refused_even_where_partial_ones_are_allowed(tmp_path):
    message = refusal(tmp_path, export(items=slice(0)), allow_partial=True)
    assert "6 of 6 dialogues are not rated" in message and "Remove the file" in message


def test_a_key_that_is_missing_edited_or_none_is_refused(tmp_path):
    path = tmp_path / "key.json"
    with pytest.raises(InputError, match=r"key.json: is no readable key.*backup"):
        read_key(path)
    path.write_text("{}")
    with pytest.raises(InputError, match="is no key of rating sheets"):
        read_key(path)
    write_json(path, KEY)
    assert read_key(path) == KEY
    swapped = copy.deepcopy(KEY)
    item = swapped["sheets"]["ada"]["items"][0]["summaries"]
    item.update(zip(item, reversed(item.values()), strict=True))
    write_json(path, swapped)
    with pytest.raises(InputError, match="the key has been changed since the sheets were made"):
        read_key(path)
