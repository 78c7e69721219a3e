"""From runs' records and estimates to the tables and the page, held against values worked out by hand."""

import io
import math

import pandas as pd
import pytest
from made_up_studies import generation_record, record, scores, settings, study_of, training_record

from parity.results import METRICS, SCORE_COLUMNS
from parity.tables import results_table, summary_page, summary_table

KINDS = {"zero_shot": "zero_shot", "full": "full", "lora": "peft", "human": "baseline", "other": "predictions"}
CONFIG = {
    "name": "small",
    "model": {"source": "folder", "name_or_path": "a/model"},
    "data": {"source": "files", "name_or_path": "some/data"},
    "compare": ["zero_shot", "full", "lora", "human"],
    "methods": {name: {"kind": kind} for name, kind in KINDS.items()},
    "comparison": settings(),
    "costs": {"currency": "EUR", "per_hour": None, "per_gpu_hour": None, "per_kwh": None},
    "published": {
        "source": "a paper, one run each",
        "scores": {
            "full": {"rouge1": 40.44, "rouge2": 17.1, "rougeL": 32.7, "rougeLsum": 33, "trainable_percent": 100},
            "lora": {"rouge1": 39.1, "trainable_percent": 0.447},
        },
    },
}
COUNTS = {"dialogues": 4, "references": 12, "predictions": 4, "empty_predictions": 0}


def run(method, seed, rouge1, *, trainable=None, seconds=None, generated=None, losses=()):
    """A run's record whose other scores follow from rouge1: half, less 10, less 5, and the maxima 1 above."""
    metrics = {"rouge1": rouge1, "rouge2": rouge1 / 2, "rougeL": rouge1 - 10, "rougeLsum": rouge1 - 5}
    metrics |= {f"{name}_max": value + 1 for name, value in metrics.items()}
    training = trainable and training_record(trainable, 1000, seconds, losses)
    generation = generated and generation_record(generated)
    return record(method, seed, KINDS[method], metrics, COUNTS, training, generation)


RECORDS = [
    run("zero_shot", None, 20.0, generated=3.0),
    run("full", 1, 39.0, trainable=1000, seconds=100.0, generated=4.0, losses=[2.0, 1.25]),
    run("full", 2, 41.0, trainable=1000, seconds=110.0, generated=5.0, losses=[1.3514]),
    run("lora", 1, 33.0, trainable=5, seconds=50.0, generated=6.0, losses=[1.5]),
    run("lora", 2, 36.0, trainable=5, seconds=52.0, generated=6.0, losses=[1.5]),
    run("lora", 3, 39.0, trainable=5, seconds=54.0, generated=6.0),
    run("human", None, 50.0),
]


def estimate(method, chance, n_seeds, mean, **found):
    """Rows of estimates.csv: on the n-th metric everything is n points or percent more, so that no two cells are alike."""
    row = {"method": method, "kind": KINDS[method], "chance": chance, "n_seeds": n_seeds, "n_dialogues": 4, "mean": mean}
    row |= dict.fromkeys(("sd_seed_means", "sd_seed", "sd_dialogue", "sd_residual", "intraclass_correlation"), math.nan)
    for share in ("percent_of_full", "percent_of_gain"):
        row |= dict.fromkeys((share, f"{share}_low", f"{share}_high"), math.nan)
    numbers = {"mean": mean, "low": mean - 2.25, "high": mean + 2.35} | found
    for place, metric in enumerate(SCORE_COLUMNS):
        shifted = {name: number + place for name, number in numbers.items()}
        yield row | {"scope": "new dialogues", "metric": metric, "is_primary": metric == "rouge1"} | shifted


