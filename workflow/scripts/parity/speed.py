"""How fast a run computed: examples and tokens a second, and model FLOPs utilisation."""

from __future__ import annotations

from .files import read_json
from .flops import generation_flops, matmul_flops, training_flops


def speed_of(record: dict, stage: str, checked: str | None, name: str, beams: int = 1) -> dict:
    """What a stage's record says of its speed. To be called on the device, and with the threads, that the run had.

    Args:
        record: with precision, processes (one where it says nothing), token_sums and seconds_by_phase.
        stage: "train" or "generate".
        checked: the file of the rule check, which knows the method's FLOPs; without one the last two are unknown.
        name: the method's.
        beams: of a generation.
    Returns:
        examples_per_second;
        tokens_per_second: without padding; in training of source and target together, in generation those written;
        peak_flops_per_second: of plain products of matrices in the run's precision, on all devices of the run, measured now;
        model_flops: of these tokens, see parity.flops;
        model_flops_utilisation: model_flops a second as a share of peak_flops_per_second.
    """
    sums, seconds = record["token_sums"], record["seconds_by_phase"][stage]
    trains = stage == "train"
    peak = round(record.get("processes", 1) * matmul_flops(record["precision"]))
    factors = read_json(checked)[name].get("flops") if checked else None
    flops = factors and (training_flops(factors, sums) if trains else generation_flops(factors, sums, beams))
    return {
        "examples_per_second": _a_second(sums["example"], seconds),
        "tokens_per_second": _a_second(sums["target"] + trains * sums["source"], seconds),
        "peak_flops_per_second": peak,
        "model_flops": flops,
        "model_flops_utilisation": round(flops / seconds / peak, 6) if flops and seconds else None,
    }


def _a_second(count: int, seconds: float) -> float | None:
    return round(count / seconds, 3) if seconds else None
