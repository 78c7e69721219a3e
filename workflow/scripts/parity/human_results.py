"""The pages of a human evaluation: human.md, and the section of report.html."""

from __future__ import annotations

from .human_scales import HIGH, LOW
from .human_summary import FLAGGED
from .human_verdict import FINDINGS, bounds, cautions, pair_sentence, percent, scope, who
from .page import Section, read_part, render
from .wording import markdown, metric_name, number

EXPLANATIONS = {
    "ratings": "Means of ratings from 1 to 5. *These raters*: 95 % interval on new dialogues. *New raters too*: the same with other raters "
    "drawn like these; with few raters it is wide, and with one there is none. *Raters*: the lowest and the highest mean of one rater.",
    "preferences": "How often the first method's summary was found better, no difference counting one half. *Ratings*: the difference of "
    "their ratings, over all scales.",
    "order": "Bradley-Terry: the odds that one method is preferred to another are exp(difference of strengths). Intervals by drawing "
    "dialogues again.",
    "agreement": "Krippendorff's alpha for ordered values: 1 is full agreement, 0 what chance gives. He asks for 0.8, and for 0.667 "
    "where conclusions may be tentative.",
    "rouge": "*Summaries*: Kendall's tau-b between ROUGE and the mean rating over the summaries of one dialogue, mean over dialogues. "
    "*Methods*: tau-b between the methods' means. *Choices*: in how many preferences the better one has the higher ROUGE.",
}


def results_page(summary: dict) -> str:
    """The human evaluation as Markdown."""
    parts = [f"# What people say of `{summary['study']}`", f"{who(summary)} {scope(summary)}"]
    if found := cautions(summary):
        parts.append("\n".join(f"- {text}" for text in found))
    if flags := [pair for pair in summary["pairs"] if pair["finding"] in FLAGGED]:
        parts.append("\n".join(f"- {pair_sentence(pair, summary)}" for pair in flags))
    for title, name, rows in tables(summary):
        parts += [f"## {title}", markdown(rows), EXPLANATIONS[name]]
    return "\n\n".join(parts) + "\n"


def human_section(summary: dict) -> Section:
    """The section of report.html, from what summary.json holds."""
    html = render(
        "human_results.html.j2",
        opening=f"{who(summary)} {scope(summary)}".replace("`", ""),
        cautions=cautions(summary),
        pairs=[
            {"text": pair_sentence(pair, summary).replace("`", "").replace("**", ""), "is_flagged": pair["finding"] in FLAGGED}
            for pair in summary["pairs"]
            if pair["is_confirmatory"] or pair["finding"] in FLAGGED
        ],
        tables=[
            {"title": title, "rows": rows, "note": EXPLANATIONS[name].replace("*", ""), "marks": _marks(name, summary)}
            for title, name, rows in tables(summary)
        ],
    )
    return Section("human-evaluation", "What people say", html, style=read_part("human_results.css"))


def tables(summary: dict) -> list[tuple[str, str, list[dict]]]:
    """(title, name, rows) of every table that has rows."""
    found = [
        ("Ratings", "ratings", _rating_rows(summary)),
        ("Preferences", "preferences", _preference_rows(summary)),
        ("Order", "order", _order_rows(summary)),
        ("Do the raters agree?", "agreement", _alpha_rows(summary)),
        ("Does ROUGE judge as people do?", "rouge", _rouge_rows(summary)),
    ]
    return [table for table in found if table[2]]


def _of(summary: dict, quantity: str) -> list[dict]:
    return [row for row in summary["estimates"] if row["quantity"] == quantity]


def _rating_rows(summary: dict) -> list[dict]:
    return [
        {
            "Method": row["method"],
            "Scale": row["scale"],
            "Mean": number(row["value"], 2),
            "These raters": bounds(row) or "-",
            "New raters too": _new_raters(row),
            "Raters": f"{number(row['lowest_rater'], 2)} to {number(row['highest_rater'], 2)}",
        }
        for row in sorted(_of(summary, "rating"), key=lambda row: summary["methods"].index(row["method"]))
    ]


def _new_raters(row: dict) -> str:
    return bounds({"low": row["new_raters_low"], "high": row["new_raters_high"]}) or "-"


def _preference_rows(summary: dict) -> list[dict]:
    metric = metric_name(summary["metric"])
    rows = []
    for pair in summary["pairs"]:
        rate, gap, rouge = pair["win_rate"], pair["difference"], pair["rouge"]
        row = {"Pair": f"{pair['method']} against {pair['reference']}"}
        if rate:
            raters = [number(100 * rate[name], 0) for name in ("lowest_rater", "highest_rater")]
            row |= {
                "Preferred": percent(rate),
                "Raters": f"{' to '.join(raters)} %",
                "Asked": f"{rate['n_judgements']} times, {rate['n_dialogues']} dialogues",
            }
        row |= {
            "Ratings": f"{number(gap['value'], 2)} {bounds(gap)}".strip(),
            "New raters too": _new_raters(gap),
            metric: f"{number(rouge['difference'], 2)} {bounds(rouge)}".strip() if rouge else "-",
            "Together": FINDINGS[pair["finding"]].format(metric=metric),
        }
        rows.append(row)
    columns = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name, "-") for name in columns} for row in rows]


def _order_rows(summary: dict) -> list[dict]:
    ranks = {row["method"]: row for row in _of(summary, "rank")}
    rows = sorted(_of(summary, "strength"), key=lambda row: -row["value"])
    return [
        {
            "Rank": f"{number(rank['value'], 1).removesuffix('.0')} {bounds(rank, 0)}".strip(),
            "Method": row["method"],
            "Strength": f"{number(row['value'], 2)} {bounds(row)}".strip(),
        }
        for row in rows
        if (rank := ranks[row["method"]])
    ]


def _alpha_rows(summary: dict) -> list[dict]:
    return [
        {
            "Of": row["scale"],
            "Alpha": number(row["value"], 2),
            "95 % interval": bounds(row) or "-",
            "Judgements": row["n_judgements"],
        }
        for row in _of(summary, "alpha")
    ]


def _rouge_rows(summary: dict) -> list[dict]:
    """A row a metric; correlations with the mean over scales."""
    scale = summary["scales"][-1]
    found: dict[str, dict] = {}
    for title, quantity in (("Summaries", "tau_summaries"), ("Methods", "tau_methods"), ("Choices", "choices")):
        for row in _of(summary, quantity):
            if row["scale"] in (scale, None):
                text = percent(row) if quantity == "choices" else f"{number(row['value'], 2)} {bounds(row)}".strip()
                found.setdefault(metric_name(row["metric"]), {})[title] = text
    columns = dict.fromkeys(name for row in found.values() for name in row)
    return [{"Metric": metric} | {name: row.get(name, "-") for name in columns} for metric, row in found.items()]


def _marks(name: str, summary: dict) -> list[dict] | None:
    """Of the ratings, where mean and interval lie between the scale's ends, in percent of its length."""
    if name != "ratings":
        return None

    def place(value: float | None) -> float | None:
        return None if value is None else round(100 * (value - LOW) / (HIGH - LOW), 2)

    rows = sorted(_of(summary, "rating"), key=lambda row: summary["methods"].index(row["method"]))
    return [{end: place(row[end]) for end in ("value", "low", "high")} for row in rows]
