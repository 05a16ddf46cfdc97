"""sensitivity.json: what was found out about perturbed items, as it is kept in the folder of a comparison or a run."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem
from neocog.measures.intervals import Interval

FILE = "sensitivity.json"
FORMAT = 1


@dataclass(frozen=True)
class Tried:
    """One kind of change, with the strengths at which it was tried; the first is 0, the intact image.

    ``shown`` are the strengths in little room; ``pictures`` one example at each, PNG bytes in base64.
    """

    name: str
    title: str
    axis: str
    does: str
    ways: int
    strengths: tuple[float, ...]
    shown: tuple[str, ...]
    pictures: tuple[str, ...]

    @property
    def pngs(self) -> tuple[bytes, ...]:
        """The examples as PNG bytes."""
        return tuple(b64decode(picture) for picture in self.pictures)


@dataclass(frozen=True)
class ChangeResult:
    """What one kind of change did to one network, at each strength; intervals are over seeds and items.

    Args:
        scores: the headline.
        per_seed: the same for each run: one row per strength.
        same: share of the items whose predicted class is that of the intact item.
        distance: total variation between the probabilities of both, on average.
        area: the mean score over strengths (trapezoid).
        kept: the area as a share of the intact score; None where that is 0.
        half: where half of what it knows above chance is lost, in words; empty where it never is.
    """

    scores: tuple[Interval, ...]
    per_seed: tuple[tuple[float, ...], ...]
    same: tuple[Interval, ...]
    distance: tuple[float, ...]
    area: Interval
    kept: Interval | None
    half: str


@dataclass(frozen=True)
class MapResult:
    """How far one map is from moving along with its image.

    Args:
        name: of the map.
        pixels: the shift of the image.
        cells: the shift of the map.
        error: ||f(Tx) - T f(x)|| / ||f(x)||, the mean over runs and items; None where no place could be compared.
        largest: of one run and one item.
        compared: share of the map's places that were compared.
    """

    name: str
    pixels: int
    cells: int
    error: float | None
    largest: float | None
    compared: float


@dataclass(frozen=True)
class NetworkSensitivity:
    """One network: a sentence on what breaks it, its curves by change, and its maps (none where it has none)."""

    label: str
    seeds: tuple[int, ...]
    sentence: str
    changes: Mapping[str, ChangeResult]
    maps: tuple[MapResult, ...]


@dataclass(frozen=True)
class AreaVerdict:
    """Which of two networks has the larger area under one kind of change; ``answer`` as in a `Verdict`."""

    change: str
    a: str
    b: str
    difference: float
    low: float
    high: float
    answer: str
    p_beats: float
    p_tie: float
    sentence: str


@dataclass(frozen=True)
class Sensitivity:
    """Scores of the trained networks on shifted, rotated, noisy ... test items.

    Args:
        items: how many test items it rests on.
        test_items: how many there are.
        seed: of the draw, the noise and the places.
        seconds: what it cost.
        chance: the share of the commonest class among the items: what is right without knowing anything.
        tried: the kinds of change.
        networks: best first, as in the comparison.
        verdicts: for each kind of change and pair.
        notes: what limits it, in sentences.
    """

    items: int
    test_items: int
    seed: int
    seconds: float
    chance: float
    tried: tuple[Tried, ...]
    networks: tuple[NetworkSensitivity, ...]
    verdicts: tuple[AreaVerdict, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for a machine, without the pictures."""
        values = asdict(self)
        for tried in values["tried"]:
            del tried["pictures"]
        return values


def write_sensitivity(folder: Path, found: Sensitivity) -> Path:
    """Keep it in the folder; gives the file."""
    path = folder / FILE
    write_durably(path, json.dumps({"format": FORMAT, **asdict(found)}, indent=1).encode())
    return path


def load_sensitivity(folder: Path) -> Sensitivity | None:
    """What a folder keeps; None where nothing was measured.

    Raises:
        DataProblem: ``sensitivity-damaged``.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        values = json.loads(path.read_bytes())
        if values.pop("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        values["tried"] = tuple(Tried(**_tuples(each)) for each in values["tried"])
        values["networks"] = tuple(_network(each) for each in values["networks"])
        values["verdicts"] = tuple(AreaVerdict(**each) for each in values["verdicts"])
        return Sensitivity(**_tuples(values))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise DataProblem(
            "sensitivity-damaged",
            "what was measured on perturbed items cannot be read",
            where=f"{path}: {problem}",
            note="nothing was changed",
            help=f"remove the file, and measure again with `neocog sensitivity {folder}`",
        ) from problem


def _network(values: dict[str, Any]) -> NetworkSensitivity:
    values["changes"] = {name: _change(each) for name, each in values["changes"].items()}
    values["maps"] = tuple(MapResult(**each) for each in values["maps"])
    return NetworkSensitivity(**_tuples(values))


def _change(values: dict[str, Any]) -> ChangeResult:
    for name in ("scores", "same"):
        values[name] = tuple(Interval(**each) for each in values[name])
    values["per_seed"] = tuple(tuple(row) for row in values["per_seed"])
    values |= {name: _interval(values[name]) for name in ("area", "kept")}
    return ChangeResult(**_tuples(values))


def _interval(values: dict[str, Any] | None) -> Interval | None:
    return None if values is None else Interval(**values)


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """Lists, as JSON gives them, as tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
