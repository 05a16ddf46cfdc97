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
    "mean_return": Measure("mean return", decimal, "the sum of rewards, on average over greedy episodes"),
    "return_low": Measure("from", decimal, "lower end of the mean return's 95 % interval over episodes"),
    "return_high": Measure("to", decimal, "its upper end"),
    "worst_return": Measure("worst return", decimal, "of one episode"),
    "mean_length": Measure("mean length", decimal, "moves of an episode"),
    "silhouette": Measure("silhouette", decimal, "how much nearer items are to their own cluster than to the next"),
    "inertia": Measure("inertia", decimal, "the sum of squared distances to the centroids, in a network's own space"),
    "clusters_used": Measure("clusters used", decimal, "those that have an item"),
    "adjusted_rand": Measure("adjusted Rand", decimal, "agreement with the labels over pairs: 0 by chance, at most 1"),
    "mutual_information": Measure("mutual information", decimal, "what clusters and labels tell of each other, 0 to 1"),
    "matched_accuracy": Measure("matched accuracy", percent, "hits once each cluster has the label that suits best"),
    "accuracy": Measure("accuracy", percent, "the share of test items that got the right answer"),
    "balanced_accuracy": Measure(
        "balanced accuracy",
        percent,
        "the mean over classes of the share that was recognised, so that rare classes count as much",
    ),
    "ap50": Measure("AP .5", percent, "average precision where boxes overlap by half or more (COCO), over classes"),
    "ap": Measure("AP .5:.95", percent, "the same as a mean over overlaps from .5 to .95"),
    "ap75": Measure("AP .75", percent, "the same where they overlap by three quarters or more"),
    "recall_100": Measure("recall", percent, "the share of the objects found by the 100 surest boxes, over overlaps"),
    "missed": Measure("missed", percent, "the share of the objects that no box of score .5 or more finds"),
    "false_alarms": Measure("false alarms", decimal, "boxes of score .5 or more, per image, where nothing is"),
    "frechet_distance": Measure(
        "Frechet distance", decimal, "how far the draws' features lie from real images', in per cent of their spread"
    ),
    "real_distance": Measure("of real images", decimal, "the same distance for other real images"),
    "gaussian_distance": Measure("of a Gaussian", decimal, "the same for images drawn from a Gaussian per class"),
    "smallest_class_share": Measure("rarest class", percent, "its share of the draws, by the judge's eye"),
    "drawn_as_asked": Measure("drawn as asked", percent, "the share of draws taken for the class that was asked for"),
    "nearest_training_image": Measure("nearest copy", decimal, "how near 1 % of the draws come to a training image"),
    "nearest_of_test_images": Measure("of test images", decimal, "how near 1 % of the test images come to one"),
    "macro_f1": Measure("macro F1", percent, "precision and recall in one number, averaged over classes"),
    "log_loss": Measure("log-loss", decimal, "how badly the probabilities fit; lower is better, 0 is perfect"),
    "brier": Measure("Brier score", decimal, "squared error of the probabilities, over classes; lower is better"),
    "auc": Measure("AUC", decimal, "the area under the ROC curve, each class against the rest, on average"),
    "calibration_error": Measure(
        "calibration error", percent, "how far stated confidence lies from the share that is right; lower is better"
    ),
}


def measure(name: str) -> Measure:
    """The measure of that name; an unknown one is shown as a plain number."""
    return MEASURES.get(name, Measure(name.replace("_", " ")))
