"""What the rule check does, for one method that was added or edited since. Writes the same of this method alone."""

from parity.config import method_block, study_folder
from parity.files import write_json
from parity.job import run_logged


def main(job):
    # Here, since where a warm process has these libraries loaded, this one need not load them.
    from datasets import load_from_disk

    from parity.examination import examine

    config, name = job.config, job.wildcards.method
    found = examine(name, method_block(config, name), study_folder(config, "model"), load_from_disk(job.input.tokens))
    write_json(job.output[0], {name: found})


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
