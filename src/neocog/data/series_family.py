"""SERIES: the family of time series."""

from typing import Any

from neocog.core.errors import UsageProblem
from neocog.core.progress import AbstractProgress
from neocog.data.family import Family
from neocog.data.series_choice import KNOWN, SeriesChoice
from neocog.data.series_data import SeriesData, SeriesPlan, as_test, divided, series_like
from neocog.data.series_known import seasons
from neocog.data.series_read import RawSeries, read_series

IN_MEMORY = "in memory"


def open_series(choice: SeriesChoice) -> SeriesData:
    """The series that a choice names, checked and divided."""
    if choice.name not in KNOWN:
        raw, time = read_series(choice)
        return divided(raw, choice, time)
    return divided(seasons(), choice)


def read_for(plan: SeriesPlan, name: str, *, skip_bad: bool = False) -> RawSeries:
    """A new series with the columns that a network was trained on."""
    targets, covariates = plan.columns[: plan.targets], plan.columns[plan.targets :]
    if name in KNOWN:
        return seasons()
    choice = SeriesChoice(name=name, time=plan.time, target=targets, covariates=covariates, skip_bad=skip_bad)
    return read_series(choice)[0]


def _open(choice: SeriesChoice, *, download: bool, keep: bool, largest: int, progress: AbstractProgress) -> SeriesData:
    return open_series(choice)


def _labelled(
    choice: SeriesChoice, like: SeriesData, *, download: bool, keep: bool, progress: AbstractProgress
) -> SeriesData:
    return as_test(read_for(like.plan, choice.name, skip_bad=choice.skip_bad), like, choice.name)


def _given(data: Any) -> SeriesData:
    if isinstance(data, SeriesData):
        return data
    raise UsageProblem(
        "data-kind", f"{type(data).__name__} is no series", help="give a path of a CSV, `seasons` or a SeriesData"
    )


SERIES = Family(
    choice=SeriesChoice,
    open=_open,
    like=series_like,
    labelled=_labelled,
    given=_given,
    claims=KNOWN.__contains__,
    known=KNOWN,
)
