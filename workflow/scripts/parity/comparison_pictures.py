"""Pictures of the comparison: means, seeds, contrasts, and how scores spread over dialogues."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .pictures import Picture, colours, drawing, legend, sheet
from .reported import Reported, intervals
from .row_panels import (
    AXIS,
    TITLE,
    bounds,
    estimate,
    lower_marks,
    marks,
    reference_lines,
    row_panel,
    rows_height,
    text_with_interval,
)
from .wording import counted, metric_name, points

BINS = np.linspace(0, 100, 41)


def means_picture(study: Reported) -> Picture:
    """Every method's mean, with floors and ceiling as lines through all of them."""
    shown = study.contenders or study.methods
    lines = {name: study.primary.loc[name, "mean"] for name in [*study.ceilings, *study.floors] if name not in shown}
    labels = []
    for name in shown:
        row = study.primary.loc[name]
        labels.append(f"{name}: {text_with_interval(row['mean'], row['low'], row['high'], 1)}")
    height = rows_height(len(shown)) + AXIS
    with drawing():
        figure = sheet(height + 16 * len(lines) + 10)
        axes = row_panel(figure, 4, labels, f"{metric_name(study.metric)}, points")
        handles, texts = reference_lines(axes, lines, study.ceilings)
        for place, name in enumerate(shown):
            row = study.primary.loc[name]
            estimate(axes, marks(place), row["mean"], row["low"], row["high"], "o", colours()["series-1"])
        rows = study.primary.loc[shown]
        axes.set_xlim(*bounds([*rows["mean"], *rows["low"], *rows["high"], *lines.values()]))
        if handles:
            legend(figure, handles, texts, height + 6)
    said = f" Lines across: {', '.join(lines)}." if lines else ""
    caption = (
        f"Dots: the mean {metric_name(study.metric)} of each method on {_dialogues(study)}. Lines: {intervals(study)}.{said}"
    )
    return Picture("means", f"{metric_name(study.metric)} of each method, with floors and ceiling", caption, figure)


def seeds_picture(study: Reported) -> Picture:
    """Each run's mean, close up."""
    shown = [name for name in study.methods if study.of_metric[name].n_seeds > 1]
    title = f"{metric_name(study.metric)} of each seed"
    if not shown:
        return Picture(
            "seeds", title, "Seeds: no method here has more than one run, so there is no spread over seeds to draw.", None
        )
    labels = [f"{name}: {counted(study.of_metric[name].n_seeds, 'seed')}" for name in shown]
    with drawing():
        figure = sheet(rows_height(len(shown)) + AXIS + 8)
        axes = row_panel(figure, 4, labels, f"{metric_name(study.metric)}, points")
        for place, name in enumerate(shown):
            row, seeds = study.primary.loc[name], study.of_metric[name].seed_means
            estimate(axes, marks(place), row["mean"], row["low"], row["high"], "|", colours()["series-1"])
            axes.plot(seeds, np.full(len(seeds), lower_marks(place)), "o", color=colours()["series-2"], alpha=0.7, markersize=5)
        values = [
            value for name in shown for value in (*study.of_metric[name].seed_means, *study.primary.loc[name, ["low", "high"]])
        ]
        axes.set_xlim(*bounds(values))
    caption = (
        f"Dots: the mean {metric_name(study.metric)} of each run over {_dialogues(study)}, a run a seed. Above them, the method's mean "
        "(upright mark) and its 95 % interval over new dialogues and new seeds. The scale is closer than in the picture of all means."
    )
    return Picture("seeds", title, caption, figure)


def contrasts_picture(study: Reported) -> Picture:
    """A forest plot: the confirmatory contrasts with the margin, and below, on a scale of their own, the others with the same references."""
    of_primary = study.contrasts[study.contrasts["metric"] == study.metric]
    declared = of_primary[of_primary["family"] == "confirmatory"]
    if study.look:
        declared = declared.assign(low=declared["looks_low"], high=declared["looks_high"])
    references = set(declared["reference"]) or set(of_primary["reference"].iloc[:1])
    others = of_primary[(of_primary["family"] != "confirmatory") & of_primary["reference"].isin(references)]
    title = f"Differences in {metric_name(study.metric)} between methods"
    if of_primary.empty:
        return Picture("contrasts", title, "Contrasts: there is one method, so there is nothing to compare it with.", None)
    parts = [(name, rows) for name, rows in (("Confirmatory", declared), ("Exploratory", others)) if len(rows)]
    margin = study.config["comparison"]["margin"] if len(declared) else None
    with drawing():
        height = sum(TITLE + rows_height(len(rows)) + AXIS + 6 for _, rows in parts)
        figure = sheet(height + (18 if margin is not None else 0))
        top = 0
        for name, rows in parts:
            is_declared = name == "Confirmatory"
            heading = f"{name}, on a part of the runs" if study.holes else name
            handles = _forest(figure, top + TITLE, heading, rows, is_declared, margin if is_declared else None)
            top += TITLE + rows_height(len(rows)) + AXIS + 6
            if handles:
                legend(figure, *handles, top)
                top += 18
    caption = (
        f"Difference in mean {metric_name(study.metric)}, first method less second, on {_dialogues(study)}; right of 0 the first scores "
        f"higher. Lines: {intervals(study)}; each is of one contrast, not adjusted for their number."
    )
    if study.look:
        caption += " Those of confirmatory contrasts hold at all looks."
    if margin is not None:
        caption += f" Dashed lines and the shade between them: the declared margin of {points(margin)} around no difference."
    if len(declared) and len(others):
        caption += " Exploratory contrasts (open squares) have a scale of their own."
    return Picture("contrasts", title, caption, figure)


