"""Gradients vanish with depth under the sigmoid, and not under ReLU."""

from dataclasses import replace

import numpy as np
import torch
from torch.nn import functional as F

from neocog.claims.claim import Claim
from neocog.claims.context import SEEDS, Context
from neocog.claims.effect import Effect, between_runs
from neocog.claims.untrained import pictures, untrained
from neocog.data.images import ImageData
from neocog.networks.mlp import MLP

DEEP, SHALLOW, WIDTH = 10, 2, 64


def measure(context: Context) -> Effect:
    """Ten hidden layers."""
    return _reach(context, DEEP)


def shallow(context: Context) -> Effect:
    """Two hidden layers."""
    return _reach(context, SHALLOW)


def _reach(context: Context, depth: int) -> Effect:
    """By how many powers of ten less the gradient shrinks from the last hidden layer to the first with ReLU."""
    data = context.images()
    norms = {name: np.array([_norms(data, name, depth, seed) for seed in SEEDS]) for name in ("relu", "sigmoid")}
    found = between_runs({name: (logs[:, 0] - logs[:, -1]).tolist() for name, logs in norms.items()})
    lines = {
        name: tuple((layer + 1.0, float(value)) for layer, value in enumerate(logs.mean(axis=0)))
        for name, logs in norms.items()
    }
    return replace(found, lines=lines, x="hidden layer", y="log10 of the gradient's norm")


def _norms(data: ImageData, activation: str, depth: int, seed: int) -> list[float]:
    """The logarithm to base ten of the norm of the gradient of each hidden layer's weights."""
    network = untrained(MLP, data, seed, widths=(WIDTH,) * depth, activation=activation, dropout=0.0)
    images = pictures(data)
    F.cross_entropy(network(images), torch.tensor(data.train.labels[: len(images)])).backward()
    layers = [layer for layer in network.body if isinstance(layer, torch.nn.Linear)]
    return [float(torch.log10(layer.weight.grad.norm())) for layer in layers if layer.weight.grad is not None]


CLAIM = Claim(
    title="With sigmoid units gradients vanish with depth; with ReLU they do not.",
    hypothesis=f"In an MLP of {DEEP} hidden layers before training, the norm of the gradient shrinks from the last "
    "hidden layer to the first by more powers of ten under the sigmoid than under ReLU; by two powers more, at least, "
    "since the sigmoid's slope is at most a quarter.",
    condition=f"{SHALLOW} hidden layers: one step back cannot cost two powers of ten.",
    source="Hochreiter 1991; Glorot and Bengio 2010; Nair and Hinton 2010, Rectified linear units",
    scale=f"digits at 8x8 pixels, hidden layers of {WIDTH} units, each with the initial weights that fit its "
    "activation, 5 seeds",
    smallest=2.0,
    unit="powers of ten",
    seconds=5,
    measure=measure,
    control=shallow,
)
