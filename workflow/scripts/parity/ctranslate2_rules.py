"""What the backend CTranslate2 cannot decode as transformers does. Read by the Snakefile: nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Iterator

BACKEND = "ctranslate2"
TRANSFORMERS = "Set backend: transformers for this method"


def uses_ctranslate2(generation: dict) -> bool:
    """Whether a resolved `generation` block asks for the backend."""
    return generation["backend"] == BACKEND


def precision_of(compute_type: str | None) -> str:
    """Of the sums that are not in 8 bits: "bf16" or "fp32"."""
    return "bf16" if (compute_type or "").endswith("bfloat16") else "fp32"


def backend_contradictions(name: str, block: dict) -> Iterator[tuple[str, str, str]]:
    """What speaks against the backend of a method's resolved block: key and value, problem, remedy."""
    generation = block["generation"]
    where = f"methods.{name}.generation."
    if not uses_ctranslate2(generation):
        if generation["compute_type"] is not None:
            key = f"{where}compute_type = {generation['compute_type']!r}"
            yield key, f"has no effect without backend: {BACKEND}", "Set that or remove compute_type"
        return
    if "quantization" in block:
        problem = f"weights in 8 or 4 bits of bitsandbytes cannot be converted for backend: {BACKEND}"
        yield (
            f"methods.{name}.quantization",
            problem,
            "Remove it and set generation.compute_type: int8_float32, or set backend: transformers",
        )
    if generation["precision"] != "auto":
        problem = f"with backend: {BACKEND} compute_type says it"
        yield f"{where}precision = {generation['precision']!r}", problem, "Set precision: auto"
    for key, problem, remedy in _unlike(generation):
        yield f"{where}{key} = {generation[key]!r}", problem, remedy


def _unlike(generation: dict) -> Iterator[tuple[str, str, str]]:
    """Settings that CTranslate2 reads otherwise than transformers' generate(): key, problem, remedy."""
    if generation["num_beams"] > 1:
        if not generation.get("early_stopping"):
            problem = f"the beam search of {BACKEND} ends as soon as so many summaries have ended"
            yield "num_beams", problem, f"Set early_stopping: true, which lets both backends do so. {TRANSFORMERS} otherwise"
        if generation["do_sample"]:
            yield (
                "do_sample",
                f"{BACKEND} does not draw in a beam search as transformers does",
                f"Set num_beams: 1. {TRANSFORMERS} otherwise",
            )
        if generation.get("length_penalty", 1) == 0:
            problem = f"{BACKEND} then ends a beam search at the first summary that is ahead of all others"
            yield "length_penalty", problem, f"Remove it or set another. {TRANSFORMERS} otherwise"
        for key, neutral in (("min_new_tokens", 0), ("no_repeat_ngram_size", 0), ("repetition_penalty", 1)):
            if generation.get(key, neutral) != neutral:
                problem = f"in a beam search {BACKEND} changes scores for it before they become probabilities, transformers after"
                yield key, problem, f"Remove it or set num_beams: 1. {TRANSFORMERS} otherwise"
    if generation.get("top_p", 1) < 1 and generation.get("temperature", 1) != 1:
        problem = f"{BACKEND} chooses the likeliest tokens before the temperature, transformers after"
        yield "top_p", problem, f"Set only one of top_p and temperature. {TRANSFORMERS} otherwise"
