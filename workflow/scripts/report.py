"""Write the report of a finished study, and its pictures for papers."""

from pathlib import Path

from parity.config import Run
from parity.files import write_text
from parity.job import run_logged


def main(job):
    # Here, since where a warm process has these libraries loaded, this one need not load them.
    from parity.pictures import write_picture
    from parity.report import pictures_of, report_page
    from parity.reported import read_whole

    page = Path(job.output.page)
    runs = [Run(method, seed) for method, seed in job.params.runs]
    said = {name: job.input.get(name) or None for name in ("human", "look")}
    study = read_whole(page.parent, runs, set(job.params.deterministic), job.params.config, **said)
    pictures = pictures_of(study)
    write_text(page, report_page(study, pictures))
    for picture in pictures.values():
        write_picture(picture, page.parent / "figures")


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
