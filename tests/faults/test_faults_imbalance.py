"""One image of a rare class for a thousand of the common one: split, training, scores and report stand it."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neocog.cli.data import warnings
from neocog.core.errors import DataProblem
from neocog.data.images import ImageData
from neocog.data.open import from_arrays
from neocog.runs.compare import compare

COMMON, SIDE = 3000, 8
NUMBERS = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "calibration_error")


def pixels(count: int, bright: bool) -> np.ndarray:
    noise = np.random.default_rng(count).integers(0, 80, (count, SIDE, SIDE, 1), dtype=np.uint8)
    return noise + np.uint8(170 if bright else 0)


def arrays(common: int, rare: int) -> tuple[np.ndarray, np.ndarray]:
    images = np.concatenate([pixels(common, False), pixels(rare, True)])
    return images, np.array(["common"] * common + ["rare"] * rare)


def of_class(part: Any, data: ImageData) -> int:
    return int((part.labels == data.classes.index("rare")).sum())


def one_to_a_thousand() -> ImageData:
    """Three of 3,003: one for each part."""
    return from_arrays(*arrays(COMMON, 3))


def rare_only_in_train() -> ImageData:
    images, labels = arrays(COMMON, 3)
    few = pixels(40, False), np.array(["common"] * 40)
    return from_arrays(images, labels, val=few, test=few)


def test_a_rare_class_is_in_every_part() -> None:
    data = one_to_a_thousand()
    assert [of_class(part, data) for part in (data.train, data.val, data.test)] == [1, 1, 1]
    assert any("2,1" in text and "1 of rare" in text and "balanced accuracy" in text for text in warnings(data))


@pytest.mark.parametrize("rare", [1, 2])
def test_fewer_than_three_are_refused_by_name(rare: int) -> None:
    """The control of the test above: one for each part is not there."""
    with pytest.raises(DataProblem) as caught:
        from_arrays(*arrays(COMMON, rare))
    assert caught.value.code == "labels-class-too-small" and "rare" in caught.value.where[0]


@pytest.mark.parametrize("made", [one_to_a_thousand, rare_only_in_train])
@pytest.mark.parametrize(
    "settings",
    [{}, {"task.balance": True}, {"task.loss_name": "focal"}],
    ids=["plain", "balanced", "focal"],
)
def test_training_scores_and_report(made: Any, settings: dict[str, Any], tmp_path: Path) -> None:
    data = made()
    settings = {"plan.batch_size": 64, "descent.rate": 0.01, **settings}
    result = compare(data, "linear,mlp[widths=8]", budget="steps=40", seeds=2, into=tmp_path, settings=settings)
    assert len(result.ranked) == 2 and not result.failed
    for arm in result.ranked:
        assert set(NUMBERS) <= set(arm.scores) and all(math.isfinite(arm.scores[name]) for name in NUMBERS)
        assert arm.interval is not None and 0 <= arm.interval.low <= arm.interval.mean <= arm.interval.high <= 1
    json.dumps(result.leaderboard(), allow_nan=False)
    page = result.report(tmp_path / "report.html").read_text()
    assert "rare" in page and "NaN" not in page and "nan" not in page.lower().replace("nano", "").split()


def test_accuracy_alone_would_hide_a_class_that_is_never_named(tmp_path: Path) -> None:
    """Where the rare class looks like the common one, a network is right in 999 of 1,000: the other scores tell."""
    images = np.concatenate([pixels(COMMON, False), pixels(3, False)])
    data = from_arrays(images, np.array(["common"] * COMMON + ["rare"] * 3))
    settings = {"descent.rate": 0.01, "plan.batch_size": 64}
    found = compare(data, "linear", budget="epochs=8", seeds=1, into=tmp_path, settings=settings).ranked[0].scores
    assert found["accuracy"] > 0.99 and found["balanced_accuracy"] <= 0.5 and found["macro_f1"] <= 0.5


def test_weighing_finds_a_class_that_can_be_seen(tmp_path: Path) -> None:
    settings = {"task.balance": True, "descent.rate": 0.05, "plan.batch_size": 64}
    result = compare(one_to_a_thousand(), "linear", budget="epochs=6", seeds=1, into=tmp_path, settings=settings)
    assert result.ranked[0].scores["balanced_accuracy"] > 0.9
