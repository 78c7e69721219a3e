"""Loading dialogues from every layout that they come in, refusing broken files, and drawing subsamples."""

import csv
import io
import json
import os
import re
import subprocess
import sys

import pytest
from project import ROOT

from parity.data import (
    Record,
    canonical_digest,
    check_digest,
    load_split,
    read_records,
    record_rows,
    subsample,
)
from parity.errors import InputError
from parity.files import write_json_lines

COLUMNS = {"id": None, "dialogue": "dialogue", "summary": "summary"}
FIRST = "#Person1#: Is the shop open?\n#Person2#: Till six, I think."
SECOND = "#Person1#: Tea?\n#Person2#: Yes, please.\n#Person1#: Here."
TRAIN = [Record("train_0", FIRST, ("They talk about the shop.",)), Record("train_1", SECOND, ("They have tea.",))]
TEST = [
    Record("test_0", FIRST, ("The shop is open.", "It closes at six.", "A question about a shop.")),
    Record("test_1", SECOND, ("They have tea.", "They have tea.", "Tea is served.")),
]


def jsonl(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def csv_text(header, rows):
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([header, *rows])
    return text.getvalue()


def written(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def load(folder, name, text, split="train", **columns):
    return load_split(written(folder, name, text), split, COLUMNS | columns)


def refusal(folder, name, text, **columns):
    with pytest.raises(InputError) as caught:
        load(folder, name, text, **columns)
    return str(caught.value)


def official(records):
    """DialogSum's own layout: JSON Lines with fname; several references stand in summary1, summary2 ..."""
    for record in records:
        many = len(record.references) > 1
        summaries = {f"summary{n}" if many else "summary": text for n, text in enumerate(record.references, 1)}
        yield {"fname": record.id, "dialogue": record.dialogue, **summaries, "topic": "daily life"}


def hub(records):
    """DialogSum's layout on the hub: CSV with a row a reference, whose ids are <id>_1, <id>_2 ..."""
    rows = []
    for record in records:
        many = len(record.references) > 1
        for number, text in enumerate(record.references, 1):
            rows.append([f"{record.id}_{number}" if many else record.id, record.dialogue, text, "daily life"])
    return csv_text(["id", "dialogue", "summary", "topic"], rows)


@pytest.mark.parametrize("records", [TRAIN, TEST], ids=["one reference", "three references"])
def test_the_official_layout_is_read(tmp_path, records):
    assert load(tmp_path, "a.jsonl", jsonl(official(records)).removesuffix("\n")) == records


@pytest.mark.parametrize("records", [TRAIN, TEST], ids=["one reference", "three references"])
def test_the_hubs_layout_is_read(tmp_path, records):
    assert load(tmp_path, "a.csv", hub(records)) == records


def test_both_layouts_have_the_same_digest(tmp_path):
    splits = {"train": TRAIN, "validation": TRAIN[:1], "test": TEST}
    first = {split: load(tmp_path, "a.jsonl", jsonl(official(r)), split) for split, r in splits.items()}
    second = {split: load(tmp_path, "a.csv", hub(r), split) for split, r in splits.items()}
    assert canonical_digest(first) == canonical_digest(second)


def test_rows_of_one_dialogue_are_gathered_by_their_numbers_wherever_they_stand(tmp_path):
    rows = [
        ["test_1_2", SECOND, "b2"],
        ["test_0_1", FIRST, "a1"],
        ["test_1_1", SECOND, "b1"],
        ["test_0_2", FIRST, "a2"],
    ]
    assert load(tmp_path, "a.csv", csv_text(["id", "dialogue", "summary"], rows)) == [
        Record("test_1", SECOND, ("b1", "b2")),
        Record("test_0", FIRST, ("a1", "a2")),
    ]


def test_more_than_nine_references_stay_in_the_order_of_their_numbers(tmp_path):
    texts = tuple(f"summary {number}" for number in range(1, 12))
    wide = {"id": "a", "dialogue": FIRST} | {f"summary{n}": texts[n - 1] for n in reversed(range(1, 12))}
    long = [[f"a_{number}", FIRST, text] for number, text in enumerate(texts, 1)]
    expected = [Record("a", FIRST, texts)]
    assert load(tmp_path, "a.jsonl", jsonl([wide])) == expected
    assert load(tmp_path, "a.csv", csv_text(["id", "dialogue", "summary"], long)) == expected


@pytest.mark.parametrize("start", [0, 1], ids=["train_0, train_1 ...", "train_1, train_2 ..."])
def test_different_dialogues_whose_ids_share_a_stem_stay_apart(tmp_path, start):
    dialogues = [FIRST, SECOND, "#Person1#: Bye."]
    rows = [{"id": f"train_{n}", "dialogue": text, "summary": "s"} for n, text in enumerate(dialogues, start)]
    records = load(tmp_path, "a.jsonl", jsonl(rows))
    assert [record.id for record in records] == [f"train_{n}" for n in range(start, start + 3)]
    assert [record.dialogue for record in records] == dialogues


@pytest.mark.parametrize("ids", [["a_0", "a_1"], ["a_1", "a_3"], ["a_2", "a_3"], ["a_1", "b_2"], ["a1", "a2"]])
def test_the_same_dialogue_under_ids_that_do_not_count_from_one_stays_apart(tmp_path, ids):
    rows = [{"id": name, "dialogue": FIRST, "summary": "s"} for name in ids]
    assert [record.id for record in load(tmp_path, "a.jsonl", jsonl(rows))] == ids


def test_a_csv_with_line_ends_commas_and_quotes_inside_its_fields_is_read(tmp_path):
    text = 'id,dialogue,summary\r\n"a","#Person1#: ""Hi"", you.\r\n#Person2#: Hi.","A, B\nand C"\r\n\r\nb,One line.,Short\r\n'
    assert load(tmp_path, "a.csv", text) == [
        Record("a", '#Person1#: "Hi", you.\n#Person2#: Hi.', ("A, B\nand C",)),
        Record("b", "One line.", ("Short",)),
    ]


def test_a_csv_with_a_byte_order_mark_finds_its_first_column(tmp_path):
    records = load(tmp_path, "a.csv", b"\xef\xbb\xbfid,dialogue,summary\na,Hi.,Greeting\n", id="id")
    assert records == [Record("a", "Hi.", ("Greeting",))]


def test_a_csv_field_longer_than_the_csv_modules_usual_limit_is_read(tmp_path):
    dialogue = "word " * 40_000
    assert load(tmp_path, "a.csv", f"id,dialogue,summary\na,{dialogue},s\n")[0].dialogue == dialogue.strip()


def test_a_json_array_with_crlf_inside_and_outside_its_texts_is_read(tmp_path):
    rows = [
        {"id": "13818513", "summary": "Amy baked.", "dialogue": "Amy: I baked.\r\nJoe: Sure!\r\n"},
        {"id": 13728867, "summary": "Bob votes.", "dialogue": "Bob: Vote?\rEve: Yes."},
    ]
    text = json.dumps(rows, indent=2).replace("\n", "\r\n")
    assert load(tmp_path, "a.json", text) == [
        Record("13818513", "Amy: I baked.\nJoe: Sure!", ("Amy baked.",)),
        Record("13728867", "Bob: Vote?\nEve: Yes.", ("Bob votes.",)),
    ]


def test_rows_without_ids_are_numbered_and_neighbours_of_one_dialogue_gathered(tmp_path):
    rows = [(FIRST, "a1"), (FIRST, "a2"), (SECOND, "b1"), (FIRST, "c1")]
    records = load(tmp_path, "a.jsonl", jsonl({"dialogue": d, "summary": s} for d, s in rows), split="test")
    assert [(record.dialogue, record.references) for record in records] == [
        (FIRST, ("a1", "a2")),
        (SECOND, ("b1",)),
        (FIRST, ("c1",)),
    ]
    assert len({record.id for record in records}) == 3
    assert all(record.id.startswith("test_") for record in records)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_renamed_columns_are_read(tmp_path, name):
    header, row = ["key", "text", "brief", "id"], ["a", FIRST, "s", "not this"]
    objects = [dict(zip(header, row, strict=True))]
    text = {"a.csv": csv_text(header, [row]), "a.jsonl": jsonl(objects), "a.json": json.dumps(objects)}[name]
    assert load(tmp_path, name, text, id="key", dialogue="text", summary="brief") == [Record("a", FIRST, ("s",))]


def test_renamed_numbered_summaries_are_read_and_look_alikes_are_not(tmp_path):
    row = {"id": "a", "dialogue": FIRST, "x.y2": "second", "x.y1": "first", "xzy3": "no", "x.y4th": "no"}
    assert load(tmp_path, "a.jsonl", jsonl([row]), summary="x.y") == [Record("a", FIRST, ("first", "second"))]


def test_fname_goes_before_id_where_no_column_is_named(tmp_path):
    row = {"id": "i", "fname": "f", "dialogue": FIRST, "summary": "s"}
    assert load(tmp_path, "a.jsonl", jsonl([row]))[0].id == "f"
    assert load(tmp_path, "a.jsonl", jsonl([row]), id="id")[0].id == "i"


def test_text_is_stripped_and_a_null_is_an_empty_text(tmp_path):
    row = {"id": " a ", "dialogue": f"\n {FIRST}\n\n", "summary": None}
    assert load(tmp_path, "a.jsonl", jsonl([row])) == [Record("a", FIRST, ("",))]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_repeated_id_is_refused(tmp_path, name):
    rows = [{"id": name, "dialogue": name + FIRST, "summary": "s"} for name in ("x", "y", "x")]
    text = jsonl(rows) if name == "a.jsonl" else csv_text(list(rows[0]), [list(row.values()) for row in rows])
    message = refusal(tmp_path, name, text)
    assert f"{tmp_path / name}: id 'x' stands twice" in message
    assert "Give each dialogue an id of its own" in message


@pytest.mark.parametrize("value", ["", "  ", None])
def test_an_empty_id_is_refused(tmp_path, value):
    rows = [{"id": value, "dialogue": FIRST, "summary": "s"}, {"id": "b", "dialogue": SECOND, "summary": "s"}]
    message = refusal(tmp_path, "a.jsonl", jsonl(rows))
    assert f"{tmp_path / 'a.jsonl'}: an id is empty" in message
    assert "data.columns.id" in message


@pytest.mark.parametrize(("changed", "missing"), [("id", "key"), ("dialogue", "text"), ("summary", "brief")])
@pytest.mark.parametrize(("name", "place"), [("a.csv", "line 2"), ("a.jsonl", "record 1"), ("a.json", "record 1")])
def test_a_missing_column_is_refused_by_place_with_the_columns_there(tmp_path, name, place, changed, missing):
    row = {"id": "a", "dialogue": "Hi.", "summary": "s"}
    text = {"a.csv": csv_text(list(row), [list(row.values())]), "a.jsonl": jsonl([row]), "a.json": json.dumps([row])}[name]
    message = refusal(tmp_path, name, text, **{changed: missing})
    assert message.startswith(f"{tmp_path / name}, {place}: no column {missing!r}")
    assert f"It has id, dialogue, summary; name the right one as data.columns.{changed}" in message


def test_a_column_that_only_a_later_row_lacks_is_refused_by_its_place(tmp_path):
    rows = [{"id": "a", "dialogue": FIRST, "summary": "s"}, {"id": "b", "dialogue": SECOND}]
    assert "a.jsonl, record 2: no column 'summary'" in refusal(tmp_path, "a.jsonl", jsonl(rows))


@pytest.mark.parametrize("value", [3, ["a", "b"], {"text": "a"}, True])
def test_a_dialogue_or_summary_that_is_no_text_is_refused(tmp_path, value):
    for column in ("dialogue", "summary"):
        row = {"id": "a", "dialogue": FIRST, "summary": "s"} | {column: value}
        message = refusal(tmp_path, "a.jsonl", jsonl([row]))
        assert f"record 1: {column} = {value!r} is no text. Write it as a string" in message


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('id,dialogue,summary\na,"Hi.\nYes.",s\nb,"One\ntwo', 5, "not CSV"),
        ("id,dialogue,summary\na,Hi.,s\nb,Hello", 3, "2 fields where the header has 3"),
        ("id,dialogue,summary\na,Hi, you.,s\nb,Hello.,s\n", 2, "4 fields where the header has 3"),
        ('id,dialogue,summary\na,"Hi" you.,s\n', 2, "not CSV"),
    ],
    ids=["cut off in a quoted field", "cut off between fields", "unquoted comma", "text behind a quote"],
)
def test_a_csv_that_is_cut_off_or_broken_is_refused_by_line(tmp_path, text, line, problem):
    message = refusal(tmp_path, "a.csv", text)
    assert message.startswith(f"{tmp_path / 'a.csv'}, line {line}: {problem}")
    assert "if it was cut off" in message


