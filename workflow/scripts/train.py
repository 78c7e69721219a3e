"""Train one method with one seed. Writes the model (or adapter) folder and train.json."""

from pathlib import Path

import torch
from datasets import load_from_disk

from parity.files import whole, write_json
from parity.job import run_logged
from parity.tokens import load_tokenizer
from parity.training import train_run


def main(job):
    torch.set_num_threads(job.params.cpu_threads)
    name, seed = job.wildcards.method, int(job.wildcards.seed)
    with whole(Path(job.output.model)) as folder:
        record = train_run(
            name,
            seed,
            job.params.method,
            job.params.model,
            load_tokenizer(job.params.model),
            load_from_disk(job.input.tokens),
            folder,
        )
    write_json(job.output.record, record)


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
