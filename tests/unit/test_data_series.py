import gzip
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import torch

from neocog.core.errors import DataProblem, Problem, SeveralProblems, UsageProblem
from neocog.core.progress import Silent
from neocog.data.family import PARTS, Batching
from neocog.data.series_choice import SeriesChoice
from neocog.data.series_data import SeriesData, as_test, divided, series_like
from neocog.data.series_family import SERIES, open_series
from neocog.data.series_known import seasons
from neocog.data.series_read import RawSeries, read_series
from neocog.data.series_references import REFERENCES, reference_forecasts
from neocog.data.series_source import SeriesSource, forecast_batch
from neocog.data.series_times import MONTHS, PLACES, SECONDS, Rhythm, read_time

HOURS = [f"2024-01-01 {hour:02d}:00:00" for hour in range(24)]


def table(folder: Path, rows: list[str], header: str = "date,a,b") -> str:
    path = folder / "series.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return str(path)


def hourly(folder: Path, change: dict[int, str] | None = None, **options: object) -> RawSeries:
    rows = [f"{time},{place},{place * place}" for place, time in enumerate(HOURS)]
    for row, text in (change or {}).items():
        rows[row] = text
    return read_series(SeriesChoice(name=table(folder, rows), **options))[0]  # type: ignore[arg-type]


def problem(folder: Path, change: dict[int, str], **options: object) -> Problem:
    with pytest.raises(Problem) as raised:
        hourly(folder, change, **options)
    return raised.value


def small(length: int = 120, **options: object) -> SeriesData:
    values = np.stack([np.sin(np.arange(length) / 3), np.cos(np.arange(length) / 5) + 9], axis=1)
    raw = RawSeries(values, ("a", "b"), np.arange(length), Rhythm(PLACES, 1))
    given = {"horizon": 4, "lookback": 10, "season": 5, "covariates": ("b",), **options}
    return divided(raw, SeriesChoice(name="small", **given))  # type: ignore[arg-type]


def test_a_table_becomes_a_series(tmp_path: Path) -> None:
    raw = hourly(tmp_path)
    assert raw.columns == ("a", "b")
    assert raw.rhythm == Rhythm(SECONDS, 3600)
    assert raw.values[:, 1].tolist() == [float(place * place) for place in range(24)]
    assert raw.rhythm.show(int(raw.places[-1])) == "2024-01-01 23:00:00"
    assert not raw.notes


def test_a_compressed_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "series.csv.gz"
    path.write_bytes(gzip.compress(b"date,a\n" + b"".join(f"{time},1\n".encode() for time in HOURS)))
    assert len(read_series(SeriesChoice(name=str(path)))[0].values) == 24
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DataProblem, match="no gzip file"):
        read_series(SeriesChoice(name=str(path)))


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({5: "yesterday,1,1"}, "series-time", "line 7: `yesterday`"),
        ({5: f"{HOURS[5]},many,1"}, "series-value", "line 7, column `a`: `many`"),
        ({5: f"{HOURS[5]},inf,1"}, "series-value", "line 7, column `a`: `inf`"),
        ({5: f"{HOURS[5]},,1"}, "series-missing", "row 6, column `a`"),
        ({5: f"{HOURS[4]},1,1"}, "series-duplicate", "line 7"),
        ({5: f"{HOURS[6]},1,1", 6: f"{HOURS[5]},1,1"}, "series-unsorted", "line 8"),
        ({5: "2024-01-01 05:10:00,1,1"}, "series-gap", "after 2024-01-01 04:00:00"),
        ({23: "2024-01-02 02:00:00,1,1"}, "series-gap", "comes 2024-01-02 02:00:00; every hour is usual"),
    ],
)
def test_each_fault_of_a_series_is_named(change: dict[int, str], code: str, where: str, tmp_path: Path) -> None:
    found = problem(tmp_path, change)
    problems = found.problems if isinstance(found, SeveralProblems) else (found,)
    named = {each.code: each for each in problems}
    assert code in named
    assert where in " ".join(named[code].where)
    assert named[code].help


def test_faults_are_told_all_at_once(tmp_path: Path) -> None:
    found = problem(tmp_path, {3: "never,1,1", 4: f"{HOURS[4]},x,1"})
    assert isinstance(found, SeveralProblems)
    assert [each.code for each in found.problems] == ["series-time", "series-value"]


