"""The terminal while a study runs: lines that go by, and the grid that stays below them."""

from __future__ import annotations

import os
import selectors
import threading
import time
from contextlib import chdir
from pathlib import Path

from rich.console import Console, ConsoleDimensions, RenderableType
from rich.live import Live
from rich.text import Text

# Reading the states of many runs from a slow file server takes a twentieth of the time at most.
LEAST_SECONDS, TIMES_ITS_COST = 1.0, 20


class _Terminal(Console):
    """A Console that asks its own file for its size: descriptors 0 to 2, which rich asks, may be no terminal."""

    @property
    def size(self) -> ConsoleDimensions:
        try:
            return ConsoleDimensions(*os.get_terminal_size(self.file.fileno()))
        except OSError:
            return super().size


class Screen:
    """Takes over the terminal: what this process and its jobs write to descriptors 1 and 2 comes to stand above the grid.

    Written past it, an error message of a job would be wiped out by the grid's next frame.
    """

    def __init__(self, config: dict, colour: bool):
        self._config, self._folder = config, Path.cwd()
        taken = [descriptor for descriptor in (1, 2) if os.isatty(descriptor)]
        self._saved = {descriptor: os.dup(descriptor) for descriptor in taken}
        terminal = os.fdopen(os.dup(taken[-1]), "w", encoding="utf-8", errors="replace")
        self._console = _Terminal(file=terminal, force_terminal=True, no_color=not colour, highlight=False)
        self._state: RenderableType = Text("")
        self._next_look = 0.0
        self._closing = threading.Event()
        self._live = Live(
            console=self._console,
            refresh_per_second=1,
            redirect_stdout=False,
            redirect_stderr=False,
            get_renderable=self._grid,
        )
        source, sink = os.pipe()
        for descriptor in taken:
            os.dup2(sink, descriptor)
        os.close(sink)
        self._reader = threading.Thread(target=self._pass_on, args=(source,), daemon=True)
        self._reader.start()
        self._live.start()
        # If this process is killed, the shell has its cursor.
        self._console.show_cursor(True)

    def say(self, text: str, style: str) -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)

    def close(self) -> None:
        """Give the terminal back, with a last grid in it."""
        for descriptor, terminal in self._saved.items():
            os.dup2(terminal, descriptor)
            os.close(terminal)
        self._closing.set()
        self._reader.join(timeout=5)
        self._next_look = 0.0
        # Snakemake may have left it.
        with chdir(self._folder):
            self._live.stop()
        self._console.file.flush()

    def _grid(self) -> RenderableType:
        """What the grid shows now; read anew where that is due."""
        # Here, since the Snakefile has put Parity's modules on the path by now.
        from parity.status_view import read_study

        began = time.monotonic()
        if began >= self._next_look:
            try:
                self._state = read_study(self._config, time.time(), height=max(4, self._console.height - 2), owner=False)
            except Exception as error:
                # Whatever is wrong with what is shown must not take the study's terminal with it.
                self._state = Text(f"The grid cannot be drawn: {type(error).__name__}: {error}", style="red")
            cost = time.monotonic() - began
            self._next_look = time.monotonic() + max(LEAST_SECONDS - 0.1, TIMES_ITS_COST * cost)
        return self._state

    def _pass_on(self, source: int) -> None:
        """Print what was written past us, a line at a time, until nothing comes after the end."""
        rest = b""
        with selectors.DefaultSelector() as selector:
            selector.register(source, selectors.EVENT_READ)
            # Jobs that outlive this process hold the other end open.
            while (ready := selector.select(0.2)) or not self._closing.is_set():
                if not ready:
                    continue
                chunk = os.read(source, 65536)
                if not chunk:
                    break
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._print(line)
        if rest:
            self._print(rest)

    def _print(self, line: bytes) -> None:
        # Of a line that a bar drew over and over, only the last state.
        text = line.rstrip(b"\r").rsplit(b"\r", 1)[-1].decode("utf-8", "replace")
        self._console.print(Text.from_ansi(text), soft_wrap=True)
