"""Take in the raters' files, checked against the key, and say what they say of methods, raters and ROUGE."""

from pathlib import Path

from parity.files import file_digest, read_table, write_json, write_table, write_text
from parity.job import run_logged


def main(job):
    # Here, since where a warm process has these libraries loaded, this one need not load them.
    from parity.human_estimates import Judged, estimates_table
    from parity.human_ratings import read_key, read_ratings
    from parity.human_results import results_page
    from parity.human_summary import human_summary

    params = job.params
    key = read_key(Path(params.key))
    found = read_ratings(job.input.exports, key, params.settings["allow_partial"])
    judged = Judged(found, key, params.settings["n_bootstrap"])
    estimates = estimates_table(judged)
    now = {run: file_digest(path) for run, path in zip(params.runs, job.input.predictions, strict=True)}
    changed = [run for run, digest in key["predictions"].items() if now.get(run) != digest]
    summary = human_summary(judged, estimates, read_table(job.input.contrasts), changed, params.study)
    write_table(job.output.ratings, found.ratings)
    write_table(job.output.preferences, found.preferences)
    write_table(job.output.estimates, estimates)
    write_json(job.output.summary, summary)
    write_text(job.output.page, results_page(summary))


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
