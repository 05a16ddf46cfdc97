"""Is a verdict right as often as it says? Every promise of the procedure, in a world whose truth is known.

``python benchmarks/verdicts.py`` simulates thousands of comparisons (minutes to an hour, on all cores) and prints each
figure, its bound, and pass or fail; ``--rows NAME ...`` chooses, ``--quick`` draws a tenth and allows each figure two
standard errors of its own. The controls are the usual tests, which must fail. The exit status is 1 where a bound is
missed.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from verdict_trials import (
    Trials,
    advised,
    family,
    jackknifed,
    looked_twice,
    pairwise,
    planned_and_found,
    tailed,
    usual_tests,
)
from verdict_world import Cell

TIMES = 2000
GRID = [
    Cell((accuracy, accuracy), items, runs, sd, own, TIMES)
    for number, (accuracy, items, runs, sd) in enumerate(
        (accuracy, items, runs, sd)
        for accuracy in (0.90, 0.99)
        for items in (360, 1000, 10_000)
        for runs in (3, 5, 10)
        for sd in (0.0, 0.001, 0.005)
    )
    for own in ((0.5, 1.0, 1.5, 2.0)[number % 4],)
]
STRESS = Cell((0.9, 0.9), 1000, 3, (0.0002, 0.01), 1.0, TIMES)
SEEDS_DECEIVE = Cell((0.9, 0.9), 1000, 5, 0.001, 2.0, TIMES)
ITEMS_DECEIVE = Cell((0.9, 0.9), 10_000, 3, 0.005, 2.0, TIMES)
POWER = (
    (Cell((0.91, 0.89), 1000, 5, 0.001, 2.0, TIMES), 78.0),
    (Cell((0.91, 0.89), 1000, 10, 0.001, 2.0, TIMES), 86.0),
    (Cell((0.91, 0.89), 10_000, 3, 0.005, 2.0, TIMES), 80.0),
)
MARGIN = 0.01
AT_THE_MARGIN = [
    Cell((0.9 + MARGIN / 2, 0.9 - MARGIN / 2), items, runs, 0.001, own, TIMES)
    for items, runs, own in ((10_000, 3, 0.5), (10_000, 5, 1.0), (10_000, 10, 2.0))
]
PILOTS = ((1000, 3), (1000, 5), (3000, 5))
TIMES_THE_MARGIN = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was found, what it is to be, and its standard error."""

    row: str
    what: str
    found: float
    at_most: bool
    bound: float
    error: float = 0.0

    def met(self, allowance: float) -> bool:
        """Whether it keeps its bound, up to so many standard errors."""
        slack = allowance * self.error
        return self.found <= self.bound + slack if self.at_most else self.found >= self.bound - slack

    def line(self, allowance: float) -> str:
        """As text."""
        sign = "<=" if self.at_most else ">="
        said = "pass" if self.met(allowance) else "FAIL"
        return f"  {self.what:66s} {self.found:8.2f} (+-{self.error:4.2f})  {sign} {self.bound:<7g} {said}"


class Bench:
    """Where rows get their trials from: cells are run in processes, each once, with a share of the comparisons."""

    def __init__(self, pool: Executor | None, share: float) -> None:
        self.pool, self.share = pool, share
        self.known: dict[tuple[str, Cell], Trials] = {}

    def scaled(self, cell: Cell) -> Cell:
        """The cell with as many comparisons as are to be drawn."""
        return replace(cell, times=max(40, round(cell.times * self.share)))

    def run(self, trial: Callable[[Cell], Trials], cells: list[Cell]) -> list[Trials]:
        """The trials of every cell."""
        name = str(trial)
        wanted = [cell for cell in cells if (name, cell) not in self.known]
        found = (self.pool.map if self.pool else map)(trial, [self.scaled(cell) for cell in wanted])
        self.known |= {(name, cell): trials for cell, trials in zip(wanted, found)}
        return [self.known[name, cell] for cell in cells]


def share(flags: np.ndarray) -> tuple[float, float]:
    """Per cent, with the standard error."""
    mean = float(np.mean(flags)) if len(flags) else float("nan")
    return 100 * mean, 100 * float(np.sqrt(max(mean * (1 - mean), 1e-9) / max(len(flags), 1)))


def false_beats(bench: Bench) -> Iterator[Figure]:
    """Equal networks: how often one is said to beat the other."""
    found = [share(trials["beats"]) for trials in bench.run(pairwise, GRID)]
    worst = max(found)
    yield Figure("false-beats", f"worst of {len(GRID)} cells, %", worst[0], True, 6.0, worst[1])
    rates = np.array([rate for rate, _ in found])
    yield Figure("false-beats", "mean over cells, %", rates.mean(), True, 5.0, rates.std() / np.sqrt(len(rates)))
    (stress,) = bench.run(pairwise, [STRESS])
    rate, error = share(stress["beats"])
    yield Figure("false-beats", "seeds of sd 0.02 against 1.0 points, %", rate, True, 8.0, error)