def test_what_can_be_mended_is_mended_and_counted(tmp_path: Path) -> None:
    change = {5: f"{HOURS[6]},6,1", 6: f"{HOURS[5]},5,1", 9: f"{HOURS[8]},77,1", 12: f"{HOURS[12]},,1"}
    raw = hourly(tmp_path, change, skip_bad=True)
    assert raw.values[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 10, 11, 11, *range(13, 24)]
    said = " ".join(raw.notes)
    assert "1 times are earlier" in said
    assert "1 rows repeat a time" in said
    assert "1 missing moments were filled" in said
    assert raw.skipped
    uneven = problem(tmp_path, {5: "2024-01-01 05:10:00,1,1"}, skip_bad=True)
    assert uneven.code == "series-gap"
    first = problem(tmp_path, {0: f"{HOURS[0]},,1"}, skip_bad=True)
    assert first.code == "series-missing"


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    raw = hourly(tmp_path, target=("b",), covariates=("a",))
    assert raw.columns == ("b", "a")
    assert problem(tmp_path, {}, target=("aa",)).code == "data-column-unknown"
    assert problem(tmp_path, {}, target=("a",), covariates=("a",)).code == "series-no-column"
    with pytest.raises(UsageProblem) as words:
        read_series(SeriesChoice(name=table(tmp_path, ["2024-01-01,x", "2024-01-02,y"], "date,word")))
    assert words.value.code == "series-no-column"


