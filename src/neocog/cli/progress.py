"""Progress on a terminal (a bar) and elsewhere (plain lines); always on the error stream."""

import sys
import time
from io import TextIOBase
from typing import IO, cast

from neocog.core.errors import plain
from neocog.core.progress import AbstractProgress

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_FRAMES = 0.1
LEAST_SHARE = 0.03


class Clock:
    """Rate and remaining time of a stretch of work, from when it began."""

    def __init__(self, what: str, total: float, unit: str) -> None:
        self.what, self.total, self.unit = plain(what), total, unit
        self.began = time.monotonic()
        self.done = 0.0
        self.score = ""

    def update(self, done: float, score: str) -> None:
        """So much is done; an empty score leaves the last one."""
        self.done, self.score = done, plain(score) or self.score

    def __str__(self) -> str:
        return "  ".join(filter(None, (self.counted, self.rate, self.remaining, self.score)))

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total > 0 else 1.0

    @property
    def counted(self) -> str:
        """``1,200 of 3,000 steps``."""
        return f"{self.done:,.0f} of {self.total:,.0f} {self.unit}"

    @property
    def rate(self) -> str:
        """``320 steps/s``, or nothing before there is one."""
        per_second = self.done / self.seconds if self.seconds > 0.2 else 0.0
        return (
            f"{per_second:,.{0 if per_second >= 10 else 1}f} {self.unit}/s" if per_second and self.unit != "s" else ""
        )

    @property
    def remaining(self) -> str:
        """``12 s left``, or nothing before that is known: the first steps tell little."""
        known = self.share >= LEAST_SHARE and self.seconds > 0.2
        left = self.seconds * (1 - self.share) / self.share if known else 0.0
        return f"{duration(left)} left" if left >= 0.5 else ""


def duration(seconds: float) -> str:
    """``8 s``, ``2 min 5 s``, ``1 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class LineProgress(AbstractProgress):
    """One plain line every few seconds: for logs, pipes and machines that read the error stream."""

    def __init__(self, stream: TextIOBase, seconds_between: float = SECONDS_BETWEEN_LINES) -> None:
        self.stream = stream
        self.seconds_between = seconds_between
        self.clock: Clock | None = None
        self.last = time.monotonic()

    def say(self, text: str) -> None:
        """Print the line."""
        print(plain(text), file=self.stream, flush=True)

    def start(self, what: str, total: float, unit: str) -> None:
        """Begin to count; nothing is printed yet."""
        self.clock = Clock(what, total, unit)

    def advance(self, done: float, score: str = "") -> None:
        """Print a line if the last one is some seconds old."""
        if self.clock is None:
            return
        self.clock.update(done, score)
        if time.monotonic() - self.last >= self.seconds_between:
            self.say(f"{self.clock.what}: {self.clock}")
            self.last = time.monotonic()

    def end(self) -> None:
        """Stop counting."""
        self.clock = None


class TerminalProgress(AbstractProgress):
    """A bar with count, rate, remaining time and score, below the lines that were said."""

    def __init__(self, stream: TextIOBase) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self.console = Console(file=cast(IO[str], stream), highlight=False)
        self.bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[clock]}", markup=False),
            console=self.console,
            transient=True,
            auto_refresh=False,
        )
        self.task = self.bar.add_task("", total=1.0, clock="", visible=False)
        self.clock: Clock | None = None
        self.last = 0.0

    def say(self, text: str) -> None:
        """Print the line above the bar."""
        self.console.print(plain(text), markup=False)

    def start(self, what: str, total: float, unit: str) -> None:
        """Show an empty bar."""
        self.clock = Clock(what, total, unit)
        self.bar.start()
        self._draw()

    def advance(self, done: float, score: str = "") -> None:
        """Move the bar, at most some ten times a second."""
        if self.clock is None:
            return
        self.clock.update(done, score)
        if time.monotonic() - self.last >= SECONDS_BETWEEN_FRAMES:
            self._draw()

    def end(self) -> None:
        """Take the bar away."""
        self.clock = None
        self.bar.update(self.task, visible=False)
        self.bar.stop()

    def _draw(self) -> None:
        if self.clock is not None:
            self.bar.update(
                self.task,
                description=self.clock.what,
                completed=self.clock.share,
                clock=str(self.clock),
                visible=True,
                refresh=True,
            )
        self.last = time.monotonic()


def progress_on(stream: TextIOBase | None = None) -> AbstractProgress:
    """A bar where the stream is a terminal, else plain lines."""
    stream = stream or cast(TextIOBase, sys.stderr)
    return TerminalProgress(stream) if stream.isatty() else LineProgress(stream)
