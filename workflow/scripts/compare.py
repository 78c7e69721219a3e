"""Put every run's scores of every dialogue together: estimates.csv (a row a method and metric), contrasts.csv (a row a pair)."""

from pathlib import Path

from parity.files import read_json, write_table
from parity.job import run_logged


def main(job):
    # Here, since where a warm process has these libraries loaded, this one need not load them.
    from parity.comparison import contrasts_table, estimates_table, read_study

    runs = list(zip(job.params.methods, map(Path, job.input.scores), strict=True))
    look = job.input.get("look")
    study = read_study(runs, set(job.params.deterministic))
    write_table(job.output.estimates, estimates_table(study, job.params.config))
    write_table(job.output.contrasts, contrasts_table(study, job.params.config, read_json(look) if look else None))


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
