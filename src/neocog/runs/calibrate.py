"""calibrate: temperature and conformal sets of trained networks, fitted on validation and measured on test."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from neocog.core.errors import DataProblem, UsageProblem
from neocog.measures.calibration import errors_by_chance, temperature, tempered
from neocog.measures.classification import expected_calibration_error, log_loss
from neocog.measures.conformal_sets import SETS, coverage_range, sets, threshold
from neocog.measures.intervals import arm_interval
from neocog.runs.calibration import Calibration, Fit, NetworkCalibration, RunCalibration, write_calibration
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.folder import RunFolder, open_run
from neocog.tasks.task import Record

DEFAULT_COVERAGE = 0.9
DEFAULT_SETS = "lac"

_Part = tuple[np.ndarray, np.ndarray]  # probabilities and labels


def calibrate(
    folder: str | Path,
    *,
    coverage: float = DEFAULT_COVERAGE,
    make_sets: str = DEFAULT_SETS,
    allow_modules: Collection[str] = (),
) -> Calibration:
    """Calibrate a run, or every finished run of a comparison, from the predictions that its folder holds.

    Temperature and threshold are fitted on the validation part only; errors, coverage and sizes are measured on the
    test part. Nothing is trained, and no answer changes: the likeliest class stays the likeliest. calibration.json is
    written into the folder of each run, and, for a comparison, into its own.

    Args:
        folder: of a run or of a comparison.
        coverage: how often a set is to hold the truth, above 0 and below 1.
        make_sets: "lac" (smallest sets) or "aps" (larger sets for harder items, never empty).
        allow_modules: modules outside neocog whose classes the runs may name.

    Raises:
        UsageProblem: ``coverage-range``; ``sets-unknown``; ``calibration-needs-probabilities``; ``run-missing``.
        DataProblem: ``run-without-result``, or a damaged folder.

    Examples:
        >>> from neocog.runs.calibrate import calibrate
        >>> found = calibrate("runs/mine")  # doctest: +SKIP
        >>> print(found.sentence(found.networks[0]))  # doctest: +SKIP
    """
    _check(coverage, make_sets)
    comparison = ComparisonFolder(Path(folder))
    if not comparison.exists:
        alone = open_run(folder)
        label = alone.experiment(allow_modules).network.name
        return _written([(label, [(alone.experiment(allow_modules).plan.seed, alone)])], None, coverage, make_sets)
    arms = []
    for arm in comparison.facts().arms:
        runs = [(seed, run) for seed, run in comparison.runs(arm) if run.outcome.finished]
        arms += [(arm.label, runs)] if runs else []
    return _written(arms, comparison, coverage, make_sets)


def _written(
    arms: Sequence[tuple[str, Sequence[tuple[int, RunFolder]]]],
    comparison: ComparisonFolder | None,
    coverage: float,
    make_sets: str,
) -> Calibration:
    """Each run's own file, and the one of the comparison."""
    networks, items = [], (0, 0)
    for label, runs in arms:
        covered, found = [], []
        for seed, run in runs:
            val, test = _parts(run)
            items = (len(val[1]), len(test[1]))
            one, hits = _calibrated(seed, val, test, coverage, make_sets)
            write_calibration(_whole([_network(label, [one], [hits])], items, coverage, make_sets), run.path)
            found.append(one)
            covered.append(hits)
        networks.append(_network(label, found, covered))
    if not networks:
        raise DataProblem("run-without-result", "no run of this comparison has a result", help="let it finish first")
    whole = _whole(networks, items, coverage, make_sets)
    if comparison is not None:
        write_calibration(whole, comparison.path)
    return whole


def _whole(
    networks: Sequence[NetworkCalibration], items: tuple[int, int], coverage: float, make_sets: str
) -> Calibration:
    low, high = coverage_range(*items, coverage)
    return Calibration(coverage, make_sets, *items, low, high, tuple(networks))


def _network(label: str, runs: Sequence[RunCalibration], covered: Sequence[np.ndarray]) -> NetworkCalibration:
    found = arm_interval(np.stack(covered))
    return NetworkCalibration(label, tuple(runs), found.mean, found.low, found.high)


def _calibrated(
    seed: int, val: _Part, test: _Part, coverage: float, make_sets: str
) -> tuple[RunCalibration, np.ndarray]:
    """One run, and for each test item whether its set holds the truth. The sets come from tempered probabilities."""
    best, strangeness = temperature(*val), SETS[make_sets]
    mended = tempered(test[0], best)
    limit = threshold(strangeness(tempered(val[0], best)), val[1], coverage=coverage)
    made = sets(strangeness(mended), limit)
    hits = made[np.arange(len(made)), test[1]].astype(np.float64)
    sizes = made.sum(axis=1)
    found = RunCalibration(
        seed=seed,
        temperature=best,
        threshold=limit,
        before=_fit(test[0].astype(np.float64), test[1]),
        after=_fit(mended, test[1]),
        covered=float(hits.mean()),
        size=float(sizes.mean()),
        empty=float((sizes == 0).mean()),
    )
    return found, hits


def _fit(probabilities: np.ndarray, labels: np.ndarray) -> Fit:
    chance = errors_by_chance(probabilities)
    return Fit(
        error=expected_calibration_error(probabilities, labels),
        by_chance=float(chance.mean()),
        by_chance_high=float(np.quantile(chance, 0.95)),
        log_loss=log_loss(probabilities, labels),
    )


def _parts(run: RunFolder) -> tuple[_Part, _Part]:
    """Probabilities and labels of the validation and of the test part."""
    if not run.outcome.finished:
        raise DataProblem(
            "run-without-result",
            "this run has not been scored yet",
            where=str(run.path),
            help=f"go on with `neocog resume {run.path}`",
        )
    val, test = _part(run.record("val")), _part(run.record("test"))
    if val is None or test is None:
        raise UsageProblem(
            "calibration-needs-probabilities",
            "only runs that give each class a probability can be calibrated, on data with a validation and a test part",
            where=str(run.path),
            note="nothing was changed",
            help="calibrate a run of the task classify",
        )
    return val, test


def _part(record: Record) -> _Part | None:
    """None where the record holds no probabilities of classes."""
    probabilities, labels = record.get("probabilities"), record.get("labels")
    if probabilities is None or labels is None or probabilities.ndim != 2 or labels.ndim != 1 or not len(labels):
        return None
    return probabilities, labels


def _check(coverage: float, make_sets: str) -> None:
    if not 0 < coverage < 1:
        raise UsageProblem(
            "coverage-range",
            f"a coverage of {100 * coverage:g} %",
            where="--coverage",
            help="give per cents above 0 and below 100; 90 is usual",
        )
    if make_sets not in SETS:
        raise UsageProblem("sets-unknown", f"`{make_sets}` are no sets", where="--sets", help="choose lac or aps")
