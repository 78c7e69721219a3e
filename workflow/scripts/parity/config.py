"""Checking a study's config, filling in its defaults, and reading runs and resolved methods from it."""

from __future__ import annotations

import copy
import difflib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from .adaptive_seeds import (
    counts_after,
    is_adaptive,
    newest_look,
    pair_contradictions,
    question_contradictions,
    seed_numbers,
)
from .config_safety import unsafe_values
from .config_values import not_finite, odd_values
from .ctranslate2_rules import backend_contradictions
from .errors import InputError, short
from .gang_rules import gang_contradictions
from .hub import hub_folder
from .human_rules import human_contradictions

SCHEMAS = Path(__file__).parents[2] / "schemas"
TRAINED_KINDS = ("full", "peft")
GENERATING_KINDS = ("zero_shot", "full", "peft")
# The seed in the path of a run that no seed can change.
NO_SEED = 0
PLACEHOLDER = "{dialogue}"
# Of what the schema says of a value, which repeats it.
LONGEST_MESSAGE = 300
# As many processes a run as a message names.
MOST_PROCESSES = 64
NEEDED_TRAIN_KEYS = ("learning_rate", "batch_size", "num_train_epochs")


@dataclass(frozen=True)
class Run:
    """One run of a study. A method whose summaries no seed can change has one run, whose seed is NO_SEED."""

    method: str
    seed: int


def _is_integer(_: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_: Any, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


# JSON Schema takes 8.0 for an integer, and jsonschema takes NaN for a number.
_STRICT_TYPES = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number})


def strict_validator(schema: dict) -> jsonschema.Draft202012Validator:
    """A validator to which 8.0 is no integer and NaN no number."""
    return jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=_STRICT_TYPES)(schema)


