"""What besides accuracy can decide between classifiers, item by item."""

import numpy as np

from neocog.measures import classification
from neocog.measures.item_scores import brier_items, log_loss_items
from neocog.measures.jackknife import auc, balanced_accuracy_items, macro_auc_items, macro_f1_items
from neocog.tasks.task import Headline, Record, Scoring


def _log_loss(record: Record) -> np.ndarray:
    return -log_loss_items(record["probabilities"], record["labels"])


def _brier(record: Record) -> np.ndarray:
    return -brier_items(record["probabilities"], record["labels"])


def _macro_f1(record: Record) -> np.ndarray:
    probabilities = record["probabilities"]
    return macro_f1_items(probabilities.argmax(1), record["labels"], probabilities.shape[1])


def _balanced(record: Record) -> np.ndarray:
    probabilities = record["probabilities"]
    return balanced_accuracy_items(probabilities.argmax(1), record["labels"], probabilities.shape[1])


def _auc(record: Record) -> np.ndarray:
    return macro_auc_items(record["probabilities"], record["labels"])


def _score_log_loss(record: Record) -> float:
    return classification.log_loss(record["probabilities"], record["labels"])


def _score_brier(record: Record) -> float:
    return classification.brier_score(record["probabilities"], record["labels"])


def _confusion(record: Record) -> np.ndarray:
    probabilities = record["probabilities"]
    return classification.confusion_matrix(probabilities.argmax(1), record["labels"], probabilities.shape[1])


def _score_macro_f1(record: Record) -> float:
    return classification.macro_f1(_confusion(record))


def _score_balanced(record: Record) -> float:
    return classification.balanced_accuracy(_confusion(record))


def _score_auc(record: Record) -> float:
    """The mean over the classes that have items and of which not all items are."""
    probabilities, labels = record["probabilities"], record["labels"]
    areas = [auc(probabilities[:, c], labels == c) for c in np.unique(labels) if not (labels == c).all()]
    return float(np.mean(areas)) if areas else float("nan")


CLASSIFY_SCORES = {
    "log-loss": Scoring(
        Headline("log_loss", higher_is_better=False, unit="nats", margin=0.01), _log_loss, _score_log_loss
    ),
    "brier": Scoring(Headline("brier", higher_is_better=False, unit="", margin=0.005), _brier, _score_brier),
    "macro-f1": Scoring(Headline("macro_f1"), _macro_f1, _score_macro_f1),
    "balanced-accuracy": Scoring(Headline("balanced_accuracy"), _balanced, _score_balanced),
    "auc": Scoring(Headline("auc", unit="", margin=0.005), _auc, _score_auc, least=2),
}
