"""Write the quick start's dialogues: python make_dialogues.py [--seed 2026] [--out .]

Made up by the scenes in dialogue_generator/, in DialogSum's official layout: train.jsonl and validation.jsonl with one
reference, test.jsonl with three. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from dialogue_generator import SCENES, Dialogue, draw_dialogue, draw_references

SPLIT_SIZES = {"test": 150, "validation": 150, "train": 1500}
TEST_REFERENCES = 3


def near_duplicate_key(text: str) -> str:
    """`text` in lower case with everything but a-z and 0-9 removed: equal keys are near-duplicates.

    Stricter than the audit's key, which keeps the borders of words.
    """
    return re.sub(r"[^a-z0-9]", "", text.lower())


def stream_dialogues(rng: random.Random, taken: set[str]) -> Iterator[Dialogue]:
    """Endless dialogues, the scenes in a fresh random order each round, none a near-duplicate of one in `taken`.

    Each dialogue's key is added to `taken`.
    """
    names = sorted(SCENES)
    while True:
        rng.shuffle(names)
        for name in names:
            dialogue = draw_dialogue(rng, name)
            key = near_duplicate_key(dialogue.text)
            if key not in taken:
                taken.add(key)
                yield dialogue


def split_records(seed: int) -> dict[str, list[dict]]:
    """The records of each split in DialogSum's layout, drawn from `seed`."""
    rng = random.Random(seed)
    dialogues = stream_dialogues(rng, set())
    splits: dict[str, list[dict]] = {}
    for split, size in SPLIT_SIZES.items():
        splits[split] = []
        for index in range(size):
            dialogue = next(dialogues)
            record = {"fname": f"{split}_{index}", "dialogue": dialogue.text}
            if split == "test":
                references = draw_references(rng, dialogue, TEST_REFERENCES)
                for number, reference in enumerate(references, 1):
                    record[f"summary{number}"] = reference
                    record[f"topic{number}"] = rng.choice(dialogue.topics)
            else:
                record["summary"] = draw_references(rng, dialogue, 1)[0]
                record["topic"] = rng.choice(dialogue.topics)
            splits[split].append(record)
    return splits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    for split, records in split_records(arguments.seed).items():
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (arguments.out / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
