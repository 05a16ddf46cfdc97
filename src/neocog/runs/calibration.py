"""Calibration of trained networks, as it is kept: calibration.json in the folder of a run or of a comparison."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf, isfinite
from pathlib import Path
from typing import Any

from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem
from neocog.figures.numbers import interval, percent

FILE = "calibration.json"
FORMAT = 1
FEW = 200
"""Validation items below which a temperature is rough, and coverage may be far from what was asked."""


@dataclass(frozen=True)
class Fit:
    """How well probabilities fit the test part.

    Args:
        error: expected calibration error, a fraction.
        by_chance: the error that a perfectly calibrated network with these confidences would show on as many items.
        by_chance_high: its 95th percentile; an error above it is more than chance.
        log_loss: in nats.
    """

    error: float
    by_chance: float
    by_chance_high: float
    log_loss: float


@dataclass(frozen=True)
class RunCalibration:
    """One run. Temperature and threshold come from the validation part; all else was measured on the test part, once.

    Args:
        seed: of the run.
        temperature: the logits are divided by it; above 1: the network was too sure.
        threshold: of the sets; infinite where there are too few validation items, so that every class is in.
        before: as the network says it.
        after: at the temperature.
        covered: the share of test items whose set holds the truth.
        size: classes in a set, on average.
        empty: the share of sets without a class.
    """

    seed: int
    temperature: float
    threshold: float
    before: Fit
    after: Fit
    covered: float
    size: float
    empty: float


@dataclass(frozen=True)
class NetworkCalibration:
    """All runs of one network, and the share that their sets cover with its 95 % interval over seeds and items."""

    label: str
    runs: tuple[RunCalibration, ...]
    covered: float
    low: float
    high: float

    @property
    def before(self) -> Fit:
        """Means over runs, as the network says it."""
        return _mean([run.before for run in self.runs])

    @property
    def after(self) -> Fit:
        """Means over runs, at the temperature of each."""
        return _mean([run.after for run in self.runs])

    @property
    def size(self) -> float:
        """Classes in a set, over runs."""
        return sum(run.size for run in self.runs) / len(self.runs)

    @property
    def empty(self) -> float:
        """The share of sets without a class, over runs."""
        return sum(run.empty for run in self.runs) / len(self.runs)

    @property
    def temperatures(self) -> str:
        """Of one run, or from the smallest to the largest."""
        found = sorted(run.temperature for run in self.runs)
        ends = [f"{found[0]:.2f}", f"{found[-1]:.2f}"]
        return " to ".join(dict.fromkeys(ends))


@dataclass(frozen=True)
class Calibration:
    """What `calibrate` found: of a run, or of every network of a comparison.

    Args:
        coverage: how often a set was to hold the truth, a fraction.
        sets: how they are made: "lac" or "aps".
        val_items: what temperature and threshold were fitted on.
        test_items: what the rest was measured on.
        low: between this share ...
        high: ... and this one the measured coverage of a run lies in 95 % of all cases, for so many items.
        networks: in the order of the comparison.
    """

    coverage: float
    sets: str
    val_items: int
    test_items: int
    low: float
    high: float
    networks: tuple[NetworkCalibration, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What limits it, as sentences."""
        found = []
        if self.val_items < FEW:
            found.append(
                f"The validation part has only {self.val_items:,} items: temperatures are rough, and sets that should "
                f"hold the truth in {percent(self.coverage, 0)} may hold it in {between(self.low, self.high)}."
            )
        if any(not isfinite(run.threshold) for each in self.networks for run in each.runs):
            found.append(
                f"For sets with a coverage of {percent(self.coverage, 0)} the validation part is too small: every "
                "class is in every set."
            )
        return tuple(found)

    def sentence(self, network: NetworkCalibration) -> str:
        """One network in words."""
        before, after = network.before, network.after
        way = "too sure" if after.error < before.error and _middle(network) > 1 else "not sure enough"
        verdict = f"it was {way}" if before.error > before.by_chance_high else "no more than chance may show"
        return (
            f"{network.label}: calibration error {percent(before.error)}, of which about {percent(before.by_chance)} "
            f"would be seen by chance: {verdict}; {percent(after.error)} at temperature {network.temperatures}, of "
            f"which about {percent(after.by_chance)} by chance. Sets that should hold the truth in "
            f"{percent(self.coverage, 0)} held it in {percent(network.covered)} "
            f"({between(network.low, network.high)}) of the test items, {network.size:.2f} classes each on average"
            f"{_emptiness(network)}."
        )


def load_calibration(folder: str | Path) -> Calibration | None:
    """What calibration.json in the folder of a run or of a comparison holds; None where there is none.

    Raises:
        DataProblem: ``calibration-damaged``.
    """
    path = Path(folder) / FILE
    if not path.exists():
        return None
    try:
        values = json.loads(path.read_bytes())
        if values.pop("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        networks = tuple(_network(each) for each in values.pop("networks"))
        return Calibration(**values, networks=networks)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise DataProblem(
            "calibration-damaged",
            "the calibration cannot be read",
            where=f"{path}: {problem}",
            note="nothing was changed",
            help=f"write it anew with `neocog calibrate {folder}`",
        ) from problem


def write_calibration(calibration: Calibration, folder: Path) -> None:
    """Keep it in the folder."""
    write_durably(folder / FILE, json.dumps({"format": FORMAT, **as_json(calibration)}, indent=1).encode())


def as_json(calibration: Calibration) -> dict[str, Any]:
    """Plain values; a threshold that is infinite is None."""
    values = asdict(calibration)
    for network in values["networks"]:
        for run in network["runs"]:
            run["threshold"] = run["threshold"] if isfinite(run["threshold"]) else None
    return values


def between(low: float, high: float) -> str:
    """Two ends of a share: ``89.1 to 92.3 %``."""
    return f"{interval(low, high, percent)}\u00a0%"


def _network(values: Mapping[str, Any]) -> NetworkCalibration:
    return NetworkCalibration(**{**values, "runs": tuple(_run(each) for each in values["runs"])})


def _run(values: Mapping[str, Any]) -> RunCalibration:
    limit = inf if values["threshold"] is None else float(values["threshold"])
    fits = {name: Fit(**values[name]) for name in ("before", "after")}
    return RunCalibration(**{**values, **fits, "threshold": limit})


def _mean(fits: Sequence[Fit]) -> Fit:
    names = ("error", "by_chance", "by_chance_high", "log_loss")
    return Fit(**{name: sum(getattr(fit, name) for fit in fits) / len(fits) for name in names})


def _middle(network: NetworkCalibration) -> float:
    found = sorted(run.temperature for run in network.runs)
    return found[len(found) // 2]


def _emptiness(network: NetworkCalibration) -> str:
    if network.empty < 0.0005:
        return ""
    return f"; {percent(network.empty)} of the sets are empty, because it is right more often than that was asked"
