"""What `seeds: {until: settled, ...}` asks for: looks at ever more seeds, planned before anything runs, and where they stand.

What a look finds, and which methods get more seeds, is said by `looks`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from .files import read_json

SUPERIORITY, NONINFERIORITY, EQUIVALENCE = "superiority", "noninferiority", "equivalence"
FOLDER = "looks"


def is_adaptive(config: dict) -> bool:
    """Whether seeds are added until the questions are settled."""
    return isinstance(config["seeds"], dict)


def planned_counts(settings: dict) -> list[int]:
    """The most seeds that a method may have at each look, the last one included."""
    return [*range(settings["min"], settings["max"], settings["step"]), settings["max"]]


def seed_numbers(settings: dict, count: int) -> list[int]:
    return list(range(settings["first"], settings["first"] + count))


def look_file(folder: Path, number: int | str) -> Path:
    """Where the record of a look (1, 2 ...) of the study in `folder` lies."""
    return folder / FOLDER / f"look-{number}.json"


def newest_look(folder: Path) -> dict | None:
    """The record of the last look that was taken; None before the first."""
    found, number = None, 1
    while look_file(folder, number).is_file():
        found = read_json(look_file(folder, number))
        if found["next"] is None:
            break
        number += 1
    return found


def counts_after(look: dict | None) -> dict[str, int]:
    """How many seeds each method is to have once a look is over; nothing before the first, where all have `min`."""
    return {} if look is None else look["next"] or look["seeds"]


def asked_of(config: dict, method: str, reference: str) -> list[str]:
    """What is asked of a contrast: of a study whose seeds are counted beforehand, all that can be."""
    settings = config["comparison"]
    if settings["questions"] is None:
        return [SUPERIORITY] + ([] if settings["margin"] is None else [NONINFERIORITY, EQUIVALENCE])
    return [each["question"] for each in settings["questions"] if each["contrast"] == [method, reference]]


def question_contradictions(config: dict, with_seeds: set[str]) -> Iterator[tuple[str, str, str]]:
    """What speaks against the questions and the seeds that are to settle them, as (key and value, problem, remedy).

    Args:
        with_seeds: the compared methods that more seeds can be run of.
    """
    settings, seeds = config["comparison"], config["seeds"]
    questions = settings["questions"]
    if not is_adaptive(config):
        if questions is not None:
            yield (
                "comparison.questions",
                "these seeds are counted beforehand, and all questions are answered for every contrast",
                "Write contrasts instead, or seeds: {until: settled, max: 20}",
            )
        return
    if seeds["max"] < seeds["min"]:
        yield f"seeds.max = {seeds['max']}", f"is below seeds.min = {seeds['min']}", "Raise it"
    if not questions:
        known = "{contrast: [lora, full], question: noninferiority}"
        yield "seeds.until = settled", "there is no question to settle", f"Declare comparison.questions, such as [{known}]"
        return
    if settings["contrasts"] is not None:
        yield "comparison.contrasts", "the questions name the contrasts already", "Remove contrasts"
    seen = set()
    for number, each in enumerate(questions):
        where = f"comparison.questions.{number} = {{contrast: {each['contrast']}, question: {each['question']}}}"
        yield from pair_contradictions(where, each["contrast"], config["compare"])
        if not with_seeds.intersection(each["contrast"]):
            pair = " and ".join(each["contrast"])
            yield (
                where,
                f"no further seed of {pair} can be run, so that the first look says all that there is to say",
                "Ask of a method that is trained, or write a list of seeds",
            )
        if each["question"] != SUPERIORITY and settings["margin"] is None:
            yield where, "comparison.margin is not set", "Set the loss that would not matter"
        asked = frozenset(each["contrast"]), each["question"]
        if asked in seen:
            yield where, "this is asked already", "Remove it: each question makes every other one harder to settle"
        seen.add(asked)


def pair_contradictions(where: str, pair: list[str], compare: list[str]) -> Iterator[tuple[str, str, str]]:
    """What speaks against a contrast of these two methods."""
    for name in pair:
        if name not in compare:
            near = difflib.get_close_matches(name, compare, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Compared: {', '.join(compare)}"
            yield where, f"{name} is not in compare", hint
    if pair[0] == pair[1]:
        yield where, "a method cannot be contrasted with itself", "Name two methods"
