"""Whatever raters send back is read in full, or refused by its file."""

from __future__ import annotations

import contextlib
import copy
import json

import numpy as np
from generated import JSON, a_folder, cases, damaged
from hypothesis import strategies as st
from made_up_ratings import People, drawn, sealed

from parity.errors import InputError
from parity.human_ratings import read_key, read_ratings

KEY, SHEETS = drawn({"full": np.full(6, 40.0), "lora": np.full(6, 39.0), "zero_shot": np.full(6, 20.0)})
PEOPLE = People({"full": 4, "lora": 3.5, "zero_shot": 2})
SAVED = {rater: PEOPLE.export(KEY, rater) for rater in SHEETS}


def places(value: object, path: tuple = ()) -> list[tuple]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in pairs for found in ((*path, key), *places(part, (*path, key)))]


@st.composite
def edited(draw: st.DrawFn) -> bytes:
    """A saved file in which up to two values are others, with a checksum that fits all the same."""
    export = copy.deepcopy(SAVED[draw(st.sampled_from(sorted(SAVED)))])
    for _ in range(draw(st.integers(0, 2))):
        *path, last = draw(st.sampled_from(places(export)))
        inside = export
        for key in path:
            inside = inside[key]
        if draw(st.booleans()):
            inside[last] = draw(JSON | st.sampled_from([1, 5, 6, "tie"]))
        else:
            del inside[last]
        if not places(export):
            break
    with contextlib.suppress(UnicodeEncodeError):
        export = sealed(export)
    return json.dumps(export).encode()


@cases(contents=st.lists(damaged(edited()), min_size=1, max_size=2), allow_partial=st.booleans())
def test_saved_ratings_are_refused_by_their_file_or_read_in_full(contents, allow_partial):
    with a_folder() as folder:
        paths = [folder / f"{number}.json" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        try:
            found = read_ratings(paths, KEY, allow_partial)
        except InputError as error:
            assert any(str(path) in str(error) for path in paths)
            assert len(error.arguments[2]) > 5
            str(error).encode()
            return
        assert found.ratings["rating"].isin(range(1, 6)).all() and found.ratings.notna().all(axis=None)
        assert found.preferences["share"].isin([0, 0.5, 1]).all() and found.preferences.notna().all(axis=None)
        assert len(found.ratings) == 6 * 3 * 3 * len(paths) or allow_partial


@cases(content=damaged(st.just(json.dumps(KEY).encode())))
def test_a_key_is_refused_by_its_file_or_the_one_that_was_written(content):
    with a_folder() as folder:
        path = folder / "key.json"
        path.write_bytes(content)
        try:
            assert read_key(path) == KEY
        except InputError as error:
            assert str(error).startswith(str(path))
