"""SeriesChoice: which series, read and divided how."""

from dataclasses import dataclass
from typing import Annotated

from neocog.core.rules import AtLeast, Between

SEASONS = "seasons"
KNOWN = {SEASONS: "an hourly series with a daily and a weekly rhythm and noise of known size, made by us"}


@dataclass(frozen=True, kw_only=True)
class SeriesChoice:
    """Which series, read and divided how: the beginning is train, then comes val, and the end is test."""

    name: Annotated[str, "A CSV with one row per moment, or seasons."] = SEASONS
    time: Annotated[
        str | None, "Column with the times; none: guessed by its name, else rows are equally far apart."
    ] = None
    target: Annotated[tuple[str, ...], "Columns to forecast; none: all that are no covariates."] = ()
    covariates: Annotated[tuple[str, ...], "Columns that are only looked at, up to the moment of the forecast."] = ()
    horizon: Annotated[int, Between(1, 10_000), "Moments that are forecast."] = 24
    lookback: Annotated[int, Between(1, 100_000), "Moments that are looked back at."] = 96
    season: Annotated[int | None, AtLeast(1), "Moments of a season; none: by the distance of the times."] = None
    val: Annotated[float, Between(0, 0.9, open_low=True), "Share kept for choosing, before the test part."] = 0.1
    test: Annotated[float, Between(0, 0.9), "Share at the end kept for the final score."] = 0.2
    rows: Annotated[tuple[int, ...], AtLeast(1), "Rows of train, val and test, instead of shares."] = ()
    skip_bad: Annotated[bool, "Sort times, drop duplicates, fill gaps with the last value; all of it counted."] = False
