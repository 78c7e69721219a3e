"""From runs' records to the three tables, held against values worked out by hand."""

import io
import math

import pandas as pd
import pytest

from parity.results import METRICS, result_record
from parity.tables import results_table, summary_page, summary_table

MACHINE = {"system": "Linux", "processor": "a CPU", "cores": 2, "memory_bytes": 8_000_000_000}
SHA = "0" * 64
CONFIG = {
    "name": "small",
    "model": {"source": "folder", "name_or_path": "a/model"},
    "data": {"source": "files", "name_or_path": "some/data"},
    "compare": ["zero_shot", "full", "lora", "human"],
    "methods": {
        "zero_shot": {"kind": "zero_shot"},
        "full": {"kind": "full"},
        "lora": {"kind": "peft"},
        "human": {"kind": "baseline"},
        "other": {"kind": "predictions"},
    },
    "published": {
        "source": "a paper, one run each",
        "scores": {
            "full": {"rouge1": 40.44, "rouge2": 17.1, "rougeL": 32.7, "rougeLsum": 33, "trainable_percent": 100},
            "lora": {"rouge1": 39.1, "trainable_percent": 0.447},
        },
    },
}


def record(method, seed, rouge1, *, trainable=None, seconds=None, generated=None, losses=(), **metrics):
    """A run's record whose other scores follow from rouge1: half, less 10, less 5, and the maxima 1 above."""
    scores = {"rouge1": rouge1, "rouge2": rouge1 / 2, "rougeL": rouge1 - 10, "rougeLsum": rouge1 - 5} | metrics
    training = trainable and {
        "parameters": 1000,
        "trainable": trainable,
        "trainable_percent": trainable / 10,
        "steps": 10,
        "seconds": seconds,
        "input_tokens": 500,
        "peak_memory_bytes": 2_500_000_000,
        "bytes_on_disk": trainable * 4000,
        "device": "cpu",
        "machine": MACHINE,
        "loss": [{"step": 10, "loss": 1.5}],
        "eval_loss": [{"step": step, "eval_loss": loss} for step, loss in enumerate(losses, 1)],
    }
    generation = generated and {
        "seconds": generated,
        "dialogues": 4,
        "new_tokens": 40,
        "cut_off": 1,
        "empty": 0,
        "device": "cpu",
        "machine": MACHINE,
    }
    return result_record(
        "small",
        method,
        seed,
        CONFIG["methods"][method],
        scores | {f"{name}_max": value + 1 for name, value in scores.items()},
        {"dialogues": 4, "references": 12, "predictions": 4, "empty_predictions": 0},
        training,
        generation,
        {
            "finished": "2025-01-01T00:00:00+00:00",
            "code": {"commit": "abc", "dirty": False},
            "packages": {"python": "3.11"},
            "machine": MACHINE,
            "digests": {"data": SHA, "data_used": SHA, "model": SHA, "predictions": SHA, "code": {"score": SHA}},
        },
    )


