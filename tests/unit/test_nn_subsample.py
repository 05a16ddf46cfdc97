import torch

from neocog.nn.subsample import Subsample


def test_begins_as_the_average_of_each_window() -> None:
    maps = torch.arange(16.0).view(1, 1, 4, 4)
    assert Subsample(1)(maps)[0, 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_each_map_has_its_coefficient_and_bias() -> None:
    layer = Subsample(2)
    with torch.no_grad():
        layer.coefficient.copy_(torch.tensor([1.0, 2.0]))
        layer.bias.copy_(torch.tensor([0.0, -3.0]))
    assert layer(torch.ones(1, 2, 2, 2)).flatten().tolist() == [4, 5]


def test_odd_edges_are_left_out() -> None:
    assert Subsample(1)(torch.ones(1, 1, 5, 7)).shape == (1, 1, 2, 3)
