import pytest
import torch

from neocog.core.shapes import Image, Vector
from neocog.networks.mobilenet_v2 import MobileNetV2
from neocog.nn.inverted_residual import InvertedResidual

TAKES, GIVES = Image(3, 32, 32), Vector(10)


# The table of the authors' code (github.com/tensorflow/models, slim), for 1000 classes, which we meet to 2 %. The last
# layer grows with the width only above 1.
@pytest.mark.parametrize(("width", "last", "millions"), [(0.35, 1280, 1.66), (1.0, 1280, 3.47), (1.4, 1792, 6.06)])
def test_width_multiplies_maps_but_never_makes_the_last_layer_smaller(width: float, last: int, millions: float) -> None:
    with torch.device("meta"):
        network = MobileNetV2(TAKES, Vector(1000), width=width)
    assert network.head.output.in_features == last
    assert sum(p.numel() for p in network.parameters()) / 1e6 == pytest.approx(millions, rel=0.02)
    assert all(layer.out_channels % 8 == 0 for layer in network.modules() if isinstance(layer, torch.nn.Conv2d))


def test_the_input_is_added_where_its_shape_stays() -> None:
    with torch.device("meta"):
        network = MobileNetV2(TAKES, GIVES)
    adds = [block.adds for block in network.modules() if isinstance(block, InvertedResidual)]
    assert sum(adds) == 10 and len(adds) == 17
    same, other = (InvertedResidual(8, outputs, stride=1, expansion=2).eval() for outputs in (8, 16))
    for block, added in ((same, 1.0), (other, 0.0)):
        torch.nn.init.zeros_(block.project[1].weight)
        maps = torch.ones(1, 8, 4, 4)
        assert block(maps).mean().item() == added
