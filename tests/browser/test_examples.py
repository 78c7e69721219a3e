"""The examples browser in a real browser: what is listed, marked and found, by mouse and by keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from parity.data import Record
from parity.examples import Run, examples_section
from parity.failure_tables import failures_section, failures_table
from parity.page import whole_page

HOSTILE = "</script></textarea></title><img src=x onerror='document.title=\"taken\"'><script>document.title='taken'</script>"
METHODS = ("full", "lora", "lead", "human", "gone")
N = 120


def made_up(number: int) -> Record:
    lines = [f"#Person1#: Where is lamp {number}?", "#Person2#: In its room, as ever, behind the door."]
    return Record(
        f"test_{number}", "\n".join(lines), (f"#Person1# looks for lamp {number}.", f"#Person2# knows where lamp {number} is.")
    )


def run_of(method: str, seed: int, records: list[Record], text, score) -> Run:
    rows = [{"id": record.id, "prediction": text(number), "cut_off": False} for number, record in enumerate(records)]
    return Run(method, seed, rows, {record.id: score(number) for number, record in enumerate(records)})


def study(records: list[Record]) -> list[Run]:
    """Over both seeds, lora lies furthest above full in dialogue 7 and furthest below in dialogue 9."""
    gaps = {7: 30, 9: -20}
    human = [
        {"id": record.id, "prediction": text, "leave_out": place}
        for record in records
        for place, text in enumerate(record.references)
    ]
    return [
        run_of("full", 1, records, lambda n: f"#Person1# seeks lamp {n} at home.", lambda n: 40),
        run_of("full", 2, records, lambda n: f"Full two says #Person1# lost lamp {n}.", lambda n: 50),
        run_of(
            "lora", 1, records, lambda n: "" if n == 4 else f"#Person1# seeks lamp {n} in a car.", lambda n: 40 + gaps.get(n, 0)
        ),
        run_of("lora", 2, records, lambda n: f"Lora two says lamp {n} is gone.", lambda n: 50 + gaps.get(n, 0)),
        run_of("lead", 0, records, lambda n: records[n].dialogue.split("\n")[0], lambda n: 20),
        Run("human", 0, human, {record.id: 60.0 for record in records}),
    ]


def opened(page: Page, folder: Path, records: list[Record], runs: list[Run], **options) -> Page:
    """The page of a study, with the failures and something to scroll past before it."""
    table = failures_table(((run.method, run.seed, run.rows) for run in runs), records)
    sections = [
        failures_section(table, {"compare": METHODS}, has_examples=True),
        examples_section(records, runs, METHODS, "rouge1", [("lora", "full")], **options),
    ]
    (folder / "page.html").write_text(whole_page("Examples", sections), encoding="utf-8")
    page.goto((folder / "page.html").as_uri())
    page.locator("#examples-browser").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('examples-browser').scrollIntoView()")
    return page


@pytest.fixture
def shown(page: Page, tmp_path: Path) -> Page:
    records = [made_up(number) for number in range(N)]
    yield opened(page, tmp_path, records, study(records))
    assert page.complaints == []


def at(page: Page, place: int, of: int, name: str) -> None:
    expect(page.locator("#examples-position")).to_have_text(re.compile(rf"^Dialogue {place} of {of}: {name}(;|$)"))


def card(page: Page, method: str):
    return page.locator("#examples .card", has=page.locator("h4", has_text=re.compile(rf"^[AB]*{method}$")))


def test_the_dialogue_in_which_two_methods_differ_most_comes_first(shown: Page):
    at(shown, 1, N, "test_7")
    assert "B: +30.0" in shown.inner_text("#examples-position")
    shown.keyboard.press("j")
    at(shown, 2, N, "test_9")
    shown.select_option("#examples-order", "b")
    at(shown, 1, N, "test_9")
    shown.select_option("#examples-order", "test")
    at(shown, 10, N, "test_9")


def test_references_and_summaries_stand_side_by_side_and_holes_say_so(shown: Page):
    headings = shown.locator("#examples .card h4").all_inner_texts()
    assert headings == ["Reference 1", "Reference 2", "Alora", "Bfull", "lead", "human", "gone"]
    assert card(shown, "lora").locator(".text").inner_text() == "#Person1# seeks lamp 7 in a car."
    assert "ROUGE-1: 70.0 with seed 1, 75.0 over 2 seeds" in card(shown, "lora").inner_text()
    assert "ROUGE-1: 20.0" in card(shown, "lead").inner_text() and "seed" not in card(shown, "lead").inner_text()
    assert "held against the others" in card(shown, "human").inner_text()
    assert "no run of it has come" in card(shown, "gone").inner_text()
    assert "no run of it has come" in shown.inner_text("#failures")
    boxes = [card(shown, name).bounding_box() for name in ("lora", "full")]
    assert boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] < boxes[1]["x"]


def test_words_that_only_one_of_the_two_has_are_marked(shown: Page):
    def marks(name):
        return card(shown, name).locator("mark").all_inner_texts()

    assert (marks("lora"), marks("full"), marks("lead")) == (["in a car"], ["at home"], [])
    shown.keyboard.press("m")
    assert card(shown, "lora").locator(".note").last.inner_text() == "closest: reference 1"
    assert marks("lora") == ["seeks", "in a car"]
    shown.keyboard.press("m")
    assert shown.locator("#examples mark").count() == 0


def test_the_list_holds_only_the_rows_that_are_seen_and_follows_the_keys(shown: Page):
    assert shown.locator("#examples .option").count() < 40
    shown.focus("#examples-list")
    shown.keyboard.press("End")
    at(shown, N, N, f"test_{N - 1}")
    selected = shown.locator("#examples .option[aria-selected=true]")
    expect(selected).to_be_in_viewport()
    assert selected.get_attribute("id") == shown.get_attribute("#examples-list", "aria-activedescendant")
    assert (selected.get_attribute("aria-posinset"), selected.get_attribute("aria-setsize")) == (str(N), str(N))
    shown.keyboard.press("ArrowDown")
    at(shown, N, N, f"test_{N - 1}")
    for key, place in (("PageUp", N - 10), ("ArrowUp", N - 11), ("ArrowRight", N - 10), ("Home", 1)):
        shown.keyboard.press(key)
        assert f"Dialogue {place} of" in shown.inner_text("#examples-position")
    shown.locator("#examples .option").nth(2).click()
    at(shown, 3, N, "test_0")


def test_search_finds_words_of_dialogues_references_and_summaries_alike(shown: Page):
    shown.keyboard.press("/")
    shown.keyboard.type("lamp 11 HOME")
    at(shown, 1, 11, "test_11")
    assert shown.evaluate("CSS.highlights.get('examples-found').size") > 0
    shown.fill("#examples-search", "knows 42")
    at(shown, 1, 1, "test_42")
    shown.fill("#examples-search", "jk/1")
    assert "No dialogue fits" in shown.inner_text("#examples-position")
    assert shown.locator("#examples .option").count() == shown.locator("#examples .card").count() == 0
    shown.fill("#examples-search", "")
    at(shown, 1, N, "test_7")
    shown.keyboard.press("Escape")
    shown.keyboard.press("k")
    shown.keyboard.press("j")
    at(shown, 2, N, "test_9")


def test_another_seed_shows_its_summaries_where_a_method_has_it(shown: Page):
    assert shown.locator("#examples-seed option").all_inner_texts() == ["1", "2"]
    shown.keyboard.press("s")
    assert card(shown, "full").locator(".text").inner_text() == "Full two says #Person1# lost lamp 7."
    assert "50.0 with seed 2, 45.0 over 2 seeds" in card(shown, "full").inner_text()
    assert card(shown, "lead").locator(".text").inner_text() == "#Person1#: Where is lamp 7?"
    shown.fill("#examples-search", "two says")
    at(shown, 1, N, "test_7")
    shown.select_option("#examples-seed", "1")
    assert "No dialogue fits" in shown.inner_text("#examples-position")


def test_digits_choose_the_two_methods_and_x_swaps_them(shown: Page):
    def chosen():
        return [shown.locator(f"#examples-{one}").evaluate("select => select.selectedOptions[0].text") for one in "ab"]

    assert chosen() == ["lora", "full"]
    shown.keyboard.press("3")
    shown.keyboard.press("Shift+Digit2")
    assert chosen() == ["lead", "lora"]
    shown.keyboard.press("x")
    assert chosen() == ["lora", "lead"]
    at(shown, 1, N, "test_7")
    shown.keyboard.press("9")
    assert chosen() == ["lora", "lead"]


def test_failures_filter_by_kind_and_method_and_a_count_leads_to_its_summaries(shown: Page):
    shown.select_option("#examples-kind", "empty")
    at(shown, 1, 1, "test_4")
    assert "The summary is empty." in card(shown, "lora").inner_text()
    assert card(shown, "lora").locator(".failure").all_inner_texts() == ["empty"]
    shown.select_option("#examples-of", "b")
    assert "No dialogue fits" in shown.inner_text("#examples-position")
    # Seed 2 has no empty one: the link leads to the seed that has.
    shown.select_option("#examples-seed", "2")
    row = shown.locator("#failures tr", has=shown.locator("th", has_text="lora"))
    for _ in range(2):
        row.locator("a[href='#failing-empty-lora']").click()
        at(shown, 1, 1, "test_4")
        assert shown.input_value("#examples-seed") == "1"
        shown.select_option("#examples-kind", "")
    assert "copied" in card(shown, "lead").inner_text()


def test_a_link_opens_its_dialogue_whatever_is_filtered(shown: Page):
    shown.fill("#examples-search", "lamp 33")
    shown.keyboard.press("Escape")
    link = shown.locator("#examples .bar a")
    assert link.get_attribute("href") == "#example-test_33"
    link.click()
    at(shown, 1, 1, "test_33")
    shown.evaluate("location.hash = '#example-test_50'")
    expect(shown.locator("#examples h3")).to_have_text("test_50")
    assert shown.input_value("#examples-search") == ""
    shown.reload()
    expect(shown.locator("#examples h3")).to_have_text("test_50")
    shown.evaluate("location.hash = '#example-%E0%A4%A'")
    shown.evaluate("location.hash = '#example-nobody'")
    expect(shown.locator("#examples-position")).to_have_text("No dialogue nobody is in this page.")
    shown.evaluate("location.hash = '#failures'")
    expect(shown.locator("#failures h2")).to_be_in_viewport()


def test_keys_leave_fields_and_the_rest_of_the_page_alone_and_can_be_switched_off(shown: Page):
    shown.focus("#examples-order")
    shown.keyboard.press("j")
    at(shown, 1, N, "test_7")
    shown.keyboard.press("Escape")
    shown.keyboard.press("Control+j")
    at(shown, 1, N, "test_7")
    shown.uncheck("#examples-keys")
    shown.keyboard.press("j")
    at(shown, 1, N, "test_7")
    shown.check("#examples-keys")
    shown.keyboard.press("j")
    at(shown, 2, N, "test_9")
    shown.set_viewport_size({"width": 900, "height": 120})
    shown.evaluate("scrollTo(0, 0)")
    shown.keyboard.press("j")
    at(shown, 2, N, "test_9")


def test_buttons_keep_the_focus_and_everything_has_a_name(shown: Page):
    shown.get_by_role("button", name="Next").click()
    at(shown, 2, N, "test_9")
    assert shown.evaluate("document.activeElement.textContent") == "Next"
    for name in ("Method A", "Method B", "Order", "Seed shown", "Marked words", "Failures", "of"):
        assert shown.get_by_role("combobox", name=name, exact=True).count() == 1, name
    assert shown.get_by_role("searchbox", name="Search").count() == 1
    assert shown.get_by_role("listbox", name="Dialogues").count() == 1
    assert shown.get_by_role("region", name="Dialogue", exact=True).count() == 1


def test_hostile_and_foreign_text_shows_as_text_and_a_long_dialogue_folds(page: Page, tmp_path: Path):
    long = "\n".join(f"#Person{n % 2 + 1}#: " + "words and more words " * 25 for n in range(100))
    records = [
        Record(HOSTILE, HOSTILE, (HOSTILE, HOSTILE)),
        Record("עברית", "אדם: שלום 👋🏽\nPerson: hello", ("הוא אומר שלום 👋🏽.", "他说你好。")),
        Record("long", long, ("Many words.", "More words.")),
    ]
    texts = (HOSTILE, "הוא אומר שלום מאוד 👋🏽.", "Many many words.")
    runs = [run_of(method, 1, records, texts.__getitem__, lambda n: 9 - n) for method in ("full", "lora")]
    page.set_viewport_size({"width": 375, "height": 800})
    opened(page, tmp_path, records, runs)
    assert page.title() == "Examples"
    assert page.inner_text("#examples h3") == HOSTILE
    assert page.text_content("#examples .dialogue") == HOSTILE
    assert card(page, "lora").locator(".text").text_content() == HOSTILE
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("j")
    directions = page.locator("#examples .dialogue p").evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
    assert directions == ["rtl", "ltr"]
    page.select_option("#examples-marks", "reference")
    assert card(page, "lora").locator("mark").all_inner_texts() == ["מאוד"]
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    box = page.locator("#examples .dialogue")
    assert len(box.inner_text().split()) > 10_000
    assert box.evaluate("one => one.clientHeight < 400 && one.scrollHeight > 5000")
    page.keyboard.press("e")
    assert box.evaluate("one => one.clientHeight > 5000")
    assert page.get_by_role("button", name="Less of the dialogue").get_attribute("aria-expanded") == "true"
    page.keyboard.press("e")
    assert box.evaluate("one => one.clientHeight < 400")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_at_375_pixels_everything_is_stacked_and_nothing_overflows(page: Page, tmp_path: Path, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 375, "height": 800})
    records = [made_up(number) for number in range(20)]
    opened(page, tmp_path, records, study(records))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    boxes = [card(page, name).bounding_box() for name in ("lora", "full")]
    assert boxes[0]["x"] == boxes[1]["x"] and boxes[0]["y"] < boxes[1]["y"]
    wide = page.locator("#examples *").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert wide == 0


def test_where_a_page_would_grow_too_large_it_holds_the_first_seeds_or_dialogues_and_says_so(page: Page, tmp_path: Path):
    records = [made_up(number) for number in range(N)]
    whole = len(examples_section(records, study(records), METHODS, "rouge1").html.encode())
    opened(page, tmp_path, records, study(records), limit=int(0.8 * whole))
    assert "here are those of each method's first seed." in page.inner_text("#examples")
    assert page.is_disabled("#examples-seed")
    assert "70.0 with seed 1, 75.0 over 2 seeds" in card(page, "lora").inner_text()
    opened(page, tmp_path, records, study(records), limit=whole // 4)
    [(shown, n)] = re.findall(
        r"here are the first (\d+), with each method's first seed.*?Dialogue 1 of (\d+)", page.inner_text("#examples"), re.S
    )
    assert shown == n and 5 < int(n) < N // 2
    at(page, 1, int(n), "test_7")


def test_one_method_one_seed_and_no_failed_runs_scores(page: Page, tmp_path: Path):
    records = [made_up(number) for number in range(3)]
    section = examples_section(records, study(records)[:1], ["full"], "rouge1")
    (tmp_path / "page.html").write_text(whole_page("One", [section]), encoding="utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    at(page, 1, 3, "test_0")
    assert page.locator("#examples mark").count() == 0 and page.is_disabled("#examples-seed")
    none_yet = examples_section(records, [], ["full", "lora"], "rouge1")
    (tmp_path / "page.html").write_text(whole_page("None", [none_yet]), encoding="utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    at(page, 1, 3, "test_0")
    assert page.get_by_text("no run of it has come").count() == 2
    assert page.complaints == []
