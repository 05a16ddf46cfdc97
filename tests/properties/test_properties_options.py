"""Options of every registered class: text round trips, and values that break a rule are refused."""

import importlib
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neocog.core.errors import UsageProblem
from neocog.core.options import Option, check, options_of, parse, show
from neocog.core.rules import Between, OneOf

TABLES = (("neocog.networks", "NETWORKS"), ("neocog.tasks", "TASKS"))
OPTION_CLASSES = (
    ("neocog.data.augment", "Augmentation"),
    ("neocog.data.split", "Split"),
    ("neocog.data.open", "DataChoice"),
    ("neocog.fit.descent", "Descent"),
    ("neocog.fit.engine", "Engine"),
    ("neocog.runs.experiment", "PlanOptions"),
    ("neocog.runs.experiment", "StartOptions"),
)


def declared() -> Iterator[tuple[str, Callable[..., Any]]]:
    for module, table in TABLES:
        yield from getattr(importlib.import_module(module), table).items()
    for module, name in OPTION_CLASSES:
        yield name, getattr(importlib.import_module(module), name)


def cases() -> list[Any]:
    return [
        pytest.param(target, option, id=f"{name}.{option.name}")
        for name, target in declared()
        for option in options_of(target).values()
    ]


def holder(kind: Any) -> Callable[..., Any]:
    def take(*, value: Any) -> None: ...

    take.__annotations__["value"] = kind
    return take


TEXT = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1).filter(
    lambda text: text.lower() not in ("none", "true", "false", "yes", "no", "on", "off")
)
FLOATS = st.floats(allow_nan=False)
KINDS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, st.integers()),
    (float, FLOATS),
    (bool, st.booleans()),
    (str, TEXT),
    (int | None, st.none() | st.integers()),
    (float | None, st.none() | FLOATS),
    (str | None, st.none() | TEXT),
    (tuple[int, ...], st.lists(st.integers()).map(tuple)),
    (tuple[float, ...], st.lists(FLOATS).map(tuple)),
    (tuple[str, ...], st.lists(TEXT).map(tuple)),
    (tuple[float, float], st.tuples(FLOATS, FLOATS)),
    (tuple[int, ...] | None, st.none() | st.lists(st.integers()).map(tuple)),
]


@pytest.mark.parametrize(("kind", "values"), KINDS, ids=[str(kind) for kind, _ in KINDS])
@given(data=st.data())
def test_text_round_trip(kind: Any, values: st.SearchStrategy[Any], data: st.DataObject) -> None:
    value = data.draw(values)
    assert parse(holder(kind), {"value": show(value)}) == {"value": value}


@given(st.lists(st.integers()))
def test_a_list_does_for_a_tuple(values: list[int]) -> None:
    assert check(holder(tuple[int, ...]), {"value": values}) == {"value": tuple(values)}


@pytest.mark.parametrize(("target", "option"), cases())
def test_defaults_are_allowed_and_round_trip(target: Callable[..., Any], option: Option) -> None:
    if option.required:
        return
    assert check(target, {option.name: option.default}) == {option.name: option.default}
    assert parse(target, {option.name: show(option.default)}) == {option.name: option.default}


@pytest.mark.parametrize(("target", "option"), cases())
def test_values_that_break_a_rule_are_refused(target: Callable[..., Any], option: Option) -> None:
    for bad in option.rule.bad_examples() if option.rule else ():
        for value in (bad, _whole(bad), [bad], [_whole(bad)]):
            with pytest.raises(UsageProblem):
                check(target, {option.name: value})
            with pytest.raises(UsageProblem):
                parse(target, {option.name: show(value)})


@pytest.mark.parametrize(("target", "option"), cases())
def test_every_option_is_explained(target: Callable[..., Any], option: Option) -> None:
    assert option.help.strip(), "an option needs a line of help"
    kinds = get_args(option.kind) or (option.kind,)
    numbers = any(kind in (int, float) for kind in kinds) and get_origin(option.kind) is not tuple
    assert option.rule or not numbers, "a number needs a rule"


def test_control_a_rule_that_is_not_looked_at_is_noticed() -> None:
    """A declaration whose rule got lost lets the bad value through: the law above would fail."""
    assert check(holder(int), {"value": Between(8, 110).bad_examples()[0]}) == {"value": 7}
    assert check(holder(str), {"value": OneOf("a").bad_examples()[0]}) == {"value": "no-such-value"}


def _whole(bad: Any) -> Any:
    return int(bad) if isinstance(bad, float) and bad == bad and abs(bad) != float("inf") and bad.is_integer() else bad
