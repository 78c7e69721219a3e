"""What a study is doing: python -m parity.status [--configfile FILE] [--watch [SECONDS]]

Reads files alone, and so works beside a running snakemake, on another machine that sees the folder, and afterwards.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import suppress
from pathlib import Path

import yaml
from rich.console import Console
from rich.live import Live

from . import controller
from .config import check_config
from .errors import InputError
from .status_view import not_begun, read_study
from .watching import CONFIG

DEFAULT = "config/config.yaml"


def main(arguments: list[str]) -> int:
    """The exit status: 0, or 2 where the config cannot be read."""
    parser = argparse.ArgumentParser(prog="status", description=__doc__.splitlines()[0])
    parser.add_argument("--configfile", help="the study; left out, the one that runs, or ran last")
    parser.add_argument("--watch", nargs="?", type=float, const=2.0, metavar="SECONDS", help="show it again and again")
    options = parser.parse_args(arguments)
    try:
        config = asked_config(options.configfile)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    console = Console(highlight=False, soft_wrap=False)
    if options.watch and console.is_terminal:
        with suppress(KeyboardInterrupt):
            watch(config, console, max(0.5, options.watch))
        return 0
    show(config, console)
    return 0


def show(config: dict, console: Console) -> None:
    """Print where a study stands."""
    state = read_study(config, time.time())
    console.print(state if state.begun else not_begun(config["name"]))


def watch(config: dict, console: Console, seconds: float) -> None:
    """Show where a study stands, again and again, until Ctrl-C."""
    with Live(console=console, auto_refresh=False, screen=True) as live:
        while True:
            state = read_study(config, time.time(), height=console.height)
            live.update(state if state.begun else not_begun(config["name"]), refresh=True)
            time.sleep(seconds)


def asked_config(file: str | None) -> dict:
    """The checked config of a file, or else of the study that runs here or ran last, or else of the quick start.

    Raises:
        InputError: it cannot be read, or is no config of a study.
    """
    if file is None and (remembered := newest_config()):
        file = str(remembered)
    file = file or DEFAULT
    try:
        config = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(file, f"cannot be read ({error})", f"Check the path, relative to {Path.cwd()}") from error
    except yaml.YAMLError as error:
        raise InputError(file, f"is no YAML ({' '.join(str(error).split())})", "Mend it") from error
    if not isinstance(config, dict):
        raise InputError(file, "is no config of a study", "config/README.md explains every key")
    check_config(config, file)
    return config


def newest_config() -> Path | None:
    """The config of the study that runs here, or of the one that was started last."""
    files = sorted(Path().glob(f"results/*/{CONFIG}"), key=lambda path: path.stat().st_mtime)
    alive = [path for path in files if controller.seen_living(path.parents[1].name)]
    return (alive or files or [None])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
