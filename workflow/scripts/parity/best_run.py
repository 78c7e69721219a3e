"""Which run of a study is handed on. The test set has no say: who chooses by it reports a score that is too good."""

from __future__ import annotations

from .config import Run
from .errors import InputError
from .finished_study import FinishedStudy


def best_of_method(study: FinishedStudy, method: str) -> Run:
    """The seed with the lowest last evaluation loss, which is computed on the validation split; of equals, the first.

    Raises:
        InputError: no such method, it is not trained, or a run has no evaluation loss.
    """
    if method not in study.trained_methods:
        known = ", ".join(study.trained_methods) or "none"
        raise InputError(f"METHOD = {method}", "the study has no trained method of this name", f"Trained: {known}")
    runs = study.runs_of(method)
    for run in runs:
        if _loss(study, run) is None:
            where = f"{study.run_folder(run)}/rouge.json"
            raise InputError(where, "has no evaluation loss to choose a seed by", "Train for at least one whole epoch")
    return min(runs, key=lambda run: _loss(study, run))


def best_of_study(study: FinishedStudy) -> list[Run]:
    """The best fully trained model and the best adapter, each by evaluation loss; one of them where the study has one.

    Raises:
        InputError: nothing was trained, or two methods of a kind smooth labels differently: their losses do not compare.
    """
    chosen = []
    for kind in ("full", "peft"):
        methods = [name for name in study.trained_methods if study.config["methods"][name]["kind"] == kind]
        best = [best_of_method(study, name) for name in methods]
        smoothing = {
            name: study.records[run]["settings"]["train"]["label_smoothing_factor"]
            for name, run in zip(methods, best, strict=True)
        }
        if len(set(smoothing.values())) > 1:
            problem = f"the losses of {', '.join(smoothing)} do not compare, since they smooth labels differently"
            raise InputError("the best of the study", problem, "Name one: METHOD=...")
        chosen += [min(best, key=lambda run: _loss(study, run))] if best else []
    if not chosen:
        raise InputError(f"the study {study.config['name']}", "has trained nothing to export", "Compare a method that is trained")
    return chosen


def _loss(study: FinishedStudy, run: Run) -> float | None:
    return study.records[run]["training"]["eval_loss"]
