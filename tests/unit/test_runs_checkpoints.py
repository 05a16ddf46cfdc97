"""Checkpoints: what goes in comes out, damage is seen, and what is no number is never saved."""

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from neocog.core.errors import StorageProblem, TrainingProblem
from neocog.fit.descent import OPTIMIZERS, Descent
from neocog.fit.history import Row
from neocog.runs.checkpoints import Checkpoint, load_newest, save_checkpoint

ROWS = (Row(3, 0.5, 1.25, {"loss": 0.1}, {"accuracy": 1 / 3}), Row(4, 1.0, 1.5))


def same(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor):
        return isinstance(b, Tensor) and a.dtype == b.dtype and a.shape == b.shape and torch.equal(a, b)
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    return bool(a == b) and type(a) is type(b)


def saved(folder: Path, state: Any, step: int = 4, name: str = "last") -> Checkpoint:
    save_checkpoint(folder, name, Checkpoint(step, state, ROWS))
    found, damaged = load_newest(folder, name)
    assert found is not None
    assert damaged == []
    return found


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


KINDS = [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.int32, torch.uint8, torch.bool]


def test_nested_states_of_every_kind_come_back(tmp_path: Path) -> None:
    state = {
        "tensors": {str(kind): torch.tensor([[1, 0], [2, 3]]).to(kind) for kind in KINDS},
        "plain": {"int": 3, "float": 0.1, "none": None, "yes": True, "text": "ünïcode\n", "big": 2**62},
        "list": [1, [torch.zeros(0, 3), {"deep": torch.tensor(5)}], []],
        "keys": {0: torch.ones(1), 1: "one", "0": torch.zeros(1)},
        "odd names": {"a/b": torch.ones(1), "a": {"b": torch.zeros(1)}, "": torch.ones(2), "a/b'": torch.ones(3)},
        "empty": {},
        "strided": torch.arange(12).reshape(3, 4).t(),
        "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
    }
    found = saved(tmp_path, state)
    assert same(state, found.state)
    assert found.step == 4
    assert found.rows == ROWS


def test_tuples_come_back_as_lists(tmp_path: Path) -> None:
    assert saved(tmp_path, {"betas": (0.9, 0.999)}).state == {"betas": [0.9, 0.999]}


def test_tied_weights_come_back(tmp_path: Path) -> None:
    tied = torch.randn(3, 3)
    state = {"a": tied, "b": tied, "row": tied[0]}
    assert same(state, saved(tmp_path, state).state)


KEYS = st.text(max_size=4) | st.integers(0, 9)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(max_size=4)
    | st.lists(st.floats(-1e9, 1e9, width=32), max_size=3).map(torch.tensor)
)
STATES = st.dictionaries(
    st.text(max_size=4),
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)),
)


@given(STATES)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_nested_state_comes_back(tmp_path: Path, state: dict[Any, Any]) -> None:
    assert same(state, saved(tmp_path, state).state)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_network_and_its_optimizer_go_on_exactly(name: str, tmp_path: Path) -> None:
    def made() -> tuple[nn.Module, torch.optim.Optimizer]:
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
        return network, Descent(optimizer=name, rate=0.1, weight_decay=0.1).optimizer_for(network)

    def steps(network: nn.Module, optimizer: torch.optim.Optimizer, first: int, last: int) -> None:
        for step in range(first, last):
            optimizer.zero_grad()
            network(torch.randn(5, 3, generator=torch.Generator().manual_seed(step))).square().sum().backward()
            optimizer.step()

    whole, begun, fresh = made(), made(), made()
    steps(*whole, 0, 6)
    steps(*begun, 0, 3)
    state = {"network": begun[0].state_dict(), "optimizer": begun[1].state_dict()}
    if begun[1].state:
        assert 0 in state["optimizer"]["state"] or name == "sgd"  # keys are whole numbers
    found = saved(tmp_path, state)
    for part, key in zip(fresh, ("network", "optimizer"), strict=True):
        part.load_state_dict(found.state[key])  # type: ignore[arg-type]
    steps(*fresh, 3, 6)
    assert same(dict(whole[0].state_dict()), dict(fresh[0].state_dict()))


def two(folder: Path) -> Checkpoint:
    """Two checkpoints; gives the older."""
    for step in (4, 8):
        weights = torch.randn(40, generator=torch.Generator().manual_seed(step))
        save_checkpoint(folder, "last", Checkpoint(step, {"w": weights, "rate": step / 10}, ROWS))
        if step == 4:
            older, _ = load_newest(folder, "last")
    assert older is not None
    return older