ESTIMATES = pd.DataFrame(
    [
        *estimate("zero_shot", "deterministic", 0, 20.0, percent_of_full=50, percent_of_full_low=48.04, percent_of_full_high=52),
        *estimate(
            "full",
            "seeds",
            2,
            40.0,
            sd_seed_means=1.41,
            sd_seed=1.2,
            sd_dialogue=5.5,
            sd_residual=4.25,
            intraclass_correlation=0.61,
            percent_of_full=100,
            percent_of_full_low=100,
            percent_of_full_high=100,
            percent_of_gain=100,
            percent_of_gain_low=100,
            percent_of_gain_high=100,
        ),
        *estimate(
            "lora",
            "seeds",
            3,
            36.0,
            sd_seed_means=3.0,
            sd_seed=0.0,
            sd_dialogue=6.5,
            sd_residual=3.125,
            intraclass_correlation=0.81,
            percent_of_full=90,
            percent_of_full_low=80.5,
            percent_of_full_high=99.96,
            percent_of_gain=80,
            percent_of_gain_low=-0.04,
            percent_of_gain_high=120,
        ),
        *estimate("human", "deterministic", 0, 50.0, percent_of_full=125, percent_of_full_low=120, percent_of_full_high=130),
    ]
)
PAGE = """# small

**Estimated:** What a method scores on average when it is trained again with new seeds and tested on new dialogues like these; \
of two methods, the difference of these averages.

Scores are ROUGE F-measures in points (0 to 100) on 4 test dialogues with 3 references each: \
the mean over a dialogue's references, then the mean over dialogues and seeds. Primary metric: ROUGE-1. \
[a, b] is a 95 % interval over new dialogues and, where a method has several seeds, new seeds.

Model: a/model. Data: some/data.

| Method | Seeds | ROUGE-1 | SD over seeds | % of full | % of full's gain | Published R-1 / R-2 / R-L |
| zero_shot | deterministic | 20.0 [17.8, 22.4] | - | 50.0 [48.0, 52.0] | - | - / - / - |
| full | 2 | 40.0 [37.8, 42.4] | 1.41 | 100.0 | 100.0 | 40.4 / 17.1 / 32.7 |
| lora | 3 | 36.0 [33.8, 38.4] | 3.00 | 90.0 [80.5, 100.0] | 80.0 [0.0, 120.0] | 39.1 / - / - |
| human | deterministic | 50.0 [47.8, 52.4] | - | 125.0 [120.0, 130.0] | - | - / - / - |

Published, not measured here: a paper, one run each.

What these numbers establish, and what they do not, stands in `verdict.md`.

## Other metrics

Exploratory, since the study's verdicts rest on the primary metric alone. In points: \
the mean over a dialogue's references, then the mean over dialogues and seeds.

| Method | ROUGE-2 | ROUGE-L | ROUGE-Lsum |
| zero_shot | 21.0 [18.8, 23.4] | 22.0 [19.8, 24.4] | 23.0 [20.8, 25.4] |
| full | 41.0 [38.8, 43.4] | 42.0 [39.8, 44.4] | 43.0 [40.8, 45.4] |
| lora | 37.0 [34.8, 39.4] | 38.0 [35.8, 40.4] | 39.0 [36.8, 41.4] |
| human | 51.0 [48.8, 53.4] | 52.0 [49.8, 54.4] | 53.0 [50.8, 55.4] |

## Where the scores vary

Standard deviations of ROUGE-1 in points. *Seeds*: between the seeds' true means, 0 where seeds differ by no more than the \
residual alone would make them (*SD over seeds* above holds both). *Dialogues*: between the dialogues' true means. \
*Residual*: between seeds on one dialogue, beyond that. *ICC*: the share of a single score's variance that belongs to its dialogue.

| Method | Seeds | SD seeds | SD dialogues | SD residual | ICC |
| full | 2 | 1.20 | 5.50 | 4.25 | 0.61 |
| lora | 3 | 0.00 | 6.50 | 3.12 | 0.81 |

## What it costs

Means over seeds. Size: the weights that a run leaves on disk. Memory: the peak while training, the machine's.

| Method | Trainable parameters | Trainable % | Size, MB | Training, s | Memory, MB | Generation, s | Published trainable % |
| zero_shot | 0 | 0.000 | 0.00 | 0.0 | - | 3.0 | - |
| full | 1,000 | 100.000 | 4.00 | 105.0 | 2500 | 4.5 | 100.00 |
| lora | 5 | 0.500 | 0.02 | 52.0 | 2500 | 6.0 | 0.45 |

Where the time went. *Start* is what jobs take to begin: libraries, data, model. *Tokens/s*: trained on, source and target \
without padding. *Padding*: the share of padding among the tokens of training's batches. *Utilisation*: what training \
needs of products of matrices, as a share of what the device does of plain ones.

| Method | Start, s | Evaluation, s | Scoring, s | Tokens/s | Padding, % | Utilisation, % | CPU energy, kJ |
| zero_shot | 10.0 | 0.0 | 1.5 | - | - | - | 3.0 |
| full | 15.0 | 4.0 | 1.5 | 1234 | 12.5 | 25.0 | 4.5 |
| lora | 15.0 | 4.0 | 1.5 | 1234 | 12.5 | 25.0 | 4.5 |

Until the verdict: all runs of a method together. *Hours* are those of its jobs, one after another.

| Method | Runs | Hours | Energy, kWh |
| zero_shot | 1 | 0.004 | 0.00083 |
| full | 2 | 0.073 | 0.00250 |
| lora | 3 | 0.066 | 0.00375 |
| human | 1 | 0.002 | 0.00042 |
| the whole study | 7 | 0.144 | 0.00750 |

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
    return summary_table(results, ESTIMATES, CONFIG).set_index("method")


def page_of(config=CONFIG, records=RECORDS, estimates=ESTIMATES):
    """The page with its tables' padding taken out."""
    results = results_table([row for row in records if row["method"] in config["compare"]])
    estimates = estimates[estimates["method"].isin(config["compare"])]
    return without_padding(summary_page(summary_table(results, estimates, config), estimates, results, config))


