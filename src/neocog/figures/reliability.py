"""The reliability diagram: how often answers of a stated confidence are right."""

import math

import numpy as np
from jaxtyping import Float, Int
from markupsafe import Markup

from neocog.figures.axes import Scale, bottom_axis, left_axis
from neocog.figures.figure import Figure, Table
from neocog.figures.numbers import count, percent
from neocog.figures.svg import WIDTH, drawing, element, join, label, marker, series_class

LEFT, RIGHT, TOP, MIDDLE, LOW, BOTTOM = 50.0, WIDTH - 14.0, 26.0, 246.0, 270.0, 316.0
Z = 1.959964  # of a 95 % interval


def reliability(
    key: str,
    title: str,
    confidence: Float[np.ndarray, "bins"],
    right: Float[np.ndarray, "bins"],
    counts: Int[np.ndarray, "bins"],
    *,
    low: Float[np.ndarray, "bins"] | None = None,
    high: Float[np.ndarray, "bins"] | None = None,
    finding: str = "",
    series: int = 0,
) -> Figure:
    """Share of right answers against stated confidence, bin by bin, with intervals; below, how many fall in each bin.

    On the dashed line, "90 % sure" is right in 90 of 100 cases; under it the network is too sure of itself.

    Args:
        key: unique name on the page.
        title: what one should see.
        confidence: mean stated confidence of each bin, 0 to 1; bins with a count of 0 are left out.
        right: share of right answers in each bin.
        counts: answers in each bin.
        low: lower ends of the intervals; by default Wilson's, 95 %, which takes the answers as independent.
        high: upper ends.
        finding: the words for those who cannot see it; by default the mean gap and its direction.
        series: chooses colour and shape.
    """
    used = np.flatnonzero(counts > 0)
    bounds = [wilson(float(right[i]), int(counts[i])) for i in used]
    lows = [float(low[i]) for i in used] if low is not None else [b[0] for b in bounds]
    highs = [float(high[i]) for i in used] if high is not None else [b[1] for b in bounds]
    across, up = Scale(0, 1, LEFT, RIGHT), Scale(0, 1, MIDDLE, TOP)
    drawn: list[str] = []
    for i, bottom, top in zip(used, lows, highs, strict=True):
        x = across(float(confidence[i]))
        drawn.append(element("line", class_="whisker", x1=x, x2=x, y1=up(bottom), y2=up(top)))
        drawn.append(marker(series, x, up(float(right[i]))))
    alt = finding or _finding(confidence[used], right[used], counts[used])
    parts: list[str] = [
        label("share that is right", 4, 13, kind="axis"),
        left_axis(up, LEFT, RIGHT, lambda v: percent(v, 0)),
        element("line", class_="rule", x1=across(0), y1=up(0), x2=across(1), y2=up(1)),
        label("too sure", across(0.97), up(0.04), anchor="end", kind="quiet"),
        label("not sure enough", across(0.03), up(0.93), kind="quiet"),
        element("g", *drawn, class_=series_class(series)),
        _histogram(confidence[used], counts[used], across, series),
        bottom_axis(across, LOW, BOTTOM, lambda v: percent(v, 0), "stated confidence"),
    ]
    rows = [
        (percent(float(confidence[i])), percent(float(right[i])), percent(b), percent(t), count(int(counts[i])))
        for i, b, t in zip(used, lows, highs, strict=True)
    ]
    table = Table(("mean confidence", "share right", "low", "high", "answers"), rows)
    return Figure(key, title, drawing(*parts, height=BOTTOM + 38, alt=alt), alt, table)


def wilson(share: float, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a share of independent trials.

    Source: Wilson 1927, JASA 22:209, without continuity correction.
    """
    spread = Z * math.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    middle = share + Z * Z / (2 * trials)
    scale = 1 + Z * Z / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def _histogram(confidence: np.ndarray, counts: np.ndarray, across: Scale, series: int) -> Markup:
    most = max(1, int(counts.max())) if len(counts) else 1
    up = Scale(0, most, BOTTOM, LOW)
    bars = [
        element("rect", class_="bar", x=across(float(c)) - 6, y=up(float(n)), width=12, height=BOTTOM - up(float(n)))
        for c, n in zip(confidence, counts, strict=True)
    ]
    top = label(f"{count(most)} answers", LEFT + 2, LOW + 9, kind="quiet")
    return join([element("g", *bars, class_=series_class(series)), top])


def _finding(confidence: np.ndarray, right: np.ndarray, counts: np.ndarray) -> str:
    if not len(counts):
        return "There are no answers to judge."
    share = counts / counts.sum()
    stated, true = float(share @ confidence), float(share @ right)
    gap = float(share @ np.abs(confidence - right))
    way = "too sure of itself" if stated > true else "not sure enough of itself"
    said = f"On average it is {percent(stated)} sure and {percent(true)} right: "
    said += "about as sure as it should be" if gap < 0.01 else f"a little {way}" if gap < 0.05 else way
    return f"{said}. The mean gap over the bins (expected calibration error) is {100 * gap:.1f} points."
