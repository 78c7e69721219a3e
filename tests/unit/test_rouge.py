"""parity.rouge: ROUGE points a pair, a dialogue and a test set."""

import random

import pytest
from rouge_score import rouge_scorer

from parity.baselines import baseline_predictions
from parity.data import Record, load_split
from parity.results import METRICS
from parity.rouge import mean_scores, score_dialogues
from parity.rouge_backends import score_pairs

WORDS = ["Ann", "buys", "buying", "bought", "the", "lamp", "lamps", "at", "a", "market", ".", "!", "100", "café", "#Person1#"]


def random_text(rng: random.Random, longest: int = 30) -> str:
    words = [rng.choice(WORDS) for _ in range(rng.randint(0, longest))]
    return rng.choice([" ", "\n", ", "]).join(words)


def of_library(prediction: str, reference: str) -> dict[str, float]:
    scores = rouge_scorer.RougeScorer(METRICS, use_stemmer=True).score(reference, prediction)
    return {metric: 100 * scores[metric].fmeasure for metric in METRICS}


def test_score_pairs_equals_rouge_score_on_many_pairs():
    rng = random.Random(0)
    pairs = [(random_text(rng), random_text(rng)) for _ in range(300)]
    pairs += [("", ""), ("", "Ann buys."), ("Ann buys.", ""), ("...", "Ann"), ("Ann", "Ann"), ("Ä ö", "ü"), ("a\nb", "b\na")]
    scores = score_pairs([prediction for prediction, _ in pairs], [reference for _, reference in pairs])
    assert sorted(scores) == sorted(METRICS)
    for metric in METRICS:
        assert scores[metric] == pytest.approx([of_library(*pair)[metric] for pair in pairs], abs=1e-12)
    assert len({round(score, 6) for score in scores["rouge1"]}) > 100


@pytest.mark.parametrize(
    ("prediction", "reference", "expected"),
    [
        # Two of three words: precision 2/3, recall 2/4, F 4/7; one shared pair of two and three: F 2/5.
        ("the blue lamp", "she likes the blue", {"rouge1": 400 / 7, "rouge2": 40, "rougeL": 400 / 7}),
        ("lamp blue the", "the blue lamp", {"rouge1": 100, "rouge2": 0, "rougeL": 100 / 3}),
        ("She was WALKING", "she was walked", {"rouge1": 100, "rouge2": 100, "rougeL": 100}),
        ("", "she", {"rouge1": 0, "rouge2": 0, "rougeL": 0}),
    ],
)
def test_points_counted_by_hand(prediction, reference, expected):
    scores = score_pairs([prediction], [reference])
    assert {metric: scores[metric][0] for metric in expected} == pytest.approx(expected)


RECORDS = [
    Record("first", "A: x", ("the blue lamp", "a red lamp", "nothing else")),
    Record("second", "A: y", ("two old maps",)),
]


def test_a_dialogues_score_is_the_mean_and_the_maximum_over_its_references():
    rows = [{"id": "second", "prediction": "two maps"}, {"id": "first", "prediction": "the red lamp"}]
    table = score_dialogues(rows, RECORDS)
    assert list(table["id"]) == ["first", "second"]
    assert sorted(table.columns) == sorted(["id", *METRICS, *(f"{metric}_max" for metric in METRICS)])
    for metric in METRICS:
        each = [of_library("the red lamp", reference)[metric] for reference in RECORDS[0].references]
        assert table[metric][0] == pytest.approx(sum(each) / 3)
        assert table[f"{metric}_max"][0] == pytest.approx(max(each))
        assert table[metric][1] == table[f"{metric}_max"][1] == pytest.approx(of_library("two maps", "two old maps")[metric])
    assert table["rouge1"][0] < table["rouge1_max"][0]


def test_a_reference_left_out_is_not_scored_against():
    rows = [
        {"id": "first", "prediction": "the blue lamp", "leave_out": 0},
        {"id": "second", "prediction": "two old maps"},
    ]
    scores = score_dialogues(rows, RECORDS).set_index("id")
    others = [of_library("the blue lamp", reference)["rouge1"] for reference in RECORDS[0].references[1:]]
    assert scores["rouge1"]["first"] == pytest.approx(sum(others) / 2)
    assert scores["rouge1_max"]["first"] == pytest.approx(max(others))
    assert max(others) < 100
    assert scores["rouge1"]["second"] == 100


def test_several_rows_of_a_dialogue_are_averaged_before_dialogues_are():
    single = [{"id": "second", "prediction": "two old maps"}]
    human = [{"id": "first", "prediction": text, "leave_out": i} for i, text in enumerate(RECORDS[0].references)]
    scores = score_dialogues(human + single, RECORDS).set_index("id")
    rows = []
    for index, text in enumerate(RECORDS[0].references):
        rows.append([of_library(text, other)["rouge1"] for i, other in enumerate(RECORDS[0].references) if i != index])
    assert scores["rouge1"]["first"] == pytest.approx(sum(sum(row) / 2 for row in rows) / 3)
    assert scores["rouge1_max"]["first"] == pytest.approx(sum(max(row) for row in rows) / 3)
    # The dialogue with three rows weighs no more than the one with one.
    assert mean_scores(scores.reset_index())["rouge1"] == pytest.approx((scores["rouge1"]["first"] + 100) / 2)


@pytest.mark.parametrize(
    "ids", [["first"], ["first", "second", "third"], ["first", "first"], []], ids=["missing", "unknown", "twice", "none"]
)
def test_predictions_for_other_dialogues_than_the_test_sets_are_refused(ids):
    with pytest.raises(ValueError, match="not those of the test set"):
        score_dialogues([{"id": name, "prediction": "x"} for name in ids], RECORDS)


def test_scores_are_twice_the_same():
    rng = random.Random(1)
    records = [Record(str(n), "A: x", (random_text(rng), random_text(rng))) for n in range(30)]
    rows = [{"id": str(n), "prediction": random_text(rng)} for n in range(30)]
    assert score_dialogues(rows, records).equals(score_dialogues(rows, records))
    assert mean_scores(score_dialogues(rows, records)) == mean_scores(score_dialogues(rows, records))


def test_an_empty_prediction_scores_zero_and_counts_as_a_dialogue():
    rows = [{"id": "first", "prediction": ""}, {"id": "second", "prediction": "two old maps"}]
    assert mean_scores(score_dialogues(rows, RECORDS)) == {
        f"{metric}{suffix}": 50.0 for metric in METRICS for suffix in ("", "_max")
    }


def test_the_human_ceiling_of_the_real_dialogsum_is_the_known_one(dialogsum):
    columns = {"id": None, "dialogue": "dialogue", "summary": "summary"}
    records = load_split(dialogsum / "dialogsum.test.jsonl", "test", columns)
    means = mean_scores(score_dialogues(baseline_predictions("human", records, None), records))
    assert [round(means[metric], 1) for metric in ("rouge1", "rouge2", "rougeL")] == [53.4, 26.7, 45.0]
