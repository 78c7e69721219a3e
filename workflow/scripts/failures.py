"""Count the summaries of every run that are empty, repeated, copied, cut off, without a speaker's mark, or far too short or long."""

from pathlib import Path

from parity.data import read_records
from parity.files import read_json_lines, write_table
from parity.job import run_logged


def main(job):
    # Here, since where a warm process has pandas loaded, this one need not load it.
    from parity.failure_tables import failures_table

    predictions = (read_json_lines(Path(path)) for path in job.input.predictions)
    runs = zip(job.params.methods, job.params.seeds, predictions, strict=True)
    write_table(job.output[0], failures_table(runs, read_records(job.input.test)))


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
