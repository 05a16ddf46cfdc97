"""Series: a batch of pasts with what came after, and a whole series divided into train, val and test in order."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from torch import Tensor

from neocog.core.batch import Batch
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.shapes import Series
from neocog.data.family import PARTS, AbstractData
from neocog.data.series_choice import SeriesChoice
from neocog.data.series_read import UNCHANGED, RawSeries
from neocog.data.series_times import Rhythm
from neocog.figures.axes import Axis
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure
from neocog.measures.autoregression import fit_autoregression
from neocog.measures.forecasting import seasonal_scale

ORIGINS = "origins"
MOST_ORDER = 400  # of the linear autoregression
SMALLEST_SCALE = 1e-8


@dataclass(frozen=True)
class SeriesBatch(Batch):
    """Pasts and what came after, in units of the train part's standard deviations from its mean.

    ``past`` is the last ``lookback`` moments of all columns, targets first; ``truth`` the next ``horizon`` moments of
    the targets, NaN where they are not known; ``references`` are forecasts by simple methods, as in ``REFERENCES``, in
    units of the data (none in training); ``origins`` are the rows of the last known moments; ``scored`` is False for
    forecasts that only serve to correct later ones; ``owners`` are the items that they belong to, in prediction, and
    ``ends`` the last known moments of those.
    """

    past: Float[Tensor, "n l c"]
    truth: Float[Tensor, "n h t"]
    references: Float[Tensor, "n r h t"]
    origins: Int[Tensor, "n"]
    scored: Bool[Tensor, "n"]
    owners: Int[Tensor, "n"]
    ends: Int[Tensor, "n"]

    @property
    def size(self) -> int:
        """Number of forecasts."""
        return len(self.origins)


@dataclass(frozen=True)
class SeriesPlan:
    """What a forecast is made from, measured on train: everything that a trained network needs to know of its series.

    ``columns`` are the targets, of which there are ``targets``, and then the covariates; ``middle`` and ``scale`` are
    mean and standard deviation of each; ``changes`` the mean absolute change of each target over a season;
    ``weights`` the linear autoregression of each target.
    """

    columns: tuple[str, ...]
    targets: int
    time: str | None
    rhythm: Rhythm
    horizon: int
    lookback: int
    season: int
    middle: Float[np.ndarray, "c"]
    scale: Float[np.ndarray, "c"]
    changes: Float[np.ndarray, "t"]
    weights: Float[np.ndarray, "t order"]


@dataclass(frozen=True)
class SeriesData(AbstractData):
    """A series, ready to train on; ``ends`` are the rows where train, val and test end."""

    name: str
    plan: SeriesPlan
    values: Float[np.ndarray, "t c"]
    places: Int[np.ndarray, "t"]
    ends: tuple[int, int, int]
    fingerprint: str
    notes: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    @property
    def takes(self) -> Series:
        """The shape that a network gets."""
        return Series(self.plan.lookback, len(self.plan.columns))

    def origins(self, part: str) -> range:
        """The rows after which a forecast is made whose whole horizon lies in the part."""
        place = PARTS.index(part)
        begin = self.ends[place - 1] if place else 0
        first = max(begin, self.plan.lookback) - 1
        return range(first, max(first, self.ends[place] - self.plan.horizon))

    def counts(self) -> dict[str, dict[str, int]]:
        """Forecasts of each part."""
        return {part: {ORIGINS: len(self.origins(part))} for part in PARTS}

    def line(self) -> str:
        """Moments, columns, horizon."""
        plan = self.plan
        more = len(plan.columns) - plan.targets
        covariates = f", {more} covariate{'s' if more > 1 else ''}" if more else ""
        targets = ", ".join(plan.columns[: plan.targets])
        return (
            f"{len(self.values):,} moments, {plan.rhythm.words()}; {targets}{covariates}; "
            f"{plan.horizon} ahead from {plan.lookback}, season {plan.season}"
        )

    def details(self) -> dict[str, Any]:
        """Moments, columns, horizon, lookback, season."""
        plan = self.plan
        return {
            "moments": len(self.values),
            "targets": list(plan.columns[: plan.targets]),
            "covariates": list(plan.columns[plan.targets :]),
            "horizon": plan.horizon,
            "lookback": plan.lookback,
            "season": plan.season,
            "spacing": plan.rhythm.words(),
        }

    def figures(self) -> list[Figure]:
        """The first target from beginning to end."""
        name = self.plan.columns[0]
        rows = np.arange(len(self.values))
        line = Curve(name, [(rows.tolist(), self.values[:, 0].tolist())])
        mark = (float(self.ends[1]), "test begins") if self.ends[1] < self.ends[2] else None
        return [curves("series", f"{name} from beginning to end", [line], Axis("row"), Axis(name), mark=mark)]

    def facts(self) -> dict[str, Any]:
        """The plan."""
        plan = self.plan
        return {
            "columns": list(plan.columns),
            "targets": plan.targets,
            "time": plan.time,
            "rhythm": [plan.rhythm.unit, plan.rhythm.step],
            "horizon": plan.horizon,
            "lookback": plan.lookback,
            "season": plan.season,
            **{name: getattr(plan, name).tolist() for name in ("middle", "scale", "changes", "weights")},
        }

    def names(self, part: str) -> Sequence[str]:
        """The first moment of each forecast."""
        return [f"from {self.plan.rhythm.show(int(self.places[origin + 1]))}" for origin in self.origins(part)]

    def pictures(self, part: str, rows: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        """None: forecasts are drawn as figures."""
        return {}

    def seen(self) -> dict[str, bytes]:
        """None."""
        return {}


def series_like(facts: Mapping[str, Any]) -> SeriesData:
    """The data of a run without their values."""
    unit, step = facts["rhythm"]
    measured: dict[str, Any] = {
        name: np.array(facts[name], np.float64) for name in ("middle", "scale", "changes", "weights")
    }
    plain: dict[str, Any] = {name: facts[name] for name in ("targets", "time", "horizon", "lookback", "season")}
    plan = SeriesPlan(columns=tuple(facts["columns"]), rhythm=Rhythm(unit, step), **plain, **measured)
    none = np.zeros((0, len(plan.columns)))
    return SeriesData(facts["name"], plan, none, np.zeros(0, np.int64), (0, 0, 0), facts["fingerprint"])


def divided(raw: RawSeries, choice: SeriesChoice, time: str | None = None) -> SeriesData:
    """A series divided in its own order, and measured on its train part.

    Raises:
        UsageProblem: ``series-rows``.
        DataProblem: ``series-too-short``.
    """
    ends = _ends(choice, len(raw.values))
    train = raw.values[: ends[0]]
    targets = len(raw.columns) - len(choice.covariates)
    season = choice.season or raw.rhythm.season()
    if len(train) < choice.lookback + choice.horizon:
        raise too_short(choice.name, len(raw.values), ends, choice.lookback, choice.horizon)
    order = min(choice.lookback, MOST_ORDER)
    spread = train.std(axis=0)
    plan = SeriesPlan(
        columns=raw.columns,
        targets=targets,
        time=time,
        rhythm=raw.rhythm,
        horizon=choice.horizon,
        lookback=choice.lookback,
        season=season,
        middle=train.mean(axis=0),
        scale=np.where(spread > SMALLEST_SCALE, spread, 1.0),
        changes=seasonal_scale(train[:, :targets], season),
        weights=np.stack([fit_autoregression(train[:, column], order) for column in range(targets)]),
    )
    values, places = raw.values[: ends[2]], raw.places[: ends[2]]
    data = SeriesData(
        choice.name, plan, values, places, ends, _fingerprint(raw, choice, ends, season), raw.notes, raw.skipped
    )
    wanted = PARTS if ends[2] > ends[1] else PARTS[:2]
    if any(not len(data.origins(part)) for part in wanted):
        raise too_short(choice.name, len(raw.values), ends, choice.lookback, choice.horizon)
    return data


def as_test(raw: RawSeries, like: SeriesData, name: str) -> SeriesData:
    """A new series, all of it in the part "test", for a trained network."""
    refuse_other_rhythm(raw, like.plan.rhythm, name)
    ends = (0, 0, len(raw.values))
    data = SeriesData(name, like.plan, raw.values, raw.places, ends, "", raw.notes, raw.skipped)
    if not len(data.origins("test")):
        raise too_short(name, len(raw.values), ends, like.plan.lookback, like.plan.horizon)
    return data


def refuse_other_rhythm(raw: RawSeries, rhythm: Rhythm, name: str) -> None:
    """A network forecasts series as far apart as those it was trained on."""
    if raw.rhythm != rhythm:
        raise DataProblem(
            "series-other-rhythm",
            f"{name} has moments {raw.rhythm.words()}; the network was trained on moments {rhythm.words()}",
            where=name,
            help="give a series with the same distance between its moments",
        )


def too_short(name: str, length: int, ends: tuple[int, int, int], lookback: int, horizon: int) -> DataProblem:
    """A part has no room for one forecast."""
    parts = ", ".join(f"{part} {end - begin:,}" for part, begin, end in zip(PARTS, (0, *ends), ends, strict=False))
    return DataProblem(
        "series-too-short",
        f"{name} has {length:,} moments, too few to look back at {lookback} and forecast {horizon}",
        where=f"{name}   {parts}; wanted: at least {lookback + horizon} in train, {horizon} in val and in test",
        note=UNCHANGED,
        help="give more moments, or fewer to forecast: --set data.horizon=6 --set data.lookback=12",
    )


def _ends(choice: SeriesChoice, length: int) -> tuple[int, int, int]:
    if not choice.rows:
        return round(length * (1 - choice.val - choice.test)), round(length * (1 - choice.test)), length
    if len(choice.rows) not in (2, 3) or sum(choice.rows) > length:
        raise UsageProblem(
            "series-rows",
            f"rows={'+'.join(map(str, choice.rows))} does not divide {length:,} moments",
            where=f"data.rows: {len(choice.rows)} numbers, {sum(choice.rows):,} rows in all",
            help="give the rows of train, val and test, such as --set data.rows=8640+2880+2880",
        )
    first, second, third = np.cumsum([*choice.rows, 0][:3]).tolist()
    return first, second, third


def _fingerprint(raw: RawSeries, choice: SeriesChoice, ends: tuple[int, int, int], season: int) -> str:
    how = f"{raw.columns} {choice.covariates} {choice.horizon} {choice.lookback} {season} {ends} {raw.rhythm}\n"
    digest = hashlib.sha256(how.encode())
    digest.update(np.ascontiguousarray(raw.places).tobytes())
    digest.update(np.ascontiguousarray(raw.values).tobytes())
    return digest.hexdigest()
