"""The folder of a comparison: comparison.json, arms/NAME/seed-N (run folders), pictures.npz, report.html."""

import io
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import check
from neocog.data.family import AbstractData
from neocog.measures.looks import Looks
from neocog.measures.outlook import Outlook
from neocog.runs.comparison import DataSummary
from neocog.runs.experiment import Experiment
from neocog.runs.folder import RunFolder

FORMAT = 1


@dataclass(frozen=True)
class ArmFacts:
    """One network as the comparison knows it before any result. ``failure`` says why it cannot run, or is empty.

    ``notes`` are sentences on how weights from elsewhere were adapted. ``training_flops`` are counted, of the
    ``planned_steps`` of one run; 0 where they are not known.
    """

    label: str
    network: str
    settings: Mapping[str, str]
    failure: str = ""
    parameters: int = 0
    macs: int = 0
    latency_ms: float = 0.0
    throughput: float = 0.0
    notes: Sequence[str] = ()
    training_flops: int = 0
    planned_steps: int = 0

    @property
    def slug(self) -> str:
        """The label as the name of a folder."""
        plain = re.sub(r"[^a-z0-9]+", "-", self.label.lower()).strip("-")
        if plain == self.label:
            return plain
        return f"{plain[:40]}-{blake2b(self.label.encode(), digest_size=3).hexdigest()}"


@dataclass(frozen=True)
class ComparisonFacts:
    """What comparison.json holds: enough to go on, and to tell how it was made.

    ``task`` is what is asked, as text; ``kept`` is whether decoded images may be kept on disk. ``looks`` is how many
    looks the chance of a wrong answer is shared among; ``answered`` holds, for each answer that was given, the number
    of finished runs it rested on; ``tune`` is how many learning rates are tried for each network.
    """

    budget: str
    share: float | None
    seeds: int
    margin: float
    task: str
    choice: Mapping[str, Any]
    data: DataSummary
    arms: tuple[ArmFacts, ...] = ()
    device: str = "auto"
    augment: str = "default"
    settings: Mapping[str, Any] = field(default_factory=dict)
    kept: bool = True
    seconds: float = 0.0
    made: Mapping[str, str] = field(default_factory=dict)
    looks: int = 1
    answered: tuple[int, ...] = ()
    outlook: Outlook | None = None
    tune: int = 0

    @property
    def look(self) -> Looks:
        """Which look the answer is, of how many."""
        return Looks(self.looks, max(1, len(self.answered)))

    def after_answer(self, finished: int) -> "ComparisonFacts":
        """The facts once an answer from so many finished runs was given; the same runs again are no further look."""
        if self.answered and self.answered[-1] == finished:
            return self
        return replace(self, answered=(*self.answered, finished))


