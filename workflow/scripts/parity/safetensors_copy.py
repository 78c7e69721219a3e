"""A copy of a model's folder with its weights in safetensors: python -m parity.safetensors_copy FOLDER NEW_FOLDER

For models whose weights are only a pickle (pytorch_model.bin). It is read with weights_only, which takes tensors and plain
values and refuses everything else.
"""

from __future__ import annotations

import pickle
import shutil
import sys
from pathlib import Path

from .errors import InputError
from .files import whole
from .model_safety import PICKLES, SAFE


def copy_with_safetensors(source: Path, target: Path) -> None:
    """Write the model in `source` into the new folder `target`, in the precision that it is stored in.

    Raises:
        InputError: `source` has no such weights, they hold more than tensors, or `target` is there already.
    """
    from transformers import AutoModelForSeq2SeqLM

    if not any(source.glob("pytorch_model*.bin")):
        raise InputError(str(source), "no pytorch_model.bin", "Name the folder of a model whose weights are a pickle")
    if target.exists():
        raise InputError(str(target), "it is there already", "Name a folder that is not there yet")
    try:
        model = AutoModelForSeq2SeqLM.from_pretrained(source, dtype="auto", use_safetensors=False, weights_only=True, **SAFE)
    except (OSError, ValueError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise InputError(str(source), f"its weights cannot be read ({str(error).splitlines()[0]})", "Do not use them") from error
    leave_out = (*PICKLES, "*.py", "*.index.json", "*.h5", "*.msgpack", "*.ot", ".*")
    with whole(target) as place:
        shutil.copytree(source, place, ignore=shutil.ignore_patterns(*leave_out))
        model.save_pretrained(place)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Name the model's folder and the new one: make safetensors MODEL=models/mt5 TO=models/mt5-safe")
    try:
        copy_with_safetensors(Path(sys.argv[1]), Path(sys.argv[2]))
    except InputError as error:
        sys.exit(str(error))
