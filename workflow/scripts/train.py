"""Train one method with one seed. Writes the model (or adapter) folder and train.json."""

from pathlib import Path

from parity.checkpoints import Checkpoints
from parity.files import whole, write_json
from parity.gpu_slots import take_gpus
from parity.job import run_logged


def main(job):
    take_gpus(job, job.params.method["train"]["gpus_per_run"])
    # Here, since bitsandbytes, which PEFT imports where it is installed, asks CUDA for its GPUs at once.
    from parity.launch import train
    from parity.memory_limits import refuse_what_cannot_fit
    from parity.training import run_key
    from parity.training_process import Request

    name, seed = job.wildcards.method, int(job.wildcards.seed)
    model, method, tokens = job.params.model, job.params.method, job.input.tokens
    refuse_what_cannot_fit(job.input.get("checked"), name, "train", method["train"]["gpus_per_run"])
    key = run_key(method, seed, model, tokens, job.params.code, job.params.cpu_threads)
    place = {"folder": job.resources.checkpoint_folder, "study": job.params.study, "method": name, "seed": seed}
    checkpoints = place | {"key": key[:16]}
    with whole(Path(job.output.model)) as out:
        record = train(
            Request(
                name,
                seed,
                method,
                model,
                str(tokens),
                str(out),
                checkpoints,
                job.resources.checkpoint_seconds,
                job.params.cpu_threads,
            )
        )
    write_json(job.output.record, record)
    Checkpoints(**checkpoints).remove()


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