def without_padding(page):
    """Markdown with its table cells' padding and the rules below the headers taken out."""
    lines = [line for line in page.splitlines() if not set(line) <= set("|:-") or not line]
    cells = [[cell.strip() for cell in line.split("|")] if line.startswith("|") else [line] for line in lines]
    return "".join(" | ".join(row).strip() + "\n" for row in cells)


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
            "study": "made_up",
            "kind": "full",
            "dialogues": 4,
            "references": 12,
            "predictions": 4,
            "empty_predictions": 0,
            "trainable": 1000,
            "trainable_percent": 100,
            "bytes_on_disk": 4_000_000,
            "start_up_seconds": 6,
            "load_seconds": 9,
            "train_seconds": 100,
            "evaluate_seconds": 4,
            "save_seconds": 0.5,
            "generate_seconds": 4,
            "score_seconds": 1.5,
            "train_peak_host_bytes": 2_500_000_000,
            "generate_peak_host_bytes": 2_500_000_000,
            "train_tokens_per_second": 1234,
            "generate_examples_per_second": 10.5,
            "train_padding_share": 0.125,
            "generate_model_flops": 2_000_000,
            "train_model_flops_utilisation": 0.25,
            "gpu_hours": 0,
            "cpu_energy_joules": 4500,
            "eval_loss": 1.25,
            "cut_off": 1,
            "commit": "abc",
            "dirty": False,
            "train_device": "cpu",
            "generate_device": "cpu",
        }
        == row
    )


def test_the_pretrained_model_costs_no_training_and_a_baselines_costs_are_missing(results):
    costs = ["trainable", "trainable_percent", "bytes_on_disk", "train_seconds", "evaluate_seconds", "save_seconds"]
    assert results.loc[0, costs].tolist() == [0] * 6
    assert results.loc[6, [*costs, "train_peak_host_bytes", "eval_loss", "generate_seconds", "cut_off"]].isna().all()
    assert results.loc[0, ["train_peak_host_bytes", "train_tokens_per_second", "eval_loss"]].isna().all()
    assert results.loc[6, ["start_up_seconds", "load_seconds", "score_seconds", "cpu_energy_joules"]].tolist() == [
        2,
        3,
        1.5,
        1500,
    ]


def test_results_survive_being_written_and_read_as_csv(results):
    back = pd.read_csv(io.StringIO(results.to_csv(index=False)))
    assert back.columns.tolist() == results.columns.tolist()
    assert back["rouge1"].tolist() == results["rouge1"].tolist()
    assert back["seed"].isna().tolist() == [True, False, False, False, False, False, True]


def test_the_summary_is_a_row_a_method_in_the_configs_order(results):
    config = CONFIG | {"compare": ["human", "lora", "full", "zero_shot"]}
    assert summary_table(results, ESTIMATES, config)["method"].tolist() == config["compare"]


