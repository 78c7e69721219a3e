"""FSDP: a model sharded over a run's processes, and its weights and optimiser states whole again."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_optimizer_state_dict, set_optimizer_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from transformers import PreTrainedModel

from .models import base_model


def shard(model: PreTrainedModel, device: torch.device, processes: int) -> None:
    """Shard every layer, and what is left, over the run's processes, as FSDP2 does, in place.

    Each process must hold the same weights. transformers' Trainer then takes the model for one that was sharded when it was
    loaded, and leaves its gradients to it. accelerate's own way, which does the same, knows GPUs only.
    """
    mesh = init_device_mesh(device.type, (processes,))
    layers = set(base_model(model)._no_split_modules or ())
    for module in list(model.modules()):
        if type(module).__name__ in layers:
            fully_shard(module, mesh=mesh)
    fully_shard(model, mesh=mesh)
    base_model(model)._is_distributed_loading_by_transformers = True


def is_sharded(model: torch.nn.Module) -> bool:
    return isinstance(model, FSDPModule)


def whole_tensors(tensors: Mapping[str, torch.Tensor], *, keep: bool) -> dict[str, torch.Tensor]:
    """Each tensor whole, on the CPU where it was sharded. All processes call this; those without `keep` get nothing.

    One tensor at a time: no process ever holds more than its shards and one whole tensor.
    """
    whole = {}
    for name, tensor in tensors.items():
        full = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
        if keep:
            whole[name] = full.cpu() if isinstance(tensor, DTensor) else full
    return whole


def put_back(tensors: Mapping[str, torch.Tensor], whole: Mapping[str, torch.Tensor]) -> None:
    """Copy whole tensors into those of the same names, into each process's shard where they are sharded.

    Raises:
        KeyError: `whole` lacks one.
    """
    with torch.no_grad():
        for name, tensor in tensors.items():
            value = whole[name]
            if isinstance(tensor, DTensor):
                value = distribute_tensor(value.to(tensor.device), tensor.device_mesh, tensor.placements, src_data_rank=None)
            tensor.copy_(value)


def whole_optimizer_state(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> dict:
    """The states of all parameters by their names, on the CPU of the first process; empty on the others."""
    return get_optimizer_state_dict(model, optimizer, options=StateDictOptions(full_state_dict=True, cpu_offload=True))


def put_back_optimizer_state(model: torch.nn.Module, optimizer: torch.optim.Optimizer, state: dict) -> None:
    """What `whole_optimizer_state` gave, which every process has read, into each process's shards."""
    set_optimizer_state_dict(model, optimizer, state, options=StateDictOptions(full_state_dict=True))
