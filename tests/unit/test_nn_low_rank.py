"""Low-rank adapters: nothing changes at first, the change has the rank, merged equals unmerged."""

import pytest
import torch
from torch import nn

from neocog.nn.low_rank import LowRank, adapt, adapters, merged


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 6, 3, padding=1),
        nn.Conv2d(6, 6, 3, groups=6),
        nn.BatchNorm2d(6),
        nn.Conv2d(6, 8, 1, bias=False),
        nn.Flatten(),
        nn.Linear(8 * 16, 5),
        nn.Linear(5, 3),
    ).eval()


def test_nothing_changes_at_first() -> None:
    plain, adapted = network(), network()
    assert adapt(adapted, 2, leave_out=adapted[6]) == 3
    images = torch.randn(2, 2, 6, 6)
    assert torch.equal(adapted(images), plain(images))
    assert len(adapters(adapted)) == 6
    moving = [name for name, p in adapted.named_parameters() if p.requires_grad]
    assert "6.weight" in moving and "0.parametrizations.weight.original" not in moving


@pytest.mark.parametrize("rank", [1, 3, 1000])
def test_the_change_has_the_rank_and_is_that_of_the_paper(rank: int) -> None:
    weight = torch.randn(6, 4, 3, 3, dtype=torch.float64)
    change = LowRank(weight, rank)
    nn.init.normal_(change.up)
    nn.init.normal_(change.down)
    found = (change(weight) - weight).reshape(6, -1)
    assert torch.linalg.matrix_rank(found) == min(rank, 6)
    torch.testing.assert_close(found, change.up @ change.down)


def test_merged_equals_unmerged() -> None:
    adapted, plain = network(), network()
    adapt(adapted, 2)
    for p in adapters(adapted):
        nn.init.normal_(p)
    images = torch.randn(2, 2, 6, 6)
    state = merged(adapted.state_dict())
    assert state.keys() == plain.state_dict().keys()
    before = plain(images)
    plain.load_state_dict(state)
    torch.testing.assert_close(plain(images), adapted(images), rtol=1e-5, atol=1e-4)
    assert not torch.allclose(before, plain(images), rtol=1e-2)


def test_a_state_without_adapters_is_as_it_was() -> None:
    state = network().state_dict()
    assert merged(state).keys() == state.keys()
    assert all(merged(state)[key] is state[key] for key in state)
