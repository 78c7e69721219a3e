"""Summaries that another system wrote: read in the test set's order, or refused where they do not fit it."""

import json

import pytest

from parity.errors import InputError
from parity.predictions import read_outside_predictions

IDS = ["test_0", "test_1", "test_2"]
KEY = "methods.other.file"
EXPECTED = [
    {"id": "test_0", "prediction": "First."},
    {"id": "test_1", "prediction": ""},
    {"id": "test_2", "prediction": "Third, café."},
]


def row(number, prediction="s"):
    return {"id": f"test_{number}", "prediction": prediction}


def written(folder, name, content):
    path = folder / name
    if isinstance(content, list):
        content = "".join(json.dumps(line) + "\n" for line in content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder, name, content, ids=IDS):
    return read_outside_predictions(written(folder, name, content), ids, KEY)


def refusal(folder, name, content):
    with pytest.raises(InputError) as caught:
        read(folder, name, content)
    return str(caught.value)


def test_json_lines_come_out_in_the_order_of_the_test_set(tmp_path):
    rows = [row(2, " Third, café.\n") | {"score": 1}, row(0, "First."), row(1, "")]
    assert read(tmp_path, "other.jsonl", rows) == EXPECTED


@pytest.mark.parametrize("name", ["other.txt", "other.out", "other"])
@pytest.mark.parametrize(
    "content",
    [
        "First.\n\nThird, café.\n",
        "First.\n\nThird, café.",
        "First.\r\n \r\n  Third, café. \r\n",
        "\ufeffFirst.\n\nThird, café.\n",
    ],
    ids=["newline at the end", "no newline at the end", "CRLF and spaces", "byte order mark"],
)
def test_text_is_one_summary_a_line_and_an_empty_line_an_empty_summary(tmp_path, name, content):
    assert read(tmp_path, name, content) == EXPECTED


def test_an_empty_last_line_is_the_last_dialogues_empty_summary(tmp_path):
    assert [line["prediction"] for line in read(tmp_path, "other.txt", "a\nb\n\n")] == ["a", "b", ""]


def test_a_sign_that_only_some_take_for_a_line_end_does_not_split_a_summary(tmp_path):
    assert read(tmp_path, "other.txt", "a\u2028b\nc\x0bd\ne\n")[0]["prediction"] == "a\u2028b"


@pytest.mark.parametrize(("content", "lines"), [("a\nb\n", 2), ("a\nb\nc\nd\n", 4), ("a\nb\nc\n\n", 4)])
def test_a_wrong_number_of_lines_is_refused(tmp_path, content, lines):
    message = refusal(tmp_path, "other.txt", content)
    assert message.startswith(f"{KEY}: {tmp_path / 'other.txt'}: {lines} lines for 3 test dialogues. Write one line a test")
    assert message.endswith("or JSON Lines with ids")


def test_an_id_that_is_not_in_the_test_set_is_refused_by_record_with_an_id_that_is(tmp_path):
    message = refusal(tmp_path, "other.jsonl", [row(0), row(7)])
    assert message == (
        f"{KEY}: {tmp_path / 'other.jsonl'}, record 2: id 'test_7' is not in the test set. Ids there look like 'test_0'"
    )


def test_an_id_that_stands_twice_is_refused_by_record(tmp_path):
    message = refusal(tmp_path, "other.jsonl", [row(0), row(1), row(2), row(0)])
    assert f"{tmp_path / 'other.jsonl'}, record 4: id 'test_0' stands twice. Keep one prediction a dialogue" in message


def test_dialogues_without_a_prediction_are_refused_by_id(tmp_path):
    message = refusal(tmp_path, "other.jsonl", [row(1)])
    assert message.startswith(f"{KEY}: {tmp_path / 'other.jsonl'}: no prediction for 2 of 3 test dialogues: test_0, test_2.")
    assert "add them" in message


def test_of_many_missing_predictions_the_first_five_are_named(tmp_path):
    ids = [f"test_{number}" for number in range(8)]
    with pytest.raises(InputError, match=r"for 7 of 8 test dialogues: test_1, test_2, test_3, test_4, test_5\. Every"):
        read(tmp_path, "other.jsonl", [row(0)], ids)


@pytest.mark.parametrize(
    "record",
    [
        {"id": "test_0", "summary": "s"},
        {"fname": "test_0", "prediction": "s"},
        {"id": 0, "prediction": "s"},
        {"id": "test_0", "prediction": None},
        {"id": "test_0", "prediction": ["s"]},
    ],
)
def test_a_record_without_a_textual_id_and_prediction_is_refused_with_its_keys(tmp_path, record):
    message = refusal(tmp_path, "other.jsonl", [record])
    assert f"{tmp_path / 'other.jsonl'}, record 1: needs id and prediction, both text, and has {', '.join(record)}" in message
    assert message.endswith("Rename its keys")


@pytest.mark.parametrize("name", ["other.jsonl", "other.txt"])
def test_a_missing_or_empty_file_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="no such file"):
        read_outside_predictions(tmp_path / name, IDS, KEY)
    assert "the file is empty" in refusal(tmp_path, name, "\n")


def test_json_lines_cut_off_in_the_middle_are_refused_by_line(tmp_path):
    assert f"{tmp_path / 'other.jsonl'}, line 2: not JSON" in refusal(tmp_path, "other.jsonl", '{"id": "test_0"}\n{"id": "te')


def test_text_that_is_not_utf8_is_refused_by_line(tmp_path):
    assert "line 2: this is not UTF-8" in refusal(tmp_path, "other.txt", "a\ncafé\nb\n".encode("latin-1"))
