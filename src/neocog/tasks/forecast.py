"""Forecast: how does this series go on?"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.rules import Between
from neocog.core.shapes import Vector
from neocog.data.augment import Augmentation
from neocog.data.family import Batching, Family
from neocog.data.series_data import SeriesBatch, SeriesData, SeriesPlan, refuse_other_rhythm, too_short
from neocog.data.series_family import SERIES, read_for
from neocog.data.series_read import RawSeries
from neocog.data.series_references import REFERENCES
from neocog.data.series_source import SeriesSource, forecast_batch
from neocog.figures.figure import Figure
from neocog.fit.descent import Descent
from neocog.measures import forecasting
from neocog.measures.conformal import rolling_correction
from neocog.nn.pinball import pinball
from neocog.tasks.forecast_figures import Asked, answer_figure, forecast_figures
from neocog.tasks.task import AbstractLossTask, AbstractMeter, Answers, Headline, Loss, Record, Samples


@dataclass(frozen=True)
class Forecast(AbstractLossTask[SeriesBatch, Tensor]):
    """The next values of a series, with an interval for each.

    The network gives three quantiles of every value, trained by pinball loss; the middle one is the forecast. The
    outer ones are corrected by how far recent truths lay outside (``measures/conformal.py``), in scores and answers.

    Args:
        plan: what is forecast, and from what.
        descent: how the loss is lowered.
    """

    headline: ClassVar[Headline] = Headline("mase", False, "", 0.01)
    family: ClassVar[Family] = SERIES
    usual_data: ClassVar[str] = "seasons"
    networks: ClassVar[tuple[str, ...]] = ("linear", "mlp", "recurrent", "causal-cnn")
    network: ClassVar[str] = "causal-cnn"
    usual_descent: ClassVar[Descent] = Descent(clip=1.0)
    evaluation_batch: ClassVar[int] = 512

    plan: SeriesPlan
    descent: Descent
    _: KW_ONLY
    coverage: Annotated[float, Between(0, 1, open_low=True, open_high=True), "Share of truths in intervals."] = 0.9
    centre: Annotated[bool, "Subtract each past's last value, and add it to the forecast."] = True

    @classmethod
    def for_data(cls, data: SeriesData, descent: Descent, **options: Any) -> "Forecast":
        """The task with what was measured on train."""
        return cls(data.plan, descent, **options)

    @property
    def levels(self) -> tuple[float, float, float]:
        """The quantiles that a network gives."""
        return (1 - self.coverage) / 2, 0.5, (1 + self.coverage) / 2

    def gives(self, data: SeriesData) -> Vector:
        """Three quantiles of each target at each step."""
        return Vector(self.plan.horizon * self.plan.targets * len(self.levels))

    def assemble(self, network: nn.Module) -> nn.Module:
        """The network itself."""
        return network

    def source(
        self, data: SeriesData, network: nn.Module, batching: Batching, augmentation: Augmentation
    ) -> SeriesSource:
        """Every origin of the train part, shuffled."""
        return SeriesSource.training(data, batching)

    def still(self, data: SeriesData, part: str, batching: Batching) -> SeriesSource:
        """Every origin of a part, and those before it that correct its intervals."""
        return SeriesSource.still(data, part, batching)

    def loss(self, network: nn.Module, batch: SeriesBatch) -> Loss:
        """Mean pinball loss over quantiles, steps, targets and items, in standard deviations of train."""
        return Loss(pinball(self._quantiles(network, batch), batch.truth, self.levels), {})

    def predict(self, network: nn.Module, batch: SeriesBatch) -> Float[Tensor, "n h t 3"]:
        """The quantiles in the units of the data, uncorrected and in order."""
        quantiles = self._quantiles(network, batch).sort(dim=-1).values
        return quantiles * self._scale(quantiles)[:, None] + self._middle(quantiles)[:, None]

    def meter(self) -> "ForecastMeter":
        """Collects forecasts and what came."""
        return ForecastMeter(self)

    def scores(self, record: Record) -> dict[str, float]:
        """MASE, sMAPE and MAE of the forecasts, MASE and MAE of simple methods, coverage and width of intervals."""
        low, middle, high, truth = self.scored(record)
        of = record["references"][record["scored"]]
        inside = forecasting.covered(low, high, truth).mean()
        uncorrected = record["quantiles"][record["scored"]]
        raw = forecasting.covered(uncorrected[..., 0], uncorrected[..., 2], truth).mean()
        found = {
            "mase": self._mase(middle, truth),
            "smape": float(forecasting.symmetric_percentage_error(middle, truth).mean()),
            "mae": float(np.abs(middle - truth).mean()),
            "pinball": forecasting.pinball(uncorrected, truth, np.array(self.levels)),
            "coverage": float(inside),
            "coverage_uncorrected": float(raw),
            "interval_width": float((high - low).mean()),
        }
        compared = REFERENCES[: of.shape[1]]
        for place, name in enumerate(compared):
            found[f"mase_{name}"] = self._mase(of[:, place], truth)
        for place, name in enumerate(compared):
            found[f"mae_{name}"] = float(np.abs(of[:, place] - truth).mean())
        return found

    def item_scores(self, record: Record) -> np.ndarray:
        """Mean absolute scaled error of each forecast."""
        _, middle, _, truth = self.scored(record)
        return forecasting.scaled_error(middle, truth, self.plan.changes)

    def scored(self, record: Record) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Low ends, forecasts, high ends, all corrected, and truths, of the forecasts that count."""
        low, middle, high = self._corrected(record)
        counts = record["scored"]
        return low[counts], middle[counts], high[counts], record["truth"][counts].astype(np.float64)

    def items(self, given: Any) -> Sequence[Any]:
        """Paths of CSVs.

        Raises:
            UsageProblem: there is none.
        """
        paths = [given] if isinstance(given, str | Path) else list(given)
        if not paths or not all(isinstance(each, str | Path) for each in paths):
            raise UsageProblem(
                "forecast-nothing",
                "there is no series to go on with",
                help="give a CSV with the columns that the network was trained on, up to the last known moment",
            )
        return paths

    def inputs(self, data: SeriesData, items: Sequence[Any], device: str) -> SeriesBatch:
        """The end of each series, and the origins before it whose truths correct its intervals."""
        plan, found = data.plan, list[RawSeries]()
        for item in items:
            raw = read_for(plan, str(item))
            refuse_other_rhythm(raw, plan.rhythm, str(item))
            if len(raw.values) < plan.lookback:
                raise too_short(str(item), len(raw.values), (0, 0, len(raw.values)), plan.lookback, plan.horizon)
            found.append(raw)
        return forecast_batch(found, plan, device)

    def answer(self, network: nn.Module, batch: SeriesBatch) -> Answers:
        """For each series ``times``, and by target ``forecast``, ``low`` and ``high``; a plot of each."""
        plan = self.plan
        meter = self.meter()
        meter.update(self.predict(network, batch), batch)
        record = meter.record()
        values: list[dict[str, Any]] = []
        words: list[str] = []
        pictures: dict[str, bytes] = {}
        for owner in range(int(batch.owners.max()) + 1):
            own = (batch.owners == owner).cpu().numpy()
            low, middle, high = (each[-1] for each in self._corrected({key: v[own] for key, v in record.items()}))
            end = int(batch.ends[batch.owners == owner][-1])
            times = [plan.rhythm.show(end + plan.rhythm.step * step) for step in range(1, plan.horizon + 1)]
            value: dict[str, Any] = {"times": times}
            for place, name in enumerate(plan.columns[: plan.targets]):
                named = {"forecast": middle, "low": low, "high": high}
                value[name] = {what: numbers[:, place].tolist() for what, numbers in named.items()}
            values.append(value)
            name = plan.columns[0]
            first, last = (f"{middle[at, 0]:.4g} ({low[at, 0]:.4g} to {high[at, 0]:.4g})" for at in (0, -1))
            words.append(f"{name}: {times[0]} {first} ... {times[-1]} {last}")
            history = self._history(batch, own)
            asked = Asked(name, history, low[:, 0], middle[:, 0], high[:, 0], times[-1])
            pictures[f"forecast-{owner + 1}.svg"] = answer_figure(asked)
        return Answers(values, words, pictures)

    def figures(self, samples: Samples) -> list[Figure]:
        """Errors beside those of simple methods, and forecasts with their intervals over what came."""
        runs = {label: [self._with_corrected(run) for run in runs] for label, runs in samples.records.items()}
        references = dict(zip(REFERENCES, self._reference_errors(samples), strict=True))
        errors = {
            label: [float(self.item_scores(run).mean()) for run in runs] for label, runs in samples.records.items()
        }
        return forecast_figures(runs, errors, references, self.plan.columns[0], self.plan.horizon)

    def _reference_errors(self, samples: Samples) -> list[float]:
        record = next(runs[0] for runs in samples.records.values() if len(runs))
        truth = record["truth"][record["scored"]].astype(np.float64)
        of = record["references"][record["scored"]]
        return [self._mase(of[:, place], truth) for place in range(len(REFERENCES))]

    def _with_corrected(self, record: Record) -> Record:
        low, middle, high, truth = self.scored(record)
        return {"low": low, "middle": middle, "high": high, "truth": truth}

    def _mase(self, forecast: np.ndarray, truth: np.ndarray) -> float:
        return float(forecasting.scaled_error(forecast.astype(np.float64), truth, self.plan.changes).mean())

    def _corrected(self, record: Record) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        order = np.argsort(record["origins"], kind="stable")
        low, middle, high = np.moveaxis(record["quantiles"].astype(np.float64), -1, 0)
        truth, origins = record["truth"][order].astype(np.float64), record["origins"][order]
        correction = np.zeros_like(low)
        correction[order] = rolling_correction(low[order], high[order], truth, origins, coverage=self.coverage)
        return np.minimum(low - correction, middle), middle, np.maximum(high + correction, middle)

    def _quantiles(self, network: nn.Module, batch: SeriesBatch) -> Float[Tensor, "n h t 3"]:
        past, last = batch.past, batch.past[:, -1:, : self.plan.targets]
        if self.centre:
            past = torch.cat([past[:, :, : self.plan.targets] - last, past[:, :, self.plan.targets :]], 2)
        found = network(past).float().reshape(-1, self.plan.horizon, self.plan.targets, len(self.levels))
        return found + last[..., None] if self.centre else found

    def _history(self, batch: SeriesBatch, own: np.ndarray) -> np.ndarray:
        past = batch.past[torch.as_tensor(own, device=batch.past.device)][-1, :, 0].cpu().numpy()
        return past * self.plan.scale[0] + self.plan.middle[0]

    def _scale(self, like: Tensor) -> Tensor:
        return torch.as_tensor(self.plan.scale[: self.plan.targets], dtype=like.dtype, device=like.device)

    def _middle(self, like: Tensor) -> Tensor:
        return torch.as_tensor(self.plan.middle[: self.plan.targets], dtype=like.dtype, device=like.device)


class ForecastMeter(AbstractMeter[Tensor, SeriesBatch]):
    """All forecasts seen, in order, with what came."""

    def __init__(self, task: Forecast) -> None:
        self._task = task
        self._seen: dict[str, list[Tensor]] = {}

    def update(self, prediction: Float[Tensor, "n h t 3"], batch: SeriesBatch) -> None:
        """Take in one batch."""
        plan = self._task.plan
        scale, middle = (torch.as_tensor(each[: plan.targets]).float() for each in (plan.scale, plan.middle))
        found = {
            "quantiles": prediction.cpu(),
            "truth": batch.truth.cpu() * scale + middle,
            "references": batch.references.cpu(),
            "origins": batch.origins.cpu(),
            "scored": batch.scored.cpu(),
        }
        for name, value in found.items():
            self._seen.setdefault(name, []).append(value)

    def record(self) -> Record:
        """``quantiles`` and ``truth`` in the units of the data, ``references``, ``origins`` and ``scored``."""
        return {name: torch.cat(values).numpy() for name, values in self._seen.items()}
