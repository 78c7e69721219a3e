"""Pictures, made without a display and without a trace of when."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from .plan import CAUTIOUS, ESTIMATED
from .results import PROTOCOLS
from .wording import NAMES, integer, points

STYLES = {ESTIMATED: "-", CAUTIOUS: ":"}
PANEL_INCHES = (6.4, 4.2)
# The name of a glyph of the font that matplotlib brings: in its definition, and where it is used.
GLYPH = re.compile(r'(?<=["#])(DejaVuSans[A-Za-z-]*)-[0-9a-f]+(?=")')
TICKS = [digit * 10.0**exponent for exponent in range(-4, 3) for digit in (1, 2, 5)]


def plan_figure(table: pd.DataFrame, config: dict) -> Figure:
    """Smallest detectable difference against seeds, a panel a contrast and a line a number of dialogues."""
    settings = config["comparison"]
    contrasts = list(dict.fromkeys(zip(table["method"], table["reference"], strict=True)))
    width, height = PANEL_INCHES
    figure = Figure(figsize=(width, height * max(len(contrasts), 1)), layout="constrained")
    if not contrasts:
        figure.text(0.5, 0.5, "No contrast to plan for: see plan.md", ha="center", va="center")
        return figure
    figure.get_layout_engine().set(hspace=0.06)
    panels = figure.subplots(len(contrasts), squeeze=False)[:, 0]
    for panel, (method, reference) in zip(panels, contrasts, strict=True):
        rows = table[(table["method"] == method) & (table["reference"] == reference)]
        panel.set_title(f"{method} against {reference}", loc="left", fontsize=11)
        if (rows["smallest_detectable_difference"] > 0).any():
            _draw(panel, rows, settings)
        else:
            panel.axis("off")
            panel.text(0.5, 0.5, "Nothing varies: every design shows every difference.", ha="center", va="center")
    return figure


def _draw(panel, rows: pd.DataFrame, settings: dict) -> None:
    sizes = sorted(rows["n_dialogues"].unique())
    colours = matplotlib.colormaps["viridis"]
    by_dialogues = (rows["n_seeds"] == 0).all()
    for place, n_dialogues in enumerate(sizes):
        colour = colours(0.85 * place / max(len(sizes) - 1, 1))
        for assumption, style in STYLES.items():
            line = rows[(rows["n_dialogues"] == n_dialogues) & (rows["assumption"] == assumption)]
            if line.empty or by_dialogues:
                continue
            label = f"{integer(n_dialogues)} dialogues" if assumption == ESTIMATED else None
            y = line["smallest_detectable_difference"]
            panel.plot(line["n_seeds"], y, style, color=colour, label=label, marker="o", markersize=3)
    if by_dialogues:
        panel.plot(rows["n_dialogues"], rows["smallest_detectable_difference"], color=colours(0.0), marker="o", markersize=3)
    wanted = settings["difference"]
    panel.axhline(wanted, color="0.35", linewidth=1, linestyle="--", label=f"wanted: {points(wanted)}")
    if not by_dialogues:
        panel.plot([], [], ":", color="0.35", label="cautious seed variance")
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.xaxis.set_major_formatter(lambda number, _: integer(number))
    panel.yaxis.set_major_formatter(lambda number, _: f"{number:g}")
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_minor_formatter(NullFormatter())
    panel.set_xticks(sorted(rows["n_dialogues" if by_dialogues else "n_seeds"].unique()))
    low, high = panel.get_ylim()
    panel.set_yticks([tick for tick in TICKS if low <= tick <= high])
    panel.set_xlabel("test dialogues" if by_dialogues else "seeds a method")
    metric = settings["primary_metric"]
    panel.set_ylabel(f"detectable difference, points of\n{NAMES[metric.removesuffix('_max')]}, {PROTOCOLS[metric]}")
    panel.grid(True, which="major", color="0.9", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False, fontsize=8)


def save_figure(figure: Figure, path: Path, dpi: int = 150) -> None:
    """Save as the name's ending says. The same figure gives the same bytes: no date, no random ids."""
    metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
    with matplotlib.rc_context({"svg.hashsalt": "parity"}):
        figure.savefig(path, dpi=dpi, metadata=metadata)
    if path.suffix == ".svg":
        path.write_text(_numbered_glyphs(path.read_text(encoding="utf-8")), encoding="utf-8")


def _numbered_glyphs(svg: str) -> str:
    """Glyphs with the numbers of their order in the picture: matplotlib's follow from all that its process has drawn before."""
    numbers: dict[str, int] = {}

    def numbered(found: re.Match) -> str:
        return f"{found[1]}-{numbers.setdefault(found[0], len(numbers)):x}"

    return GLYPH.sub(numbered, svg)
