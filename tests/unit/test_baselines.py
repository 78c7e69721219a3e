"""Floors and the ceiling: which utterances and references become predictions."""

import pytest

from parity.baselines import baseline_predictions, lead, longest, utterances
from parity.data import Record

DIALOGUE = "#A#: Hi.\n\n  #B#: Hello there, my friend.  \n#A#: Tea or coffee today?\n#B#: Tea."
RECORDS = [Record("a", DIALOGUE, ("one", "two", "three")), Record("b", "#A#: Bye.", ("four", "four"))]


def test_utterances_are_the_stripped_lines_that_hold_text():
    assert utterances(DIALOGUE) == [
        "#A#: Hi.",
        "#B#: Hello there, my friend.",
        "#A#: Tea or coffee today?",
        "#B#: Tea.",
    ]


def test_a_sign_that_only_some_take_for_a_line_end_does_not_end_an_utterance():
    assert utterances("#A#: one\u2028two\n#B#: three") == ["#A#: one\u2028two", "#B#: three"]


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (1, "#A#: Hi."),
        (2, "#A#: Hi. #B#: Hello there, my friend."),
        (9, "#A#: Hi. #B#: Hello there, my friend. #A#: Tea or coffee today? #B#: Tea."),
    ],
)
def test_lead_is_the_first_utterances(n, text):
    assert lead(DIALOGUE, n) == text


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (1, "#B#: Hello there, my friend."),
        (2, "#B#: Hello there, my friend. #A#: Tea or coffee today?"),
        (3, "#A#: Hi. #B#: Hello there, my friend. #A#: Tea or coffee today?"),
        (9, "#A#: Hi. #B#: Hello there, my friend. #A#: Tea or coffee today? #B#: Tea."),
    ],
)
def test_longest_is_the_longest_utterances_the_earlier_of_equals_in_the_dialogues_order(n, text):
    assert longest(DIALOGUE, n) == text


def test_longest_counts_words_and_not_letters():
    assert longest("incomprehensibilities notwithstanding\na b c", 1) == "a b c"


@pytest.mark.parametrize("choose", [lead, longest])
def test_an_empty_dialogue_gives_an_empty_summary(choose):
    assert choose("", 3) == ""


@pytest.mark.parametrize(("kind", "first"), [("lead", "#A#: Hi."), ("longest", "#B#: Hello there, my friend.")])
def test_a_floor_is_one_prediction_a_dialogue(kind, first):
    assert baseline_predictions(kind, RECORDS, 1) == [
        {"id": "a", "prediction": first},
        {"id": "b", "prediction": "#A#: Bye."},
    ]


def test_the_ceiling_is_every_reference_with_its_own_index_left_out():
    """By index and not by text: two people may have written the same."""
    assert baseline_predictions("human", RECORDS, None) == [
        {"id": "a", "prediction": "one", "leave_out": 0},
        {"id": "a", "prediction": "two", "leave_out": 1},
        {"id": "a", "prediction": "three", "leave_out": 2},
        {"id": "b", "prediction": "four", "leave_out": 0},
        {"id": "b", "prediction": "four", "leave_out": 1},
    ]


def test_the_ceiling_of_dialogues_with_one_reference_is_refused_by_the_first_of_them():
    records = [*RECORDS, Record("c", "d", ("s",)), Record("d", "d", ("s",))]
    with pytest.raises(ValueError, match=r"human needs two references or more, and 2 dialogue\(s\) have one: c"):
        baseline_predictions("human", records, None)


def test_an_unknown_baseline_is_refused():
    with pytest.raises(KeyError, match="oracle"):
        baseline_predictions("oracle", RECORDS, 1)
