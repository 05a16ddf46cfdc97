"""Trained runs on perturbed items, block by block, so that one can stop at any time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from neocog.audit.equivariance import MapErrors, Step, map_errors
from neocog.audit.perturbations import PERTURBATIONS, Items, perturbed
from neocog.core.progress import AbstractProgress
from neocog.core.seeds import stream
from neocog.data.images import ImageBatch, ImageData
from neocog.data.preparation import Preparation
from neocog.measures.invariance import same_class, total_variation
from neocog.measures.stratified import stratified_order
from neocog.nn.at_least import EnlargeTo
from neocog.runs.predictor import Predictor
from neocog.runs.weights import as_expected
from neocog.tasks.task import Record

FEWEST = 2
_FIRST_BLOCK, _LARGEST_BLOCK = 20, 500
_OF_WHAT_IS_LEFT = 0.6  # of the time that is left goes to the next block, which may be slower than those before
_MAP_ITEMS = 32


@dataclass(frozen=True)
class TrainedRun:
    """One run with its network, and what it said of the intact test items when it was scored."""

    label: str
    seed: int
    predictor: Predictor
    record: Record

    @cached_property
    def preparation(self) -> Preparation:
        """How images are normalised for it."""
        expected = as_expected(self.predictor.like, self.predictor.experiment.start)
        assert isinstance(expected, ImageData), "tasks that perturb have images"
        return expected.preparation

    def says(self, images: Float[Tensor, "n c h w"], labels: Int[Tensor, "n"], rows: Int[Tensor, "n"]) -> Record:
        """The task's record of images whose values go from 0 to 1."""
        predictor, meter = self.predictor, self.predictor.task.meter()
        engine = predictor.experiment.engine
        batch = ImageBatch(self.preparation.standardise(images), labels, rows).to(engine.device)
        with engine.active(), torch.inference_mode():
            meter.update(predictor.task.predict(predictor.network, batch), batch)
        return meter.record()

    def scored(self, record: Record) -> np.ndarray:
        """The headline, item by item."""
        return self.predictor.task.item_scores(record)

    def maps(self, images: Float[Tensor, "n c h w"]) -> dict[str, MapErrors]:
        """How far its maps are from moving along with the images; empty for a network without maps."""
        device = self.predictor.experiment.engine.device
        network: Any = self.predictor.network
        declared = getattr(network, "strides", {})
        if not declared:
            return {}
        larger = next((layer.factor for layer in network.modules() if isinstance(layer, EnlargeTo)), 1)

        def features(units: Tensor) -> Mapping[str, Tensor]:
            found: Mapping[str, Tensor] = network.features(self.preparation.standardise(units))
            return found

        return map_errors(features, images.to(device), {name: step_of(each, larger) for name, each in declared.items()})


def step_of(stride: int, larger: int) -> Step:
    """The smallest shift of an image by whole pixels that moves a map by whole cells.

    Args:
        stride: pixels of the enlarged image per cell.
        larger: how often the network repeats each pixel first.
    """
    pixels_per_cell = Fraction(stride, larger)
    return Step(pixels_per_cell.numerator, pixels_per_cell.denominator)


class Cell(NamedTuple):
    """What is measured of one run at one strength of one change."""

    change: str
    level: int
    run: int


@dataclass(frozen=True)
class Probe:
    """What is done to which items: strengths by change (without the intact image), and how many items at most."""

    data: ImageData
    levels: Mapping[str, tuple[float, ...]]
    most: int
    seed: int

    @cached_property
    def order(self) -> np.ndarray:
        """Rows of the test part, of which any beginning is a stratified draw."""
        return stratified_order(np.asarray(self.data.test.labels, dtype=np.int64), self.seed)[: self.most]

    def images(self, rows: np.ndarray) -> Float[Tensor, "n c h w"]:
        """Prepared, not normalised: 0 to 1."""
        return self.data.preparation.to_unit(torch.from_numpy(np.asarray(self.data.test.images[rows])))

    def changed(
        self, images: Float[Tensor, "n c h w"], rows: np.ndarray, change: str, strength: float, way: int
    ) -> Float[Tensor, "n c h w"]:
        """The images at one strength of one change; the same for every network."""
        key = stream(self.seed, "sensitivity", change)
        return perturbed(images, change, strength, way, Items(torch.from_numpy(rows), key, self.data.preparation.mean))

    def passes(self) -> int:
        """How often each network sees each item."""
        return 1 + sum(len(levels) * PERTURBATIONS[name].ways for name, levels in self.levels.items())