RECORDS = [
    record("zero_shot", None, 20.0, generated=3.0),
    record("full", 1, 39.0, trainable=1000, seconds=100.0, generated=4.0, losses=[2.0, 1.25]),
    record("full", 2, 41.0, trainable=1000, seconds=110.0, generated=5.0, losses=[1.3514]),
    record("lora", 1, 33.0, trainable=5, seconds=50.0, generated=6.0, losses=[1.5]),
    record("lora", 2, 36.0, trainable=5, seconds=52.0, generated=6.0, losses=[1.5]),
    record("lora", 3, 39.0, trainable=5, seconds=54.0, generated=6.0),
    record("human", None, 50.0),
]
PAGE = """# small

ROUGE F-measure in points (0 to 100) on 4 test dialogues with 3 reference(s) each: \
the mean over a dialogue's references, then over dialogues. Mean ± standard deviation over seeds.

Model: a/model. Data: some/data.

| Method | Seeds | ROUGE-1 | ROUGE-2 | ROUGE-L | ROUGE-Lsum | ROUGE-1, % of full | Published R-1 / R-2 / R-L |
| zero_shot | deterministic | 20.0 | 10.0 | 10.0 | 15.0 | 50.0 | - / - / - |
| full | 2 | 40.0 ± 1.4 | 20.0 ± 0.7 | 30.0 ± 1.4 | 35.0 ± 1.4 | 100.0 | 40.4 / 17.1 / 32.7 |
| lora | 3 | 36.0 ± 3.0 | 18.0 ± 1.5 | 26.0 ± 3.0 | 31.0 ± 3.0 | 90.0 | 39.1 / - / - |
| human | deterministic | 50.0 | 25.0 | 40.0 | 45.0 | 125.0 | - / - / - |

Published, not measured here: a paper, one run each.

## What it costs

Means over seeds. Size: the weights that a run leaves on disk. Memory: the peak while training.

| Method | Trainable parameters | Trainable % | Size, MB | Training, s | Memory, MB | Generation, s | Published trainable % |
| zero_shot | 0 | 0.000 | 0.00 | 0.0 | - | 3.0 | - |
| full | 1,000 | 100.000 | 4.00 | 105.0 | 2500 | 4.5 | 100.00 |
| lora | 5 | 0.500 | 0.02 | 52.0 | 2500 | 6.0 | 0.45 |

## Every run

| Method | Seed | ROUGE-1 | ROUGE-2 | ROUGE-L | ROUGE-Lsum | Evaluation loss |
| zero_shot | - | 20.00 | 10.00 | 10.00 | 15.00 | - |
| full | 1 | 39.00 | 19.50 | 29.00 | 34.00 | 1.250 |
| full | 2 | 41.00 | 20.50 | 31.00 | 36.00 | 1.351 |
| lora | 1 | 33.00 | 16.50 | 23.00 | 28.00 | 1.500 |
| lora | 2 | 36.00 | 18.00 | 26.00 | 31.00 | 1.500 |
| lora | 3 | 39.00 | 19.50 | 29.00 | 34.00 | - |
| human | - | 50.00 | 25.00 | 40.00 | 45.00 | - |
"""


@pytest.fixture(scope="module")
def results():
    return results_table(RECORDS)


@pytest.fixture(scope="module")
def summary(results):
    return summary_table(results, CONFIG).set_index("method")


def without_padding(page):
    """Markdown with its table cells' padding and the rules below the headers taken out."""
    lines = [line for line in page.splitlines() if not set(line) <= set("|:-") or not line]
    cells = [[cell.strip() for cell in line.split("|")] if line.startswith("|") else [line] for line in lines]
    return "".join(" | ".join(row).strip() + "\n" for row in cells)


def compare_only(*methods, **config):
    chosen = [row for row in RECORDS if row["method"] in methods]
    return results_table(chosen), CONFIG | {"compare": list(methods)} | config


def test_results_are_a_row_a_run_in_the_order_given(results):
    assert list(zip(results["method"], results["seed"].fillna(-1), strict=True)) == [
        ("zero_shot", -1),
        ("full", 1),
        ("full", 2),
        ("lora", 1),
        ("lora", 2),
        ("lora", 3),
        ("human", -1),
    ]
    assert results["rouge1"].tolist() == [20, 39, 41, 33, 36, 39, 50]
    assert results["rougeL_max"].tolist() == [11, 30, 32, 24, 27, 30, 41]


def test_a_trained_runs_row_holds_its_costs_and_where_it_comes_from(results):
    row = results.iloc[1].to_dict()
    assert (
        row
        | {
            "study": "small",
            "kind": "full",
            "dialogues": 4,
            "references": 12,
            "predictions": 4,
            "empty_predictions": 0,
            "trainable": 1000,
            "trainable_percent": 100,
            "bytes_on_disk": 4_000_000,
            "train_seconds": 100,
            "peak_memory_bytes": 2_500_000_000,
            "eval_loss": 1.25,
            "generate_seconds": 4,
            "cut_off": 1,
            "commit": "abc",
            "dirty": False,
            "train_device": "cpu",
            "generate_device": "cpu",
        }
        == row
    )


