"""Names that people use, and what they are called here."""

import pytest

from neocog.core.catalogue import ANY_MODULE, Spec, find
from neocog.core.errors import UsageProblem
from neocog.core.options import check, parse
from neocog.core.spoken import SPOKEN, spoken
from neocog.networks import NETWORKS


@pytest.mark.parametrize(
    ("said", "here"),
    [
        ("resnet50", "resnet-imagenet[depth=50]"),
        ("ResNet-18", "resnet-imagenet[depth=18]"),
        ("resnet_152", "resnet-imagenet[depth=152]"),
        ("resnet20", "resnet[depth=20]"),
        ("resnet110", "resnet[depth=110]"),
        ("plain56", "resnet[depth=56,shortcut=none]"),
        ("vgg16", "vgg[depth=16]"),
        ("VGG-19", "vgg[depth=19]"),
        ("vgg16_bn", "vgg[depth=16,norm=true]"),
        ("inception", "inception-v3"),
        ("inception_v3", "inception-v3"),
        ("inception-v1", "googlenet"),
        ("mobilenet", "mobilenet-v2"),
        ("mobilenet_v2", "mobilenet-v2"),
        ("squeezenet1_1", "squeezenet[version=1.1]"),
        ("squeezenet1.0", "squeezenet[version=1.0]"),
        ("convnext_tiny", "convnext[size=tiny]"),
        ("lenet", "lenet5"),
        ("lenet-5", "lenet5"),
        ("GoogleNet", "googlenet"),
        ("cnn", "simple-cnn"),
        ("lstm", "recurrent[cell=lstm]"),
    ],
)
def test_the_help_names_the_exact_spelling(said: str, here: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        find(said, NETWORKS, "network", ANY_MODULE)
    assert caught.value.code == "name-unknown"
    assert f"did you mean `{here}`?" in caught.value.help


def test_every_answer_exists_with_its_options() -> None:
    """What the table answers can be typed: the network is there, and takes these values."""
    for pattern, here in SPOKEN:
        groups = [group.split("|") for group in _groups(pattern)]
        for choice in zip(*groups) if groups else [()]:
            spec = Spec.parse(here.format(*choice))
            kind = NETWORKS[spec.name]
            check(kind, parse(kind, spec.options))


def _groups(pattern: str) -> list[str]:
    """The alternatives of each group that is put into the answer."""
    import re

    return re.findall(r"\((?!\?)([^)]*)\)", pattern)


def test_only_what_is_known_is_proposed() -> None:
    assert spoken("resnet50", {"mlp"}) is None
    assert spoken("resnet51", NETWORKS) is None
    assert spoken("digits", NETWORKS) is None
