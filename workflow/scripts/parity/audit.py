"""Finding what is wrong with a dataset before anything is trained on it."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations

from .data import SPLITS, Record
from .errors import InputError


def near_duplicate_key(dialogue: str) -> str:
    """The words of `dialogue` (runs of a-z and 0-9, in lower case): equal keys are near-duplicates."""
    return " ".join(re.findall(r"[a-z0-9]+", dialogue.lower()))


def near_duplicates(splits: dict[str, list[Record]]) -> dict:
    """Near-duplicates within and between splits.

    Returns:
        within: a split's number of `groups` of near-duplicates and of `surplus` records (all but one of each group);
        between: for each pair of splits, the number of `dialogues` that stand in both and the `pairs` of ids.
    """
    keyed = {split: _by_key(records) for split, records in splits.items()}
    within = {}
    for split, groups in keyed.items():
        repeated = [ids for ids in groups.values() if len(ids) > 1]
        within[split] = {"groups": len(repeated), "surplus": sum(len(ids) - 1 for ids in repeated)}
    between = {}
    for first, second in combinations(SPLITS, 2):
        shared = [key for key in keyed[first] if key in keyed[second]]
        between[f"{first}-{second}"] = {
            "dialogues": len(shared),
            "pairs": [[a, b] for key in shared for a in keyed[first][key] for b in keyed[second][key]],
        }
    return {"within": within, "between": between}


def leaked_ids(splits: dict[str, list[Record]]) -> set[str]:
    """Ids of the training records whose dialogue, as a near-duplicate, also stands in validation or test."""
    held_out = {near_duplicate_key(r.dialogue) for split in ("validation", "test") for r in splits[split]}
    return {r.id for r in splits["train"] if near_duplicate_key(r.dialogue) in held_out}


def empty_fields(records: list[Record]) -> dict[str, list[str]]:
    """Ids of records with an empty dialogue, and with an empty (or no) reference."""
    return {
        "dialogue": [r.id for r in records if not r.dialogue],
        "summary": [r.id for r in records if not r.references or not all(r.references)],
    }


def without_empty(splits: dict[str, list[Record]], where: str) -> dict[str, list[Record]]:
    """`splits` without records that have an empty field.

    Raises:
        InputError: where the test set has one, since scores over fewer dialogues than others used mislead, or where a
            split has no record left.
    """
    for field, ids in empty_fields(splits["test"]).items():
        if ids:
            raise InputError(
                f"{where}: test",
                f"empty {field} in {len(ids)} record(s): {', '.join(ids[:5])}",
                "Mend or remove them: every test dialogue needs its text and its references",
            )
    kept = {}
    for split, records in splits.items():
        kept[split] = [r for r in records if r.dialogue and r.references and all(r.references)]
        if not kept[split]:
            raise InputError(f"{where}: {split}", "no record has both a dialogue and a summary", "Check the columns' names")
    return kept


def _by_key(records: list[Record]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for record in records:
        # An empty dialogue is a fault of its own, not a near-duplicate of every other empty one.
        if key := near_duplicate_key(record.dialogue):
            groups[key].append(record.id)
    return groups
