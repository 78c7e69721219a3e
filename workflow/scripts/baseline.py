"""Write the predictions of a baseline: lead, longest or human."""

from parity.baselines import baseline_predictions
from parity.data import read_records
from parity.files import write_json_lines
from parity.job import run_logged


def main(job):
    method = job.params.method
    rows = baseline_predictions(method["baseline"], read_records(job.input.test), method.get("n"))
    write_json_lines(job.output.predictions, rows)


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
