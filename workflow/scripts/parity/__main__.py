"""python -m parity COMMAND: what a user does with a study beside running it. `python -m parity COMMAND --help` says more."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .errors import InputError
from .job import OFFLINE

CONFIG = "config/config.yaml"


def main(arguments: Sequence[str]) -> int:
    """Carry out a command line. Returns the exit status: 1 after an error of the user's, which is said without a traceback."""
    # Before any library that would ask the hub is imported: all that a study needs lies on this machine.
    os.environ.update(OFFLINE)
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except InputError as error:
        print(f"parity {options.command}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the summaries has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="parity", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = commands.add_parser("summarize", help="summarise new dialogues with a run of a study")
    command.add_argument("dialogues", nargs="+", metavar="FILE", help="a text file a dialogue, or .jsonl; - is standard input")
    command.add_argument(
        "--model", required=True, metavar="FOLDER", help="results/<study>/<method>/seed-<n>/model, or an exported one"
    )
    command.add_argument("--base", metavar="FOLDER", help="the base model, where it does not lie where the study had it")
    command.add_argument("--jsonl", action="store_true", help="standard input is JSON Lines")
    command.add_argument("--output", metavar="FILE", help="write there instead of to standard output, all or nothing")
    command.set_defaults(run=_summarize)

    for name, run, told in (
        ("export", _export, "folders for the Hugging Face hub: the best model and the best adapter of a finished study"),
        ("export-peft", _export_peft, "a finished study's runs in the result format of PEFT's method comparison"),
        ("ro-crate", _ro_crate, "a finished study as a Workflow Run RO-Crate"),
    ):
        command = commands.add_parser(name, help=told)
        command.add_argument(
            "--configfile", default=CONFIG, metavar="FILE", help=f"the study's config; {CONFIG} if it is left out"
        )
        command.add_argument("--results", metavar="FOLDER", help="where its results lie, if not in results/<name>")
        command.set_defaults(run=run)
        if name == "export":
            command.add_argument("--method", help="the best seed of this method instead")
    return parser


def _summarize(options: argparse.Namespace) -> None:
    from .dialogues import STDIN, read_dialogues
    from .files import write_text
    from .summarize import summarize, written
    from .trained_run import find_run

    dialogues = read_dialogues(options.dialogues, options.jsonl)
    run = find_run(options.model, options.base)
    with _quiet():
        summaries = summarize(run, dialogues, lambda told: print(told, file=sys.stderr))
    alone = len(options.dialogues) == 1 and not (options.jsonl and options.dialogues[0] == STDIN)
    text = written(dialogues, summaries, alone and not options.dialogues[0].lower().endswith(".jsonl"))
    if options.output:
        write_text(options.output, text)
    else:
        sys.stdout.write(text)


@contextmanager
def _quiet() -> Iterator[None]:
    """What libraries tell a developer would stand between a reader and the summaries."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _export(options: argparse.Namespace) -> None:
    from .best_run import best_of_method, best_of_study
    from .export import export_run
    from .finished_study import read_finished

    study = read_finished(options.configfile, options.results)
    for run in [best_of_method(study, options.method)] if options.method else best_of_study(study):
        out = study.folder / "export" / run.method
        export_run(study, run, out)
        print(
            f"{run.method} seed {run.seed}: {out}. Look through README.md there, name a licence, then: hf upload <you>/<name> {out}"
        )


def _export_peft(options: argparse.Namespace) -> None:
    from .finished_study import read_finished
    from .peft_results import write_results

    written = write_results(read_finished(options.configfile, options.results))
    print(f"{len(written)} runs: {written[0].parent}")


def _ro_crate(options: argparse.Namespace) -> None:
    from .crate import write_crate
    from .finished_study import read_finished

    print(write_crate(read_finished(options.configfile, options.results)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
