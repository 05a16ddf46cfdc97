"""reproduce: train a run again, and say whether it comes out the same, bit by bit."""

import json
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neocog.core.errors import DataProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.fit.history import Outcome, Row
from neocog.measures.quantities import several
from neocog.runs.build import Parts
from neocog.runs.checkpoints import Checkpoint, load_kept
from neocog.runs.experiment import Experiment
from neocog.runs.folder import RunFolder, open_run
from neocog.runs.keeper import state_of
from neocog.runs.run import experiment_facts, run, versions
from neocog.runs.setup import reopen_data
from neocog.runs.train import refuse_existing

NO_KNOWN_CAUSE = (
    "No known cause: the experiment, the versions, the threads, the processor and the data are those of the run. "
    "Its files may have been changed since."
)
Kept = tuple[str, Checkpoint]


@dataclass(frozen=True)
class Difference:
    """The first place where a run came out otherwise: after which step, and what was found there."""

    step: int
    what: str


@dataclass(frozen=True)
class Reproduction:
    """What `reproduce` found.

    ``rows`` and ``checkpoints`` are how many of each were the same, ``parts`` those of the data whose predictions were.
    ``causes`` are what is different here and there, in words; empty if the run came out the same.
    """

    run: Path
    into: Path | None
    rows: int
    checkpoints: int
    parts: tuple[str, ...]
    difference: Difference | None
    causes: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether every bit was the same."""
        return self.difference is None

    @property
    def sentence(self) -> str:
        """The answer in words."""
        if self.difference is None:
            of = f", and the predictions of {several(self.parts)}" if self.parts else ""
            return (
                f"Identical: {self.rows} rows of history, the weights of {self.checkpoints} checkpoints{of} are the "
                "same, bit by bit."
            )
        return f"Not identical: the first difference is at step {self.difference.step:,}: {self.difference.what}."


def reproduce(
    run_folder: str | Path,
    *,
    into: str | Path | None = None,
    keep: bool = True,
    allow_modules: Collection[str] = (),
    progress: AbstractProgress | None = None,
) -> Reproduction:
    """Train a finished run again, from its resolved experiment, and compare it with what was kept, bit by bit.

    Compared are every row of the history but for its seconds, the weights (and everything else) of every checkpoint
    that is kept, at the step that it belongs to, and the predictions. It stops at the first difference. Equal bits are
    promised on the same machine with the same versions, on a CPU.

    Args:
        run_folder: the folder of the run, which is only read.
        into: where the run is trained again; by default a folder that is gone afterwards.
        keep: whether decoded images are kept on disk; never, if the run was begun without.
        allow_modules: modules outside neocog whose classes the run may name.
        progress: told what happens.

    Raises:
        UsageProblem: there is no such run, or one in ``into``.
        DataProblem: the data have changed, or the run has no result yet.
        Interrupted: a signal came.

    Examples:
        >>> from neocog import reproduce
        >>> reproduce("runs/mine").identical  # doctest: +SKIP
    """
    progress = progress or Silent()
    folder = open_run(run_folder)
    facts, experiment = folder.facts(), folder.experiment(allow_modules)
    if not folder.outcome.finished:
        raise DataProblem(
            "run-without-result",
            f"this run has no result that could be reproduced: {folder.outcome.value}",
            where=str(folder.path),
            help=f"go on with `neocog resume {folder.path}`",
        )
    keep = keep and facts.get("kept", True)
    fingerprint = facts["data"]["fingerprint"]
    data = reopen_data(experiment, fingerprint, keep=keep, progress=progress, allow_modules=allow_modules)
    kept, damaged = load_kept(folder.checkpoints)
    causes = causes_of(facts, experiment)
    if damaged:
        difference = Difference(_step_of(damaged[0]), f"the checkpoint {damaged[0]} is damaged: its checksum differs")
        return Reproduction(folder.path, None, 0, 0, (), difference, causes or (NO_KNOWN_CAUSE,))
    watcher = _Watcher(folder.history(), kept, experiment.engine.device)
    with ExitStack() as held:
        place = into if into is not None else held.enter_context(tempfile.TemporaryDirectory(prefix="neocog-"))
        again = RunFolder(Path(place))
        refuse_existing(again)
        outcome = run(
            experiment,
            data,
            again,
            label=f"{folder.path.name}, again",
            progress=progress,
            watch=watcher.of,
            allow_modules=allow_modules,
        )
        differs = watcher.difference or _after(folder, again, outcome, watcher)
        parts = tuple(_parts(folder))
    return Reproduction(
        run=folder.path,
        into=None if into is None else Path(into),
        rows=watcher.rows,
        checkpoints=watcher.checkpoints,
        parts=() if differs else parts,
        difference=differs,
        causes=(causes or (NO_KNOWN_CAUSE,)) if differs else (),
    )


class _Watcher:
    """Compares a run that is being trained with one that was, and stops it at the first difference."""

    def __init__(self, history: Sequence[Row], kept: Sequence[Kept], device: str) -> None:
        self.difference: Difference | None = None
        self.rows = 0
        self.checkpoints = 0
        self.seen: set[tuple[str, int]] = set()
        self._history = history
        self._kept = kept
        self._device = device

    def of(self, parts: Parts) -> Sequence[Any]:
        """The observer of a run that has these parts."""

        def look(row: Row) -> Outcome | None:
            what = self._row(row) or self._states(row.step, parts)
            if what:
                self.difference = Difference(row.step, what)
            return Outcome.INTERRUPTED if what else None

        return [look]

    @property
    def left_over(self) -> Sequence[Row]:
        """Rows of the history that the run that was trained again has not reached."""
        return self._history[self.rows :]

    def _row(self, row: Row) -> str:
        if not row.numbers:
            return ""
        if self.rows >= len(self._history):
            return "there the history has no such row"
        what = _unlike(self._history[self.rows], row)
        self.rows += not what
        return what

    def _states(self, step: int, parts: Parts) -> str:
        for name, checkpoint in self._kept:
            if checkpoint.step == step:
                here = {"network": parts.learner.network.state_dict()}
                if name == "last":
                    here = state_of(parts, self._device)
                what = first_unlike({key: checkpoint.state.get(key) for key in here}, here)
                if what:
                    return f"the checkpoint {name}-{step:09d}: {what}"
                self.checkpoints += 1
                self.seen.add((name, step))
        return ""


def _unlike(there: Row, here: Row) -> str:
    """How two rows differ, in words; empty if they do not. Seconds may."""
    if there.step != here.step:
        return f"the next row of the history is there at step {there.step:,}, here at step {here.step:,}"
    for name in ("epoch", "numbers", "scores"):
        a, b = getattr(there, name), getattr(here, name)
        if json.dumps(a, sort_keys=True) != json.dumps(b, sort_keys=True):
            a, b = (value if isinstance(value, Mapping) else {name: value} for value in (a, b))
            key = next(key for key in {**a, **b} if json.dumps(a.get(key)) != json.dumps(b.get(key)))
            return f"the history: {key} was {a.get(key)} and is {b.get(key)}"
    return ""


def first_unlike(there: Any, here: Any, path: str = "") -> str:
    """Where two nested states differ first, in words; empty if all their bits are the same."""
    if isinstance(there, Tensor) and isinstance(here, Tensor):
        return _bits_unlike(there, here, path)
    if isinstance(there, Mapping) and isinstance(here, Mapping):
        if set(there) != set(here):
            return f"{path or 'it'} holds other parts: {', '.join(map(str, sorted(set(there) ^ set(here), key=str)))}"
        pairs = [(f"{path}/{key}" if path else str(key), there[key], here[key]) for key in here]
    elif isinstance(there, list | tuple) and isinstance(here, list | tuple) and len(there) == len(here):
        pairs = [(f"{path}/{i}", a, b) for i, (a, b) in enumerate(zip(there, here, strict=True))]
    else:
        return "" if type(there) is type(here) and there == here else f"{path} was {there} and is {here}"
    return next((what for name, a, b in pairs if (what := first_unlike(a, b, name))), "")


def _bits_unlike(there: Tensor, here: Tensor, path: str) -> str:
    if there.dtype != here.dtype or there.shape != here.shape:
        return f"{path} was {there.dtype} of {tuple(there.shape)} and is {here.dtype} of {tuple(here.shape)}"
    a, b = (_bytes(tensor) for tensor in (there, here))
    if torch.equal(a, b):
        return ""
    wrong = (a != b).any(dim=1)
    number = int(wrong.sum())
    place = int(wrong.nonzero()[0])
    was, now = (tensor.detach().cpu().reshape(-1)[place].item() for tensor in (there, here))
    return f"{path}: {number:,} of {there.numel():,} values; the first was {was} and is {now}"


def _bytes(tensor: Tensor) -> Tensor:
    """A row of bytes for each value."""
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).reshape(len(flat), -1) if len(flat) else flat.new_zeros((0, 1), dtype=torch.uint8)


def _after(there: RunFolder, here: RunFolder, outcome: Outcome, watcher: _Watcher) -> Difference | None:
    """What differs once the last step is made: rows that are missing, weights, how it ended, scores, predictions."""
    history = here.history()
    last = history[-1].step if history else 0
    if watcher.left_over:
        return Difference(last, f"there the history goes on to step {watcher.left_over[-1].step:,}")
    if outcome is not there.outcome:
        return Difference(last, f"it ended otherwise: there “{there.outcome.value}”, here “{outcome.value}”")
    made = {(name, checkpoint.step): checkpoint.state for name, checkpoint in load_kept(here.checkpoints)[0]}
    for name, checkpoint in load_kept(there.checkpoints)[0]:
        key = (name, checkpoint.step)
        if key in watcher.seen:
            continue
        what = first_unlike(checkpoint.state, made[key]) if key in made else "it is not there when trained again"
        if what:
            return Difference(checkpoint.step, f"the checkpoint {name}-{checkpoint.step:09d}: {what}")
        watcher.checkpoints += 1
    a, b = there.facts(), here.facts()
    for fact in ("best_step", "steps", "val_scores", "test_scores"):
        if json.dumps(a.get(fact), sort_keys=True) != json.dumps(b.get(fact), sort_keys=True):
            return Difference(last, f"{fact.replace('_', ' ')} in run.json: was {a.get(fact)} and is {b.get(fact)}")
    return _predictions(there, here, last)


def _predictions(there: RunFolder, here: RunFolder, last: int) -> Difference | None:
    if _parts(there) != _parts(here):
        return Difference(last, f"predictions of {several(_parts(there))} there, of {several(_parts(here))} here")
    for part in _parts(there):
        a, b = there.record(part), here.record(part)
        for name in sorted({*a, *b}):
            if name not in a or name not in b or a[name].shape != b[name].shape or a[name].dtype != b[name].dtype:
                return Difference(last, f"the predictions of {part}: {name} is of another kind or shape")
            if a[name].tobytes() != b[name].tobytes():
                rows = np.atleast_1d(a[name] != b[name])
                return Difference(
                    last, f"the predictions of {part}: {name} from item {int(np.argwhere(rows)[0][0])} on"
                )
    return None


def _parts(folder: RunFolder) -> list[str]:
    """The parts of the data of which a run has predictions."""
    return [part for part in ("val", "test") if (folder.path / "predictions.npz").exists() and folder.record(part)]


def causes_of(facts: Mapping[str, Any], experiment: Experiment) -> tuple[str, ...]:
    """What is different now from when a run was trained, in words, the likeliest first; empty where nothing is known.

    Args:
        facts: what run.json holds.
        experiment: as it is read now.
    """
    found = []
    began, read = facts.get("began", {}), experiment_facts(experiment)
    changed = [
        name for name in ("seed", "threads", "device", "precision") if name in began and began[name] != read[name]
    ]
    found += [f"{name} in experiment.toml: {began[name]} when the run began, {read[name]} now" for name in changed]
    if began and began["sha256"] != read["sha256"] and not changed:
        found.append("experiment.toml is not what it was when the run began")
    with experiment.engine.active():
        now = versions()
    for session in facts.get("sessions") or [facts]:
        for name, here in now.items():
            if name in session and session[name] != here:
                found.append(f"{name}: {session[name]} when it was trained, {here} here")
    if experiment.engine.device != "cpu":
        found.append(f"on {experiment.engine.device} sums are not always added in the same order")
    return tuple(dict.fromkeys(found))


def _step_of(stem: str) -> int:
    return int(stem.rpartition("-")[2])
