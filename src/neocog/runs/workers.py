"""Workers: train several run folders at once, each in a process of its own."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from neocog.core.progress import AbstractProgress
from neocog.fit.history import Outcome
from neocog.runs.folder import RunFolder
from neocog.runs.stop import Interrupted, stop_signals

_POLL_SECONDS = 0.2
_STOPPED = 128 + signal.SIGTERM


@dataclass(frozen=True)
class Job:
    """A run folder whose experiment is written, how many steps it has, and what it is called."""

    folder: RunFolder
    steps: int
    label: str


@dataclass
class Tally:
    """Steps done by all workers together; told to progress under a lock."""

    progress: AbstractProgress
    steps: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, label: str, step: float, score: str) -> None:
        """One run has come so far."""
        with self.lock:
            self.steps[label] = step
            self.progress.advance(sum(self.steps.values()), f"{label}: {score}" if score else label)

    def say(self, text: str) -> None:
        """A sentence from a worker."""
        with self.lock:
            self.progress.say(text)


def train_in_processes(
    jobs: Sequence[Job], processes: int, threads: int, progress: AbstractProgress, allow_modules: Collection[str]
) -> None:
    """Train all jobs; what became of each is in its run folder.

    The processes are started afresh (no fork, no import of the caller's main module), so that this works from a
    script without a main guard and in a notebook.

    Raises:
        Interrupted: SIGINT or SIGTERM came; the workers have saved what they were training.
    """
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    tally = Tally(progress)
    started: list[subprocess.Popen[str]] = []
    progress.start("training", sum(job.steps for job in jobs), "steps")
    with stop_signals() as stop:
        feeders = [
            threading.Thread(target=_feed, args=(lambda: _start(threads, allow_modules, started), waiting, tally))
            for _ in range(min(processes, len(jobs)))
        ]
        for feeder in feeders:
            feeder.start()
        while any(feeder.is_alive() for feeder in feeders):
            if stop.number is not None:
                _stop(started, waiting)
            for feeder in feeders:
                feeder.join(_POLL_SECONDS)
    progress.end()
    if stop.number is not None:
        raise Interrupted(jobs[0].folder, stop.number)


def _start(threads: int, allow_modules: Collection[str], started: list[subprocess.Popen[str]]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "neocog.runs.worker", *allow_modules],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "OMP_NUM_THREADS": str(threads), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    started.append(process)
    return process


def _feed(start: Callable[[], subprocess.Popen[str]], waiting: "queue.SimpleQueue[Job]", tally: Tally) -> None:
    """Give jobs to a process, one at a time; one that dies is replaced, and its run says how it died."""
    while (job := _next(waiting)) is not None:
        with start() as process:
            assert process.stdin is not None
            while job is not None and _train(process, job, tally):
                job = _next(waiting)
            asked_to_stop = process.stdin.closed
            _close(process)
            code = process.wait()
            if job is not None and not asked_to_stop and code != _STOPPED:
                _note_death(job, code, tally)


def _train(process: subprocess.Popen[str], job: Job, tally: Tally) -> bool:
    """Have one run trained; False if the process is gone."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(f"{job.folder.path.resolve()}\n")
        process.stdin.flush()
    except (OSError, ValueError):  # it has died, or was asked to stop
        return False
    return _follow(process.stdout, job, tally)


def _note_death(job: Job, code: int, tally: Tally) -> None:
    killed = code == -signal.SIGKILL if hasattr(signal, "SIGKILL") else False
    outcome = Outcome.OUT_OF_MEMORY if killed else Outcome.FAILED
    reason = f"its process ended with status {code}" + (", as it does when memory runs out" if killed else "")
    job.folder.note({"outcome": outcome.name, "reason": reason})
    tally.say(f"{job.label}: {reason}")


def _follow(lines: Iterable[str], job: Job, tally: Tally) -> bool:
    """Pass a run's lines on until it has ended; False if the process is gone."""
    for line in lines:
        facts = json.loads(line)
        if "say" in facts:
            tally.say(facts["say"])
        elif "done" in facts:
            tally.advance(job.label, job.steps, "")
            if "problem" in facts:
                tally.say(f"{job.label}: {facts['problem']}")
            return True
        else:
            tally.advance(job.label, facts["step"], facts["score"])
    return False


def _next(waiting: "queue.SimpleQueue[Job]") -> Job | None:
    try:
        return waiting.get_nowait()
    except queue.Empty:
        return None


def _stop(started: Sequence[subprocess.Popen[str]], waiting: "queue.SimpleQueue[Job]") -> None:
    """Give no more jobs, and have every process save its run and leave (on Windows a signal would only kill it)."""
    while _next(waiting) is not None:
        pass
    for process in started:
        _close(process)


def _close(process: subprocess.Popen[str]) -> None:
    """End the process's standard input; twice is as good as once."""
    assert process.stdin is not None
    with suppress(OSError):  # it has died with a line unread
        process.stdin.close()
