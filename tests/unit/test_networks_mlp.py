import pytest
import torch
from torch import nn

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Vector
from neocog.networks.linear import Linear
from neocog.networks.mlp import MLP

TAKES, GIVES = Image(1, 8, 8), Vector(10)


def test_layers_follow_the_options() -> None:
    network = MLP(TAKES, GIVES, widths=(20, 10, 5), activation="gelu", dropout=0.3, batch_norm=True)
    dense = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in dense] == [(64, 20), (20, 10), (10, 5), (5, 10)]
    assert [layer.bias is None for layer in dense] == [True, True, True, False]
    assert [type(layer).__name__ for layer in network.body][1:5] == ["Linear", "BatchNorm1d", "GELU", "Dropout"]
    assert {layer.p for layer in network.modules() if isinstance(layer, nn.Dropout)} == {0.3}


def test_default_is_512_256() -> None:
    assert (
        sum(p.numel() for p in MLP(Image(1, 28, 28), GIVES).parameters())
        == 784 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10
    )


def test_an_unknown_activation_is_a_usage_problem() -> None:
    with pytest.raises(UsageProblem, match="rellu"):
        MLP(TAKES, GIVES, activation="rellu")


def test_without_hidden_layers_it_is_softmax_regression() -> None:
    flat, linear = MLP(TAKES, GIVES, widths=()), Linear(TAKES, GIVES)
    flat.head.load_state_dict(linear.head.state_dict())
    images = torch.randn(4, 1, 8, 8)
    torch.testing.assert_close(flat(images), linear(images))


def test_dropout_works_in_training_only() -> None:
    network, images = MLP(TAKES, GIVES), torch.randn(4, 1, 8, 8)
    assert not torch.equal(network(images), network(images))
    network.eval()
    assert torch.equal(network(images), network(images))
