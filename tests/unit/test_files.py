"""Reading text and JSON Lines, writing files and folders whole or not at all, and digests."""

import hashlib
import json
import os
from pathlib import Path

import pandas as pd
import pytest

from parity.errors import InputError
from parity.files import (
    digest,
    file_digest,
    folder_digest,
    read_json,
    read_json_lines,
    read_table,
    read_text,
    whole,
    write_json,
    write_json_lines,
    write_table,
    write_text,
)


def refusal(read, path):
    with pytest.raises(InputError) as caught:
        read(path)
    return str(caught.value)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_text_is_read_without_its_byte_order_mark(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfcaf\xc3\xa9\n")
    assert read_text(tmp_path / "a.txt") == "café\n"


def test_a_missing_file_is_refused(tmp_path):
    path = tmp_path / "none.txt"
    assert refusal(read_text, path) == f"{path}: no such file. Check the path in the config"


def test_a_folder_in_a_files_place_is_refused(tmp_path):
    assert f"{tmp_path}: no such file" in refusal(read_text, tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n \n\t", b"\xef\xbb\xbf"], ids=["no bytes", "white space", "only a mark"])
def test_an_empty_file_is_refused(tmp_path, content):
    path = tmp_path / "empty.jsonl"
    path.write_bytes(content)
    for read in (read_text, read_json_lines):
        assert refusal(read, path) == f"{path}: the file is empty. Check that its download or copy was complete"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "byte order mark"])
@pytest.mark.parametrize("line", [b"caf\xe9 au lait", b"\xe9t\xe9"], ids=["within a line", "at its start"])
def test_text_that_is_not_utf8_is_refused_by_line_with_the_command_that_converts_it(tmp_path, mark, line):
    path = tmp_path / "latin.txt"
    path.write_bytes(mark + b"one\ntwo\n" + line + b"\n")
    message = refusal(read_text, path)
    assert f"{path}, line 3: this is not UTF-8 text" in message
    assert f"iconv -f LATIN1 -t UTF-8 {path}" in message


def test_json_lines_are_read_in_order(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n{"a": 2}\n', encoding="utf-8")
    assert read_json_lines(path) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "content",
    [b'{"a": 1}\n{"a": 2}', b'\xef\xbb\xbf{"a": 1}\n{"a": 2}\n', b'{"a": 1}\r\n{"a": 2}\r\n', b'\n{"a": 1}\n\n  \n{"a": 2}\n\n'],
    ids=["no newline at the end", "byte order mark", "CRLF", "blank lines"],
)
def test_json_lines_are_read_in_every_layout_that_editors_leave(tmp_path, content):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    assert read_json_lines(path) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c"])
def test_a_sign_that_only_some_take_for_a_line_end_stays_inside_its_record(tmp_path, sign):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"a": f"x{sign}y"}, ensure_ascii=sign < " ") + '\n{"a": 2}\n', encoding="utf-8")
    assert read_json_lines(path) == [{"a": f"x{sign}y"}, {"a": 2}]


def test_a_file_cut_off_in_its_last_record_is_refused_with_the_remedy_to_fetch_it_again(tmp_path):
    path = tmp_path / "cut.jsonl"
    path.write_text('{"a": 1}\n\n{"a": 2}\n{"a": "thr', encoding="utf-8")
    message = refusal(read_json_lines, path)
    assert f"{path}, line 4: not JSON" in message
    assert '{"a": "thr' in message
    assert "ends in the middle of a record: fetch or copy it again" in message


@pytest.mark.parametrize(
    ("content", "line"),
    [('{"a": 1}\n{"a": 2\n{"a": 3}\n', 2), ('{"a": 1}\n\n{"a": 2\n{"a": 3}\n', 3)],
    ids=["without blank lines", "after a blank line"],
)
def test_a_broken_line_in_the_middle_is_refused_by_its_number_with_the_remedy_to_mend_it(tmp_path, content, line):
    path = tmp_path / "broken.jsonl"
    path.write_text(content, encoding="utf-8")
    message = refusal(read_json_lines, path)
    assert f"{path}, line {line}: not JSON" in message
    assert message.endswith("Mend that line")


@pytest.mark.parametrize("line", ["[1, 2]", '"text"', "3", "null"])
def test_a_line_that_is_json_but_no_object_is_refused(tmp_path, line):
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"a": 1}}\n{line}\n', encoding="utf-8")
    assert refusal(read_json_lines, path) == f"{path}, line 2: not a JSON object: {line!r}. Write {{...}} a line"


def test_what_is_written_as_json_lines_is_read_back(tmp_path):
    rows = [{"id": "é\u2028", "n": 1.5}, {"id": 'a\n"b"', "n": None}]
    write_json_lines(tmp_path / "new" / "rows.jsonl", iter(rows))
    assert read_json_lines(tmp_path / "new" / "rows.jsonl") == rows


def test_what_is_written_as_json_is_read_back(tmp_path):
    write_json(tmp_path / "a.json", {"é": [1, None]})
    assert read_json(tmp_path / "a.json") == {"é": [1, None]}
    assert "é" in (tmp_path / "a.json").read_text(encoding="utf-8")


def test_a_nan_is_not_written_as_json_and_the_old_file_stays(tmp_path):
    write_json(tmp_path / "a.json", 1)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"loss": float("nan")})
    assert read_json(tmp_path / "a.json") == 1


