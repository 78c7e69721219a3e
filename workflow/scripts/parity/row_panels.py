"""Panels with a row a method or contrast: its name and numbers as a line of text, and below it what is drawn."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .pictures import DASHES, colours, fitting, panel
from .wording import number

# Of a row, in pixels, and where in it things stand: text hangs from the top, marks lie below it.
ROW = 34
TEXT_AT, MARKS_AT, LOWER_AT = 0.98, 0.36, 0.14
# An axis with its numbers and its name.
AXIS = 36
TITLE = 20


def rows_height(n_rows: int) -> float:
    return ROW * n_rows


def row_panel(figure: Figure, top: float, labels: list[str], axis_name: str) -> Axes:
    """A panel of len(labels) rows; row i is drawn between y = -i - 1 and -i, see `marks`."""
    axes = panel(figure, top, rows_height(len(labels)))
    axes.set_ylim(-len(labels), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(axis_name)
    # Lines across the panel must not strike the text through.
    ground = {"facecolor": colours()["paper"], "edgecolor": "none", "pad": 0.5}
    for place, label in enumerate(labels):
        axes.text(0, -place - 1 + TEXT_AT, fitting(label), transform=axes.get_yaxis_transform(), va="top", bbox=ground)
    return axes


def marks(place: int) -> float:
    return -place - 1 + MARKS_AT


def lower_marks(place: int) -> float:
    return -place - 1 + LOWER_AT


def estimate(
    axes: Axes, y: float, value: float, low: float, high: float, marker: str, colour: str, is_filled: bool = True
) -> None:
    """A mean or difference with its interval, which may be missing (NaN)."""
    if low == low:
        axes.plot([low, high], [y, y], color=colour, linewidth=2, solid_capstyle="butt")
    axes.plot([value], [y], marker, color=colour, markersize=6, markerfacecolor=colour if is_filled else colours()["paper"])


def bounds(values: list[float], share: float = 0.05) -> tuple[float, float]:
    """Limits of an axis around all values that are there."""
    there = [value for value in values if value == value]
    low, high = min(there), max(there)
    reach = share * (high - low) or max(abs(high) * share, 0.5)
    return low - reach, high + reach


def reference_lines(axes: Axes, lines: dict[str, float], ceilings: list[str], is_vertical: bool = True) -> tuple[list, list[str]]:
    """Draw floors and ceilings across a panel, a kind of line each.

    Args:
        lines: a method's mean by its name.
    Returns:
        handles and labels for a legend.
    """
    handles, labels = [], []
    for place, (name, value) in enumerate(lines.items()):
        is_ceiling = name in ceilings
        draw = axes.axvline if is_vertical else axes.axhline
        style = (
            {"color": colours()["good"]} if is_ceiling else {"color": colours()["soft"], "linestyle": DASHES[place % len(DASHES)]}
        )
        handles.append(draw(value, linewidth=1.3, zorder=0.5, **style))
        labels.append(f"{name}, {'ceiling' if is_ceiling else 'floor'}: {number(value, 1)}")
    return handles, labels


def text_with_interval(value: float, low: float, high: float, digits: int) -> str:
    interval = f" [{number(low, digits)}, {number(high, digits)}]" if low == low and low != high else ""
    return f"{number(value, digits)}{interval}"
