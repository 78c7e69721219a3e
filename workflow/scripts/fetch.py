"""Fetch a model or a dataset from the Hugging Face hub at its revision into a folder of its own."""

from pathlib import Path

from parity.fetching import fetch
from parity.job import run_logged


def main(job):
    fetch(job.params.kind, job.params.repo_id, job.params.revision, job.params.patterns, Path(job.output[0]))


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
