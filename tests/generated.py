"""Generated cases: how many, by which seed, and odd values of every sort to make them from."""

from __future__ import annotations

import datetime
import math
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parity.data import plain

# Cases of all properties together that `make fuzz` asks for; without it, a few of each, the same ones at every run.
ASKED = int(os.environ.get("CASES", 0))
FEW = 20
# A property that has few cases in all leaves the rest of its share to the others.
MORE = 1.15
PROPERTIES: list[str] = []
RAN: dict[str, int] = {}

# Half of a pair of UTF-16 stands for no character: JSON and YAML can spell it, and no file can hold it.
ANY_TEXT = st.text(max_size=30) | st.text(st.characters(exclude_categories=()), max_size=8)
ODD_TEXT = st.sampled_from(
    [
        *("", " ", "\x00", "\ud800", "\ufeff", "a\nb", "a\r\nb", "a\rb", "a\u2028b", "a\x85b", "\u202e", "e\u0301", "\U0001f600"),
        *(
            "nan",
            "None",
            "NA",
            "null",
            "-1",
            "1e5",
            "a|b",
            "| --- |",
            "<script>",
            "</script>",
            "`",
            "..",
            "{x}",
            '"',
            "'",
            "x" * 5000,
        ),
    ]
)
TEXT = ODD_TEXT | ANY_TEXT
# What a UTF-8 file can hold.
WRITABLE = TEXT.filter(lambda text: not any("\ud800" <= sign <= "\udfff" for sign in text))
# An id as the loaders leave it.
IDS_OF_RECORDS = WRITABLE.map(plain).filter(bool)
NUMBERS = (
    st.integers(-3, 3)
    | st.sampled_from([10**30, -(10**30), 10**400, 5e-324, 1e308, -0.0, 1e-9, math.nan, math.inf, -math.inf, 2**32, 8.0])
    | st.floats()
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
JSON = st.recursive(SCALARS, lambda of: st.lists(of, max_size=3) | st.dictionaries(TEXT, of, max_size=3), max_leaves=6)
# YAML knows types that JSON lacks.
YAML = JSON | st.sampled_from(
    [datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1), b"bytes", {1}, {1: 2}, {None: 1}, {True: 1}]
)
METHOD_NAMES = st.sampled_from(
    ["nan", "NaN", "None", "null", "NA", "inf", "True", "e5", "A" * 100, "a__b", "x_", "id", "method", "data"]
) | st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,40}", fullmatch=True).filter(str.isascii)


def cases(**strategies: st.SearchStrategy) -> Callable:
    """The test for generated values: FEW of them, or its share of those that are asked for.

    It takes no fixtures, since one value's files must not lie about for the next one.
    """

    def wrap(test: Callable) -> Callable:
        PROPERTIES.append(test.__name__)

        def counted(**values) -> None:
            RAN[test.__name__] = RAN.get(test.__name__, 0) + 1
            test(**values)

        def run() -> None:
            chosen = settings(
                max_examples=math.ceil(MORE * ASKED / len(PROPERTIES)) if ASKED else FEW,
                derandomize=not ASKED,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            chosen(given(**strategies)(counted))()

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return wrap


@contextmanager
def a_folder() -> Iterator[Path]:
    """An empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def everything_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, and every folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"folder" for path in sorted(folder.rglob("*"))
    }


@st.composite
def damaged(draw: st.DrawFn, content: st.SearchStrategy[bytes]) -> bytes:
    """The content of a file as bad copies, editors and exports leave it; often untouched."""
    data = draw(content)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(data)))
        end = draw(st.integers(place, len(data)))
        data = draw(
            st.sampled_from(
                [
                    data[:place],
                    data[:place] + data[end:],
                    data + data[place:end],
                    data[:place] + draw(st.binary(max_size=4)) + data[place:],
                    data[:place]
                    + draw(st.sampled_from([b"\x00", b"\xff", b'"', b",", b"\n", b"\r", b"[" * 9000, b"1" * 5000]))
                    + data[place:],
                    data.replace(b"\n", b"\r\n"),
                    data.replace(b"\n", b"\r", 1),
                    b"\xef\xbb\xbf" + data,
                    data.decode("utf-8", "replace").encode("utf-16"),
                    data.decode("utf-8", "replace").encode("latin-1", "replace"),
                    b"\n\n" + data + b"\n \n",
                ]
            )
        )
    return data
