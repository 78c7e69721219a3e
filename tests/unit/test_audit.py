"""Finding near-duplicates, leaks and empty fields, on small records and on the real DialogSum with its known faults."""

import csv
from pathlib import Path

import pytest
import yaml

from parity.audit import empty_fields, leaked_ids, near_duplicate_key, near_duplicates, without_empty
from parity.data import Record, canonical_digest, load_split
from parity.errors import InputError

ROOT = Path(__file__).parents[2]
DIALOGSUM = ROOT.parent / "shared" / "data" / "dialogsum"
OFFICIAL = {
    "train": "dialogsum.train.jsonl",
    "validation": "dialogsum.dev.jsonl",
    "test": "dialogsum.test.jsonl",
}
needs_dialogsum = pytest.mark.skipif(
    not DIALOGSUM.is_dir(), reason="needs DialogSum, which may not be shipped: ../shared/data/dialogsum is missing"
)


def records(split, *dialogues):
    return [Record(f"{split}_{number}", dialogue, ("s",)) for number, dialogue in enumerate(dialogues)]


SMALL = {
    "train": records("train", "Hello, you!", "hello you", "HELLO\nYOU.", "Tea?", "tea", "Only here.", "Bye now"),
    "validation": records("validation", "Hello... you", "Good night."),
    "test": records("test", "Bye, now!", "good-night", "Never before.", "bye now"),
}


@pytest.mark.parametrize(
    ("dialogue", "key"),
    [
        ("#Person1#: It's 5 o'clock!", "person1 it s 5 o clock"),
        ("  A\n\nb\tC  ", "a b c"),
        ("?! ...", ""),
        ("", ""),
    ],
)
def test_a_near_duplicates_key_is_its_words_in_lower_case(dialogue, key):
    assert near_duplicate_key(dialogue) == key


def test_near_duplicates_within_a_split_are_counted_by_group_and_surplus():
    assert near_duplicates(SMALL)["within"] == {
        "train": {"groups": 2, "surplus": 3},
        "validation": {"groups": 0, "surplus": 0},
        "test": {"groups": 1, "surplus": 1},
    }


def test_near_duplicates_between_splits_are_counted_by_dialogue_and_paired_by_id():
    assert near_duplicates(SMALL)["between"] == {
        "train-validation": {
            "dialogues": 1,
            "pairs": [["train_0", "validation_0"], ["train_1", "validation_0"], ["train_2", "validation_0"]],
        },
        "train-test": {"dialogues": 1, "pairs": [["train_6", "test_0"], ["train_6", "test_3"]]},
        "validation-test": {"dialogues": 1, "pairs": [["validation_1", "test_1"]]},
    }


def test_empty_dialogues_are_no_near_duplicates():
    splits = {split: records(split, "", "", "?!") for split in SMALL}
    found = near_duplicates(splits)
    assert all(counts == {"groups": 0, "surplus": 0} for counts in found["within"].values())
    assert all(counts == {"dialogues": 0, "pairs": []} for counts in found["between"].values())


def test_leaked_are_training_records_near_a_dialogue_of_validation_or_test():
    assert leaked_ids(SMALL) == {"train_0", "train_1", "train_2", "train_6"}


def test_nothing_has_leaked_where_only_validation_and_test_overlap():
    assert leaked_ids(SMALL | {"train": records("train", "Only here.")}) == set()


def test_empty_fields_are_named_by_id():
    assert empty_fields(
        [
            Record("whole", "d", ("s", "t")),
            Record("no dialogue", "", ("s",)),
            Record("one of two", "d", ("s", "")),
            Record("no reference", "d", ()),
            Record("nothing", "", ()),
        ]
    ) == {"dialogue": ["no dialogue", "nothing"], "summary": ["one of two", "no reference", "nothing"]}


def test_records_with_an_empty_field_are_left_out_of_train_and_validation():
    bad = [Record("a", "", ("s",)), Record("b", "d", ("s", "")), Record("c", "d", ())]
    good = [Record("d", "d", ("s",)), Record("e", "d", ("s", "t"))]
    splits = {"train": [*bad, *good], "validation": [good[1], *bad, good[0]], "test": good}
    assert without_empty(splits, "some/data") == {"train": good, "validation": good[::-1], "test": good}


