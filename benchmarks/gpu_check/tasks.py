"""What a process of the check does once it has its GPUs. Every function takes and returns what JSON can hold."""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from pathlib import Path

import torch
from benchmarks import memory
from datasets import load_from_disk
from transformers import T5Config

from parity.costs import Meter
from parity.extent import Extent
from parity.files import write_json
from parity.flops import count_flops, matmul_flops, training_flops
from parity.gang import Gang
from parity.gang_pace import Pace
from parity.generation import generate_summaries
from parity.launch import train as train_request
from parity.methods import load_trained
from parity.models import device_name
from parity.precision import resolved_precision
from parity.probes import without_memory
from parity.tokens import load_tokenizer
from parity.training_process import Request

from .limits import limit_memory, most_memory, said_by

MB = 10**6


def describe() -> dict:
    """The device at hand, as torch sees it."""
    # For a model as wide as FLAN-T5-small.
    auto = resolved_precision("auto", T5Config(d_model=512))
    found = {"name": device_name(), "torch": torch.__version__, "auto": auto, "cuda": "none"}
    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        found |= {"cuda": torch.version.cuda or f"HIP {torch.version.hip}", "memory_mb": properties.total_memory // MB}
    return found | {"computes_in_bf16": _computes_in_bf16()}


def _computes_in_bf16() -> bool:
    """Whether the GPU has units for it, which it says by its generation; AMD's that torch supports have them all. Or the CPU."""
    if torch.cuda.is_available():
        return bool(torch.version.hip) or torch.cuda.get_device_capability() >= (8, 0)
    return bool({"avx512_bf16", "amx_bf16"}.intersection(Path("/proc/cpuinfo").read_text(encoding="utf-8").split()))


def hold(ready: str) -> None:
    """Compute on the GPU, write into `ready` where that was, and keep it until standard input ends."""
    values = torch.arange(1000, device="cuda", dtype=torch.float64)
    total = values.sum().item()
    found = {
        "visible": os.environ.get("CUDA_VISIBLE_DEVICES") or os.environ.get("ROCR_VISIBLE_DEVICES"),
        "count": torch.cuda.device_count(),
        "uuid": str(getattr(torch.cuda.get_device_properties(values.device), "uuid", "")),
        "name": torch.cuda.get_device_name(values.device),
        "is_amd": bool(torch.version.hip),
        "total": total,
    }
    write_json(Path(ready), found)
    sys.stdin.read()


def train(requests: list[dict]) -> list[dict]:
    """The records of these runs, one after the other."""
    return [_record(request) for request in requests]


def train_together(requests: list[dict]) -> list[dict]:
    """The records of these runs, which train as a gang."""
    return [_ended_well(outcome) for outcome in Gang().train([Request(**request).train for request in requests])]


def _ended_well(outcome: dict | Exception) -> dict:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def train_when_told(requests: list[dict], ready: str) -> float:
    """Train the first of two runs, write `ready`, and the other once standard input has ended; its seconds."""
    first, second = requests
    train_request(Request(**first))
    write_json(Path(ready), {})
    sys.stdin.read()
    return _train_seconds(train_request(Request(**second)))


def speed_of_gangs(gangs: list[list[list[dict]]], alone: list[dict]) -> dict:
    """Seconds of training a seed: of each gang, and of the runs alone that are timed between them.

    Args:
        gangs: the requests of each turn of each gang; the last turn counts.
        alone: one more than there are gangs; the first is not counted.
    """
    found = {"gangs": [], "alone": []}
    train_request(Request(**alone[0]))
    for turns, request in zip(gangs, alone[1:], strict=True):
        found["alone"].append(_train_seconds(train_request(Request(**request))))
        records = [train_together(requests) for requests in turns][-1]
        found["gangs"].append(sum(map(_train_seconds, records)) / len(records))
    return found


def pace_of_gang(requests: list[dict], uncounted: int, counted: int) -> dict:
    """What `gang: auto` finds for these runs: see Pace."""
    pace = Pace(uncounted, counted)
    for outcome in Gang(pace).train([Request(**request).train for request in requests]):
        _ended_well(outcome)
    return pace.record()


def _train_seconds(record: dict) -> float:
    return record["seconds_by_phase"]["train"]


def _record(request: dict) -> dict:
    record = train_request(Request(**request))
    return record | {"tf32": torch.get_float32_matmul_precision() != "highest"}


def train_in_short_memory(small: dict, free: dict, limited: dict, factor: float) -> dict:
    """Train `limited` with `factor` times the memory that `small` took; `free` before, with all there is."""
    records = {"free": _record(free)}
    with most_memory() as most:
        _record(small)
    with limit_memory(factor * most.bytes), said_by() as said:
        records["limited"] = _record(limited)
    return records | {"said": said.getvalue()}


def generate(model: str, tokens: str, settings: dict, trained: str | None = None, quantization: dict | None = None) -> dict:
    """Summaries, and their record."""
    summaries, record = _summaries(model, tokens, settings, trained, quantization)
    return record | {"summaries": summaries}


def _summaries(model: str, tokens: str, settings: dict, trained: str | None = None, quantization: dict | None = None):
    loaded = load_trained(model, trained, "peft" if trained else "zero_shot", quantization)
    tokenizer, rows, meter = load_tokenizer(model), load_from_disk(tokens)["test"], Meter(torch.cuda.is_available())
    meter.begin("generate")
    summaries, record, _ = generate_summaries(loaded, tokenizer, rows, settings, 1, "summaries")
    return summaries, record | meter.costs()


def generate_in_short_memory(model: str, tokens: str, settings: dict, factor: float) -> dict:
    """The same summaries twice, the second time with `factor` times the memory that a batch of one takes."""
    free, _ = _summaries(model, tokens, settings)
    with most_memory() as most:
        _summaries(model, tokens, settings | {"batch_size": 1})
    with limit_memory(factor * most.bytes), said_by() as said:
        limited, _ = _summaries(model, tokens, settings)
    return {"free": free, "limited": limited, "said": said.getvalue()}


def measure(case: dict, folder: str) -> dict:
    """The peaks of a case of benchmarks/memory.py in MB."""
    return memory.peaks(memory.Case(**case), Path(folder))


def speed(sides: dict[str, list[dict]], writing: dict[str, dict], size: int) -> dict:
    """Examples, tokens and floating-point operations a second of trainings, and summaries a second, each the best of its turns.

    Args:
        sides: by their names, the requests of each side's turns: the first is not counted, the others alternate.
        writing: by their names, the arguments of _summaries.
        size: of the square matrices whose product says what the device can do.
    """
    found = {"matmul": matmul_flops("bf16", size), "training": {}, "writing": {}}
    for turn in zip(*sides.values(), strict=True):
        for side, request in zip(sides, turn, strict=True):
            record = train_request(Request(**request))
            found["training"].setdefault(side, []).append(_rates(request, record))
    for _ in range(3):
        for side, arguments in writing.items():
            _, record = _summaries(**arguments)
            seconds = record["seconds_by_phase"]["generate"]
            found["writing"].setdefault(side, []).append([record[key] / seconds for key in ("dialogues", "new_tokens")])
    for part in ("training", "writing"):
        found[part] = {side: max(rates[1:]) for side, rates in found[part].items()}
    return found


def _rates(request: dict, record: dict) -> list[float]:
    sums = record["token_sums"]
    flops = training_flops(_flops(request["model"], json.dumps(request["block"]), request["tokens"]), sums)
    return [count / _train_seconds(record) for count in (sums["example"], sums["source"] + sums["target"], flops)]


@cache
def _flops(model: str, block: str, tokens: str) -> dict:
    block = json.loads(block)
    return count_flops(without_memory("speed", block, model), Extent.of(load_from_disk(tokens)).train, trains=True)
