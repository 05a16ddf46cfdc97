"""Forecasting measures against hand-worked cases, scikit-learn and statsmodels."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, mean_pinball_loss

from neocog.measures.autoregression import continue_autoregression, fit_autoregression
from neocog.measures.conformal import rolling_correction
from neocog.measures.forecasting import (
    absolute_error,
    covered,
    last_value,
    pinball,
    scaled_error,
    seasonal_naive,
    seasonal_scale,
    symmetric_percentage_error,
)
from neocog.nn.pinball import pinball as pinball_of_tensors

RANDOM = np.random.default_rng(5)


def test_mase_worked_by_hand() -> None:
    """Train 1 3 2 6 with season 2 changes by 1 and 3, so the scale is 2; errors of 1 and 3 are then 1 on average."""
    train = np.array([[1.0], [3.0], [2.0], [6.0]])
    scale = seasonal_scale(train, 2)
    assert scale.tolist() == [2.0]
    forecast, truth = np.array([[[5.0], [4.0]]]), np.array([[[4.0], [7.0]]])
    assert scaled_error(forecast, truth, scale).tolist() == [1.0]
    assert seasonal_scale(train, 1).tolist() == [(2 + 1 + 4) / 3]


def test_scales_of_what_never_changes_and_of_what_is_short() -> None:
    assert seasonal_scale(np.ones((5, 1)), 2).tolist() == [1.0]
    assert seasonal_scale(np.array([[1.0], [4.0]]), 24).tolist() == [3.0]
    assert seasonal_scale(np.array([[1.0]]), 24).tolist() == [1.0]


def test_smape_worked_by_hand() -> None:
    """2 |1-3| / 4 = 1 and 2 |5-5| / 10 = 0 and 0/0 counts as 0; opposite signs give 2."""
    forecast, truth = np.array([[[1.0], [5.0], [0.0], [-2.0]]]), np.array([[[3.0], [5.0], [0.0], [2.0]]])
    assert symmetric_percentage_error(forecast, truth).tolist() == [(1 + 0 + 0 + 2) / 4]


def test_mae_and_pinball_are_scikit_learns() -> None:
    forecast, truth = RANDOM.normal(size=(6, 5, 2)), RANDOM.normal(size=(6, 5, 2))
    assert absolute_error(forecast, truth).mean() == pytest.approx(mean_absolute_error(truth.ravel(), forecast.ravel()))
    levels = (0.05, 0.5, 0.9)
    quantiles = np.stack([forecast + level for level in levels], axis=-1)
    expected = np.mean([mean_pinball_loss(truth.ravel(), (forecast + a).ravel(), alpha=a) for a in levels])
    assert pinball(quantiles, truth, np.array(levels)) == pytest.approx(expected)
    tensors = pinball_of_tensors(torch.from_numpy(quantiles), torch.from_numpy(truth), levels)
    assert tensors.item() == pytest.approx(expected)


def test_naive_forecasts_worked_by_hand() -> None:
    past = np.array([[[1.0], [2.0], [3.0]]])
    assert seasonal_naive(past, 5, 2).ravel().tolist() == [2, 3, 2, 3, 2]
    assert seasonal_naive(past, 2, 9).ravel().tolist() == [3, 3]
    assert last_value(past, 2).ravel().tolist() == [3, 3]


def test_autoregression_is_least_squares() -> None:
    series = np.cumsum(RANDOM.normal(size=300)) + 50
    weights = fit_autoregression(series, 4)
    inputs = np.lib.stride_tricks.sliding_window_view(series, 4)[:-1]
    expected = LinearRegression().fit(inputs, series[4:])
    np.testing.assert_allclose(weights[1:], expected.coef_, atol=1e-3)
    again = expected.predict(series[None, -4:])
    np.testing.assert_allclose(continue_autoregression(series[None], weights, 1)[0], again, rtol=1e-4)


def test_autoregression_finds_the_rule_of_a_series_and_goes_on_with_it() -> None:
    series = np.sin(np.arange(200) / 3)
    weights = fit_autoregression(series[:150], 10)
    found = continue_autoregression(series[None, :150], weights, 50)[0]
    np.testing.assert_allclose(found, series[150:], atol=2e-2)
    short = fit_autoregression(np.array([3.0, 4.0]), 3)
    assert continue_autoregression(np.array([[1.0, 2.0, 7.0]]), short, 2).tolist() == [[7.0, 7.0]]


def naive_correction(low, high, truth, origins, coverage, memory):  # type: ignore[no-untyped-def]
    found = np.zeros_like(low)
    for i, origin in enumerate(origins):
        for h in range(low.shape[1]):
            known = [
                max(low[j, h, 0] - truth[j, h, 0], truth[j, h, 0] - high[j, h, 0])
                for j in range(len(origins))
                if origins[j] + h + 1 <= origin and not np.isnan(truth[j, h, 0])
            ][-memory:]
            if known:
                rank = int(np.ceil((len(known) + 1) * coverage))
                found[i, h, 0] = sorted(known)[min(rank, len(known)) - 1]
    return found


@pytest.mark.parametrize("memory", [7, 500])
def test_the_rolling_correction_is_its_definition(memory: int) -> None:
    truth = RANDOM.normal(size=(40, 3, 1))
    truth[5, 1] = np.nan
    low, high = np.full_like(truth, -0.5), np.full_like(truth, 0.5)
    origins = np.arange(10, 50)
    found = rolling_correction(low, high, truth, origins, coverage=0.8, memory=memory)
    np.testing.assert_array_equal(found, naive_correction(low, high, truth, origins, 0.8, memory))
    assert not found[0].any()


def test_the_rolling_correction_never_looks_ahead() -> None:
    truth = RANDOM.normal(size=(60, 4, 1))
    low, high, origins = np.full_like(truth, -0.5), np.full_like(truth, 0.5), np.arange(60)
    before = rolling_correction(low, high, truth, origins, coverage=0.9)
    moved = truth.copy()
    for i in range(60):
        for h in range(4):
            if i + h + 1 > 30:
                moved[i, h] = 100.0
    after = rolling_correction(low, high, moved, origins, coverage=0.9)
    np.testing.assert_array_equal(before[:31], after[:31])
    assert (before[31:] != after[31:]).any()


@pytest.mark.parametrize("width", [0.2, 1.0, 4.0])
def test_intervals_of_any_width_come_to_cover_what_was_asked(width: float) -> None:
    """The control: uncorrected, they cover something else."""
    truth = np.random.default_rng(8).normal(size=(3000, 2, 1))
    low, high = np.full_like(truth, -width), np.full_like(truth, width)
    correction = rolling_correction(low, high, truth, np.arange(3000), coverage=0.9)
    late = slice(500, None)
    assert covered(low - correction, high + correction, truth)[late].mean() == pytest.approx(0.9, abs=0.01)
    assert abs(covered(low, high, truth)[late].mean() - 0.9) > 0.05
