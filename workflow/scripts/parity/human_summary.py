"""The human evaluation in one record, summary.json: what pages and the verdict say of it, and where ROUGE and people disagree."""

from __future__ import annotations

import math
from itertools import combinations

import pandas as pd

from .human_estimates import Judged

# What people and ROUGE say of two methods; the first two are flagged.
CONTRADICTS, DIFFERS = "contradicts", "differs"
AGREES, PEOPLE_ONLY, ROUGE_ONLY, OPEN = "agrees", "people only", "ROUGE only", "open"
FLAGGED = (CONTRADICTS, DIFFERS)


def human_summary(judged: Judged, estimates: pd.DataFrame, contrasts: pd.DataFrame, changed_runs: list[str], study: str) -> dict:
    """What summary.json holds.

    Args:
        judged: the ratings.
        estimates: of `human_estimates.estimates_table`.
        contrasts: contrasts.csv of the study.
        changed_runs: the runs whose summaries are no longer those that were judged.
        study: its name.
    """
    key = judged.key
    wanted = len(key["dialogues"]) * len(judged.raters) * len(judged.methods) * len(key["settings"]["scales"])
    return {
        "study": study,
        "metric": key["metric"],
        "methods": judged.methods,
        "ceilings": key["ceilings"],
        "scales": judged.scales,
        "raters": judged.raters,
        "silent_raters": [name for name in key["sheets"] if name not in judged.raters],
        "n_dialogues": len(judged.dialogues),
        "n_ratings": len(judged.found.ratings),
        "n_ratings_of_full_sheets": wanted,
        "n_preferences": len(judged.found.preferences),
        "changed_runs": changed_runs,
        "pairs": [_pair(*pair, judged, estimates, contrasts) for pair in combinations(judged.methods, 2)],
        "estimates": [_plain(row) for row in estimates.to_dict("records")],
    }


def _pair(earlier: str, later: str, judged: Judged, estimates: pd.DataFrame, contrasts: pd.DataFrame) -> dict:
    """Two methods, in the order that contrasts.csv has them in, as people and as ROUGE see them."""
    of_metric = contrasts[contrasts["metric"] == judged.key["metric"]]
    both = of_metric[["method", "reference"]].isin([earlier, later]).all(axis=1)
    contrast = next((row for _, row in of_metric[both].iterrows()), None)
    method, reference = (later, earlier) if contrast is None else (contrast["method"], contrast["reference"])
    people = {
        "win_rate": _estimate(estimates, "win_rate", method, reference, None),
        "difference": _estimate(estimates, "difference", method, reference, judged.scales[-1]),
    }
    rouge = None
    if contrast is not None and not set(judged.key["ceilings"]) & {method, reference}:
        rouge = _plain({name: float(contrast[name]) for name in ("difference", "low", "high")})
    return {
        "method": method,
        "reference": reference,
        "is_confirmatory": contrast is not None and contrast["family"] == "confirmatory",
        **people,
        "rouge": rouge,
        "finding": finding(*people.values(), rouge),
    }


def finding(win_rate: dict | None, difference: dict, rouge: dict | None) -> str | None:
    """Whether people and ROUGE order two methods alike, each counting as sure where its interval leaves out no difference.

    People's word is their preference, or, where that was not asked, the difference of their ratings. None without a ROUGE of
    both methods.
    """
    if rouge is None:
        return None
    people = _side(difference, 0.0) if win_rate is None else _side(win_rate, 0.5)
    metric = _side(rouge | {"value": rouge["difference"]}, 0.0)
    if not people["is_sure"]:
        return ROUGE_ONLY if metric["is_sure"] else OPEN
    if people["sign"] == metric["sign"]:
        return AGREES if metric["is_sure"] else PEOPLE_ONLY
    # No difference at all, to the last bit, is no order.
    return CONTRADICTS if metric["is_sure"] else DIFFERS if metric["sign"] else PEOPLE_ONLY


def _side(estimate: dict, middle: float) -> dict:
    low, high = (math.nan if estimate[name] is None else estimate[name] for name in ("low", "high"))
    gap = estimate["value"] - middle
    return {"sign": (gap > 0) - (gap < 0), "is_sure": low > middle or high < middle}


def _estimate(estimates: pd.DataFrame, quantity: str, method: str, reference: str, scale: str | None) -> dict | None:
    """An estimate of method against reference, turned round where the table has the pair the other way."""
    rows = estimates[estimates["quantity"] == quantity]
    rows = rows[rows["scale"].isna() if scale is None else rows["scale"] == scale]
    for _, row in rows.iterrows():
        found = _plain({name: row[name] for name in row.index[5:]})
        if (row["method"], row["reference"]) == (method, reference):
            return found
        if (row["method"], row["reference"]) == (reference, method):
            return _turned(found, 1.0 if quantity == "win_rate" else 0.0)
    return None


def _turned(found: dict, whole: float) -> dict:
    """The estimate as seen from the other method: `whole` minus it."""
    turned = dict(found)
    for low, high in (("low", "high"), ("new_raters_low", "new_raters_high"), ("lowest_rater", "highest_rater")):
        turned[low], turned[high] = (None if found[name] is None else whole - found[name] for name in (high, low))
    return turned | {"value": whole - found["value"]}


def _plain(row: dict) -> dict:
    """A row as JSON has it: nothing where a value is missing, whole numbers whole."""
    return {name: None if pd.isna(value) else int(value) if name.startswith("n_") else value for name, value in row.items()}
