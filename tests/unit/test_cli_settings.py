"""cli/settings and cli/data: flags as settings."""

import pytest

from neocog.cli.data import data_options
from neocog.cli.settings import settings_from
from neocog.cli.shared import DataFlags
from neocog.core.errors import UsageProblem


def test_settings() -> None:
    assert settings_from(["a.b=1", " c.d = x=y ", "a.b=2", "e="]) == {"a.b": "2", "c.d": "x=y", "e": ""}


@pytest.mark.parametrize("text", ["network.depth", "=3", ""])
def test_settings_refused(text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        settings_from([text])
    assert caught.value.code == "setting-malformed"


def test_data_options_hold_what_was_given() -> None:
    assert data_options(DataFlags()) == {}
    flags = DataFlags(size=32, root="x", skip_bad=True, ignore_class=("a",), column=("label=species", "group=day"))
    assert data_options(flags) == {
        "size": 32,
        "root": "x",
        "skip_bad": True,
        "ignore_class": ("a",),
        "label_column": "species",
        "group_column": "day",
    }


@pytest.mark.parametrize(("text", "meant"), [("labl=x", "label=x"), ("label", None), ("label=", None)])
def test_columns_refused(text: str, meant: str | None) -> None:
    with pytest.raises(UsageProblem) as caught:
        data_options(DataFlags(column=(text,)))
    assert caught.value.code == "column-unknown"
    assert meant is None or f"did you mean `--column {meant}`" in caught.value.help
