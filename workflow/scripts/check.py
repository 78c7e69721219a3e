"""Refuse in seconds what would fail after hours: methods that do not fit the model, predictions that do not fit the test set.

Writes the parameter counts of every trained method.
"""

from pathlib import Path

from datasets import load_from_disk

from parity.baselines import baseline_predictions
from parity.data import read_records
from parity.errors import InputError
from parity.files import write_json
from parity.job import run_logged
from parity.methods import check_method
from parity.predictions import read_outside_predictions


def main(job):
    records = read_records(job.input.test)
    ids = [record.id for record in records]
    for name, file in job.params.predictions:
        read_outside_predictions(Path(file), ids, f"methods.{name}.file")
    for name, block in job.params.baselines.items():
        try:
            baseline_predictions(block["baseline"], records, block.get("n"))
        except ValueError as error:
            raise InputError(f"methods.{name}", str(error), f"Remove {name} from compare") from error
    probe = load_from_disk(job.input.tokens)["train"][0]
    del probe["id"]
    counts = {name: check_method(name, block, job.params.model, probe) for name, block in job.params.trained.items()}
    write_json(job.output[0], counts)


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
