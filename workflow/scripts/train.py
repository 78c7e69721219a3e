"""Train one method with one seed. Writes the model (or adapter) folder and train.json."""

from pathlib import Path

import torch
from datasets import load_from_disk

from parity.checkpoints import Checkpoints
from parity.files import whole, write_json
from parity.job import run_logged
from parity.memory_limits import refuse_what_cannot_fit
from parity.tokens import load_tokenizer
from parity.training import run_key, train_run


def main(job):
    torch.set_num_threads(job.params.cpu_threads)
    name, seed = job.wildcards.method, int(job.wildcards.seed)
    model, method = job.params.model, job.params.method
    refuse_what_cannot_fit(job.input.get("checked"), name, "train", method["train"]["gpus_per_run"])
    key = run_key(method, seed, model, job.input.tokens, job.params.code, job.params.cpu_threads)
    checkpoints = Checkpoints(job.resources.checkpoint_folder, job.params.study, name, seed, key[:16])
    with whole(Path(job.output.model)) as folder:
        record = train_run(
            name,
            seed,
            method,
            model,
            load_tokenizer(model),
            load_from_disk(job.input.tokens),
            folder,
            checkpoints,
            job.resources.checkpoint_seconds,
        )
    write_json(job.output.record, record)
    checkpoints.remove()


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
