"""The estimate of a run's memory against its real peak, for short trainings and batches of summaries of many shapes.

    .venv/bin/python benchmarks/memory.py [--only WORD]

Each case runs in processes of its own. On a CPU its peak is VmHWM of /proc/self/status: the most of its pages that were in
memory at a time, with those of libraries and mapped files, and those that glibc keeps although the tensors in them are gone.
Of a run on several processes it is the most that they were seen to hold together.
(ru_maxrss says the same of a process, unless the one that started it was larger.) On a GPU it is
torch.cuda.max_memory_reserved and the context, which is what the GPU has less of, beside torch's own, while nobody else
computes there. Models have random weights; the inputs are random tokens, some of each batch a little shorter than others, but
for the last cases, which are the quick start as it is.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psutil
import yaml
from tabulate import tabulate

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

from parity.config import _block_defaults, check_config, method_block  # noqa: E402
from parity.memory_request import has_gpu  # noqa: E402

MB = 10**6
QUICK_START = ROOT / "resources/quickstart/model"
T5_SMALL = {
    "vocab_size": 32128,
    "d_model": 512,
    "d_kv": 64,
    "d_ff": 1024,
    "num_layers": 8,
    "num_decoder_layers": 8,
    "num_heads": 6,
}
LORA = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q", "v"]}
BART_LORA = LORA | {"target_modules": ["q_proj", "v_proj"]}
PREFIX = {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 20}
NF4 = {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_compute_dtype": "bfloat16"}
# On a CPU, where the estimate takes `auto` for fp32, which needs more than bf16.
PRECISION = "auto" if has_gpu() else "fp32"
# Steps, and batches to evaluate and to summarise: an allocator holds more after some.
TIMES = 3


@dataclass(frozen=True)
class Case:
    """What runs: a model, a method, the longest source and target in tokens, and settings other than the defaults."""

    model: str
    method: str = "full"
    peft: dict | None = None
    quantization: dict | None = None
    source: int = 512
    target: int = 128
    train: dict | None = None
    generation: dict | None = None
    own_data: bool = False
    # Above one, they train as a gang.
    seeds: int = 1

    @property
    def block(self) -> dict:
        """The method's resolved block."""
        if self.own_data:
            return method_block(quick_start(), self.method)
        train = {"learning_rate": 1e-4, "max_steps": TIMES, "batch_size": 8, "precision": PRECISION} | (self.train or {})
        train = _block_defaults("train") | train
        generation = _block_defaults("generation") | {"precision": PRECISION} | (self.generation or {})
        block = {"kind": "peft" if self.peft else "full", "train": train, "generation": generation}
        return block | {key: value for key in ("peft", "quantization") if (value := getattr(self, key))}

    @property
    def stage(self) -> str:
        return "generate" if self.generation else "train"

    def __str__(self) -> str:
        shown = {"batch_size": 8} | (self.generation or self.train or {})
        settings = ", ".join(f"{key} {str(value).lower()}" for key, value in shown.items() if key != "min_new_tokens")
        lengths = "its own data" if self.own_data else f"{self.source}/{self.target} tokens"
        seeds = f", {self.seeds} seeds in a gang" if self.seeds > 1 else ""
        return f"{self.model}, {self.stage}, {self.method}, {lengths}, {settings}{seeds}"


