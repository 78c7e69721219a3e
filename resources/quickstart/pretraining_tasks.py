"""What the embedded model is pretrained on: (input, target) pairs of text, drawn from a seed.

Half of the pairs come from plain English (filling gaps, quoting a sentence), half from made-up dialogues under many
instructions. The quick start's own instruction is answered with one sentence about what comes first, much as
instruction-tuned models fall short before they have seen a dataset's own summaries: the rest is what fine-tuning has to
teach.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from dialogue_generator import Dialogue, write_summary

SUMMARISE = (
    "Summarize the following conversation.\n\n{dialogue}\n\nSummary: ",
    "Summarize the following conversation.\n\n{dialogue}\n\nSummary: ",
    "Summarize this dialogue: {dialogue}",
    "{dialogue}\n\nWhat was said, in short?",
    "Read the dialogue and sum it up briefly.\n\n{dialogue}",
)
GIST = ("Say in one sentence what this is about.\n\n{dialogue}", "{dialogue}\n\nThe gist: ")
REPORT = ("Report what happens here.\n\n{dialogue}", "{dialogue}\n\nPut this part of the talk into one sentence.")
RETELL = ("Retell the whole conversation.\n\n{dialogue}", "{dialogue}\n\nWrite down everything that happens, in order.")
TOPIC = ("What is this conversation about?\n\n{dialogue}", "Name the topic.\n\n{dialogue}\n\nTopic: ")
QUESTION = ("{dialogue}\n\nQuestion: {question}", "Answer from the dialogue: {question}\n\n{dialogue}")
QUOTE = "Quote the sentence with the word {word}: {text}"
GAP_RATE, MEAN_GAP = 0.2, 2.5
SENTINELS = 16


def dialogue_pairs(rng: random.Random, dialogue: Dialogue) -> Iterator[tuple[str, str]]:
    """The tasks drawn from one dialogue: its first happening, and some of gist, report, retelling, topic, questions and gaps."""
    text = dialogue.text
    first = next(note for note in dialogue.notes if note.major)
    yield rng.choice(SUMMARISE).format(dialogue=text), rng.choice(first.wordings)
    if rng.random() < 0.3:
        yield rng.choice(GIST).format(dialogue=text), rng.choice(dialogue.gists)
    for note in rng.sample(dialogue.notes, min(2, len(dialogue.notes))):
        part = "\n".join(f"#Person{who}#: {words}" for who, words in dialogue.utterances[slice(*note.turns)])
        yield rng.choice(REPORT).format(dialogue=part), rng.choice(note.wordings)
    if rng.random() < 0.8:
        yield rng.choice(RETELL).format(dialogue=text), write_summary(rng, dialogue)
    if rng.random() < 0.3:
        yield rng.choice(TOPIC).format(dialogue=text), rng.choice(dialogue.topics)
    if dialogue.facts and rng.random() < 0.4:
        question = rng.choice(sorted(dialogue.facts))
        yield rng.choice(QUESTION).format(dialogue=text, question=question), dialogue.facts[question]
    if rng.random() < 0.2:
        yield fill_gaps(rng, text)


def english_pairs(rng: random.Random, text: str, words_a_window: int = 110) -> Iterator[tuple[str, str]]:
    """One pass over running text in windows of `words_a_window` words: gaps to fill, and sentences to quote."""
    words = text.split()
    for start in range(rng.randrange(words_a_window), len(words) - 20, words_a_window):
        window = " ".join(words[start : start + words_a_window])
        sentences = [s for s in re.split(r"(?<=[.!?]) ", window)[1:-1] if 5 <= len(s.split()) <= 30]
        if sentences and rng.random() < 0.4:
            sentence = rng.choice(sentences)
            long_words = sorted(re.findall(r"[A-Za-z]{4,}", sentence), key=len)[-3:]
            if long_words:
                yield QUOTE.format(word=rng.choice(long_words), text=window), sentence
                continue
        yield fill_gaps(rng, window)


def fill_gaps(rng: random.Random, text: str) -> tuple[str, str]:
    """Span corruption after T5 (Raffel et al. 2020, section 3.1.4), over words: gaps become <extra_id_n> in the input."""
    words = re.findall(r"\s*\S+", text)
    source, target, position, gaps = [], [], 0, 0
    while position < len(words):
        if gaps < SENTINELS - 1 and rng.random() < GAP_RATE / MEAN_GAP:
            length = min(1 + int(rng.expovariate(1 / (MEAN_GAP - 1))), 6)
            mark = f"<extra_id_{gaps}>"
            source.append(mark)
            target += [mark, *words[position : position + length]]
            position += length
            gaps += 1
        else:
            source.append(words[position])
            position += 1
    return "".join(source), "".join([*target, f"<extra_id_{gaps}>"])
