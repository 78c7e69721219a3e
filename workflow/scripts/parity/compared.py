"""What tables and pages need of a study's config: nothing that its runs depend on, so that they follow the runs."""

from __future__ import annotations

from . import config as study


def comparison_config(config: dict, *keys: str, of_method: tuple[str, ...] = ("kind",)) -> dict:
    """`compare`, `comparison`, what stands under `keys`, and of each compared method its keys `of_method`."""
    methods = {
        name: {key: config["methods"][name][key] for key in of_method if key in config["methods"][name]}
        for name in config["compare"]
    }
    wanted = ("compare", "comparison", "costs", *keys)
    return {key: config[key] for key in wanted if key in config} | {"methods": methods}


def is_deterministic(config: dict, method: str) -> bool:
    """Whether no chance goes into a method's summaries. Of a file of somebody else's, nobody here knows."""
    return config["methods"][method]["kind"] != "predictions" and not study.is_seeded(study.method_block(config, method))


def report_config(config: dict) -> dict:
    """What the report needs."""
    return comparison_config(config, "name", "model", "data", "published", of_method=("kind", "baseline"))
