"""Generating one summary a dialogue with CTranslate2, decoded as parity.generation decodes."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from datasets import Dataset
from tqdm import tqdm
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from .ctranslate2_model import check_installed, convert, merged
from .ctranslate2_rules import precision_of
from .errors import InputError
from .fit import end_marks
from .generation import generation_config, written_record
from .job import terminal
from .models import device_name, pick_device
from .progress import Reporter
from .provenance import describe_machine
from .token_counts import TokenCounts


def generate_with_ctranslate2(
    load: Callable[[], PreTrainedModel],
    tokenizer: PreTrainedTokenizerBase,
    rows: Dataset,
    settings: dict,
    seed: int,
    title: str,
    threads: int,
    loaded: Callable[[], None] = lambda: None,
) -> tuple[list[str], dict, list[bool]]:
    """A summary for each row, in the rows' order, as parity.generation.generate_summaries.

    Args:
        load: loads what generates, whose memory is given back before the first summary is written.
        settings: a resolved generation block.
        threads: of a CPU.
        loaded: called before the first summary is written.
    Raises:
        InputError: CTranslate2 or the compute type does not run here, or the model cannot be converted.
    """
    check_installed("generation.backend = 'ctranslate2'")
    import ctranslate2

    device, compute_type = pick_device().type, settings["compute_type"] or "float32"
    _check_device(device, compute_type)
    with tempfile.TemporaryDirectory() as scratch:
        folder = str(Path(scratch, "model"))
        model = merged(load(), "peft")
        config = generation_config(model, settings)
        options = translation_options(settings, config, model.config.vocab_size)
        convert(model, config, compute_type, folder)
        del model
        gc.collect()
        # A translator's threads take the seed when they begin to draw.
        ctranslate2.set_random_seed(seed)
        translator = ctranslate2.Translator(folder, device, compute_type=compute_type, intra_threads=threads)
    loaded()
    summaries, counts, cut_off = _translate(translator, tokenizer, rows, settings, config, options, title)
    record = counts | {
        "precision": precision_of(compute_type),
        "backend": "ctranslate2",
        "compute_type": compute_type,
        "cpu_threads": threads,
        "device": device_name(),
        "machine": describe_machine(),
    }
    return summaries, record, cut_off


def _check_device(device: str, compute_type: str) -> None:
    """CTranslate2 would take another type, and only warn."""
    import ctranslate2

    if device == "cuda" and not ctranslate2.get_cuda_device_count():
        raise InputError(
            "generation.backend = 'ctranslate2'", "it finds no GPU here, and torch does", "Set backend: transformers"
        )
    known = ctranslate2.get_supported_compute_types(device)
    if compute_type not in known:
        problem = f"CTranslate2 does not compute in it on this {'GPU' if device == 'cuda' else 'CPU'}"
        remedy = f"Set one of {', '.join(sorted(known & {'float32', 'bfloat16', 'int8_float32', 'int8_bfloat16'}))}"
        raise InputError(f"generation.compute_type = {compute_type!r}", problem, remedy)


def translation_options(settings: dict, config: GenerationConfig, vocabulary: int) -> dict:
    """The arguments of translate_batch that decode as transformers' generate() does by a resolved generation block.

    What is not set is transformers' own, such as top_k = 50 where tokens are drawn.
    """
    options = {
        "beam_size": settings["num_beams"],
        "max_decoding_length": settings["max_new_tokens"],
        "min_decoding_length": settings.get("min_new_tokens", 0),
        "length_penalty": settings.get("length_penalty", 1),
        "repetition_penalty": settings.get("repetition_penalty", 1),
        "no_repeat_ngram_size": settings.get("no_repeat_ngram_size", 0),
        "max_input_length": 0,
        "end_token": [str(token) for token in sorted(end_marks(config.eos_token_id))],
        # The end mark counts for the length in a summary's score.
        "return_end_token": True,
    }
    if settings["do_sample"]:
        options |= {
            "sampling_topk": min(settings.get("top_k", 50), vocabulary),
            "sampling_topp": settings.get("top_p", 1),
            "sampling_temperature": settings.get("temperature", 1),
        }
    return options


def _translate(
    translator,
    tokenizer: PreTrainedTokenizerBase,
    rows: Dataset,
    settings: dict,
    config: GenerationConfig,
    options: dict,
    title: str,
) -> tuple[list[str], dict, list[bool]]:
    inputs = [[str(token) for token in ids] for ids in rows["input_ids"]]
    order = sorted(range(len(inputs)), key=lambda index: -len(inputs[index]))
    prefix = None if config.forced_bos_token_id is None else [str(config.forced_bos_token_id)]
    summaries, cut_off = [""] * len(inputs), [False] * len(inputs)
    counts = TokenCounts()
    screen = terminal()
    reporter = Reporter(phase="generate", done=0, total=len(order), first_step=0, first_step_at=time.time())
    with tqdm(total=len(inputs), desc=title, file=screen, leave=False, disable=screen is None) as bar:
        for start in range(0, len(order), settings["batch_size"]):
            batch = order[start : start + settings["batch_size"]]
            results = translator.translate_batch(
                [inputs[index] for index in batch], target_prefix=prefix and [prefix] * len(batch), **options
            )
            lengths, computed = [], len(batch) * len(inputs[batch[0]])
            for index, result in zip(batch, results, strict=True):
                ids = [int(word) for word in result.hypotheses[0]]
                ended = bool(ids) and ids[-1] in end_marks(config.eos_token_id)
                if config.forced_eos_token_id is not None and len(ids) == settings["max_new_tokens"]:
                    ids[-1], ended = config.forced_eos_token_id, False
                summaries[index] = tokenizer.decode(ids, skip_special_tokens=True).strip()
                lengths.append((1, len(inputs[index]), len(ids)))
                computed += len(ids)
                cut_off[index] = not ended
            counts.add(torch.tensor(lengths).T, computed)
            bar.update(len(batch))
            reporter.step(done=start + len(batch))
            print(f"{title}: {start + len(batch)}/{len(order)} dialogues", flush=True)
    return summaries, written_record(summaries, cut_off, counts), cut_off
