"""Scoring pairs with all four metrics, and what a process that scores has to import: Parity against evaluate with rouge_score."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"
REAL = ROOT.parent / "shared/data/dialogsum/dialogsum.test.jsonl"
EMBEDDED = ROOT / "resources/quickstart/test.jsonl"
REPETITIONS = 5
PLAINLY = "evaluate with rouge_score, as it is used plainly"
sys.path.insert(0, str(SCRIPTS))


def rows() -> list[dict]:
    """Both backends on every pair of the floor `lead` with a reference of the test set, and the imports of either way.

    Raises:
        AssertionError: the two sides' scores are not the same, bit for bit.
    """
    import evaluate

    from parity.rouge_backends import ROUGE_SCORE, ROUGE_SCORE_RS, score_pairs

    predictions, references, data = _pairs()
    metric = evaluate.load(str(SCRIPTS / "parity/metrics/rouge_points"), keep_in_memory=True)
    found = []
    for backend in (ROUGE_SCORE, ROUGE_SCORE_RS):
        scores = []
        ours, theirs = _in_turn(
            lambda backend=backend, scores=scores: scores.append(score_pairs(predictions, references, backend)),
            lambda scores=scores: scores.append(metric.compute(predictions=predictions, references=references)),
        )
        assert all(one == scores[0] for one in scores)
        each = 1000 / len(references)
        work = f"Scoring {len(references):,} pairs with four metrics, backend {backend}"
        note = f"{data}; one thread; the scores are the same bits"
        found.append(_row(work, PLAINLY, ours * each, theirs * each, "ms a pair", note))
    ours, theirs = _in_turn(
        lambda: _imported("import score; from rouge_score import rouge_scorer"),
        lambda: _imported("import evaluate; from rouge_score import rouge_scorer"),
    )
    found.append(_row("Imports of a process that scores", PLAINLY, ours, theirs, "s", "a fresh process each time"))
    return found


def _pairs() -> tuple[list[str], list[str], str]:
    """Predictions, references, and which data they are."""
    from parity.baselines import baseline_predictions
    from parity.data import load_split

    path, data = (REAL, "the real DialogSum") if REAL.is_file() else (EMBEDDED, "the embedded test set, not the real DialogSum")
    records = load_split(path, "test", {"id": None, "dialogue": "dialogue", "summary": "summary"})
    rows = baseline_predictions("lead", records, 3)
    pairs = [(row["prediction"], text) for row, record in zip(rows, records, strict=True) for text in record.references]
    predictions, references = map(list, zip(*pairs, strict=True))
    return predictions, references, data


def _in_turn(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of both, measured in turn, so that another load on the machine meets both."""
    seconds = [(_seconds(ours), _seconds(theirs)) for _ in range(REPETITIONS)]
    return tuple(statistics.median(column) for column in zip(*seconds, strict=True))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _imported(line: str) -> None:
    subprocess.run([sys.executable, "-c", line], cwd=SCRIPTS, check=True)


def _row(work: str, against: str, ours: float, theirs: float, unit: str, note: str) -> dict:
    ratio = theirs / ours
    return {"work": work, "against": against, "ours": ours, "theirs": theirs, "ratio": ratio, "unit": unit, "note": note}


if __name__ == "__main__":
    print(json.dumps(rows(), indent=2))
