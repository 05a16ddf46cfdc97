"""Finding: what came of a claim, kept as one JSON file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from neocog.claims.effect import Effect
from neocog.claims.judge import Answer
from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem

FORMAT = 1
QUICK = "quick"


@dataclass(frozen=True)
class Finding:
    """One claim with what its experiment showed.

    ``title`` to ``unit`` are the claim's words as they were when it was run. ``data`` are what it was run on, with
    ``quick`` in front where it was cut so short that it shows nothing. ``seconds`` are of the whole experiment.
    """

    name: str
    answer: Answer
    effect: Effect
    control: Effect
    title: str
    hypothesis: str
    condition: str
    source: str
    scale: str
    smallest: float
    unit: str
    data: str
    seconds: float
    versions: Mapping[str, Any]

    @property
    def quick(self) -> bool:
        """Whether it was cut short, and so means nothing."""
        return self.data.startswith(QUICK)


def keep(finding: Finding, folder: Path) -> None:
    """Write it into the folder.

    Raises:
        StorageProblem: it cannot be written.
    """
    text = json.dumps({"format": FORMAT, **asdict(finding)}, indent=1)
    write_durably(folder / f"{finding.name}.json", text.encode())


def load_finding(folder: Path, name: str) -> Finding | None:
    """What is known of a claim; None if it was not run here.

    Raises:
        DataProblem: ``claim-damaged``.
    """
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    try:
        values = json.loads(path.read_bytes())
        if values.pop("format") != FORMAT:
            raise ValueError("its format is not 1")
        parts: dict[str, Any] = {key: _effect(v) if _is_effect(v) else v for key, v in values.items()}
        return Finding(**parts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise DataProblem(
            "claim-damaged",
            f"what was found out about the claim {name} cannot be read",
            where=f"{path}: {problem}",
            note="nothing was changed",
            help="remove the file to run this claim again, or choose another folder with --into",
        ) from problem


def _is_effect(value: object) -> bool:
    return isinstance(value, Mapping) and {"value", "low", "high"} <= value.keys()


def _effect(values: Mapping[str, Any]) -> Effect:
    lines = {name: tuple((float(x), float(y)) for x, y in line) for name, line in values["lines"].items()}
    sides = {name: tuple(numbers) for name, numbers in values["sides"].items()}
    return Effect(**{**values, "lines": lines, "sides": sides, "notes": tuple(values["notes"])})
