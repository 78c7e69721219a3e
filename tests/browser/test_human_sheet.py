"""A rating sheet in a real browser: rated by mouse and by keys, closed and opened again, saved, and taken in."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from made_up_ratings import SETTINGS, runs_of
from playwright.sync_api import Browser, Page

from parity.data import Record
from parity.human_draw import draw
from parity.human_ratings import read_ratings
from parity.human_sheet import sheet_page

HOSTILE = "</script></textarea><img src=x onerror='document.title=\"taken\"'><script>document.title='taken'</script> {{ 7*7 }}"
DIALOGUES = {
    "hostile": f"#Person1#: {HOSTILE}\n#Person2#: <b>Yes</b> & no.\u2028 </textarea>",
    "rtl": "#Person1#: \u0645\u062a\u0649 \u0627\u0644\u0642\u0637\u0627\u0631\u061f\n#Person2#: \u05d1\u05e9\u05e2\u05d4 10:30. \U0001f682\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "long": "\n".join(f"#Person{1 + number % 2}#: " + "word " * 99 + "x" * 80 for number in range(101)),
}
RECORDS = [Record(name, text, ("One.", "Two.")) for name, text in DIALOGUES.items()]
TEXTS = {
    ("full", "hostile"): HOSTILE,
    ("lora", "hostile"): "",
    ("full", "rtl"): "\u0627\u0644\u0642\u0637\u0627\u0631 \u064a\u063a\u0627\u062f\u0631 \U0001f682",
}


@pytest.fixture(scope="module")
def study() -> tuple[dict, dict[str, dict]]:
    points = {"full": np.array([1.0, 2, 3]), "lora": np.array([3.0, 2, 5]), "zero_shot": np.zeros(3)}
    runs = runs_of(RECORDS, points, lambda method, number, name: TEXTS.get((method, name), f"{name} in short"))
    return draw(RECORDS, runs, SETTINGS | {"dialogues": 3}, "rouge1", [])


@pytest.fixture
def file(study, tmp_path) -> Path:
    path = tmp_path / "ada.html"
    path.write_text(sheet_page(study[1]["ada"]), encoding="utf-8")
    return path


@pytest.fixture
def sheet(page: Page, file) -> Page:
    page.goto(file.as_uri())
    return page


def saved_by(page: Page, folder: Path) -> dict:
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "ratings-ada.json"
    (folder / "ratings").mkdir(exist_ok=True)
    download.value.save_as(folder / "ratings/ada.json")
    return json.loads((folder / "ratings/ada.json").read_text(encoding="utf-8"))


def rate_by_keys(page: Page, grades: str = "3451234512") -> None:
    """Nine grades, and 2 of 3 answers to which of two is better."""
    for key in grades[:9] + "3":
        page.keyboard.press(key)


def test_a_sheet_is_rated_by_keys_alone_saved_and_taken_in(sheet, study, tmp_path):
    for number in range(3):
        assert sheet.inner_text("#dialogue-title") == f"Dialogue {number + 1} of 3"
        rate_by_keys(sheet)
        assert sheet.inner_text("#done") == f"{number + 1} of 3 rated"
        # After the last answer the button that goes on has the focus.
        assert sheet.evaluate("document.activeElement.id") == ("next" if number < 2 else "save")
        sheet.keyboard.press("Enter" if number < 1 else "n")
    saved_by(sheet, tmp_path)
    assert sheet.inner_text("#status").startswith("Saved. Send the file ratings-ada.json")
    key, _ = study
    found = read_ratings([tmp_path / "ratings/ada.json"], key, allow_partial=False)
    assert len(found.ratings) == 27 and len(found.preferences) == 3
    # The first summary of each dialogue got 3, 4, 5, in the order of the scales.
    first = found.ratings[found.ratings["position"] == 1]
    assert first.groupby("scale")["rating"].agg(set).to_dict() == {"relevance": {3}, "coherence": {4}, "coverage": {5}}
    for item in key["sheets"]["ada"]["items"]:
        better = item["summaries"][item["pairs"][0][1]]
        [row] = found.preferences[found.preferences["dialogue"] == item["dialogue"]].to_dict("records")
        assert row["share"] == float(row["method"] == better)
    assert sheet.complaints == []


def test_a_sheet_is_rated_by_mouse_and_survives_closing_in_the_middle(context, sheet, study, file, tmp_path):
    for fieldset in sheet.query_selector_all("fieldset:not(.pair)"):
        fieldset.query_selector("label:nth-of-type(4)").click()
    sheet.click(".pair label >> nth=1")
    sheet.click("#next")
    sheet.click("fieldset >> nth=2 >> label >> nth=0")
    assert sheet.inner_text("#done") == "1 of 3 rated"
    sheet.close()
    again = context.new_page()
    again.goto(file.as_uri())
    assert again.inner_text("#dialogue-title") == "Dialogue 2 of 3" and again.inner_text("#done") == "1 of 3 rated"
    assert "Your earlier answers are back" in again.inner_text("#status")
    assert again.is_checked("fieldset >> nth=2 >> input >> nth=0")
    again.click("#previous")
    assert again.locator("input:checked").count() == 10
    export = saved_by(again, tmp_path)
    assert "2 dialogues are not rated yet" in again.inner_text("#status")
    assert [len(entry["summaries"]) for entry in export["ratings"]] == [3, 1]
    found = read_ratings([tmp_path / "ratings/ada.json"], study[0], allow_partial=True)
    assert found.ratings["rating"].value_counts().to_dict() == {4: 9, 1: 1}
    assert found.preferences["share"].tolist() == [0.5]


def test_work_goes_on_in_another_browser_with_the_saved_file(browser: Browser, sheet, file, tmp_path):
    rate_by_keys(sheet)
    export = saved_by(sheet, tmp_path)
    other = browser.new_context(accept_downloads=True)
    page = other.new_page()
    page.goto(file.as_uri())
    assert page.inner_text("#done") == "0 of 3 rated"
    page.set_input_files("#open", tmp_path / "ratings/ada.json")
    page.wait_for_function("document.getElementById('status').textContent.startsWith('Opened')")
    assert page.inner_text("#done") == "1 of 3 rated" and page.inner_text("#dialogue-title") == "Dialogue 2 of 3"
    assert saved_by(page, tmp_path) == export
    other.close()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: "{", "holds no saved ratings"),
        (lambda text: '{"a": 1}', "holds no saved ratings"),
        (lambda text: re.sub(r'"digest": "[0-9a-f]{4}', '"digest": "0000', text), "was saved from another sheet"),
        (lambda text: text.replace('"relevance": 3', '"relevance": 4', 1), "has been changed since it was saved"),
    ],
    ids=["no JSON", "no ratings", "another sheet", "edited"],
)
def test_a_file_that_is_not_this_sheets_is_not_opened(sheet, tmp_path, change, says):
    rate_by_keys(sheet)
    saved_by(sheet, tmp_path)
    path = tmp_path / "ratings/ada.json"
    before = path.read_text(encoding="utf-8")
    path.write_text(change(before), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != before
    sheet.set_input_files("#open", path)
    sheet.wait_for_selector("#status.bad")
    assert says in sheet.inner_text("#status")
    assert sheet.inner_text("#done") == "1 of 3 rated"


def test_an_edited_store_is_not_believed(sheet, study):
    rate_by_keys(sheet)
    name = sheet.evaluate("Object.keys(localStorage)[0]")
    assert study[1]["ada"]["digest"] in name
    kept = json.loads(sheet.evaluate("name => localStorage.getItem(name)", name))
    question = next(iter(kept["answers"]))
    for broken in ({"answers": kept["answers"] | {question: 9, "odd/relevance": 3}, "shown": 77}, "{"):
        sheet.evaluate(
            "([name, text]) => localStorage.setItem(name, text)", [name, broken if broken == "{" else json.dumps(broken)]
        )
        sheet.reload()
        assert sheet.inner_text("#dialogue-title") == "Dialogue 1 of 3"
        assert sheet.locator("input:checked").count() == (0 if broken == "{" else 9)
    assert sheet.complaints == []


def test_a_second_tab_takes_over_what_the_first_was_told(context, sheet, file):
    second = context.new_page()
    second.goto(file.as_uri())
    rate_by_keys(sheet)
    second.wait_for_function("document.getElementById('done').textContent === '1 of 3 rated'")
    second.click("#next")
    rate_by_keys(second)
    sheet.wait_for_function("document.getElementById('done').textContent === '2 of 3 rated'")


def test_a_browser_that_keeps_nothing_says_so_and_saves_all_the_same(page, file, study, tmp_path):
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };")
    page.goto(file.as_uri())
    assert "This browser keeps nothing" in page.inner_text("#status.bad")
    rate_by_keys(page)
    assert "This browser keeps nothing" in page.inner_text("#status.bad")
    saved_by(page, tmp_path)
    assert len(read_ratings([tmp_path / "ratings/ada.json"], study[0], allow_partial=True).ratings) == 9


def test_all_text_shows_as_text_in_its_own_direction(sheet, study):
    places = {item["dialogue"]: number for number, item in enumerate(study[0]["sheets"]["ada"]["items"])}
    for name, number in places.items():
        sheet.select_option("#jump", index=number)
        lines = sheet.locator("#dialogue p").all_text_contents()
        assert "\n".join(lines) == DIALOGUES[name]
        shown = set(sheet.locator(".summary").all_text_contents())
        assert {TEXTS.get((method, name), f"{name} in short") or "(an empty summary)" for method in ("full", "lora")} <= shown
        if name == "rtl":
            assert sheet.locator("#dialogue p").nth(1).evaluate("p => getComputedStyle(p).direction") == "ltr"
            rtl = sheet.locator(".summary", has_text="\U0001f682")
            assert rtl.evaluate("p => getComputedStyle(p).direction") == "rtl"
    assert sheet.title() == "Rating sheet of ada"
    assert sheet.complaints == []


@pytest.mark.parametrize("width", [375, 820, 1060, 1600])
def test_nothing_sticks_out_and_every_answer_is_large_enough_to_touch(page, file, study, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(file.as_uri())
    for number in range(3):
        page.select_option("#jump", index=number)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        sizes = page.evaluate("[...document.querySelectorAll('.choices label')].map(l => [l.offsetWidth, l.offsetHeight])")
        assert len(sizes) == 3 * 3 * 5 + 3 and all(min(size) >= 32 for size in sizes)
    left, right = page.locator("#dialogue").bounding_box(), page.locator("#questions").bounding_box()
    assert (left["x"] + left["width"] <= right["x"]) if width > 800 else (left["y"] + left["height"] <= right["y"])


def test_every_answer_has_a_name_for_those_who_hear_the_page(sheet):
    group = sheet.get_by_role("group", name="Relevance").first
    assert group.get_by_role("radio").count() == 5
    assert group.get_by_role("radio", name="1: beside the point").count() == 1
    assert sheet.get_by_role("radio", name="no difference").count() == 1


def test_nothing_leaves_the_machine(sheet, listener):
    refused = sheet.evaluate("url => fetch(url).then(() => 'sent', () => 'refused')", listener.url)
    assert refused == "refused" and listener.asked == []
