"""Two sides, each moved by its own optimizer against the other."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from neocog.core.shapes import Image
from neocog.data.draws import DrawBatch
from neocog.fit.descent import Descent
from neocog.learners.adversarial import GAMES, Adversarial, Rules, hinge, hinge_generator, logistic, non_saturating
from neocog.networks.gan import GAN, Realness

TAKES = Image(1, 8, 8)
DESCENT = Descent(optimizer="adam", rate=1e-3, schedule="linear", final=0.5)

EVERY_OTHER = Rules(penalty_every=2)


def made(rules: Rules = EVERY_OTHER, classes: int = 3, **options: Any) -> Adversarial:
    torch.manual_seed(0)
    return Adversarial(GAN(TAKES, Realness(classes, noise=5), width=4, **options), DESCENT, rules)


def batch(seed: int = 1, items: int = 6) -> DrawBatch:
    random = torch.Generator().manual_seed(seed)
    labels, asked = (torch.randint(0, 3, (items,), generator=random) for _ in range(2))
    images = torch.randn(items, 1, 8, 8, generator=random)
    return DrawBatch(images, labels, torch.arange(items), torch.randn(items, 5, generator=random), asked)


def live(learner: Adversarial) -> GAN:
    network = learner.parts()["network"]
    assert isinstance(network, GAN)
    return network


def values(module: nn.Module) -> list[Tensor]:
    return [value.detach().clone() for value in module.state_dict().values()]


def same(a: list[Tensor], b: list[Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(a, b, strict=True))


def test_losses_worked_by_hand() -> None:
    real, drawn = torch.tensor([2.0, 0.0]), torch.tensor([-3.0, 1.0])
    assert float(hinge(real, drawn)) == pytest.approx((0 + 1) / 2 + (0 + 2) / 2)
    assert float(hinge_generator(drawn)) == pytest.approx(1.0)
    even = torch.zeros(2)
    assert float(logistic(even, even)) == pytest.approx(2 * torch.log(torch.tensor(2.0)).item())
    target = torch.cat([torch.ones(2), torch.zeros(2)])
    by_torch = nn.functional.binary_cross_entropy_with_logits(torch.cat([real, drawn]), target)
    assert float(logistic(real, drawn)) == pytest.approx(2 * float(by_torch))
    wanted = nn.functional.binary_cross_entropy_with_logits(drawn, torch.ones(2))
    assert float(non_saturating(drawn)) == pytest.approx(float(wanted))


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("spectral", [False, True])
@pytest.mark.parametrize("classes", [1, 3])
def test_both_sides_move_and_what_is_told_is_finite(game: str, spectral: bool, classes: int) -> None:
    learner = made(Rules(game=game), classes, spectral=spectral)
    network = live(learner)
    before = values(network.generator), values(network.body), values(network.head)
    numbers = learner.step(batch(), 0.0)
    assert set(numbers) == {"loss", "discriminator", "penalty", "told_apart"}
    assert all(value.isfinite() and not value.requires_grad for value in numbers.values())
    after = values(network.generator), values(network.body), values(network.head)
    assert not any(same(a, b) for a, b in zip(before, after, strict=True))


def test_r1_is_half_the_squared_slope_at_real_images_every_few_steps() -> None:
    learner = made(Rules(penalty=0.5, penalty_every=3))
    some, network = batch(), copy.deepcopy(live(learner))
    images = some.images.double().requires_grad_(True)
    scores = network.double()(images).gather(1, some.labels[:, None])
    (slopes,) = torch.autograd.grad(scores.sum(), images)
    expected = 3 * 0.5 / 2 * slopes.flatten(1).square().sum(1).mean()
    told = [float(learner.step(some, 0.0)["penalty"]) for _ in range(4)]
    assert told[0] == pytest.approx(float(expected), rel=1e-4)
    assert [value > 0 for value in told] == [True, False, False, True]
    without = made(Rules(penalty=0.0))
    assert float(without.step(some, 0.0)["penalty"]) == 0


def test_r1_lowers_the_slope() -> None:
    def slope(penalty: float) -> float:
        learner = made(Rules(penalty=penalty, penalty_every=1))
        for number in range(60):
            learner.step(batch(number), 0.0)
        images = batch().images.requires_grad_(True)
        (found,) = torch.autograd.grad(live(learner)(images)[:, 0].sum(), images)
        return float(found.flatten(1).norm(dim=1).mean())

    assert slope(100.0) < 0.5 * slope(0.0)


def test_the_average_follows_the_generator_and_shares_the_discriminator() -> None:
    learner = made(Rules(average=0.9))
    network, average = live(learner), learner.network
    assert isinstance(average, GAN)
    expected = values(average.generator)
    for count in range(1, 13):
        learner.step(batch(count), 0.0)
        share = 1 - min(0.9, (1 + count) / (10 + count))
        expected = [
            old + share * (new - old) if new.is_floating_point() else new
            for old, new in zip(expected, values(network.generator), strict=True)
        ]
    for found, wanted in zip(values(average.generator), expected, strict=True):
        torch.testing.assert_close(found, wanted)
    assert not same(values(average.generator), values(network.generator))
    assert average.body is network.body and average.head is network.head


def test_rates_follow_the_schedule_and_the_discriminators_its_factor() -> None:
    learner = made(Rules(rate=4.0, betas=(0.3, 0.8)))
    learner.step(batch(), 0.5)
    parts = {name: learner.parts()[f"{name}_optimizer"].state_dict() for name in ("generator", "discriminator")}
    for name, factor in (("generator", 1.0), ("discriminator", 4.0)):
        for group in parts[name]["param_groups"]:
            assert group["lr"] == pytest.approx(factor * 1e-3 * 0.75)
            assert tuple(group["betas"]) == (0.3, 0.8)


@pytest.mark.parametrize("still", ["generator", "discriminator"])
def test_a_side_that_is_frozen_stays_and_the_other_moves(still: str) -> None:
    learner = made()
    network = live(learner)
    sides = {"generator": network.generator, "discriminator": nn.ModuleList([network.body, network.head])}
    sides[still].requires_grad_(False)
    before = {name: [parameter.detach().clone() for parameter in side.parameters()] for name, side in sides.items()}
    learner.step(batch(), 0.0)
    unmoved = {name: same(before[name], list(side.parameters())) for name, side in sides.items()}
    assert unmoved == {name: name == still for name in sides}


def test_optimizers_other_than_adam_play_too() -> None:
    torch.manual_seed(0)
    network = GAN(TAKES, Realness(1, noise=5), width=4)
    learner = Adversarial(network, Descent(optimizer="rmsprop", rate=1e-3, clip=0.1), Rules())
    before = values(network)
    assert learner.step(batch(), 0.0)["loss"].isfinite()
    assert not same(before, values(network))
