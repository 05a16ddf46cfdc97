"""What holds for every network, task, learner and source; each law is a function that raises ``LawBroken``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from neocog.data.family import items_of
from neocog.fit.history import Outcome
from neocog.fit.loop import fit
from neocog.fit.plan import BEGINNING, Plan, Start
from neocog.runs.build import predictions
from neocog.runs.checkpoints import Checkpoint, load_newest, save_checkpoint
from neocog.testing.case import Build, Case

STEPS = 7
CUTS = (1, 3, 5)
BATCHES_BY_HEART = 300
LEFT_BY_HEART = 0.1
CLOSE, CLOSE_ABSOLUTE = 1e-4, 1e-5


class LawBroken(AssertionError):
    """A law does not hold; the message says which, and how it showed."""


def same_seed_same_weights(build: Build) -> None:
    """The same seed gives the same weights to the last bit, another seed gives others."""
    first, again, other = (weights(train(build(seed), seed).learner.network) for seed in (1, 1, 2))
    require(same(first, again), "two runs of one seed end with different weights: something is drawn from elsewhere")
    require(not same(first, other), "two seeds end with the same weights: the seed is not used")


def stopped_and_resumed_is_never_stopped(build: Build, folder: Path) -> None:
    """A run that is cut after 1, 3 or 5 of 7 steps and goes on from its checkpoint ends with the same bits."""
    whole = weights(train(build(1), 1).learner.network)
    for cut in CUTS:
        snapshot(train(build(1), 1, until=cut), folder, cut)
        found = weights(go_on(build(1), folder).learner.network)
        require(same(found, whole), f"cut after step {cut}, the run ends elsewhere: its parts() do not hold all it is")


def a_prediction_does_not_depend_on_the_batch(build: Build) -> None:
    """What is said of an item is the same whatever stands beside it, to rounding."""
    made = train(build(1), 1)
    network = made.learner.network.eval()
    (batch,) = made.still.batches(0, 0)
    together, alone = made.task.meter(), made.task.meter()
    with torch.no_grad():
        together.update(made.task.predict(network, batch), batch)
        for row in range(batch.size):
            one = batch.select(torch.tensor([row]))
            alone.update(made.task.predict(network, one), one)
    expected, found = together.record(), alone.record()
    require(expected.keys() == found.keys(), "the record of one item has other arrays than that of many")
    for name, array in expected.items():
        close = array.shape == found[name].shape and np.allclose(found[name], array, rtol=CLOSE, atol=CLOSE_ABSOLUTE)
        require(close, f"`{name}` of an item alone differs from `{name}` of the same item in a batch")


def one_batch_is_learnt_by_heart(build: Build, score: str = "log_loss") -> None:
    """300 steps on one batch leave at most a tenth of a score that falls, measured without noise."""
    made = build(1)
    batch = next(iter(made.source.batches(0, 0)))
    before = without_noise(made, batch)[score]
    for step in range(BATCHES_BY_HEART):
        made.learner.step(batch, step / BATCHES_BY_HEART)
    after = without_noise(made, batch)[score]
    require(after < LEFT_BY_HEART * before, f"{score} fell from {before:.4g} to {after:.4g} only: it does not learn")


def parameters_not_meant_to_move_do_not(build: Build) -> None:
    """A parameter that needs no gradient stays as it is, while others move."""
    made = build(1)
    inner = made.learner.parts()["network"]
    assert isinstance(inner, nn.Module)
    name, frozen = next(iter(inner.named_parameters()))
    frozen.requires_grad_(False)
    before = weights(inner)
    train(made, 1)
    after = weights(inner)
    require(torch.equal(before[name], after[name]), f"{name} needs no gradient, and moved")
    others = [key for key, _ in inner.named_parameters() if key != name]
    require(any(not torch.equal(before[key], after[key]) for key in others), "nothing else moved")


def saved_and_loaded_predicts_the_same(build: Build, folder: Path) -> None:
    """The weights that a checkpoint brings back say the same of every item, to the last bit."""
    made = train(build(1), 1)
    save_checkpoint(folder, "best", Checkpoint(STEPS, {"network": made.learner.network.state_dict()}))
    fresh = build(2)
    checkpoint, _ = load_newest(folder, "best")
    assert checkpoint is not None
    untrained = predictions(fresh.task, fresh.learner.network, fresh.still)
    fresh.learner.network.load_state_dict(checkpoint.state["network"])
    expected = predictions(made.task, made.learner.network, made.still)
    found = predictions(fresh.task, fresh.learner.network, fresh.still)
    require(all(np.array_equal(expected[name], found[name]) for name in expected), "what was loaded predicts otherwise")
    moved = any(not np.array_equal(expected[name], untrained[name]) for name in expected)
    require(moved, "an untrained network predicts the same: the test can show nothing")


def the_headline_is_always_there(build: Build) -> None:
    """The score that decides can be computed of all items and of a single one."""
    made = build(1)
    name = made.task.headline.name
    record = predictions(made.task, made.learner.network, made.still)
    require(name in made.task.scores(record), f"{name} is not among the scores")
    one = next(iter(made.still.batches(0, 0))).select(torch.tensor([0]))
    require(bool(np.isfinite(without_noise(made, one)[name])), f"{name} of a single item is no number")


def the_headline_is_the_mean_of_its_items(build: Build) -> None:
    """``item_scores`` has one number per test item, and their mean is the headline."""
    made = build(1)
    record = predictions(made.task, made.learner.network, made.still)
    scores, name = made.task.item_scores(record), made.task.headline.name
    items = items_of(made.data, "test")
    require(scores.shape == (items,), f"item_scores has the shape {scores.shape} for {items} test items")
    require(bool(np.isclose(scores.mean(), made.task.scores(record)[name])), f"{name} is not the mean of its items")


def looking_changes_nothing(build: Build) -> None:
    """Predicting leaves mode, weights and torch's random state as they were."""
    for training in (True, False):
        made = train(build(1), 1)
        network = made.learner.network.train(training)
        before, random = weights(network), torch.get_rng_state()
        predictions(made.task, network, made.still)
        require(network.training is training, "predicting changed the network's mode")
        require(same(weights(network), before), "predicting changed the weights")
        require(torch.equal(torch.get_rng_state(), random), "predicting drew random numbers")


