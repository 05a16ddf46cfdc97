"""Times of a series: read, found to be evenly spaced or not, continued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from jaxtyping import Int

_FORMATS = ("%Y-%m", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y%m%d")
_FIRST = datetime(1970, 1, 1)
_HOUR, _DAY = 3600, 86400
SHORTEST_MONTH = 28 * _DAY
MONTHS = "months"
SECONDS = "seconds"
PLACES = "rows"


@dataclass(frozen=True)
class Rhythm:
    """How far apart the moments of a series are: ``step`` units, which are seconds, months, or plain numbers."""

    unit: str
    step: int

    def season(self) -> int:
        """Moments of the usual season: a year of months or quarters, a week of days, a day of anything shorter."""
        if self.unit == MONTHS:
            return max(1, 12 // self.step)
        if self.unit == SECONDS and self.step < _DAY:
            return max(1, _DAY // self.step)
        if self.unit == SECONDS:
            return 7 if self.step == _DAY else 52 if self.step == 7 * _DAY else 1
        return 1

    def show(self, place: int) -> str:
        """A moment for a person."""
        if self.unit == MONTHS:
            return f"{place // 12:04d}-{place % 12 + 1:02d}"
        if self.unit == SECONDS:
            moment = _FIRST + timedelta(seconds=place)
            return moment.strftime("%Y-%m-%d" if self.step % _DAY == 0 else "%Y-%m-%d %H:%M:%S")
        return str(place)

    def words(self) -> str:
        """The distance for a person."""
        if self.unit == SECONDS:
            for size, name in ((_DAY, "day"), (_HOUR, "hour"), (60, "minute")):
                if self.step % size == 0:
                    return f"every {name}" if self.step == size else f"every {self.step // size} {name}s"
            return f"every {self.step} seconds"
        if self.unit == MONTHS:
            return "every month" if self.step == 1 else f"every {self.step} months"
        return "evenly spaced"


def read_time(text: str) -> datetime | int | None:
    """A moment: ISO 8601 and a few usual ways to write dates, or a whole number; None where it is neither."""
    text = text.strip()
    if text.lstrip("-").isdigit() and len(text) != 8:
        return int(text)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    for way in _FORMATS:
        try:
            return datetime.strptime(text, way)
        except ValueError:
            continue
    return None


def on_a_line(times: Sequence[datetime | int]) -> tuple[Int[np.ndarray, "n"], str]:
    """Times as whole numbers, and their unit: months where they are at least 28 days apart on the same day of it."""
    if isinstance(times[0], int):
        return np.array([int(each) for each in times if isinstance(each, int)], np.int64), PLACES
    moments = [each for each in times if isinstance(each, datetime)]
    seconds = np.array([round((each - _FIRST).total_seconds()) for each in moments], np.int64)
    apart = np.diff(np.unique(seconds))
    monthly = len(apart) and apart.min() >= SHORTEST_MONTH and len({(e.day, e.hour, e.minute) for e in moments}) == 1
    if monthly:
        return np.array([12 * each.year + each.month - 1 for each in moments], np.int64), MONTHS
    return seconds, SECONDS


def usual_step(places: Int[np.ndarray, "n"]) -> int:
    """The most frequent distance between neighbours."""
    apart = np.diff(np.unique(places))
    if not len(apart):
        return 1
    steps, times = np.unique(apart, return_counts=True)
    return int(steps[times.argmax()])
