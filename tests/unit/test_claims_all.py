"""Every claim: its words, and its code at a few steps."""

from pathlib import Path

import numpy as np
import pytest
import torch

from neocog.claims import CLAIMS, Claim
from neocog.claims.cnn_beats_ann import equal_width
from neocog.claims.context import Context, shapes
from neocog.claims.parallel_kernels import ParallelNet
from neocog.claims.pictures import augmented, shifted, shuffled_places, with_margin
from neocog.claims.pooling_tolerance import PooledNet
from neocog.claims.run import measured
from neocog.claims.sparse_connections import UNITS, WindowedNet
from neocog.claims.stacked_kernels import StackedNet
from neocog.claims.untrained import untrained
from neocog.data.augment import Augmentation
from neocog.measures.cost import parameters
from neocog.networks.mlp import MLP
from neocog.networks.simple_cnn import SimpleCNN

WHOLE_HOUR, CORES = 3600, 2
UNTRAINED = {"weight-sharing", "convolution-equivariance", "vanishing-gradients"}
"""These are the same in quick mode, so that their answers can be pinned."""


@pytest.mark.parametrize("name", CLAIMS)
def test_it_runs(name: str, tmp_path: Path) -> None:
    found = measured(name, CLAIMS[name], tmp_path, quick=True)
    for effect in (found.effect, found.control):
        assert effect.low <= effect.value <= effect.high
        assert np.isfinite([effect.low, effect.high]).all()
        assert effect.sides and all(effect.sides.values())
    if name in UNTRAINED:
        assert found.answer == "holds"


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS.keys())
def test_its_words_are_whole(claim: Claim) -> None:
    words = (claim.title, claim.hypothesis, claim.condition, claim.source, claim.scale)
    assert all(len(text) > 15 and "  " not in text and "{" not in text for text in words)
    assert claim.title.endswith(".") and claim.hypothesis.endswith((".", ")")) and claim.condition.endswith(".")
    assert claim.smallest > 0
    assert claim.measure is not claim.control


def test_there_are_enough_and_all_fit_into_an_hour() -> None:
    assert len(CLAIMS) >= 15
    assert len({claim.title for claim in CLAIMS.values()}) == len(CLAIMS)
    assert sum(claim.seconds for claim in CLAIMS.values()) < WHOLE_HOUR
    assert max(claim.seconds for claim in CLAIMS.values()) <= 180


def test_the_ann_is_of_equal_size(tmp_path: Path) -> None:
    data = Context(tmp_path).images(size=16)
    takes, gives = shapes(data)
    cnn, ann = SimpleCNN(takes, gives), MLP(takes, gives, widths=(equal_width(data),))
    assert abs(parameters(cnn) - parameters(ann)) <= takes.size + gives.size


def test_images_are_changed_as_is_said(tmp_path: Path) -> None:
    data = Context(tmp_path).images()
    wide = with_margin(data, 2)
    assert wide.takes.axes == (1, 12, 12) and wide.fingerprint != data.fingerprint
    assert wide.preparation.mean[0] < data.preparation.mean[0]
    moved = shifted(wide, 2, -1)
    assert moved.preparation == wide.preparation
    assert (moved.test.images[:, 1:9, 4:12] == data.test.images).all()
    shuffled = shuffled_places(data)
    assert (np.sort(shuffled.test.images, axis=None) == np.sort(data.test.images, axis=None)).all()
    first, other = (np.argsort(each.test.images[0].ravel(), kind="stable") for each in (data, shuffled))
    assert not (first == other).all()
    assert (shuffled.test.images[0].ravel()[_order(data, shuffled)] == data.test.images[0].ravel()).all()
    turned = augmented(data, Augmentation(rotation=30.0))
    assert turned.test.images.dtype == data.test.images.dtype and (turned.test.images != data.test.images).any()
    assert (augmented(data, Augmentation(rotation=30.0)).test.images == turned.test.images).all()


def _order(data: object, shuffled: object) -> np.ndarray:
    """The one order of places, found from all training images: where each pixel of an image went to."""
    before = data.train.images.reshape(len(data.train), -1)  # type: ignore[attr-defined]
    after = shuffled.train.images.reshape(len(shuffled.train), -1)  # type: ignore[attr-defined]
    return np.array([int(np.flatnonzero((after == column[:, None]).all(axis=0))[0]) for column in before.T])


def test_twins_differ_in_what_the_claim_is_about_and_in_nothing_else(tmp_path: Path) -> None:
    data = Context(tmp_path).images(size=16)
    pooled, dropped = (untrained(PooledNet, data, 0, pool=pool) for pool in (True, False))
    assert parameters(pooled) == parameters(dropped)
    assert all(torch.equal(a, b) for a, b in zip(pooled.parameters(), dropped.parameters()))
    alike, alone = (untrained(ParallelNet, data, 0, kernels=kernels) for kernels in ((3, 3, 3), (3,)))
    assert parameters(alike) == parameters(alone)
    twice, once = (untrained(StackedNet, data, 0, kernels=kernels) for kernels in ((3, 3), (5,)))
    linear = untrained(StackedNet, data, 0, kernels=(3, 3), between=False)
    assert parameters(linear) == parameters(twice) < parameters(once)


def test_windows_leave_weights_out(tmp_path: Path) -> None:
    data = Context(tmp_path).images(size=16)
    whole, windowed = (untrained(WindowedNet, data, 0, window=window) for window in (1.0, 0.3))
    assert bool((whole.body.hidden.mask == 1).all())
    assert int(windowed.body.hidden.mask.sum()) == UNITS * 5 * 5
    images = data.preparation.normalise(torch.tensor(data.test.images))
    spreads = [float(each.body.hidden(images.flatten(1)).detach().std()) for each in (whole, windowed)]
    assert spreads[1] == pytest.approx(spreads[0], rel=0.5)


def test_mnist_takes_the_place_of_digits(test_data: Path, tmp_path: Path) -> None:
    data = Context(tmp_path, root=str(test_data / "mnist")).images(size=16, per_class=5, without=("0",))
    assert data.takes.axes == (1, 28, 28)
    assert set(data.counts()["train"].values()) == {5}
    assert len(data.classes) == 9