def test_the_pretrained_model_costs_no_training_and_a_baselines_costs_are_missing(results):
    costs = ["trainable", "trainable_percent", "bytes_on_disk", "train_seconds"]
    assert results.loc[0, costs].tolist() == [0, 0, 0, 0]
    assert results.loc[6, [*costs, "peak_memory_bytes", "eval_loss", "generate_seconds", "cut_off"]].isna().all()
    assert results.loc[0, ["peak_memory_bytes", "eval_loss"]].isna().all()


def test_results_survive_being_written_and_read_as_csv(results):
    back = pd.read_csv(io.StringIO(results.to_csv(index=False)))
    assert back.columns.tolist() == results.columns.tolist()
    assert back["rouge1"].tolist() == results["rouge1"].tolist()
    assert back["seed"].isna().tolist() == [True, False, False, False, False, False, True]


def test_the_summary_is_a_row_a_method_in_the_configs_order(results):
    config = CONFIG | {"compare": ["human", "lora", "full", "zero_shot"]}
    assert summary_table(results, config)["method"].tolist() == config["compare"]


@pytest.mark.parametrize(("method", "mean", "sd"), [("full", 40.0, math.sqrt(2)), ("lora", 36.0, 3.0), ("zero_shot", 20.0, None)])
def test_means_and_deviations_are_taken_over_seeds_with_n_minus_1(summary, method, mean, sd):
    row = summary.loc[method]
    assert row["rouge1_mean"] == pytest.approx(mean)
    assert row["rouge1_max_mean"] == pytest.approx(mean + 1)
    for column in ("rouge1_sd", "rouge1_max_sd"):
        assert math.isnan(row[column]) if sd is None else row[column] == pytest.approx(sd)


def test_every_metric_and_its_maximum_have_a_mean_and_a_deviation(summary):
    wanted = {f"{name}{best}_{what}" for name in METRICS for best in ("", "_max") for what in ("mean", "sd")}
    assert wanted <= set(summary.columns)
    assert summary.loc["lora", ["rouge2_mean", "rouge2_sd", "rougeL_mean", "rougeLsum_mean"]].tolist() == [18, 1.5, 26, 31]


def test_seeds_are_counted_and_a_deterministic_method_has_none(summary):
    assert summary["n_seeds"].to_dict() == {"zero_shot": 0, "full": 2, "lora": 3, "human": 0}


def test_one_seed_has_a_mean_and_no_deviation():
    row = summary_table(results_table(RECORDS[1:2]), CONFIG | {"compare": ["full"]}).iloc[0]
    assert (row["n_seeds"], row["rouge1_mean"]) == (1, 39)
    assert math.isnan(row["rouge1_sd"])


def test_costs_are_means_over_seeds(summary):
    assert summary.loc["full", ["train_seconds", "generate_seconds", "trainable", "bytes_on_disk"]].tolist() == [
        105,
        4.5,
        1000,
        4_000_000,
    ]
    assert summary.loc["lora", ["train_seconds", "trainable_percent"]].tolist() == [52, 0.5]
    assert summary.loc["human", ["trainable", "train_seconds", "generate_seconds"]].isna().all()


def test_the_share_of_full_is_taken_between_means(summary):
    assert summary["rouge1_percent_of_full"].to_dict() == {"zero_shot": 50, "full": 100, "lora": 90, "human": 125}
    assert summary.loc["lora", "rougeL_percent_of_full"] == pytest.approx(100 * 26 / 30)


def test_the_full_method_is_found_by_its_kind_and_not_by_its_name():
    records = [row | {"method": "everything"} if row["method"] == "full" else row for row in RECORDS]
    config = CONFIG | {"compare": ["lora", "everything"], "methods": CONFIG["methods"] | {"everything": {"kind": "full"}}}
    table = summary_table(results_table(records), config)
    assert table["rouge1_percent_of_full"].tolist() == [90, 100]


def test_of_two_full_methods_the_first_compared_is_the_measure():
    records = [*RECORDS, record("full", 1, 80.0, trainable=1000, seconds=1.0, generated=1.0) | {"method": "better"}]
    config = CONFIG | {"compare": ["better", "full"], "methods": CONFIG["methods"] | {"better": {"kind": "full"}}}
    assert summary_table(results_table(records), config)["rouge1_percent_of_full"].tolist() == [100, 50]


