"""Scoring predictions: ROUGE points a dialogue, as the mean over its references (primary) and as their maximum."""

from __future__ import annotations

import pandas as pd

from .data import Record
from .rouge_backends import ROUGE_SCORE, score_pairs


def score_dialogues(rows: list[dict], records: list[Record], backend: str = ROUGE_SCORE) -> pd.DataFrame:
    """Scores of each test dialogue.

    A row's prediction is scored against each reference but the one it names as `leave_out`. A dialogue's score is the
    mean over the references (`rouge1` ...) or their maximum (`rouge1_max` ...); where a dialogue has several rows, as
    for the human ceiling, the mean over the rows of that.

    Args:
        rows: what predictions.jsonl holds: id, prediction and perhaps leave_out.
        records: the test dialogues.
        backend: the library, as in `score_pairs`.
    Returns:
        id and two columns a metric, a row a dialogue, in the records' order.
    Raises:
        InputError: the backend is not installed.
        ValueError: the rows' dialogues are not exactly the records'.
    """
    by_id = {record.id: record for record in records}
    if {row["id"] for row in rows} != set(by_id):
        raise ValueError("the predictions' dialogues are not those of the test set")
    pairs = [
        (row["id"], number, row["prediction"], reference)
        for number, row in enumerate(rows)
        for index, reference in enumerate(by_id[row["id"]].references)
        if index != row.get("leave_out")
    ]
    ids, numbers, predictions, references = map(list, zip(*pairs, strict=True))
    table = pd.DataFrame({"id": ids, "row": numbers} | score_pairs(predictions, references, backend))
    by_row = table.groupby(["id", "row"], sort=False)
    scores = by_row.mean().join(by_row.max().add_suffix("_max")).groupby("id", sort=False).mean()
    return scores.loc[[record.id for record in records]].reset_index()


def mean_scores(scores: pd.DataFrame) -> dict[str, float]:
    """The mean over dialogues of each column of `score_dialogues`."""
    return {column: float(scores[column].mean()) for column in scores.columns if column != "id"}
