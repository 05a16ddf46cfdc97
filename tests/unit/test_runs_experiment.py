"""Experiment: to TOML and back, names that are unknown, settings."""

import types
from dataclasses import asdict
from typing import Any, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neocog.core.catalogue import ANY_MODULE, Spec
from neocog.core.errors import DataProblem, Problem, UsageProblem
from neocog.core.options import Option, options_of, show
from neocog.core.rules import Above, AtLeast, Between, OneOf
from neocog.data.open import DataChoice
from neocog.networks import NETWORKS
from neocog.runs.experiment import NAMESPACES, OPTION_SECTIONS, Experiment
from neocog.tasks import TASKS

PLAIN = Experiment(DataChoice(), Spec("resnet", {"depth": 20}))
LARGEST = 2**40


def within(option: Option) -> tuple[float, float, bool, bool]:
    rule = option.rule
    if isinstance(rule, Between):
        return rule.low, rule.high, rule.open_low, rule.open_high
    low = rule.low if isinstance(rule, (AtLeast, Above)) else -LARGEST
    return low, LARGEST, isinstance(rule, Above), False


def values_of_kind(kind: Any, option: Option) -> st.SearchStrategy[Any]:
    if get_origin(kind) in (Union, types.UnionType):
        return st.one_of([values_of_kind(member, option) for member in get_args(kind)])
    if get_origin(kind) is tuple:
        return st.lists(values_of_kind(get_args(kind)[0], option), max_size=3).map(tuple)
    low, high, open_low, open_high = within(option)
    return {
        type(None): st.none(),
        bool: st.booleans(),
        int: st.integers(int(low), int(high)),
        float: st.floats(low, high, exclude_min=open_low, exclude_max=open_high),
        str: st.text(min_size=1).map(str.strip).filter(bool),  # texts are read without the space around them
    }[kind]


def values(option: Option) -> st.SearchStrategy[Any]:
    if isinstance(option.rule, OneOf):
        return st.sampled_from(option.rule.values)
    return values_of_kind(option.kind, option)