def cases() -> list[Case]:
    quick, flan, bart = Case("quick start"), Case("T5-small"), Case("BART-base", source=256, target=64)
    lora, short = {"method": "lora", "peft": LORA}, {"source": 256, "target": 64}
    long_summaries, summaries = ({"batch_size": 16, "max_new_tokens": n, "min_new_tokens": n} for n in (128, 64))
    found = [
        quick,
        replace(quick, train={"batch_size": 32}),
        replace(quick, train={"batch_size": 32, "gradient_accumulation_steps": 4}),
        replace(quick, train={"batch_size": 32, "gradient_checkpointing": True}),
        replace(quick, train={"precision": "bf16"}),
        replace(quick, train={"gpus_per_run": 2}),
        replace(flan, **short, train={"batch_size": 4, "gpus_per_run": 2, "fsdp": True}),
        replace(quick, **lora),
        replace(quick, **lora, source=128, target=32),
        replace(quick, method="prefix", peft=PREFIX),
        replace(flan, **short, train={"batch_size": 4}),
        replace(flan, **short, train={"batch_size": 4, "optim": "adafactor"}),
        replace(flan, train={"batch_size": 16, "gradient_accumulation_steps": 4}),
        replace(flan, train={"batch_size": 8, "gradient_checkpointing": True}),
        replace(flan, **short, train={"batch_size": 8, "precision": "bf16"}),
        replace(flan, **short, **lora, train={"batch_size": 8, "precision": "bf16"}),
        replace(flan, **short, generation=summaries | {"precision": "bf16"}),
        replace(flan, **short, **lora, train={"batch_size": 4}),
        replace(bart, train={"batch_size": 4}),
        replace(bart, method="lora", peft=BART_LORA, train={"batch_size": 4}),
        replace(quick, generation=long_summaries | {"batch_size": 32}),
        replace(quick, generation=long_summaries | {"batch_size": 32, "num_beams": 4}),
        replace(flan, **short, generation=summaries | {"num_beams": 4}),
        replace(bart, generation=summaries),
        replace(quick, own_data=True),
        replace(quick, own_data=True, **lora),
        replace(quick, seeds=4),
        replace(quick, **lora, seeds=4),
        replace(flan, **short, seeds=3, train={"batch_size": 4}),
        replace(flan, **short, **lora, seeds=3, train={"batch_size": 4}),
    ]
    from transformers.utils import is_bitsandbytes_available

    if is_bitsandbytes_available():
        qlora = replace(flan, **short, method="qlora", peft=LORA, quantization=NF4)
        found += [replace(qlora, train={"batch_size": 4}), replace(qlora, generation=summaries)]
        found += [replace(qlora, method="lora in 8 bits", quantization={"load_in_8bit": True}, train={"batch_size": 4})]
    if find_spec("ctranslate2"):
        converted = {"backend": "ctranslate2"}
        few_bits = converted | {"compute_type": "int8_float32"}
        found += [
            replace(quick, generation=long_summaries | converted | {"batch_size": 32}),
            replace(flan, **short, generation=summaries | few_bits | {"num_beams": 4}),
            replace(flan, generation=summaries | converted),
            replace(flan, **short, generation=summaries | few_bits | {"batch_size": 2}),
            replace(bart, generation=summaries | converted),
        ]
    return found


@cache
def quick_start() -> dict:
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    check_config(config, "config/config.yaml")
    return config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only cases whose description has this in it")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(peaks(Case(**json.loads(options.run[0])), Path(options.run[1]))))
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases():
            if options.only in str(case):
                rows += compared(case, Path(folder))
                print(rows[-1], file=sys.stderr)
    print(tabulate(rows, headers="keys", tablefmt="github", floatfmt=".2f"))


