"""A process that trains run folders: their paths come in line by line, what happens goes out as lines of JSON.

The parent process (`workers.py`) has written each folder's experiment. Nothing but names, paths and numbers passes
between the two.
"""

import json
import os
import sys
from pathlib import Path
from time import monotonic
from typing import TextIO

from neocog.core.errors import Problem
from neocog.core.progress import AbstractProgress, Silent
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


def main(allow_modules: list[str]) -> int:
    """Train every folder that standard input names; 0 unless stopped."""
    _keep_channel()
    opened = {}
    for line in sys.stdin:
        folder = RunFolder(Path(line.rstrip("\n")))
        try:
            experiment = folder.experiment(allow_modules)
            fingerprint = folder.facts()["data"]["fingerprint"]
            if fingerprint not in opened:
                opened[fingerprint] = reopen_data(experiment, fingerprint, keep=True, progress=Silent())
            data = opened[fingerprint]
            outcome = run(experiment, data, folder, progress=LineProgress(), allow_modules=allow_modules)
            _tell(done=outcome.name)
        except Interrupted as stopped:
            _tell(done="INTERRUPTED")
            return 128 + stopped.signal
        except Problem as problem:
            _tell(done="FAILED", problem=str(problem))
        except Exception as problem:
            _tell(done="FAILED", problem=f"{type(problem).__name__}: {problem}")
    return 0


def _keep_channel() -> None:
    """Keep standard output for the protocol: whatever else prints goes to standard error."""
    global _channel
    _channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def _tell(**facts: object) -> None:
    _channel.write(json.dumps(facts) + "\n")
    _channel.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
