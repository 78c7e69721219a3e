"""How many seeds and test dialogues the questions of a study need, and what these cost, from a pilot: plan.md, plan.csv, a plot."""

from pathlib import Path

from parity.files import read_json, read_table, whole, write_table, write_text
from parity.job import run_logged


def main(job):
    # Here, since where a warm process has these libraries loaded, this one need not load them.
    from parity.comparison import contrasts_table, read_study
    from parity.plan import plan_page, plan_table
    from parity.plots import plan_figure, save_figure
    from parity.tables import results_table

    if scores := job.input.get("scores"):
        runs = [(path.parents[1].name, path) for path in map(Path, scores)]
        contrasts = contrasts_table(read_study(runs, set(job.params.deterministic)), job.params.config)
    else:
        contrasts = read_table(job.input.contrasts)
    table = plan_table(contrasts, job.params.config)
    write_table(job.output.table, table)
    results = results_table([read_json(path) for path in job.input.records])
    write_text(job.output.page, plan_page(table, contrasts, job.params.config, results))
    figure = plan_figure(table, job.params.config)
    for path in (job.output.png, job.output.svg):
        with whole(Path(path)) as place:
            save_figure(figure, place)


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