def compared(case: Case, folder: Path) -> list[dict]:
    """A row each for the machine and, where there is one, the GPU."""
    import torch

    estimate = estimate_of(case, folder)["gpu" if torch.cuda.is_available() else "cpu"]
    command = [sys.executable, __file__, "--run", json.dumps(asdict(case)), str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    names = {"host_mb": "machine", "device_mb": "GPU"}
    return [
        {"run": str(case), "of the": names[key], "estimate, MB": estimate[key], "peak, MB": peak, "ratio": estimate[key] / peak}
        for key, peak in found.items()
    ]


def estimate_of(case: Case, folder: Path) -> dict[str, dict[str, int]]:
    """What is estimated for a case, on a "cpu" and on a "gpu"."""
    from parity.examination import examine

    found = examine(case.method, case.block, model_folder(case.model, folder), data_of(case))["memory"][case.stage]
    for device, key in (("cpu", "host_mb"), ("gpu", "device_mb")):
        found[device][key] += (case.seeds - 1) * found[device].get("gang_seed_mb", 0)
    return found


def model_folder(name: str, folder: Path) -> str:
    """The quick start's model, or one of a known shape with random weights, saved on first use."""
    from transformers import BartConfig, BartForConditionalGeneration, T5Config, T5ForConditionalGeneration, set_seed

    from parity.tokens import load_tokenizer

    if name == "quick start":
        return str(QUICK_START)
    place = folder / name
    if not place.exists():
        set_seed(0)
        if name == "BART-base":
            layers = {
                f"{side}_{key}": value for side in ("encoder", "decoder") for key, value in (("layers", 6), ("ffn_dim", 3072))
            }
            heads = {"encoder_attention_heads": 12, "decoder_attention_heads": 12}
            model = BartForConditionalGeneration(BartConfig(d_model=768, **layers, **heads))
        else:
            model = T5ForConditionalGeneration(T5Config(feed_forward_proj="gated-gelu", decoder_start_token_id=0, **T5_SMALL))
        model.save_pretrained(place)
        load_tokenizer(str(QUICK_START)).save_pretrained(place)
    return str(place)


def data_of(case: Case):
    """Token ids for as many steps as the case takes, and batches to evaluate and to summarise."""
    import numpy as np
    from datasets import Dataset, DatasetDict

    if case.own_data:
        return own_data()
    random = np.random.default_rng(0)

    def rows(count: int, *lengths: int) -> Dataset:
        ids = [[random.integers(5, 3000, length - number % 4).tolist() for number in range(count)] for length in lengths]
        return Dataset.from_dict({"id": list(map(str, range(count)))} | dict(zip(("input_ids", "labels"), ids, strict=False)))

    block = case.block
    return DatasetDict(
        train=rows(TIMES * block["train"]["batch_size"], case.source, case.target),
        validation=rows(TIMES * block["train"]["eval_batch_size"], case.source, case.target),
        test=rows(TIMES * block["generation"]["batch_size"], case.source),
    )


def own_data():
    """The quick start's data as the rule prepare makes them."""
    from parity.data import SPLITS, load_split, subsample
    from parity.tokens import load_tokenizer, tokenise

    config = quick_start()
    data = config["data"]
    folder = ROOT / data["name_or_path"]
    loaded = {split: load_split(folder / data["splits"][split], split, data["columns"]) for split in SPLITS}
    used = {split: subsample(loaded[split], data[f"max_{split}_samples"], data["sample_seed"]) for split in SPLITS}
    limits = config["max_source_length"], config["max_target_length"]
    return tokenise(used, load_tokenizer(str(QUICK_START)), config["prompt"], *limits)[0]


def peaks(case: Case, folder: Path) -> dict[str, float]:
    """Run a case in this process, or in several; the peaks in MB."""
    import torch

    from parity.allocator import keep_freed_memory

    keep_freed_memory()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch, Watched() as watched:
        if case.generation:
            write_summaries(case, folder)
        else:
            train(case, folder, Path(scratch))
    own = 1024 * int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
    found = {"host_mb": (watched.peak if case.block["train"]["gpus_per_run"] > 1 else own) / MB}
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        found["device_mb"] = (torch.cuda.max_memory_reserved() + total - free - torch.cuda.memory_reserved()) / MB
    return {name: round(peak) for name, peak in found.items()}


def train(case: Case, folder: Path, scratch: Path) -> None:
    from parity import launch
    from parity.gang import Gang
    from parity.training_process import Request

    data_of(case).save_to_disk(scratch / "tokens")
    model, tokens = model_folder(case.model, folder), str(scratch / "tokens")

    def request(seed: int) -> Request:
        checkpoints = {"folder": f"{scratch}/checkpoints", "study": "benchmark", "method": "m", "seed": seed, "key": "key"}
        return Request("m", seed, case.block, model, tokens, f"{scratch}/out-{seed}", checkpoints, 0, 1)

    if case.seeds == 1:
        launch.train(request(1))
        return
    for outcome in Gang().train([request(seed).train for seed in range(1, case.seeds + 1)]):
        if isinstance(outcome, Exception):
            raise outcome


def write_summaries(case: Case, folder: Path) -> None:
    """With the pretrained model, on weights in few bits where the case says so."""
    from parity.ctranslate2_generation import generate_with_ctranslate2
    from parity.ctranslate2_rules import uses_ctranslate2
    from parity.generation import generate_summaries
    from parity.methods import load_base
    from parity.tokens import load_tokenizer

    settings = case.block["generation"]
    how = load_tokenizer(str(QUICK_START)), data_of(case)["test"], settings, 1, ""
    if uses_ctranslate2(settings):
        generate_with_ctranslate2(lambda: load_base(model_folder(case.model, folder), None), *how, 1)
    else:
        generate_summaries(load_base(model_folder(case.model, folder), case.quantization), *how)


class Watched:
    """While entered, notes the most memory that this process and those that it starts hold together, looking often.

    Shared pages count once for each of them.
    """

    def __enter__(self) -> Watched:
        self.peak, self._done = 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        me = psutil.Process()
        while not self._done.wait(0.05):
            with suppress(psutil.NoSuchProcess):
                held = sum(process.memory_info().rss for process in (me, *me.children(recursive=True)))
                self.peak = max(self.peak, held)


if __name__ == "__main__":
    main()
