"""Costs against torch's counter, fvcore's, and published tables."""

import logging
import warnings
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from neocog.core.shapes import Image, Vector
from neocog.measures.cost import macs, parameters, profile
from neocog.networks import NETWORKS

CASES: list[tuple[str, dict[str, Any]]] = [
    ("linear", {}),
    ("mlp", {}),
    ("mlp", {"batch_norm": True}),
    ("simple-cnn", {}),
    ("lenet5", {}),
    ("resnet", {"depth": 20}),
    ("resnet", {"depth": 8, "shortcut": "B"}),
    ("resnet", {"depth": 14, "shortcut": "none"}),
]


@pytest.mark.parametrize("takes", [Image(1, 8, 8), Image(3, 33, 40)], ids=str)
@pytest.mark.parametrize("name, options", CASES, ids=str)
def test_multiply_adds_are_half_of_torchs_flops(
    name: str, options: dict[str, Any], takes: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neocog.nn.pooling_sequence.can_pool", lambda *_: False)  # it skips rows that no window covers
    network = NETWORKS[name](takes, Vector(10), **options).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, takes.channels, takes.height, takes.width))
    assert 2 * macs(network, takes) == counter.get_total_flops()


@pytest.mark.parametrize("name, options", CASES, ids=str)
def test_multiply_adds_are_fvcores_layer_by_layer(name: str, options: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fvcore is from 2022 and traces with what torch now deprecates
        from fvcore.nn import FlopCountAnalysis

        takes = Image(3, 32, 32)
        network = NETWORKS[name](takes, Vector(10), **options).eval()
        logging.getLogger("fvcore.nn.jit_analysis").setLevel(logging.ERROR)
        theirs = FlopCountAnalysis(network, torch.zeros(1, 3, 32, 32)).by_module()
    rows = [row for row in profile(network, takes) if row.kind in ("convolution", "dense")]
    assert {row.name: row.macs for row in rows} == {row.name: theirs[row.name] for row in rows}


def test_lenet5_of_1998_is_the_papers_table() -> None:
    # LeCun et al. 1998, section II.B: trainable parameters and connections of each layer.
    takes = Image(1, 32, 32)
    network = NETWORKS["lenet5"](takes, Vector(10), variant="1998")
    rows = {row.name.split(".")[-1]: (row.parameters, row.connections) for row in profile(network, takes)}
    assert {name: rows[name] for name in ("c1", "s2", "c3", "s4", "c5", "f6")} == {
        "c1": (156, 122_304),
        "s2": (12, 5_880),
        "c3": (1_516, 151_600),
        "s4": (32, 2_000),
        "c5": (48_120, 48_120),
        "f6": (10_164, 10_164),
    }


def test_lenet5_sees_what_the_paper_says() -> None:
    # Each unit of S2 sees 6x6 pixels here (a 5x5 kernel under a 2x2 window), of C3 14x14, of C5 the whole image.
    takes = Image(1, 32, 32)
    rows = {
        row.name: row.receptive_field for row in profile(NETWORKS["lenet5"](takes, Vector(10), variant="1998"), takes)
    }
    assert [rows[f"body.{name}"] for name in ("c1", "s2", "c3", "s4")] == [5, 6, 14, 16]
    assert rows["head.c5"] == 32


@pytest.mark.parametrize("depth, millions", [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)])
def test_resnets_have_the_parameters_of_table_6(depth: int, millions: float) -> None:
    network = NETWORKS["resnet"](Image(3, 32, 32), Vector(10), depth=depth)
    digits = 1 if depth == 110 else 2
    assert round(parameters(network) / 1e6, digits) == millions
