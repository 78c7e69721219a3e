"""What the config's block `human_evaluation` asks for, and where its keys contradict others."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

# The settings that a sheet depends on; the others may change when ratings are there.
DRAWING_KEYS = ("dialogues", "seed", "methods", "raters", "scales", "pairs_per_dialogue")


def rated_methods(config: dict) -> list[str]:
    """The methods whose summaries people judge, in the order of `compare`."""
    named = config["human_evaluation"]["methods"]
    if named is not None:
        return [name for name in config["compare"] if name in named]
    return [name for name in config["compare"] if config["methods"][name]["kind"] != "baseline"]


def ceilings(config: dict) -> list[str]:
    """The judged methods that are references by people: their ROUGE, against the other references, is compared with none."""
    return [name for name in rated_methods(config) if config["methods"][name].get("baseline") == "human"]


def human_contradictions(config: dict) -> Iterator[tuple[str, str, str]]:
    """What the schema cannot say, as (key and value, problem, remedy)."""
    settings = config["human_evaluation"]
    for name in settings["methods"] or []:
        if name not in config["compare"]:
            near = difflib.get_close_matches(name, config["compare"], n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Compared: {', '.join(config['compare'])}"
            yield f"human_evaluation.methods: {name}", "it is not in compare", hint
    # Some file systems take Ada.html and ada.html for one file.
    seen: dict[str, str] = {}
    for rater in settings["raters"]:
        if rater.lower() in seen:
            yield (
                f"human_evaluation.raters = {settings['raters']}",
                f"two raters have one name, {seen[rater.lower()]} and {rater}",
                "Give each a name of their own",
            )
        seen[rater.lower()] = rater
