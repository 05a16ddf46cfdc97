import torch
from torch.nn import functional as F

from neocog.nn.partial_convolution import PartialConvolution

TABLE = ((0,), (0, 2), (0, 1, 2))


def test_equals_a_convolution_with_zeros_in_the_gaps() -> None:
    layer = PartialConvolution(3, TABLE, 3)
    full = torch.zeros(3, 3, 3, 3)
    place = 0
    for output, sources in enumerate(TABLE):
        for source in sources:
            full[output, source] = layer.weight[place].detach()
            place += 1
    maps = torch.randn(2, 3, 6, 7)
    torch.testing.assert_close(layer(maps), F.conv2d(maps, full, layer.bias))


def test_an_output_map_knows_nothing_of_maps_outside_its_row() -> None:
    layer, maps = PartialConvolution(3, TABLE, 3), torch.randn(1, 3, 5, 5)
    other = maps.clone()
    other[:, 1] += 1
    before, after = layer(maps), layer(other)
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.equal(before[:, 2], after[:, 2])


def test_only_the_tables_kernels_are_parameters() -> None:
    layer = PartialConvolution(3, TABLE, 3)
    assert sum(parameter.numel() for parameter in layer.parameters()) == 6 * 9 + 3
    layer(torch.randn(1, 3, 5, 5)).sum().backward()
    assert layer.weight.grad is not None and (layer.weight.grad != 0).all()


def test_weights_begin_within_2_4_over_inputs_of_their_unit() -> None:
    weight = PartialConvolution(3, TABLE, 3).weight.abs().amax((1, 2))
    bounds = torch.tensor([2.4 / 9, *[2.4 / 18] * 2, *[2.4 / 27] * 3])
    assert (weight <= bounds).all() and (weight > bounds / 2).all()
