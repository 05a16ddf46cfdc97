from itertools import pairwise

import pytest
import torch

from neocog.core.shapes import Image, Vector
from neocog.networks.convnext import SIZES, ConvNeXt
from neocog.nn.convnext_block import ConvNeXtBlock
from neocog.nn.stochastic_depth import StochasticDepth

TAKES, GIVES = Image(3, 16, 16), Vector(10)


def drops(**options: object) -> list[float]:
    with torch.device("meta"):
        network = ConvNeXt(TAKES, GIVES, stem="small", **options)  # type: ignore[arg-type]
    return [module.p for module in network.modules() if isinstance(module, StochasticDepth)]


@pytest.mark.parametrize("size", SIZES)
def test_stochastic_depth_rises_evenly_from_0_to_what_was_published(size: str) -> None:
    found = drops(size=size)
    steps = [after - before for before, after in pairwise(found)]
    assert found[0] == 0 and found[-1] == pytest.approx(SIZES[size][2])
    assert steps == pytest.approx([SIZES[size][2] / (len(found) - 1)] * len(steps))


def test_stochastic_depth_can_be_set_or_left_out() -> None:
    assert drops(stochastic_depth=0.5)[-1] == 0.5
    assert set(drops(stochastic_depth=0.0)) == {0.0}


def test_only_training_with_stochastic_depth_depends_on_chance() -> None:
    images = torch.randn(8, 3, 16, 16)
    for drop, training, changes in ((0.5, True, True), (0.5, False, False), (0.0, True, False)):
        network = ConvNeXt(TAKES, GIVES, stem="small", width=0.0625, stochastic_depth=drop).train(training)
        for block in (module for module in network.modules() if isinstance(module, ConvNeXtBlock)):
            torch.nn.init.ones_(block.layer_scale)
        assert torch.equal(network(images), network(images)) is not changes


def test_a_new_block_changes_almost_nothing() -> None:
    block, maps = ConvNeXtBlock(6, drop=0.0), torch.randn(2, 6, 5, 5)
    assert 0 < float((block(maps).detach() - maps).abs().max()) < 1e-5
