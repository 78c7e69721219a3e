"""The model card of an exported run, in the metadata format of the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from .card_text import (
    choice_of,
    data_of,
    limitations_of,
    origin_of,
    place_of,
    recipe_of,
    scores_of,
    splits_of,
    usage_of,
    what_it_is,
)
from .comparison import read_study
from .config import Run
from .finished_study import FinishedStudy
from .results import METRICS
from .sources import hub_source
from .stats import linear_estimate
from .wording import counted, metric_name, number

if TYPE_CHECKING:
    from huggingface_hub import ModelCard, ModelCardData

TEMPLATE = Path(__file__).parents[2] / "report/model_card.md.j2"


def model_card(study: FinishedStudy, run: Run) -> ModelCard:
    """The card of a run: what it is, how it was chosen, trained and scored, and what it is not good for."""
    from huggingface_hub import ModelCard

    record, own = study.records[run], own_scores(study, run)
    counts = record["counts"]
    per_dialogue = counts["references"] / counts["dialogues"]
    text = ModelCard.from_template(
        card_data(study, run, own),
        template_path=str(TEMPLATE),
        title=f"{study.config['name']}: {run.method}, seed {run.seed}",
        study=study.config["name"],
        what=what_it_is(study, run),
        **usage_of(study, run),
        test_set=f"{counted(counts['dialogues'], 'dialogue')} with {per_dialogue:.3g} reference{'' if per_dialogue == 1 else 's'} each",
        protocol="the mean over a dialogue's references, then over dialogues",
        **scores_of(study, run, own),
        choice=choice_of(study, run),
        data=data_of(study),
        splits=splits_of(study),
        recipe=recipe_of(study, run),
        settings=yaml.safe_dump(record["settings"], sort_keys=False, allow_unicode=True).rstrip(),
        limitations="\n".join(f"- {one}" for one in limitations_of(study, run)),
        origin=origin_of(study, run),
    )
    return ModelCard(text.content.rstrip() + "\n")


def own_scores(study: FinishedStudy, run: Run) -> dict[str, tuple[float, float, float]]:
    """Metric -> this run's mean and its 95 % interval for new dialogues."""
    scores = read_study([(run.method, study.run_folder(run) / "scores.csv")], set()).scores
    estimates = {metric: linear_estimate([(1, scores[metric][run.method])]) for metric in METRICS}
    return {metric: (float(found.value), *map(float, found.interval())) for metric, found in estimates.items()}


def card_data(study: FinishedStudy, run: Run, own: dict[str, tuple[float, float, float]]) -> ModelCardData:
    """The metadata block: only what the hub can look up is named by an id, and no licence is claimed."""
    from huggingface_hub import EvalResult, ModelCardData

    model, data = hub_source(study.config, "model"), hub_source(study.config, "data")
    adapter = study.records[run]["kind"] == "peft"
    results = [
        EvalResult(
            task_type="summarization",
            task_name="Summarization of dialogues",
            # The specification asks for an id; of files of the user's own there is none.
            dataset_type=data.repo_id if data else "custom",
            dataset_name=place_of(study, "data"),
            dataset_split="test",
            dataset_revision=data.commit if data else None,
            metric_type="rouge",
            metric_name=f"{metric_name(metric)}, F-measure in points [{number(low, 2)}, {number(high, 2)}]",
            metric_value=round(value, 2),
        )
        for metric, (value, low, high) in own.items()
    ]
    return ModelCardData(
        base_model=model.repo_id if model else None,
        base_model_relation=("adapter" if adapter else "finetune") if model else None,
        datasets=[data.repo_id] if data else None,
        library_name="peft" if adapter else "transformers",
        pipeline_tag="summarization",
        metrics=["rouge"],
        tags=[
            "parity",
            "dialogue-summarization",
            *([study.records[run]["settings"]["peft"]["peft_type"].lower()] if adapter else []),
        ],
        model_name=f"{study.config['name']}-{run.method}-seed-{run.seed}",
        eval_results=results,
    )
