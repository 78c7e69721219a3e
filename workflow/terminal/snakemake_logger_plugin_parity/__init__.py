"""Snakemake's messages with the study's grid below them: method x seed, what runs, its epoch, loss and time left.

For a terminal (profiles/default/profile.yaml asks for it there alone). Until the Snakefile says which study runs, and where
none does, this is Snakemake's own way of writing.
"""

from __future__ import annotations

import sys
from logging import ERROR, WARNING, LogRecord

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from .messages import short

# Of this process; None without.
_handler: LogHandler | None = None


def begin(config: dict) -> None:
    """From now on show the grid of a checked config's study, where this process has a terminal; called by the Snakefile."""
    if _handler and not _handler.common_settings.dryrun:
        _handler.begin(config)


class LogHandler(LogHandlerBase):
    """Writes what Snakemake would, a line a job, above the grid. Errors and warnings are written in full."""

    def __post_init__(self) -> None:
        global _handler
        _handler = self
        # Here, since every snakemake imports every plugin.
        from snakemake.logging import ColorizingTextHandler

        stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self._plain = ColorizingTextHandler(nocolor=self.common_settings.nocolor, stream=stream)
        self._screen = None
        self._jobs: dict[int, str] = {}

    def begin(self, config: dict) -> None:
        if self._screen is None and self._plain.is_tty:
            from .screen import Screen

            self._screen = Screen(config, colour=not self._plain.nocolor)

    def emit(self, record: LogRecord) -> None:
        screen = self._screen
        if screen is None:
            self._plain.setFormatter(self.formatter)
            self._plain.emit(record)
            return
        try:
            text = short(record, self._jobs)
            if text is None:
                text = self.format(record)
        except Exception:
            # As logging's own handlers do: nothing that is said may end the study.
            self.handleError(record)
            return
        if text and text != "None":
            screen.say(text, _style(record))

    def close(self) -> None:
        if self._screen:
            self._screen.close()
            self._screen = None
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        return True

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return False

    @property
    def has_formatter(self) -> bool:
        return False

    @property
    def needs_rulegraph(self) -> bool:
        return False


def _style(record: LogRecord) -> str:
    if record.levelno >= ERROR:
        return "red"
    if record.levelno >= WARNING:
        return "yellow"
    return "dim" if getattr(record, "event", None) in (LogEvent.JOB_INFO, LogEvent.JOB_FINISHED) else ""
