"""Calibrated: how the answers of a run change once it was calibrated."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np

from neocog.core.errors import UsageProblem
from neocog.measures.conformal_sets import SETS, sets
from neocog.measures.quantities import several
from neocog.runs.calibration import load_calibration
from neocog.tasks.task import Answers

OPTION = "calibrated"


def calibrated_option(
    *, calibrated: Annotated[bool, "Say the probabilities that `neocog calibrate` has made right, and sets."] = False
) -> bool:
    """The option of `neocog predict` that every calibrated run has."""
    return calibrated


@dataclass(frozen=True)
class Calibrated:
    """What calibration.json says of one run.

    Args:
        temperature: the logits are divided by it.
        threshold: classes no stranger than this are in the set.
        sets: how strangeness is measured: "lac" or "aps".
        coverage: how often a set holds the truth, a fraction.
    """

    temperature: float
    threshold: float
    sets: str
    coverage: float

    @property
    def sentence(self) -> str:
        """What a person should know of these answers."""
        return (
            f"Probabilities are calibrated, at temperature {self.temperature:.2f}; sets are to hold the truth in "
            f"{100 * self.coverage:g} % of all items like those it was calibrated on."
        )

    def with_sets(self, answers: Answers) -> Answers:
        """Each answer with its ``set`` of classes, the likeliest first; one that would be empty gets the likeliest."""
        values, words = [], []
        for value, said in zip(answers.values, answers.words, strict=True):
            names = list(value["probabilities"])
            shares = np.array([[float(share) for share in value["probabilities"].values()]])
            inside = sets(SETS[self.sets](shares), self.threshold)[0]
            order = np.argsort(-shares[0], kind="stable")
            held = [names[place] for place in order if inside[place]] or [names[order[0]]]
            values.append({**value, OPTION: True, "set": held, "coverage": self.coverage})
            words.append(f"{said}; {100 * self.coverage:g} % set: {several(held)}")
        return replace(answers, values=values, words=words)


def calibrated_run(folder: Path) -> Calibrated | None:
    """How a run was calibrated; None if it was not.

    Raises:
        DataProblem: ``calibration-damaged``.
    """
    found = load_calibration(folder)
    if found is None or not found.networks:
        return None
    run = found.networks[0].runs[0]
    return Calibrated(run.temperature, run.threshold, found.sets, found.coverage)


def must_be_calibrated(folder: Path) -> Calibrated:
    """The same where it was asked for.

    Raises:
        UsageProblem: ``calibration-missing``.
    """
    found = calibrated_run(folder)
    if found is None:
        raise UsageProblem(
            "calibration-missing",
            "this run was never calibrated",
            where=str(folder),
            help=f"first run `neocog calibrate {folder}`, or leave calibrated=true out",
        )
    return found
