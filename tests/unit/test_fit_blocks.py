"""Frozen blocks stay as they are, thaw from the last to the first, and earlier ones move more slowly."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Vector
from neocog.fit.blocks import blocks_of, frozen_blocks, hold_still
from neocog.fit.descent import Descent
from neocog.networks.mlp import MLP
from neocog.networks.resnet import ResNet
from neocog.nn.low_rank import adapt, adapters

NAMES = ["stem.convolution", "stages.stage1.0", "stages.stage2.0", "stages.stage3.0"]


def network() -> ResNet:
    torch.manual_seed(0)
    return ResNet(Image(1, 8, 8), Vector(3), depth=8, width=4)


def state(moved: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in moved.state_dict().items()}


def moved_blocks(descent: Descent, moved: nn.Module, shares: tuple[float, ...] = (0.0,)) -> set[str]:
    """The blocks (and the head) of which anything changed, running statistics included."""
    before = state(moved)
    optimizer = descent.optimizer_for(moved)
    generator = torch.Generator().manual_seed(1)
    for share in shares:
        moved.train()
        descent.set_rate(optimizer, share)
        optimizer.zero_grad(set_to_none=True)
        moved(torch.randn(4, 1, 8, 8, generator=generator)).square().mean().backward()
        optimizer.step()
    assert moved.training and all(module.training for module in moved.modules())
    changed = [key for key, value in state(moved).items() if not torch.equal(value, before[key])]
    return {next((n for n in NAMES if key.startswith(n)), key.split(".")[0]) for key in changed}


def test_blocks_in_order() -> None:
    blocks = blocks_of(network())
    assert [block.name for block in blocks] == NAMES
    held = [p for block in blocks for p in block.parameters]
    made = network()
    assert len(held) == len(list(made.parameters())) - len(list(made.head.parameters()))
    assert [b.name for b in blocks_of(MLP(Image(1, 4, 4), Vector(2), widths=(8, 4)))] == [
        "body.flatten",
        "body.dense2",
    ]


@pytest.mark.parametrize(
    ("freeze", "moving"),
    [
        ("none", {*NAMES, "head", "stem"}),
        ("0", {*NAMES, "head", "stem"}),
        ("2", {*NAMES[2:], "head"}),
        ("backbone", {"head"}),
    ],
)
def test_what_is_frozen_does_not_move_and_the_rest_does(freeze: str, moving: set[str]) -> None:
    assert moved_blocks(Descent(freeze=freeze), network()) == moving


def test_blocks_thaw_from_the_last_to_the_first() -> None:
    """Four blocks over the second half: at .5, .625, .75 and .875; a control just before each."""
    descent = Descent(freeze="backbone", unfreeze=0.5)
    for share, moving in (
        (0.0, set()),
        (0.49, set()),
        (0.5, {*NAMES[3:]}),
        (0.74, {*NAMES[2:]}),
        (0.75, {*NAMES[1:]}),
        (0.88, {*NAMES, "stem"}),
    ):
        assert moved_blocks(descent, network(), (share,)) == {*moving, "head"}, share


def test_a_thawed_block_goes_on_like_one_that_was_never_frozen() -> None:
    """Its first step is the first of an optimizer that begins then."""
    thawed, free = network(), network()
    moved_blocks(Descent(freeze="1", unfreeze=0.0), thawed)
    moved_blocks(Descent(), free)
    torch.testing.assert_close(state(thawed), state(free))


@pytest.mark.parametrize("freeze", ["none", "2"])
def test_rates_fall_towards_the_first_block(freeze: str) -> None:
    descent = Descent(rate=1.0, schedule="constant", layer_decay=0.5, freeze=freeze)
    made = network()
    optimizer = descent.optimizer_for(made)
    descent.set_rate(optimizer, 0.0)
    rates = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    assert rates[id(made.head.output.weight)] == 1.0
    found = [{rates.get(id(p)) for p in block.parameters} for block in blocks_of(made)]
    expected: list[set[Any]] = [{0.0625}, {0.125}, {0.25}, {0.5}]
    assert found == ([{None}, {None}] if freeze == "2" else expected[:2]) + expected[2:]


def test_without_these_options_the_groups_are_as_ever() -> None:
    made = network()
    first, second = Descent().optimizer_for(made).param_groups
    assert "share" not in first and "begins" not in first
    assert len(first["params"]) + len(second["params"]) == len(list(made.parameters()))


def test_a_held_block_computes_as_in_prediction_and_its_mode_is_restored() -> None:
    made = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5))
    block = type(blocks_of(network())[0])("all", tuple(made))
    items = torch.randn(5, 3)
    expected = copy.deepcopy(made).eval()(items)
    hold_still(block)
    free = made(items)
    assert not torch.equal(free, expected) and made[0].num_batches_tracked == 1
    for p in made.parameters():
        p.requires_grad_(False)
    made[0].reset_running_stats()
    twin = copy.deepcopy(made)
    for each in (made, twin):
        assert torch.equal(each(items), expected) and each[0].training and each[1].training
    for p in twin.parameters():
        p.requires_grad_(True)
    assert not torch.equal(twin(items), expected)
    assert torch.equal(made(items), expected)


def test_a_held_block_that_raises_is_in_its_mode_again() -> None:
    made = nn.Sequential(nn.Linear(2, 2))
    made[0].requires_grad_(False)
    hold_still(type(blocks_of(network())[0])("all", tuple(made)))
    with pytest.raises(RuntimeError):
        made(torch.ones(1, 3))
    assert made[0].training


@pytest.mark.parametrize("held", [True, False])
def test_statistics_of_batch_norm_can_be_kept_while_its_weights_move(held: bool) -> None:
    made = network()
    before = state(made)
    expected = copy.deepcopy(made).eval()(torch.ones(2, 1, 8, 8))
    optimizer = Descent(freeze_norms=held).optimizer_for(made)
    found = made(torch.ones(2, 1, 8, 8))
    assert torch.equal(found, expected) is held
    found.square().mean().backward()
    optimizer.step()
    changed = {key.split(".")[-1] for key, value in state(made).items() if not torch.equal(value, before[key])}
    assert ("running_var" in changed) is not held
    assert {"weight", "bias"} <= changed


@pytest.mark.parametrize("freeze", ["5", "-1", "backbon", "1.5", ""])
def test_a_freeze_that_names_nothing(freeze: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        frozen_blocks(network(), freeze)
    assert caught.value.code == "option-value" and NAMES[1] in caught.value.where[0]


def test_without_a_head_there_is_no_body() -> None:
    with pytest.raises(UsageProblem) as caught:
        Descent(freeze="backbone").optimizer_for(nn.Linear(2, 2))
    assert caught.value.code == "freeze-without-head"


def test_adapters_learn_while_what_they_stand_beside_does_not() -> None:
    made = network()
    assert adapt(made, 2, leave_out=made.head) == 7
    before = state(made)
    descent = Descent(freeze="backbone", rate=0.1)
    optimizer = descent.optimizer_for(made)
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    assert held == {id(p) for p in [*adapters(made), *made.head.parameters()]}
    for _ in range(2):
        made.train()
        optimizer.zero_grad()
        made(torch.randn(4, 1, 8, 8)).square().mean().backward()
        optimizer.step()
    changed = {key for key, value in state(made).items() if not torch.equal(value, before[key])}
    assert {key.split(".")[-1] for key in changed if not key.startswith("head.")} == {"up", "down"}
    assert any(key.startswith("head.") for key in changed)
