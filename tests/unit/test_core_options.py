"""core/options: a signature is the one declaration of its options."""

import sys
from dataclasses import dataclass
from subprocess import run
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from neocog.core.errors import SeveralProblems, UsageProblem
from neocog.core.options import Option, check, defaults_of, kind_name, near, options_of, parse, show
from neocog.core.rules import Above, AtLeast, Between, OneOf


class Net:
    def __init__(
        self,
        takes: int,
        *,
        depth: "Annotated[int, Between(8, 110), 'Number of weighted layers.']" = 20,
        widths: Annotated[tuple[int, ...], AtLeast(1), "Units per layer."] = (256, 128),
        rate: Annotated[float, Above(0), "Step."] = 0.1,
        act: Annotated[str, OneOf("relu", "tanh"), "Activation."] = "relu",
        shortcut: bool = True,
        clip: Annotated[float | None, Above(0)] = None,
        betas: tuple[float, float] = (0.9, 0.999),
        mode: Literal["a", "b"] = "a",
        names: tuple[str, ...] = (),
        weights: tuple[float, ...] | str | None = None,
    ) -> None:
        self.depth = depth


@dataclass(frozen=True, kw_only=True)
class Plan:
    steps: Annotated[int, AtLeast(0), "Steps."]
    pause: float = 0.0


def test_options_of_reads_only_keyword_only_parameters_in_order() -> None:
    options = options_of(Net)
    assert list(options)[:3] == ["depth", "widths", "rate"]
    assert "takes" not in options
    assert options["depth"] == Option("depth", int, 20, Between(8, 110), "Number of weighted layers.")


def test_options_of_a_dataclass_a_function_and_a_plain_class() -> None:
    assert list(options_of(Plan)) == ["steps", "pause"]
    assert options_of(Plan)["steps"].required
    assert defaults_of(Plan) == {"pause": 0.0}

    def train(data: str, *, seed: int = 0) -> None: ...

    class Bare:
        pass

    assert list(options_of(train)) == ["seed"]
    assert options_of(Bare) == {}


def test_literal_is_a_rule() -> None:
    assert options_of(Net)["mode"].rule == OneOf("a", "b")
    assert parse(Net, {"mode": "b"}) == {"mode": "b"}
    with pytest.raises(UsageProblem):
        parse(Net, {"mode": "c"})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("depth", "20", 20),
        ("depth", " 20 ", 20),
        ("widths", "256+128", (256, 128)),
        ("widths", "256,128", (256, 128)),
        ("widths", "64", (64,)),
        ("widths", "()", ()),
        ("rate", "1e-3", 0.001),
        ("rate", "1", 1.0),
        ("act", "tanh", "tanh"),
        *[("shortcut", text, True) for text in ("true", "yes", "on", "True")],
        *[("shortcut", text, False) for text in ("false", "no", "off", "No")],
        ("clip", "none", None),
        ("clip", "2", 2.0),
        ("betas", "1e+5+2e-3", (1e5, 2e-3)),
        ("names", "blue+red", ("blue", "red")),
        ("weights", "balanced", "balanced"),
        ("weights", "1+2.5", (1.0, 2.5)),
        ("weights", "none", None),
    ],
)
def test_parse(name: str, text: str, value: Any) -> None:
    got = parse(Net, {name: text})[name]
    assert got == value and type(got) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("depth", "7"),
        ("depth", "111"),
        ("depth", "20.5"),
        ("depth", "many"),
        ("depth", ""),
        ("depth", "none"),
        ("widths", "256+0"),
        ("widths", "256++128"),
        ("rate", "0"),
        ("rate", "nan"),
        ("rate", "inf"),
        ("act", "rleu"),
        ("shortcut", "1"),
        ("clip", "-1"),
        ("betas", "0.9"),
        ("betas", "0.9+0.99+0.999"),
    ],
)
def test_parse_refuses(name: str, text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        parse(Net, {name: text}, name="net")
    assert caught.value.code == "option-value"
    assert name in str(caught.value) and (not text or text in str(caught.value))
    assert "net" in caught.value.what


@pytest.mark.parametrize(
    ("name", "value", "converted"),
    [
        ("rate", 1, 1.0),
        ("widths", [3, 4], (3, 4)),
        ("depth", np.int64(20), 20),
        ("rate", np.float32(0.5), 0.5),
        ("clip", None, None),
        ("betas", [0, 1], (0.0, 1.0)),
    ],
)
def test_check_converts_what_toml_and_numpy_give(name: str, value: Any, converted: Any) -> None:
    got = check(Net, {name: value})[name]
    assert got == converted and type(got) is type(converted)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("depth", True),
        ("rate", True),
        ("depth", 20.0),
        ("depth", "20"),
        ("shortcut", 1),
        ("rate", float("nan")),
        ("widths", 3),
        ("widths", [True]),
        ("act", None),
        ("names", "blue"),
    ],
)
def test_check_refuses(name: str, value: Any) -> None:
    with pytest.raises(UsageProblem) as caught:
        check(Net, {name: value})
    assert caught.value.code == "option-value"


def test_all_problems_at_once_with_near_matches() -> None:
    with pytest.raises(SeveralProblems) as caught:
        parse(Net, {"dept": "20", "act": "rleu", "rate": "fast", "widths": "0"})
    problems = {problem.what: problem for problem in caught.value.problems}
    assert len(problems) == 4
    assert caught.value.exit_code == 2
    assert "did you mean `depth`?" in str(caught.value)
    assert "did you mean `relu`?" in str(caught.value)


def test_left_out_options_stay_out() -> None:
    assert check(Net, {}) == {}


def test_near() -> None:
    assert near("resnt", ["resnet", "mlp"]) == "resnet"
    assert near("Simple_CNN", ["simple-cnn"]) == "simple-cnn"
    assert near("xyz", ["resnet", "mlp"]) is None


def test_show() -> None:
    shown = [show(value) for value in (None, True, False, 3, 0.5, 1e16, "relu", (256, 128), (), (1e16, 1.0))]
    assert shown == ["none", "true", "false", "3", "0.5", "1e+16", "relu", "256+128", "()", "1e16+1.0"]


def test_kinds_in_words() -> None:
    options = options_of(Net)
    assert kind_name(options["depth"].kind) == "int"
    assert kind_name(options["act"].kind) == "text"
    assert kind_name(options["widths"].kind) == "int+int+..."
    assert kind_name(options["betas"].kind) == "float+float"
    assert kind_name(options["clip"].kind) == "float or none"
    assert options["depth"].expects == "a whole number, 8 to 110"
    assert options["clip"].expects == "a number or none, above 0"


def test_no_torch() -> None:
    code = "import sys, neocog.core.catalogue; sys.exit(len({'torch', 'numpy'} & set(sys.modules)))"
    assert run([sys.executable, "-c", code]).returncode == 0
