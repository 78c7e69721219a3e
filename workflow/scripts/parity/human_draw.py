"""Which dialogues and summaries people judge, blinded: a key that stays here, and a sheet a rater that says nothing of methods."""

from __future__ import annotations

import csv
import hashlib
import hmac
import math
import random
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from .config import Run
from .data import Record
from .errors import InputError
from .files import digest, file_digest, read_json_lines
from .results import SCORE_COLUMNS

KEY_FORMAT = "parity-key-1"


@dataclass(frozen=True)
class RunSummaries:
    """What one run wrote.

    Attributes:
        texts: dialogue's id -> summaries; several where each reference is one (the baseline human).
        scores: dialogue's id -> metric -> points.
        digest: SHA-256 of its predictions.jsonl.
    """

    run: Run
    texts: dict[str, list[str]]
    scores: dict[str, dict[str, float]]
    digest: str

    def __str__(self) -> str:
        return f"{self.run.method}/seed-{self.run.seed}"


def read_run(run: Run, predictions: Path, scores: Path) -> RunSummaries:
    """A run's predictions.jsonl and scores.csv."""
    texts: dict[str, list[str]] = {}
    for row in read_json_lines(Path(predictions)):
        texts.setdefault(row["id"], []).append(row["prediction"])
    with Path(scores).open(encoding="utf-8", newline="") as file:
        points = {row["id"]: {name: float(row[name]) for name in SCORE_COLUMNS} for row in csv.DictReader(file)}
    return RunSummaries(run, texts, points, file_digest(predictions))


def draw(
    records: list[Record], runs: list[RunSummaries], settings: dict, metric: str, ceilings: list[str]
) -> tuple[dict, dict[str, dict]]:
    """The key, and the sheet of each rater.

    Each dialogue is shown with one summary a method, of a run drawn for that dialogue, so that a method's seeds are mixed as
    in its mean. All raters judge the same summaries, in an order of their own. Everything is drawn from the seed and the
    summaries themselves: the same inputs give the same sheets, and nobody without the summaries can repeat the draw.

    Args:
        records: the test set.
        runs: every run of the methods to judge.
        settings: the block human_evaluation.
        metric: the primary metric.
        ceilings: the methods whose summaries are references.
    Returns:
        The key as written to key.json, and rater -> sheet as embedded in the page.
    Raises:
        InputError: more dialogues are asked for than there are, or no method is to be judged.
    """
    if not runs:
        raise InputError(
            f"human_evaluation.methods = {settings['methods']}", "every compared method is a baseline", "Name those to judge"
        )
    spreads = _spreads(records, runs, metric)
    chosen = draw_dialogues(spreads, settings["dialogues"], settings["seed"])
    predictions = {str(run): run.digest for run in runs}
    salt = digest([settings, [record.id for record in records], predictions])
    shown = {name: _shown_summaries(name, runs, salt) for name in chosen}
    dialogues = {record.id: record.dialogue for record in records}
    questions = _questions(list(dict.fromkeys(run.run.method for run in runs)), settings["pairs_per_dialogue"], salt)
    key = {
        "format": KEY_FORMAT,
        "settings": settings,
        "metric": metric,
        "ceilings": ceilings,
        "salt": salt,
        "predictions": predictions,
        "dialogues": [{"id": name, "spread": spreads[name], "summaries": shown[name]} for name in chosen],
        "sheets": {},
    }
    sheets = {}
    for number, rater in enumerate(settings["raters"]):
        asked = {name: questions(number, place) for place, name in enumerate(chosen)}
        key["sheets"][rater], sheets[rater] = _sheet(rater, shown, asked, dialogues, settings["scales"], salt)
    for summaries in shown.values():
        for summary in summaries.values():
            # Which text it was stands in predictions.jsonl, and a key is nothing to read for pleasure.
            del summary["text"]
    return key | {"digest": digest(key)}, sheets


