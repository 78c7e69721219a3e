"""Whether everything that Parity promises about GPUs holds on this machine, and how fast it is, in about five minutes.

    make gpu-check                                                   # or:
    .venv/bin/python -m benchmarks.gpu_check [--only WORD] [--output FILE]

Each check is a line here and a row of a table in Markdown, made for docs/GPU.md. One that fails does not stop the others; what
it did and where it broke stands in the log that its line names. Exit status 1 if one failed. Every check computes in processes
of its own, on GPUs that no other run of Parity uses, in a scratch folder. With --device cpu the same checks run on the CPU.
"""

from __future__ import annotations

import argparse
import datetime
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

from parity.errors import InputError  # noqa: E402
from parity.gpus import visible_gpus  # noqa: E402

from . import devices, gangs, interruption, memory_use, numbers, quantized, several, shortage, speed  # noqa: E402
from .ground import HIDDEN, Ground  # noqa: E402
from .report import Check, outcome_of, page  # noqa: E402


def checks(ground: Ground, bf16_tolerance: float) -> list[Check]:
    found = [
        Check("GPU of a job", partial(devices.right_device, ground)),
        Check("Two jobs at once", partial(devices.two_jobs, ground)),
        Check("GPU of a killed job", partial(devices.killed_holder, ground)),
        Check("Two jobs on one GPU", partial(devices.shared, ground)),
        Check("Precision auto", partial(numbers.auto, ground)),
        Check("bf16 against fp32", partial(numbers.precisions, ground, bf16_tolerance)),
        Check("TF32", partial(numbers.tf32, ground)),
        Check("fp32 against the CPU", partial(numbers.cpu_curve, ground)),
        Check("The same run twice", partial(numbers.repeats, ground)),
        Check("Cut by SIGTERM and resumed", partial(interruption.signalled, ground)),
        *(Check(f"Seeds in a gang, {name}", partial(gangs.as_alone, ground, method)) for name, method in gangs.GANGED.items()),
        Check("Training, too little memory", partial(shortage.training, ground)),
        Check("Summaries, too little memory", partial(shortage.generation, ground)),
        Check("Two processes, DDP", partial(several.together, ground, False)),
        Check("Two processes, FSDP", partial(several.together, ground, True)),
        Check("One of two processes killed", partial(several.killed, ground)),
    ]
    found += [
        Check(f"Memory, {name}", partial(memory_use.bounds, ground, case))
        for name, case in memory_use.cases(ground.is_small).items()
    ]
    found += [Check(f"LoRA on {bits} bits", partial(quantized.learns_and_writes, ground, bits)) for bits in quantized.BLOCKS]
    found.append(Check("Products of matrices, bf16", partial(speed.products, ground)))
    found += [
        Check(f"Speed of training, batches of {batch}", partial(speed.training, ground, batch))
        for batch in speed.batches(ground.is_small)
    ]
    found += [Check(f"Speed of gangs, {name}", partial(gangs.speed, ground, method)) for name, method in gangs.GANGED.items()]
    return [*found, Check("Speed of summaries", partial(speed.writing, ground))]


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="gpu_check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("gpu", "cpu"), default="gpu")
    parser.add_argument("--only", action="append", help="only checks whose name has this in it; may be given several times")
    parser.add_argument("--small", action="store_true", help="sizes for a CPU; figures of speed say nothing then")
    parser.add_argument("--bf16-tolerance", type=float, default=0.02, help="of a loss in bf16, relative to fp32's")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks/gpu_check.md")
    options = parser.parse_args(arguments)
    logs = options.output.resolve().with_name(f"{options.output.stem}-logs")
    logs.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="parity-gpu-check-") as scratch:
        try:
            gpus = visible_gpus() if options.device == "gpu" else []
            if options.device == "gpu" and not gpus:
                print("There is no GPU here, or none is visible. The same checks on the CPU: --device cpu", file=sys.stderr)
                return 1
            ground = Ground(Path(scratch), gpus, os.environ | ({} if gpus else HIDDEN), options.small)
            os.environ.update(HIDDEN)
            ground.log = logs / "device.log"
            header = _header(ground)
        except (InputError, RuntimeError) as error:
            print(f"{error} ({ground.log})", file=sys.stderr)
            return 1
        wanted = [check for check in checks(ground, options.bf16_tolerance) if _is_wanted(check, options.only)]
        outcomes = []
        for check in wanted:
            ground.log = logs / check.file_name
            ground.log.write_text("", encoding="utf-8")
            outcomes.append(outcome_of(check, ground.log))
            print(outcomes[-1], flush=True)
    table = page(header, outcomes)
    options.output.write_text(table, encoding="utf-8")
    print(f"\n{table}\nWritten to {options.output}")
    return int(any(outcome.state == "FAILED" for outcome in outcomes))


def _is_wanted(check: Check, words: Sequence[str] | None) -> bool:
    return words is None or any(word in check.name for word in words)


def _header(ground: Ground) -> dict[str, str]:
    found = ground.describe()
    count = f"{len(ground.gpus)} x " if ground.on_gpu else ""
    sizes = " (small sizes: the figures of speed say nothing)" if ground.is_small else ""
    return {
        "Device": f"{count}{found['name']}{sizes}",
        "Driver": f"{_driver() if ground.on_gpu else 'none'}, CUDA {found['cuda']}",
        "torch": found["torch"],
        "Date": datetime.date.today().isoformat(),
    }


def _driver() -> str:
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    return (said.splitlines() or ["unknown"])[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