def test_json_lines_cut_off_in_the_middle_are_refused_by_line(tmp_path):
    message = refusal(tmp_path, "a.jsonl", jsonl(official(TRAIN))[:-20])
    assert f"{tmp_path / 'a.jsonl'}, line 2: not JSON" in message
    assert "fetch or copy it again" in message


def test_a_json_array_cut_off_in_the_middle_is_refused_by_line(tmp_path):
    message = refusal(tmp_path, "a.json", '[\n{"id": "a"},\n{"id": "b"\n')
    assert f"{tmp_path / 'a.json'}, line 4: not JSON" in message


def test_json_lines_named_json_are_refused_with_the_right_ending(tmp_path):
    message = refusal(tmp_path, "a.json", jsonl(official(TRAIN)))
    assert f"{tmp_path / 'a.json'}, line 2: not JSON (Extra data at column 1). Mend it, or name it .jsonl" in message


@pytest.mark.parametrize("text", ['{"a": 1}', "[1, 2]", '[{"id": "a"}, null]', '"text"'])
def test_json_that_is_no_array_of_objects_is_refused(tmp_path, text):
    message = refusal(tmp_path, "a.json", text)
    assert message == f"{tmp_path / 'a.json'}: not an array of objects. Write [{{...}}, ...] or JSON Lines (.jsonl)"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_a_file_that_is_not_utf8_is_refused_by_line(tmp_path, name):
    message = refusal(tmp_path, name, 'id,dialogue,summary\na,"café",s\n'.encode("latin-1"))
    assert f"{tmp_path / name}, line 2: this is not UTF-8 text. Convert it: iconv" in message


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_an_empty_file_is_refused(tmp_path, name):
    assert f"{tmp_path / name}: the file is empty" in refusal(tmp_path, name, "")