def options(target: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Some of the target's options, each with a value that its rule allows."""
    return st.fixed_dictionaries({}, optional={name: values(option) for name, option in options_of(target).items()})


def named(table: dict[str, Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Options of networks that are none are left out of TOML, where they are none by default."""
    return st.one_of([st.tuples(st.just(name), options(target).map(_some)) for name, target in table.items()])


def _some(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


# Plain values, built inside the tests: the shape hook draws random numbers, which strategies must not.
DRAWN = st.fixed_dictionaries(
    {
        "network": named(NETWORKS),
        "asked": st.one_of(
            [st.tuples(st.just(name), options(kind), options(kind.family.choice)) for name, kind in TASKS.items()]
        ),
        **{name: options(kind) for name, kind in OPTION_SECTIONS.items()},
    }
)


def built(drawn: dict[str, Any]) -> Experiment:
    task, task_options, data_options = drawn["asked"]
    return Experiment(
        data=TASKS[task].family.choice(**data_options),
        network=Spec(*drawn["network"]),
        task=Spec(task, task_options),
        **{name: kind(**drawn[name]) for name, kind in OPTION_SECTIONS.items()},
    )


@given(DRAWN)
@settings(deadline=None, max_examples=60)
def test_to_toml_and_back_without_loss(drawn: dict[str, Any]) -> None:
    experiment = built(drawn)
    assert Experiment.from_toml(experiment.to_toml()) == experiment


@given(DRAWN)
@settings(deadline=None, max_examples=60)
def test_what_is_set_is_the_same_as_value_as_text_and_from_toml(drawn: dict[str, Any]) -> None:
    """Every option of every section, set on an experiment that has only names."""
    task, task_options, _ = drawn["asked"]
    names = Experiment(TASKS[task].family.choice(), Spec(drawn["network"][0]), Spec(task))
    chosen = {"network": drawn["network"][1], "task": task_options}
    chosen |= {name: drawn[name] for name in NAMESPACES if name not in chosen}
    values = {f"{section}.{name}": v for section, each in chosen.items() for name, v in each.items()}
    set_as_values = names.with_settings(values)
    set_as_texts = names.with_settings({name: show(value) for name, value in values.items()})
    assert set_as_values == set_as_texts == Experiment.from_toml(set_as_texts.to_toml())
    for section, each in chosen.items():
        changed = getattr(set_as_values, section)
        held = changed.options if isinstance(changed, Spec) else asdict(changed)
        assert {name: held[name] for name in each} == each


def test_what_is_not_set_stays() -> None:
    changed = PLAIN.with_settings({"descent.rate": "0.25", "network.shortcut": "none", "augment.rotation": 15})
    assert changed.descent.rate == 0.25
    assert changed.descent.optimizer == PLAIN.descent.optimizer
    assert changed.network == Spec("resnet", {"depth": 20, "shortcut": "none"})
    assert changed.augment.rotation == 15
    assert (changed.plan, changed.engine, changed.data, changed.task) == (
        PLAIN.plan,
        PLAIN.engine,
        PLAIN.data,
        PLAIN.task,
    )
    assert PLAIN.with_settings({}) == PLAIN


@pytest.mark.parametrize(
    ("setting", "code", "help"),
    [
        ({"descnt.rate": 1}, "setting-unknown", "did you mean `descent.rate`"),
        ({"rate": 1}, "setting-unknown", ""),
        ({"data.name": "mnist"}, "setting-unknown", ""),
        ({"descent": 1}, "setting-unknown", ""),
        ({"descent.": 1}, "option-unknown", ""),
        ({"descent.rte": 1}, "option-unknown", "did you mean `rate`"),
        ({"network.depht": 8}, "option-unknown", "did you mean `depth`"),
        ({"network.widths": (8,)}, "option-unknown", ""),
        ({"network.depth": 7}, "option-value", "8 to 110"),
        ({"network.depth": "many"}, "option-value", "whole number"),
        ({"descent.optimizer": "adm"}, "option-value", "did you mean `adam`"),
        ({"plan.steps": 1.5}, "option-value", "whole number"),
        ({"plan.seed": -1}, "option-value", "at least 0"),
        ({"descent.rate": float("nan")}, "option-value", "above 0"),
        ({"engine.compile": "maybe"}, "option-value", "true or false"),
    ],
)
def test_a_bad_setting_is_refused(setting: dict[str, Any], code: str, help: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        PLAIN.with_settings(setting)
    assert caught.value.code == code
    assert help in caught.value.help


def test_all_bad_settings_of_a_section_at_once() -> None:
    with pytest.raises(Problem) as caught:
        PLAIN.with_settings({"descent.rate": -1, "descent.clip": 0, "descent.optimizer": "x"})
    assert all(name in str(caught.value) for name in ("rate", "clip", "optimizer"))


def edited(old: str, new: str) -> str:
    text = PLAIN.to_toml()
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "kind", "code"),
    [
        ("format = 1", "format = 2", DataProblem, "experiment-unreadable"),
        ("format = 1", "", DataProblem, "experiment-unreadable"),
        ("[descent]", "[descend]", DataProblem, "experiment-unreadable"),
        ("[descent]", "[descent", DataProblem, "experiment-unreadable"),
        ('name = "resnet"', "", DataProblem, "experiment-unreadable"),
        ('name = "resnet"', "name = 3", DataProblem, "experiment-unreadable"),
        ('name = "resnet"', 'name = "resnt"', UsageProblem, "name-unknown"),
        ('name = "resnet"', 'name = "torch.nn:Linear"', UsageProblem, "module-not-allowed"),
        ("depth = 20", "depth = 7", UsageProblem, "option-value"),
        ("depth = 20", "dpth = 20", UsageProblem, "option-unknown"),
        ('optimizer = "adamw"', 'optimizer = "adam w"', UsageProblem, "option-value"),
        ("momentum = 0.9", "momentun = 0.9", UsageProblem, "option-unknown"),
        ("momentum = 0.9", 'momentum = "0.9"', UsageProblem, "option-value"),
        ("momentum = 0.9", "momentum = nan", UsageProblem, "option-value"),
    ],
)
def test_a_file_that_was_changed_is_answered(old: str, new: str, kind: type[Problem], code: str) -> None:
    with pytest.raises(kind) as caught:
        Experiment.from_toml(edited(old, new))
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["", "format = 1", "\x00", "descent = 3\n" * 2, "[a]\n[a]"])
def test_what_is_no_experiment(text: str) -> None:
    with pytest.raises(DataProblem):
        Experiment.from_toml(text)


@pytest.mark.parametrize("section", ["descent", "network", "data", "task", "engine"])
def test_a_section_that_is_no_table(section: str) -> None:
    lines = PLAIN.to_toml().split("\n\n")
    others = [part for part in lines if not part.startswith(f"[{section}]")]
    assert len(others) == len(lines) - 1
    with pytest.raises(DataProblem) as caught:
        Experiment.from_toml(f"{section} = 3\n" + "\n\n".join(others))
    assert caught.value.code == "experiment-unreadable"


@given(st.text())
@settings(deadline=None)
def test_any_text_is_answered(text: str) -> None:
    with pytest.raises(DataProblem):
        Experiment.from_toml(text)


def test_a_module_is_imported_only_where_it_is_allowed() -> None:
    text = edited('name = "resnet"', 'name = "neocog.networks.resnet:ResNet"')
    with pytest.raises(UsageProblem, match="--allow-module neocog"):
        Experiment.from_toml(text)
    for allowed in (("neocog",), ANY_MODULE):
        assert Experiment.from_toml(text, allow_modules=allowed).network.options == {"depth": 20}
