"""What is tried in each simulated comparison: a cell in, one array per question out, with one entry per comparison."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from scipy import special, stats
from verdict_world import Cell, bca_bootstrap, items_only, pooled_unpaired, seeds_only

from neocog.measures.components import components
from neocog.measures.groups import by_group
from neocog.measures.intervals import FEW_ITEMS, FEW_RUNS
from neocog.measures.item_scores import brier_items, log_loss_items
from neocog.measures.jackknife import auc_items, balanced_accuracy_items, macro_f1_items
from neocog.measures.looks import Looks
from neocog.measures.need import MOST_ITEMS, MOST_SEEDS, Amount
from neocog.measures.pair import Pair, pair_of
from neocog.measures.power import POWER, Plan, power
from neocog.measures.sources import Sources
from neocog.measures.verdict import verdicts

Trials = dict[str, np.ndarray]
ALPHA = 0.05
OVERCONFIDENT = 3.0  # times as sure as would be right: the tails of its log-loss are heavy


def pair(a: np.ndarray, b: np.ndarray, margin: float = 0.0) -> Pair:
    """Two networks, as the procedure sees a single pair."""
    return pair_of(("a", "b"), components(a), components(b), margin, "seeds and items")


def pairwise(cell: Cell, margin: float = 0.0, by_groups: bool = False) -> Trials:
    """Two networks: whether one is said to beat the other, or to tie; whether and how closely the interval covers."""
    truth = cell.accuracies[0] - cell.accuracies[1]
    groups = np.arange(cell.items) // cell.group
    rows = []
    for a, b in cell.comparisons():
        scores = (by_group(a, groups), by_group(b, groups)) if by_groups else (a, b)
        found = pair(*scores, margin)
        half = found.half(ALPHA)
        beats = found.p_beats <= ALPHA and (truth == 0 or found.difference * truth > 0)
        covered = abs(found.difference - truth) <= half
        rows.append((beats, found.p_tie <= ALPHA, covered, found.differing, half, _unfloored(found, half, *scores)))
    names = ("beats", "tie", "covered", "differing", "half", "unfloored")
    return dict(zip(names, map(np.array, zip(*rows))))


def _unfloored(found: Pair, half: float, a: np.ndarray, b: np.ndarray) -> float:
    """Half-width without the outer maximum; that with it where fewer than six items differ."""
    assert found.sources is not None
    parts = [part.mean(axis=1).var(ddof=1) / len(part) for part in (a, b)]
    variance = sum(parts) + found.sources.items / found.items
    spread = sum(part**2 / (len(y) - 1) for part, y in zip(parts, (a, b)))
    if found.differing < FEW_ITEMS or spread == 0:
        return half
    return float(stats.t.ppf(1 - ALPHA / 2, variance**2 / spread)) * math.sqrt(variance)


def family(cell: Cell, equal: int) -> Trials:
    """Networks of which the first ``equal`` are equal and the others worse: whether anything false is said."""
    wrong = []
    for arms in cell.comparisons():
        found = verdicts(dict(zip("abcdefgh", arms)), margin=0)
        alike = "abcdefgh"[:equal]
        beats = [(v.a, v.b) if v.answer == "a" else (v.b, v.a) for v in found if v.answer in ("a", "b")]
        wrong.append(any(worse in alike for _, worse in beats))
    return {"wrong": np.array(wrong)}


def usual_tests(cell: Cell, bootstrap: bool = False) -> Trials:
    """Whether the usual tests say that one of two equal networks is better."""
    found: dict[str, list[bool]] = {"seeds": [], "items": [], "pooled": [], "bootstrap": []}
    generator = np.random.default_rng(cell.seed + 1)
    for a, b in cell.comparisons():
        if bootstrap:
            low, high = bca_bootstrap(a, b, generator)
            found["bootstrap"].append(low > 0 or high < 0)
            continue
        for name, test in (("seeds", seeds_only), ("items", items_only), ("pooled", pooled_unpaired)):
            found[name].append(test(a, b) < ALPHA)
    return {name: np.array(flags) for name, flags in found.items()}


def advised(cell: Cell, margin: float) -> Trials:
    """Pairs left open: whether as many more seeds and items as the advice names settle them.

    ``ratio`` is what was named over what is needed: the least with which such a pair is settled with a chance of 80 %,
    the true difference and the true components being known (at most what the advice may name at all). Where seeds and
    items are named together, or the pilot would have done, there is no ratio.
    """
    runs, items = cell.each_runs[0], cell.items
    needed_seeds, needed_items = _truly_needed(cell, margin)
    settled, ratio, alone = [], [], []
    for a, b in replace(cell, items=(1 + MOST_ITEMS) * items, runs=(1 + MOST_SEEDS) * runs).comparisons():
        (found,) = verdicts({"a": a[:runs, :items], "b": b[:runs, :items]}, margin=margin)
        need = found.need
        if need is None or not need.possible:
            continue
        more_runs, more_items = _about(need.seeds), _about(need.items)
        part = slice(runs + more_runs), slice(items + more_items)
        settled.append(_settled(a[part], b[part], margin))
        alone.append(need.seeds is None and runs < FEW_RUNS)
        if more_items == 0 and needed_seeds:
            ratio.append(more_runs / needed_seeds)
        elif more_runs == 0 and needed_items:
            ratio.append(more_items / needed_items)
    return {"settled": np.array(settled), "ratio": np.array(ratio), "items_alone_few": np.array(alone)}


def _truly_needed(cell: Cell, margin: float) -> tuple[int, int]:
    """More seeds alone, or more items alone, with which such a pair is settled in 80 %; 0 where the pilot would do."""
    runs, items = cell.each_runs[0], cell.items
    sources, gap = _true_sources(cell), cell.accuracies[0] - cell.accuracies[1]

    def least(most: int, plan_of: Callable[[int], Plan]) -> int:
        tried = np.unique(np.geomspace(1, most + 1, 40).astype(int) - 1).tolist()
        return next((more for more in tried if power(plan_of(more), gap, margin) >= POWER), most)

    return (
        least(MOST_SEEDS * runs, lambda more: Plan(sources, (runs + more, runs + more), items, ALPHA)),
        least(MOST_ITEMS * items, lambda more: Plan(sources, (runs, runs), items + more, ALPHA)),
    )


def _true_sources(cell: Cell) -> Sources:
    """The components of the world itself: seeds as they were made, the rest from many items."""
    ((a, b),) = replace(cell, items=30_000, runs=12, times=1).comparisons()
    found = pair(a, b).sources
    assert found is not None
    first, second = cell.seed_sd if isinstance(cell.seed_sd, tuple) else (cell.seed_sd,) * 2
    return replace(found, seeds=(first**2, second**2))


def _about(amount: Amount | None) -> int:
    return 0 if amount is None else amount.about


def _settled(a: np.ndarray, b: np.ndarray, margin: float) -> bool:
    found = pair(a, b, margin)
    return min(found.p_beats, found.p_tie) <= ALPHA


def looked_twice(cell: Cell) -> Trials:
    """Half of the runs first, all where that left the pair open: whether either look says "beats"."""
    runs = cell.each_runs[0]
    either = []
    for a, b in cell.comparisons():
        for taken, part in ((1, runs // 2), (2, runs)):
            (found,) = verdicts({"a": a[:part], "b": b[:part]}, margin=0, looks=Looks(planned=2, taken=taken))
            if found.answer != "unknown":
                break
        either.append(found.answer != "unknown")
    return {"either": np.array(either)}


def planned_and_found(cell: Cell) -> Trials:
    """The power foretold from known components, and what was then found."""
    plan = Plan(_true_sources(cell), (cell.each_runs[0], cell.each_runs[1]), cell.items, ALPHA)
    planned = power(plan, cell.accuracies[0] - cell.accuracies[1])
    return pairwise(cell) | {"planned": np.array([planned])}


def margins(cell: Cell) -> Iterator[tuple[np.random.Generator, list[np.ndarray]]]:
    """How surely each run is right on each item, noise included: (runs, items) of both networks."""
    for generator, difficulties in cell.chunks():
        drawn = []
        for world, runs in zip(cell.worlds(), cell.each_runs, strict=True):
            found = world.margins(generator, difficulties, runs)
            drawn.append(found + 1.25 * special.logit(generator.random(found.shape)))
        for arms in zip(*drawn):
            yield generator, list(arms)


def tailed(cell: Cell, score: str) -> Trials:
    """Equal networks by the log-loss or Brier's score of overconfident probabilities of two classes."""
    beats = []
    measure = {"log-loss": log_loss_items, "brier": brier_items}[score]
    for _, arms in margins(cell):
        scores = []
        for arm in arms:
            right = special.expit(OVERCONFIDENT * arm / 1.25).astype(np.float32)
            truth = np.zeros(right.shape[1], dtype=np.int64)
            scores.append(np.stack([measure(np.stack([run, 1 - run], axis=1), truth) for run in right]))
        beats.append(pair(*scores).p_beats <= ALPHA)
    return {"beats": np.array(beats)}


def jackknifed(cell: Cell, score: str) -> Trials:
    """Equal networks by a score that is no mean of items: three classes of 60, 30 and 10 %."""
    beats = []
    for generator, arms in margins(cell):
        labels = generator.choice(3, cell.items, p=(0.6, 0.3, 0.1))
        others = (labels + generator.integers(1, 3, cell.items)) % 3
        scores = [np.stack([_pseudo_values(run, labels, others, score) for run in arm]) for arm in arms]
        beats.append(pair(*scores).p_beats <= ALPHA)
    return {"beats": np.array(beats)}


def _pseudo_values(margin: np.ndarray, labels: np.ndarray, others: np.ndarray, score: str) -> np.ndarray:
    if score == "AUC":
        positive = labels > 0
        return auc_items(np.where(positive, margin, -margin), positive)
    predicted = np.where(margin > 0, labels, others)
    return {"macro F1": macro_f1_items, "balanced accuracy": balanced_accuracy_items}[score](predicted, labels, 3)
