"""Layers that are there for speed: when they step in, and that they keep every promise of the plain ones."""

from typing import Any

import pytest
import torch
from torch import nn

from neocog.core.shapes import Image, Vector
from neocog.networks import NETWORKS
from neocog.nn import pooling_sequence
from neocog.nn.dropout import Dropout
from neocog.nn.pooled_convolution import can_pool
from neocog.nn.pooling_sequence import PoolingSequence


def _layers(activation: nn.Module) -> PoolingSequence:
    return PoolingSequence(nn.Conv2d(1, 4, 3), activation, nn.MaxPool2d(2), nn.Flatten())


@pytest.fixture
def pooled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often a convolution and its pooling were taken together."""
    calls: list[int] = []
    plain = pooling_sequence.pooled_convolution

    def counted(*arguments: Any) -> torch.Tensor:
        calls.append(1)
        return plain(*arguments)

    monkeypatch.setattr(pooling_sequence, "pooled_convolution", counted)
    return calls


def test_a_convolution_and_its_pooling_are_one_step(pooled: list[int]) -> None:
    layers, images = _layers(nn.ReLU()), torch.randn(3, 1, 9, 9)
    together = layers(images)
    assert pooled == [1]
    assert torch.allclose(together, nn.Sequential(*layers)(images), atol=1e-6)


@pytest.mark.parametrize("activation", [nn.GELU(), nn.SiLU()])
def test_an_activation_that_falls_somewhere_keeps_its_place(activation: nn.Module, pooled: list[int]) -> None:
    layers, images = _layers(activation), torch.randn(3, 1, 9, 9)
    assert torch.equal(layers(images), nn.Sequential(*layers)(images))
    assert not pooled


@pytest.mark.parametrize("number", [0, 1, 2])
def test_who_hooks_a_layer_sees_it_work(number: int, pooled: list[int]) -> None:
    layers, seen = _layers(nn.ReLU()), []
    handle = layers[number].register_forward_hook(lambda *_: seen.append(1))
    layers(torch.randn(3, 1, 9, 9))
    assert seen == [1] and not pooled
    handle.remove()
    layers(torch.randn(3, 1, 9, 9))
    assert pooled == [1]


@pytest.mark.parametrize(
    "convolution, pool",
    [
        (nn.Conv2d(1, 2, 3, stride=2), nn.MaxPool2d(2)),
        (nn.Conv2d(1, 2, 3, dilation=2), nn.MaxPool2d(2)),
        (nn.Conv2d(1, 2, 3, bias=False), nn.MaxPool2d(2)),
        (nn.Conv2d(1, 2, (3, 1)), nn.MaxPool2d(2)),
        (nn.Conv2d(1, 2, 3, padding="same"), nn.MaxPool2d(2)),
        (nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect"), nn.MaxPool2d(2)),
        (nn.Conv2d(1, 2, 3), nn.MaxPool2d(3)),
        (nn.Conv2d(1, 2, 3), nn.MaxPool2d(2, stride=1)),
        (nn.Conv2d(1, 2, 3), nn.MaxPool2d(2, ceil_mode=True)),
    ],
)
def test_what_the_fast_way_cannot_do_goes_the_plain_way(convolution: nn.Conv2d, pool: nn.MaxPool2d) -> None:
    images = torch.randn(2, 1, 9, 9)
    assert not can_pool(images, convolution, pool)
    assert can_pool(images, nn.Conv2d(1, 2, 3), nn.MaxPool2d(2))  # control
    layers = PoolingSequence(convolution, nn.ReLU(), pool)
    assert torch.equal(layers(images), nn.Sequential(*layers)(images))


def test_reduced_precision_goes_the_plain_way() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert not can_pool(torch.randn(2, 1, 9, 9), nn.Conv2d(1, 2, 3), nn.MaxPool2d(2))


@pytest.mark.parametrize("p", [0.25, 0.5, 0.75, 1 / 256, 255 / 256])
def test_dropout_leaves_the_right_share_and_scales_it(p: float) -> None:
    torch.manual_seed(1)
    size = 1_000_003
    dropped = Dropout(p)(torch.ones(size))
    left = int((dropped != 0).sum())
    assert abs(left - size * (1 - p)) < 5 * (size * p * (1 - p)) ** 0.5
    assert torch.allclose(dropped[dropped != 0], torch.tensor(1 / (1 - p)))


def test_every_byte_of_a_word_is_equally_likely() -> None:
    torch.manual_seed(2)
    left = (Dropout(0.5)(torch.ones(800_000)) != 0).view(-1, 8).double().mean(0)
    assert (left - 0.5).abs().max() < 0.01  # the top byte too: words have their sign bit


def test_dropout_follows_memory_not_shape_and_passes_gradients() -> None:
    x = torch.randn(4, 3, 2, 5).permute(1, 2, 3, 0).requires_grad_()
    y = Dropout(0.25)(x)
    assert y.stride() == x.stride()
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert torch.allclose(y, x * gradient) and {round(value, 4) for value in gradient.unique().tolist()} == {0, 1.3333}


def test_dropout_comes_from_torchs_generator() -> None:
    x, layer = torch.ones(1000), Dropout(0.25)
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first, second = layer(x), layer(x)
    torch.set_rng_state(state)
    assert torch.equal(layer(x), first) and torch.equal(layer(x), second) and not torch.equal(first, second)


@pytest.mark.parametrize("p", [0.0, 0.1, 1.0])
def test_other_shares_are_torchs_own(p: float) -> None:
    x = torch.ones(1000)
    torch.manual_seed(4)
    ours = Dropout(p)(x)
    torch.manual_seed(4)
    assert torch.equal(ours, nn.Dropout(p)(x))


def test_dropout_rests_outside_training_and_on_nothing() -> None:
    x = torch.randn(10)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.5)(torch.empty(0, 3)).shape == (0, 3)


@pytest.mark.parametrize("name", ["mlp", "simple-cnn", "lenet5", "resnet"])
def test_the_same_seed_gives_the_same_bits(name: str) -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        network = NETWORKS[name](Image(1, 28, 28), Vector(10), **({"depth": 8} if name == "resnet" else {}))
        optimizer = torch.optim.Adam(network.parameters(), fused=True)
        for _ in range(3):
            images = torch.rand(64, 1, 28, 28)
            loss = nn.functional.cross_entropy(network(images), torch.arange(64) % 10)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))
