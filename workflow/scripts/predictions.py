"""Bring another system's summaries into the form that all methods share."""

from pathlib import Path

from parity.data import read_records
from parity.files import write_json_lines
from parity.job import run_logged
from parity.predictions import read_outside_predictions


def main(job):
    ids = [record.id for record in read_records(job.input.test)]
    where = f"methods.{job.wildcards.method}.file"
    write_json_lines(job.output.predictions, read_outside_predictions(Path(job.input.outside), ids, where))


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
