"""parity.optimizer_memory: bytes of states as the optimisers themselves make them."""

import pytest
import torch
from transformers import Seq2SeqTrainingArguments, Trainer
from transformers.training_args import OptimizerNames

from parity.optimizer_memory import STATE_BYTES, state_bytes, step_bytes

SHAPES = [(64, 32), (128, 64), (300,), (2, 8, 16)]
# Those that need no other package.
HERE = ["adamw_torch", "adamw_torch_fused", "adafactor", "sgd", "adagrad", "rmsprop"]


def states_after_a_step(optim: str, folder) -> int:
    """Bytes of the tensors of more than a number that the optimiser of that name in transformers keeps."""
    arguments = Seq2SeqTrainingArguments(output_dir=str(folder), optim=optim, use_cpu=True, report_to="none")
    kind, options = Trainer.get_optimizer_cls_and_kwargs(arguments)
    parameters = [torch.nn.Parameter(torch.randn(shape)) for shape in SHAPES]
    optimizer = kind(parameters, **options)
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    optimizer.step()
    kept = [value for state in optimizer.state.values() for value in state.values() if isinstance(value, torch.Tensor)]
    return sum(tensor.nbytes for tensor in kept if tensor.numel() > 1)


@pytest.mark.parametrize("optim", HERE)
def test_states_are_as_large_as_the_optimisers_own(optim, tmp_path):
    assert state_bytes(optim, SHAPES) == states_after_a_step(optim, tmp_path)


def test_every_name_is_one_of_transformers_and_others_count_as_adamw():
    names = {name.value for name in OptimizerNames}
    assert set(STATE_BYTES) <= names
    assert state_bytes("galore_adamw", SHAPES) == state_bytes("adamw_torch", SHAPES)
    assert state_bytes("adamw_8bit", SHAPES) < state_bytes("adamw_torch", SHAPES) / 3


def test_a_step_on_a_gpu_holds_a_tensor_for_every_parameter_unless_it_is_fused():
    trained = 4 * sum(torch.Size(shape).numel() for shape in SHAPES)
    assert step_bytes("adamw_torch", SHAPES, on_gpu=True) == trained
    assert step_bytes("adamw_torch_fused", SHAPES, on_gpu=True) == step_bytes("adamw_torch", SHAPES, on_gpu=False) == 3 * 4 * 8192
    assert step_bytes("adamw_torch", [], on_gpu=False) == 0
