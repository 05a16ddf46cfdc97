"""Calibration: what stated probabilities are worth before and after one number is set, and sets that hold the truth."""

import numpy as np

from neocog.figures.figure import Figure
from neocog.figures.numbers import decimal, percent
from neocog.figures.reliability import ConfidenceBin
from neocog.figures.reliability import reliability as reliability_figure
from neocog.measures.calibration import tempered
from neocog.measures.classification import reliability
from neocog.measures.intervals import wilson
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.runs.calibration import Calibration, Fit, NetworkCalibration, between, load_calibration
from neocog.runs.comparison import ArmResult

_COLUMNS = (
    "network",
    "temperature",
    "calibration error before",
    "after",
    "log-loss before",
    "after",
    "sets hold the truth",
    "classes in a set",
    "empty sets",
    "runs",
)


def section(evidence: Evidence) -> Section | None:
    """Every calibrated network in one line, and the chosen one before and after; None if nothing was calibrated."""
    comparison = evidence.comparison
    found = load_calibration(comparison.folder)
    if found is None:
        return None
    arms = {arm.label: arm for arm in comparison.ranked}
    shown = next((each for each in found.networks if comparison.chosen and each.label == comparison.chosen.label), None)
    drawn = _figures(arms[shown.label], shown) if shown is not None else []
    html = rendered(
        "calibration.html",
        words=_words(found),
        drawn=drawn,
        columns=_COLUMNS,
        rows=[_row(each) for each in found.networks],
        notes=[*(found.sentence(each) for each in found.networks), *found.notes, *_later(found, arms)],
    )
    return Section("calibration", "What its probabilities are worth", html, drawn)


def _words(found: Calibration) -> list[str]:
    return [
        f"One temperature per run was fitted on the {found.val_items:,} validation items; everything here was measured "
        f"on the {found.test_items:,} test items. It changes how sure a network says it is, and no answer. The "
        "calibration error of even a perfect network is above 0 on so few items: in brackets is what chance alone "
        "would show.",
        f"A set holds every class that an item may be; it should hold the truth in {percent(found.coverage, 0)} of all "
        f"cases. Measured on so many items, a single run's share lies between {between(found.low, found.high)} in 19 "
        "of 20 cases if all is well. That holds for new items like these, on average, not for every kind of item.",
    ]


def _row(each: NetworkCalibration) -> list[str]:
    return [
        each.label,
        each.temperatures,
        _error(each.before),
        _error(each.after),
        decimal(each.before.log_loss),
        decimal(each.after.log_loss),
        f"{percent(each.covered)} ({between(each.low, each.high)})",
        decimal(each.size, 2),
        percent(each.empty),
        str(len(each.runs)),
    ]


def _error(fit: Fit) -> str:
    return f"{percent(fit.error)} ({percent(fit.by_chance)} by chance)"


def _later(found: Calibration, arms: dict[str, ArmResult]) -> list[str]:
    """Runs that came after the calibration."""
    known = {each.label: {run.seed for run in each.runs} for each in found.networks}
    missing = [label for label, arm in arms.items() if {seed.seed for seed in arm.finished} - known.get(label, set())]
    return [f"Not calibrated yet, in part or whole: {', '.join(missing)}."] if missing else []


def _figures(arm: ArmResult, shown: NetworkCalibration) -> list[Figure]:
    """All calibrated runs together; the intervals count each test item once."""
    temperatures = {run.seed: run.temperature for run in shown.runs}
    runs = [(seed.record, temperatures[seed.seed]) for seed in arm.finished if seed.seed in temperatures]
    if not runs or any("probabilities" not in record for record, _ in runs):
        return []
    labels = np.concatenate([record["labels"] for record, _ in runs])
    before = np.concatenate([record["probabilities"].astype(np.float64) for record, _ in runs])
    after = np.concatenate([tempered(record["probabilities"], each) for record, each in runs])
    titles = {"before": f"{arm.label} as it is", "after": f"{arm.label} at temperature {shown.temperatures}"}
    return [
        _figure(f"calibration-{key}", titles[key], said, labels, len(runs))
        for key, said in (("before", before), ("after", after))
    ]


def _figure(key: str, title: str, said: np.ndarray, labels: np.ndarray, runs: int) -> Figure:
    bins = []
    for each in reliability(said, labels).bins:
        low, high = wilson(each.accuracy * each.count / runs, each.count / runs)
        bins.append(ConfidenceBin(each.confidence, each.accuracy, low, high, each.count))
    return reliability_figure(key, title, bins)
