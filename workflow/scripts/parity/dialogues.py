"""Reading the dialogues that somebody wants summarised: text, or JSON Lines."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import InputError
from .files import json_problem, parse_json

STDIN = "-"
KEY = "dialogue"


@dataclass(frozen=True)
class Dialogue:
    """`id` is the record's own, the file, or stdin. Lines of the text end in \\n."""

    id: str
    text: str


def read_dialogues(sources: Sequence[str], json_lines: bool = False) -> list[Dialogue]:
    """The dialogues of files, in order.

    Args:
        sources: files; "-" is standard input. A .jsonl file has an object a line with the text under `dialogue` and, if it
            likes, an `id`; any other file is one dialogue.
        json_lines: standard input is JSON Lines, too.
    Raises:
        InputError: a file is missing, empty, no text, or a record has no dialogue.
    """
    found = []
    for source in sources:
        if source == STDIN:
            name, content, records = "standard input", sys.stdin.buffer.read(), json_lines
        else:
            name, content, records = source, _content(Path(source)), source.lower().endswith(".jsonl")
        text = text_of(content, name)
        found += _records(text, name) if records else [Dialogue("stdin" if source == STDIN else source, text)]
    return found


def text_of(content: bytes, name: str) -> str:
    """The text of a file, stripped. Raises InputError where it is binary, not UTF-8, or empty."""
    if b"\0" in content:
        raise InputError(name, "a binary file, not text", "Save the dialogue as plain text (UTF-8), an utterance a line")
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{name}, line {line}", "not UTF-8 text", f"Convert it: iconv -f LATIN1 -t UTF-8 {name}") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise InputError(name, "is empty: there is nothing to summarise", "Give a dialogue, an utterance a line")
    return text


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(str(path), "is a folder", f"Name its files: {path}/*.txt")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(str(path), "no such file", "Check the path; - reads standard input") from None


def _records(text: str, name: str) -> Iterator[Dialogue]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            row = parse_json(line)
        except ValueError as error:
            raise InputError(where, f"not JSON ({json_problem(error)})", 'Write an object a line: {"dialogue": "..."}') from error
        dialogue = row.get(KEY) if isinstance(row, dict) else None
        if not isinstance(dialogue, str) or not dialogue.strip():
            raise InputError(where, f"no text under {KEY!r}", 'Write an object a line: {"id": "...", "dialogue": "..."}')
        yield Dialogue(str(row.get("id", f"{name}:{number}")), dialogue.replace("\r\n", "\n").strip())
