"""cli/progress: a bar on a terminal, plain lines elsewhere."""

import io
import time

import pytest

from neocog.cli.progress import Clock, LineProgress, TerminalProgress, duration, progress_on


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_rate_remaining_time_and_score(clock: list[float]) -> None:
    work = Clock("resnet", 1000, "steps")
    assert (work.rate, work.remaining) == ("", "")
    clock[0] += 10
    work.update(250, "accuracy 0.91")
    assert str(work) == "250 of 1,000 steps  25 steps/s  30 s left  accuracy 0.91"
    work.update(500, "")
    assert work.score == "accuracy 0.91"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (125, "2 min 5 s"), (4210, "1 h 10 min")]
)
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_more_done_than_planned_and_nothing_planned(clock: list[float]) -> None:
    work = Clock("x", 10, "steps")
    clock[0] += 5
    work.update(12, "")
    assert work.share == 1.0 and work.remaining == ""
    assert Clock("x", 0, "steps").share == 1.0


def test_lines_come_every_few_seconds(clock: list[float]) -> None:
    stream = io.StringIO()
    progress = LineProgress(stream)
    progress.start("resnet seed 0", 100, "steps")
    for step in range(100):
        clock[0] += 0.125
        progress.advance(step + 1)
    progress.end()
    assert len(stream.getvalue().splitlines()) == 2
    assert stream.getvalue().startswith("resnet seed 0: 40 of 100 steps")


def test_what_is_said_is_printed_at_once_and_cannot_control_the_terminal(clock: list[float]) -> None:
    stream = io.StringIO()
    LineProgress(stream).say("class \x1b[31mred")
    assert stream.getvalue() == "class \\x1b[31mred\n"


def test_a_bar_on_a_terminal() -> None:
    stream = Terminal()
    progress = progress_on(stream)
    assert isinstance(progress, TerminalProgress)
    progress.start("resnet [seed=0]", 10, "steps")
    progress.advance(5, "accuracy 0.9")
    progress.say("note [b]not bold[/b]")
    time.sleep(0.12)
    progress.advance(7)
    progress.end()
    shown = stream.getvalue()
    assert "resnet [seed=0]" in shown and "7 of 10 steps" in shown and "note [b]not bold[/b]" in shown
    progress.start("mlp", 3, "steps")
    progress.end()
    progress.end()


def test_lines_where_there_is_no_terminal() -> None:
    assert isinstance(progress_on(io.StringIO()), LineProgress)


def test_advancing_nothing_is_harmless() -> None:
    for progress in (LineProgress(io.StringIO()), TerminalProgress(Terminal())):
        progress.advance(3)
        progress.end()
