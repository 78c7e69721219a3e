"""Refuse in seconds what would fail after hours: methods that do not fit the model, predictions that do not fit the test set.

Writes the parameter counts of every trained method, and the memory that each stage of every method takes (docs/GPU.md).
"""

from pathlib import Path

from parity.baselines import baseline_predictions
from parity.config import GENERATING_KINDS, method_block, outside_files, study_folder
from parity.data import read_records
from parity.errors import InputError
from parity.files import write_json
from parity.job import run_logged
from parity.predictions import read_outside_predictions


def main(job):
    # Here, since where a warm process has these libraries loaded, this one need not load them.
    from datasets import load_from_disk

    from parity.examination import examine
    from parity.generation import check_generation

    config = job.config
    records = read_records(job.input.test)
    for name, file in outside_files(config):
        read_outside_predictions(Path(file), [record.id for record in records], f"methods.{name}.file")
    tokens, folder = load_from_disk(job.input.tokens), study_folder(config, "model")
    found = {}
    for name in config["compare"]:
        block = method_block(config, name)
        if block["kind"] == "baseline":
            check_baseline(name, block, records)
        elif block["kind"] in GENERATING_KINDS:
            found[name] = examine(name, block, folder, tokens)
    if found:
        check_generation(folder, tokens["train"][0]["input_ids"])
    write_json(job.output[0], found)


def check_baseline(name, block, records):
    try:
        baseline_predictions(block["baseline"], records, block.get("n"))
    except ValueError as error:
        raise InputError(f"methods.{name}", str(error), f"Remove {name} from compare") from error


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