@cache
def load_schema(name: str) -> dict:
    return yaml.safe_load((SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8"))


def check_config(config: dict, file: str) -> None:
    """Fill `config` with the schema's defaults and check it.

    Args:
        config: the config as parsed, changed in place.
        file: where it was read, for the messages.
    Raises:
        InputError: names all schema errors at once, or else the first contradiction between keys.
    """
    for where, problem, remedy in odd_values(config):
        raise InputError(f"{file}: {where}", problem, remedy)
    schema = load_schema("config")
    _fill_defaults(config, schema)
    errors = sorted(strict_validator(schema).iter_errors(config), key=lambda error: list(map(str, error.absolute_path)))
    messages = [message for error in errors for message in _describe(error)]
    if messages:
        raise InputError(file, "; ".join(dict.fromkeys(messages)), "config/README.md explains every key")
    for where, problem, remedy in _contradictions(config):
        raise InputError(f"{file}: {where}", problem, remedy)


def method_block(config: dict, name: str) -> dict:
    """A method's block with every setting resolved: its own keys, then the study's, then the defaults."""
    block = dict(config["methods"][name])
    if block["kind"] in TRAINED_KINDS:
        block["train"] = _block_defaults("train") | config["train"] | block.get("train", {})
    if block["kind"] in GENERATING_KINDS:
        block["generation"] = _block_defaults("generation") | config["generation"] | block.get("generation", {})
    return block


def is_trained(config: dict, method: str) -> bool:
    return config["methods"][method]["kind"] in TRAINED_KINDS


def study_runs(config: dict, folder: Path | None = None) -> list[Run]:
    """All runs in the order of `compare`. A method that no seed changes has one run instead of one a seed.

    Args:
        folder: of the study, where the looks lie that say how many seeds there are by now, if the config leaves it to them;
            None for results/<name>.
    """
    look = newest_look(folder or Path("results", config["name"])) if is_adaptive(config) else None
    return runs_of(config, counts_after(look))


def runs_of(config: dict, counts: dict[str, int]) -> list[Run]:
    """All runs, with so many seeds of each method if the config leaves the number to looks; `min` of those not named."""
    runs = []
    for name in config["compare"]:
        block = method_block(config, name)
        if not is_seeded(block):
            seeds = [NO_SEED]
        elif is_adaptive(config) and "seeds" not in block:
            seeds = seed_numbers(config["seeds"], counts.get(name, config["seeds"]["min"]))
        else:
            seeds = block.get("seeds", config["seeds"])
        runs += [Run(name, seed) for seed in seeds]
    return runs


def _first_seeds(config: dict) -> list[int]:
    """The seeds that every trained method has at first."""
    return seed_numbers(config["seeds"], config["seeds"]["min"]) if is_adaptive(config) else config["seeds"]


def methods_with_seeds(config: dict) -> list[str]:
    """The compared methods that further seeds can be run of."""
    blocks = {name: method_block(config, name) for name in config["compare"]}
    return [name for name, block in blocks.items() if is_seeded(block) and "seeds" not in block]


def is_seeded(block: dict) -> bool:
    """Whether a seed changes a resolved method's summaries."""
    if block["kind"] == "zero_shot":
        return block["generation"]["do_sample"]
    if block["kind"] == "predictions":
        return "{seed}" in block["file"]
    return block["kind"] in TRAINED_KINDS


def first_of_kind(config: dict, kind: str) -> str | None:
    """The first compared method of a kind."""
    return next((name for name in config["compare"] if config["methods"][name]["kind"] == kind), None)


def contrasts_of(config: dict) -> list[tuple[str, str]]:
    """The confirmatory contrasts (method, reference): the declared ones, or every PEFT method against the first full one."""
    if (questions := config["comparison"]["questions"]) is not None:
        return list(dict.fromkeys(tuple(question["contrast"]) for question in questions))
    declared = config["comparison"]["contrasts"]
    if declared is not None:
        return [tuple(pair) for pair in declared]
    full = first_of_kind(config, "full")
    return [(name, full) for name in config["compare"] if full and config["methods"][name]["kind"] == "peft"]


def study_folder(config: dict, key: str) -> str:
    """The folder of the study's `model` or `data`: fetched from the hub, or the user's own."""
    block = config[key]
    if block["source"] != "hub":
        return block["name_or_path"]
    return hub_folder("dataset" if key == "data" else key, block["name_or_path"], block["revision"])


def hub_repositories(config: dict) -> dict[str, dict[str, str]]:
    """The folders of the study's model and data that come from the hub, and what the rule fetch calls them there."""
    blocks = {study_folder(config, key): config[key] for key in ("model", "data") if config[key]["source"] == "hub"}
    return {
        folder: {"repository": block["name_or_path"].replace("/", "--"), "revision": block["revision"]}
        for folder, block in blocks.items()
    }


def task_of(config: dict) -> dict:
    """What all methods of a study share: prompt, lengths, threads, and where model and data come from."""
    task = {key: config[key] for key in ("prompt", "max_source_length", "max_target_length", "cpu_threads")}
    source = ("source", "name_or_path", "revision")
    return task | {part: {key: config[part].get(key) for key in source} for part in ("model", "data")}


def outside_file(config: dict, method: str, seed: int | str) -> str:
    """The file of one run of a method of kind predictions."""
    return config["methods"][method]["file"].replace("{seed}", str(seed))


def outside_files(config: dict) -> list[tuple[str, str]]:
    """(method, file) of every run whose summaries another system wrote."""
    runs = [run for run in study_runs(config) if config["methods"][run.method]["kind"] == "predictions"]
    return [(run.method, outside_file(config, run.method, run.seed)) for run in runs]


def retyped(overrides: dict) -> dict:
    """What --config gave, read as a config file would be: Snakemake leaves the numbers in its lists as text.

    Raises:
        InputError: a text is no YAML.
    """

    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: read(part) for key, part in value.items()}
        if isinstance(value, list):
            return [read(part) for part in value]
        try:
            return yaml.safe_load(value) if isinstance(value, str) else value
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise InputError(
                f"--config: {short(value)}", f"not YAML ({str(error).splitlines()[0]})", "Put quotes around it"
            ) from error

    return read(overrides)


def _fill_defaults(value: dict, schema: dict) -> None:
    """Set missing keys to the schema's defaults. Blocks behind a $ref stay: train and generation resolve per method."""
    for key, subschema in schema.get("properties", {}).items():
        if "default" in subschema:
            value.setdefault(key, copy.deepcopy(subschema["default"]))
        if isinstance(value.get(key), dict):
            _fill_defaults(value[key], subschema)


@cache
def _block_defaults(name: str) -> dict:
    properties = load_schema("config")["$defs"][name]["properties"]
    return {key: subschema["default"] for key, subschema in properties.items() if "default" in subschema}


def _describe(error: jsonschema.ValidationError) -> Iterator[str]:
    """A schema error as 'key = value: problem, remedy' sentences."""
    key = ".".join(map(str, error.absolute_path)) or "the file"
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {}))
        prefix = "" if key == "the file" else f"{key}."
        for name in sorted(set(error.instance) - set(known)):
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
            hint = _misplaced(name, known, error.instance.get("kind")) or hint
            yield f"{prefix}{name} = {short(error.instance[name])}: unknown key, {hint}"
    elif error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        yield f"{key} lacks {', '.join(missing)}"
    elif error.validator == "type" and isinstance(error.instance, str) and _looks_like_number(error.instance):
        yield (
            f"{key} = {error.instance!r}: this is text to YAML, not a number; write it without quotes and with a point"
            f" (1.0e-4, not 1e-4)"
        )
    else:
        about = error.schema.get("description") if isinstance(error.schema, dict) else None
        message = error.message if len(error.message) <= LONGEST_MESSAGE else f"{error.message[:LONGEST_MESSAGE]} ..."
        yield f"{key} = {short(error.instance)}: {message}" + (f" ({about.rstrip('.')})" if about else "")


