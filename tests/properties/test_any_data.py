"""Any file of dialogues is either refused by name, or gives records that every later step can use."""

from __future__ import annotations

import csv
import io
import json

from generated import JSON, TEXT, WRITABLE, a_folder, cases, damaged, everything_in
from hypothesis import strategies as st

from parity.audit import empty_fields, leaked_ids, near_duplicates, without_empty
from parity.baselines import baseline_predictions
from parity.data import SPLITS, Record, canonical_digest, load_split, read_records, record_rows, subsample
from parity.errors import InputError
from parity.failures import FailureFinder
from parity.files import write_json, write_json_lines

COLUMNS = {"id": None, "dialogue": "dialogue", "summary": "summary"}
KEYS = ["id", "fname", "dialogue", "summary", "summary1", "summary2", "summary" + "9" * 5000, "topic"]
IDS = st.sampled_from(["test_0_1", "test_0_2", "test_0", "a", "x_" + "1" * 5000, ""]) | TEXT
FIELDS = st.one_of(IDS, TEXT, TEXT, TEXT, JSON)
ROW = st.fixed_dictionaries(
    {"dialogue": TEXT, "summary": TEXT}, optional={"id": IDS, "fname": IDS, "summary1": FIELDS, "topic": JSON}
) | st.dictionaries(st.sampled_from(KEYS) | TEXT, FIELDS, max_size=5)
ROWS = st.lists(ROW, max_size=4)
PLAIN = st.text("ab. \n#1é猫", min_size=1, max_size=12)


def as_jsonl(rows: list) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_csv(rows: list[dict]) -> bytes:
    text = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(text)
    writer.writerows([names, *([row.get(name, "") for name in names] for row in rows)])
    return text.getvalue().encode("utf-8", "replace")


FILES = (
    st.tuples(st.just("talks.jsonl"), damaged(ROWS.map(as_jsonl)))
    | st.tuples(st.just("talks.json"), damaged((ROWS | JSON).map(lambda rows: json.dumps(rows).encode())))
    | st.tuples(
        st.just("talks.csv"),
        damaged(
            st.lists(
                st.dictionaries(st.sampled_from(["id", "dialogue", "summary", "summary2"]), TEXT, min_size=2), max_size=4
            ).map(as_csv)
        ),
    )
    | st.tuples(st.sampled_from(["talks.csv", "talks.jsonl", "talks.json", "talks.xml", "talks"]), st.binary(max_size=60))
)


def use(records: list[Record], folder) -> None:
    """What the rules do with records."""
    path = folder / "test.jsonl"
    write_json_lines(path, record_rows(records))
    assert read_records(path) == records
    splits = dict.fromkeys(SPLITS, records)
    assert len(canonical_digest(splits)) == 64
    write_json(folder / "audit.json", near_duplicates(splits) | {"empty": empty_fields(records)})
    subsample(records, 1, 0)
    try:
        used = without_empty(splits, "talks")["test"]
    except InputError as error:
        assert str(error).startswith("talks: ")
        return
    leaked_ids(splits)
    rows = [row for kind in ("lead", "longest") for row in baseline_predictions(kind, used, 2)]
    finder = FailureFinder(used)
    for row in rows:
        finder.find(row)
    write_json_lines(path, rows)


@cases(file=FILES, id_column=st.sampled_from([None, None, None, "id", "fname", "no such column"]))
def test_a_file_of_dialogues_is_refused_by_name_or_usable_by_every_rule(file, id_column):
    name, content = file
    with a_folder() as folder:
        path = folder / name
        path.write_bytes(content)
        try:
            records = load_split(path, "test", COLUMNS | {"id": id_column})
        except InputError as error:
            message = str(error)
            assert message.startswith(str(path)) and len(error.arguments[2]) > 5
            # A line of a log, whatever the file holds.
            assert len(message.encode()) < 2000
            assert everything_in(folder) == {name: content}
            return
        assert records and len({record.id for record in records}) == len(records)
        assert all(record.id and record.id == record.id.strip() for record in records)
        use(records, folder)


@cases(
    records=st.lists(
        st.builds(Record, st.uuids().map(str), PLAIN.map(str.strip), st.tuples(PLAIN.map(str.strip))), min_size=1, max_size=5
    )
)
def test_the_same_records_come_out_of_every_kind_of_file(records):
    rows = [{"id": record.id, "dialogue": record.dialogue, "summary": record.references[0]} for record in records]
    with a_folder() as folder:
        contents = {"a.jsonl": as_jsonl(rows), "a.json": json.dumps(rows).encode(), "a.csv": as_csv(rows)}
        contents["b.csv"] = b"\xef\xbb\xbf" + contents["a.csv"].replace(b"\r\n", b"\n")
        for name, content in contents.items():
            (folder / name).write_bytes(content)
            assert load_split(folder / name, "test", COLUMNS) == records


@cases(good=st.lists(WRITABLE, max_size=3), bad=st.sampled_from(["\ud800", "a\udfffb"]))
def test_what_cannot_be_written_leaves_the_file_of_before(good, bad):
    with a_folder() as folder:
        path = folder / "rows.jsonl"
        write_json_lines(path, [{"text": text} for text in good])
        before = everything_in(folder)
        try:
            write_json_lines(path, [{"text": text} for text in [*good, bad]])
            raise AssertionError("it was written")
        except UnicodeEncodeError:
            assert everything_in(folder) == before
