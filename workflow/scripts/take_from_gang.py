"""Take one seed's model and train.json from the gang that it trained in, or end as its training did."""

import shutil
from pathlib import Path

from parity.errors import InputError
from parity.files import read_json, whole
from parity.job import run_logged


def main(job):
    trained = Path(job.input.gang) / f"seed-{job.wildcards.seed}"
    if (trained / "error.json").exists():
        raise InputError(*read_json(trained / "error.json"))
    for name, place in (("model", job.output.model), ("train.json", job.output.record)):
        with whole(Path(place)) as out:
            copy = shutil.copytree if name == "model" else shutil.copyfile
            copy(trained / name, out)


if __name__ == "__main__":
    run_logged(main, snakemake)  # noqa: F821
