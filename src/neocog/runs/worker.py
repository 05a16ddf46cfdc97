"""A process that trains run folders: their paths come in line by line, what happens goes out as lines of JSON.

The parent process (`workers.py`) has written each folder's experiment. Nothing but names, paths and numbers passes
between the two. Where standard input ends while a run is being trained, the parent wants it to stop, or is gone: the
run is saved and the process leaves, as after SIGTERM.
"""

import io
import json
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import TextIO

from neocog.core.errors import Problem
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.family import AbstractData
from neocog.runs.folder import RunFolder
from neocog.runs.run import run
from neocog.runs.setup import reopen_data
from neocog.runs.stop import Interrupted

_SECONDS_BETWEEN_LINES = 0.3
_channel: TextIO = sys.stdout


class LineProgress(AbstractProgress):
    """Writes steps and scores as lines of JSON, a few a second at most."""

    def __init__(self) -> None:
        self._last = 0.0

    def say(self, text: str) -> None:
        """Pass a sentence on."""
        _tell(say=text)

    def start(self, what: str, total: float, unit: str) -> None:
        """Nothing: the parent knows."""

    def advance(self, done: float, score: str = "") -> None:
        """Pass the number of steps on, if the last time is long enough ago."""
        if monotonic() - self._last > _SECONDS_BETWEEN_LINES:
            self._last = monotonic()
            _tell(step=done, score=score)

    def end(self) -> None:
        """Nothing: the parent is told when the run has ended."""


class Orders:
    """The lines of standard input, read by a thread, so that their end is noticed while a run is being trained."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._given = 0
        self._done = 0

    def read(self) -> None:
        """Read to the end; if an order is open then, stop the main thread's run.

        Unbuffered, because a thread that waits in a buffered file holds a lock that the interpreter needs to leave.
        """
        with io.FileIO(sys.stdin.fileno(), closefd=False) as file:
            while line := file.readline():
                self._given += 1
                self._lines.put(line.decode().rstrip("\r\n"))
        self._lines.put(None)
        if self._given > self._done:
            signal.raise_signal(signal.SIGTERM)

    def next(self) -> str | None:
        """Wait for an order; None when there will be no more."""
        return self._lines.get()

    def done(self) -> None:
        """The order that ``next`` gave is carried out."""
        self._done += 1


def main(allow_modules: list[str]) -> int:
    """Train every folder that standard input names; 0 unless stopped."""
    _keep_channel()
    signal.signal(signal.SIGTERM, _leave)
    orders, opened = Orders(), dict[str, AbstractData]()
    threading.Thread(target=orders.read, daemon=True).start()
    while (path := orders.next()) is not None:
        try:
            facts = _train(RunFolder(Path(path)), opened, allow_modules)
        except Interrupted as stopped:
            _tell(done="INTERRUPTED")
            return 128 + stopped.signal
        except Problem as problem:
            facts = {"done": "FAILED", "problem": str(problem)}
        except Exception as problem:
            facts = {"done": "FAILED", "problem": f"{type(problem).__name__}: {problem}"}
        orders.done()
        _tell(**facts)
    return 0


def _train(folder: RunFolder, opened: dict[str, AbstractData], allow_modules: list[str]) -> dict[str, str]:
    experiment = folder.experiment(allow_modules)
    fingerprint = folder.facts()["data"]["fingerprint"]
    if fingerprint not in opened:
        opened[fingerprint] = reopen_data(
            experiment, fingerprint, keep=True, progress=Silent(), allow_modules=allow_modules
        )
    outcome = run(experiment, opened[fingerprint], folder, progress=LineProgress(), allow_modules=allow_modules)
    return {"done": outcome.name}


def _leave(number: int, frame: FrameType | None) -> None:
    """Outside a run there is nothing to save."""
    raise SystemExit(128 + number)


def _keep_channel() -> None:
    """Keep standard output for the protocol: whatever else prints goes to standard error."""
    global _channel
    _channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def _tell(**facts: object) -> None:
    try:
        _channel.write(json.dumps(facts) + "\n")
        _channel.flush()
    except OSError:  # nobody listens any more; the end of standard input stops the run
        os.dup2(os.open(os.devnull, os.O_WRONLY), _channel.fileno())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
