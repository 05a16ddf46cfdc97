"""Tuning: which learning rates were tried before a comparison, what each showed, and which one was taken."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem
from neocog.measures.quantities import several

FORMAT = 1
FILE = "tuning.json"


@dataclass(frozen=True)
class Tried:
    """One short run: its learning rate, its steps, its validation score (None: it had none), and whether it went on."""

    rate: float
    steps: int
    score: float | None
    kept: bool


@dataclass(frozen=True)
class TunedArm:
    """What was tried for a network. Without ``trials`` its rate was set by hand; ``note`` says what else happened."""

    label: str
    usual: float
    chosen: float
    trials: tuple[Tried, ...] = ()
    seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Tuning:
    """The learning-rate trials of a comparison.

    ``rates`` is how many each network had, ``seed`` that of all trials, ``share`` the part of each network's time or
    steps that they may take. They are judged by the task's headline on the validation part.
    """

    rates: int
    seed: int
    share: float
    arms: tuple[TunedArm, ...]

    @property
    def sentences(self) -> list[str]:
        """One per network."""
        return [tuned_sentence(arm) for arm in self.arms]


def tuned_sentence(arm: TunedArm) -> str:
    """Which rate a network got, and why."""
    if not arm.trials:
        return f"{arm.label}: learning rate {arm.chosen:.3g}, set by hand and therefore not tuned."
    rates = len({trial.rate for trial in arm.trials})
    usual = "its usual one" if arm.chosen == arm.usual else f"usual: {arm.usual:.3g}"
    how = f" {arm.note}" if arm.note else ""
    return f"{arm.label}: learning rate {arm.chosen:.3g} ({usual}), chosen on validation from {rates} tried.{how}"


def untuned(tuning: Tuning) -> str:
    """The networks whose rate was set by hand, as a list in words; empty if there are none."""
    labels = [arm.label for arm in tuning.arms if not arm.trials]
    return several(labels) if labels else ""


def keep_tuning(folder: Path, tuning: Tuning) -> None:
    """Write down what was tried; networks that are there already stay."""
    known = load_tuning(folder)
    there = {arm.label: arm for arm in (*(known.arms if known else ()), *tuning.arms)}
    values = {"format": FORMAT, **asdict(tuning), "arms": [asdict(arm) for arm in there.values()]}
    write_durably(folder / FILE, json.dumps(values, indent=1).encode())


def load_tuning(folder: Path) -> Tuning | None:
    """What was tried; None where nothing was tuned.

    Raises:
        DataProblem: ``tuning-damaged``.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        values = json.loads(path.read_bytes())
        if values.pop("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        arms: Sequence[dict[str, object]] = values.pop("arms")
        return Tuning(**values, arms=tuple(_arm(arm) for arm in arms))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise DataProblem(
            "tuning-damaged",
            "what was tried before this comparison cannot be read",
            where=f"{path}: {problem}",
            note="nothing was changed",
            help="restore the file, or compare again into another folder",
        ) from problem


def _arm(values: dict[str, object]) -> TunedArm:
    trials = values["trials"]
    assert isinstance(trials, list)
    return TunedArm(**{**values, "trials": tuple(Tried(**trial) for trial in trials)})  # type: ignore[arg-type]
