"""What the checks stand on: a scratch folder with models and data, and processes that compute on GPUs of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks import memory

from parity.gpu_device import Gpu

from .report import Skipped

ROOT = Path(__file__).parents[2]
# A process that takes longer hangs.
PATIENCE_SECONDS = 900
LORA = {"kind": "peft", "peft": memory.LORA}
NEEDS_GPU = "needs a GPU"
# What shows a process no GPU.
HIDDEN = {f"{name}_VISIBLE_DEVICES": "-1" for name in ("CUDA", "ROCR", "HIP")}
# Two epochs of five steps.
EXAMPLES, STEPS, BATCH = 40, 10, 8


@dataclass
class Ground:
    """
    Attributes:
        folder: scratch.
        gpus: those that may be used. Where there is none the checks run on the CPU, and those that need a GPU are skipped.
        environment: of the processes, which see these GPUs. This one sees none, and so takes no memory there.
        is_small: sizes for a CPU, at which figures of speed say nothing.
        log: of the check at hand.
    """

    folder: Path
    gpus: list[Gpu]
    environment: dict[str, str]
    is_small: bool
    log: Path = Path(os.devnull)
    tasks: int = 0
    _done: dict[str, Any] = field(default_factory=dict)

    @property
    def on_gpu(self) -> bool:
        return bool(self.gpus)

    def need_gpus(self, count: int = 1) -> None:
        """Raises Skipped where there are fewer; parts of a divided one count for one process each."""
        usable = self.gpus if count == 1 else [gpu for gpu in self.gpus if not gpu.is_part]
        if len(usable) < count:
            raise Skipped(NEEDS_GPU if count == 1 else f"needs {count} whole GPUs, and {len(usable)} can be seen")

    def run(self, task: str, gpus: int = 1, environment: dict | None = None, **arguments: Any) -> Any:
        """What a function of `tasks` returns in a process of its own. Raises RuntimeError with its last line where it failed."""
        child = self.start(task, gpus, environment, **arguments)
        return child.result()

    def once(self, name: str, work: Callable[[], Any]) -> Any:
        """What `work` gave to the first check that wanted it."""
        if name not in self._done:
            self._done[name] = work()
        return self._done[name]

    def describe(self) -> dict:
        """The device at hand, as torch sees it in a process that holds it."""
        return self.once("describe", lambda: self.run("describe"))

    def start(self, task: str, gpus: int = 1, environment: dict | None = None, runs_per_gpu: int = 1, **arguments: Any) -> Child:
        self.tasks += 1
        place = self.folder / f"{task}-{self.tasks}"
        place.mkdir()
        asked = arguments | {"gpus": gpus, "runs_per_gpu": runs_per_gpu}
        (place / "arguments.json").write_text(json.dumps(asked), encoding="utf-8")
        return Child(task, place, self.log, self.environment | (environment or {}))

    def model(self, name: str = "quick start", **changes: Any) -> str:
        """A folder of a model of benchmarks/memory.py with the embedded tokenizer, `changes` in its config."""
        place = self.folder / "models" / "-".join([name.replace(" ", "-"), *map(str, changes.values())])
        if not place.exists():
            shutil.copytree(memory.model_folder(name, self.folder / "plain"), place)
            for file in memory.QUICK_START.glob("tokenizer*.json"):
                shutil.copy(file, place)
            config = json.loads((place / "config.json").read_text(encoding="utf-8"))
            (place / "config.json").write_text(json.dumps(config | changes), encoding="utf-8")
        return str(place)

    @cached_property
    def dialogues(self) -> str:
        """The embedded dialogues, tokenised: 40 to train on, 16 to evaluate, 32 to summarise."""
        data = memory.own_data()
        sizes = {"train": EXAMPLES, "validation": 16, "test": 32}
        return self.save("dialogues", {split: data[split].select(range(size)) for split, size in sizes.items()})

    def random_tokens(self, count: int, source: tuple[int, int], target: tuple[int, int]) -> str:
        """`count` examples to train on and to summarise, two to evaluate, of lengths drawn evenly from `source` and `target`."""
        import numpy as np
        from datasets import Dataset

        random = np.random.default_rng(0)

        def rows(number: int) -> Dataset:
            columns = {
                key: [random.integers(5, 3000, random.integers(*span, endpoint=True)).tolist() for _ in range(number)]
                for key, span in (("input_ids", source), ("labels", target))
            }
            return Dataset.from_dict({"id": list(map(str, range(number)))} | columns)

        name = f"random-{count}-{source[1]}-{target[1]}"
        return self.save(name, {"train": rows(count), "validation": rows(2), "test": rows(count)})

    def save(self, name: str, splits: dict) -> str:
        from datasets import DatasetDict

        place = self.folder / "tokens" / name
        if not place.exists():
            DatasetDict(splits).save_to_disk(place)
        return str(place)

    def request(
        self, out: str, method: dict, model: str, tokens: str, *, seed: int = 1, seconds: float = 0, **train: Any
    ) -> dict:
        """A run for parity.launch.train, as a dict; `method` is {} for full fine-tuning."""
        settings = {"learning_rate": 1e-3, "batch_size": BATCH, "max_steps": STEPS, "logging_steps": 1}
        block = memory.Case("").block | method
        block |= {"train": block["train"] | settings | train}
        checkpoints = {"folder": str(self.folder / "checkpoints"), "study": "gpu-check", "method": "m", "seed": seed, "key": out}
        return {
            "name": out,
            "seed": seed,
            "block": block,
            "model": model,
            "tokens": tokens,
            "out": str(self.folder / "trained" / out),
            "checkpoints": checkpoints,
            "checkpoint_seconds": seconds,
            "cpu_threads": 1,
        }

    def generation(self, **settings: Any) -> dict:
        return memory.Case("").block["generation"] | settings


class Child:
    """A process of the check. What it prints lies in `said`, and goes to the check's log when it has ended."""

    def __init__(self, task: str, place: Path, log: Path, environment: dict[str, str]):
        self.task, self.place, self.log = task, place, log
        self.said = place / "log"
        command = [sys.executable, "-m", "benchmarks.gpu_check.child", task, "arguments.json", "result.json"]
        paths = os.pathsep.join([str(ROOT), str(ROOT / "workflow/scripts")])
        with self.said.open("w") as stream:
            self.process = subprocess.Popen(
                command,
                cwd=place,
                env=environment | {"PYTHONPATH": paths, "HF_HUB_OFFLINE": "1"},
                stdin=subprocess.PIPE,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> int:
        """Its exit status. Raises subprocess.TimeoutExpired, the process killed, where it hangs."""
        try:
            return self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            with self.log.open("a", encoding="utf-8") as stream:
                stream.write(f"--- {self.task} ({self.place.name})\n{self.text()}\n")

    def result(self) -> Any:
        if status := self.wait():
            lines = self.text().splitlines() or [""]
            raise RuntimeError(f"{self.task} ended with {status}: {lines[-1]}")
        return json.loads((self.place / "result.json").read_text(encoding="utf-8"))

    def text(self) -> str:
        return self.said.read_text(encoding="utf-8", errors="replace")


def curve(record: dict) -> list[float]:
    """The losses of every step and evaluation of a run's record."""
    return [entry["loss"] for entry in record["loss"]] + [entry["eval_loss"] for entry in record["eval_loss"]]


def difference(first: Sequence[float], second: Sequence[float]) -> float:
    """The greatest relative difference of two curves."""
    return max(abs(a - b) / abs(b) for a, b in zip(first, second, strict=True))
