"""Tempered: the same answers, less sure."""

import torch
from torch import nn

from neocog.nn.tempered import Tempered


def test_logits_are_divided_and_their_order_stays() -> None:
    network = nn.Linear(6, 4)
    x = torch.randn(20, 6, generator=torch.Generator().manual_seed(0))
    plain, tempered = network(x), Tempered(network, 2.5)(x)
    assert torch.equal(tempered, plain / 2.5) and torch.equal(tempered.argsort(1), plain.argsort(1))
    assert (tempered.softmax(1).amax(1) < plain.softmax(1).amax(1)).all()
    assert torch.equal(Tempered(network, 1.0)(x), plain)
