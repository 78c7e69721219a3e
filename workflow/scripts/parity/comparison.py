"""From every run's scores of every dialogue to two tables: an estimate a method and metric, a contrast a pair and metric."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from . import power
from .adaptive_seeds import EQUIVALENCE, NONINFERIORITY, SUPERIORITY
from .bootstrap import crossed_bootstrap, percentile_interval
from .config import contrasts_of, first_of_kind
from .errors import InputError
from .results import DETERMINISTIC, NEW_SEEDS, NO_SEEDS, ONE_RUN, PROTOCOLS, SCORE_COLUMNS, SEEDS, THESE_RUNS, UNIT
from .stats import (
    ALPHA,
    ROUNDING,
    Estimate,
    MethodScores,
    difference,
    linear_estimate,
    probability_better,
    ratio,
    variance_components,
)

# The columns of a pair's row before its estimates are put in.
PAIR_COLUMNS = [
    "method",
    "reference",
    "metric",
    "family",
    "scope",
    "n_seeds",
    "n_seeds_reference",
    "n_dialogues",
    "bootstrap_low",
    "bootstrap_high",
    *power.COMPONENT_COLUMNS,
]


@dataclass(frozen=True)
class StudyScores:
    """All scores of a study.

    Attributes:
        scores: metric -> method -> scores; every array has the dialogues in one order.
        chance: method -> SEEDS, ONE_RUN or DETERMINISTIC.
    """

    scores: dict[str, dict[str, MethodScores]]
    chance: dict[str, str]

    def scope(self, *methods: str) -> str:
        found = {self.chance[method] for method in methods}
        return THESE_RUNS if ONE_RUN in found else NEW_SEEDS if SEEDS in found else NO_SEEDS

    def components(self, method: str, reference: str, metric: str) -> dict[str, float]:
        """What the standard error of a contrast is made of, as columns of contrasts.csv."""
        pair = (self.scores[metric][method], self.scores[metric][reference])
        found = power.contrast_components(*pair, tuple(self.chance[name] == DETERMINISTIC for name in (method, reference)))
        return power.as_columns(found, found and power.cautious(found, *pair))


def read_study(runs: list[tuple[str, Path]], deterministic: set[str]) -> StudyScores:
    """Read the scores.csv of every run.

    Args:
        runs: (method, path) a run, a method's runs in the order of its seeds.
        deterministic: the methods whose summaries no seed changes.
    Raises:
        InputError: a file lacks a score, holds one that is no number from 0 to 100, or its dialogues are not those of
            the first file. Nothing is joined silently: a mean over the dialogues that two runs share is of neither.
    """
    first_path = runs[0][1]
    ids: pd.Index | None = None
    rows: dict[str, list[np.ndarray]] = {}
    for method, path in runs:
        table = _read_scores(path)
        if ids is None:
            ids = table.index
        elif not table.index.equals(ids):
            _refuse_other_dialogues(path, table.index, first_path, ids)
            table = table.loc[ids]
        rows.setdefault(method, []).append(table.to_numpy())
    stacked = {method: np.stack(parts) for method, parts in rows.items()}
    return StudyScores(
        {
            metric: {method: MethodScores(values[:, :, column]) for method, values in stacked.items()}
            for column, metric in enumerate(SCORE_COLUMNS)
        },
        {
            method: DETERMINISTIC if method in deterministic else SEEDS if len(parts) > 1 else ONE_RUN
            for method, parts in rows.items()
        },
    )


def estimates_table(study: StudyScores, config: dict) -> pd.DataFrame:
    """A row a method and metric: mean, 95 % interval, variance components, and how much of full fine-tuning it keeps.

    percent_of_full is 100 x mean / mean of the first full method; percent_of_gain is the share that the method keeps of
    the gain of full over zero-shot. Bounds are infinite where Fieller's interval has none.
    """
    full, zero_shot = first_of_kind(config, "full"), first_of_kind(config, "zero_shot")
    rows = []
    for method, metric in itertools.product(config["compare"], SCORE_COLUMNS):
        of_metric = study.scores[metric]
        scores = of_metric[method]
        components = variance_components(scores)
        row = {
            "method": method,
            "kind": config["methods"][method]["kind"],
            "metric": metric,
            "is_primary": metric == config["comparison"]["primary_metric"],
            "chance": study.chance[method],
            "scope": study.scope(method),
            "n_seeds": 0 if study.chance[method] == DETERMINISTIC else scores.n_seeds,
            "n_dialogues": scores.n_dialogues,
            "mean": scores.mean,
        }
        row |= _spread(linear_estimate([(1, scores)]))
        row |= {
            "sd_seed_means": float(scores.seed_means.std(ddof=1)) if scores.n_seeds > 1 else math.nan,
            "sd_seed": math.sqrt(components.seed),
            "sd_dialogue": math.sqrt(components.dialogue),
            "sd_residual": math.sqrt(components.residual),
            "intraclass_correlation": components.intraclass_correlation,
        }
        row["scope_of_shares"] = study.scope(*filter(None, (method, full, zero_shot))) if full else None
        row |= _percent("percent_of_full", [(1, scores)], [(1, of_metric[full])] if full else None)
        gain = [(1, of_metric[full]), (-1, of_metric[zero_shot])] if full and zero_shot and method != zero_shot else None
        row |= _percent("percent_of_gain", [(1, scores), (-1, of_metric[zero_shot])] if gain else None, gain)
        rows.append(row | {"unit": UNIT, "protocol": PROTOCOLS[metric]})
    return pd.DataFrame(rows)


def contrasts_table(study: StudyScores, config: dict, look: dict | None = None) -> pd.DataFrame:
    """A row a pair of methods and metric.

    The declared contrasts on the primary metric are confirmatory: their p values are adjusted after Holm (1979), for
    each question (difference, non-inferiority, equivalence) over all of them, and the margin counts for them. Every other
    row is exploratory and has no adjusted p. One more family, `p_holm_all_pairs`, holds all pairs of methods that are no
    baseline on the primary metric; it is what naming one method the best rests on.

    Args:
        look: the record of the last look, where seeds were added until the questions were settled. The adjusted p values are
            then those of the questions, over all looks and after Holm over all questions, and no p is given for what was not
            asked; `looks_low` and `looks_high` are the interval that holds at all looks; `p_holm_all_pairs` is empty.
    """
    settings = config["comparison"]
    primary = settings["primary_metric"]
    declared = contrasts_of(config)
    rows, pairs, wins = [], [], []
    for metric in SCORE_COLUMNS:
        of_metric = study.scores[metric]
        draws = crossed_bootstrap(of_metric, settings["n_bootstrap"], settings["bootstrap_seed"])
        for method, reference in _pairs(config, declared):
            has_interval = of_metric[method].n_dialogues > 1
            low, high = percentile_interval(draws[method] - draws[reference]) if has_interval else (math.nan, math.nan)
            rows.append(
                {
                    "method": method,
                    "reference": reference,
                    "metric": metric,
                    "family": _family(metric == primary and (method, reference) in declared),
                    "scope": study.scope(method, reference),
                    "n_seeds": _seeds(study, method, metric),
                    "n_seeds_reference": _seeds(study, reference, metric),
                    "n_dialogues": of_metric[method].n_dialogues,
                    "bootstrap_low": low,
                    "bootstrap_high": high,
                }
                | study.components(method, reference, metric)
            )
            pairs.append((of_metric[method], of_metric[reference]))
            wins.append(probability_better(*pairs[-1]))
    return _finished(pd.DataFrame(rows, columns=PAIR_COLUMNS), pairs, _arrays(wins), config, look)


def _finished(
    table: pd.DataFrame, pairs: list[tuple[MethodScores, MethodScores]], wins: Estimate, config: dict, look: dict | None
) -> pd.DataFrame:
    settings = config["comparison"]
    estimate = _arrays([difference(*pair) for pair in pairs])
    table["difference"] = estimate.value
    table["low"], table["high"] = estimate.interval()
    table["se"], table["df"] = estimate.se, estimate.df
    table["p"] = estimate.p_difference()
    confirmatory = table["family"] == _family(True)
    no_baseline = ~table[["method", "reference"]].isin(_baselines(config)).any(axis=1)
    all_pairs = no_baseline & (table["metric"] == settings["primary_metric"])
    table["p_holm"] = _holm(table["p"], confirmatory)
    table["p_holm_all_pairs"] = _holm(table["p"], all_pairs)
    table["margin"] = math.nan
    for question in ("noninferior", "equivalent"):
        table[f"p_{question}"] = math.nan
    if settings["margin"] is not None:
        table.loc[confirmatory, "margin"] = float(settings["margin"])
        table.loc[confirmatory, "p_noninferior"] = estimate.p_noninferior(settings["margin"])[confirmatory]
        table.loc[confirmatory, "p_equivalent"] = estimate.p_equivalent(settings["margin"])[confirmatory]
    for question in ("noninferior", "equivalent"):
        table[f"p_{question}_holm"] = _holm(table[f"p_{question}"], confirmatory)
    if look is not None:
        _put_in_looks(table, look)
    table["probability_better"] = wins.value
    low, high = wins.interval()
    table["probability_better_low"], table["probability_better_high"] = np.clip(low, 0, 1), np.clip(high, 0, 1)
    table["smallest_detectable_difference"] = (
        power.smallest_detectable_difference(power.designs_found(pairs), settings["power"]) if pairs else math.nan
    )
    table["unit"] = UNIT
    table["protocol"] = table["metric"].map(PROTOCOLS)
    bootstrap = ["bootstrap_low", "bootstrap_high"]
    first = list(table.columns[: table.columns.get_loc("bootstrap_low")])
    later = [column for column in table.columns if column not in {*first, *bootstrap, "difference", "low", "high"}]
    return table[[*first, "difference", "low", "high", *bootstrap, *later]]


# The column that a question's adjusted p stands in.
ADJUSTED = {SUPERIORITY: "p_holm", NONINFERIORITY: "p_noninferior_holm", EQUIVALENCE: "p_equivalent_holm"}


def _put_in_looks(table: pd.DataFrame, look: dict) -> None:
    """In place of p values of the data as if they had been looked at once, those over all looks."""
    table[[*ADJUSTED.values(), "p_holm_all_pairs", "p_beyond", "looks_low", "looks_high"]] = math.nan
    for question in look["questions"]:
        method, reference = question["contrast"]
        row = (table["method"] == method) & (table["reference"] == reference) & (table["family"] == _family(True))
        table.loc[row, ADJUSTED[question["question"]]] = question["p_holm"]
        if question["question"] != SUPERIORITY:
            table.loc[row, "p_beyond"] = question["p_beyond"]
        low, high = question["interval"]
        table.loc[row, ["looks_low", "looks_high"]] = (math.nan, math.nan) if low is None else (low, high)


def _pairs(config: dict, declared: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """All pairs (method, reference), the declared ones first and as declared; otherwise against full, or the earlier one."""
    full = first_of_kind(config, "full")
    known = {frozenset(pair) for pair in declared}
    others = [
        (later, earlier) if later != full else (earlier, later)
        for earlier, later in itertools.combinations(config["compare"], 2)
        if frozenset((earlier, later)) not in known
    ]
    return [*declared, *others]


def _read_scores(path: Path) -> pd.DataFrame:
    remedy = "Delete this file; snakemake scores the run again"
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False)
    except ValueError as error:
        raise InputError(str(path), f"is no readable table ({str(error).strip()})", remedy) from error
    if not isinstance(text.index, pd.RangeIndex):
        raise InputError(str(path), "has rows of more cells than its header", remedy)
    if missing := [column for column in ("id", *SCORE_COLUMNS) if column not in text]:
        raise InputError(str(path), f"lacks the column(s) {', '.join(missing)}", remedy)
    if text.empty:
        raise InputError(str(path), "holds no dialogue", remedy)
    if text["id"].duplicated().any():
        raise InputError(str(path), f"the dialogue {text.loc[text['id'].duplicated(), 'id'].iloc[0]} stands there twice", remedy)
    text = text.set_index("id")[list(SCORE_COLUMNS)]
    table = text.apply(pd.to_numeric, errors="coerce")
    outside = ~((table >= -ROUNDING) & (table <= 100 + ROUNDING))
    if outside.any(axis=None):
        dialogue, metric = outside.stack()[lambda cells: cells].index[0]
        where = f"{path}: {metric} of the dialogue {dialogue} = {text.loc[dialogue, metric] or 'nothing'}"
        raise InputError(where, "is no score from 0 to 100", remedy)
    return table


def _refuse_other_dialogues(path: Path, ids: pd.Index, first_path: Path, expected: pd.Index) -> None:
    lacking, surplus = expected.difference(ids, sort=False), ids.difference(expected, sort=False)
    parts = [
        f"{what}: {', '.join(found[:10])}{' ...' if len(found) > 10 else ''}"
        for what, found in (
            (f"it lacks {len(lacking)} of them", lacking),
            (f"it holds {len(surplus)} that are not there", surplus),
        )
        if len(found)
    ]
    if parts:
        problem = f"its dialogues are not those of {first_path}; {'; '.join(parts)}"
        raise InputError(str(path), problem, "Score both runs on the same test set: delete both files and call snakemake")


def _spread(estimate: Estimate) -> dict[str, float]:
    low, high = estimate.interval()
    return {"low": float(low), "high": float(high), "se": estimate.se, "df": estimate.df}


def _percent(name: str, numerator: list | None, denominator: list | None) -> dict[str, float]:
    if denominator is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), math.nan)
    found = ratio(numerator, denominator)
    return {name: 100 * found.value, f"{name}_low": 100 * found.low, f"{name}_high": 100 * found.high}


def _holm(p: pd.Series, family: pd.Series) -> pd.Series:
    """p adjusted over the rows of the family, NaN elsewhere and where p is NaN."""
    adjusted = pd.Series(math.nan, index=p.index)
    chosen = family & p.notna()
    if chosen.any():
        adjusted[chosen] = multipletests(p[chosen], alpha=ALPHA, method="holm")[1]
    return adjusted


def _arrays(estimates: list[Estimate]) -> Estimate:
    return Estimate(*(np.array([getattr(estimate, name) for estimate in estimates], float) for name in ("value", "se", "df")))


def _seeds(study: StudyScores, method: str, metric: str) -> int:
    return 0 if study.chance[method] == DETERMINISTIC else study.scores[metric][method].n_seeds


def _baselines(config: dict) -> list[str]:
    return [name for name in config["compare"] if config["methods"][name]["kind"] == "baseline"]


def _family(is_confirmatory: bool) -> str:
    return "confirmatory" if is_confirmatory else "exploratory"
