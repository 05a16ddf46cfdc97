from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.shapes import Series, Vector
from neocog.data.family import Batching
from neocog.data.series_choice import SeriesChoice
from neocog.data.series_data import SeriesData, divided
from neocog.data.series_known import seasons
from neocog.data.series_read import RawSeries
from neocog.data.series_source import SeriesSource
from neocog.data.series_times import PLACES, Rhythm
from neocog.fit.descent import Descent
from neocog.networks.causal_cnn import CausalCNN, enough
from neocog.runs.train import train
from neocog.tasks import task_of
from neocog.tasks.forecast import Forecast
from neocog.tasks.task import Record, Samples


def two_columns(length: int = 400) -> SeriesData:
    random = np.random.default_rng(1)
    values = np.stack([np.arange(length) + random.normal(size=length), random.normal(size=length)], axis=1)
    raw = RawSeries(values, ("a", "b"), np.arange(length), Rhythm(PLACES, 1))
    return divided(raw, SeriesChoice(name="two", horizon=3, lookback=12, season=4))


class Constant(nn.Module):
    """Says the same three quantiles of everything."""

    def __init__(self, quantiles: tuple[float, float, float], values: int) -> None:
        super().__init__()
        self.said = torch.tensor(quantiles).repeat(values)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.said.expand(len(x), -1)


def record_of(task: Forecast, network: nn.Module, data: SeriesData, part: str = "test") -> Record:
    meter = task.meter()
    with torch.no_grad():
        for batch in SeriesSource.still(data, part, Batching(100)).batches(0, 0):
            meter.update(task.predict(network, batch), batch)
    return meter.record()


def test_a_network_that_says_no_change_is_the_last_value() -> None:
    data = two_columns()
    task = Forecast.for_data(data, Descent())
    assert task.gives(data) == Vector(3 * 2 * 3)
    scores = task.scores(record_of(task, Constant((-0.1, 0.0, 0.1), 6), data))
    assert scores["mase"] == pytest.approx(scores["mase_last_value"], rel=1e-4)
    assert scores["mae"] == pytest.approx(scores["mae_last_value"], rel=1e-4)
    assert scores["mase_linear_autoregression"] < scores["mase_last_value"]
    from_mean = Forecast.for_data(data, Descent(), centre=False)
    other = from_mean.scores(record_of(from_mean, Constant((-0.1, 0.0, 0.1), 6), data))
    assert other["mase"] > 5 * scores["mase"]


def test_scores_come_from_the_part_alone() -> None:
    data = two_columns()
    task = Forecast.for_data(data, Descent())
    record = record_of(task, Constant((-0.1, 0.0, 0.1), 6), data)
    count = len(data.origins("test"))
    assert record["scored"].sum() == count
    assert len(record["scored"]) > count
    assert task.item_scores(record).shape == (count,)
    spoilt = {**record, "truth": record["truth"].copy()}
    spoilt["truth"][count:] += 1000.0
    assert task.scores(spoilt)["mase"] == pytest.approx(task.scores(record)["mase"])


def test_intervals_of_known_noise_cover_what_they_should() -> None:
    """The quantiles are far too narrow; corrected they cover 90 % of a series of known noise."""
    data = divided(seasons(), SeriesChoice())
    task = Forecast.for_data(data, Descent())
    scores = task.scores(record_of(task, Constant((-0.05, 0.0, 0.05), 24), data))
    assert scores["coverage_uncorrected"] < 0.3
    assert 0.88 < scores["coverage"] < 0.92


def test_crossing_quantiles_are_put_in_order() -> None:
    data = two_columns()
    task = Forecast.for_data(data, Descent())
    (batch,) = SeriesSource.still(data, "val", Batching(10_000)).batches(0, 0)
    found = task.predict(Constant((0.5, 0.0, -0.5), 6), batch)
    assert (found.diff(dim=-1) >= 0).all()


def test_a_causal_cnn_sees_the_whole_past_and_nothing_ahead() -> None:
    torch.manual_seed(0)
    network = CausalCNN(Series(50, 2), Vector(4), width=6, dropout=0.0).eval()
    assert len(network.body) == enough(50, 3) == 4
    x = torch.randn(1, 50, 2, requires_grad=True)
    (first,) = torch.autograd.grad(network(x).sum(), x)
    assert (first.abs().sum(2) > 0).all()
    maps = network.features(x)
    assert list(maps) == list(network.strides)
    for place in (0, 20, 49):
        (gradient,) = torch.autograd.grad(maps["block4"][0, :, place].sum(), x, retain_graph=True)
        assert not gradient[0, place + 1 :].any()
        assert gradient[0, place].any()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "power.csv"
    raw = seasons(hours=400)
    rows = [
        f"{raw.rhythm.show(int(place))},{value[0]:.4f}" for place, value in zip(raw.places, raw.values, strict=True)
    ]
    path.write_text("\n".join(["date,load", *rows]) + "\n")
    return path


def test_a_run_forecasts_the_end_of_a_table(table: Path, tmp_path: Path) -> None:
    run = train(
        table,
        "linear",
        task="forecast",
        budget="steps=30",
        into=tmp_path / "run",
        horizon=6,
        lookback=24,
        target="load",
    )
    scores = run.facts["test_scores"]
    assert {"mase", "smape", "mae", "coverage", "mase_seasonal_naive", "mase_last_value"} <= scores.keys()
    (answer,) = run.predict(table)
    assert answer["times"][0] == "2024-01-17 16:00:00"
    assert len(answer["times"]) == len(answer["load"]["forecast"]) == 6
    for low, middle, high in zip(*(answer["load"][name] for name in ("low", "forecast", "high")), strict=True):
        assert low <= middle <= high
    (answers,) = run.answers([str(table), str(table)])
    assert answers.values[0] == answers.values[1] == answer
    assert answers.pictures["forecast-2.svg"].startswith(b"<svg")
    assert "2024-01-17 16:00:00" in answers.words[0]


def test_what_cannot_be_continued_is_named(table: Path, tmp_path: Path) -> None:
    run = train(table, "linear", task="forecast", budget="steps=2", into=tmp_path / "run", horizon=6, lookback=24)
    with pytest.raises(UsageProblem, match="no series"):
        run.predict()
    lines = table.read_text().splitlines()
    for text, code in (
        (lines[:10], "series-too-short"),
        ([lines[0], *lines[1::2]], "series-other-rhythm"),
        ([*lines[:50], *lines[52:]], "series-gap"),
    ):
        other = tmp_path / "other.csv"
        other.write_text("\n".join(text) + "\n")
        with pytest.raises(DataProblem) as raised:
            run.predict(other)
        assert raised.value.code == code
    other.write_text("date,other\n" + "\n".join(lines[1:]))
    with pytest.raises(UsageProblem, match="no column `load`"):
        run.predict(other)


def test_figures_show_every_simple_method_and_the_last_forecasts() -> None:
    data = two_columns()
    task = Forecast.for_data(data, Descent())
    record = record_of(task, Constant((-0.1, 0.0, 0.1), 6), data)
    beside, over = task.figures(Samples(data.names("test"), {"constant": [record, record]}, {}))
    said = " ".join(str(cell) for row in beside.table.rows for cell in row)
    assert all(name in said for name in ("constant", "seasonal naive", "last value", "linear autoregression"))
    assert len(over.table.rows) == 5 * 3
    assert "lie in their intervals" in over.alt


def test_seasons_tells_its_task() -> None:
    assert task_of("seasons") == "forecast"