def test_a_file_takes_its_name_only_once_it_is_written(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    with whole(path) as place:
        place.write_text("new", encoding="utf-8")
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "new"
    assert names_in(path.parent) == ["a.txt"]


def test_a_file_replaces_the_one_of_its_name(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    with whole(tmp_path / "a.txt") as place:
        place.write_text("new", encoding="utf-8")
        assert read_text(tmp_path / "a.txt") == "old"
    assert read_text(tmp_path / "a.txt") == "new"


def test_all_of_a_folder_is_on_the_disk_before_it_has_its_name_and_then_the_name(tmp_path, monkeypatch):
    """fsync, as seen from outside: a power cut then leaves the whole, or nothing."""
    synced = []

    def fsync(descriptor):
        synced.append((Path(f"/proc/self/fd/{descriptor}").readlink(), (tmp_path / "model").exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    with whole(tmp_path / "model") as place:
        (place / "deep").mkdir(parents=True)
        (place / "deep/weights.bin").write_bytes(b"1")
    names = {str(path.relative_to(place.parent)) for path, there in synced if not there}
    assert names == {"model", "model/deep", "model/deep/weights.bin"}
    assert synced[-1] == (tmp_path, True)


def test_an_error_while_writing_leaves_no_file(tmp_path):
    with pytest.raises(OSError, match="disk is full"), whole(tmp_path / "a.txt") as place:
        place.write_text("half", encoding="utf-8")
        raise OSError("disk is full")
    assert names_in(tmp_path) == []


def test_a_table_comes_back_with_every_name_a_method_may_have_and_empty_cells_missing(tmp_path):
    table = pd.DataFrame({"method": ["null", "NA", "None", "nan"], "mean": [1.5, None, 0.1 + 0.2, 1e-9]})
    write_table(tmp_path / "a.csv", table)
    back = read_table(tmp_path / "a.csv")
    assert back["method"].tolist() == ["null", "NA", "None", "nan"]
    assert back["mean"].isna().tolist() == [False, True, False, False]
    assert back["mean"].dropna().tolist() == [1.5, 0.3, 1e-9]


def test_an_error_while_writing_leaves_the_old_file(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(KeyboardInterrupt), whole(tmp_path / "a.txt") as place:
        place.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt
    assert read_text(tmp_path / "a.txt") == "old"
    assert names_in(tmp_path) == ["a.txt"]


def test_a_folder_replaces_the_one_of_its_name_with_nothing_of_it_left(tmp_path):
    folder = tmp_path / "model"
    for name in ("old.bin", "both.json"):
        write_text(folder / name, "old")
    with whole(folder) as place:
        write_text(place / "both.json", "new")
        assert names_in(folder) == ["both.json", "old.bin"]
    assert names_in(folder) == ["both.json"]
    assert read_text(folder / "both.json") == "new"
    assert names_in(tmp_path) == ["model"]


def test_an_error_while_writing_a_folder_leaves_the_old_one(tmp_path):
    write_text(tmp_path / "model" / "old.bin", "old")
    with pytest.raises(RuntimeError), whole(tmp_path / "model") as place:
        write_text(place / "new.bin", "half")
        raise RuntimeError
    assert names_in(tmp_path / "model") == ["old.bin"]
    assert names_in(tmp_path) == ["model"]


def test_a_writer_that_writes_nothing_fails_and_keeps_the_old_folder(tmp_path):
    write_text(tmp_path / "model" / "old.bin", "old")
    with pytest.raises(FileNotFoundError), whole(tmp_path / "model"):
        pass
    assert names_in(tmp_path / "model") == ["old.bin"]


def test_what_a_killed_job_left_half_written_is_cleared_away(tmp_path):
    write_text(tmp_path / ".model~k1ll3d00" / "model" / "half.bin", "half")
    with whole(tmp_path / "model") as place:
        write_text(place / "new.bin", "new")
    assert names_in(tmp_path) == ["model"]


def test_two_names_of_which_one_begins_the_other_can_be_written_at_the_same_time(tmp_path):
    with whole(tmp_path / "v1.0") as later:
        write_text(later / "first.bin", "1")
        write_text(tmp_path / "v1" / "a.bin", "2")
        with whole(tmp_path / "v1") as place:
            write_text(place / "a.bin", "3")
        assert names_in(later) == ["first.bin"]
    assert names_in(tmp_path) == ["v1", "v1.0"]


def test_a_digest_is_that_of_canonical_json():
    assert digest({"b": [1, None], "a": "é"}) == hashlib.sha256('{"a":"é","b":[1,null]}'.encode()).hexdigest()


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})


@pytest.mark.parametrize("other", [{"a": [2, 1]}, {"a": [1, 2, 3]}, {"a": ["1", 2]}, {"b": [1, 2]}])
def test_a_digest_depends_on_values_and_their_order_in_a_list(other):
    assert digest({"a": [1, 2]}) != digest(other)


def test_a_digest_of_nan_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest([float("nan")])


def test_a_files_digest_is_that_of_its_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"a\r\nb")
    assert file_digest(tmp_path / "a") == hashlib.sha256(b"a\r\nb").hexdigest()


def test_a_folders_digest_counts_matching_files_names_and_contents_only(tmp_path):
    def folder(name, **files):
        for stem, text in files.items():
            write_text(tmp_path / name / stem.replace("_", "."), text)
        return folder_digest(tmp_path / name, ["*.json", "*.model", "*.js*"])

    first = folder("first", a_json="1", b_model="2")
    assert folder("same", b_model="2", a_json="1", notes_txt="x") == first
    assert folder("changed", a_json="1", b_model="3") != first
    assert folder("renamed", a_json="1", c_model="2") != first
    assert folder("swapped", a_json="2", b_model="1") != first
