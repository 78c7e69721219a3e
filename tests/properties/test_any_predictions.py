"""Any file of somebody else's summaries is refused by name, or is scored: between 0 and 100, the same by every library."""

from __future__ import annotations

import json
import runpy
from types import SimpleNamespace

from generated import IDS_OF_RECORDS, JSON, TEXT, WRITABLE, a_folder, cases, damaged, everything_in
from hypothesis import strategies as st
from project import ROOT
from pytest import approx, raises

from parity.comparison import read_study
from parity.data import Record, record_rows
from parity.errors import InputError
from parity.files import read_json_lines, whole, write_json_lines
from parity.results import METRICS, SCORE_COLUMNS
from parity.rouge import mean_scores, score_dialogues
from parity.rouge_backends import score_pairs

SYMMETRIC = ("rouge1", "rouge2", "rougeL")
WORDS = st.lists(st.sampled_from(["Ann", "buys", "bought", "lamps", "a", "\n", "100", "é", "#Person1#"]), max_size=12).map(
    " ".join
)
RECORDS = [Record(name, "A: Hello.", ("Ann buys lamps.", "")) for name in ("test_0", "NA", 'a "b", c')]
ROW = st.fixed_dictionaries({"id": st.sampled_from([record.id for record in RECORDS]) | TEXT, "prediction": TEXT}) | JSON
WHOLE = st.tuples(*(st.fixed_dictionaries({"id": st.just(record.id), "prediction": TEXT}) for record in RECORDS)).map(list)
FILES = st.tuples(
    st.just("theirs.jsonl"),
    damaged((st.lists(ROW, max_size=4) | WHOLE).map(lambda rows: "".join(json.dumps(row) + "\n" for row in rows).encode())),
) | st.tuples(
    st.just("theirs.txt"), damaged(st.lists(WRITABLE, min_size=3, max_size=3).map(lambda lines: "\n".join(lines).encode()))
)
main = runpy.run_path(str(ROOT / "workflow/scripts/predictions.py"))["main"]


@cases(file=FILES)
def test_outside_summaries_are_refused_by_name_or_scored(file):
    name, content = file
    with a_folder() as folder:
        (folder / name).write_bytes(content)
        write_json_lines(folder / "test.jsonl", record_rows(RECORDS))
        before = everything_in(folder)
        out = folder / "predictions.jsonl"
        job = SimpleNamespace(
            input=SimpleNamespace(test=folder / "test.jsonl", outside=folder / name),
            output=SimpleNamespace(predictions=out),
            wildcards=SimpleNamespace(method="theirs"),
        )
        try:
            main(job)
        except InputError as error:
            assert str(error).startswith((f"methods.theirs.file: {folder / name}", str(folder / name)))
            assert len(str(error).encode()) < 2000
            assert everything_in(folder) == before
            return
        table = score_dialogues(read_json_lines(out), RECORDS)
        assert table[list(SCORE_COLUMNS)].stack().between(0, 100).all()
        assert all(0 <= mean <= 100 for mean in mean_scores(table).values())


@cases(pairs=st.lists(st.tuples(WRITABLE | WORDS, WRITABLE | WORDS), min_size=1, max_size=4))
def test_scores_are_points_the_same_by_both_libraries_and_whichever_text_comes_first(pairs):
    predictions, references = map(list, zip(*pairs, strict=True))
    found = score_pairs(predictions, references)
    turned = score_pairs(references, predictions)
    same = score_pairs(references, references)
    assert found == score_pairs(predictions, references, "rouge_score_rs")
    for metric in METRICS:
        assert all(0 <= score <= 100 for score in found[metric])
        # A text without a word scores nothing, even against itself.
        assert all(score == 0 or score == approx(100) for score in same[metric])
    assert all(found[metric] == approx(turned[metric]) for metric in SYMMETRIC)


@cases(ids=st.lists(IDS_OF_RECORDS, min_size=1, max_size=4, unique=True), texts=st.lists(WORDS, min_size=4, max_size=4))
def test_scores_of_any_ids_are_read_as_they_were_written(ids, texts):
    records = [Record(name, "A: Hello.", ("Ann buys lamps.",)) for name in ids]
    rows = [{"id": name, "prediction": text} for name, text in zip(ids, texts, strict=False)]
    table = score_dialogues(rows, records)
    with a_folder() as folder:
        with whole(folder / "scores.csv") as place:
            table.to_csv(place, index=False)
        study = read_study([("one", folder / "scores.csv")], {"one"})
    for metric in SCORE_COLUMNS:
        assert study.scores[metric]["one"].values[0].tolist() == approx(table[metric].tolist())


TABLES = st.builds(
    lambda ids, cells: "\n".join([",".join(["id", *SCORE_COLUMNS]), *(",".join([name, *cells]) for name in ids)]).encode(),
    st.lists(st.sampled_from(["a", "b", "NA", '"x, y"']), max_size=4),
    st.lists(st.sampled_from(["0", "1.5", "100", "nan", "-1", "1e400", "", "x", "100.0000000000001"]), min_size=8, max_size=8),
)


@cases(content=damaged(TABLES))
def test_a_damaged_table_of_scores_is_refused_by_name_or_holds_points(content):
    with a_folder() as folder:
        path = folder / "scores.csv"
        path.write_bytes(content)
        try:
            study = read_study([("one", path)], {"one"})
        except InputError as error:
            assert str(path) in str(error)
            return
        for of_metric in study.scores.values():
            assert ((of_metric["one"].values >= -1e-9) & (of_metric["one"].values <= 100 + 1e-9)).all()


def test_the_cases_can_fail():
    @cases(text=TEXT)
    def nothing_is_empty(text):
        assert text

    with raises(AssertionError):
        nothing_is_empty()
