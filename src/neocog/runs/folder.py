"""The run folder: experiment.toml, run.json, history.jsonl, checkpoints/, predictions.npz."""

import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import near
from neocog.fit.history import Outcome, Row
from neocog.runs.experiment import Experiment

FORMAT = 1


@dataclass(frozen=True)
class RunFolder:
    """The files of one run. Everything is read through here, so that the format is known in one place."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        """Where checkpoints are."""
        return self.path / "checkpoints"

    @property
    def exists(self) -> bool:
        """Whether a run was begun here."""
        return (self.path / "run.json").exists()

    def begin(self, experiment: Experiment, facts: Mapping[str, Any]) -> None:
        """Write down the resolved experiment and the facts known before the first step."""
        write_durably(self.path / "experiment.toml", experiment.to_toml().encode())
        self.note({**facts, "outcome": Outcome.RUNNING.name})

    def experiment(self, allow_modules: Collection[str] = ()) -> Experiment:
        """The resolved experiment."""
        try:
            text = (self.path / "experiment.toml").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise _damaged(self.path / "experiment.toml", str(problem)) from problem
        return Experiment.from_toml(text, allow_modules=allow_modules)

    def note(self, facts: Mapping[str, Any]) -> None:
        """Add facts to run.json."""
        known = self.facts() if self.exists else {"format": FORMAT}
        write_durably(self.path / "run.json", json.dumps({**known, **facts}, indent=1).encode())

    def facts(self) -> dict[str, Any]:
        """What run.json holds.

        Raises:
            DataProblem: ``run-damaged``.
        """
        try:
            facts = json.loads((self.path / "run.json").read_bytes())
            if facts["format"] != FORMAT:
                raise ValueError(f"its format is {facts['format']}, this version reads {FORMAT}")
            Outcome[facts["outcome"]] if "outcome" in facts else None
            return dict(facts)
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise _damaged(self.path / "run.json", str(problem)) from problem

    @property
    def outcome(self) -> Outcome:
        """How the run ended, as far as it is known."""
        return Outcome[self.facts()["outcome"]]

    def write_history(self, rows: Collection[Row]) -> None:
        """One JSON object per line and row."""
        lines = "".join(json.dumps(row.as_dict()) + "\n" for row in rows)
        write_durably(self.path / "history.jsonl", lines.encode())

    def history(self) -> tuple[Row, ...]:
        """The rows written down so far."""
        path = self.path / "history.jsonl"
        try:
            lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
            return tuple(Row(**json.loads(line)) for line in lines)
        except (OSError, ValueError, TypeError) as problem:
            raise _damaged(path, str(problem)) from problem

    def write_records(self, records: Mapping[str, Mapping[str, np.ndarray]]) -> None:
        """Predictions by part: arrays ``PART.NAME`` in predictions.npz."""
        arrays = {f"{part}.{name}": array for part, record in records.items() for name, array in record.items()}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        write_durably(self.path / "predictions.npz", buffer.getvalue())

    def record(self, part: str) -> dict[str, np.ndarray]:
        """The predictions of one part."""
        path = self.path / "predictions.npz"
        try:
            with np.load(path, allow_pickle=False) as arrays:
                prefix = f"{part}."
                return {name[len(prefix) :]: arrays[name] for name in arrays.files if name.startswith(prefix)}
        except (OSError, ValueError, EOFError, KeyError) as problem:
            raise _damaged(path, str(problem)) from problem


def open_run(path: str | Path) -> RunFolder:
    """The run folder at a path.

    Raises:
        UsageProblem: ``run-missing``, with a near match from the folder above.
    """
    folder = RunFolder(Path(path))
    if folder.exists:
        return folder
    inside = sorted(Path(path).glob("arms/*/seed-*/run.json")) if Path(path).is_dir() else []
    siblings = [each.name for each in Path(path).parent.iterdir()] if Path(path).parent.is_dir() else []
    meant = near(Path(path).name, [name for name in siblings if name != Path(path).name])
    help = "name a folder that `neocog train` or `neocog compare` made"
    if inside:
        help = f"it holds a comparison; name one of its runs, such as {inside[0].parent}"
    elif meant:
        help = f"did you mean `{Path(path).parent / meant}`?"
    raise UsageProblem("run-missing", f"there is no run in {path}", where=str(path), help=help)


def _damaged(path: Path, why: str) -> DataProblem:
    return DataProblem(
        "run-damaged",
        f"{path.name} of the run cannot be read",
        where=f"{path}: {why}",
        note="nothing was changed",
        help="restore the file, or train again",
    )