def _forest(
    figure: Figure, top: float, heading: str, rows: pd.DataFrame, is_declared: bool, margin: float | None
) -> tuple[list, list[str]] | None:
    """A panel with a row a contrast. Returns handles and labels for a legend where there is a margin."""
    labels = [
        f"{row['method']} - {row['reference']}: {text_with_interval(row['difference'], row['low'], row['high'], 2)}"
        for _, row in rows.iterrows()
    ]
    axes = row_panel(figure, top, labels, "difference, points")
    axes.set_title(heading, fontweight="bold")
    axes.axvline(0, color=colours()["ink"], linewidth=1, zorder=0.6)
    for place, (_, row) in enumerate(rows.iterrows()):
        colour = colours()["series-1" if is_declared else "soft"]
        estimate(axes, marks(place), row["difference"], row["low"], row["high"], "o" if is_declared else "s", colour, is_declared)
    values = [0, *rows["difference"], *rows["low"], *rows["high"]]
    handles = None
    if margin is not None:
        axes.axvspan(-margin, margin, color=colours()["series-5"], alpha=0.15, linewidth=0, zorder=0.1)
        for bound in (-margin, margin):
            line = axes.axvline(bound, color=colours()["series-2"], linewidth=1.3, linestyle="--", zorder=0.6)
        handles = ([line], [f"the declared margin: ±{points(margin)}"])
        values += [-margin, margin]
    axes.set_xlim(*bounds(values))
    return handles


def scores_picture(study: Reported) -> Picture:
    """How the dialogues' scores spread, a histogram a method."""
    n = study.primary["n_dialogues"].iloc[0]
    shares = {name: np.histogram(study.of_metric[name].dialogue_means.clip(0, 100), BINS)[0] / n for name in study.methods}
    tallest = max(share.max() for share in shares.values())
    labels = [f"{name}: median {np.median(study.of_metric[name].dialogue_means):.1f}" for name in study.methods]
    with drawing():
        figure = sheet(rows_height(len(labels)) + AXIS + 8)
        axes = row_panel(figure, 4, labels, f"{metric_name(study.metric)} of a dialogue, points")
        for place, name in enumerate(study.methods):
            _histogram(axes, place, shares[name] / tallest, np.quantile(study.of_metric[name].dialogue_means, (0.25, 0.5, 0.75)))
        highest = max(study.of_metric[name].dialogue_means.max() for name in study.methods)
        axes.set_xlim(-1, min(100, BINS[np.searchsorted(BINS, min(highest, 99))] + 1))
    caption = (
        f"How {metric_name(study.metric)} spreads over {_dialogues(study)}: the share of dialogues in each {BINS[1]:g} points, on one scale "
        "for all methods; a dialogue's score is its mean over seeds. Below: the median (mark) and the middle half of the dialogues (line), "
        "which is no interval of the mean."
    )
    return Picture("scores", f"Distribution of {metric_name(study.metric)} over dialogues, each method", caption, figure)


def _histogram(axes: Axes, place: int, heights: np.ndarray, quartiles: np.ndarray) -> None:
    base = -place - 1 + 0.2
    axes.stairs(base + 0.5 * heights, BINS, baseline=base, fill=True, color=colours()["series-1"], alpha=0.55, linewidth=0)
    axes.plot(quartiles[[0, 2]], [base - 0.07] * 2, color=colours()["ink"], linewidth=2, solid_capstyle="butt")
    axes.plot(quartiles[1], base - 0.07, "D", color=colours()["ink"], markersize=4)


def _dialogues(study: Reported) -> str:
    return counted(study.primary["n_dialogues"].iloc[0], "test dialogue")
