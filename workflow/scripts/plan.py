"""How many seeds and test dialogues the questions of a study need, from what its runs showed: plan.md, plan.csv, a plot."""

from pathlib import Path

from parity.files import read_table, whole, write_table, write_text
from parity.job import run_logged
from parity.plan import plan_page, plan_table
from parity.plots import plan_figure, save_figure


def main(job):
    contrasts = read_table(job.input.contrasts)
    table = plan_table(contrasts, job.params.config)
    write_table(job.output.table, table)
    write_text(job.output.page, plan_page(table, contrasts, job.params.config))
    figure = plan_figure(table, job.params.config)
    for path in (job.output.png, job.output.svg):
        with whole(Path(path)) as place:
            save_figure(figure, place)


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
