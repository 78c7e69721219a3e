"""Generating one summary a dialogue."""

from __future__ import annotations

import gc
import math
import time
from contextlib import AbstractContextManager, nullcontext

import torch
from accelerate.utils.memory import should_reduce_batch_size
from datasets import Dataset
from tqdm import tqdm
from transformers import (
    BatchEncoding,
    DataCollatorWithPadding,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    set_seed,
)

from .decoding import GreedyDecoding
from .errors import InputError
from .fast_layers import fast_layers
from .fit import end_marks
from .job import terminal
from .models import base_model, device_name, load_model, pick_device
from .packed_layers import packed_names
from .precision import PRECISIONS, resolved_precision
from .progress import Reporter
from .provenance import describe_machine
from .token_counts import TokenCounts, padding_share

SPECIAL_TOKENS = (
    "pad_token_id",
    "bos_token_id",
    "eos_token_id",
    "decoder_start_token_id",
    "forced_bos_token_id",
    "forced_eos_token_id",
)
# Settings of a generation block that are no arguments of generate().
NOT_DECODING = ("backend", "batch_size", "compute_type", "precision")


def generate_summaries(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, rows: Dataset, settings: dict, seed: int, title: str
) -> tuple[list[str], dict, list[bool]]:
    """A summary for each row, in the rows' order.

    Args:
        rows: test dialogues with input_ids.
        settings: a resolved generation block.
        seed: draws the tokens where `do_sample` is set.
    Returns:
        the summaries, how it went (tokens read and written, and how many summaries are empty or were cut off at
        max_new_tokens), and which ones were cut off.
    """
    set_seed(seed)
    device = pick_device()
    precision = resolved_precision(settings["precision"], base_model(model).config)
    computing = place(model.eval(), device, PRECISIONS[precision])
    config = generation_config(model, settings)
    # generate() fills what a config leaves open from the model's own: a checkpoint's decoding would slip in that way.
    for holder in {model, base_model(model)}:
        holder.generation_config = config
    ends = end_marks(config.eos_token_id)
    collate = DataCollatorWithPadding(tokenizer)
    # Inputs of similar length share a batch, longest first, so that little of it is padding.
    order = sorted(range(len(rows)), key=lambda index: -len(rows[index]["input_ids"]))
    summaries, cut_off = [""] * len(rows), [False] * len(rows)
    counts = TokenCounts()
    decoding = None if config.num_beams > 1 or config.do_sample else GreedyDecoding()
    screen = terminal()
    reporter = Reporter(phase="generate", done=0, total=len(rows), first_step=0, first_step_at=time.time())
    with (
        computing,
        fast_layers(model) if device.type == "cpu" else nullcontext(),
        torch.inference_mode(),
        tqdm(total=len(rows), desc=title, file=screen, leave=False, disable=screen is None) as bar,
    ):
        for start in range(0, len(order), settings["batch_size"]):
            batch = order[start : start + settings["batch_size"]]
            inputs = collate([{"input_ids": rows[index]["input_ids"]} for index in batch]).to(device)
            lengths, computed = [], inputs["input_ids"].numel()
            read = inputs["attention_mask"].sum(1).tolist()
            for index, source, ids in zip(batch, read, _generated(model, inputs, config, decoding), strict=True):
                summaries[index] = tokenizer.decode(ids, skip_special_tokens=True).strip()
                length = next((place for place, token in enumerate(ids) if place and token in ends), None)
                lengths.append((1, source, length or len(ids) - 1))
                computed += 0 if decoding else len(ids) - 1
                # A model that is made to end at its last token, as BART is, ends there as if by itself.
                forced = config.forced_eos_token_id is not None and length == settings["max_new_tokens"]
                cut_off[index] = length is None or forced
            counts.add(torch.tensor(lengths).T, computed + (decoding.take_tokens() if decoding else 0))
            bar.update(len(batch))
            reporter.step(done=start + len(batch))
            print(f"{title}: {min(start + settings['batch_size'], len(rows))}/{len(rows)} dialogues", flush=True)
    record = written_record(summaries, cut_off, counts) | {
        "precision": precision,
        "backend": "transformers",
        "compute_type": None,
        "cpu_threads": torch.get_num_threads(),
        "device": device_name(),
        "machine": describe_machine(),
    }
    return summaries, record, cut_off


def written_record(summaries: list[str], cut_off: list[bool], counts: TokenCounts) -> dict:
    """What a record says of summaries, whichever backend has written them."""
    sums = counts.sums()
    return {
        "dialogues": len(summaries),
        "input_tokens": sums["source"],
        "new_tokens": sums["target"],
        "token_sums": sums,
        "padding_share": padding_share(sums),
        "cut_off": sum(cut_off),
        "empty": sum(not summary for summary in summaries),
    }


def place(model: PreTrainedModel, device: torch.device, dtype: torch.dtype) -> AbstractContextManager:
    """Move a model that generates to `device`, in `dtype`. Returns the context in which to run it.

    Weights in 8 or 4 bits lie where they were packed and must stay as they are: around them, autocast does what casting would.
    """
    if packed_names(model):
        return torch.autocast(device.type, dtype, enabled=dtype != torch.float32)
    model.to(device, dtype)
    return nullcontext()


def _generated(
    model: PreTrainedModel, inputs: BatchEncoding, config: GenerationConfig, decoding: GreedyDecoding | None
) -> list[list[int]]:
    """Token ids of a summary each; where memory is too short for all at once, half of them after the other."""
    size = len(inputs["input_ids"])
    try:
        return model.generate(**inputs, generation_config=config, custom_generate=decoding).tolist()
    except RuntimeError as error:
        # Tokens are drawn for a whole batch at once: halves would draw others.
        if size == 1 or config.do_sample or not should_reduce_batch_size(error):
            raise
        print(f"{size} dialogues at a time do not fit into memory: {math.ceil(size / 2)} now", flush=True)
    gc.collect()
    torch.cuda.empty_cache()
    halves = [slice(0, math.ceil(size / 2)), slice(math.ceil(size / 2), size)]
    parts = [BatchEncoding({key: values[half] for key, values in inputs.items()}) for half in halves]
    return [ids for part in parts for ids in _generated(model, part, config, decoding)]


def generation_config(model: PreTrainedModel, settings: dict) -> GenerationConfig:
    """The model's special tokens with the study's decoding: nothing else of a checkpoint's own decoding is kept."""
    special = {}
    for name in SPECIAL_TOKENS:
        value = getattr(model.generation_config, name, None)
        special[name] = value if value is not None else getattr(model.config, name, None)
    decoding = {key: value for key, value in settings.items() if key not in NOT_DECODING}
    return GenerationConfig(use_cache=True, **special, **decoding)


def check_generation(model_folder: str, input_ids: list[int]) -> None:
    """Raises InputError where the model in a folder trains but writes nothing: of some, transformers' generate() is broken.

    Args:
        input_ids: one example.
    """
    model = load_model(model_folder).eval()
    model.generation_config = generation_config(model, {"min_new_tokens": 3, "max_new_tokens": 3})
    try:
        with torch.inference_mode():
            model.generate(input_ids=torch.tensor([input_ids]))
    except (TypeError, ValueError, RuntimeError, AttributeError, LookupError) as error:
        raise InputError(
            model_folder,
            f"this {model.config.model_type} cannot generate with the transformers installed ({type(error).__name__}: {error})",
            "Choose another model",
        ) from error