def draw_dialogues(spreads: dict[str, float], n: int, seed: int) -> list[str]:
    """`n` ids, drawn systematically from the ids ordered by how far the methods lie apart (Madow and Madow 1944).

    Of every stretch of that order one dialogue is taken, so that dialogues on which the methods agree and those on which they
    differ come in the shares that they have in the test set. Each dialogue is drawn with the same probability: means over
    the drawn ones need no weights.
    """
    if n > len(spreads):
        raise InputError(
            f"human_evaluation.dialogues = {n}", f"the test set has {len(spreads)}", f"Ask for {len(spreads)} or fewer"
        )
    generator = random.Random(f"dialogues {seed}")
    ids = list(spreads)
    generator.shuffle(ids)
    ids.sort(key=spreads.get)
    start = generator.random()
    return [ids[math.floor((start + place) * len(ids) / n)] for place in range(n)]


def _spreads(records: list[Record], runs: list[RunSummaries], metric: str) -> dict[str, float]:
    """Dialogue's id -> points between the best and the worst method's mean over its runs."""
    by_method: dict[str, list[RunSummaries]] = {}
    for run in runs:
        by_method.setdefault(run.run.method, []).append(run)
    spreads = {}
    for record in records:
        means = [math.fsum(run.scores[record.id][metric] for run in of) / len(of) for of in by_method.values()]
        # Rounded, since the last bit of a mean must not decide an order.
        spreads[record.id] = round(max(means) - min(means), 9)
    return spreads


def _shown_summaries(dialogue: str, runs: list[RunSummaries], salt: str) -> dict[str, dict]:
    """Method -> the summary of it that is shown: seed, number among the run's summaries of the dialogue, text and scores."""
    by_method: dict[str, list[tuple[RunSummaries, int, str]]] = {}
    for run in runs:
        for number, text in enumerate(run.texts[dialogue]):
            by_method.setdefault(run.run.method, []).append((run, number, text))
    shown = {}
    for method, candidates in by_method.items():
        run, number, text = random.Random(f"{salt} run {dialogue} {method}").choice(candidates)
        shown[method] = {"seed": run.run.seed, "number": number, "text": text, "scores": run.scores[dialogue]}
    return shown


def _questions(methods: list[str], n: int, salt: str):
    """A function (rater's number, dialogue's place) -> the pairs of methods asked for.

    Pairs take turns, over a rater's dialogues and over the raters of a dialogue: each comes equally often, up to one.
    """
    pairs = list(combinations(methods, 2))
    random.Random(f"{salt} pairs").shuffle(pairs)
    n = min(n, len(pairs))
    return lambda rater, place: [pairs[((rater + place) * n + extra) % len(pairs)] for extra in range(n)]


def _sheet(
    rater: str, shown: dict[str, dict], asked: dict[str, list], dialogues: dict[str, str], scales: list[str], salt: str
) -> tuple[dict, dict]:
    """One rater's part of the key, and their sheet."""
    generator = random.Random(f"{salt} sheet {rater}")

    def token(*parts: str) -> str:
        """A name that says nothing to whom the salt, which is in the key alone, is not known."""
        return hmac.new(salt.encode(), "\n".join((rater, *parts)).encode(), hashlib.sha256).hexdigest()[:16]

    order = list(shown)
    generator.shuffle(order)
    key_items, items = [], []
    for name in order:
        methods = list(shown[name])
        generator.shuffle(methods)
        names = {method: token(name, method) for method in methods}
        pairs = [sorted(pair, key=methods.index) for pair in asked[name]]
        generator.shuffle(pairs)
        item = token(name)
        key_items.append(
            {
                "item": item,
                "dialogue": name,
                "summaries": {names[method]: method for method in methods},
                "pairs": [[names[method] for method in pair] for pair in pairs],
            }
        )
        items.append(
            {
                "item": item,
                "dialogue": dialogues[name],
                "summaries": [{"token": names[method], "text": shown[name][method]["text"]} for method in methods],
                "pairs": key_items[-1]["pairs"],
            }
        )
    sheet = {"sheet": token(), "rater": rater, "scales": scales, "items": items}
    sheet["digest"] = digest(sheet)
    return {"sheet": sheet["sheet"], "digest": sheet["digest"], "items": key_items}, sheet
