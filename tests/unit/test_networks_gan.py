"""The GAN's two sides: sizes from the data, classes, the range that is drawn over, spectral norm."""

import pytest
import torch

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image
from neocog.measures.cost import macs, profile
from neocog.networks.gan import GAN, Realness, stages_for

SIZES = (Image(1, 8, 8), Image(1, 28, 28), Image(3, 32, 32), Image(2, 9, 17), Image(3, 40, 33))


def made(takes: Image, classes: int = 3, **options: object) -> GAN:
    torch.manual_seed(0)
    return GAN(takes, Realness(classes, noise=5), **{"width": 4, **options})  # type: ignore[arg-type]


def images(takes: Image, count: int = 3) -> torch.Tensor:
    return torch.randn(count, takes.channels, takes.height, takes.width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("takes", SIZES, ids=str)
@pytest.mark.parametrize("classes", [1, 4])
def test_draws_what_it_takes_and_scores_it_for_each_class(takes: Image, classes: int) -> None:
    network = made(takes, classes)
    drawn = network.generate(torch.randn(3, 5), torch.zeros(3, dtype=torch.long))
    assert drawn.shape == images(takes).shape
    scores = network(drawn)
    assert scores.shape == (3, classes)
    scores.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize(("side", "stages"), [(8, 1), (12, 1), (28, 2), (32, 3), (64, 4)])
def test_maps_are_halved_down_to_four_to_seven_pixels(side: int, stages: int) -> None:
    takes = Image(1, side, side)
    assert stages_for(takes) == stages
    network = made(takes)
    last = list(network.features(images(takes)).values())[-1]
    assert 4 <= last.shape[2] <= 7
    assert list(network.strides.values()) == [2**number for number in range(1, stages + 1)]


def test_the_head_turns_the_last_map_into_the_output() -> None:
    takes = Image(3, 32, 32)
    network = made(takes).eval()
    maps = network.features(images(takes))
    assert list(maps) == list(network.strides)
    torch.testing.assert_close(network.head(maps["stage3"]), network(images(takes)))


def test_a_class_changes_the_draw_and_the_score_but_only_with_classes() -> None:
    takes, noise = Image(1, 8, 8), torch.randn(1, 5)
    network = made(takes).eval()
    one, other = (network.generate(noise, torch.tensor([label])) for label in (0, 2))
    assert not torch.equal(one, other)
    scores = network(images(takes))
    assert not torch.equal(scores[:, 0], scores[:, 2])
    alone = made(takes, 1).eval()
    assert torch.equal(*(alone.generate(noise, torch.tensor([label])) for label in (0, 2)))


def test_draws_stay_within_the_span_of_each_channel() -> None:
    network = made(Image(2, 8, 8)).eval()
    network.span([-1.0, 5.0], [0.5, 6.0])
    network.generator.stages.stage1.convolution.weight.data.mul_(1e4)
    drawn = network.generate(torch.randn(50, 5), torch.zeros(50, dtype=torch.long))
    lows, highs = drawn.amin((0, 2, 3)), drawn.amax((0, 2, 3))
    torch.testing.assert_close(lows, torch.tensor([-1.0, 5.0]))
    torch.testing.assert_close(highs, torch.tensor([0.5, 6.0]))


def test_spectral_norm_holds_every_layer_of_the_discriminator_and_none_of_the_generator() -> None:
    network = made(Image(1, 8, 8), spectral=True)
    for _ in range(50):
        network(images(Image(1, 8, 8)))
    network.eval()
    layers = [network.body.stage1.convolution, network.head.common, network.head.classes]
    for layer in layers:
        assert torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2) == pytest.approx(1, rel=1e-2)
    assert not any("parametrizations" in name for name, _ in network.generator.named_parameters())
    # control: without it they have some other slope
    free = made(Image(1, 8, 8))
    assert torch.linalg.matrix_norm(free.head.common.weight.detach(), 2) < 0.5


def test_dropout_works_in_training_only() -> None:
    takes = Image(1, 8, 8)
    network = made(takes, dropout=0.5)
    assert not torch.equal(network(images(takes)), network(images(takes)))
    network.eval()
    assert torch.equal(network(images(takes)), network(images(takes)))


def test_a_profile_is_the_discriminators() -> None:
    takes = Image(1, 28, 28)
    network = made(takes)
    assert macs(network, takes) == 14 * 14 * 4 * 16 + 7 * 7 * 8 * 16 * 4 + 7 * 7 * 8 * (1 + 3)
    assert all(not layer.name.startswith("generator") for layer in profile(network, takes))


def test_refuses_an_image_that_is_too_small() -> None:
    with pytest.raises(UsageProblem, match="at least 8x8"):
        made(Image(1, 7, 20))
