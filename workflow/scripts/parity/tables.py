"""From the runs' records to the tables: a row a run, a row a method, and a page to read."""

from __future__ import annotations

import pandas as pd
from tabulate import tabulate

from .results import METRICS

NAMES = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L", "rougeLsum": "ROUGE-Lsum"}
# Nobody here knows what chance went into a file of somebody else's.
SEEDLESS = {"predictions": "one file"}
COST_COLUMNS = ("trainable", "trainable_percent", "bytes_on_disk", "train_seconds", "peak_memory_bytes", "generate_seconds")


def results_table(records: list[dict]) -> pd.DataFrame:
    """A row a run (rouge.json), in the order given: method, seed, metrics, costs and where they come from."""
    return pd.DataFrame([_result_row(record) for record in records])


def summary_table(results: pd.DataFrame, config: dict) -> pd.DataFrame:
    """A row a method, in the config's order.

    Means and sample standard deviations (n - 1) over seeds of each metric, mean costs, the share of full fine-tuning's
    mean that a method keeps (in percent; the full method is the first of kind full in `compare`), and the published
    scores. A cell without a value is missing (NaN).
    """
    full = next((name for name in config["compare"] if config["methods"][name]["kind"] == "full"), None)
    published = config.get("published", {}).get("scores", {})
    rows = []
    for name in config["compare"]:
        runs = results[results["method"] == name]
        row = {"method": name, "kind": runs["kind"].iloc[0], "n_seeds": int(runs["seed"].notna().sum())}
        for metric in [*METRICS, *(f"{metric}_max" for metric in METRICS)]:
            row[f"{metric}_mean"] = runs[metric].mean()
            row[f"{metric}_sd"] = runs[metric].std(ddof=1)
        row |= {column: runs[column].mean() for column in COST_COLUMNS}
        for metric in METRICS:
            reference = results.loc[results["method"] == full, metric].mean() if full else float("nan")
            row[f"{metric}_percent_of_full"] = 100 * row[f"{metric}_mean"] / reference if reference else float("nan")
        for column in (*METRICS, "trainable_percent"):
            row[f"published_{column}"] = published.get(name, {}).get(column, float("nan"))
        rows.append(row)
    return pd.DataFrame(rows)


def summary_page(summary: pd.DataFrame, results: pd.DataFrame, config: dict) -> str:
    """The tables as Markdown: quality, cost and every run."""
    counts = results.iloc[0]
    references = counts["references"] / counts["dialogues"]
    parts = [
        f"# {config['name']}",
        f"ROUGE F-measure in points (0 to 100) on {counts['dialogues']} test dialogues with {references:.3g} reference(s) each: "
        "the mean over a dialogue's references, then over dialogues. Mean ± standard deviation over seeds.",
        f"Model: {config['model']['name_or_path']}. Data: {config['data']['name_or_path']}.",
        _markdown(_quality_rows(summary)),
    ]
    if "published" in config:
        parts.append(f"Published, not measured here: {config['published']['source']}.")
    parts += [
        "## What it costs",
        "Means over seeds. Size: the weights that a run leaves on disk. Memory: the peak while training.",
        _markdown(_cost_rows(summary)),
        "## Every run",
        _markdown(_run_rows(results)),
    ]
    return "\n\n".join(parts) + "\n"


def _result_row(record: dict) -> dict:
    training, generation = record["training"] or {}, record["generation"] or {}
    trains_nothing = record["kind"] == "zero_shot"
    return {
        "study": record["study"],
        "method": record["method"],
        "kind": record["kind"],
        "seed": record["seed"],
        **record["metrics"],
        **record["counts"],
        "trainable": 0 if trains_nothing else training.get("trainable"),
        "trainable_percent": 0 if trains_nothing else training.get("trainable_percent"),
        "bytes_on_disk": 0 if trains_nothing else training.get("bytes_on_disk"),
        "train_seconds": 0 if trains_nothing else training.get("seconds"),
        "peak_memory_bytes": training.get("peak_memory_bytes"),
        "eval_loss": training.get("eval_loss"),
        "generate_seconds": generation.get("seconds"),
        "cut_off": generation.get("cut_off"),
        "commit": record["provenance"]["code"]["commit"],
        "dirty": record["provenance"]["code"]["dirty"],
        "train_device": training.get("device"),
        "generate_device": generation.get("device"),
    }


def _quality_rows(summary: pd.DataFrame) -> list[dict]:
    rows = []
    for _, method in summary.iterrows():
        row = {"Method": method["method"], "Seeds": method["n_seeds"] or SEEDLESS.get(method["kind"], "deterministic")}
        for metric in METRICS:
            row[NAMES[metric]] = _spread(method[f"{metric}_mean"], method[f"{metric}_sd"])
        row["ROUGE-1, % of full"] = _number(method["rouge1_percent_of_full"], 1)
        if summary[[f"published_{metric}" for metric in METRICS]].notna().any(axis=None):
            row["Published R-1 / R-2 / R-L"] = " / ".join(
                _number(method[f"published_{metric}"], 1) for metric in ("rouge1", "rouge2", "rougeL")
            )
        rows.append(row)
    return rows


def _cost_rows(summary: pd.DataFrame) -> list[dict]:
    rows = []
    for _, method in summary[summary["trainable"].notna()].iterrows():
        row = {
            "Method": method["method"],
            "Trainable parameters": f"{method['trainable']:,.0f}",
            "Trainable %": _number(method["trainable_percent"], 3),
            "Size, MB": _number(method["bytes_on_disk"] / 1e6, 2),
            "Training, s": _number(method["train_seconds"], 1),
            "Memory, MB": _number(method["peak_memory_bytes"] / 1e6, 0),
            "Generation, s": _number(method["generate_seconds"], 1),
        }
        if summary["published_trainable_percent"].notna().any():
            row["Published trainable %"] = _number(method["published_trainable_percent"], 2)
        rows.append(row)
    return rows


def _run_rows(results: pd.DataFrame) -> list[dict]:
    return [
        {"Method": run["method"], "Seed": "-" if pd.isna(run["seed"]) else int(run["seed"])}
        | {NAMES[metric]: _number(run[metric], 2) for metric in METRICS}
        | {"Evaluation loss": _number(run["eval_loss"], 3)}
        for _, run in results.iterrows()
    ]


def _spread(mean: float, deviation: float) -> str:
    return _number(mean, 1) if pd.isna(deviation) else f"{mean:.1f} ± {deviation:.1f}"


def _number(value: float, digits: int) -> str:
    return "-" if value is None or pd.isna(value) else f"{value:.{digits}f}"


def _markdown(rows: list[dict]) -> str:
    return tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True)
