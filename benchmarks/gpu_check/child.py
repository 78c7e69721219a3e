"""One process of the check, on GPUs of its own: python -m benchmarks.gpu_check.child TASK ARGUMENTS.json RESULT.json"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

from parity.errors import Interrupted  # noqa: E402
from parity.gpu_slots import take_gpus  # noqa: E402


def main() -> None:
    task, arguments, result = sys.argv[1:]
    asked = json.loads(Path(arguments).read_text(encoding="utf-8"))
    take(task, asked.pop("gpus"), asked.pop("runs_per_gpu"))
    # Here, since it imports what may ask CUDA.
    from . import tasks

    try:
        found = getattr(tasks, task)(**asked)
    except Interrupted as error:
        sys.exit(str(error))
    Path(result).write_text(json.dumps(found), encoding="utf-8")


def take(task: str, count: int, runs_per_gpu: int) -> None:
    """As a job of the rules train and generate does."""
    resources = SimpleNamespace(gpus_from="slots", runs_per_gpu=runs_per_gpu)
    take_gpus(SimpleNamespace(rule="gpu-check", wildcards=SimpleNamespace(method=task, seed=0), resources=resources), count)


if __name__ == "__main__":
    main()
