"""The frame of the report's pictures: as narrow as a phone, in the page's colours, as files for papers and inside the page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .files import whole
from .page import read_part
from .plots import save_figure

# A phone of 375 pixels less the page's padding. Sizes here are in pixels of such a phone, which matplotlib calls points.
WIDTH = 343
TEXT = 10.5
LEFT, RIGHT = 8, 8
# How many characters of TEXT fit across.
FITTING = 52
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*")
# Of floors. Solid are the ceiling and the Pareto front.
DASHES = ("--", ":", "-.", (0, (6, 2, 1, 2, 1, 2)), (0, (1, 4)))
PNG_DPI = 300
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        name: of its files, and the beginning of the ids in it.
        title: what a screen reader says.
        caption: what is drawn, of how many, and what an interval is; or why there is nothing to draw.
        figure: None where there is nothing to draw.
    """

    name: str
    title: str
    caption: str
    figure: Figure | None


@cache
def colours() -> dict[str, str]:
    """The page's colours on a light ground, by name."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{6});", read_part("page.css")):
        found.setdefault(name, value)
    return found


def series(place: int) -> str:
    """The colour of the method at this place. Colours come again after eight methods, never with the same marker."""
    return colours()[f"series-{place % 8 + 1}"]


@contextmanager
def drawing() -> Iterator[None]:
    """What is drawn inside takes the page's text size and colours."""
    ink, soft, line = (colours()[name] for name in ("ink", "soft", "line"))
    style = {
        "font.size": TEXT,
        **dict.fromkeys(("axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"), TEXT),
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.labelcolor", "ytick.labelcolor"), ink),
        **dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color"), soft),
        "grid.color": line,
        "grid.linewidth": 0.6,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "legend.frameon": False,
        "lines.linewidth": 1.4,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
    }
    with matplotlib.rc_context(style):
        yield


def sheet(height: float) -> Figure:
    """An empty picture of WIDTH x `height` pixels."""
    return Figure(figsize=(WIDTH / 72, height / 72))


def panel(figure: Figure, top: float, height: float, left: float = LEFT, width: float | None = None) -> Axes:
    """Axes with their upper edge `top` pixels below the picture's, and `left` pixels from its left edge."""
    whole_height = figure.get_figheight() * 72
    width = WIDTH - RIGHT - left if width is None else width
    return figure.add_axes((left / WIDTH, 1 - (top + height) / whole_height, width / WIDTH, height / whole_height))


def fitting(text: str, characters: int = FITTING) -> str:
    """`text`, with its middle left out where it is longer."""
    if len(text) <= characters:
        return text
    half = (characters - 1) // 2
    return f"{text[: characters - 1 - half]}…{text[-half:]}"


def legend_rows(labels: list[str]) -> int:
    """How many rows `legend` takes."""
    return -(-len(labels) // _columns(labels))


def legend(figure: Figure, handles: list, labels: list[str], top: float) -> None:
    """A legend across the picture, in two columns where its texts are short; a row takes 16 pixels."""
    figure.legend(
        handles,
        [fitting(label, FITTING - 6) for label in labels],
        loc="upper left",
        bbox_to_anchor=(0, 1 - top / (figure.get_figheight() * 72)),
        ncols=_columns(labels),
        borderaxespad=0,
        borderpad=0.2,
        labelspacing=0.35,
        columnspacing=1.2,
        handlelength=2.4,
    )


def _columns(labels: list[str]) -> int:
    return 2 if labels and max(map(len, labels)) <= FITTING // 2 - 6 else 1


def write_picture(picture: Picture, folder: Path) -> None:
    """folder/<name>.svg and .png for papers, on white; a picture without anything to draw says so."""
    figure = picture.figure or _says(picture.caption)
    figure.set_facecolor(colours()["paper"])
    for ending in ("svg", "png"):
        with whole(folder / f"{picture.name}.{ending}") as place:
            save_figure(figure, place, dpi=PNG_DPI)


def _says(text: str) -> Figure:
    with drawing():
        figure = sheet(80)
        figure.text(0.5, 0.5, text, ha="center", va="center", wrap=True)
        return figure


def inline_svg(picture: Picture) -> Markup:
    """The picture as an element of the page: its colours are the page's, for light and dark, and its text is text.

    No id in it is another picture's, and nothing in it says when, or by what, it was made.
    """
    text = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": picture.name}):
        picture.figure.savefig(
            text, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")), transparent=True
        )
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(text.getvalue())
    # Its one rule would hold for the whole page; page.css has it for pictures alone.
    for parent in root.iter():
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}style", f"{{{SVG}}}metadata"):
                parent.remove(child)
    _own_ids(root, picture.name)
    for element in root.iter():
        if "style" in element.attrib:
            element.set("style", _page_style(element.get("style")))
        for name in {"d", "x", "y", "transform"} & set(element.attrib):
            # A hundredth of a pixel is finer than any screen, and halves the page of a large study.
            element.set(name, re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.2f}", element.get(name)))
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"role": "img", "aria-label": picture.title}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _own_ids(root: ElementTree.Element, name: str) -> None:
    """Keep only ids that something refers to, each with the picture's name before it."""
    href, url = f"{{{XLINK}}}href", re.compile(r"url\(#([^)]+)\)")
    wanted = {element.get(href)[1:] for element in root.iter() if href in element.attrib}
    wanted |= {found for element in root.iter() for value in element.attrib.values() for found in url.findall(value)}
    for element in root.iter():
        if element.get("id") in wanted:
            element.set("id", f"{name}-{element.get('id')}")
        else:
            element.attrib.pop("id", None)
        for key, value in element.attrib.items():
            if key == href:
                element.set(key, f"#{name}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, url.sub(rf"url(#{name}-\1)", value))


def _page_style(style: str) -> str:
    names = {value: name for name, value in reversed(colours().items())}
    style = re.sub(r"font-family: [^;]*;? ?", "", style)
    return re.sub(r"#[0-9a-f]{6}", lambda found: f"var(--{names[found[0]]})" if found[0] in names else found[0], style)
