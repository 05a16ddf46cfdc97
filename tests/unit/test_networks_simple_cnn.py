import torch
from torch import nn

from neocog.core.shapes import Image, Vector
from neocog.networks.simple_cnn import SimpleCNN


def test_layer_for_layer_the_keras_listing() -> None:
    network = SimpleCNN(Image(1, 28, 28), Vector(10))
    leaves = [module for module in network.modules() if not list(module.children())]
    assert [type(leaf).__name__ for leaf in leaves] == [
        *("Conv2d", "ReLU", "MaxPool2d", "Dropout", "Flatten", "Linear", "ReLU", "Dropout", "Linear"),
    ]
    assert [leaf.p for leaf in leaves if isinstance(leaf, nn.Dropout)] == [0.25, 0.5]
    # Keras's model.summary() of the listing: 320 + 692,352 + 1,290 parameters.
    counts = [sum(p.numel() for p in leaf.parameters()) for leaf in leaves]
    assert [count for count in counts if count] == [320, 692_352, 1_290]


def test_digits_pass_through_3x3_maps() -> None:
    network = SimpleCNN(Image(1, 8, 8), Vector(10))
    maps = network.features(torch.randn(2, 1, 8, 8))
    assert {name: tuple(found.shape[1:]) for name, found in maps.items()} == {
        "convolution": (32, 6, 6),
        "pool": (32, 3, 3),
    }


def test_glorot_weights_are_keras_bounds_and_fitting_ones_are_wider() -> None:
    torch.manual_seed(0)
    keras = SimpleCNN(Image(1, 28, 28), Vector(10)).head.dense.weight
    he = SimpleCNN(Image(1, 28, 28), Vector(10), initialisation="fitting").head.dense.weight
    inputs, outputs = 5408, 128
    bound = (6 / (inputs + outputs)) ** 0.5
    assert 0.999 * bound < keras.abs().max() <= bound
    assert 0.999 < he.abs().max() / (6 / inputs) ** 0.5 <= 1