@pytest.mark.parametrize(("name", "text"), [("a.csv", "id,dialogue,summary\n"), ("a.json", "[]")])
def test_a_file_without_records_is_refused(tmp_path, name, text):
    message = refusal(tmp_path, name, text)
    assert message == f"{tmp_path / name}: no records. Check that its download or copy was complete"


def test_an_unknown_ending_is_refused(tmp_path):
    message = refusal(tmp_path, "a.parquet", "x")
    assert message == f"{tmp_path / 'a.parquet'}: unknown ending '.parquet'. Convert it to .jsonl, .json or .csv"


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: no such file"):
        load_split(tmp_path / "none.csv", "train", COLUMNS)


def test_written_records_are_read_back(tmp_path):
    records = [*TEST, Record("é", "a\u2028b", ())]
    write_json_lines(tmp_path / "a.jsonl", record_rows(records))
    assert read_records(tmp_path / "a.jsonl") == records


SPLITS = {"train": TRAIN, "validation": TRAIN[:1], "test": TEST}


@pytest.mark.parametrize(
    "changed",
    [
        {"train": TRAIN[::-1]},
        {"train": TRAIN[:1]},
        {"validation": TRAIN[1:]},
        {"train": [Record("other", FIRST, TRAIN[0].references), TRAIN[1]]},
        {"train": [Record("train_0", FIRST + "!", TRAIN[0].references), TRAIN[1]]},
        {"test": [Record("test_0", FIRST, TEST[0].references[::-1]), TEST[1]]},
        {"train": TRAIN[:1], "validation": TRAIN},
    ],
    ids=["records' order", "a record less", "another record", "id", "dialogue", "references' order", "split"],
)
def test_the_digest_depends_on_split_id_text_and_order(changed):
    assert canonical_digest(SPLITS | changed) != canonical_digest(SPLITS)


