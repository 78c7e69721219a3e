"""From the runs' records to the tables: a row a run, a row a method, and a page to read."""

from __future__ import annotations

import pandas as pd

from .config import first_of_kind
from .cost_tables import COST_COLUMNS, cost_parts, cost_row
from .results import METRICS, PROTOCOL, UNIT
from .study_costs import spent, spent_parts
from .wording import (
    NAMES,
    UNBOUNDED,
    UNBOUNDED_NOTE,
    as_text,
    markdown,
    metric_name,
    number,
    opening,
    protocol,
    seeds_of,
    with_interval,
)

ESTIMATE_COLUMNS = {
    "mean": "mean",
    "low": "low",
    "high": "high",
    "sd": "sd_seed_means",
    **{
        f"{share}{bound}": f"{share}{bound}"
        for share in ("percent_of_full", "percent_of_gain")
        for bound in ("", "_low", "_high")
    },
}


def results_table(records: list[dict]) -> pd.DataFrame:
    """A row a run (rouge.json), in the order given: method, seed, metrics, costs and where they come from."""
    return pd.DataFrame([_result_row(record) for record in records])


def summary_table(results: pd.DataFrame, estimates: pd.DataFrame, config: dict) -> pd.DataFrame:
    """A row a method, in the config's order.

    Of each metric the mean, its 95 % interval, the sample standard deviation (n - 1) of the seeds' means, and the shares
    of full fine-tuning's mean and of its gain over zero-shot with theirs, in percent; mean costs over seeds, and the sums of all
    its runs (study_*); and the published scores. A cell without a value is missing (NaN).
    """
    published = config.get("published", {}).get("scores", {})
    sums = spent(results, config)
    rows = []
    for name in config["compare"]:
        runs = results[results["method"] == name]
        of_method = estimates[estimates["method"] == name].set_index("metric")
        first = of_method.iloc[0]
        row = {key: first[key] for key in ("method", "kind", "n_seeds", "n_dialogues", "chance", "scope")}
        row["references_per_dialogue"] = runs["references"].iloc[0] / runs["dialogues"].iloc[0]
        for metric, found in of_method.iterrows():
            row |= {f"{metric}_{column}": found[source] for column, source in ESTIMATE_COLUMNS.items()}
        # A column that no run has a value of holds objects.
        row |= runs[list(COST_COLUMNS)].astype(float).mean().to_dict()
        row |= sums.loc[name].to_dict()
        for column in (*METRICS, "trainable_percent"):
            row[f"published_{column}"] = published.get(name, {}).get(column, float("nan"))
        rows.append(row | {"unit": UNIT, "protocol": PROTOCOL})
    return pd.DataFrame(rows)


def summary_page(summary: pd.DataFrame, estimates: pd.DataFrame, results: pd.DataFrame, config: dict) -> str:
    """The tables as Markdown: quality on the primary metric and the others, where it varies, cost, and every run."""
    parts = [
        f"# {config['name']}",
        *opening(results, config),
        *primary_parts(summary, config),
        "What these numbers establish, and what they do not, stands in `verdict.md`.",
        *further_parts(summary, estimates, config),
        *cost_parts(summary),
        *spent_parts(summary, config),
        "## Every run",
        every_run(results, config),
    ]
    return "\n\n".join(parts) + "\n"


def primary_parts(summary: pd.DataFrame, config: dict) -> list[str]:
    """The table of the primary metric and what is to be said of it, as Markdown."""
    table = markdown(_primary_rows(summary, config["comparison"]["primary_metric"], first_of_kind(config, "full")))
    parts = [table]
    if UNBOUNDED in table:
        parts.append(f"*Unbounded*: {UNBOUNDED_NOTE}")
    if "published" in config:
        parts.append(f"Published, not measured here: {as_text(config['published']['source'])}.")
    return parts