def test_without_a_full_method_compared_there_is_no_share_of_it():
    results, config = compare_only("zero_shot", "lora")
    table = summary_table(results, config)
    assert table[[f"{metric}_percent_of_full" for metric in METRICS]].isna().all(axis=None)
    rows = without_padding(summary_page(table, results, config))
    assert "| lora | 3 | 36.0 ± 3.0 | 18.0 ± 1.5 | 26.0 ± 3.0 | 31.0 ± 3.0 | - | 39.1 / - / - |" in rows


def test_where_full_scores_nothing_there_is_no_share_of_it():
    nothing = record("full", 1, 0.0, trainable=1000, seconds=1.0, generated=1.0, rougeL=0.0, rougeLsum=0.0)
    records = [nothing, RECORDS[0]]
    table = summary_table(results_table(records), CONFIG | {"compare": ["full", "zero_shot"]})
    assert table["rouge1_percent_of_full"].isna().all()


def test_published_scores_stand_beside_ours_and_are_missing_where_there_are_none(summary):
    columns = ["published_rouge1", "published_rouge2", "published_rougeL", "published_rougeLsum", "published_trainable_percent"]
    assert summary.loc["full", columns].tolist() == [40.44, 17.1, 32.7, 33, 100]
    assert summary.loc["lora", columns].isna().tolist() == [False, True, True, True, False]
    assert summary.loc[["zero_shot", "human"], columns].isna().all(axis=None)


def test_published_scores_without_rouge_1_still_stand_on_the_page(results):
    config = CONFIG | {"published": {"source": "a paper", "scores": {"full": {"rouge2": 17.1}}}}
    page = without_padding(summary_page(summary_table(results, config), results, config))
    assert "| full | 2 | 40.0 ± 1.4 | 20.0 ± 0.7 | 30.0 ± 1.4 | 35.0 ± 1.4 | 100.0 | - / 17.1 / - |" in page


def test_the_page_is_what_it_was_by_hand(results):
    page = summary_page(summary_table(results, CONFIG), results, CONFIG)
    assert without_padding(page) == without_padding(PAGE)


def test_the_pages_tables_are_markdown_with_a_rule_below_each_header(results):
    lines = summary_page(summary_table(results, CONFIG), results, CONFIG).splitlines()
    headers = [number for number, line in enumerate(lines) if line.startswith("| Method")]
    assert len(headers) == 3
    for number in headers:
        assert set(lines[number + 1]) == set("|:-")
        assert lines[number + 1].count("|") == lines[number].count("|")


def test_without_published_scores_the_page_has_no_column_for_them():
    results, config = compare_only("zero_shot", "full")
    del config["published"]
    page = summary_page(summary_table(results, config), results, config)
    assert "ublished" not in page
    assert "ROUGE-1, % of full" in page


def test_references_that_differ_in_number_are_given_as_their_mean(results):
    page = summary_page(summary_table(results, CONFIG), results.assign(references=10), CONFIG)
    assert "on 4 test dialogues with 2.5 reference(s) each" in page


def test_a_study_of_baselines_alone_has_its_scores_and_no_costs():
    results, config = compare_only("human", published={"source": "x", "scores": {}})
    page = summary_page(summary_table(results, config), results, config)
    assert "| human | deterministic | 50.0 | 25.0 | 40.0 | 45.0 | - |" in without_padding(page)
    assert "Trainable" not in page


def test_another_systems_summaries_with_seeds_have_a_deviation_and_no_costs():
    records = [*RECORDS[1:3], record("other", 1, 10.0), record("other", 2, 12.0)]
    config = CONFIG | {"compare": ["full", "other"]}
    results = results_table(records)
    page = without_padding(summary_page(summary_table(results, config), results, config))
    assert "| other | 2 | 11.0 ± 1.4 | 5.5 ± 0.7 | 1.0 ± 1.4 | 6.0 ± 1.4 | 27.5 | - / - / - |" in page
    assert page.count("| other |") == 3


def test_summaries_in_one_file_of_another_system_are_not_called_deterministic():
    results, config = compare_only("human", published={"source": "x", "scores": {}})
    page = summary_page(summary_table(results.assign(kind="predictions"), config), results, config)
    assert "| human | one file |" in without_padding(page)