@pytest.mark.parametrize(("place", "metric"), list(enumerate(SCORE_COLUMNS)))
def test_each_metrics_mean_interval_deviation_and_shares_are_those_of_its_estimate(summary, place, metric):
    row = summary.loc["lora"]
    expected = {"mean": 36, "low": 33.75, "high": 38.35, "sd": 3}
    expected |= {"percent_of_full": 90, "percent_of_full_low": 80.5, "percent_of_full_high": 99.96}
    expected |= {"percent_of_gain": 80, "percent_of_gain_low": -0.04, "percent_of_gain_high": 120}
    for column, value in expected.items():
        assert row[f"{metric}_{column}"] == pytest.approx(value + place), column
    assert summary.loc["human", [f"{metric}_sd", f"{metric}_percent_of_gain"]].isna().all()


def test_a_summary_row_says_what_its_intervals_speak_of(summary):
    assert summary["chance"].to_dict() == {
        "zero_shot": "deterministic",
        "full": "seeds",
        "lora": "seeds",
        "human": "deterministic",
    }
    assert summary["n_seeds"].to_dict() == {"zero_shot": 0, "full": 2, "lora": 3, "human": 0}
    assert set(summary["scope"]) == {"new dialogues"}
    assert set(summary["n_dialogues"]) == {4}
    assert set(summary["references_per_dialogue"]) == {3}
    assert set(summary["unit"]) == {"ROUGE F-measure in points, 0 to 100"}
    assert summary["protocol"].str.contains("mean over dialogues of the mean over a dialogue's references").all()


def test_costs_are_means_over_seeds(summary):
    assert summary.loc["full", ["train_seconds", "generate_seconds", "trainable", "bytes_on_disk"]].tolist() == [
        105,
        4.5,
        1000,
        4_000_000,
    ]
    assert summary.loc["lora", ["train_seconds", "trainable_percent"]].tolist() == [52, 0.5]
    assert summary.loc["human", ["trainable", "train_seconds", "generate_seconds"]].isna().all()


def test_published_scores_stand_beside_ours_and_are_missing_where_there_are_none(summary):
    columns = ["published_rouge1", "published_rouge2", "published_rougeL", "published_rougeLsum", "published_trainable_percent"]
    assert summary.loc["full", columns].tolist() == [40.44, 17.1, 32.7, 33, 100]
    assert summary.loc["lora", columns].isna().tolist() == [False, True, True, True, False]
    assert summary.loc[["zero_shot", "human"], columns].isna().all(axis=None)


def test_the_page_is_what_it_was_by_hand():
    assert page_of() == without_padding(PAGE)


def test_the_pages_tables_are_markdown_with_a_rule_below_each_header(results):
    page = summary_page(summary_table(results, ESTIMATES, CONFIG), ESTIMATES, results, CONFIG)
    lines = page.splitlines()
    headers = [number for number, line in enumerate(lines) if line.startswith("| Method")]
    assert len(headers) == 7
    for number in headers:
        assert set(lines[number + 1]) == set("|:-")
        assert lines[number + 1].count("|") == lines[number].count("|")


def test_published_scores_without_rouge_1_still_stand_on_the_page():
    page = page_of(CONFIG | {"published": {"source": "a paper", "scores": {"full": {"rouge2": 17.1}}}})
    assert "| full | 2 | 40.0 [37.8, 42.4] | 1.41 | 100.0 | 100.0 | - / 17.1 / - |" in page


def test_without_published_scores_the_page_has_no_column_for_them():
    page = page_of({key: value for key, value in CONFIG.items() if key != "published"})
    assert "ublished" not in page
    assert "| % of full's gain |\n" in page


def test_a_study_of_baselines_alone_has_its_scores_and_says_nothing_of_seeds_or_costs():
    page = page_of(CONFIG | {"compare": ["human"], "published": {"source": "x", "scores": {}}})
    assert "| human | deterministic | 50.0 [47.8, 52.4] | - | 125.0 [120.0, 130.0] | - |" in page
    assert "What it costs" not in page
    assert "Where the scores vary" not in page