def further_parts(summary: pd.DataFrame, estimates: pd.DataFrame, config: dict) -> list[str]:
    """The other metrics, and where the primary one varies, as Markdown."""
    primary = config["comparison"]["primary_metric"]
    others = [metric for metric in METRICS if metric != primary]
    parts = [
        "## Other metrics",
        f"Exploratory, since the study's verdicts rest on the primary metric alone. In points: {protocol(others[0])}.",
        markdown(_other_rows(summary, others)),
    ]
    if varying := _variance_rows(estimates[estimates["is_primary"]]):
        parts += [
            "## Where the scores vary",
            f"Standard deviations of {metric_name(primary)} in points. *Seeds*: between the seeds' true means, 0 where seeds differ by no "
            "more than the residual alone would make them (*SD over seeds* above holds both). *Dialogues*: between the dialogues' "
            "true means. *Residual*: between seeds on one dialogue, beyond that. *ICC*: the share of a single "
            "score's variance that belongs to its dialogue.",
            markdown(varying),
        ]
    return parts


def every_run(results: pd.DataFrame, config: dict) -> str:
    """A row a run, as a Markdown table."""
    primary = config["comparison"]["primary_metric"]
    return markdown(_run_rows(results, METRICS if primary in METRICS else (primary, *METRICS)))


def _result_row(record: dict) -> dict:
    training, generation = record["training"] or {}, record["generation"] or {}
    return {
        "study": record["study"],
        "method": record["method"],
        "kind": record["kind"],
        "seed": record["seed"],
        **record["metrics"],
        "unit": record["unit"],
        "protocol": record["protocol"],
        **record["counts"],
        **cost_row(record),
        "eval_loss": training.get("eval_loss"),
        "cut_off": generation.get("cut_off"),
        "commit": record["provenance"]["code"]["commit"],
        "dirty": record["provenance"]["code"]["dirty"],
        "train_device": training.get("device"),
        "generate_device": generation.get("device"),
    }


def _primary_rows(summary: pd.DataFrame, metric: str, full: str | None) -> list[dict]:
    rows = []
    for _, method in summary.iterrows():
        # A method is 100 % of itself, even where that could as well be zero.
        share = _value if method["method"] == full else with_interval
        row = {
            "Method": method["method"],
            "Seeds": seeds_of(method),
            metric_name(metric): with_interval(method, f"{metric}_mean", metric),
            "SD over seeds": number(method[f"{metric}_sd"], 2),
            "% of full": share(method, f"{metric}_percent_of_full"),
            "% of full's gain": share(method, f"{metric}_percent_of_gain"),
        }
        if summary[[f"published_{metric}" for metric in METRICS]].notna().any(axis=None):
            row["Published R-1 / R-2 / R-L"] = " / ".join(
                number(method[f"published_{metric}"], 1) for metric in ("rouge1", "rouge2", "rougeL")
            )
        rows.append(row)
    return rows


def _value(method: pd.Series, column: str) -> str:
    return number(method[column], 1)


def _other_rows(summary: pd.DataFrame, metrics: list[str]) -> list[dict]:
    return [
        {"Method": method["method"]} | {NAMES[metric]: with_interval(method, f"{metric}_mean", metric) for metric in metrics}
        for _, method in summary.iterrows()
    ]


def _variance_rows(estimates: pd.DataFrame) -> list[dict]:
    return [
        {
            "Method": row["method"],
            "Seeds": seeds_of(row),
            "SD seeds": number(row["sd_seed"], 2),
            "SD dialogues": number(row["sd_dialogue"], 2),
            "SD residual": number(row["sd_residual"], 2),
            "ICC": number(row["intraclass_correlation"], 2),
        }
        for _, row in estimates[estimates["sd_residual"].notna()].iterrows()
    ]


def _run_rows(results: pd.DataFrame, metrics: tuple[str, ...]) -> list[dict]:
    return [
        {"Method": run["method"], "Seed": "-" if pd.isna(run["seed"]) else int(run["seed"])}
        | {metric_name(metric): number(run[metric], 2) for metric in metrics}
        | {"Evaluation loss": number(run["eval_loss"], 3)}
        for _, run in results.iterrows()
    ]
