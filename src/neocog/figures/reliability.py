"""The reliability diagram: how often answers of a stated confidence are right."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from neocog.figures.axes import Scale, bottom_axis, left_axis
from neocog.figures.figure import Figure, Table
from neocog.figures.numbers import count, percent
from neocog.figures.svg import WIDTH, drawing, element, join, label, marker, series_class

LEFT, RIGHT, TOP, MIDDLE, LOW, BOTTOM = 50.0, WIDTH - 14.0, 26.0, 246.0, 270.0, 316.0


@dataclass(frozen=True)
class ConfidenceBin:
    """The answers of about one stated confidence.

    Args:
        confidence: their mean stated confidence, 0 to 1.
        right: the share of them that is right.
        low: lower end of that share's interval.
        high: upper end.
        count: how many they are, at least 1.
    """

    confidence: float
    right: float
    low: float
    high: float
    count: int


def reliability(key: str, title: str, bins: Sequence[ConfidenceBin], *, finding: str = "", series: int = 0) -> Figure:
    """Share of right answers against stated confidence, bin by bin, with intervals; below, how many fall in each bin.

    On the dashed line, "90 % sure" is right in 90 of 100 cases; under it the network is too sure of itself.

    Args:
        key: unique name on the page.
        title: what one should see.
        bins: those that hold answers.
        finding: the words for those who cannot see it; by default the mean gap and its direction.
        series: chooses colour and shape.
    """
    across, up = Scale(0, 1, LEFT, RIGHT), Scale(0, 1, MIDDLE, TOP)
    drawn: list[str] = []
    for each in bins:
        x = across(each.confidence)
        drawn.append(element("line", class_="whisker", x1=x, x2=x, y1=up(each.low), y2=up(each.high)))
        drawn.append(marker(series, x, up(each.right)))
    alt = finding or _finding(bins)
    parts: list[str] = [
        label("share that is right", 4, 13, kind="axis"),
        left_axis(up, LEFT, RIGHT, lambda v: percent(v, 0)),
        element("line", class_="rule", x1=across(0), y1=up(0), x2=across(1), y2=up(1)),
        label("too sure", across(0.97), up(0.04), anchor="end", kind="quiet halo"),
        label("not sure enough", across(0.03), up(0.93), kind="quiet halo"),
        element("g", *drawn, class_=series_class(series)),
        _histogram(bins, across, series),
        bottom_axis(across, (LOW, BOTTOM), lambda v: percent(v, 0), "stated confidence"),
    ]
    rows = [(*map(percent, (each.confidence, each.right, each.low, each.high)), count(each.count)) for each in bins]
    table = Table(("mean confidence", "share right", "low", "high", "answers"), rows)
    return Figure(key, title, drawing(*parts, height=BOTTOM + 38, alt=alt), alt, table)


def _histogram(bins: Sequence[ConfidenceBin], across: Scale, series: int) -> Markup:
    most = max((each.count for each in bins), default=1)
    up = Scale(0, most, BOTTOM, LOW)
    bars = [
        element("rect", class_="bar", x=across(each.confidence) - 6, y=up(each.count), width=12, height=height)
        for each in bins
        if (height := BOTTOM - up(each.count)) > 0
    ]
    top = label(f"{count(most)} answers", LEFT + 2, LOW + 9, kind="quiet halo")
    return join([element("g", *bars, class_=series_class(series)), top])


def _finding(bins: Sequence[ConfidenceBin]) -> str:
    total = sum(each.count for each in bins)
    if not total:
        return "There are no answers to judge."
    stated = sum(each.count * each.confidence for each in bins) / total
    true = sum(each.count * each.right for each in bins) / total
    gap = sum(each.count * abs(each.confidence - each.right) for each in bins) / total
    way = "too sure of itself" if stated > true else "not sure enough of itself"
    said = f"On average it is {percent(stated)} sure and {percent(true)} right: "
    said += "about as sure as it should be" if gap < 0.01 else f"a little {way}" if gap < 0.05 else way
    return f"{said}. The mean gap over the bins (expected calibration error) is {100 * gap:.1f} points."