def test_the_digest_does_not_depend_on_the_order_of_splits():
    assert canonical_digest(dict(reversed(SPLITS.items()))) == canonical_digest(SPLITS)


@pytest.mark.parametrize("expected", [None, canonical_digest(SPLITS)], ids=["none", "the right one"])
def test_the_digest_is_given_back_where_it_is_as_expected(expected):
    assert check_digest(SPLITS, expected, "some/data") == canonical_digest(SPLITS)


def test_a_wrong_digest_is_refused_with_both():
    with pytest.raises(InputError) as caught:
        check_digest(SPLITS, "0" * 64, "some/data")
    message = str(caught.value)
    assert message.startswith("some/data: the data's content digest is ")
    assert canonical_digest(SPLITS) in message
    assert f"data.digest = {'0' * 64}" in message
    assert "fetch them again, or change data.digest knowingly" in message


MANY = [Record(str(number), "d", ("s",)) for number in range(100)]


def test_a_subsample_is_drawn_from_its_seed_in_the_files_order_without_repeats():
    drawn = subsample(MANY, 10, seed=1)
    assert drawn == subsample(MANY, 10, seed=1)
    assert len(set(drawn)) == 10
    assert drawn == sorted(drawn, key=MANY.index)
    assert drawn != MANY[:10]
    assert drawn != subsample(MANY, 10, seed=2)


