"""core/errors: problems that a person can mend."""

import pickle

import pytest

from neocog.core.errors import (
    DataProblem,
    FolderInUse,
    MissingExtra,
    Problem,
    SeveralProblems,
    StorageProblem,
    TrainingProblem,
    UsageProblem,
    plain,
    raise_all,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UsageProblem, 2),
        (MissingExtra, 2),
        (DataProblem, 65),
        (TrainingProblem, 69),
        (FolderInUse, 73),
        (StorageProblem, 74),
    ],
)
def test_exit_codes(kind: type[Problem], code: int) -> None:
    assert kind("a-code", "what happened").exit_code == code
    assert SeveralProblems([kind("a-code", "first"), UsageProblem("b-code", "second")]).exit_code == code


def test_text_as_promised() -> None:
    problem = DataProblem(
        "data-x", "3 of 10 are bad", where=["a.jpg: short", "b.jpg"], note="no change", help="mend it"
    )
    assert str(problem) == (
        "error[data-x]: 3 of 10 are bad\n  --> a.jpg: short\n      b.jpg\n  note: no change\n  help: mend it"
    )


def test_only_ten_places_are_shown() -> None:
    text = str(DataProblem("data-x", "many", where=[f"file-{i}" for i in range(1234)]))
    assert "file-9" in text and "file-10" not in text and "... and 1,224 more" in text


def test_nothing_from_outside_controls_the_terminal() -> None:
    text = str(DataProblem("data-x", "bad \x1b[2J name", where="evil\u202egpj.exe\x00"))
    assert "\x1b" not in text and "\u202e" not in text and "\x00" not in text
    assert "\\x1b[2J" in text and "\\u202egpj" in text


def test_plain_keeps_ordinary_text() -> None:
    assert plain("Größe 5 µm, 猫\n") == "Größe 5 µm, 猫\n"
    assert plain("\udcff") == "\\udcff"


def test_problems_survive_a_process_border() -> None:
    problem = DataProblem("data-x", "what", where=["a", "b"], note="n", help="h")
    copy = pickle.loads(pickle.dumps(problem))
    assert type(copy) is DataProblem and copy.as_json() == problem.as_json()
    several = pickle.loads(pickle.dumps(SeveralProblems([problem, UsageProblem("u", "w")])))
    assert [each.code for each in several.problems] == ["data-x", "u"]


def test_raise_all() -> None:
    raise_all([])
    one = UsageProblem("u", "w")
    with pytest.raises(UsageProblem):
        raise_all([one])
    with pytest.raises(SeveralProblems) as caught:
        raise_all([one, DataProblem("d", "w")])
    document = caught.value.as_json()
    assert document["code"] == "u" and [each["code"] for each in document["problems"]] == ["u", "d"]  # type: ignore[attr-defined]
    assert str(caught.value).count("error[") == 2
