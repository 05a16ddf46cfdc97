"""Auxiliary heads: in the loss while training, nowhere else."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from neocog.core.shapes import Image, Vector
from neocog.data.images import ImageBatch
from neocog.networks.googlenet import GoogLeNet
from neocog.networks.inception_v3 import InceptionV3
from neocog.networks.network import AbstractNetwork
from neocog.nn.auxiliary import weighted_outputs
from table import case

HELPERS = {GoogLeNet: 2, InceptionV3: 1}
TAKES = Image(1, 12, 12)


def made(kind: type[AbstractNetwork], **options: float) -> AbstractNetwork:
    torch.manual_seed(0)
    return kind(TAKES, Vector(3), stem="small", width=0.0625, dropout=0.0, **options)  # type: ignore[call-arg]


def still(network: nn.Module) -> nn.Module:
    """Without the dropout inside the auxiliary heads, so that two passes agree."""
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    return network


@pytest.mark.parametrize("kind", HELPERS)
def test_heads_are_there_in_training_only(kind: type[AbstractNetwork]) -> None:
    network, images = made(kind), torch.randn(4, *TAKES.axes)
    outputs = weighted_outputs(network.train(), images)
    assert [weight for weight, _ in outputs] == [1.0] + [0.3] * HELPERS[kind]
    assert all(logits.shape == (4, 3) for _, logits in outputs)
    ((weight, logits),) = weighted_outputs(network.eval(), images)
    assert weight == 1 and torch.equal(logits, network(images))


@pytest.mark.parametrize("kind", HELPERS)
def test_weight_zero_leaves_them_out(kind: type[AbstractNetwork]) -> None:
    network = made(kind, auxiliary=0.0)
    assert not any("aux" in name for name in network.state_dict())
    assert len(weighted_outputs(network.train(), torch.randn(4, *TAKES.axes))) == 1
    with_heads = made(kind)
    assert len(with_heads.state_dict()) > len(network.state_dict())


@pytest.mark.parametrize("kind", HELPERS)
def test_the_last_head_says_the_same_with_helpers(kind: type[AbstractNetwork]) -> None:
    network, images = still(made(kind)).train(), torch.randn(4, *TAKES.axes)
    torch.testing.assert_close(weighted_outputs(network, images)[0][1], network(images), rtol=0, atol=0)


def test_the_loss_of_classification_is_the_weighted_sum() -> None:
    task = case(0).task
    batch = ImageBatch(torch.randn(6, *TAKES.axes), torch.arange(6) % 3, torch.arange(6))
    network = still(made(GoogLeNet)).train()
    last, *helpers = (
        nn.functional.cross_entropy(logits, batch.labels) for _, logits in weighted_outputs(network, batch.images)
    )
    expected = last + 0.3 * helpers[0] + 0.3 * helpers[1]
    torch.testing.assert_close(task.loss(network, batch).total, expected)  # type: ignore[attr-defined]
    smooth = replace(task, smoothing=0.5)  # type: ignore[type-var]
    assert not torch.allclose(smooth.loss(network, batch).total, expected)


def test_helpers_move_while_training_and_are_moved_by_nothing_else() -> None:
    task = case(0).task
    batch = ImageBatch(torch.randn(6, *TAKES.axes), torch.arange(6) % 3, torch.arange(6))
    network = made(GoogLeNet).train()
    task.loss(network, batch).total.backward()  # type: ignore[attr-defined]
    assert all(parameter.grad is not None for parameter in network.parameters())
    network.zero_grad(set_to_none=True)
    network(batch.images).sum().backward()
    without = {name for name, parameter in network.named_parameters() if parameter.grad is None}
    assert without == {name for name, _ in network.named_parameters() if name.startswith("auxiliary.")}


def test_a_network_without_helpers_is_asked_once() -> None:
    calls = []
    network = nn.Linear(3, 2)
    network.register_forward_hook(lambda *_: calls.append(1))
    ((weight, _),) = weighted_outputs(network.train(), torch.randn(1, 3))
    assert weight == 1 and len(calls) == 1
