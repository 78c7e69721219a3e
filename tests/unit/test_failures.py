"""Each kind of failure, on summaries that just have it and ones that just do not."""

from __future__ import annotations

import math

import pytest

from parity.data import Record
from parity.failure_tables import failures_section, failures_table
from parity.failures import KINDS, FailureFinder, far_factor, is_copied, marks, repeats_itself, words

DIALOGUE = (
    "#Person1#: I lost the key to the garden shed, and the new mower is in there.\n"
    "#Person2#: I saw it under the red chair in the kitchen yesterday evening, I think."
)
REFERENCES = (
    "#Person1# has lost a key, and #Person2# remembers where it was.",
    "#Person1# misses the shed's key. #Person2# has seen it.",
    "#Person2# tells #Person1# where the lost key might be now.",
)
RECORD = Record("one", DIALOGUE, REFERENCES)
GOOD = "#Person1# cannot find a key that #Person2# saw in a room."


def failures(text: str, record: Record = RECORD, **row) -> set[str]:
    found = FailureFinder([record]).find({"id": record.id, "prediction": text, **row})
    assert list(found) == list(KINDS)
    return {kind for kind, is_found in found.items() if is_found}


def test_a_good_summary_has_no_failure():
    assert failures(GOOD, cut_off=False) == set()


@pytest.mark.parametrize("text", ["", "  \n", "...", "# - #", "👋🏽 🙂", "\u200f"])
def test_without_a_word_it_is_empty_and_nothing_else(text):
    assert failures(text, cut_off=False) == {"empty"}


def test_an_empty_one_can_still_have_been_cut_off():
    assert failures("", cut_off=True) == {"empty", "cut_off"}


def test_words_are_told_apart_without_their_signs_in_any_script():
    assert words("\"Yes,\" #Person1# says - it's 10 o'clock.") == ["yes", "person1", "says", "it's", "10", "o'clock"]
    assert words("我买了 book。") == ["我", "买", "了", "book"]
    assert words("Straße STRASSE") == ["strasse", "strasse"]
    assert len(words("שלום, עולם!")) == 2
    assert marks("#Person1#'s dog, # Person3#, #Person2##Person4#") == {"#Person1#", "#Person2#", "#Person4#"}


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("The man likes the man likes the man likes", True),
        ("He goes and goes and goes and stays.", True),
        ("He waits. The dog, the dog; the dog! He sits.", True),
        ("so so so so so so", True),
        ("so so so so so", False),
        ("the dog the dog the cat the dog", False),
        ("He goes and goes and stays.", False),
        ("She likes the shop. He waits. She likes the shop!", True),
        ("She likes it. He waits. She likes it!", False),
        ("She likes the shop. He likes the shop.", False),
        ("Mr. Smith likes big dogs. Mrs. Smith likes big dogs.", False),
        ("他说他很好。她走了。他说他很好。", True),
        ("他说他很好。她说她很好。", False),
        ("It costs 3.50 dollars for it. He has 3.50 dollars for it.", False),
        ("", False),
    ],
)
def test_a_loop_or_a_sentence_that_comes_twice_is_a_repetition(text, repeats):
    assert repeats_itself(text) is repeats


@pytest.mark.parametrize(
    ("text", "copied"),
    [
        ("I saw it under the red chair in the kitchen", True),
        # Eight words of the dialogue and eight of one's own, and nine of one's own.
        ("the new mower is in there i saw it, so one two three four five six seven eight nine", False),
        ("saw it under the red chair in the, one two three four five six seven eight", True),
        ("saw it under the red chair in the, one two three four five six seven eight nine", False),
        # Seven in a row are a phrase.
        ("saw it under the red chair in a kitchen", False),
        ("#Person1#: I LOST THE KEY to the garden shed!", True),
        ("under the red chair", True),
        ("the red chair", False),
        ("under the blue chair", False),
        ("I lost the key to the garden shed, said Ann. I saw it under the red chair in the hall.", True),
        ("", False),
    ],
)
def test_runs_of_eight_words_that_make_up_half_of_it_are_copied(text, copied):
    assert is_copied(words(text), words(DIALOGUE)) is copied


def test_overlapping_runs_count_their_words_once():
    dialogue = [f"word{number}" for number in range(12)]
    own = [f"own{number}" for number in range(12)]
    assert is_copied(dialogue + own, dialogue)
    assert not is_copied([*dialogue, *own, "own"], dialogue)


def test_whether_it_was_cut_off_is_what_the_generation_says():
    assert failures(GOOD, cut_off=True) == {"cut_off"}
    assert FailureFinder([RECORD]).find({"id": "one", "prediction": GOOD})["cut_off"] is None


def test_a_mark_is_missing_where_dialogue_and_all_references_have_it():
    assert failures("#Person1# cannot find a key that Person2 saw in a room.") == {"mark_missing"}
    assert failures("Ann cannot find a key that her mother saw in a room.") == {"mark_missing"}
    one_without = Record("one", DIALOGUE, (*REFERENCES[:2], "Somebody tells #Person1# where the lost key might be."))
    assert failures("#Person1# cannot find a key that Person2 saw in a room.", one_without) == set()
    unknown_mark = Record("one", DIALOGUE, tuple(text.replace("#Person2#", "#Person3#") for text in REFERENCES))
    assert failures("#Person1# cannot find a key that Person2 saw in a room.", unknown_mark) == set()
    plain = Record("one", "Ann: I lost it.\nBen: I saw it.", ("Ann lost it and Ben saw it.", "Ben saw what Ann lost, and where."))
    assert FailureFinder([plain]).find({"id": "one", "prediction": "x y z w"})["mark_missing"] is None


