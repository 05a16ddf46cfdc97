"""Parameter names and shapes per network: a saved run must still load after a change to a network.

A network that was changed on purpose: ``python -m pytest tests/golden --regenerate``, then read the diff.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from neocog.core.shapes import Image, Series, Shape, Steps, Tokens, Vector
from neocog.networks import NETWORKS
from neocog.networks.gan import Realness
from neocog.tasks.classify import Classify

VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: (name, {}) for name in Classify.networks},
    "kmeans": ("kmeans", {}),
    "autoencoder": ("autoencoder", {}),
    "gan": ("gan", {}),
    "recurrent": ("recurrent", {}),
    "causal-cnn": ("causal-cnn", {}),
    "mlp-batch-norm": ("mlp", {"widths": (128, 64), "batch_norm": True}),
    "lenet5-1998": ("lenet5", {"variant": "1998"}),
    "resnet-8-projection": ("resnet", {"depth": 8, "shortcut": "B"}),
    "alexnet": ("alexnet", {"stem": "small"}),
    "vgg": ("vgg", {}),
    "vgg-11-norm": ("vgg", {"depth": 11, "norm": True}),
    "resnet-imagenet": ("resnet-imagenet", {}),
    "resnet-imagenet-50": ("resnet-imagenet", {"depth": 50}),
    "squeezenet": ("squeezenet", {}),
    "squeezenet-1.1": ("squeezenet", {"version": "1.1"}),
    "mobilenet-v2": ("mobilenet-v2", {}),
    "convnext": ("convnext", {}),
    "googlenet": ("googlenet", {}),
    "inception-v3": ("inception-v3", {"stem": "small"}),
    "locally-connected": ("locally-connected", {}),
}

TAKES: dict[str, Shape] = {"recurrent": Tokens(66, 128), "causal-cnn": Series(96, 1)}
GIVES: dict[str, Shape] = {"recurrent": Steps(128, 66), "gan": Realness(10)}


def described(variant: str) -> dict[str, Any]:
    name, options = VARIANTS[variant]
    takes, gives = TAKES.get(name, Image(3, 32, 32)), GIVES.get(name, Vector(10))
    with torch.device("meta"):
        network = NETWORKS[name](takes, gives, **options)
    return {
        "network": name,
        "options": json.loads(json.dumps(options)),
        "takes": list(takes.axes),
        "gives": gives.size if name in TAKES else 10,
        "state": {key: list(value.shape) for key, value in network.state_dict().items()},
    }


@pytest.mark.parametrize("variant", VARIANTS)
def test_parameter_names_and_shapes_are_as_they_were(variant: str, regenerate: bool) -> None:
    file = Path(__file__).with_name(f"{variant}.json")
    found = described(variant)
    if regenerate:
        states = ",\n    ".join(f"{json.dumps(key)}: {json.dumps(shape)}" for key, shape in found["state"].items())
        head = json.dumps({**found, "state": {}}, indent=2)
        file.write_text(head.replace('"state": {}', f'"state": {{\n    {states}\n  }}') + "\n", encoding="utf-8")
    expected = json.loads(file.read_text(encoding="utf-8"))
    assert found == expected
    assert list(found["state"]) == list(expected["state"])


def test_every_golden_file_has_its_network() -> None:
    assert {file.stem for file in Path(__file__).parent.glob("*.json")} == set(VARIANTS)