@pytest.mark.parametrize(
    ("broken", "field"),
    [(Record("bad", "", ("s",)), "dialogue"), (Record("bad", "d", ("s", "")), "summary"), (Record("bad", "d", ()), "summary")],
)
def test_a_test_set_with_an_empty_field_is_refused_by_id(broken, field):
    splits = SMALL | {"test": [*SMALL["test"], broken]}
    with pytest.raises(InputError) as caught:
        without_empty(splits, "some/data")
    message = str(caught.value)
    assert message.startswith(f"some/data: test: empty {field} in 1 record(s): bad. Mend or remove them")


def test_of_many_empty_test_records_the_first_five_are_named():
    splits = SMALL | {"test": records("test", *[""] * 7)}
    with pytest.raises(InputError, match=r"in 7 record\(s\): test_0, test_1, test_2, test_3, test_4\."):
        without_empty(splits, "some/data")


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_split_with_no_record_left_is_refused(split):
    splits = SMALL | {split: [Record("a", "", ("s",)), Record("b", "d", ("",))]}
    with pytest.raises(InputError, match=f"some/data: {split}: no record has both a dialogue and a summary. Check the columns"):
        without_empty(splits, "some/data")


@pytest.fixture(scope="module")
def study_data():
    return yaml.safe_load((ROOT / "config" / "dialogsum.yaml").read_text(encoding="utf-8"))["data"]


@pytest.fixture(scope="module")
def dialogsum():
    columns = {"id": None, "dialogue": "dialogue", "summary": "summary"}
    return {split: load_split(DIALOGSUM / file, split, columns) for split, file in OFFICIAL.items()}


@pytest.fixture(scope="module")
def found(dialogsum):
    return near_duplicates(dialogsum)


@needs_dialogsum
def test_dialogsum_has_its_dialogues_and_references(dialogsum):
    assert {split: len(rows) for split, rows in dialogsum.items()} == {"train": 12460, "validation": 500, "test": 500}
    assert {len(record.references) for record in dialogsum["test"]} == {3}
    assert {len(record.references) for split in ("train", "validation") for record in dialogsum[split]} == {1}


@needs_dialogsum
def test_dialogsum_has_no_empty_field(dialogsum):
    assert all(empty_fields(rows) == {"dialogue": [], "summary": []} for rows in dialogsum.values())
    assert without_empty(dialogsum, "dialogsum") == dialogsum


@needs_dialogsum
def test_dialogsums_training_set_repeats_itself_as_known(found):
    assert found["within"]["train"] == {"groups": 1042, "surplus": 1093}


@needs_dialogsum
def test_dialogsums_training_set_leaks_into_validation_as_known(found):
    between = found["between"]["train-validation"]
    assert between["dialogues"] == 51
    assert len({train for train, _ in between["pairs"]}) == 59


@needs_dialogsum
def test_dialogsums_training_set_leaks_into_test_as_known(found):
    assert found["between"]["train-test"] == {"dialogues": 1, "pairs": [["train_7330", "test_156"]]}


@needs_dialogsum
def test_dialogsums_validation_and_test_sets_share_the_known_seven_dialogues(found):
    between = found["between"]["validation-test"]
    assert between["dialogues"] == 7
    assert {tuple(pair) for pair in between["pairs"]} == {
        ("dev_40", "test_63"),
        ("dev_41", "test_170"),
        ("dev_87", "test_59"),
        ("dev_288", "test_462"),
        ("dev_433", "test_112"),
        ("dev_434", "test_410"),
        ("dev_479", "test_480"),
    }


@needs_dialogsum
def test_dialogsum_leaks_sixty_training_dialogues_in_all(dialogsum, found):
    leaked = leaked_ids(dialogsum)
    assert len(leaked) == 60
    assert leaked == {pair[0] for name in ("train-validation", "train-test") for pair in found["between"][name]["pairs"]}


@needs_dialogsum
def test_the_official_dialogsum_has_the_digest_that_the_study_pins(dialogsum, study_data):
    assert canonical_digest(dialogsum) == study_data["digest"]


@needs_dialogsum
def test_dialogsum_in_the_hubs_layout_has_the_digest_that_the_study_pins(dialogsum, study_data, tmp_path):
    loaded = {}
    for split, file in study_data["splits"].items():
        with (tmp_path / file).open("w", encoding="utf-8", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(["id", "dialogue", "summary", "topic"])
            for record in dialogsum[split]:
                for number, reference in enumerate(record.references, 1):
                    name = f"{record.id}_{number}" if len(record.references) > 1 else record.id
                    rows.writerow([name, record.dialogue, reference, ""])
        loaded[split] = load_split(tmp_path / file, split, study_data["columns"])
    assert [len(rows) for rows in loaded.values()] == [12460, 500, 500]
    assert canonical_digest(loaded) == study_data["digest"]
