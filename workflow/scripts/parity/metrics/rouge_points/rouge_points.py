"""ROUGE for `evaluate.load`, with the score of every pair and without the bootstrap that makes others' scores random."""

import datasets
import evaluate
from rouge_score import rouge_scorer

TYPES = ("rouge1", "rouge2", "rougeL", "rougeLsum")

_DESCRIPTION = "F-measures of ROUGE-1, 2, L and Lsum (rouge_score, Porter stemmer), in points from 0 to 100, a pair at a time."
_CITATION = "Lin, Chin-Yew (2004). ROUGE: A Package for Automatic Evaluation of Summaries."
_INPUTS = "predictions and references: lists of n strings. Returns a list of n F-measures a type."


class RougePoints(evaluate.Metric):
    def _info(self):
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": datasets.Value("string"), "references": datasets.Value("string")}),
        )

    def _compute(self, predictions, references):
        scorer = rouge_scorer.RougeScorer(TYPES, use_stemmer=True)
        scores = [scorer.score(reference, prediction) for prediction, reference in zip(predictions, references, strict=True)]
        return {name: [100 * score[name].fmeasure for score in scores] for name in TYPES}
