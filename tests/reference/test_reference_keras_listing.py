"""simple-cnn against the Keras listing: same weights, same output, same loss, same weights after an Adadelta step."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from neocog.core.shapes import Image, Vector
from neocog.fit.descent import Descent
from neocog.networks.simple_cnn import SimpleCNN
from neocog.nn.losses import cross_entropy

SIDE, CLASSES, ITEMS, SAMPLED = 12, 5, 6, 97
MAPS, POOLED = 32, 5
SCALES = (0.3, 0.1, 0.05, 0.1, 0.1, 0.1)
KERAS_SHAPES = ((3, 3, 1, MAPS), (MAPS,), (POOLED * POOLED * MAPS, 128), (128,), (128, CLASSES), (CLASSES,))
GOLDEN = json.loads((Path(__file__).parent / "keras" / "listing.json").read_text())


def formula(shape: tuple[int, ...], phase: float, scale: float) -> np.ndarray:
    index = np.arange(int(np.prod(shape)), dtype=np.float64)
    return (scale * np.sin(0.37 * index + phase)).reshape(shape).astype(np.float32)


def to_torch(place: int, weight: np.ndarray) -> torch.Tensor:
    """Keras's kernels, which have the channels last, in torch's order."""
    if place == 0:
        weight = weight.transpose(3, 2, 0, 1)
    elif place == 2:
        weight = weight.reshape(POOLED, POOLED, MAPS, 128).transpose(3, 2, 0, 1).reshape(128, -1)
    elif place == 4:
        weight = weight.T
    return torch.from_numpy(np.ascontiguousarray(weight))


def to_keras(place: int, weight: torch.Tensor) -> np.ndarray:
    array = weight.detach().numpy()
    if place == 0:
        return array.transpose(2, 3, 1, 0)
    if place == 2:
        return array.reshape(128, MAPS, POOLED, POOLED).transpose(2, 3, 1, 0).reshape(-1, 128)
    return array.T if place == 4 else array


def network() -> SimpleCNN:
    made = SimpleCNN(Image(1, SIDE, SIDE), Vector(CLASSES))
    with torch.no_grad():
        for place, (parameter, shape) in enumerate(zip(made.parameters(), KERAS_SHAPES, strict=True)):
            parameter.copy_(to_torch(place, formula(shape, 1.0 + place, SCALES[place])))
    made.train()
    for module in made.modules():
        if "dropout" in type(module).__name__.lower():
            module.eval()
    return made


def one_step(made: SimpleCNN, descent: Descent) -> tuple[torch.Tensor, float]:
    images = torch.from_numpy(formula((ITEMS, 1, SIDE, SIDE), 0.5, 1.0))
    moving = descent.optimizer_for(made)
    logits = made(images)
    loss = cross_entropy(logits, torch.arange(ITEMS) % CLASSES)
    loss.backward()
    descent.set_rate(moving, 0.0)
    moving.step()
    return nn.functional.softmax(logits, 1).detach(), float(loss.detach())


DESCENTS = {
    "adadelta-keras": Descent(optimizer="adadelta-keras", schedule="constant"),
    "adadelta-keras, rate 1": Descent(optimizer="adadelta-keras", rate=1.0, schedule="constant"),
    "adadelta": Descent(optimizer="adadelta", schedule="constant"),
}


@pytest.mark.parametrize("name", DESCENTS)
def test_output_loss_and_weights_after_one_step(name: str) -> None:
    made, golden = network(), GOLDEN[name]
    outputs, loss = one_step(made, DESCENTS[name])
    np.testing.assert_allclose(outputs.numpy(), golden["outputs"], atol=1e-5)
    assert loss == pytest.approx(golden["loss"], abs=1e-5)
    for place, (parameter, expected) in enumerate(zip(made.parameters(), golden["weights"], strict=True)):
        np.testing.assert_allclose(sampled(place, parameter), expected, atol=1e-5)


def test_control_the_steps_move_weights_by_more_than_the_tolerance_and_differ() -> None:
    """With Keras's own rate of 0.001 a step is smaller than the tolerance: the rate of 1 is what tells."""
    start = [sampled(place, parameter) for place, parameter in enumerate(network().parameters())]
    for name in ("adadelta-keras, rate 1", "adadelta"):
        moved = [np.abs(a - b).max() for a, b in zip(start, GOLDEN[name]["weights"], strict=True)]
        assert min(moved) > 1e-4
    pairs = zip(GOLDEN["adadelta-keras, rate 1"]["weights"], GOLDEN["adadelta"]["weights"], strict=True)
    assert min(np.abs(np.subtract(a, b)).max() for a, b in pairs) > 1e-4


def sampled(place: int, parameter: torch.Tensor) -> np.ndarray:
    flat = to_keras(place, parameter).reshape(-1)
    return flat[:: max(1, len(flat) // SAMPLED)]
