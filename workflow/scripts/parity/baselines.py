"""Floors and the ceiling: summaries that no model wrote."""

from __future__ import annotations

from .data import Record


def baseline_predictions(kind: str, records: list[Record], n: int | None) -> list[dict]:
    """The predictions of a baseline as rows for predictions.jsonl.

    lead: the first `n` utterances; longest: the `n` longest ones (in words), in the dialogue's order. human: a row a
    reference, with its index as `leave_out`, so that it is scored against the other references and never itself.

    Raises:
        ValueError: human needs two references a dialogue or more.
    """
    if kind == "human":
        single = [r.id for r in records if len(r.references) < 2]
        if single:
            raise ValueError(
                f"the baseline human needs two references or more, and {len(single)} dialogue(s) have one: {single[0]}"
            )
        return [
            {"id": r.id, "prediction": reference, "leave_out": index}
            for r in records
            for index, reference in enumerate(r.references)
        ]
    choose = {"lead": lead, "longest": longest}[kind]
    return [{"id": r.id, "prediction": choose(r.dialogue, n)} for r in records]


def lead(dialogue: str, n: int) -> str:
    """The first `n` utterances of `dialogue`, which has one a line."""
    return " ".join(utterances(dialogue)[:n])


def longest(dialogue: str, n: int) -> str:
    """The `n` longest utterances in words, the earlier one where two are equal, in the dialogue's order."""
    lines = utterances(dialogue)
    chosen = sorted(range(len(lines)), key=lambda index: (-len(lines[index].split()), index))[:n]
    return " ".join(lines[index] for index in sorted(chosen))


def utterances(dialogue: str) -> list[str]:
    return [line.strip() for line in dialogue.split("\n") if line.strip()]
