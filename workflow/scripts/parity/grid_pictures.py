"""Pictures with a small panel a method: learning curves, and quality against the dialogues' length."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .pictures import LEFT, RIGHT, WIDTH, Picture, colours, drawing, fitting, legend, panel, sheet
from .reported import Course, Reported, intervals
from .stats import MethodScores, linear_estimate
from .wording import counted, metric_name

COLUMNS = 2
PANEL_HEIGHT, TITLE, TICKS, AXIS_NAME = 110, 20, 20, 18
# A second line of a name, and the characters that fit a line of one.
LINE, FITTING_PANEL = 13, 22
# Of the picture's left edge, for the numbers of an axis.
NUMBERS = 30
# How many points all curves of a study, and one of them, are drawn with at most and at least.
MOST_POINTS, MOST_A_CURVE, LEAST_A_CURVE = 20_000, 100, 20
GROUPS, LEAST_A_GROUP = 5, 10
# Other methods behind a panel: all of them in all panels would be the square of their number.
MOST_BEHIND = 20


def curves_picture(study: Reported) -> Picture:
    """The losses of every training, a panel a method and a line a run."""
    title = "Learning curves of every run"
    if not study.courses:
        return Picture("curves", title, "Learning curves: no method here was trained, so there are none to draw.", None)
    n_runs = sum(map(len, study.courses.values()))
    limit = int(np.clip(MOST_POINTS / n_runs, LEAST_A_CURVE, MOST_A_CURVE))
    with drawing():
        figure, panels = _grid(list(study.courses), "epochs", extra=22)
        for axes, courses in zip(panels, study.courses.values(), strict=True):
            handles = _curves(axes, courses, limit)
        _share(
            panels,
            [points for courses in study.courses.values() for course in courses for points in (course.loss, course.eval_loss)],
        )
        legend(figure, *handles, figure.get_figheight() * 72 - 20)
    thinned = any(len(course.loss) > limit for courses in study.courses.values() for course in courses)
    caption = (
        f"Loss against epochs of {counted(n_runs, 'training')}, a panel a method and a line a seed, on one scale. Lines: the training loss"
        f"{f', averaged over neighbouring steps to at most {limit} points a run' if thinned else ''}. Open circles on dashed lines: the loss "
        "on the validation dialogues. Methods that smooth labels differently have losses that cannot be compared."
    )
    return Picture("curves", title, caption, figure)


def _curves(axes: Axes, courses: list[Course], limit: int) -> tuple[list, list[str]]:
    # Many runs in one place are easier told apart where they are lighter.
    alpha = 0.8 if len(courses) <= 5 else 0.4
    for course in courses:
        loss, held_out = thinned_curve(course.loss, limit), thinned_curve(course.eval_loss, limit)
        [training] = axes.plot(loss[:, 0], loss[:, 1], color=colours()["series-1"], alpha=alpha, linewidth=1.2)
        [validation] = axes.plot(
            *(held_out[:, 0], held_out[:, 1]),
            *("--o",),
            color=colours()["series-2"],
            alpha=alpha,
            linewidth=1.2,
            markersize=4,
            markerfacecolor="none",
        )
    return [training, validation], ["training", "validation"]


def thinned_curve(points: np.ndarray, limit: int) -> np.ndarray:
    """A curve of shape (n, 2) with at most `limit` points, each the mean of neighbours."""
    if len(points) <= limit:
        return points
    return np.array([part.mean(axis=0) for part in np.array_split(points, limit)])


def length_picture(study: Reported) -> Picture:
    """Quality in groups of dialogues of like length, a panel a method with the others behind it."""
    title = f"{metric_name(study.metric)} against the dialogue's length"
    groups = length_groups(study.lengths)
    if len(groups) < 2:
        few = f"Dialogue length: {counted(len(study.lengths), 'test dialogue')} of {len(set(study.lengths))} different lengths are too few."
        return Picture("length", title, few, None)
    at = [float(np.mean(study.lengths[group])) for group in groups]
    lines = {name: [_in_group(study.of_metric[name], group) for group in groups] for name in study.methods}
    behind = _behind(study)
    with drawing():
        figure, panels = _grid(study.methods, study.length_unit)
        for axes, name in zip(panels, study.methods, strict=True):
            for other in behind:
                axes.plot(at, [value for value, _, _ in lines[other]], color=colours()["line"], linewidth=1)
            values, lows, highs = np.array(lines[name]).T
            axes.vlines(at, lows, highs, color=colours()["series-1"], linewidth=1.6)
            axes.plot(at, values, "-o", color=colours()["series-1"], markersize=4)
        _share(panels, [np.array([(x, y) for x, row in zip(at, line, strict=True) for y in row]) for line in lines.values()])
    sizes = sorted({len(group) for group in groups})
    others = (
        "the other methods" if len(behind) == len(study.methods) else f"{len(behind)} methods from the lowest mean to the highest"
    )
    caption = (
        f"Mean {metric_name(study.metric)} of the {counted(len(study.lengths), 'test dialogue')} in {len(groups)} groups from the shortest to "
        f"the longest ({' to '.join(map(str, sizes[:: max(len(sizes) - 1, 1)]))} dialogues a group), against the group's mean length in "
        f"{study.length_unit}; a panel a method, {others} in grey behind it. Upright lines: {intervals(study)}, of one group each and "
        "not adjusted. Exploratory."
    )
    return Picture("length", title, caption, figure)


def _behind(study: Reported) -> list[str]:
    """The methods to draw behind every panel: all, or of many an even choice by their means."""
    ranked = sorted(study.methods, key=lambda name: study.of_metric[name].mean)
    chosen = np.unique(np.linspace(0, len(ranked) - 1, MOST_BEHIND).round().astype(int))
    kept = {ranked[place] for place in chosen}
    return [name for name in study.methods if name in kept]


def length_groups(lengths: np.ndarray) -> list[np.ndarray]:
    """Places of the dialogues in up to GROUPS groups of like length; dialogues of one length are never set apart."""
    wanted = min(GROUPS, len(lengths) // LEAST_A_GROUP)
    if wanted < 2:
        return []
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, wanted + 1)[1:-1]))
    of_each = np.searchsorted(edges, lengths, side="left")
    groups = [np.flatnonzero(of_each == group) for group in range(len(edges) + 1)]
    return [group for group in groups if len(group) > 1]


def _in_group(scores: MethodScores, group: np.ndarray) -> tuple[float, float, float]:
    found = linear_estimate([(1, MethodScores(scores.values[:, group]))])
    return (found.value, *map(float, found.interval()))


def _grid(names: list[str], axis_name: str, extra: float = 0) -> tuple[Figure, list[Axes]]:
    """Panels of one size in COLUMNS columns, with the names above; numbers at the left and the lower edge alone."""
    n_rows = -(-len(names) // COLUMNS)
    title = TITLE + (LINE if max(map(len, names)) > FITTING_PANEL else 0)
    each = title + PANEL_HEIGHT
    figure = sheet(n_rows * each + TICKS + AXIS_NAME + extra)
    width = (WIDTH - NUMBERS - LEFT - RIGHT - 12) / COLUMNS
    panels = []
    for place, name in enumerate(names):
        row, column = divmod(place, COLUMNS)
        axes = panel(figure, row * each + title, PANEL_HEIGHT, LEFT + NUMBERS + column * (width + 12), width)
        name = fitting(name, 2 * FITTING_PANEL)
        axes.set_title("\n".join(filter(None, (name[:FITTING_PANEL], name[FITTING_PANEL:]))), pad=3)
        axes.grid(True)
        is_lowest = place + COLUMNS >= len(names)
        axes.tick_params(labelleft=column == 0, labelbottom=is_lowest, length=2)
        axes.locator_params(axis="x", nbins=3)
        axes.locator_params(axis="y", nbins=4)
        if is_lowest:
            axes.set_xlabel(axis_name, labelpad=1)
        panels.append(axes)
    return figure, panels


def _share(panels: list[Axes], curves: list[np.ndarray]) -> None:
    """One pair of scales for all panels."""
    points = np.concatenate([curve for curve in curves if len(curve)])
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    reach = np.where(high > low, 0.06 * (high - low), 0.5)
    for axes in panels:
        axes.set_xlim(low[0] - reach[0], high[0] + reach[0])
        axes.set_ylim(low[1] - reach[1], high[1] + reach[1])
