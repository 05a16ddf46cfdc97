"""Networks scaled to a common size."""

from collections.abc import Iterator

import pytest

from neocog.core.catalogue import Spec, parse_list
from neocog.core.errors import UsageProblem
from neocog.core.options import defaults_of, parse
from neocog.core.shapes import Image, Vector
from neocog.data.images import ImageData
from neocog.data.open import DataChoice, open_images
from neocog.measures.cost import macs, parameters
from neocog.networks import NETWORKS
from neocog.runs.match import Match, matched
from neocog.runs.setup import Question, task_for
from neocog.tasks.classify import Classify


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return open_images(DataChoice(), keep=False)


@pytest.fixture(scope="module")
def question(digits: ImageData) -> Iterator[Question]:
    yield Question(task_for("digits", None)[0], DataChoice(), digits)


def counted(spec: Spec, quantity: str, digits: ImageData) -> int:
    """By building it: the control of the sketch that the search counts on."""
    kind = NETWORKS[spec.name]
    texts = {name: str(value) if not isinstance(value, tuple) else value for name, value in spec.options.items()}
    network = kind(digits.takes, Vector(10), **{**defaults_of(kind), **parse(kind, texts)})  # type: ignore[call-arg]
    return parameters(network) if quantity == "parameters" else macs(network, digits.takes)


@pytest.mark.parametrize("quantity", ["parameters", "macs"])
def test_all_come_near_and_the_middle_one_stays(question: Question, digits: ImageData, quantity: str) -> None:
    specs = parse_list("linear,mlp,simple-cnn,lenet5")
    chosen, sizes, whole = matched(Match(quantity), specs, question, settings={})
    own = sorted(counted(spec, quantity, digits) for spec in specs[1:])
    assert whole == Match(quantity, own[1])
    assert chosen[0] == specs[0] and sum(spec in specs for spec in chosen) == 2
    for spec, size in zip(chosen, sizes, strict=True):
        assert size.reached == counted(spec, quantity, digits)
        assert bool(size.why) == (spec.name == "linear")
        assert spec.name in ("linear", "lenet5") or size.off < 0.01
    assert "no width to scale" in sizes[0].sentence and "times the common size" in sizes[0].sentence


def test_no_neighbouring_width_comes_nearer(question: Question, digits: ImageData) -> None:
    (chosen,), (size,), _ = matched(Match("parameters", 20_000), [Spec("resnet")], question, settings={})
    reached = chosen.options["width"]
    others = [counted(Spec("resnet", {"width": reached + step}), "parameters", digits) for step in (-1, 1)]
    assert all(abs(each - 20_000) > abs(size.reached - 20_000) for each in others)


def test_a_number_and_what_was_set_by_hand_are_respected(question: Question) -> None:
    specs = parse_list("mlp[widths=20],mlp[dropout=0],lenet5[variant=1998],lenet5@w.safetensors")
    chosen, sizes, whole = matched(Match("parameters", 30_000), specs, question, settings={})
    assert whole.target == 30_000 and chosen[0] == specs[0] and chosen[2:] == specs[2:]
    why = [size.why for size in sizes]
    assert "set by hand" in why[0] and not why[1] and "one width only" in why[2] and "weights are given" in why[3]
    assert chosen[1].options["dropout"] == "0" and sizes[1].off < 0.01
    assert sizes[1].sentence == f"{chosen[1]}: {sizes[1].reached:,} parameters, {100 * sizes[1].off:.2g} % off."


def test_a_width_for_all_networks_is_set_by_hand(question: Question) -> None:
    with pytest.raises(UsageProblem) as caught:
        matched(Match("macs"), [Spec("resnet"), Spec("linear")], question, settings={"network.width": 4})
    assert caught.value.code == "match-without-width"


def test_what_cannot_take_the_data_stays_as_it_is(question: Question) -> None:
    specs = parse_list("mlp,convnext")
    chosen, sizes, _ = matched(Match("parameters"), specs, question, settings={})
    assert chosen == specs and len(sizes) == 1  # so that its reason is told where networks are resolved


@pytest.mark.parametrize("text", ["", "flops", "parameters=", "parameters=0", "parameters=-3", "macs=1.2.3"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        Match.parse(text)
    assert caught.value.code == "match-malformed"


def test_numbers_are_read_as_people_write_them() -> None:
    assert {Match.parse(text) for text in ("macs=100000", "macs=100,000", "macs=1e5", "macs=100_000")} == {
        Match("macs", 10**5)
    }
    assert Match.parse(None) is None


def test_every_width_is_an_option() -> None:
    assert all(set(kind.scaled) <= set(defaults_of(kind)) for kind in NETWORKS.values())
    usual = {name: NETWORKS[name].scaled for name in Classify.networks}
    assert [name for name, scaled in usual.items() if not scaled] == ["linear"]


@pytest.mark.parametrize("name", ["lenet5", "locally-connected"])
def test_a_factor_of_one_changes_nothing_and_two_does(name: str) -> None:
    takes, gives = Image(1, 28, 28), Vector(10)
    plain, one, two = (NETWORKS[name](takes, gives, **o) for o in ({}, {"width": 1.0}, {"width": 2.0}))  # type: ignore[call-arg]
    assert parameters(plain) == parameters(one) < parameters(two)
    with pytest.raises(UsageProblem) as caught:
        NETWORKS["lenet5"](takes, gives, variant="1998", width=2.0)  # type: ignore[call-arg]
    assert caught.value.code == "network-one-width"
