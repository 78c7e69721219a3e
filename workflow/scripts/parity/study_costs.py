"""What a study costs: hours, GPU hours, energy and money of all its runs until the verdict, and of runs still to come."""

from __future__ import annotations

import math

import pandas as pd

from .cost_tables import PHASES
from .wording import integer, markdown, number

# Columns of summary.csv, a method's runs in sum.
COLUMNS = ("study_runs", "study_hours", "study_gpu_hours", "study_kwh", "study_money")
JOULES_A_KWH = 3.6e6


def run_costs(results: pd.DataFrame, config: dict) -> pd.DataFrame:
    """Of each run (results.csv): hours of all its jobs, GPU hours, kWh of GPUs and processors, and money.

    Money is hours, GPU hours and kWh times the rates of the config's block `costs`; NaN where none is set, or where energy has
    a rate and is not known.
    """
    rates = config["costs"]
    hours = results[[f"{phase}_seconds" for phase in PHASES]].astype(float).sum(axis=1) / 3600
    gpu_hours = results["gpu_hours"].astype(float)
    joules = results[["gpu_energy_joules", "cpu_energy_joules"]].astype(float)
    # What no GPU computed has no energy of GPUs; of everything else, nobody knows the sum where a part is not known.
    on_gpu = gpu_hours > 0
    kwh = (joules["gpu_energy_joules"].where(on_gpu, 0.0) + joules["cpu_energy_joules"]) / JOULES_A_KWH
    parts = {"per_hour": hours, "per_gpu_hour": gpu_hours, "per_kwh": kwh}
    set_rates = {key: rates[key] for key in parts if rates[key] is not None}
    money = sum(rate * parts[key] for key, rate in set_rates.items()) if set_rates else pd.Series(math.nan, index=results.index)
    return pd.DataFrame({"method": results["method"], "hours": hours, "gpu_hours": gpu_hours, "kwh": kwh, "money": money})


def spent(results: pd.DataFrame, config: dict) -> pd.DataFrame:
    """COLUMNS by method: the sums over its runs, NaN where one is not known."""
    runs = run_costs(results, config)
    sums = runs.groupby("method", sort=False)[["hours", "gpu_hours", "kwh", "money"]].agg(lambda values: values.sum(skipna=False))
    sums.insert(0, "runs", runs.groupby("method", sort=False).size())
    return sums.add_prefix("study_")


def spent_parts(summary: pd.DataFrame, config: dict) -> list[str]:
    """What the study cost until its verdict, as parts of the section on costs: a row a method, and the sum.

    Empty where no method has a model, as that section then is.
    """
    if summary["trainable"].isna().all():
        return []
    sums = summary[list(COLUMNS)].sum(skipna=False)
    rows = [_row(method["method"], method, sums, summary, config) for _, method in summary.iterrows()]
    return [
        "Until the verdict: all runs of a method together. *Hours* are those of its jobs, one after another."
        + (f" {config['costs']['currency']} by the rates of the config." if _has(summary, "study_money") else ""),
        markdown([*rows, _row("the whole study", sums, sums, summary, config)]),
    ]


def _row(name: str, costs: pd.Series, sums: pd.Series, summary: pd.DataFrame, config: dict) -> dict[str, str]:
    def shown(column: str) -> str:
        return _part(costs[column], sums[column])

    row = {"Method": name, "Runs": integer(costs["study_runs"]), "Hours": shown("study_hours")}
    if summary["study_gpu_hours"].gt(0).any():
        row["GPU hours"] = shown("study_gpu_hours")
    if _has(summary, "study_kwh"):
        row["Energy, kWh"] = shown("study_kwh")
    if _has(summary, "study_money"):
        row[config["costs"]["currency"]] = number(costs["study_money"], 2)
    return row


def _has(summary: pd.DataFrame, column: str) -> bool:
    return bool(summary[column].notna().any())


def price(counts: dict[str, int], results: pd.DataFrame, config: dict) -> str:
    """What so many runs of each method cost, if they cost what those in `results` do: '3.2 hours, 1.6 GPU hours, 4.80 EUR'.

    With two runs or more of a method, ± the standard deviation that comes from theirs.
    """
    runs = run_costs(results, config)
    means = runs.groupby("method")[["hours", "gpu_hours", "money"]].mean()
    deviations = runs.groupby("method")[["hours", "gpu_hours", "money"]].std()
    shown = []
    for column, unit in (("hours", "hours"), ("gpu_hours", "GPU hours"), ("money", config["costs"]["currency"])):
        total = sum(count * means.loc[name, column] for name, count in counts.items())
        if not total > 0:
            continue
        variance = sum(count * deviations.loc[name, column] ** 2 for name, count in counts.items())
        # To as many decimals as the sum, and left out where that would be zero.
        decimals = _decimals(total)
        spread = math.sqrt(variance) if math.isfinite(variance) else 0.0
        more = f" ± {number(spread, decimals)}" if round(spread, decimals) > 0 else ""
        shown.append(f"{short(total)}{more} {unit}")
    return ", ".join(shown) or "nothing that is known"


def short(value: float) -> str:
    """Three digits of a number that may be small: '0.0123', '4.56', '789'."""
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    return number(value, _decimals(value))


def _part(value: float, whole: float) -> str:
    """`value` to as many decimals as `whole` has in `short`: '0.068' of '0.130', and '< 0.001' where they do not show it."""
    if not (math.isfinite(value) and math.isfinite(whole) and value > 0):
        return short(value)
    decimals = _decimals(whole)
    return number(value, decimals) if round(value, decimals) > 0 else f"< {10**-decimals:.{decimals}f}"


def _decimals(value: float) -> int:
    return max(0, 2 - math.floor(math.log10(abs(value))))
