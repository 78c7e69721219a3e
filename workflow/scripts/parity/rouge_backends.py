"""ROUGE of (prediction, reference) pairs by one of two libraries, which give the same scores to the last bit."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

from .errors import InputError
from .results import METRICS

ROUGE_SCORE, ROUGE_SCORE_RS = "rouge_score", "rouge_score_rs"
# The version that the tests have run with; requirements-scoring.txt holds it too.
PACKAGE = "rouge-score-rs==0.2.1"
# A test set of any size then takes no more memory.
TEXTS_KEPT, WORDS_KEPT = 1000, 100_000


def require_backend(where: str, backend: str) -> None:
    """Raise InputError if the library that the key `where` names is not installed. It is not imported: this costs nothing."""
    if backend == ROUGE_SCORE_RS and find_spec(backend) is None:
        raise InputError(f"{where} = {backend}", "it is not installed", f"Install it: .venv/bin/python -m pip install {PACKAGE}")


def score_pairs(predictions: list[str], references: list[str], backend: str = ROUGE_SCORE) -> dict[str, list[float]]:
    """ROUGE F-measures in points of each (prediction, reference) pair, with the Porter stemmer.

    Args:
        predictions, references: n texts each.
        backend: rouge_score or rouge_score_rs.
    Returns:
        A list of n points, 0 to 100, a metric of METRICS.
    Raises:
        InputError: the backend is not installed.
        ValueError: there are not as many predictions as references.
    """
    require_backend("scoring.backend", backend)
    score = {ROUGE_SCORE: _by_rouge_score, ROUGE_SCORE_RS: _by_rouge_score_rs}[backend]()
    points: dict[str, list[float]] = {metric: [] for metric in METRICS}
    for prediction, reference in zip(predictions, references, strict=True):
        of_pair = score(reference, prediction)
        for metric in METRICS:
            points[metric].append(100 * of_pair[metric].fmeasure)
    return points


# The libraries are imported where they are used: the Snakefile imports this module, and rouge_score takes a second to load.
def _by_rouge_score():
    from nltk.stem.porter import PorterStemmer
    from rouge_score import rouge_scorer, tokenize

    # A prediction meets every reference of its dialogue, and words come again and again.
    stemmer = SimpleNamespace(stem=lru_cache(WORDS_KEPT)(PorterStemmer().stem))
    tokenizer = SimpleNamespace(tokenize=lru_cache(TEXTS_KEPT)(lambda text: tokenize.tokenize(text, stemmer)))
    of_ngrams = rouge_scorer.RougeScorer(("rouge1", "rouge2"), tokenizer=tokenizer)
    of_lines = rouge_scorer.RougeScorer(("rougeLsum",), tokenizer=tokenizer)

    def score(reference: str, prediction: str) -> dict[str, Any]:
        scores = of_ngrams.score(reference, prediction)
        scores["rougeL"] = _rouge_l(tokenizer.tokenize(reference), tokenizer.tokenize(prediction))
        # Lsum joins the longest common subsequences of lines, and of a single line that is L's.
        has_lines = "\n" in reference or "\n" in prediction
        return scores | (of_lines.score(reference, prediction) if has_lines else {"rougeLsum": scores["rougeL"]})

    return score


def _rouge_l(reference: list[str], prediction: list[str]) -> Any:
    """rouge_score's ROUGE-L of tokens, whose table of all pairs of tokens takes most of its time."""
    from rouge_score import scoring

    if not reference or not prediction:
        return scoring.Score(precision=0, recall=0, fmeasure=0)
    common = lcs_length(reference, prediction)
    precision, recall = common / len(prediction), common / len(reference)
    return scoring.Score(precision=precision, recall=recall, fmeasure=scoring.fmeasure(precision, recall))


def lcs_length(one: list[str], other: list[str]) -> int:
    """The length of the longest common subsequence, a row of the table in the bits of one number (Hyyro 2004)."""
    places: dict[str, int] = {}
    for place, token in enumerate(one):
        places[token] = places.get(token, 0) | 1 << place
    everywhere = (1 << len(one)) - 1
    # A bit is 0 where the subsequence becomes longer.
    row = everywhere
    for token in other:
        met = row & places.get(token, 0)
        row = (row + met | row - met) & everywhere
    return len(one) - row.bit_count()


def _by_rouge_score_rs():
    from rouge_score_rs import rouge_scorer

    # A pair at a time, since its batches would take all cores of the machine and not those of the job.
    return rouge_scorer.RougeScorer(METRICS, use_stemmer=True).score
