"""Train several seeds of one method in one process. Writes a folder a seed: model and train.json, or error.json."""

from pathlib import Path

from parity.checkpoints import Checkpoints
from parity.files import whole, write_json
from parity.gpu_slots import take_gpus
from parity.job import libraries_loaded, run_logged


def main(job):
    take_gpus(job, 1)
    # Here, since bitsandbytes, which PEFT imports where it is installed, asks CUDA for its GPUs at once.
    from parity.gang_job import at_once, train_gangs
    from parity.memory_limits import refuse_what_cannot_fit
    from parity.speed import speed_of
    from parity.training_process import request_of

    libraries_loaded()
    name, seeds, checked = job.wildcards.method, job.params.seeds, job.input.get("checked")
    refuse_what_cannot_fit(checked, name, "train")
    with whole(Path(job.output[0])) as out:
        folders = [out / f"seed-{seed}" for seed in seeds]
        for folder in folders:
            folder.mkdir(parents=True)
        results = Path(job.output[0]).parents[1]
        requests = [request_of(job, seed, folder / "model", results) for seed, folder in zip(seeds, folders, strict=True)]
        outcomes = train_gangs(requests, at_once(checked, name, len(seeds)), Path(job.log[0]).parent)
        for folder, outcome in zip(folders, outcomes, strict=True):
            if isinstance(outcome, dict):
                write_json(folder / "train.json", outcome | speed_of(outcome, "train", checked, name))
            else:
                write_json(folder / "error.json", outcome.arguments)
    for request in requests:
        Checkpoints(**request.checkpoints).remove()


if __name__ == "__main__":
    run_logged(main, snakemake, heavy=True)  # noqa: F821
