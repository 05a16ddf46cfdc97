"""Stopping from outside: SIGINT and SIGTERM let a run save itself first."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from neocog.runs.folder import RunFolder


class Interrupted(KeyboardInterrupt):
    """A signal asked to stop; everything is saved. ``signal`` is its number, ``folder`` what to resume."""

    def __init__(self, folder: RunFolder, number: int) -> None:
        super().__init__(f"stopped by signal {number}; {folder.path} can be resumed")
        self.folder = folder
        self.signal = number


class StopSignals:
    """Whether SIGINT or SIGTERM came, and which."""

    number: int | None = None

    def note(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal; coming again changes nothing."""
        self.number = self.number or number


@contextmanager
def stop_signals() -> Iterator[StopSignals]:
    """Inside, the two signals only make a note. Elsewhere than in the main thread nothing is changed."""
    stop = StopSignals()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop.note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
