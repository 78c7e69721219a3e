"""The record of a run, rouge.json: its scores and everything that a reader needs to trust them."""

from __future__ import annotations

import jsonschema

from .config import load_schema

METRICS = ("rouge1", "rouge2", "rougeL", "rougeLsum")
# Columns of a run's scores.csv: a dialogue's mean over its references, and its maximum.
SCORE_COLUMNS = (*METRICS, *(f"{metric}_max" for metric in METRICS))
UNIT = "ROUGE F-measure in points, 0 to 100"
PROTOCOL = "mean over dialogues of the mean over a dialogue's references; *_max: of the maximum over them"
# What chance a method's runs show, the column `chance` of the tables.
SEEDS, ONE_RUN, DETERMINISTIC = "seeds", "one run", "deterministic"
# What an interval speaks of, the column `scope`.
NEW_SEEDS, THESE_RUNS, NO_SEEDS = "new seeds and dialogues", "these runs on new dialogues", "new dialogues"
ESTIMAND = (
    "What a method scores on average when it is trained again with new seeds and tested on new dialogues like these; of two "
    "methods, the difference of these averages."
)
# The protocol of one metric.
PROTOCOLS = dict.fromkeys(METRICS, "mean over references") | dict.fromkeys(SCORE_COLUMNS[4:], "best reference")
TRAINING_KEYS = (
    "parameters",
    "trainable",
    "trainable_percent",
    "target_modules",
    "steps",
    "precision",
    "processes",
    "cpu_threads",
    "gradient_accumulation_steps",
    "resumed",
    "input_tokens",
    "target_tokens",
    "token_sums",
    "padding_share",
    "bytes_on_disk",
    "device",
    "machine",
    "seconds_by_phase",
    "peak_host_bytes",
    "peak_gpu_bytes",
    "gpu_hours",
    "gpu_energy_joules",
    "cpu_energy_joules",
)
# What the script adds, once the training is over.
SPEED_KEYS = (
    "examples_per_second",
    "tokens_per_second",
    "peak_flops_per_second",
    "model_flops",
    "model_flops_utilisation",
)


def result_record(
    study: str,
    method: str,
    seed: int | None,
    block: dict,
    metrics: dict[str, float],
    counts: dict[str, int],
    training: dict | None,
    generation: dict | None,
    scoring: dict,
    provenance: dict,
    task: dict,
) -> dict:
    """A run's record, checked against workflow/schemas/result.schema.yaml.

    Args:
        seed: None where no seed changes the run.
        block: the method's resolved config.
        metrics: mean scores by name.
        counts: `dialogues`, `references` and `predictions` that were scored.
        training: what train.json holds, or None.
        generation: what generate.json holds, or None.
        scoring: `backend`, the library that scored, and what it cost, see Meter.costs.
        provenance: packages, code, machine, digests and time.
        task: what all methods of the study share, see parity.config.task_of.
    Raises:
        jsonschema.ValidationError: the record breaks its contract.
    """
    record = {
        "study": study,
        "method": method,
        "kind": block["kind"],
        "seed": seed,
        "settings": {key: value for key, value in block.items() if key != "kind"},
        "task": task,
        "unit": UNIT,
        "protocol": PROTOCOL,
        "metrics": metrics,
        "counts": counts,
        "training": training and _training_summary(training),
        "generation": generation,
        "scoring": scoring,
        "provenance": provenance,
    }
    jsonschema.validate(record, load_schema("result"), cls=jsonschema.Draft202012Validator)
    return record


def _training_summary(training: dict) -> dict:
    return {key: training[key] for key in TRAINING_KEYS + SPEED_KEYS} | {
        "loss": training["loss"][-1]["loss"] if training["loss"] else None,
        "eval_loss": training["eval_loss"][-1]["eval_loss"] if training["eval_loss"] else None,
    }
