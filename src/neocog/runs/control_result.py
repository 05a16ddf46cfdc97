"""Controls: what the controls of a comparison showed, as controls.json keeps it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem
from neocog.measures.cnn_need import Need

FILE = "controls.json"
FORMAT = 1


@dataclass(frozen=True)
class ControlScore:
    """A network's score with its 95 % interval: ``pixels`` are ``in place`` or ``permuted``."""

    label: str
    pixels: str
    mean: float
    low: float
    high: float
    per_seed: tuple[float, ...]


@dataclass(frozen=True)
class ControlPair:
    """The answer for one pair; the words are those of `neocog.measures.verdict.Verdict`."""

    a: str
    b: str
    difference: float
    low: float
    high: float
    answer: str


@dataclass(frozen=True)
class Controls:
    """What the controls of a comparison showed.

    Args:
        need: whether the data need a CNN: ``yes``, ``no`` or ``unknown``.
        sentence: the same, with what it rests on.
        lines: what each control showed.
        notes: how the controls were made, and what is missing.
        cnn: the CNN they are about, the best of them on validation.
        mlp: the MLP of equal size.
        seeds: runs of each network.
        at_chance: whether shuffled labels led to chance; None if that was not run.
        shares: networks trained in each comparison; each had the same part of the budget.
        scores: of every network with its pixels in place and permuted.
        pairs: the answers behind the sentence.
    """

    need: Need
    sentence: str
    lines: tuple[str, ...]
    notes: tuple[str, ...]
    cnn: str
    mlp: str
    seeds: int
    at_chance: bool | None
    shares: Mapping[str, int]
    scores: tuple[ControlScore, ...]
    pairs: tuple[ControlPair, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def save_controls(folder: Path, found: Controls) -> None:
    """Keep what was found in the folder of the comparison."""
    write_durably(folder / FILE, json.dumps({"format": FORMAT, **found.as_dict()}, indent=1).encode())


def load_controls(folder: Path) -> Controls | None:
    """What the controls of a comparison showed; None if none were run.

    Raises:
        DataProblem: ``controls-damaged``.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_bytes())
        if values.pop("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        scores = tuple(ControlScore(**{**each, "per_seed": tuple(each["per_seed"])}) for each in values.pop("scores"))
        pairs = tuple(ControlPair(**each) for each in values.pop("pairs"))
        values["lines"], values["notes"] = tuple(values["lines"]), tuple(values["notes"])
        return Controls(scores=scores, pairs=pairs, **values)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise DataProblem(
            "controls-damaged",
            "what the controls showed cannot be read",
            where=f"{path}: {problem}",
            note="nothing was changed",
            help="run `neocog compare --into FOLDER --controls` again: nothing is trained twice",
        ) from problem
