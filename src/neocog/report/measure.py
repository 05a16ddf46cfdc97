"""How each score is named, written and explained."""

from collections.abc import Callable
from dataclasses import dataclass

from neocog.figures.numbers import decimal, percent


@dataclass(frozen=True)
class Measure:
    """A score in words: its title, how its values are written, and what it means in one sentence."""

    title: str
    show: Callable[[float], str] = decimal
    meaning: str = ""

    @property
    def is_share(self) -> bool:
        """Whether values are shares, 0 to 1, shown as percentages."""
        return self.show is percent


MEASURES = {
    "accuracy": Measure("accuracy", percent, "the share of test items that got the right answer"),
    "balanced_accuracy": Measure(
        "balanced accuracy",
        percent,
        "the mean over classes of the share that was recognised, so that rare classes count as much",
    ),
    "macro_f1": Measure("macro F1", percent, "precision and recall in one number, averaged over classes"),
    "log_loss": Measure("log-loss", decimal, "how badly the probabilities fit; lower is better, 0 is perfect"),
    "calibration_error": Measure(
        "calibration error", percent, "how far stated confidence lies from the share that is right; lower is better"
    ),
}


def measure(name: str) -> Measure:
    """The measure of that name; an unknown one is shown as a plain number."""
    return MEASURES.get(name, Measure(name.replace("_", " ")))
