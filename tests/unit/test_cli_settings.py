"""cli/settings and cli/data: flags as settings."""

import pytest

from neocog.cli.data import data_options
from neocog.cli.settings import data_settings_from, only_data_settings, settings_from
from neocog.cli.shared import DataFlags
from neocog.core.errors import SeveralProblems, UsageProblem
from neocog.runs.setup import choose_data
from neocog.tasks.classify import Classify


def test_settings() -> None:
    assignments = ["a.b=1", " c.d = x=y ", "a.b=2", "e=", "data.val=0.2"]
    assert settings_from(assignments) == {"a.b": "2", "c.d": "x=y", "e": ""}
    assert data_settings_from(assignments) == {"val": "0.2"}


@pytest.mark.parametrize("text", ["network.depth", "=3", ""])
def test_settings_refused(text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        settings_from([text])
    assert caught.value.code == "setting-malformed"


def test_settings_of_training_where_nothing_is_trained() -> None:
    only_data_settings(["data.val=0.2"])
    with pytest.raises(UsageProblem) as caught:
        only_data_settings(["data.val=0.2", "descent.rate=1"])
    assert caught.value.code == "setting-without-effect" and "descent.rate" in str(caught.value)


def test_data_options_hold_what_was_given() -> None:
    assert data_options(DataFlags()) == {}
    flags = DataFlags(size=32, root="x", skip_bad=True, ignore_class=("a",), set=("data.val=0.2", "descent.rate=1"))
    assert data_options(flags) == {"size": 32, "root": "x", "skip_bad": True, "ignore_class": ("a",), "val": "0.2"}


def test_data_options_are_checked_all_at_once() -> None:
    with pytest.raises(SeveralProblems) as caught:
        choose_data(Classify, "digits", data_options(DataFlags(size=0, set=("data.labl_column=x", "data.val=2"))))
    assert [problem.code for problem in caught.value.problems] == ["option-value", "option-unknown", "option-value"]
    assert "did you mean `label_column`?" in str(caught.value)
