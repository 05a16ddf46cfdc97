"""The named alternatives and the pieces of a verdict against published worked examples and other people's code."""

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import make_moons
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.svm import SVC
from statsmodels.stats.weightstats import DescrStatsW

from neocog.measures.delong import delong
from neocog.measures.folds import corrected_error, fold_verdicts
from neocog.measures.holm import holm
from neocog.measures.mcnemar import mcnemar_exact
from neocog.measures.verdict import verdicts

EXACT = {"rel": 1e-9, "abs": 1e-9}
OVARIAN = """
3.0 5.8 10 0 3.2 6.3 5 1 3.9 6.8 3 1 2.8 4.8 6 0 3.2 5.8 3 1 0.9 4.0 5 0 2.5 5.7 8 0 1.6 5.6 5 1 3.8 5.7 5 1
3.7 6.7 6 1 3.2 5.4 4 1 3.8 6.6 6 1 4.1 6.6 5 1 3.6 5.7 5 1 4.3 7.0 4 1 3.6 6.7 4 0 2.3 4.4 6 1 4.2 7.6 4 0
4.0 6.6 6 0 3.5 5.8 6 1 3.8 6.8 7 1 3.0 4.7 8 0 4.5 7.4 5 1 3.7 7.4 5 1 3.1 6.6 6 1 4.1 8.2 6 1 4.3 7.0 5 1
4.3 6.5 4 1 3.2 5.1 5 1 2.6 4.7 6 1 3.3 6.8 6 0 1.7 4.0 7 0 3.7 6.1 5 1 3.3 6.3 7 1 4.2 7.7 6 1 3.5 6.2 5 1
2.9 5.7 9 0 2.1 4.8 7 1 2.8 6.2 8 0 4.0 7.0 7 1 3.3 5.7 6 1 3.7 6.9 5 1 3.6 6.6 5 1"""
"""Albumin, total protein, K-G score and outcome of the patients of DeLong, DeLong and Clarke-Pearson 1988."""


def test_delong_on_the_data_of_its_paper() -> None:
    """The areas, errors, intervals and p values as the SAS/STAT manual prints them for these data (PROC LOGISTIC,
    "Comparing Receiver Operating Characteristic Curves"), to the four decimals that it gives."""
    albumin, protein, score, outcome = np.array(OVARIAN.split(), dtype=float).reshape(-1, 4).T
    first = delong(albumin, 10 - score, outcome == 1)
    second = delong(protein, 10 - score, outcome == 1)
    assert (first.areas[0], second.areas[0], first.areas[1]) == pytest.approx((0.7366, 0.6478, 0.7258), abs=5e-5)
    errors = [math.sqrt(found.covariance[k, k]) for found, k in ((first, 0), (second, 0), (first, 1))]
    assert errors == pytest.approx([0.0927, 0.1000, 0.1028], abs=5.001e-5)
    assert (first.difference, first.error, first.low, first.high, first.p) == pytest.approx(
        (0.0108, 0.0953, -0.1761, 0.1976, 0.9102), abs=5e-5
    )
    assert (second.difference, second.error, second.low, second.high, second.p) == pytest.approx(
        (-0.0780, 0.1046, -0.2830, 0.1271, 0.4561), abs=5e-5
    )


@pytest.mark.parametrize("seed", range(4))
def test_delong_against_its_definition(seed: int) -> None:
    generator = np.random.default_rng(seed)
    positive = generator.random(70) < 0.4
    a, b = (np.round(generator.normal(size=70) + shift * positive, 1) for shift in (1.0, 0.7))
    of_positive, of_negative = [], []
    for score in (a, b):
        wins = np.array(
            [[(x > y) + 0.5 * (x == y) for y in score[~positive]] for x in score[positive]]  # the paper's psi
        )
        of_positive.append(wins.mean(axis=1))
        of_negative.append(wins.mean(axis=0))
    s10, s01 = np.cov(of_positive), np.cov(of_negative)
    covariance = s10 / positive.sum() + s01 / (~positive).sum()
    found = delong(a, b, positive)
    assert found.covariance == pytest.approx(covariance, **EXACT)
    assert found.areas == pytest.approx((of_positive[0].mean(), of_positive[1].mean()), **EXACT)
    z = found.difference / math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(z)), **EXACT)


def test_delong_of_equal_orders_says_nothing() -> None:
    score = np.arange(20.0)
    found = delong(score, 2 * score, score > 7)
    assert (found.difference, found.error, found.p) == (0.0, 0.0, 1.0)


