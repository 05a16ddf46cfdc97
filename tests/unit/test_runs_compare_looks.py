"""compare: what it foretells, and looks at a comparison that goes on."""

import json
from pathlib import Path
from typing import Any

import pytest

from neocog.cli.compare import as_json
from neocog.core.errors import UsageProblem
from neocog.core.progress import Silent
from neocog.measures.looks import Looks
from neocog.measures.sentences import whole
from neocog.runs.compare import compare
from neocog.runs.results import load_comparison
from table import tiny_data


class Heard(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


def quick(into: Path, **more: Any) -> Any:
    options = {"budget": "steps=2", "seeds": 2, "settings": {"plan.batch_size": 8, "plan.evaluations": 1}} | more
    return compare(tiny_data(), "linear,mlp[widths=4]", into=into, **options)


def test_what_can_be_settled_is_said_before_training_and_kept(tmp_path: Path) -> None:
    heard = Heard()
    result = quick(tmp_path, progress=heard)
    (said,) = (
        line for line in heard.lines if line.startswith("Before training: 2 seeds each, 24 test items and 1 pair")
    )
    assert said.endswith("do not expect a tie.")
    assert load_comparison(tmp_path).outlook == result.outlook is not None
    assert "only 24 items" in " ".join(result.notes)
    document = json.loads(json.dumps(as_json(result, tmp_path / "report.html"), default=str))
    assert document["looks"] == {"planned": 2, "taken": 1}
    assert document["outlook"]["items"] == 24
    assert {"p_beats", "p_tie", "seeds_error", "items_error", "need", "sentence"} <= set(document["verdicts"][0])
    assert set(document["ranks"]) == {"linear", "mlp[widths=4]"}
    assert "What it could settle" in result.report(tmp_path / "r.html").read_text("utf-8")


def test_going_on_with_more_seeds_is_another_look(tmp_path: Path) -> None:
    assert quick(tmp_path).looks == Looks(2, 1)
    assert quick(tmp_path).looks == Looks(2, 1)  # nothing was trained
    second = quick(tmp_path, seeds=3)
    assert second.looks == Looks(2, 2)
    assert "look" not in " ".join(map(whole, second.verdicts)).replace("2 looks", "")
    third = quick(tmp_path, seeds=4)
    assert third.looks == Looks(2, 3)
    assert all("This is the third look" in whole(verdict) for verdict in third.verdicts)
    with pytest.raises(UsageProblem) as caught:
        quick(tmp_path, looks=3)
    assert caught.value.code == "comparison-differs" and "before the first answer" in str(caught.value)


def test_looks_can_be_planned_and_older_folders_have_none(tmp_path: Path) -> None:
    assert quick(tmp_path, looks=1, seeds=1).looks == Looks(1, 1)
    path = tmp_path / "comparison.json"
    values = json.loads(path.read_text("utf-8"))
    assert values["outlook"] is None  # one run of each foretells nothing
    for name in ("looks", "answered", "outlook"):
        del values[name]
    path.write_text(json.dumps(values), "utf-8")
    assert load_comparison(tmp_path).looks == Looks(1, 1)
    with pytest.raises(UsageProblem, match="looks-range"):
        quick(tmp_path, looks=0)