def _misplaced(name: str, known: list[str], kind: str | None) -> str | None:
    """Where a key of the blocks train and generation belongs, if `name` is one and stands beside `known` ones instead."""
    for block in ("train", "generation"):
        if name == block or name in load_schema("config")["$defs"][block]["properties"]:
            if block in known:
                return f"it belongs into the block {block}: {block}: {{{name}: ...}}"
            if block == "train" and kind is not None:
                return f"a method of kind {kind} trains nothing; remove it"
    return None


def _looks_like_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _contradictions(config: dict) -> Iterator[tuple[str, str, str]]:
    """What the schema cannot say, as (key and value, problem, remedy)."""
    yield from unsafe_values(config)
    for name, block in config["methods"].items():
        for key in ("peft", "quantization"):
            yield from not_finite(block.get(key), f"methods.{name}.{key}")
    for name in config["compare"]:
        if name not in config["methods"]:
            near = difflib.get_close_matches(name, config["methods"], n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(config['methods'])}"
            yield f"compare: {name}", "no such method under methods", hint
    if config["prompt"].count(PLACEHOLDER) != 1:
        yield f"prompt = {short(config['prompt'])}", f"needs {PLACEHOLDER} once", f"Write {PLACEHOLDER} where the dialogue goes"
    for key in ("model", "data"):
        block = config[key]
        if block["source"] == "hub" and not block["revision"]:
            yield f"{key}.revision = {block['revision']!r}", "source: hub needs a revision", "Write the commit to fetch"
        if block["source"] != "hub" and block["revision"]:
            yield f"{key}.revision = {block['revision']!r}", f"source: {block['source']} has no revisions", "Remove it"
    if len(set(config["data"]["splits"].values())) < 3:
        yield f"data.splits = {short(config['data']['splits'])}", "two splits share a file", "Name a file of its own for each"
    for name in config["compare"]:
        yield from _method_contradictions(config, name)
    yield from _contrast_contradictions(config)
    yield from question_contradictions(config, set(methods_with_seeds(config)))
    yield from human_contradictions(config)
    for name in config.get("published", {}).get("scores", {}):
        if name not in config["methods"]:
            known = f"Known: {', '.join(config['methods'])}; remove what was published of others"
            yield f"published.scores.{name}", "no such method under methods", known


def _contrast_contradictions(config: dict) -> Iterator[tuple[str, str, str]]:
    seen = set()
    for number, pair in enumerate(config["comparison"]["contrasts"] or []):
        where = f"comparison.contrasts.{number} = {pair}"
        yield from pair_contradictions(where, pair, config["compare"])
        if frozenset(pair) in seen:
            yield (
                where,
                "these two methods are contrasted already",
                "Remove it: each contrast makes every other one harder to show",
            )
        seen.add(frozenset(pair))


