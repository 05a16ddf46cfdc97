"""What holds for every network, task, learner and source."""

import secrets
from pathlib import Path

import pytest
import torch
from torch import nn

from neocog.core.batch import Batch
from neocog.learners.one_loss import OneLoss
from neocog.testing import LAWS, Build, Case, LawBroken, check
from neocog.testing.check import hold
from neocog.testing.laws import go_on, same, snapshot, train, weights
from table import ROWS, Row, case

HELD = [(row, law) for row in ROWS for law in LAWS if law not in row.meaningless]


@pytest.mark.parametrize(("row", "law"), HELD, ids=lambda value: str(value))
def test_law(row: Row, law: str, tmp_path: Path) -> None:
    hold(law, row.build, tmp_path, by_heart=row.by_heart)


@pytest.mark.parametrize("row", [row for row in ROWS if row.kind == "learner"], ids=str)
def test_control_a_forgotten_part_shows_after_resume(row: Row, tmp_path: Path) -> None:
    if "resume" in row.meaningless:
        pytest.skip(row.meaningless["resume"])
    whole = weights(train(row.build(1), 1).learner.network)
    snapshot(train(row.build(1), 1, until=3), tmp_path, 3)
    for forgotten in (*row.build(1).learner.parts(), "random"):
        if forgotten not in row.unneeded:
            found = weights(go_on(row.build(1), tmp_path, forget=forgotten).learner.network)
            assert not same(found, whole), forgotten


class Restless(nn.Module):
    """A network that adds noise and lets items see each other."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits that depend on chance and on the whole batch."""
        logits = self.inner(images)
        return logits + 0.1 * torch.randn_like(logits) + images.mean()


def restless(seed: int) -> Case:
    made = case(seed)
    network = Restless(made.learner.network)
    return Case(made.data, made.task, made.task.learner(network), made.source, made.still)


class Forgetful(OneLoss[Batch]):
    """A learner whose checkpoint lacks the optimizer."""

    def parts(self):  # type: ignore[no-untyped-def]
        return {"network": self.network}


def forgetful(seed: int) -> Case:
    made = case(seed)
    learner = Forgetful(made.learner.network, made.task.loss, made.task.descent)  # type: ignore[attr-defined]
    return Case(made.data, made.task, learner, made.source, made.still)


def unseeded(seed: int) -> Case:
    return case(secrets.randbelow(2**31))


@pytest.mark.parametrize(
    ("law", "build"),
    [("batch", restless), ("restored", restless), ("load", restless), ("resume", forgetful), ("seed", unseeded)],
)
def test_control_a_broken_law_is_noticed(law: str, build: Build, tmp_path: Path) -> None:
    with pytest.raises(LawBroken):
        hold(law, build, tmp_path)


def test_control_frozen_parameters_that_move_are_noticed(tmp_path: Path) -> None:
    class Pushing(OneLoss[Batch]):
        def step(self, batch, progress):  # type: ignore[no-untyped-def]
            numbers = super().step(batch, progress)
            with torch.no_grad():
                for parameter in self.network.parameters():
                    parameter.add_(0.01)
            return numbers

    def build(seed: int) -> Case:
        made = case(seed)
        learner = Pushing(made.learner.network, made.task.loss, made.task.descent)  # type: ignore[attr-defined]
        return Case(made.data, made.task, learner, made.source, made.still)

    with pytest.raises(LawBroken, match="needs no gradient"):
        hold("frozen", build, tmp_path)


def test_check_names_the_laws_that_hold_and_all_that_do_not() -> None:
    assert check(case) == list(LAWS)
    with pytest.raises(LawBroken, match=r"resume: .*"):
        check(forgetful, meaningless={"heart": "it takes long, and says nothing here"})
    with pytest.raises(ValueError, match="did you mean `heart`"):
        check(case, meaningless={"hearts": "no such law"})
    with pytest.raises(ValueError, match="no reason"):
        check(case, meaningless={"heart": " "})