@pytest.mark.parametrize("size", [None, 100, 101])
def test_a_subsample_not_smaller_than_its_source_is_all_of_it(size):
    assert subsample(MANY, size, seed=1) == MANY


def test_the_subsample_of_a_seed_stays_what_it_is():
    assert [record.id for record in subsample(MANY, 5, seed=0)] == ["5", "33", "49", "53", "97"]


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_large_file_is_read_a_row_at_a_time(tmp_path, ending):
    path = tmp_path / f"large.{ending}"
    values = {"id": "a", "dialogue": "#Person1#: Hello again. " * 1000, "summary": "s"}
    line = json.dumps(values) if ending == "jsonl" else ",".join(values.values())
    with path.open("w", encoding="utf-8") as file:
        file.write("id,dialogue,summary\n" * (ending == "csv"))
        file.writelines(f"{line}\n" for _ in range(60_000_000 // len(line)))
    program = (
        "import pathlib, sys; from parity.data import iterate_rows; "
        "print(sum(1 for _ in iterate_rows(pathlib.Path(sys.argv[1])))); print(open('/proc/self/status').read())"
    )
    command = [sys.executable, "-c", program, path]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow/scripts")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert int(done.stdout.split()[0]) == 60_000_000 // len(line)
    # A process that has read nothing takes some 15 MB.
    assert int(re.search(r"VmHWM:\s+(\d+) kB", done.stdout)[1]) < 50_000