def _split_contradictions(name: str, train: dict) -> Iterator[tuple[str, str, str]]:
    """What speaks against computing a step's batch on so many processes in so many parts."""
    processes, parts, size = train["gpus_per_run"], train["gradient_accumulation_steps"], train.get("batch_size", 0)
    if size % (processes * parts):
        fitting = [n for n in range(1, min(size, MOST_PROCESSES) + 1) if size % (n * parts) == 0]
        other = f"gpus_per_run of {' or '.join(map(str, fitting))}" if fitting else "fewer gradient_accumulation_steps"
        yield (
            f"methods.{name}.train.batch_size = {size}",
            f"cannot be shared evenly by gpus_per_run = {processes} processes in gradient_accumulation_steps = {parts} parts each",
            f"Take a multiple of {processes * parts}, or {other}",
        )
    if train["fsdp"] and processes == 1:
        yield f"methods.{name}.train.fsdp = true", "a single process has nobody to share with", "Set gpus_per_run or remove fsdp"


def _quantization_contradictions(name: str, block: dict) -> Iterator[tuple[str, str, str]]:
    where = f"methods.{name}.quantization = {short(block['quantization'])}"
    if block["kind"] == "full":
        yield where, "kind full trains all weights, and weights in 8 or 4 bits cannot be trained", "Set kind: peft, or remove it"
    elif block["kind"] == "zero_shot":
        yield where, "the pretrained model is compared as it is, in fp32", "Remove it"
    elif block["train"]["fsdp"]:
        yield (
            where,
            "weights in 8 or 4 bits cannot be sharded (train.fsdp = true)",
            "Set fsdp: false for this method: each process then holds the weights, which are small in few bits",
        )


def _decoding_contradictions(name: str, generation: dict) -> Iterator[tuple[str, str, str]]:
    drawing = [key for key in ("temperature", "top_k", "top_p") if key in generation]
    if drawing and not generation["do_sample"]:
        yield (
            f"methods.{name}.generation.{drawing[0]} = {generation[drawing[0]]!r}",
            "has no effect without do_sample: true",
            f"Set do_sample: true or remove {drawing[0]}",
        )
    if generation.get("min_new_tokens", 0) > generation["max_new_tokens"]:
        yield (
            f"methods.{name}.generation.min_new_tokens = {generation['min_new_tokens']}",
            f"is above max_new_tokens = {generation['max_new_tokens']}",
            "Lower it",
        )


def _method_contradictions(config: dict, name: str) -> Iterator[tuple[str, str, str]]:
    block = method_block(config, name)
    if "quantization" in block:
        yield from _quantization_contradictions(name, block)
    if block["kind"] in TRAINED_KINDS:
        for key in NEEDED_TRAIN_KEYS:
            if block["train"].get(key) is None and not (key == "num_train_epochs" and block["train"]["max_steps"]):
                yield f"methods.{name}.train.{key}", "not set", f"Set it there, or for all methods as train.{key}"
        yield from _split_contradictions(name, block["train"])
        yield from gang_contradictions(name, block, len(_first_seeds(config)))
        prefix = str(block.get("peft", {}).get("peft_type")).upper() == "PREFIX_TUNING"
        if prefix and block["train"]["gradient_checkpointing"]:
            yield (
                f"methods.{name}.train.gradient_checkpointing = true",
                "a prefix reaches the layers through the cache, which checkpointing switches off",
                "Remove it, or raise gradient_accumulation_steps where memory is short",
            )
    if block["kind"] in GENERATING_KINDS:
        yield from _decoding_contradictions(name, block["generation"])
        yield from backend_contradictions(name, block)
    if block["kind"] == "baseline":
        if block["baseline"] == "human" and "n" in block:
            yield f"methods.{name}.n = {block['n']}", "baseline human takes no n", "Remove it"
        if block["baseline"] != "human" and "n" not in block:
            yield f"methods.{name}.n", f"baseline {block['baseline']} needs n, the number of utterances", "Add n: 3"
    if block["kind"] == "predictions" and "seeds" in block and "{seed}" not in block["file"]:
        yield (
            f"methods.{name}.file = {block['file']!r}",
            "seeds are given, but the file's name has no {seed}",
            "Write {seed} in it or remove seeds",
        )
