"""What holds for every network, task, learner and source."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from neocog.data.family import items_of
from neocog.fit.history import Outcome
from neocog.fit.loop import fit
from neocog.fit.plan import BEGINNING, Plan, Start
from neocog.runs.build import predictions
from neocog.runs.checkpoints import Checkpoint, load_newest, save_checkpoint
from table import ROWS, Case, Row

STEPS = 7
BATCHES_BY_HEART = 300


def rows_for(law: str) -> Any:
    return pytest.mark.parametrize("row", [row for row in ROWS if law not in row.meaningless], ids=str)


def weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def same(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def train(made: Case, seed: int, steps: int = STEPS, start: Start = BEGINNING, until: int | None = None) -> Case:
    plan = Plan(steps, seed, evaluate_every=3, log_every=2)
    cut = [lambda row: Outcome.INTERRUPTED if row.step == until else None]
    fit(made.learner, made.source, plan, start=start, evaluate=lambda network: {"score": 0.0}, observers=cut)
    return made


def snapshot(made: Case, folder: Path, step: int) -> None:
    state: dict[str, Any] = {name: part.state_dict() for name, part in made.learner.parts().items()}
    save_checkpoint(folder, "last", Checkpoint(step, {**state, "random": torch.get_rng_state()}))


def go_on(row: Row, seed: int, folder: Path, *, forget: str = "") -> Case:
    """A fresh case with the checkpoint's state, less one part; trained to the end."""
    made = row.build(seed)
    checkpoint, _ = load_newest(folder, "last")
    assert checkpoint is not None
    for name, part in made.learner.parts().items():
        if name != forget:
            part.load_state_dict(checkpoint.state[name])
    if forget != "random":
        torch.set_rng_state(checkpoint.state["random"])
    return train(made, seed, start=Start(checkpoint.step))


@rows_for("seed")
def test_same_seed_same_weights_other_seed_others(row: Row) -> None:
    first, again, other = (weights(train(row.build(seed), seed).learner.network) for seed in (1, 1, 2))
    assert same(first, again)
    assert not same(first, other)


@rows_for("resume")
@pytest.mark.parametrize("cut", [1, 3, 5])
def test_stopped_and_resumed_is_never_stopped(row: Row, cut: int, tmp_path: Path) -> None:
    whole = weights(train(row.build(1), 1).learner.network)
    snapshot(train(row.build(1), 1, until=cut), tmp_path, cut)
    assert same(weights(go_on(row, 1, tmp_path).learner.network), whole)


@pytest.mark.parametrize("row", [row for row in ROWS if row.kind == "learner"], ids=str)
def test_control_a_forgotten_part_shows_after_resume(row: Row, tmp_path: Path) -> None:
    whole = weights(train(row.build(1), 1).learner.network)
    snapshot(train(row.build(1), 1, until=3), tmp_path, 3)
    for forgotten in (*row.build(1).learner.parts(), "random"):
        assert not same(weights(go_on(row, 1, tmp_path, forget=forgotten).learner.network), whole), forgotten


@rows_for("batch")
def test_a_prediction_does_not_depend_on_the_batch(row: Row) -> None:
    made = train(row.build(1), 1)
    network = made.learner.network.eval()
    (batch,) = made.still.batches(0, 0)
    together, alone = made.task.meter(), made.task.meter()
    with torch.no_grad():
        together.update(made.task.predict(network, batch), batch)
        for row in range(batch.size):
            one = batch.select(torch.tensor([row]))
            alone.update(made.task.predict(network, one), one)
    expected, found = together.record(), alone.record()
    assert expected.keys() == found.keys()
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-4, atol=1e-5)


@rows_for("heart")
def test_one_batch_is_learnt_by_heart(row: Row) -> None:
    made = row.build(1)
    batch = next(iter(made.source.batches(0, 0)))
    before = _loss_without_noise(made, batch, row.by_heart)
    for step in range(BATCHES_BY_HEART):
        made.learner.step(batch, step / BATCHES_BY_HEART)
    assert _loss_without_noise(made, batch, row.by_heart) < 0.1 * before


def _loss_without_noise(made: Case, batch: Any, name: str) -> float:
    network = made.learner.network.eval()
    meter = made.task.meter()
    with torch.no_grad():
        meter.update(made.task.predict(network, batch), batch)
    return made.task.scores(meter.record())[name]


@rows_for("frozen")
def test_parameters_not_meant_to_move_do_not(row: Row) -> None:
    made = row.build(1)
    inner = made.learner.parts()["network"]
    assert isinstance(inner, nn.Module)
    name, frozen = next(iter(inner.named_parameters()))
    frozen.requires_grad_(False)
    before = weights(inner)
    after = weights(train(made, 1).learner.parts()["network"])  # type: ignore[arg-type]
    assert torch.equal(before[name], after[name])
    others = [key for key, _ in inner.named_parameters() if key != name]
    assert any(not torch.equal(before[key], after[key]) for key in others)


@rows_for("load")
def test_saved_and_loaded_predicts_the_same(row: Row, tmp_path: Path) -> None:
    made = train(row.build(1), 1)
    save_checkpoint(tmp_path, "best", Checkpoint(STEPS, {"network": made.learner.network.state_dict()}))
    fresh = row.build(2)
    checkpoint, _ = load_newest(tmp_path, "best")
    assert checkpoint is not None
    untrained = predictions(fresh.task, fresh.learner.network, fresh.still)
    fresh.learner.network.load_state_dict(checkpoint.state["network"])
    expected = predictions(made.task, made.learner.network, made.still)
    found = predictions(fresh.task, fresh.learner.network, fresh.still)
    assert all(np.array_equal(expected[name], found[name]) for name in expected)
    assert any(not np.array_equal(expected[name], untrained[name]) for name in expected)


@rows_for("headline")
def test_the_headline_is_always_there(row: Row) -> None:
    made = row.build(1)
    record = predictions(made.task, made.learner.network, made.still)
    assert made.task.headline.name in made.task.scores(record)
    one = next(iter(made.still.batches(0, 0))).select(torch.tensor([0]))
    meter = made.task.meter()
    with torch.no_grad():
        meter.update(made.task.predict(made.learner.network.eval(), one), one)
    assert np.isfinite(made.task.scores(meter.record())[made.task.headline.name])


@rows_for("items")
def test_the_headline_is_the_mean_of_its_items(row: Row) -> None:
    made = row.build(1)
    record = predictions(made.task, made.learner.network, made.still)
    scores = made.task.item_scores(record)
    assert scores.shape == (items_of(made.data, "test"),)
    assert scores.mean() == pytest.approx(made.task.scores(record)[made.task.headline.name])


@rows_for("restored")
@pytest.mark.parametrize("training", [True, False])
def test_looking_changes_neither_mode_nor_weights_nor_random_state(row: Row, training: bool) -> None:
    made = train(row.build(1), 1)
    network = made.learner.network.train(training)
    before, random = weights(network), torch.get_rng_state()
    predictions(made.task, network, made.still)
    assert network.training is training
    assert same(weights(network), before)
    assert torch.equal(torch.get_rng_state(), random)
