"""Gather runs and comparison into results.csv, summary.csv, summary.md, verdict.md and table.tex."""

from parity.files import read_json, read_table, write_table, write_text
from parity.job import run_logged


def main(job):
    # Here, since where a warm process has these libraries loaded, this one need not load them.
    from parity.latex import latex_table
    from parity.tables import results_table, summary_page, summary_table
    from parity.verdict import verdict_page

    config = job.params.config
    results = results_table([read_json(path) for path in job.input.records])
    estimates, contrasts = read_table(job.input.estimates), read_table(job.input.contrasts)
    summary = summary_table(results, estimates, config)
    write_table(job.output.results, results)
    write_table(job.output.summary, summary)
    write_text(job.output.page, summary_page(summary, estimates, results, config))
    human, look = (read_json(path) if (path := job.input.get(name)) else None for name in ("human", "look"))
    write_text(job.output.verdict, verdict_page(estimates, contrasts, results, config, human, look))
    write_text(job.output.latex, latex_table(estimates, contrasts, results, config))


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
