"""Whether a method fits the model: it is built and runs forward on an example, as a rule without the memory of its weights."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext, suppress

import torch
from peft import PeftModel
from transformers import PreTrainedModel

from .errors import InputError
from .methods import build_method, parameter_counts
from .packed_layers import stand_in
from .skeletons import NeedsValues, faked, load_skeleton, without_values
from .traced_steps import Subject

UNFIT = (TypeError, ValueError, RuntimeError, AttributeError, LookupError, ImportError)


def check_method(name: str, block: dict, model_folder: str, probe: dict[str, list[int]]) -> dict:
    """Build the method and run it forward on one example: what does not fit fails here and not after hours.

    Args:
        probe: one training example, `input_ids` and `labels`.
    Returns:
        `parameters` of the base model, and those `trainable`.
    """
    return parameter_counts(fitting(name, block, model_folder, probe).model)


def fitting(name: str, block: dict, model_folder: str, probe: dict[str, list[int]]) -> Subject:
    """The method's model, which has run forward on the example: without memory, or on real weights where these are needed.

    They are by a base in 8 or 4 bits, which also runs backward, and by models whose operations depend on values.

    Raises:
        InputError: the model's files are damaged, or the method does not fit the model.
    """
    if not block.get("quantization"):
        with suppress(NeedsValues):
            return _run(name, block, model_folder, without_memory(name, block, model_folder), probe)
    return _run(name, block, model_folder, on_real_weights(name, block, model_folder), probe)


def on_real_weights(name: str, block: dict, model_folder: str) -> Subject:
    return Subject(build_method(name, block, model_folder), nullcontext())


def without_memory(name: str, block: dict, model_folder: str, packed: Iterable[str] = ()) -> Subject:
    """The method's model on tensors without memory.

    Args:
        packed: linear layers that stand for ones in 8 or 4 bits.
    """
    skeleton = load_skeleton(model_folder)
    stand_in(skeleton, packed, block.get("quantization", {}))
    try:
        model = build_method(name, block, model_folder, lambda _: skeleton)
    except InputError as error:
        # A PEFT type that begins at the weights' values. What a user did wrong are other errors, and need no weights.
        if not isinstance(error.__cause__, NotImplementedError | RuntimeError):
            raise
        model = build_method(name, block, model_folder)
    return Subject(model, faked(model))


def _run(name: str, block: dict, model_folder: str, subject: Subject, probe: dict[str, list[int]]) -> Subject:
    model, bits = subject.model.eval(), block.get("quantization")
    try:
        with subject.mode, without_values():
            # Weights in few bits lie on a GPU where there is one.
            example = {key: torch.tensor([ids], device=model.device) for key, ids in probe.items()}
            with torch.no_grad():
                model(**example)
            if bits:
                _run_backward(model.train(), example)
    except UNFIT as error:
        base = f"an encoder-decoder whose weights are kept as {bits} says" if bits else "an encoder-decoder"
        remedy = "Choose another peft_type or mend its settings"
        if bits and not torch.cuda.is_available():
            remedy += ", or let a GPU decide: run `snakemake --until check` where there is one"
        raise InputError(
            f"methods.{name} = {block.get('peft', block['kind'])}",
            f"cannot run on {model_folder}, {base} ({type(error).__name__}: {error})",
            remedy,
        ) from error
    return subject


def _run_backward(model: PreTrainedModel | PeftModel, example: dict[str, torch.Tensor]) -> None:
    """One step, in which some PEFT types find weights of few bits too much. Raises ValueError where nothing would be learned."""
    model(**example).loss.backward()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not any(parameter.grad is not None and parameter.grad.any() for parameter in trained):
        raise ValueError("no gradient reaches what is to be trained")
    for parameter in trained:
        parameter.grad = None