def lengths(*counts: int) -> Record:
    return Record("one", "Somebody says something long.", tuple("word " * count for count in counts))


def numbered(count: int) -> str:
    return " ".join(f"w{number}" for number in range(count))


def test_far_lengths_are_beyond_three_deviations_of_people_from_people():
    record = lengths(10, 10, 40)
    # Of each reference ln(words) less the mean of the others': ln 4 / 2 twice, and ln 4.
    deviation = math.sqrt((2 * (math.log(4) / 2) ** 2 + math.log(4) ** 2) / 3)
    assert far_factor([record]) == pytest.approx(math.exp(3 * deviation))
    equal = lengths(10, 10, 10)
    assert far_factor([equal]) == 2
    expected = {4: {"short"}, 5: set(), 6: set(), 20: set(), 21: {"long"}}
    assert {count: failures(numbered(count), equal) for count in expected} == expected
    assert failures("one", equal) == {"short"}


def test_with_one_reference_each_lengths_are_held_against_those_of_all_dialogues():
    records = [Record(str(count), "a b c", (numbered(count),)) for count in (5, 10, 40)]
    logs = [math.log(count) for count in (5, 10, 40)]
    mean = sum(logs) / 3
    assert far_factor(records) == pytest.approx(math.exp(3 * math.sqrt(sum((one - mean) ** 2 for one in logs) / 3)))
    assert far_factor(records[:1]) == far_factor([]) == 2


def test_a_reference_is_held_against_the_others_and_never_itself():
    record = Record("one", DIALOGUE, (numbered(3), numbered(9), numbered(9)))
    finder = FailureFinder([record, *[Record(str(n), "a", ("x " * 9, "x " * 9)) for n in range(50)]])
    assert finder.factor == 2
    alone = {"id": "one", "prediction": record.references[0]}
    assert finder.find(alone | {"leave_out": 0})["short"] is True
    assert finder.find(alone | {"leave_out": 1})["short"] is False
    single = FailureFinder([Record("one", "a b", ("c d",))]).find({"id": "one", "prediction": "c d", "leave_out": 0})
    assert (single["short"], single["long"], single["mark_missing"]) == (None, None, None)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\x00\u2028\ufeff", "#" * 5000, "a" * 100_000, "(((((" * 99, "\n" * 999]
)
def test_any_text_is_judged(text):
    record = Record("one", text, (text, "word"))
    assert set(failures(text, record)) <= set(KINDS)


def runs():
    good = {"id": "one", "prediction": GOOD, "cut_off": False}
    return [
        ("lora", 1, [good, good | {"prediction": "", "cut_off": True}]),
        ("lora", 2, [good, good]),
        ("human", 0, [{"id": "one", "prediction": text, "leave_out": place} for place, text in enumerate(REFERENCES)]),
    ]


def test_the_table_has_a_row_a_run_and_kind():
    table = failures_table(runs(), [RECORD])
    assert len(table) == 3 * len(KINDS)
    rows = table.set_index(["method", "seed", "failure"])
    assert rows.loc[("lora", 1, "empty"), ["summaries", "count", "share"]].tolist() == [2, 1, 0.5]
    assert rows.loc[("lora", 2, "cut_off"), ["summaries", "count", "share"]].tolist() == [2, 0, 0]
    assert rows.loc[("human", 0, "cut_off"), "summaries"] == 0 and math.isnan(rows.loc[("human", 0, "cut_off"), "share"])
    assert rows.loc[("human", 0, "copied"), ["summaries", "held_against"]].tolist() == [3, "other references"]
    assert rows.loc[("lora", 1, "long"), "factor"] == 2 and math.isnan(rows.loc[("lora", 1, "empty"), "factor"])


def test_the_section_shows_mean_and_range_over_seeds_and_methods_without_a_run():
    table = failures_table(runs(), [RECORD])
    section = failures_section(table, {"compare": ["lora", "human", "<gone>"]}, has_examples=True)
    html = " ".join(section.html.split())
    assert '<a href="#failing-empty-lora">25.0</a> <span class="soft">[0.0, 50.0]</span>' in html
    assert "human <span" in html and "(people)" in html and "held against the others" in html
    assert "&lt;gone&gt;" in html and "no run of it" in html
    assert "2.0 times fewer" in html
    alone = failures_section(table[table["method"] == "lora"], {"compare": ["lora"]})
    assert "#failing-" not in alone.html and "(people)" not in alone.html


def test_a_study_in_which_nothing_ran_has_a_section_all_the_same():
    section = failures_section(failures_table([], [RECORD]), {"compare": ["full", "lora"]})
    assert section.html.count("no run of it") == 2 and "nan" not in section.html