def damaged_is_seen(folder: Path, older: Checkpoint) -> bool:
    found, sentences = load_newest(folder, "last")
    return (
        found is not None
        and found.step == 4
        and same(dict(older.state), dict(found.state))
        and len(sentences) == 1
        and "last-000000008 is damaged" in sentences[0]
    )


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_every_flipped_bit_is_seen_and_the_one_before_is_used(suffix: str, tmp_path: Path) -> None:
    older = two(tmp_path)
    path = tmp_path / f"last-000000008.{suffix}"
    whole = path.read_bytes()
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << (place * 5 % 8)
        path.write_bytes(flipped)
        assert damaged_is_seen(tmp_path, older), place
    path.write_bytes(whole)
    assert not damaged_is_seen(tmp_path, older)  # the control: whole again, it is taken


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_every_truncation_is_seen(suffix: str, tmp_path: Path) -> None:
    older = two(tmp_path)
    path = tmp_path / f"last-000000008.{suffix}"
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert damaged_is_seen(tmp_path, older), length
    path.write_bytes(whole + b" ")
    assert damaged_is_seen(tmp_path, older)


def test_a_checkpoint_without_its_weights_or_of_other_weights_is_seen(tmp_path: Path) -> None:
    older = two(tmp_path)
    path = tmp_path / "last-000000008.safetensors"
    path.write_bytes((tmp_path / "last-000000004.safetensors").read_bytes())
    assert damaged_is_seen(tmp_path, older)
    path.unlink()
    assert damaged_is_seen(tmp_path, older)


def test_all_damaged_or_none_there(tmp_path: Path) -> None:
    assert load_newest(tmp_path / "nowhere", "last") == (None, [])
    two(tmp_path)
    for path in tmp_path.glob("*.safetensors"):
        path.write_bytes(b"")
    found, sentences = load_newest(tmp_path, "last")
    assert found is None
    assert len(sentences) == 2


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float64])
def test_what_is_no_number_is_refused_by_name_and_nothing_is_written(
    bad: float, kind: torch.dtype, tmp_path: Path
) -> None:
    saved(tmp_path, {"w": torch.ones(2)})
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    state = {"network": {"w": torch.ones(3), "b": torch.tensor([1.0, bad]).to(kind)}, "count": torch.tensor(3)}
    with pytest.raises(TrainingProblem) as caught:
        save_checkpoint(tmp_path, "last", Checkpoint(8, state))
    assert caught.value.code == "weights-not-finite"
    assert caught.value.where == ("/network/b",)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_newest_two_of_a_name_are_kept(tmp_path: Path) -> None:
    for step in (5, 10, 15, 1000):
        saved(tmp_path, {"w": torch.ones(1)}, step)
    saved(tmp_path, {"w": torch.ones(1)}, 5, "best")
    (tmp_path / "last-notes.json").write_text("mine")
    saved(tmp_path, {"w": torch.ones(1)}, 1001)
    stems = ["best-000000005", "last-000001000", "last-000001001"]
    assert files(tmp_path) == sorted([f"{s}.{e}" for s in stems for e in ("json", "safetensors")] + ["last-notes.json"])


def test_what_was_damaged_does_not_push_out_what_is_whole(tmp_path: Path) -> None:
    """Both newest are damaged, the run goes on from before them: its next checkpoint is kept."""
    for step in (10, 20):
        saved(tmp_path, {"w": torch.ones(1)}, step)
    for path in tmp_path.glob("*.json"):
        path.write_text("{}")
    (tmp_path / "last-000000030.safetensors").write_bytes(b"cut off before its manifest was written")
    assert saved(tmp_path, {"w": torch.ones(1)}, 5).step == 5
    assert files(tmp_path) == ["last-000000005.json", "last-000000005.safetensors"]


def test_the_manifest_is_json_with_the_sum_of_the_weights(tmp_path: Path) -> None:
    saved(tmp_path, {"w": torch.ones(1)})
    manifest = json.loads((tmp_path / "last-000000004.json").read_text())
    weights = (tmp_path / "last-000000004.safetensors").read_bytes()
    assert manifest["sha256"] == hashlib.sha256(weights).hexdigest()
    assert list(manifest) == ["seal", "format", "step", "sha256", "state", "rows"]


@pytest.mark.parametrize("call", range(1, 7))
def test_a_full_disk_at_any_sync_or_rename_leaves_the_one_before(
    call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = saved(tmp_path, {"w": torch.ones(2)})
    count = iter(range(1, 100))

    def full(real: Any) -> Any:
        def operation(*args: Any) -> Any:
            if next(count) == call:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*args)

        return operation

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full(os.fsync))
        patch.setattr(os, "replace", full(os.replace))
        with pytest.raises(StorageProblem) as caught:
            save_checkpoint(tmp_path, "last", Checkpoint(8, {"w": torch.zeros(2)}))
    assert caught.value.code == "disk-full"
    assert caught.value.exit_code == 74
    assert not [name for name in files(tmp_path) if name.endswith(".tmp")]
    found, damaged = load_newest(tmp_path, "last")
    assert found is not None
    assert damaged == []
    if call < 6:  # at the last sync both files are there already, whole
        assert same(dict(older.state), dict(found.state))
    assert found.step == (4 if call < 6 else 8)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageProblem):
        save_checkpoint(tmp_path / "file" / "checkpoints", "last", Checkpoint(1, {"w": torch.ones(1)}))
