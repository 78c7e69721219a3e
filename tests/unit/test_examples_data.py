"""What goes into the examples browser, and how much of it. What a reader sees of it: tests/browser/test_examples.py."""

from __future__ import annotations

import json
import re

from parity.data import Record
from parity.examples import NONE, REFERENCES, Run, examples_section, read_run
from parity.files import write_json_lines, write_text

RECORDS = [Record(f"d{n}", f"A: {n}\nB: yes", (f"Ref {n}.", f"Other ref {n}.")) for n in range(6)]
METHODS = ("full", "lora", "human")


def run_of(method, seed, text="same", points=40.0):
    rows = [{"id": record.id, "prediction": f"{text} {record.id}"} for record in RECORDS]
    return Run(method, seed, rows, {record.id: points for record in RECORDS})


RUNS = [
    run_of("full", 1),
    run_of("full", 2, "two", 43.0),
    run_of("lora", 1),
    run_of("lora", 3, "three", 41.26),
    Run(
        "human",
        0,
        [{"id": r.id, "prediction": t, "leave_out": n} for r in RECORDS for n, t in enumerate(r.references)],
        {"d0": 60.0},
    ),
]


def data_of(section) -> dict:
    [text] = re.findall(r'<script type="application/json" id="examples-data">(.*?)</script>', section.html, re.S)
    return json.loads(text)


def test_a_text_stands_once_however_many_have_it():
    data = data_of(examples_section(RECORDS, RUNS, METHODS, "rouge1"))
    assert len(data["texts"]) == len(set(data["texts"]))
    full, lora, human = data["methods"]
    assert full["texts"][0] == lora["texts"][0] and full["texts"][1] != lora["texts"][1]
    assert data["texts"][lora["texts"][1][4]] == "three d4"
    assert [data["texts"][place] for place in data["references"][5]] == ["Ref 5.", "Other ref 5."]
    assert human["texts"] == [[REFERENCES] * 6] and human["mean"] == [60.0, *[None] * 5]


def test_scores_are_of_each_seed_and_their_mean_over_all():
    full, lora, _ = data_of(examples_section(RECORDS, RUNS, METHODS, "rouge1"))["methods"]
    assert (full["seeds"], lora["seeds"], full["n"]) == ([1, 2], [1, 3], 2)
    assert (full["scores"][1][0], full["mean"][0]) == (43.0, 41.5)
    assert lora["mean"][0] == 40.6


def test_what_is_too_large_loses_seeds_and_then_dialogues_but_no_scores():
    def section(limit):
        found = examples_section(RECORDS, RUNS, METHODS, "rouge1", limit=limit)
        data = data_of(found)
        return found, len(data["ids"]), [len(method["texts"]) for method in data["methods"]], data["methods"][0]["mean"][0]

    whole = len(str(examples_section(RECORDS, RUNS, METHODS, "rouge1").html).split('id="examples-data">')[1].encode())
    found, *rest = section(whole + 100)
    assert rest == [6, [2, 2, 1], 41.5] and "too large" not in found.html
    found, *rest = section(whole - 100)
    assert rest == [6, [1, 1, 1], 41.5] and "each method's first seed." in " ".join(found.html.split())
    one_seed = len(str(found.html).split('id="examples-data">')[1].encode())
    found, *rest = section(int(0.7 * one_seed))
    assert rest[0] in (2, 3, 4) and rest[1:] == [[1, 1, 1], 41.5] and f"the first {rest[0]}" in found.html
    found, *rest = section(10)
    assert rest == [1, [1, 1, 1], 41.5]


def test_the_pair_that_is_opened_is_the_studys_first_contrast():
    def chosen(*contrasts):
        html = examples_section(RECORDS, RUNS, METHODS, "rouge1", contrasts).html
        return re.findall(r'<option value="\d+" selected>(\w+)', html)

    assert chosen(("lora", "full"), ("full", "human")) == ["lora", "full"]
    assert chosen() == ["full", "lora"]


def test_a_run_is_read_from_its_files(tmp_path):
    write_json_lines(tmp_path / "predictions.jsonl", RUNS[0].rows)
    scores = "".join(f"{record.id},{RUNS[0].scores.get(record.id, 0)},1\n" for record in RECORDS)
    write_text(tmp_path / "scores.csv", f"id,rouge1,rouge2\n{scores}")
    run = read_run("full", 1, tmp_path / "predictions.jsonl", tmp_path / "scores.csv", "rouge2")
    assert run == Run("full", 1, RUNS[0].rows, dict.fromkeys((record.id for record in RECORDS), 1.0))


def test_a_method_without_a_run_is_a_hole():
    examples = examples_section(RECORDS, [RUNS[0]], METHODS, "rouge1")
    assert [method["seeds"] for method in data_of(examples)["methods"]] == [[1], [], []]


def test_a_dialogue_without_a_summary_is_none():
    short = Run("full", 1, RUNS[0].rows[:3], RUNS[0].scores)
    assert data_of(examples_section(RECORDS, [short], ["full"], "rouge1"))["methods"][0]["texts"][0][3:] == [NONE] * 3
