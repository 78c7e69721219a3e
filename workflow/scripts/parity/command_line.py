"""What of a command line Snakemake would hand on in a way that lets it run code.

Before a study is run from a config of somebody else's: python -m parity.command_line FILE ...
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from .errors import InputError

# A file with this key is to Snakemake's YAML reader a program in Python.
PROGRAM_KEY = "__use_yte__"


def refuse_programs(files: Iterable[str | Path]) -> None:
    """Raise InputError for a config file that is a program. In a running workflow this is too late: Snakemake reads it first."""
    for file in files:
        path = Path(file)
        if path.is_file() and PROGRAM_KEY.encode() in path.read_bytes():
            raise InputError(
                f"{path}: {PROGRAM_KEY}",
                "with this key a config is a program: Snakemake runs the Python in it whenever it reads it",
                "Remove the key, and write values",
            )


def refuse_what_a_shell_would_run(config_args: Iterable[str] | None) -> None:
    """Raise InputError for a --config value that a shell would read as more than text.

    Snakemake starts a job with a command line that has these values between quotes of Python's kind, not of the shell's:
    a value with an apostrophe gets double quotes, in which a shell runs `$(...)`.
    """
    from snakemake_interface_executor_plugins.utils import is_quoted

    for argument in config_args or ():
        if is_quoted(argument) or any(character in argument for character in "'\\") or not argument.isprintable():
            raise InputError(
                f"--config {argument}",
                "a value with quotes, a backslash or a line end reaches the shells of jobs as another one",
                "Write it into a config file, and name that: --configfile",
            )


if __name__ == "__main__":
    try:
        refuse_programs(sys.argv[1:])
    except InputError as error:
        sys.exit(str(error))
