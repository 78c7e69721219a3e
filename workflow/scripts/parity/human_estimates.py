"""What people's ratings say of methods, raters and ROUGE: a table with a row a quantity."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from . import human_stats as hs
from .human_ratings import Ratings
from .human_scales import HIGH, LOW
from .results import METRICS
from .stats import MethodScores, linear_estimate

# The mean over the scales of one rater's judgement of one summary.
OVERALL = "overall"
PREFERENCE = "preference"
COLUMNS = ["quantity", "method", "reference", "scale", "metric", "value", "low", "high", "new_raters_low", "new_raters_high"]
COLUMNS += ["lowest_rater", "highest_rater", "n_raters", "n_dialogues", "n_judgements"]


@dataclass(frozen=True)
class Judged:
    """Ratings as arrays, beside the scores of the summaries that were judged."""

    found: Ratings
    key: dict
    n_bootstrap: int

    @cached_property
    def raters(self) -> list[str]:
        return [
            name for name in self.key["sheets"] if name in set(self.found.ratings["rater"]) | set(self.found.preferences["rater"])
        ]

    @cached_property
    def dialogues(self) -> list[str]:
        """Those that anybody judged, in the key's order."""
        judged = set(self.found.ratings["dialogue"]) | set(self.found.preferences["dialogue"])
        return [one["id"] for one in self.key["dialogues"] if one["id"] in judged]

    @cached_property
    def methods(self) -> list[str]:
        return list(self.key["dialogues"][0]["summaries"])

    @cached_property
    def scored(self) -> list[str]:
        """The methods whose ROUGE can be compared."""
        return [name for name in self.methods if name not in self.key["ceilings"]]

    @cached_property
    def scales(self) -> list[str]:
        scales = self.key["settings"]["scales"]
        return [*scales, OVERALL] if len(scales) > 1 else list(scales)

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        """Scale -> ratings, shape (raters, dialogues, methods), NaN where there is none."""
        shape = (len(self.raters), len(self.dialogues), len(self.methods))
        places = [{name: place for place, name in enumerate(names)} for names in (self.raters, self.dialogues, self.methods)]
        found = {}
        for scale in self.key["settings"]["scales"]:
            rows = self.found.ratings[self.found.ratings["scale"] == scale]
            found[scale] = np.full(shape, math.nan)
            cells = [rows[column].map(of) for column, of in zip(("rater", "dialogue", "method"), places, strict=True)]
            found[scale][tuple(np.asarray(cell, int) for cell in cells)] = rows["rating"]
        # NaN where one of the scales is missing.
        return found | {OVERALL: np.mean(list(found.values()), axis=0)}

    def scores(self, metric: str) -> np.ndarray:
        """ROUGE of the summaries that were shown, shape (dialogues, scored methods)."""
        shown = {one["id"]: one["summaries"] for one in self.key["dialogues"]}
        return np.array([[shown[name][method]["scores"][metric] for method in self.scored] for name in self.dialogues])

    def shares(self, method: str, reference: str) -> pd.DataFrame:
        """Preferences between the two, `share` being the first one's."""
        rows = self.found.preferences
        same = rows[(rows["method"] == method) & (rows["reference"] == reference)]
        other = rows[(rows["method"] == reference) & (rows["reference"] == method)]
        return pd.concat([same, other.assign(share=1 - other["share"])])

    @cached_property
    def draws(self) -> np.ndarray:
        return hs.resampled(len(self.dialogues), self.n_bootstrap, self.key["settings"]["seed"])


def estimates_table(judged: Judged) -> pd.DataFrame:
    """A row a quantity; `low` and `high` bound it for these raters on new dialogues, `new_raters_*` for new raters as well."""
    parts: tuple[Callable[[Judged], Iterator[dict]], ...] = (_ratings, _preferences, _order, _agreement, _with_rouge)
    return pd.DataFrame([row for part in parts for row in part(judged)], columns=COLUMNS)


def _ratings(judged: Judged) -> Iterator[dict]:
    for scale in judged.scales:
        values = judged.values[scale]
        for place, method in enumerate(judged.methods):
            yield {"quantity": "rating", "method": method, "scale": scale} | crossed_mean(values[:, :, place], LOW, HIGH)
    for scale in judged.scales:
        values = judged.values[scale]
        for method, reference in _pairs(judged):
            gap = values[:, :, judged.methods.index(method)] - values[:, :, judged.methods.index(reference)]
            names = {"quantity": "difference", "method": method, "reference": reference, "scale": scale}
            yield names | crossed_mean(gap, LOW - HIGH, HIGH - LOW)


