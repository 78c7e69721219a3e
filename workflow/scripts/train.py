"""Train one method with one seed. Writes the model (or adapter) folder and train.json."""

from pathlib import Path

from parity.checkpoints import Checkpoints
from parity.files import whole, write_json
from parity.gpu_slots import take_gpus
from parity.job import libraries_loaded, run_logged


def main(job):
    processes = job.params.method["train"]["gpus_per_run"]
    take_gpus(job, processes)
    # Here, since bitsandbytes, which PEFT imports where it is installed, asks CUDA for its GPUs at once.
    import torch

    from parity.launch import train
    from parity.memory_limits import refuse_what_cannot_fit
    from parity.speed import speed_of
    from parity.training_process import request_of

    libraries_loaded()
    name, checked = job.wildcards.method, job.input.get("checked")
    refuse_what_cannot_fit(checked, name, "train", processes)
    with whole(Path(job.output.model)) as out:
        request = request_of(job, int(job.wildcards.seed), out, Path(job.output.record).parents[2])
        record = train(request)
    torch.set_num_threads(job.params.cpu_threads)
    write_json(job.output.record, record | speed_of(record, "train", checked, name))
    Checkpoints(**request.checkpoints).remove()


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