def family_wise(bench: Bench) -> Iterator[Figure]:
    """Five networks: how often anything is said that is false."""
    for items, runs, sd in ((360, 3, 0.005), (1000, 3, 0.001), (1000, 5, 0.001), (3000, 5, 0.005)):
        for worse in (0.0, 0.04):
            cell = Cell((0.9,) * 4 + (0.9 - worse,), items, runs, sd, 1.0, TIMES // 2)
            (trials,) = bench.run(partial(family, equal=5 if worse == 0 else 4), [cell])
            rate, error = share(trials["wrong"])
            one = "" if worse == 0 else ", one 4 points worse"
            yield Figure("family-wise", f"{items} items, {runs} runs, sd {sd:g}{one}, %", rate, True, 6.0, error)


def coverage(bench: Bench) -> Iterator[Figure]:
    """How often the interval holds the truth, and how wide it is."""
    cells = dict(zip(GRID, bench.run(pairwise, GRID)))
    for runs, low, high in ((3, 93.0, 99.2), (5, 93.0, 98.7), (10, 93.0, 97.7)):
        found = sorted(share(trials["covered"]) for cell, trials in cells.items() if cell.runs == runs)
        yield Figure("coverage", f"R = {runs}, lowest of its cells, %", found[0][0], False, low, found[0][1])
        yield Figure("coverage", f"R = {runs}, highest of its cells, %", found[-1][0], True, high, found[-1][1])
    few = np.concatenate([trials["covered"][trials["differing"] < 20] for trials in cells.values()])
    rate, error = share(few)
    yield Figure("coverage", f"fewer than 20 items differ ({len(few)} comparisons), %", rate, False, 92.5, error)
    ratios = np.array([trials["half"].mean() / trials["unfloored"].mean() for trials in cells.values()])
    yield Figure("coverage", "mean half-width / mean unfloored one, worst cell", ratios.max(), True, 1.10)
    each = np.array([(trials["half"] / trials["unfloored"]).mean() for trials in cells.values()])
    yield Figure("coverage", "mean of single ratios, over cells", each.mean(), True, 1.10)


def power_to_tell(bench: Bench) -> Iterator[Figure]:
    """91 % against 89 %: how often the better is said to beat the worse."""
    for (cell, bound), trials in zip(POWER, bench.run(pairwise, [cell for cell, _ in POWER])):
        rate, error = share(trials["beats"])
        what = f"{cell.items} items, {cell.runs} runs, sd {cell.seed_sd:g}, %"
        yield Figure("power", what, rate, False, bound, error)


def false_tie(bench: Bench) -> Iterator[Figure]:
    """Networks that differ by the margin: how often they are said to tie."""
    for cell, trials in zip(AT_THE_MARGIN, bench.run(partial(pairwise, margin=MARGIN), AT_THE_MARGIN)):
        rate, error = share(trials["tie"])
        what = f"{cell.items} items, {cell.runs} runs, g {cell.own:g}, %"
        yield Figure("false-tie", what, rate, True, 6.5, error)


def advice(bench: Bench) -> Iterator[Figure]:
    """Pairs that were left open: how often the advice, when followed, settles them."""
    cells = [
        Cell((0.9 + times * MARGIN / 2, 0.9 - times * MARGIN / 2), items, runs, 0.002, 1.0, TIMES // 10)
        for times in TIMES_THE_MARGIN
        for items, runs in PILOTS
    ]
    found = bench.run(partial(advised, margin=MARGIN), cells)
    settled, asked = [], []
    for k, times in enumerate(TIMES_THE_MARGIN):
        part = np.concatenate([t["settled"] for t in found[k * len(PILOTS) : (k + 1) * len(PILOTS)]])
        rate, error = share(part)
        settled.append(rate)
        asked.append(len(part))
        yield Figure("advice", f"true difference {times:g} x margin ({len(part)}), settled %", rate, False, 75.0, error)
    every = np.concatenate([trials["settled"] for trials in found])
    yield Figure(
        "advice", f"over all differences ({len(every)}), settled %", np.mean(settled), False, 80.0, share(every)[1]
    )
    ratio = np.concatenate([trials["ratio"] for trials in found])
    yield Figure("advice", f"named / needed, median ({len(ratio)})", float(np.median(ratio)), True, 3.0)
    alone = np.concatenate([trials["items_alone_few"] for trials in found])
    yield Figure("advice", "items alone with fewer than 5 runs, cases", float(alone.sum()), True, 0.0)


def looks(bench: Bench) -> Iterator[Figure]:
    """Three runs, and three more where the first answer was open: how often either look is false."""
    cells = [Cell((0.9, 0.9), 1000, 6, sd, own, TIMES) for sd, own in ((0.001, 1.0), (0.005, 1.0), (0.001, 2.0))]
    for cell, trials in zip(cells, bench.run(looked_twice, cells)):
        rate, error = share(trials["either"])
        yield Figure("looks", f"sd {cell.seed_sd:g}, g {cell.own:g}, looks=2, %", rate, True, 6.0, error)


def forecast(bench: Bench) -> Iterator[Figure]:
    """Power beforehand, components known, against the share that was then found."""
    cells = [
        Cell((0.9 + gap / 2, 0.9 - gap / 2), 1000, runs, 0.003, 1.0, TIMES) for gap in (0.01, 0.02) for runs in (3, 5)
    ]
    for cell, trials in zip(cells, bench.run(planned_and_found, cells)):
        gap = cell.accuracies[0] - cell.accuracies[1]
        off = abs(100 * float(trials["planned"][0]) - share(trials["beats"])[0])
        what = f"{100 * gap:g} points, {cell.runs} runs: foretold - found, points"
        yield Figure("forecast", what, off, True, 6.0, share(trials["beats"])[1])


def others(bench: Bench) -> Iterator[Figure]:
    """What the procedure was not chosen on: unequal runs, heavy tails, groups, scores that are no means."""
    unequal = Cell((0.9, 0.9), 1000, (3, 10), 0.003, 1.0, TIMES)
    rate, error = share(bench.run(pairwise, [unequal])[0]["beats"])
    yield Figure("others", "3 runs against 10: false beats, %", rate, True, 6.0, error)
    plain = Cell((0.9, 0.9), 1000, 3, 0.003, 1.0, TIMES)
    for score in ("log-loss", "brier"):
        rate, error = share(bench.run(partial(tailed, score=score), [plain])[0]["beats"])
        yield Figure("others", f"{score}: false beats, %", rate, True, 6.0, error)
    for score in ("macro F1", "balanced accuracy", "AUC"):
        rate, error = share(bench.run(partial(jackknifed, score=score), [replace(plain, items=500)])[0]["beats"])
        yield Figure("others", f"{score}, jackknifed: false beats, %", rate, True, 6.0, error)
    grouped = Cell((0.9, 0.9), 2000, 3, 0.001, 2.0, TIMES, group=20)
    rate, error = share(bench.run(partial(pairwise, by_groups=True), [grouped])[0]["beats"])
    yield Figure("others", "groups of 20 as items: false beats, %", rate, True, 6.0, error)
    rate, error = share(bench.run(pairwise, [grouped])[0]["beats"])
    yield Figure("others", "control: the same, items taken one by one, %", rate, False, 20.0, error)


def controls(bench: Bench) -> Iterator[Figure]:
    """The usual tests, which must be wrong too often here."""
    (few,), (many,) = bench.run(usual_tests, [SEEDS_DECEIVE]), bench.run(usual_tests, [ITEMS_DECEIVE])
    for what, trials, bound in (("seeds", few, 12.0), ("items", many, 20.0), ("pooled", many, 20.0)):
        rate, error = share(trials[what])
        yield Figure("controls", f"{what}: false beats, %", rate, False, bound, error)
    bootstrap = partial(usual_tests, bootstrap=True)
    for sd, own, at_most, bound in ((0.001, 1.5, True, 3.0), (0.015, 0.5, False, 7.0)):
        cell = Cell((0.9, 0.9), 1000, 3, sd, own, TIMES // 4)
        rate, error = share(bench.run(bootstrap, [cell])[0]["bootstrap"])
        yield Figure("controls", f"BCa bootstrap, sd {sd:g}, g {own:g}: false beats, %", rate, at_most, bound, error)


ROWS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "false-beats": false_beats,
    "family-wise": family_wise,
    "coverage": coverage,
    "power": power_to_tell,
    "false-tie": false_tie,
    "advice": advice,
    "looks": looks,
    "forecast": forecast,
    "others": others,
    "controls": controls,
}


def main() -> None:
    """Run the rows that are asked for, and say which bounds are kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), help="all where none is named")
    parser.add_argument("--quick", action="store_true", help="a tenth of the comparisons")
    parser.add_argument("--share", type=float, help="another share of the comparisons than 1, or 0.1 with --quick")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="write the table to this file as well")
    asked = parser.parse_args()
    part = asked.share or (0.1 if asked.quick else 1.0)
    allowance = 2.0 if part < 1 else 0.0
    figures: list[Figure] = []
    with ProcessPoolExecutor(asked.processes) as pool:
        bench = Bench(pool if asked.processes > 1 else None, part)
        for row in asked.rows:
            began = time.perf_counter()
            print(f"\n{row}: {ROWS[row].__doc__}", flush=True)
            for figure in ROWS[row](bench):
                figures.append(figure)
                print(figure.line(allowance), flush=True)
            print(f"  ({time.perf_counter() - began:,.0f} s)", flush=True)
    if asked.json:
        told = [{**vars(figure), "pass": figure.met(allowance)} for figure in figures]
        asked.json.write_text(json.dumps({"share": part, "figures": told}, indent=1, default=float))
    missed = [f"{figure.row}: {figure.what}" for figure in figures if not figure.met(allowance)]
    sys.exit("\nmissed: " + "; ".join(missed) if missed else 0)


if __name__ == "__main__":
    main()
