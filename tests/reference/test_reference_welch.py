"""measures/welch: against scipy's intervals, to 1e-9."""

import numpy as np
import pytest
from scipy import stats

from neocog.core.errors import UsageProblem
from neocog.measures.welch import difference_of_runs, mean_of_runs

RANDOM = np.random.default_rng(0)
SAMPLES = [
    (RANDOM.normal(0.9, 0.01, 3), RANDOM.normal(0.88, 0.03, 5)),
    (RANDOM.normal(5.0, 2.0, 2), RANDOM.normal(1.0, 0.1, 10)),
]


@pytest.mark.parametrize(("first", "second"), SAMPLES)
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_as_scipy(first: np.ndarray, second: np.ndarray, alpha: float) -> None:
    found = difference_of_runs(first.tolist(), second.tolist(), alpha=alpha)
    theirs = stats.ttest_ind(first, second, equal_var=False).confidence_interval(1 - alpha)
    assert found == pytest.approx((first.mean() - second.mean(), theirs.low, theirs.high), abs=1e-9)
    alone = mean_of_runs(first.tolist(), alpha=alpha)
    theirs = stats.ttest_1samp(first, 0.0).confidence_interval(1 - alpha)
    assert alone == pytest.approx((first.mean(), theirs.low, theirs.high), abs=1e-9)


def test_control_equal_variances_would_be_another_interval() -> None:
    first, second = SAMPLES[0]
    pooled = stats.ttest_ind(first, second, equal_var=True).confidence_interval()
    assert difference_of_runs(first.tolist(), second.tolist()).low != pytest.approx(pooled.low, abs=1e-4)


def test_runs_that_do_not_vary_have_no_width() -> None:
    assert difference_of_runs([1.0, 1.0], [0.5, 0.5]) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("values", "code"), [([1.0], "runs-too-few"), ([1.0, float("nan")], "scores-not-finite")])
def test_refused(values: list[float], code: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        mean_of_runs(values)
    assert problem.value.code == code
