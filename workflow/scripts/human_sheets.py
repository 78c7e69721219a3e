"""Draw dialogues and summaries for people to judge, blinded: key.json, and a page a rater."""

from pathlib import Path

from parity.config import Run
from parity.data import read_records
from parity.files import write_json, write_text
from parity.human_draw import draw, read_run
from parity.human_sheet import sheet_page
from parity.job import run_logged


def main(job):
    params = job.params
    files = zip(params.runs, job.input.predictions, job.input.scores, strict=True)
    runs = [read_run(Run(*run), predictions, scores) for run, predictions, scores in files]
    key, sheets = draw(read_records(job.input.test), runs, params.settings, params.metric, params.ceilings)
    write_json(job.output.key, key)
    for page, rater in zip(job.output.sheets, params.settings["raters"], strict=True):
        write_text(page, sheet_page(sheets[rater]))
    Path(job.output.key).with_name("ratings").mkdir(exist_ok=True)


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
