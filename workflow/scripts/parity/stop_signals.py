"""Signals that end a training once the step at hand is done."""

from __future__ import annotations

import signal
from types import FrameType


class StopSignals:
    """While entered, SIGTERM and SIGINT do not end the process: `received` is the first that came."""

    def __init__(self):
        self.received: signal.Signals | None = None

    def __enter__(self) -> StopSignals:
        # A job that its shell started with Ctrl-C ignored goes on ignoring it.
        wanted = [each for each in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(each) is not signal.SIG_IGN]
        self._before = {each: signal.signal(each, self._receive) for each in wanted}
        for each in wanted:
            # A write in compiled code goes on where a signal came in between.
            signal.siginterrupt(each, False)
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.received = self.received or signal.Signals(number)