def require(holds: bool, otherwise: str) -> None:
    """Raise with these words unless it holds."""
    if not holds:
        raise LawBroken(otherwise)


def weights(network: nn.Module) -> dict[str, Tensor]:
    """A copy of a network's state."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def same(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> bool:
    """Whether two states are equal to the last bit."""
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def train(made: Case, seed: int, *, start: Start = BEGINNING, until: int | None = None) -> Case:
    """Seven steps, or as many as come before the cut."""
    plan = Plan(STEPS, seed, evaluate_every=3, log_every=2)
    cut = [lambda row: Outcome.INTERRUPTED if row.step == until else None]
    fit(made.learner, made.source, plan, start=start, evaluate=lambda network: {"score": 0.0}, observers=cut)
    return made


def snapshot(made: Case, folder: Path, step: int) -> None:
    """A checkpoint as a run makes it."""
    state: dict[str, Any] = {name: part.state_dict() for name, part in made.learner.parts().items()}
    save_checkpoint(folder, "last", Checkpoint(step, {**state, "random": torch.get_rng_state()}))


def go_on(made: Case, folder: Path, *, forget: str = "", seed: int = 1) -> Case:
    """A fresh case with the checkpoint's state, less one part; trained to the end."""
    checkpoint, _ = load_newest(folder, "last")
    assert checkpoint is not None
    for name, part in made.learner.parts().items():
        if name != forget:
            part.load_state_dict(checkpoint.state[name])
    if forget != "random":
        torch.set_rng_state(checkpoint.state["random"])
    return train(made, seed, start=Start(checkpoint.step))


def without_noise(made: Case, batch: Any) -> dict[str, float]:
    """The scores of one batch in evaluation mode."""
    network = made.learner.network.eval()
    meter = made.task.meter()
    with torch.no_grad():
        meter.update(made.task.predict(network, batch), batch)
    return made.task.scores(meter.record())