def _pairs(judged: Judged) -> list[tuple[str, str]]:
    return [(later, earlier) for earlier, later in combinations(judged.methods, 2)]


def crossed_mean(values: np.ndarray, least: float, most: float) -> dict:
    """A mean over dialogues and raters, shape (raters, dialogues), NaN where there is no judgement.

    For these raters: t over the dialogues' means. For new raters: the two-way interval of `stats.linear_estimate`, with raters
    in the place of seeds, over the dialogues that all raters judged.
    """
    is_there = np.isfinite(values)
    counts = is_there.sum(axis=0)
    sums = np.where(is_there, values, 0.0).sum(axis=0)
    found = hs.mean_over_dialogues(np.divide(sums, counts, out=np.full(len(counts), math.nan), where=counts > 0))
    by_rater = [float(row[there].mean()) for row, there in zip(values, is_there, strict=True) if there.any()]
    low, high = math.nan, math.nan
    everywhere = values[:, is_there.all(axis=0)]
    if everywhere.shape[0] > 1 and everywhere.shape[1] > 1:
        low, high = linear_estimate([(1, MethodScores(everywhere))]).interval()
    return {
        "value": found.value,
        "low": max(found.low, least),
        "high": min(found.high, most),
        "new_raters_low": max(low, least),
        "new_raters_high": min(high, most),
        "n_dialogues": int((counts > 0).sum()),
        "n_judgements": int(is_there.sum()),
    } | _by_rater(by_rater)


def _by_rater(values: list[float]) -> dict:
    return {
        "lowest_rater": min(values, default=math.nan),
        "highest_rater": max(values, default=math.nan),
        "n_raters": len(values),
    }


def _preferences(judged: Judged) -> Iterator[dict]:
    for method, reference in _pairs(judged):
        rows = judged.shares(method, reference)
        if rows.empty:
            continue
        found = hs.proportion(rows["share"].to_numpy(), rows["dialogue"].to_numpy())
        by_rater = rows.groupby("rater")["share"].mean().tolist()
        names = {"quantity": "win_rate", "method": method, "reference": reference}
        yield names | asdict(found) | _by_rater(by_rater) | _counts(rows["dialogue"].nunique(), len(rows))


def _counts(n_dialogues: int, n_judgements: int) -> dict:
    return {"n_dialogues": n_dialogues, "n_judgements": n_judgements}


def _order(judged: Judged) -> Iterator[dict]:
    """Bradley-Terry strengths and the ranks that follow, intervals by drawing dialogues again."""
    if judged.found.preferences.empty:
        return
    place = {name: number for number, name in enumerate(judged.methods)}
    wins = np.zeros((len(judged.dialogues), len(place), len(place)))
    for row in judged.found.preferences.itertuples():
        dialogue, method, reference = judged.dialogues.index(row.dialogue), place[row.method], place[row.reference]
        wins[dialogue, method, reference] += row.share
        wins[dialogue, reference, method] += 1 - row.share
    strengths = hs.bradley_terry(wins.sum(axis=0))
    drawn = hs.bradley_terry(np.tensordot(judged.draws, wins, axes=1))
    counts = _counts(len(judged.dialogues), len(judged.found.preferences))
    for quantity, value, draws in (("strength", strengths, drawn), ("rank", _ranks(strengths), _ranks(drawn))):
        for method, number in place.items():
            found = hs.from_draws(float(value[number]), draws[:, number])
            yield {"quantity": quantity, "method": method} | asdict(found) | {"n_raters": len(judged.raters)} | counts


def _ranks(strengths: np.ndarray) -> np.ndarray:
    """1 for the strongest; equal ones share the mean of their ranks."""
    gaps = strengths[..., None, :] - strengths[..., :, None]
    above, level = (gaps > hs.PRECISION * 10).sum(axis=-1), (np.abs(gaps) <= hs.PRECISION * 10).sum(axis=-1)
    return above + (level + 1) / 2


