"""Quality against cost: which methods no other beats on both."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from .pictures import LEFT, MARKERS, RIGHT, WIDTH, Picture, colours, drawing, legend, legend_rows, panel, series, sheet
from .reported import Reported, intervals
from .row_panels import bounds, reference_lines
from .wording import counted, metric_name

PANEL_HEIGHT, TITLE, AXIS, NUMBERS = 140, 18, 40, 26
MOST_TICKS = 7
FRONT = "Pareto front: no method does better for less"


@dataclass(frozen=True)
class Cost:
    """A column of the summary as people read it."""

    column: str
    name: str
    unit_is: float = 1.0


COSTS = (
    Cost("trainable", "trainable parameters"),
    Cost("bytes_on_disk", "MB on disk", 1e6),
    Cost("train_seconds", "seconds of training"),
    Cost("generate_seconds", "seconds of writing the summaries"),
    Cost("gpu_energy_joules", "kJ that the GPUs took", 1e3),
    Cost("cpu_energy_joules", "kJ that the processors took", 1e3),
    Cost("study_hours", "hours of all its runs, until the verdict"),
    Cost("study_gpu_hours", "GPU hours of all its runs, until the verdict"),
    Cost("study_money", "money for all its runs, until the verdict"),
)


def cost_picture(study: Reported) -> Picture:
    """A panel a cost that is known: quality against it, with the Pareto front."""
    title = f"{metric_name(study.metric)} against what it costs"
    known = {cost: found for cost in COSTS if (found := costs_of(study, cost))}
    if not known:
        return Picture("cost", title, "Quality against cost: what the methods here cost is not known, or nothing.", None)
    shown = [name for name in study.methods if any(name in found for found in known.values())]
    lines = {name: study.primary.loc[name, "mean"] for name in [*study.ceilings, *study.floors]}
    with drawing():
        each = TITLE + PANEL_HEIGHT + AXIS
        rows = legend_rows(shown) + len(lines) + 1
        figure = sheet(len(known) * each + 16 * rows + 6)
        for place, (cost, found) in enumerate(known.items()):
            front, references = _panel(figure, place * each + TITLE, study, cost, found, shown, lines)
        marks = [Line2D([], [], linestyle="", marker=_marker(n), color=series(n), markersize=7) for n in range(len(shown))]
        top = len(known) * each
        legend(figure, marks, shown, top)
        legend(figure, [*references[0], front], [*references[1], FRONT], top + 16 * legend_rows(shown))
    return Picture("cost", title, _caption(study, known), figure)


def costs_of(study: Reported, cost: Cost) -> dict[str, float]:
    """Each method's mean cost over seeds, in its unit, where it has a model and its cost is known and above nothing."""
    with_model = study.summary[study.summary["trainable"].notna()].set_index("method")[cost.column]
    return {name: value / cost.unit_is for name, value in with_model.items() if value > 0 and math.isfinite(value)}


def pareto_front(points: dict[str, tuple[float, float]]) -> list[str]:
    """The names of the (cost, quality) points that no other beats, from the cheapest.

    One beats another that costs no less and is no better, and differs from it.
    """
    front: list[str] = []
    best = -math.inf
    for name in sorted(points, key=lambda name: (points[name][0], -points[name][1])):
        is_equal = bool(front) and points[name] == points[front[-1]]
        if points[name][1] > best or is_equal:
            front.append(name)
            best = points[name][1]
    return front


def _panel(figure, top: float, study: Reported, cost: Cost, found: dict[str, float], shown: list[str], lines: dict[str, float]):
    """Draw one cost. Returns the front's handle, and handles and labels of the lines."""
    axes = panel(figure, top, PANEL_HEIGHT, LEFT + NUMBERS, WIDTH - LEFT - NUMBERS - RIGHT)
    axes.set_xscale("log")
    low, high = min(found.values()), max(found.values())
    reach = max((high / low) ** 0.1, 1.3)
    # Before anything is drawn: where all costs are one, matplotlib finds no limits of its own.
    axes.set_xlim(low / reach, high * reach)
    axes.set_xlabel(cost.name, labelpad=1)
    axes.grid(True)
    axes.set_title(metric_name(study.metric), pad=3)
    references = reference_lines(axes, lines, study.ceilings, is_vertical=False)
    rows = study.primary.loc[list(found)]
    for name, value in found.items():
        place, row = shown.index(name), study.primary.loc[name]
        if not math.isnan(row["low"]):
            axes.vlines(value, row["low"], row["high"], color=series(place), linewidth=1.6)
        axes.plot([value], [row["mean"]], _marker(place), color=series(place), markersize=7)
    axes.set_ylim(*bounds([*rows["mean"], *rows["low"], *rows["high"], *lines.values()], 0.12))
    axes.xaxis.set_major_locator(FixedLocator(cost_ticks(low / reach, high * reach)))
    front = _front(axes, study, found, high * reach)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: short_number(value))
    return front, references


def _front(axes, study: Reported, found: dict[str, float], end: float):
    names = pareto_front({name: (value, study.primary.loc[name, "mean"]) for name, value in found.items()})
    points = [(found[name], study.primary.loc[name, "mean"]) for name in names]
    points.append((end, points[-1][1]))
    return axes.plot(*zip(*points, strict=True), color=colours()["ink"], linewidth=0.9, drawstyle="steps-post", zorder=1)[0]


def cost_ticks(low: float, high: float) -> list[float]:
    """Round numbers within the limits of a logarithmic axis, no more than fit."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits, step in (((1, 2, 5), 1), ((1,), 1), ((1,), 2), ((1,), 3), ((1,), 4)):
        ticks = [digit * 10.0**exponent for exponent in exponents[::step] for digit in digits]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= MOST_TICKS:
            break
    if len(ticks) < 2:
        ticks = [float(tick) for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= high]
    return ticks


def short_number(value: float) -> str:
    """'0.2', '50', '50k', '4M', '2G'."""
    for power, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= power:
            return f"{value / power:g}{letter}"
    return f"{value:g}"


def _marker(place: int) -> str:
    return MARKERS[place % len(MARKERS)]


def _caption(study: Reported, known: dict[Cost, dict[str, float]]) -> str:
    parts = [
        f"Mean {metric_name(study.metric)} on {counted(study.primary['n_dialogues'].iloc[0], 'test dialogue')} against mean costs over seeds, "
        f"on logarithmic scales; what it took until the verdict is the sum over a method's runs. Upright lines: {intervals(study)}. "
        "The stepped line is the Pareto front of the means, which says nothing of whether differences are real."
    ]
    for cost, found in known.items():
        names = pareto_front({name: (value, study.primary.loc[name, "mean"]) for name, value in found.items()})
        parts.append(f"For {cost.name}: {', '.join(names)}.")
    unknown = [name for name in study.contenders if not any(name in found for found in known.values())]
    if unknown:
        parts.append(f"Not drawn, since nobody here knows what they cost: {', '.join(unknown)}.")
    return " ".join(parts)
