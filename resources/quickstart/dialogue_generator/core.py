"""The vocabulary in which a scene is written, and the drawing of one dialogue from it.

A scene is a function `scene(talk)` that plays one short conversation between two people. It draws its facts from
`talk.rng`, says utterances with `talk.say`, and after each exchange states with `talk.note` what happened in it. A
summary is a choice of those statements in order, so it is true of its dialogue by construction.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

SCENES: dict[str, Callable[[Talk], None]] = {}


@dataclass
class Note:
    """One statement about the utterances `turns` (start, end): ways to word it, and whether a summary needs it."""

    wordings: tuple[str, ...]
    turns: tuple[int, int]
    major: bool


@dataclass
class Dialogue:
    """One finished dialogue. `gists` are single sentences that name neither speaker mark; `topics` are two to four words."""

    scene: str
    utterances: list[tuple[int, str]]
    notes: list[Note]
    gists: tuple[str, ...]
    topics: tuple[str, ...]
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(f"#Person{who}#: {words}" for who, words in self.utterances)


class Talk:
    """What a scene speaks through. `a` and `b` are the speakers, 1 and 2, in drawn order of their parts.

    `talk.a` plays the first part a scene describes (the customer, the patient ...) and `talk.b` the second. In every
    wording `{A}` and `{B}` become their marks, #Person1# or #Person2#.
    """

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.a, self.b = (1, 2) if rng.random() < 0.5 else (2, 1)
        self.utterances: list[tuple[int, str]] = []
        self.notes: list[Note] = []
        self.gists: tuple[str, ...] = ()
        self.topics: tuple[str, ...] = ()
        self.facts: dict[str, str] = {}
        self._noted = 0

    def pick(self, choices: Sequence):
        """One of `choices`."""
        return choices[self.rng.randrange(len(choices))]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def say(self, who: int, *wordings: str) -> None:
        """`who` (talk.a or talk.b) says one of `wordings`. Consecutive sayings of one speaker join into one utterance."""
        words = self._marked(self.pick(wordings))
        if self.utterances and self.utterances[-1][0] == who and len(self.utterances) > self._noted:
            self.utterances[-1] = (who, f"{self.utterances[-1][1]} {words}")
        else:
            self.utterances.append((who, words))

    def note(self, *wordings: str, major: bool = True) -> None:
        """State what happened since the last note, in three or more wordings that differ in more than a word."""
        if len(wordings) < 3:
            raise ValueError(f"a note needs three wordings or more, not {wordings!r}")
        if len(self.utterances) == self._noted:
            raise ValueError(f"nothing was said since the last note: {wordings[0]!r}")
        self.notes.append(Note(tuple(map(self._marked, wordings)), (self._noted, len(self.utterances)), major))
        self._noted = len(self.utterances)

    def gist(self, *wordings: str) -> None:
        """The whole dialogue in one short sentence without speaker marks (two wordings or more)."""
        self.gists = wordings

    def topic(self, *wordings: str) -> None:
        """The subject in two to four words (three wordings or more)."""
        self.topics = wordings

    def fact(self, question: str, answer: str) -> None:
        """A question that the dialogue answers, and its answer in the dialogue's own words."""
        self.facts[self._marked(question)] = self._marked(answer)

    def _marked(self, words: str) -> str:
        return words.replace("{A}", f"#Person{self.a}#").replace("{B}", f"#Person{self.b}#")


def scene(function: Callable[[Talk], None]) -> Callable[[Talk], None]:
    """Register a scene under its function's name."""
    SCENES[function.__name__] = function
    return function


def draw_dialogue(rng: random.Random, name: str) -> Dialogue:
    """Play the scene `name` once.

    Raises ValueError where the scene broke its own rules (fewer than two major notes, a first utterance that is not
    #Person1#'s, too few gists or topics).
    """
    talk = Talk(rng)
    SCENES[name](talk)
    if talk.utterances[0][0] == 2:
        talk = _swapped(talk)
    if sum(note.major for note in talk.notes) < 2 or len(talk.gists) < 2 or len(talk.topics) < 3:
        raise ValueError(f"scene {name}: needs two major notes, two gists and three topics")
    return Dialogue(name, talk.utterances, talk.notes, talk.gists, talk.topics, talk.facts)


def _swapped(talk: Talk) -> Talk:
    """The same talk with the speakers' marks exchanged: #Person1# is whoever speaks first, as in DialogSum."""

    def swap(words: str) -> str:
        return words.replace("#Person1#", "\0").replace("#Person2#", "#Person1#").replace("\0", "#Person2#")

    talk.utterances = [(3 - who, swap(words)) for who, words in talk.utterances]
    talk.notes = [Note(tuple(map(swap, n.wordings)), n.turns, n.major) for n in talk.notes]
    talk.facts = {swap(question): swap(answer) for question, answer in talk.facts.items()}
    return talk


def write_summary(rng: random.Random, dialogue: Dialogue, avoid: Iterable[str] = ()) -> str:
    """One reference: every major note and some minor ones, each in a drawn wording, none of `avoid` where it can be helped."""
    avoided = set(avoid)
    sentences = []
    for note in dialogue.notes:
        if not note.major and rng.random() < 0.65:
            continue
        fresh = [wording for wording in note.wordings if wording not in avoided] or list(note.wordings)
        sentences.append(rng.choice(fresh))
    return " ".join(sentences)


def draw_references(rng: random.Random, dialogue: Dialogue, count: int) -> list[str]:
    """`count` differing references of one dialogue, as if by different writers: no wording is shared where it can be helped."""
    used: list[str] = []
    references: list[str] = []
    while len(references) < count:
        reference = write_summary(rng, dialogue, used)
        if reference not in references:
            references.append(reference)
            used += [w for note in dialogue.notes for w in note.wordings if w in reference]
        else:
            used = []
    return references
