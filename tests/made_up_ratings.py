"""Rating sheets of made-up studies, and what made-up raters save."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from parity.config import Run
from parity.data import Record
from parity.human_draw import RunSummaries, draw
from parity.human_scales import TIE
from parity.human_sheet import EXPORT_FORMAT, checksum
from parity.results import SCORE_COLUMNS

SETTINGS = {
    "dialogues": 6,
    "seed": 0,
    "methods": None,
    "raters": ["ada", "ben", "cleo"],
    "scales": ["relevance", "coherence", "coverage"],
    "pairs_per_dialogue": 1,
}


def runs_of(records: list[Record], points: dict[str, np.ndarray], texts: Callable[[str, int, str], str] | None = None):
    """The runs of methods with these scores, shape (seeds, dialogues) a method."""
    found = []
    for method, values in points.items():
        for number, row in enumerate(np.atleast_2d(values), 1):
            written = {
                one.id: [texts(method, number, one.id) if texts else f"A summary of {one.id}, {len(found)}."] for one in records
            }
            scores = {one.id: dict.fromkeys(SCORE_COLUMNS, float(value)) for one, value in zip(records, row, strict=True)}
            found.append(RunSummaries(Run(method, number), written, scores, f"digest of {method} {number}"))
    return found


def records_of(n: int) -> list[Record]:
    return [Record(f"test_{number}", f"#Person1#: Number {number}?\n#Person2#: Yes.", ("One.", "Two.")) for number in range(n)]


def drawn(points: dict[str, np.ndarray], ceilings: tuple[str, ...] = (), **settings) -> tuple[dict, dict[str, dict]]:
    """Key and sheets of a made-up study."""
    records = records_of(np.atleast_2d(next(iter(points.values()))).shape[1])
    return draw(records, runs_of(records, points), SETTINGS | settings, "rouge1", list(ceilings))


def saved(key: dict, rater: str, rate: Callable, prefer: Callable | None = None, items: slice = slice(None)) -> dict:
    """What a rater saves.

    Args:
        rate: (dialogue, method, scale) -> grade.
        prefer: (dialogue, method, other) -> the better method, or None for no difference.
        items: which of the sheet's dialogues were rated.
    """
    sheet = key["sheets"][rater]
    ratings = []
    for item in sheet["items"][items]:
        tokens = {method: token for token, method in item["summaries"].items()}
        preferences = []
        for pair in item["pairs"]:
            better = prefer(item["dialogue"], *(item["summaries"][token] for token in pair)) if prefer else None
            preferences.append({"pair": pair, "better": tokens[better] if better else TIE})
        summaries = [
            {"summary": token} | {scale: rate(item["dialogue"], method, scale) for scale in key["settings"]["scales"]}
            for token, method in item["summaries"].items()
        ]
        ratings.append({"item": item["item"], "summaries": summaries, "preferences": preferences})
    body = {"format": EXPORT_FORMAT, "sheet": sheet["sheet"], "rater": rater, "digest": sheet["digest"], "ratings": ratings}
    return sealed(body)


def sealed(body: dict) -> dict:
    """With its checksum, as the page computes it."""
    body = {name: value for name, value in body.items() if name != "checksum"}
    return body | {"checksum": checksum(json.dumps(body, ensure_ascii=False, separators=(",", ":")))}


def write(folder: Path, *exports: dict) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, export in enumerate(exports):
        paths.append(folder / f"saved-{number}.json")
        paths[-1].write_text(json.dumps(export, indent=1, ensure_ascii=False), encoding="utf-8")
    return paths


class People:
    """Raters with tastes: a method's worth, a dialogue's difficulty, a rater's leniency and noise, cut to 1 to 5."""

    def __init__(
        self, worth: dict[str, float], seed: int = 0, rater_sd: float = 0.4, dialogue_sd: float = 0.5, noise_sd: float = 0.7
    ):
        self.worth, self.generator = worth, np.random.default_rng(seed)
        self.rater_sd, self.dialogue_sd, self.noise_sd = rater_sd, dialogue_sd, noise_sd
        self.liking: dict[tuple, float] = {}

    def export(self, key: dict, rater: str, items: slice = slice(None)) -> dict:
        leniency = self.generator.normal(0, self.rater_sd)

        def felt(dialogue: str, method: str) -> float:
            shared = self.liking.setdefault((dialogue, method), self.generator.normal(0, self.dialogue_sd))
            return self.worth[method] + shared + leniency

        def rate(dialogue: str, method: str, scale: str) -> int:
            return int(np.clip(round(felt(dialogue, method) + self.generator.normal(0, self.noise_sd)), 1, 5))

        def prefer(dialogue: str, method: str, other: str) -> str | None:
            gap = felt(dialogue, method) - felt(dialogue, other) + self.generator.normal(0, self.noise_sd)
            return None if abs(gap) < 0.3 else method if gap > 0 else other

        return saved(key, rater, rate, prefer, items)