def test_nadeau_bengio_on_a_published_example() -> None:
    """Two support vector machines on the moons, as scikit-learn's guide "Statistical comparison of models using grid
    search" has it: corrected t = 0.750, one-sided p = 0.227."""
    points, labels = make_moons(noise=0.352, random_state=1, n_samples=100)
    cut = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    models = (SVC(kernel="rbf", random_state=0), SVC(kernel="linear", random_state=0))
    rbf, linear = (
        cross_val_score(model, points, labels, cv=cut, scoring="roc_auc").reshape(10, 10) for model in models
    )
    (found,) = fold_verdicts({"rbf": rbf, "linear": linear}, margin=0)
    gaps = (rbf - linear).ravel()
    t = gaps.mean() / math.sqrt(gaps.var(ddof=1) * (1 / 100 + 10 / 90))
    assert found.answer == "unknown"
    assert (round(t, 3), round(float(stats.t.sf(t, 99)), 3)) == (0.750, 0.227)
    assert found.p_beats == pytest.approx(2 * stats.t.sf(t, 99), **EXACT)
    assert (found.low, found.high) == pytest.approx(
        stats.t.interval(0.95, 99, found.difference, corrected_error(gaps, 1 / 9)), **EXACT
    )


def test_without_overlap_the_correction_leaves_the_paired_t_test() -> None:
    gaps = np.random.default_rng(3).normal(0.02, 0.05, 30)
    error = corrected_error(gaps, 0.0)
    assert 2 * stats.t.sf(abs(gaps.mean()) / error, 29) == pytest.approx(stats.ttest_1samp(gaps, 0).pvalue, **EXACT)


def test_holm_by_hand() -> None:
    """Four tests: .01, .04, .03, .005 become .03, .06, .06, .02."""
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02], **EXACT)


def test_mcnemar_by_hand() -> None:
    """Of 10 disagreements 2 against 8: twice (1 + 10 + 45) / 1024."""
    assert mcnemar_exact(2, 8) == pytest.approx(2 * 56 / 1024, **EXACT)


def hillis(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float]:
    """F's error term as variance of the difference, its degrees of freedom, and the difference, from covariances.

    Hillis 2014, readers nested within test, R readers each: var = (2/R) (MS(R(T)) + R max(Cov2 - Cov3, 0)) and
    ddf = (MS(R(T)) + R max(Cov2 - Cov3, 0))^2 / (MS(R(T))^2 / (2 (R - 1))), covariances of reader means over cases.
    """
    readers, cases = a.shape
    covariance = np.cov(np.concatenate([a, b])) / cases
    same = np.ones((readers, readers)) - np.eye(readers)
    within = [covariance[:readers, :readers], covariance[readers:, readers:]]
    cov2 = np.mean([(block * same).sum() / same.sum() for block in within])
    cov3 = covariance[:readers, readers:].mean()
    mean_square = np.mean([part.mean(axis=1).var(ddof=1) for part in (a, b)])
    error = mean_square + readers * max(cov2 - cov3, 0)
    return 2 / readers * error, error**2 / (mean_square**2 / (2 * (readers - 1))), a.mean() - b.mean()


@pytest.mark.parametrize("seed", range(6))
def test_obuchowski_rockette_with_hillis_freedom(seed: int) -> None:
    """The published formula, with equal variances of readers: the two networks' runs are given the same spread, so that
    the pooled mean square of the paper and our two separate ones agree in the degrees of freedom too."""
    generator = np.random.default_rng(seed)
    case, own = generator.normal(size=200), generator.normal(size=(2, 200))
    spread = generator.normal(size=5)
    a, b = (case + own[k] + generator.normal(size=(5, 200)) for k in (0, 1))
    a, b = (part - part.mean(axis=1, keepdims=True) + 0.3 * spread[:, None] + 0.1 * k for k, part in enumerate((a, b)))
    variance, freedom, difference = hillis(a, b)
    (found,) = verdicts({"a": a, "b": b}, margin=0)
    law = stats.t(freedom)
    assert found.difference == pytest.approx(difference, **EXACT)
    assert found.p_beats == pytest.approx(2 * law.sf(abs(difference) / math.sqrt(variance)), **EXACT)
    assert found.high - found.difference == pytest.approx(law.ppf(0.975) * math.sqrt(variance), **EXACT)


def test_welch_over_seeds_on_this_test_set() -> None:
    generator = np.random.default_rng(5)
    a, b = generator.normal(size=(4, 60)), generator.normal(0.1, 1, size=(6, 60))
    (found,) = verdicts({"a": a, "b": b}, margin=0, over="seeds")
    theirs = stats.ttest_ind(a.mean(axis=1), b.mean(axis=1), equal_var=False)
    ends = theirs.confidence_interval()
    assert (found.p_beats, found.low, found.high) == pytest.approx((theirs.pvalue, ends.low, ends.high), **EXACT)


def test_one_run_each_is_the_paired_z_test_of_statsmodels() -> None:
    generator = np.random.default_rng(6)
    a, b = generator.normal(size=(1, 90)), generator.normal(size=(1, 90))
    (found,) = verdicts({"a": a, "b": b}, margin=0)
    gap = DescrStatsW((a - b)[0])
    _, p = gap.ztest_mean()
    assert found.p_beats == pytest.approx(p, **EXACT)
    assert (found.low, found.high) == pytest.approx(gap.zconfint_mean(), **EXACT)