def _agreement(judged: Judged) -> Iterator[dict]:
    """Krippendorff's alpha a scale, and of preferences where two raters or more were asked about the same two summaries."""
    for scale in judged.key["settings"]["scales"]:
        values = judged.values[scale]
        units = hs.coincidences(values.reshape(len(values), -1) - LOW, HIGH - LOW + 1)
        yield _alpha(scale, units.reshape(len(judged.dialogues), -1, *units.shape[1:]).sum(axis=1), np.isfinite(values), judged)
    rows = judged.found.preferences
    if not rows.duplicated(["dialogue", "method", "reference"]).any():
        return
    table = rows.pivot(index="rater", columns=["dialogue", "method", "reference"], values="share")
    units = hs.coincidences(2 * table.to_numpy(), 3)
    by_dialogue = np.zeros((len(judged.dialogues), 3, 3))
    np.add.at(by_dialogue, [judged.dialogues.index(name) for name in table.columns.get_level_values("dialogue")], units)
    yield _alpha(PREFERENCE, by_dialogue, table.notna().to_numpy(), judged)


def _alpha(scale: str, by_dialogue: np.ndarray, is_there: np.ndarray, judged: Judged) -> dict:
    drawn = hs.ordinal_alpha(np.tensordot(judged.draws, by_dialogue, axes=1))
    found = hs.from_draws(float(hs.ordinal_alpha(by_dialogue.sum(axis=0))), drawn)
    counts = _counts(int((by_dialogue.sum(axis=(1, 2)) > 0).sum()), int(is_there.sum()))
    return {"quantity": "alpha", "scale": scale} | asdict(found) | {"n_raters": len(judged.raters)} | counts


def _with_rouge(judged: Judged) -> Iterator[dict]:
    """How far ROUGE orders summaries, and methods, as the raters do; references by people are left out."""
    if len(judged.scored) < 2:
        return
    columns = [judged.methods.index(name) for name in judged.scored]
    primary = judged.key["metric"]
    for metric in dict.fromkeys((primary, *METRICS)):
        scores = judged.scores(metric)
        for scale in judged.scales:
            values = judged.values[scale][:, :, columns]
            counts = np.isfinite(values).sum(axis=0)
            means = np.divide(np.nansum(values, axis=0), counts, out=np.full(counts.shape, math.nan), where=counts > 0)
            is_whole = np.isfinite(means).all(axis=1)
            names = {"scale": scale, "metric": metric, "n_raters": len(judged.raters)}
            taus = hs.kendall_tau(scores[is_whole], means[is_whole])
            counted = _counts(int(np.isfinite(taus).sum()), int(counts[is_whole].sum()))
            yield {"quantity": "tau_summaries"} | names | asdict(hs.mean_over_dialogues(taus)) | counted
            # Of two methods there is but one order or the other.
            if len(columns) > 2 and is_whole.any():
                draws = judged.draws[:, is_whole]
                drawn = hs.kendall_tau(draws @ scores[is_whole], draws @ means[is_whole])
                whole = hs.kendall_tau(scores[is_whole].mean(axis=0), means[is_whole].mean(axis=0))
                found = hs.from_draws(float(whole), drawn)
                counted = _counts(int(is_whole.sum()), int(counts[is_whole].sum()))
                yield {"quantity": "tau_methods"} | names | asdict(found) | counted
        yield from _choices(judged, metric, scores)


def _choices(judged: Judged, metric: str, scores: np.ndarray) -> Iterator[dict]:
    """In how many preferences the summary with the higher score is the preferred one; no difference, of either, is a half."""
    rows = judged.found.preferences
    rows = rows[rows[["method", "reference"]].isin(judged.scored).all(axis=1)]
    if rows.empty:
        return
    dialogues = [judged.dialogues.index(name) for name in rows["dialogue"]]
    columns = [[judged.scored.index(name) for name in rows[side]] for side in ("method", "reference")]
    gaps = np.round(scores[dialogues, columns[0]] - scores[dialogues, columns[1]], 9)
    shares = 0.5 + np.sign(gaps) * (rows["share"].to_numpy() - 0.5)
    found = hs.proportion(shares, rows["dialogue"].to_numpy())
    names = {"quantity": "choices", "metric": metric, "n_raters": rows["rater"].nunique()}
    yield names | asdict(found) | _counts(rows["dialogue"].nunique(), len(rows))
