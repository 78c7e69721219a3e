"""Gather all runs' records into results.csv (a row a run), summary.csv (a row a method) and summary.md."""

from pathlib import Path

from parity.files import read_json, whole, write_text
from parity.job import run_logged
from parity.tables import results_table, summary_page, summary_table


def main(job):
    results = results_table([read_json(path) for path in job.input])
    summary = summary_table(results, job.params.config)
    for table, path in ((results, job.output.results), (summary, job.output.summary)):
        with whole(Path(path)) as place:
            table.to_csv(place, index=False)
    write_text(job.output.page, summary_page(summary, results, job.params.config))


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