@dataclass(frozen=True)
class ComparisonFolder:
    """The files of a comparison."""

    path: Path

    @property
    def exists(self) -> bool:
        """Whether a comparison was begun here."""
        return (self.path / "comparison.json").exists()

    @property
    def report(self) -> Path:
        """The report."""
        return self.path / "report.html"

    def run(self, arm: ArmFacts, seed: int) -> RunFolder:
        """The run folder of one arm and seed."""
        return RunFolder(self.path / "arms" / arm.slug / f"seed-{seed}")

    def write_arm(self, arm: ArmFacts, experiment: Experiment) -> None:
        """Keep what was resolved for an arm, before any of its runs begins."""
        place = self.path / "arms" / arm.slug
        place.mkdir(parents=True, exist_ok=True)
        write_durably(place / "experiment.toml", experiment.to_toml().encode())

    def arm(self, arm: ArmFacts, allow_modules: Collection[str]) -> Experiment | None:
        """What was resolved for an arm; None if nothing was."""
        path = self.path / "arms" / arm.slug / "experiment.toml"
        if not path.exists():
            return None
        return Experiment.from_toml(path.read_text(encoding="utf-8"), allow_modules=allow_modules)

    def runs(self, arm: ArmFacts) -> list[tuple[int, RunFolder]]:
        """The runs of an arm that were begun, by seed."""
        folders = [RunFolder(path) for path in (self.path / "arms" / arm.slug).glob("seed-*")]
        return sorted((int(run.path.name[5:]), run) for run in folders if run.exists)

    def write(self, facts: ComparisonFacts) -> None:
        """Replace comparison.json."""
        text = json.dumps({"format": FORMAT, **asdict(facts)}, indent=1)
        write_durably(self.path / "comparison.json", text.encode())

    def facts(self) -> ComparisonFacts:
        """What comparison.json holds.

        Raises:
            DataProblem: ``comparison-damaged``.
        """
        path = self.path / "comparison.json"
        try:
            values = json.loads(path.read_bytes())
            if values.pop("format") != FORMAT:
                raise ValueError(f"its format is not {FORMAT}")
            data = values.pop("data")
            data = DataSummary(**{**data, "classes": tuple(data["classes"]), "notes": tuple(data["notes"])})
            arms = tuple(ArmFacts(**arm) for arm in values.pop("arms"))
            values["answered"] = tuple(values.get("answered", ()))
            values["outlook"] = _outlook(values.get("outlook"))
            return ComparisonFacts(data=data, arms=arms, **values)
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise DataProblem(
                "comparison-damaged",
                "the comparison cannot be read",
                where=f"{path}: {problem}",
                note="nothing was changed",
                help="restore the file, or compare again into another folder",
            ) from problem

    def choice(self, kind: Callable[..., Any]) -> Any:
        """The data that were chosen, as options of this kind of data."""
        values = {key: value for key, value in self.facts().choice.items() if value is not None}
        return kind(**check(kind, values, name="data"))

    def write_pictures(self, names: Sequence[str], pictures: Mapping[int, bytes], saw: Mapping[str, bytes]) -> None:
        """Keep the test items' names, PNG images of some of them, and what the networks saw."""
        arrays = {f"test.{row}": np.frombuffer(png, np.uint8) for row, png in pictures.items()}
        arrays |= {f"saw.{i}": np.frombuffer(png, np.uint8) for i, png in enumerate(saw.values())}
        buffer = io.BytesIO()
        captions = np.array(list(saw), dtype=np.str_)
        np.savez(buffer, names=np.array(list(names), dtype=np.str_), captions=captions, **arrays)  # type: ignore[arg-type]
        write_durably(self.path / "pictures.npz", buffer.getvalue())

    def pictures(self) -> tuple[list[str], dict[int, bytes], list[tuple[str, bytes]]]:
        """Names, pictures by row, and what the networks saw; all empty if they were never written."""
        path = self.path / "pictures.npz"
        if not path.exists():
            return [], {}, []
        with np.load(path, allow_pickle=False) as arrays:
            rows = {int(key[5:]): arrays[key].tobytes() for key in arrays.files if key.startswith("test.")}
            saw = [(str(text), arrays[f"saw.{i}"].tobytes()) for i, text in enumerate(arrays["captions"])]
            return [str(name) for name in arrays["names"]], rows, saw


def _outlook(values: Mapping[str, Any] | None) -> Outlook | None:
    ends = ("difference", "margin")
    return None if values is None else Outlook(**{**values, **{name: tuple(values[name]) for name in ends}})


def open_comparison(path: str | Path) -> ComparisonFolder:
    """The comparison in a folder.

    Raises:
        UsageProblem: ``comparison-missing``.
    """
    folder = ComparisonFolder(Path(path))
    if not folder.exists:
        raise UsageProblem(
            "comparison-missing",
            f"there is no comparison in {path}",
            where=str(path),
            help="name a folder that `neocog compare` made",
        )
    return folder


def summary(data: AbstractData) -> DataSummary:
    """What a comparison keeps of its data."""
    return DataSummary(
        data.name, str(data.takes), data.classes, data.counts(), data.notes, dict(data.skipped), data.fingerprint
    )