def test_a_primary_metric_with_the_best_reference_is_shown_with_its_protocol_and_of_every_run():
    study = study_of({"full": scores(40, 2, draw=1), "lora": scores(39, 2, draw=2)}, primary_metric="rouge1_max")
    page = without_padding(study.summary_page)
    assert (
        "the best of a dialogue's references, then the mean over dialogues and seeds. Primary metric: ROUGE-1 (best reference)."
        in page
    )
    assert "In points: the mean over a dialogue's references, then the mean over dialogues and seeds." in page
    mean = {metric: study.scores.scores[metric]["full"].mean for metric in ("rouge1_max", *METRICS)}
    header = "| Method | Seed | ROUGE-1 (best reference) | ROUGE-1 | ROUGE-2 | ROUGE-L | ROUGE-Lsum | Evaluation loss |"
    row = f"| full | 1 | {' | '.join(f'{value:.2f}' for value in mean.values())} | 1.250 |"
    assert f"{header}\n{row}" in page
    assert len(set(mean.values())) == 5


def test_another_primary_metric_takes_rouge_1s_place_and_rouge_1_becomes_one_of_the_others():
    study = study_of({"full": scores(40, 2, draw=1), "lora": scores(39, 2, draw=2)}, primary_metric="rouge2")
    page = without_padding(study.summary_page)
    assert "Primary metric: ROUGE-2." in page
    assert "| Method | Seeds | ROUGE-2 | SD over seeds |" in page
    assert "| Method | ROUGE-1 | ROUGE-L | ROUGE-Lsum |" in page
    assert "Standard deviations of ROUGE-2 in points" in page


def test_summaries_in_one_file_of_another_system_are_not_called_deterministic():
    study = study_of({"full": scores(40, 2, draw=1), "other": scores(45, draw=2)})
    page = without_padding(study.summary_page)
    assert "| other | one file (this run only) | 45.0 [" in page
    assert "| other | - | 45.00 |" in page
    assert page.count("| other |") == 4


def test_another_systems_summaries_with_seeds_have_a_deviation_and_no_costs():
    study = study_of({"full": scores(40, 2, draw=1), "other": scores(45, 3, seed_sd=0.25, draw=2)})
    page = without_padding(study.summary_page)
    [row] = [line for line in page.splitlines() if line.startswith("| other | 3 | 45.0 [")]
    assert "] | 0.25 | 112.5 [" in row
    # With its interval, in the variances, its third run, and the number of runs until the verdict.
    assert page.count("| other | 3 |") == 4


def test_a_single_run_is_named_as_one_wherever_its_interval_stands():
    study = study_of({"full": scores(40, draw=1), "lora": scores(39, 2, draw=2)})
    assert "| full | 1 (this run only) | 40.0 [" in without_padding(study.summary_page)
    assert "| lora | 2 | 39.0 [" in without_padding(study.summary_page)


def test_a_share_without_bounds_is_called_unbounded_and_explained_below_the_table():
    points = {"zero_shot": scores(39.9, draw=1), "full": scores(40, 3, seed_sd=0.5, draw=2), "lora": scores(40.5, 3, draw=3)}
    page = without_padding(study_of(points).summary_page)
    [full] = [line for line in page.splitlines() if line.startswith("| full | 3 |")][:1]
    [lora] = [line for line in page.splitlines() if line.startswith("| lora | 3 |")][:1]
    assert lora.endswith("| 600.0 [unbounded] |")
    assert full.endswith("| 100.0 | 100.0 |")
    assert "*Unbounded*: what the share is taken of is not distinguishable from zero" in page
    assert "nbounded" not in study_of(points | {"zero_shot": scores(20, draw=1)}).summary_page


def test_one_dialogue_has_means_and_no_intervals_or_variances():
    points = {"zero_shot": scores(20, draw=1)[:, :1], "full": scores(40, 3, draw=2)[:, :1]}
    page = without_padding(study_of(points, references=1).summary_page)
    assert "on 1 test dialogue with 1 reference: the mean over a dialogue's references" in page
    assert f"| zero_shot | deterministic | {points['zero_shot'][0, 0]:.1f} | - | " in page
    assert "[" not in page.replace("[a, b]", "")
    assert "Where the scores vary" not in page
