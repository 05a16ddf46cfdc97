"""From scores of single perturbed items to curves with intervals, areas, verdicts and sentences."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import torch

from neocog.audit.equivariance import MapErrors
from neocog.audit.perturbations import PERTURBATIONS
from neocog.data.preparation import fit_to
from neocog.figures.png import to_png
from neocog.measures.breaking import Damage, breaking_sentence
from neocog.measures.curve_area import area_items, half_strength, kept
from neocog.measures.intervals import arm_interval
from neocog.measures.sentences import whole
from neocog.measures.verdict import verdicts
from neocog.runs.comparison import Comparison
from neocog.runs.perturbed_runs import Cell, Measured, Probe, TrainedRun
from neocog.runs.sensitivity_kept import AreaVerdict, ChangeResult, MapResult, NetworkSensitivity, Sensitivity, Tried

LARGEST_PICTURE = 64
WHITE = 255


def summed_up(
    probe: Probe,
    runs: Sequence[TrainedRun],
    measured: Measured,
    comparison: Comparison,
    *,
    notes: Sequence[str],
    seconds: float,
) -> Sensitivity:
    """What the measured items show."""
    labels = list(dict.fromkeys(run.label for run in runs))
    classes = np.asarray(probe.data.test.labels)[probe.order[: measured.items]]
    chance = float(np.bincount(classes).max() / len(classes))
    of = {label: [number for number, run in enumerate(runs) if run.label == label] for label in labels}
    areas = {
        change: {label: area_items(_stack(measured.scores, change, probe, of[label]), _from_0(levels)) for label in of}
        for change, levels in probe.levels.items()
    }
    networks = []
    for label, numbers in of.items():
        changes = {name: _change(probe, measured, name, numbers, areas[name][label], chance) for name in probe.levels}
        networks.append(
            NetworkSensitivity(
                label=label,
                seeds=tuple(runs[number].seed for number in numbers),
                sentence=_sentence(label, changes, probe, chance),
                changes=changes,
                maps=_maps([measured.maps[number] for number in numbers]),
            )
        )
    said = [*notes, *_notes(probe, measured, len(runs))]
    return Sensitivity(
        items=measured.items,
        test_items=len(probe.data.test),
        seed=probe.seed,
        seconds=seconds,
        chance=chance,
        tried=tuple(_tried(probe, name) for name in probe.levels),
        networks=tuple(networks),
        verdicts=_verdicts(areas, comparison),
        notes=tuple(said),
    )


def _from_0(levels: Sequence[float]) -> tuple[float, ...]:
    return (0.0, *levels)


def _stack(values: dict[Cell, list[np.ndarray]], change: str, probe: Probe, numbers: Sequence[int]) -> np.ndarray:
    """Strengths x runs x items."""
    levels = range(len(probe.levels[change]) + 1)
    return np.stack([[np.concatenate(values[Cell(change, level, run)]) for run in numbers] for level in levels])


def _change(
    probe: Probe, measured: Measured, name: str, numbers: Sequence[int], areas: np.ndarray, chance: float
) -> ChangeResult:
    scores, same = (_stack(values, name, probe, numbers) for values in (measured.scores, measured.same))
    means = [float(each.mean()) for each in scores]
    half = half_strength(_from_0(probe.levels[name]), means, chance)
    return ChangeResult(
        scores=tuple(arm_interval(each) for each in scores),
        per_seed=tuple(tuple(each.mean(axis=1).tolist()) for each in scores),
        same=tuple(arm_interval(each) for each in same),
        distance=tuple(float(each.mean()) for each in _stack(measured.distance, name, probe, numbers)),
        area=arm_interval(areas),
        kept=kept(scores[0], areas),
        half="" if half is None else PERTURBATIONS[name].words(half),
    )


def _sentence(label: str, changes: dict[str, ChangeResult], probe: Probe, chance: float) -> str:
    damages = [
        Damage(
            title=PERTURBATIONS[name].title,
            half=found.half,
            strongest=PERTURBATIONS[name].words(probe.levels[name][-1]),
            intact=found.scores[0].mean,
            last=found.scores[-1].mean,
            area=found.area.mean,
        )
        for name, found in changes.items()
    ]
    return breaking_sentence(label, damages, chance)


def _maps(of_runs: Sequence[Mapping[str, MapErrors]]) -> tuple[MapResult, ...]:
    found = []
    for name, first in of_runs[0].items():
        errors = [maps[name].errors for maps in of_runs]
        known = np.concatenate([each for each in errors if each is not None] or [np.zeros(0)])
        mean, largest = (float(known.mean()), float(known.max())) if len(known) else (None, None)
        found.append(MapResult(name, first.step.pixels, first.step.cells, mean, largest, first.compared))
    return tuple(found)


def _verdicts(areas: dict[str, dict[str, np.ndarray]], comparison: Comparison) -> tuple[AreaVerdict, ...]:
    """Pairs of networks under each change, paired over items; Holm over the pairs of a change."""
    unit = comparison.headline.unit
    judged = {
        change: verdicts(scores, margin=comparison.margin, unit=unit) if len(scores) > 1 else []
        for change, scores in areas.items()
    }
    return tuple(
        AreaVerdict(
            change,
            each.a,
            each.b,
            each.difference,
            each.low,
            each.high,
            each.answer,
            each.p_beats,
            each.p_tie,
            whole(each),
        )
        for change, each in chain.from_iterable(((change, each) for each in found) for change, found in judged.items())
    )


def _tried(probe: Probe, name: str) -> Tried:
    kind, rows = PERTURBATIONS[name], probe.order[:1]
    images, levels = probe.images(rows), _from_0(probe.levels[name])
    there = [probe.changed(images, rows, name, strength, 0)[0] for strength in levels]
    return Tried(
        name=name,
        title=kind.title,
        axis=kind.axis,
        does=kind.does,
        ways=kind.ways,
        strengths=levels,
        shown=("intact", *(kind.brief(strength) for strength in levels[1:])),
        pictures=tuple(b64encode(_png(image)).decode("ascii") for image in there),
    )


def _png(image: torch.Tensor) -> bytes:
    pixels = (image * WHITE).round().clamp(0, WHITE).to(torch.uint8).permute(1, 2, 0).numpy()
    longer = max(pixels.shape[:2])
    return to_png(fit_to(pixels, LARGEST_PICTURE) if longer > LARGEST_PICTURE else np.ascontiguousarray(pixels))


def _notes(probe: Probe, measured: Measured, runs: int) -> list[str]:
    said, of = [], len(probe.data.test)
    if measured.items < of:
        why = "" if measured.items == len(probe.order) else " within the time that was left"
        said.append(
            f"Measured on {measured.items:,} of the {of:,} test items{why}: the first of a stratified draw, in which "
            "every class has its share."
        )
    if measured.strayed:
        said.append(
            f"Of {measured.items * runs:,} answers to intact items {measured.strayed:,} are not those given when the "
            "runs were scored: another device, or another number of threads, rounds otherwise."
        )
    return said
