"""Each optimizer against torch's own or its published equations, and what holds it back."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.options import check
from neocog.fit.descent import OPTIMIZERS, Descent

STEPS = 5


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4 * 9, 3))


def batches() -> list[tuple[Tensor, Tensor]]:
    made = torch.Generator().manual_seed(1)
    return [(torch.randn(6, 2, 5, 5, generator=made), torch.randn(6, 3, generator=made)) for _ in range(STEPS)]


def descend(
    moved: nn.Module, optimizer: torch.optim.Optimizer, before_step: Callable[[int], Any] = lambda step: None
) -> list[Tensor]:
    for step, (x, y) in enumerate(batches()):
        optimizer.zero_grad()
        (moved(x) - y).square().mean().backward()
        before_step(step)
        optimizer.step()
    return [p.detach().clone() for p in moved.parameters()]


def groups(moved: nn.Module, decay: float) -> list[dict[str, Any]]:
    """What torch's recipes do: no decay for biases and norms."""
    spared = [p for name, p in moved.named_parameters() if name.endswith("bias") or name.startswith("2.")]
    others = [p for p in moved.parameters() if all(p is not each for each in spared)]
    return [{"params": others, "weight_decay": decay}, {"params": spared, "weight_decay": 0.0}]


THEIRS: dict[str, Callable[[nn.Module, float], torch.optim.Optimizer]] = {
    "sgd": lambda m, d: torch.optim.SGD(groups(m, d), lr=0.02),
    "momentum": lambda m, d: torch.optim.SGD(groups(m, d), lr=0.02, momentum=0.8),
    "nesterov": lambda m, d: torch.optim.SGD(groups(m, d), lr=0.02, momentum=0.8, nesterov=True),
    "adam": lambda m, d: torch.optim.Adam(groups(m, d), lr=0.02),
    "adamw": lambda m, d: torch.optim.AdamW(groups(m, d), lr=0.02),
    "rmsprop": lambda m, d: torch.optim.RMSprop(groups(m, d), lr=0.02, alpha=0.9),
    "adagrad": lambda m, d: torch.optim.Adagrad(groups(m, d), lr=0.02),
    "adadelta": lambda m, d: torch.optim.Adadelta(groups(m, d), lr=0.02),
    "adadelta-keras": lambda m, d: torch.optim.Adadelta(groups(m, d), lr=0.02, rho=0.95, eps=1e-7),
}


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_equal_to_torch_s(name: str, decay: float) -> None:
    theirs, ours = network(), network()
    expected = descend(theirs, THEIRS[name](theirs, decay))
    descent = Descent(optimizer=name, rate=0.02, momentum=0.8, weight_decay=decay)
    torch.testing.assert_close(descend(ours, descent.optimizer_for(ours)), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_control_another_setting_would_be_noticed(name: str) -> None:
    theirs, ours = network(), network()
    expected = descend(theirs, THEIRS[name](theirs, 0.0))
    found = descend(ours, Descent(optimizer=name, rate=0.021, momentum=0.8, weight_decay=0.0).optimizer_for(ours))
    assert any(not torch.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_usual_rate_and_decay_of_each(name: str) -> None:
    optimizer = Descent(optimizer=name).optimizer_for(network())
    assert {group["lr"] for group in optimizer.param_groups} == {OPTIMIZERS[name].rate}
    assert [group["weight_decay"] for group in optimizer.param_groups] == [OPTIMIZERS[name].weight_decay, 0.0]


@pytest.mark.parametrize("name", ["adam", "adamw", "adadelta", "adagrad"])
def test_usual_settings_are_torch_s_where_it_has_them(name: str) -> None:
    kind = OPTIMIZERS[name].kind
    usual = kind([nn.Parameter(torch.zeros(1, 1))]).defaults
    ours = Descent(optimizer=name).optimizer_for(nn.Linear(1, 1)).defaults
    assert {key: value for key, value in ours.items() if key != "fused"} | {"weight_decay": usual["weight_decay"]} == {
        key: value for key, value in usual.items() if key != "fused"
    }


def test_adadelta_keras_is_keras_s_published_update() -> None:
    """Source: Zeiler 2012, arXiv:1212.5701, algorithm 1, with Keras's rate .001, rho .95, epsilon 1e-7; float64."""
    random = np.random.default_rng(0)
    start, gradients = random.normal(size=(4, 3)), random.normal(size=(STEPS, 4, 3))
    x, squares, moves = start.copy(), np.zeros((4, 3)), np.zeros((4, 3))
    for gradient in gradients:
        squares = 0.95 * squares + 0.05 * gradient**2
        move = -np.sqrt(moves + 1e-7) / np.sqrt(squares + 1e-7) * gradient
        moves = 0.95 * moves + 0.05 * move**2
        x = x + 0.001 * move
    layer = nn.Linear(3, 4, bias=False, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(start))
    optimizer = Descent(optimizer="adadelta-keras").optimizer_for(layer)
    for gradient in gradients:
        layer.weight.grad = torch.from_numpy(gradient)
        optimizer.step()
    np.testing.assert_allclose(layer.weight.detach().numpy(), x, rtol=1e-12, atol=0)
    assert abs(x - start).max() > 1e-7


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_decay_spares_biases_and_norms(name: str) -> None:
    """With a gradient of zero only decay moves anything."""
    moved = network()
    optimizer = Descent(optimizer=name, rate=0.1, weight_decay=0.5).optimizer_for(moved)
    before = {key: p.detach().clone() for key, p in moved.named_parameters()}
    for p in moved.parameters():
        p.grad = torch.zeros_like(p)
    optimizer.step()
    kept = {key for key, p in moved.named_parameters() if torch.equal(p, before[key])}
    assert kept == {"0.bias", "2.weight", "2.bias", "4.bias"}


def test_decay_of_adamw_does_not_go_through_the_gradient() -> None:
    moved = nn.Linear(2, 2)
    before = moved.weight.detach().clone()
    moved.weight.grad = torch.zeros_like(moved.weight)
    Descent(optimizer="adamw", rate=0.1, weight_decay=0.5).optimizer_for(moved).step()
    torch.testing.assert_close(moved.weight.detach(), before * (1 - 0.1 * 0.5))


def test_frozen_parameters_and_networks_without_biases() -> None:
    moved = network()
    for p in moved[0].parameters():  # type: ignore[index]
        p.requires_grad_(False)
    held = [p for group in Descent().optimizer_for(moved).param_groups for p in group["params"]]
    assert {id(p) for p in held} == {id(p) for p in moved.parameters() if p.requires_grad}
    assert len(Descent().optimizer_for(nn.Linear(2, 2, bias=False)).param_groups) == 1


@pytest.mark.parametrize("clip", [0.05, 1e6])
def test_clip_scales_the_whole_gradient_to_the_norm(clip: float) -> None:
    theirs, ours = network(), network()
    norms: list[float] = []

    def by_hand(step: int) -> None:
        gradients = [p.grad for p in theirs.parameters()]
        norm = torch.sqrt(sum((g.double() ** 2).sum() for g in gradients)).item()  # type: ignore[union-attr, arg-type]
        norms.append(norm)
        for gradient in gradients:
            gradient.mul_(min(1.0, clip / norm))  # type: ignore[union-attr]

    expected = descend(theirs, torch.optim.SGD(theirs.parameters(), lr=0.02), by_hand)
    descent = Descent(optimizer="sgd", rate=0.02, clip=clip)
    found = descend(ours, descent.optimizer_for(ours), lambda step: descent.clip_gradients(ours))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    assert all(norm > 0.05 for norm in norms)


def test_without_clip_gradients_are_let_be() -> None:
    moved = nn.Linear(2, 2)
    moved.weight.grad = torch.full_like(moved.weight, 1e6)
    Descent().clip_gradients(moved)
    assert moved.weight.grad.eq(1e6).all()


def test_set_rate_follows_the_schedule_in_every_group() -> None:
    descent = Descent(rate=0.5, schedule="cosine", final=0.1, warmup=0.2)
    optimizer = descent.optimizer_for(network())
    for progress, share in ((0.0, 0.04), (0.1, 0.52), (0.2, 1.0), (0.6, 0.55), (1.0, 0.1)):
        assert descent.set_rate(optimizer, progress) == pytest.approx(0.5 * share)
        assert {group["lr"] for group in optimizer.param_groups} == {descent.set_rate(optimizer, progress)}
    usual = Descent(optimizer="sgd", schedule="constant")
    assert usual.set_rate(usual.optimizer_for(network()), 0.4) == OPTIMIZERS["sgd"].rate


@pytest.mark.parametrize(
    "values",
    [
        {"optimizer": "adamm"},
        {"rate": 0.0},
        {"rate": float("nan")},
        {"momentum": 1.0},
        {"weight_decay": -0.1},
        {"schedule": "cosin"},
        {"warmup": 1.0},
        {"final": 0.0},
        {"clip": 0.0},
    ],
)
def test_options_out_of_range_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageProblem):
        check(Descent, values)