@dataclass
class Measured:
    """What came out, for the first ``items`` rows of the probe's order.

    ``scores``, ``same`` and ``distance`` hold one number per item, averaged over directions; ``maps`` the errors of
    each run; ``strayed`` counts the items on which intact images are answered otherwise than when a run was scored.
    """

    scores: dict[Cell, list[np.ndarray]] = field(default_factory=dict)
    same: dict[Cell, list[np.ndarray]] = field(default_factory=dict)
    distance: dict[Cell, list[np.ndarray]] = field(default_factory=dict)
    maps: list[dict[str, MapErrors]] = field(default_factory=list)
    strayed: int = 0
    items: int = 0


def measure(probe: Probe, runs: list[TrainedRun], deadline: float | None, progress: AbstractProgress) -> Measured:
    """Score all runs on all perturbed items, in blocks of items; stops before the deadline, after one block at least.

    Args:
        probe: what is done.
        runs: the trained networks.
        deadline: by ``time.perf_counter``.
        progress: told how many items are done.
    """
    found = Measured()
    some = probe.order[:_MAP_ITEMS]
    found.maps = [run.maps(probe.images(some)) for run in runs]
    progress.start("perturbed items", len(probe.order), "items")
    for rows in _blocks(probe.order, deadline):
        _measure_block(probe, runs, np.ascontiguousarray(rows), found)
        found.items += len(rows)
        progress.advance(found.items)
    progress.end()
    return found


def _blocks(order: np.ndarray, deadline: float | None) -> Iterator[np.ndarray]:
    """Blocks of rows, the first small; the next ones by how long those before took."""
    begun, done, size = perf_counter(), 0, _FIRST_BLOCK if deadline is not None else _LARGEST_BLOCK
    while done < len(order):
        yield order[done : done + size]
        done = min(len(order), done + size)
        if deadline is not None:
            each, left = (perf_counter() - begun) / done, deadline - perf_counter()
            size = min(_LARGEST_BLOCK, int(_OF_WHAT_IS_LEFT * left / each))
            if size < FEWEST:
                return


def _measure_block(probe: Probe, runs: list[TrainedRun], rows: np.ndarray, found: Measured) -> None:
    images, places = probe.images(rows), torch.from_numpy(rows)
    labels = torch.from_numpy(np.asarray(probe.data.test.labels[rows], dtype=np.int64))
    intact = [{name: values[rows] for name, values in run.record.items()} for run in runs]
    for number, run in enumerate(runs):
        now = run.scored(run.says(images, labels, places))
        found.strayed += int(np.count_nonzero(now != run.scored(intact[number])))
        for change in probe.levels:
            _add(found, Cell(change, 0, number), run, intact[number], [intact[number]])
    for change, levels in probe.levels.items():
        for level, strength in enumerate(levels, start=1):
            said: list[list[Record]] = [[] for _ in runs]
            for way in range(PERTURBATIONS[change].ways):
                there = probe.changed(images, rows, change, strength, way)
                for number, run in enumerate(runs):
                    said[number].append(run.says(there, labels, places))
            for number, run in enumerate(runs):
                _add(found, Cell(change, level, number), run, intact[number], said[number])


def _add(found: Measured, cell: Cell, run: TrainedRun, intact: Record, said: list[Record]) -> None:
    """Averages over directions, item by item."""
    before = intact["probabilities"]
    after = [record["probabilities"] for record in said]
    values: tuple[tuple[dict[Cell, list[np.ndarray]], Callable[[], list[np.ndarray]]], ...] = (
        (found.scores, lambda: [run.scored(record) for record in said]),
        (found.same, lambda: [same_class(before, each) for each in after]),
        (found.distance, lambda: [total_variation(before, each) for each in after]),
    )
    for kept, of_ways in values:
        kept.setdefault(cell, []).append(np.mean(of_ways(), axis=0))
