"""Labels that look wrong, found by networks that never saw them."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from neocog.cli.main import run
from neocog.core.errors import UsageProblem
from neocog.data.open import from_arrays
from neocog.report.labels import write_labels
from neocog.runs.folder import RunFolder
from neocog.runs.label_errors import FoundLabels, find_label_errors

CLASSES = 3
RATE = {"descent.rate": 0.05}


def planted(items: int = 240, wrong: int = 12) -> tuple[np.ndarray, np.ndarray, set[int]]:
    """Images whose bright rows tell their class, some with a label of another."""
    random = np.random.default_rng(0)
    true = np.arange(items) % CLASSES
    images = random.integers(0, 120, (items, 6, 6)).astype(np.uint8)
    for row in range(2):  # each class has its own bright rows
        images[np.arange(items), 2 * true + row] += 100
    chosen = random.choice(items, wrong, replace=False)
    labels = true.copy()
    labels[chosen] = (true[chosen] + 1) % CLASSES
    return images, labels, set(chosen.tolist())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> FoundLabels:
    images, labels, _ = planted()
    into = tmp_path_factory.mktemp("labels") / "found"
    return find_label_errors(
        (images, labels), "linear", folds=3, budget="steps=100", into=into, augment="none", settings=RATE
    )


def rows_of(found: FoundLabels) -> list[int]:
    """The suspects as rows of the arrays: the part of an item, and its place in it, name it."""
    return [int("".join(filter(str.isdigit, each.name.split(":")[-1].split("/")[-1]))) for each in found.suspects]


def test_planted_errors_are_suspected(found: FoundLabels) -> None:
    _, labels, wrong = planted()
    suspects = rows_of(found)
    assert len(wrong & set(suspects[:12])) >= 8 and len(suspects) <= 16
    for each, row in zip(found.suspects[:8], suspects, strict=False):
        assert each.given == found.classes[labels[row]]
        assert each.says_probability > each.given_probability
    assert found.items == 240 and found.agreement == pytest.approx(1 - 12 / 240, abs=0.03)
    assert found.notes == ()
    assert set(found.pictures) == {each.row for each in found.suspects}


def test_no_network_saw_the_label_it_is_asked_about(found: FoundLabels) -> None:
    asked = []
    for fold in range(3):
        facts = RunFolder(found.folder / f"fold-{fold}").facts()["data"]["counts"]
        sizes = {part: sum(counts.values()) for part, counts in facts.items()}
        assert sum(sizes.values()) == 240 and sizes["val"] > 0
        asked.append(sizes["test"])
    assert asked == [80, 80, 80]


def test_what_is_done_is_not_done_again(found: FoundLabels, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels, _ = planted()

    def never(*args: object, **named: object) -> None:
        raise AssertionError("nothing is left to train")

    monkeypatch.setattr("neocog.runs.label_errors.run", never)
    again = find_label_errors((images, labels), "linear", folds=3, into=found.folder, augment="none")
    assert again.suspects == found.suspects
    for wrong in ({"folds": 4}, {"network": "mlp"}):
        asked = {"network": "linear", "folds": 3, **wrong}
        with pytest.raises(UsageProblem) as caught:
            find_label_errors((images, labels), into=found.folder, **asked)
        assert caught.value.code == "labels-differ"
    labels[0] = (labels[0] + 1) % CLASSES
    with pytest.raises(UsageProblem) as caught:
        find_label_errors((images, labels), "linear", folds=3, into=found.folder)
    assert caught.value.code == "labels-differ"


def test_the_page_shows_the_images(found: FoundLabels, tmp_path: Path) -> None:
    text = write_labels(found, tmp_path / "labels.html").read_text("utf-8")
    assert "Which labels look wrong?" in text and "Nothing was changed" in text
    assert found.suspects[0].name in text and text.count("<image") == min(60, len(found.suspects))


def test_the_list_holds_all_suspects(found: FoundLabels) -> None:
    with (found.folder / "suspects.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [each.name for each in found.suspects]
    assert [row["given"] for row in rows] == [each.given for each in found.suspects]


def test_groups_are_not_divided(tmp_path: Path) -> None:
    from dataclasses import replace

    from neocog.data.readers.choice import DataChoice
    from neocog.runs.label_pool import LabelPool

    images, labels, _ = planted()
    groups = [f"day {i // 6}" for i in range(len(labels))]
    choice = DataChoice(group_column="day")
    data = from_arrays(images, labels, metadata={"day": groups}, choice=choice)
    pool = LabelPool.of(data, "day")
    folds = pool.folds(3, 0)
    held = pool.without(1, folds)
    days = {part: {groups[_row(name)] for name in held.part(part).names} for part in ("train", "val", "test")}
    assert not days["test"] & (days["train"] | days["val"]) and not days["train"] & days["val"]
    alone = replace(pool, groups=None).without(1, replace(pool, groups=None).folds(3, 0))
    days = {part: {groups[_row(name)] for name in alone.part(part).names} for part in ("train", "test")}
    assert days["test"] & days["train"]


def _row(name: str) -> int:
    return int("".join(filter(str.isdigit, name.split(":")[-1].split("/")[-1])))


def test_what_has_no_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        find_label_errors("seasons", task="forecast", into=tmp_path / "x", budget="steps=1")
    assert caught.value.code == "labels-data"
    with pytest.raises(UsageProblem) as caught:
        find_label_errors("digits", folds=1, into=tmp_path / "x")
    assert caught.value.code == "folds-range"


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = str(tmp_path / "labels")
    command = ["labels", "digits", "--network", "linear", "--folds", "2", "--budget", "steps=2", "--into", into]
    assert run([*command, "--json", "--quiet", "--no-cache"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["items"] == 1797 and told["suspects"] and Path(told["report"]).is_file()
    assert run([*command, "--quiet", "--no-cache"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert told["sentence"] in said and "its suspicions mean little" in said  # after two steps
