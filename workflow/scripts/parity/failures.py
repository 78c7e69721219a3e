"""What is wrong with a summary that a reader sees at once, whatever its score: docs/EXAMPLES.md says how each kind is defined."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from .data import Record

# The kinds of failure, and what each is called on a page.
KINDS = {
    "empty": "empty",
    "repeated": "repeats itself",
    "copied": "copied",
    "cut_off": "cut off at the limit",
    "mark_missing": "speaker mark missing",
    "short": "far shorter",
    "long": "far longer",
}
# A phrase of so many words or more, so many times in a row: Holtzman et al. 2020, who look at the end of a text alone.
LEAST_PHRASE, LEAST_TIMES = 2, 3
# Fewer words than these may well come twice: "He agrees."
LEAST_SENTENCE = 4
# Runs of so many words that stand in the dialogue too, and the share of a summary that they make up.
COPIED_RUN, COPIED_SHARE = 8, 0.5
# Of a summary with fewer words than a run, all that count: shorter ones, as "Yes, of course", are nobody's words.
LEAST_COPIED = 4
# Lengths are far apart from so many standard deviations on, and never at less than this factor.
FAR_DEVIATIONS, LEAST_FACTOR = 3.0, 2.0
# Half as many words are not fewer than half, however logarithms are rounded.
ROUNDING = 1e-9

# Thai, Lao, Burmese, Khmer, kana and Han put no spaces between words: each of their characters counts as one.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
# After . ! ? and the ellipsis comes a space, perhaps after a quotation mark; signs of other scripts need none.
_SENTENCE_END = re.compile("(?<=[.!?\u2026])[\"'\u201d\u2019)]*\\s+|[\u3002\uff01\uff1f\u061f\u0964\n]+")
_TITLE = re.compile(r"\b(Mr|Mrs|Ms|Dr|Prof|St)\.")
_MARK = re.compile(r"#\w+#")


def words(text: str) -> list[str]:
    """The words of a text, without case and without the signs around them: '"Yes," #Person1# says.' gives yes, person1, says."""
    stripped = (_EDGES.sub("", token) for token in _TOKEN.findall(text))
    return [word.casefold() for word in stripped if word]


def marks(text: str) -> set[str]:
    """DialogSum's marks of speakers in a text, such as #Person1#."""
    return set(_MARK.findall(text))


def repeats_itself(text: str) -> bool:
    """Whether a phrase of two words or more stands three times in a row, or a sentence of four words or more twice."""
    found = words(text)
    for length in range(LEAST_PHRASE, len(found) // LEAST_TIMES + 1):
        # So many words in a row that equal the ones a phrase before them make a phrase that stands so many times.
        same = 0
        for place in range(length, len(found)):
            same = same + 1 if found[place] == found[place - length] else 0
            if same == (LEAST_TIMES - 1) * length:
                return True
    sentences = [tuple(words(sentence)) for sentence in _SENTENCE_END.split(_TITLE.sub(r"\1", text))]
    sentences = [sentence for sentence in sentences if len(sentence) >= LEAST_SENTENCE]
    return len(set(sentences)) < len(sentences)


def is_copied(summary: list[str], dialogue: list[str]) -> bool:
    """Whether runs of eight words or more that stand in the dialogue, word for word, make up half of the summary or more.

    A summary of four to seven words is copied if all of it is one such run. Runs are what Grusky et al. 2018 call extractive
    fragments, and the share is their coverage, with short fragments left out: names and phrases of a dialogue are no fault.
    """
    length = min(COPIED_RUN, len(summary))
    if length < LEAST_COPIED:
        return False
    in_summary, in_dialogue = _runs(summary, length), set(_runs(dialogue, length))
    copied, covered_to = 0, 0
    for place, run in enumerate(in_summary):
        if run in in_dialogue:
            copied += place + length - max(covered_to, place)
            covered_to = place + length
    return copied >= COPIED_SHARE * len(summary)


def _runs(found: list[str], length: int) -> list[tuple[str, ...]]:
    return list(zip(*(found[start:] for start in range(length)), strict=False))


def far_factor(records: list[Record]) -> float:
    """From how many times as many words on, or how many times fewer, a summary is far longer or shorter than its references.

    It is exp(3 s), s the root mean square over references of ln(words) less the mean ln(words) of the dialogue's other references:
    as far as people lie apart from people. Where no dialogue has two references, s is the standard deviation of ln(words) over
    all references, which holds the dialogues' own differences too. The factor is 2 at least.
    """
    lengths = [_log_lengths(record.references) for record in records]
    apart = [
        own - _mean(of_one[:place] + of_one[place + 1 :])
        for of_one in lengths
        if len(of_one) > 1
        for place, own in enumerate(of_one)
    ]
    if not apart:
        everything = [own for of_one in lengths for own in of_one]
        apart = [own - _mean(everything) for own in everything]
    spread = math.sqrt(_mean([value**2 for value in apart])) if apart else 0.0
    return max(LEAST_FACTOR, math.exp(FAR_DEVIATIONS * spread))


def _log_lengths(texts: tuple[str, ...]) -> list[float]:
    """ln(words) of each text. One without a word, a "..." say, counts as one of a word."""
    return [math.log(max(1, len(words(text)))) for text in texts]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


@dataclass(frozen=True)
class _Known:
    """A dialogue and its references, read once for all summaries of it."""

    words: list[str]
    marks: set[str]
    reference_marks: list[set[str]]
    log_lengths: list[float]


class FailureFinder:
    """Finds the failures of a study's summaries.

    Attributes:
        factor: see `far_factor`.
    """

    def __init__(self, records: list[Record]):
        self.factor = far_factor(records)
        self._known = {
            record.id: _Known(
                words(record.dialogue),
                marks(record.dialogue),
                [marks(one) for one in record.references],
                _log_lengths(record.references),
            )
            for record in records
        }

    def find(self, row: dict) -> dict[str, bool | None]:
        """Whether a summary has each of KINDS; None where that cannot be said of it.

        An empty summary has no other failure but having been cut off. A row's `leave_out` is a reference that it is not held against: itself.

        Args:
            row: of predictions.jsonl: id, prediction, perhaps leave_out, and cut_off where it was written to a limit.
        Raises:
            KeyError: the dialogue is none of the study's.
        """
        known, found = self._known[row["id"]], words(row["prediction"])
        others = [place for place in range(len(known.log_lengths)) if place != row.get("leave_out")]
        expected = known.marks.intersection(*(known.reference_marks[place] for place in others)) if others else set()
        lengths = [known.log_lengths[place] for place in others]
        far = math.log(len(found)) - _mean(lengths) if found and lengths else None
        limit = math.log(self.factor) + ROUNDING
        empty = not found
        return {
            "empty": empty,
            "repeated": not empty and repeats_itself(row["prediction"]),
            "copied": not empty and is_copied(found, known.words),
            "cut_off": row.get("cut_off"),
            "mark_missing": (not empty and not expected <= marks(row["prediction"])) if expected else None,
            "short": (far is not None and far < -limit) if lengths else None,
            "long": (far is not None and far > limit) if lengths else None,
        }