@pytest.mark.parametrize(
    ("text", "code"),
    [("date,a\n", "data-empty"), ("date,a\n1\n", "data-table-damaged"), ("a,a\n1,2\n", "data-table-damaged")],
)
def test_what_is_no_table_is_named(text: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "series.csv"
    path.write_text(text)
    with pytest.raises(DataProblem) as raised:
        read_series(SeriesChoice(name=str(path)))
    assert raised.value.code == code
    path.write_bytes(b"date,a\n\xff\xfa,1\n")
    with pytest.raises(DataProblem):
        read_series(SeriesChoice(name=str(path)))
    with pytest.raises(UsageProblem, match=r"seri\.csv"):
        read_series(SeriesChoice(name=str(path.with_name("seri.csv"))))


def test_times_are_read_and_their_seasons_known(tmp_path: Path) -> None:
    assert read_time("2024-02-03T04:05:06") == datetime(2024, 2, 3, 4, 5, 6)
    assert read_time("1949-01") == datetime(1949, 1, 1)
    assert read_time("20240131") == datetime(2024, 1, 31)
    assert read_time("31.01.2024") == datetime(2024, 1, 31)
    assert read_time("17") == 17
    assert read_time("soon") is None
    months = [f"{1949 + month // 12}-{month % 12 + 1:02d},{month}" for month in range(40)]
    raw, time = read_series(SeriesChoice(name=table(tmp_path, months, "Month,n")))
    assert (raw.rhythm, time) == (Rhythm(MONTHS, 1), "Month")
    assert raw.rhythm.show(int(raw.places[-1]) + 1) == "1952-05"
    days = [f"{datetime(2024, 1, 1) + timedelta(days=day):%Y-%m-%d},{day}" for day in range(60)]
    assert read_series(SeriesChoice(name=table(tmp_path, days, "day,n")))[0].rhythm.season() == 7
    seasons_of = {Rhythm(SECONDS, 3600): 24, Rhythm(SECONDS, 900): 96, Rhythm(MONTHS, 1): 12, Rhythm(MONTHS, 3): 4}
    assert all(rhythm.season() == season for rhythm, season in seasons_of.items())
    raw, time = read_series(SeriesChoice(name=table(tmp_path, ["1", "2", "4"], "n")))
    assert (raw.rhythm.unit, time) == (PLACES, None)
    assert "equally far apart" in raw.notes[0]


def test_parts_hold_whole_forecasts_and_never_meet() -> None:
    data = small()
    assert data.ends == (84, 96, 120)
    origins = {part: data.origins(part) for part in PARTS}
    assert origins["train"] == range(9, 80)
    assert origins["val"] == range(83, 92)
    assert origins["test"] == range(95, 116)
    assert data.counts()["test"] == {"origins": 21}
    assert len(data.names("test")) == 21
    by_rows = small(rows=(60, 20, 30))
    assert by_rows.ends == (60, 80, 110)
    assert len(by_rows.values) == 110


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(DataProblem) as short:
        small(length=30)
    assert short.value.code == "series-too-short"
    with pytest.raises(UsageProblem) as rows:
        small(rows=(100, 20, 30))
    assert rows.value.code == "series-rows"


def test_a_batch_is_past_and_future_of_its_origins() -> None:
    data = small()
    (batch,) = SeriesSource.still(data, "test", Batching(10_000)).batches(0, 0)
    plan = data.plan
    units = (data.values - plan.middle) / plan.scale
    for row in (0, 20, 21, len(batch.origins) - 1):
        origin = int(batch.origins[row])
        np.testing.assert_allclose(batch.past[row].numpy(), units[origin - 9 : origin + 1], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(batch.truth[row].numpy(), units[origin + 1 : origin + 5, :1], rtol=1e-4, atol=1e-5)
    assert batch.scored.sum() == 21
    assert batch.scored[:21].all()
    assert batch.origins[:21].tolist() == list(range(95, 116))
    assert batch.origins[21:].tolist() == list(range(9, 95))


def test_measures_come_from_train_alone() -> None:
    data, changed = small(), small()
    raw = np.array(changed.values)
    raw[84:] = 1e6
    other = divided(
        RawSeries(raw, ("a", "b"), np.arange(120), Rhythm(PLACES, 1)),
        SeriesChoice(name="small", horizon=4, lookback=10, season=5, covariates=("b",)),
    )
    for name in ("middle", "scale", "changes", "weights"):
        assert np.array_equal(getattr(data.plan, name), getattr(other.plan, name))
    assert data.fingerprint != other.fingerprint


def test_training_passes_are_shuffled_pure_and_inside_train() -> None:
    source = SeriesSource.training(small(), Batching(16))
    first, again, other = (list(source.batches(epoch, 1)) for epoch in (0, 0, 1))
    assert source.size == len(first) == 71 // 16
    assert all(torch.equal(a.origins, b.origins) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0].origins, other[0].origins)
    assert max(int(batch.origins.max()) for batch in first) + 4 < 84


def test_references_are_what_they_say() -> None:
    data = small(target=("a",), covariates=())
    past = np.arange(10.0)[None, :, None].repeat(2, axis=2)
    found = reference_forecasts(past, data.plan)
    assert found.shape == (1, len(REFERENCES), 4, 2)
    assert found[0, 0, :, 0].tolist() == [5, 6, 7, 8]
    assert found[0, 1, :, 0].tolist() == [9, 9, 9, 9]


def test_facts_make_data_of_the_same_kind() -> None:
    data = small()
    like = series_like({"name": "small", "fingerprint": data.fingerprint, **data.facts()})
    assert like.takes == data.takes
    for name in ("columns", "targets", "rhythm", "horizon", "lookback", "season"):
        assert getattr(like.plan, name) == getattr(data.plan, name)
    np.testing.assert_array_equal(like.plan.weights, data.plan.weights)
    raw = RawSeries(data.values, ("a", "b"), data.places, Rhythm(PLACES, 1))
    assert len(as_test(raw, like, "new").origins("test")) == 120 - 4 - 9
    with pytest.raises(DataProblem) as other:
        as_test(RawSeries(data.values, ("a", "b"), data.places, Rhythm(MONTHS, 1)), like, "new")
    assert other.value.code == "series-other-rhythm"


def test_the_end_of_a_series_is_what_is_forecast() -> None:
    data = small()
    raw = RawSeries(data.values, ("a", "b"), data.places, Rhythm(PLACES, 1))
    batch = forecast_batch([raw, raw], data.plan, "cpu")
    assert batch.scored.sum() == 2
    last = batch.select(torch.nonzero(batch.scored).flatten())
    assert last.origins.tolist() == [119, 119]
    assert last.owners.tolist() == [0, 1]
    assert last.truth.isnan().all()
    assert not batch.truth[batch.origins < 116].isnan().any()


def test_seasons_is_claimed_and_always_the_same() -> None:
    assert SERIES.claims("seasons")
    assert not SERIES.claims("series.csv")
    np.testing.assert_array_equal(seasons().values, seasons().values)
    assert np.std(seasons(noise=0.0).values - seasons().values) == pytest.approx(1.0, rel=0.03)
    data = open_series(SeriesChoice())
    assert data.plan.season == 24
    opened = SERIES.open(SeriesChoice(), download=False, keep=False, largest=0, progress=Silent())
    assert opened.fingerprint == data.fingerprint
    assert data.figures()[0].alt
    with pytest.raises(UsageProblem, match="int is no series"):
        SERIES.given(3)
