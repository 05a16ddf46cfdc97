"""core/catalogue: from a name to a class."""

import sys
from pathlib import Path

import pytest

from neocog.core.catalogue import ANY_MODULE, Spec, find, modules_of, parse_list
from neocog.core.errors import UsageProblem


class ResNet:
    pass


class Mlp:
    pass


TABLE = {"resnet": ResNet, "mlp": Mlp}


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("resnet", "resnet", {}),
        (" resnet ", "resnet", {}),
        ("resnet[]", "resnet", {}),
        ("resnet[depth=20]", "resnet", {"depth": "20"}),
        ("resnet[ depth = 20 , shortcut=no ]", "resnet", {"depth": "20", "shortcut": "no"}),
        ("mlp[widths=256+128]", "mlp", {"widths": "256+128"}),
        ("my.module:Net[a=b]", "my.module:Net", {"a": "b"}),
    ],
)
def test_parse(text: str, name: str, options: dict[str, str]) -> None:
    spec = Spec.parse(text)
    assert (spec.name, spec.options) == (name, options)
    assert Spec.parse(str(spec)) == spec


@pytest.mark.parametrize(
    "text",
    ["", "[depth=20]", "resnet[depth=20", "resnet]", "resnet[depth]", "resnet[depth=]", "a b", "r[a=1,a=2]", "r[a=1]x"],
)
def test_parse_refuses(text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        Spec.parse(text)
    assert caught.value.code == "name-malformed"


def test_values_are_shown_as_text() -> None:
    assert (
        str(Spec("mlp", {"widths": (256, 128), "dropout": 0.5, "norm": False}))
        == "mlp[widths=256+128,dropout=0.5,norm=false]"
    )


def test_parse_list_keeps_commas_inside_brackets() -> None:
    specs = parse_list("resnet[depth=20,shortcut=no], mlp[widths=256+128],linear,")
    assert [str(spec) for spec in specs] == ["resnet[depth=20,shortcut=no]", "mlp[widths=256+128]", "linear"]


def test_parse_list_of_nothing() -> None:
    with pytest.raises(UsageProblem):
        parse_list(" , ")


def test_find_a_built_in() -> None:
    assert find("resnet", TABLE, "network") is ResNet


def test_find_suggests() -> None:
    with pytest.raises(UsageProblem) as caught:
        find("resnt", TABLE, "network")
    assert caught.value.code == "name-unknown" and caught.value.exit_code == 2
    assert "did you mean `resnet`?" in str(caught.value)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    marker = tmp_path / "imported"
    (tmp_path / "my_plugin_for_find.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass Net: ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "my_plugin_for_find", raising=False)
    return marker


@pytest.mark.parametrize("allowed", [ANY_MODULE, ["my_plugin_for_find"]])
def test_find_a_class_of_an_allowed_module(plugin: Path, allowed: list[str]) -> None:
    found = find("my_plugin_for_find:Net", TABLE, "network", allow_modules=allowed)
    assert found.__name__ == "Net" and plugin.exists()


@pytest.mark.parametrize("allowed", [(), ["my_plugin"], ["my_plugin_for_find.below"]])
def test_find_imports_nothing_that_is_not_allowed(plugin: Path, allowed: list[str]) -> None:
    with pytest.raises(UsageProblem) as caught:
        find("my_plugin_for_find:Net", TABLE, "network", allow_modules=allowed)
    assert caught.value.code == "module-not-allowed"
    assert "--allow-module my_plugin_for_find" in caught.value.help
    assert not plugin.exists()


def test_find_names_what_a_module_lacks(plugin: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        find("my_plugin_for_find:Nett", TABLE, "network", allow_modules=ANY_MODULE)
    assert caught.value.code == "name-unknown" and "my_plugin_for_find:Net`" in caught.value.help


def test_find_a_module_that_does_not_exist() -> None:
    with pytest.raises(UsageProblem) as caught:
        find("no_such_module_at_all:Net", TABLE, "network", allow_modules=ANY_MODULE)
    assert caught.value.code == "module-not-found"


def test_modules_of_what_was_typed() -> None:
    assert modules_of(parse_list("mlp,a.b:Net[x=1],a.b:Other,c:Net")) == ("a.b", "c")
