"""What the rule check does, for one method that was added or edited since. Writes the same of this method alone."""

from datasets import load_from_disk

from parity.config import method_block, study_folder
from parity.examination import examine
from parity.files import write_json
from parity.job import run_logged


def main(job):
    config, name = job.config, job.wildcards.method
    found = examine(name, method_block(config, name), study_folder(config, "model"), load_from_disk(job.input.tokens))
    write_json(job.output[0], {name: found})


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
