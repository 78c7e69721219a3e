"""A run of a finished study as a folder for the Hugging Face hub: weights, tokenizer, model card, records."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .card_text import place_of
from .config import Run, study_folder
from .errors import InputError
from .files import read_json, whole, write_json
from .finished_study import FinishedStudy
from .model_card import model_card
from .sources import hub_source

RECORDS = ("rouge.json", "train.json", "generate.json", "predictions.jsonl", "scores.csv")
OF_THE_STUDY = ("summary.md", "verdict.md", "estimates.csv", "contrasts.csv")
# Snakemake's own mark, and PEFT's empty card.
LEFT_OUT = (".snakemake_timestamp", "README.md")


def export_run(study: FinishedStudy, run: Run, out: Path) -> None:
    """Write the folder `out`, whole or not at all.

    Raises:
        InputError: the weights in the run's folder are not safetensors.
    """
    model = study.run_folder(run) / "model"
    if not any(model.glob("*.safetensors")):
        raise InputError(str(model), "no weights (*.safetensors) there", "Delete the folder and run snakemake again")
    with whole(out) as folder:
        shutil.copytree(model, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
        if study.records[run]["kind"] == "peft":
            _complete_adapter(study, folder)
        else:
            _decode_as_the_study(study, run, folder)
        for name in RECORDS:
            _copy(study.run_folder(run) / name, folder / "records" / name)
        for name in OF_THE_STUDY:
            _copy(study.folder / name, folder / "records/study" / name)
        _copy(Path(study.config_file), folder / "records/study/config.yaml")
        # Last, since it lists what lies there.
        model_card(study, run).save(folder / "README.md")


def _complete_adapter(study: FinishedStudy, folder: Path) -> None:
    """Say in the adapter's config where everybody finds its base, and put the tokenizer beside it."""
    from .tokens import load_tokenizer

    path = folder / "adapter_config.json"
    config = read_json(path)
    base = hub_source(study.config, "model")
    if base:
        config["base_model_name_or_path"], config["revision"] = base.repo_id, base.commit
    else:
        config["base_model_name_or_path"] = place_of(study, "model")
    write_json(path, config)
    load_tokenizer(study_folder(study.config, "model")).save_pretrained(folder)


def _decode_as_the_study(study: FinishedStudy, run: Run, folder: Path) -> None:
    """Make generate() write, by default, what the study's summaries were decoded with."""
    from .generation import NOT_DECODING

    path = folder / "generation_config.json"
    settings = study.records[run]["settings"]["generation"]
    decoding = {key: value for key, value in settings.items() if key not in NOT_DECODING}
    write_json(path, (json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}) | decoding)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
