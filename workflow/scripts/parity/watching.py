"""What a snakemake does at its start for those who watch it."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

# Below a study's results.
CONFIG = "logs/config.json"
PLUGIN = "snakemake_logger_plugin_parity"


def remember_config(config: dict, results: Path) -> None:
    """Keep the config that a study is run with, --config of the command line included, for `make status`."""
    # As JSON, which is YAML too.
    path = results / CONFIG
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def begin_grid(config: dict) -> None:
    """Let the terminal show the study's grid, where this snakemake was started with the plugin that does."""
    if plugin := sys.modules.get(PLUGIN):
        plugin.begin(config)
