"""What it would take to settle an open question of a contrast: more seeds, more dialogues, or nothing in reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import power
from .wording import counted, integer


@dataclass(frozen=True)
class Question:
    """What is asked of a contrast and is open.

    Attributes:
        text: as it follows "To show".
        topic: in two or three words.
        power_of: the probability that a design answers it, if the true difference is the estimated one.
        hopeless: why no design would answer it then; empty where one would.
        obstacle: why a design that would is out of reach.
    """

    text: str
    topic: str
    power_of: Callable[[power.Design], np.ndarray]
    hopeless: str
    obstacle: str


def remedy(contrast: pd.Series, question: Question, config: dict) -> tuple[str, str, str]:
    """What would settle a question: in a sentence, and for the headline in a few words and a topic."""
    show, topic = f"To show {question.text}:", question.topic
    components = power.from_columns(contrast)
    if components is None:
        sentence = f"{show} a second run, with another seed, of every method that has one; one run says nothing about the next."
        return sentence, "a second seed is needed to settle", topic
    if question.hopeless:
        return f"{show} no design, as {question.hopeless}.", "", topic
    wanted, same = config["comparison"]["power"], counted(contrast["n_dialogues"], "dialogue")
    present = [n for n in (contrast["n_seeds"], contrast["n_seeds_reference"]) if n]
    if not present:
        needed = power.dialogues_needed(question.power_of, components[0], 0, wanted)
        if needed is None:
            return f"{show} not even a million dialogues, as {question.obstacle}.", "", topic
        about = f"about {counted(needed, 'dialogue')}"
        return f"{show} {about} (now {integer(contrast['n_dialogues'])}).", f"{about} would settle", topic
    a_method = " a method" if len(present) > 1 else ""
    found = power.need(question.power_of, components[0], max(present), contrast["n_dialogues"], wanted)
    if found.seeds is not None and found.seeds <= min(present):
        return f"{show} this design once more; these runs happened to miss it.", "a repetition may settle", topic
    if found.seeds is not None:
        now = " and ".join(map(str, dict.fromkeys(present)))
        more = f"{found.seeds - present[0]} more" if len(set(present)) == 1 else f"{found.seeds}"
        sentence = f"{show} {counted(found.seeds, 'seed')}{a_method} (now {now}) with the same {same}."
        return sentence, f"{more} seed{'' if more == '1 more' else 's'}{a_method} would settle", topic
    most = f"{power.MOST_SEEDS} seeds{a_method}"
    if found.dialogues is None:
        return f"{show} not even {most} and a million dialogues, as {question.obstacle}.", "", topic
    dialogues, seeds = found.dialogues
    design = f"about {counted(dialogues, 'dialogue')} with {counted(seeds, 'seed')}{a_method}"
    return f"{show} not even {most} with the same {same}; {design}.", "more seeds alone would not settle", topic
