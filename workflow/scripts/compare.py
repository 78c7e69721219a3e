"""Put every run's scores of every dialogue together: estimates.csv (a row a method and metric), contrasts.csv (a row a pair)."""

from pathlib import Path

from parity.comparison import contrasts_table, estimates_table, read_study
from parity.files import write_table
from parity.job import run_logged


def main(job):
    runs = list(zip(job.params.methods, map(Path, job.input), strict=True))
    study = read_study(runs, set(job.params.deterministic))
    write_table(job.output.estimates, estimates_table(study, job.params.config))
    write_table(job.output.contrasts, contrasts_table(study, job.params.config))


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
