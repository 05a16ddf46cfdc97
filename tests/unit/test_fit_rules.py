"""The table of rules: built-in names, closed answers, and processors asked by feature."""

from dataclasses import fields

import pytest
import torch

from neocog.core.shapes import Image
from neocog.fit.engine import Engine
from neocog.fit.rules import RULES, SMALL_LAYER, abilities, rules_for, threads_for
from neocog.networks import NETWORKS

TAKES = Image(1, 28, 28)


def test_every_rule_is_about_a_network_and_a_device_that_exist() -> None:
    assert {network for network, _ in RULES} <= set(NETWORKS)
    assert {device for _, device in RULES} <= {"cpu", "cuda", "mps"}


@pytest.mark.parametrize("network", [*NETWORKS, "my.module:Net"])
@pytest.mark.parametrize("able", [(), ("bf16",)])
def test_an_answer_closes_every_open_field_of_the_engine(network: str, able: tuple[str, ...]) -> None:
    engine = Engine(device="cpu").resolve(rules_for(network, TAKES, "cpu", able)).with_threads(1, 1)
    assert all(getattr(engine, field.name) not in (None, "auto") for field in fields(Engine))


def test_bf16_is_chosen_only_where_the_processor_has_it_and_it_pays() -> None:
    assert rules_for("mlp", TAKES, "cpu", ["bf16"])["precision"] == "bf16"
    assert rules_for("mlp", TAKES, "cpu", [])["precision"] == "fp32"
    assert rules_for("simple-cnn", TAKES, "cpu", ["bf16"])["precision"] == "fp32"


def test_small_steps_get_one_thread_and_large_ones_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 7)
    assert threads_for(3 * SMALL_LAYER - 1, 3) == 1
    assert threads_for(3 * SMALL_LAYER, 3) == 7
    assert Engine(threads=3).with_threads(1, 1).threads == 3


def test_residual_networks_keep_pixels_together() -> None:
    assert rules_for("resnet", TAKES, "cpu", [])["channels_last"] is True
    assert rules_for("mlp", TAKES, "cpu", [])["channels_last"] is False


def test_nobody_is_made_to_wait_for_a_compiler() -> None:
    assert not any(rule.compile for rule in RULES.values())


def test_the_processor_is_asked_and_a_torch_that_cannot_tell_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False, raising=False)
    assert abilities("cpu") == frozenset()
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert abilities("cpu") == {"bf16"}
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported")
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported")
    assert abilities("cpu") == frozenset()
    assert abilities("mps") == frozenset()
