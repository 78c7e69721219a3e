"""Refuse in seconds what would fail after hours: methods that do not fit the model, predictions that do not fit the test set.

Writes the parameter counts of every trained method.
"""

from pathlib import Path

from datasets import load_from_disk

from parity.baselines import baseline_predictions
from parity.config import GENERATING_KINDS, TRAINED_KINDS, method_block, outside_files, study_folder
from parity.data import read_records
from parity.errors import InputError
from parity.files import write_json
from parity.generation import check_generation
from parity.job import run_logged
from parity.methods import check_method, peft_config
from parity.models import check_model_folder
from parity.positions import check_method_lengths
from parity.predictions import read_outside_predictions


def main(job):
    config = job.config
    records = read_records(job.input.test)
    for name, file in outside_files(config):
        read_outside_predictions(Path(file), [record.id for record in records], f"methods.{name}.file")
    tokens, folder = load_from_disk(job.input.tokens), study_folder(config, "model")
    model = check_model_folder(folder)
    probe = tokens["train"][0]
    del probe["id"]
    counts = {}
    for name in config["compare"]:
        block = method_block(config, name)
        if block["kind"] == "baseline":
            check_baseline(name, block, records)
        if block["kind"] in GENERATING_KINDS:
            adapter = peft_config(name, block["peft"]) if block["kind"] == "peft" else None
            check_method_lengths(name, model, adapter, tokens, block["generation"]["max_new_tokens"])
        if block["kind"] in TRAINED_KINDS:
            counts[name] = check_method(name, block, folder, probe)
    if any(method_block(config, name)["kind"] in GENERATING_KINDS for name in config["compare"]):
        check_generation(folder, probe["input_ids"])
    write_json(job.output[0], counts)


def check_baseline(name, block, records):
    try:
        baseline_predictions(block["baseline"], records, block.get("n"))
    except ValueError as error:
        raise InputError(f"methods.{name}", str(error), f"Remove {name} from compare") from error


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
