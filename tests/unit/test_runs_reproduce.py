"""reproduce: the same bits, or the first step that differs and why; every kind of difference is planted once."""

import io
import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from neocog.cli.main import run as command
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.progress import Silent
from neocog.fit.history import NONE_PENDING
from neocog.runs import reproduce as module
from neocog.runs.checkpoints import Checkpoint, load_kept, save_checkpoint
from neocog.runs.keeper import Keeper
from neocog.runs.reproduce import first_unlike, reproduce
from neocog.runs.stop import Interrupted
from neocog.runs.train import resume, train

STEPS = 12


class StopsAt(Silent):
    """Asks the run to stop at a step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def advance(self, done: float, score: str = "") -> None:
        if done == self.step:
            signal.raise_signal(signal.SIGTERM)


def trained(into: Path, steps: int = STEPS, progress: Silent | None = None) -> Path:
    settings = {"plan.evaluations": 3, "plan.average": 0.9, "data.per_class": 20}
    reading = {"per_class": settings.pop("data.per_class")}
    train(
        "digits",
        "mlp[widths=8,dropout=0.2]",
        budget=f"steps={steps}",
        into=into,
        augment="rotation=10",
        settings=settings,
        progress=progress,
        **reading,
    )
    return into


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("reproduce") / "run")


@pytest.fixture
def copied(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "run"))


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    facts = json.loads(path.read_text())
    change(facts)
    path.write_text(json.dumps(facts))


def test_a_run_comes_out_the_same_and_is_only_read(original: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in original.rglob("*") if path.is_file()}
    found = reproduce(original, into=tmp_path / "again")
    assert found.identical and found.causes == () and found.sentence.startswith("Identical: ")
    assert (found.rows, found.checkpoints, found.parts) == (
        STEPS,
        len(load_kept(original / "checkpoints")[0]),
        ("val", "test"),
    )
    assert {path: path.read_bytes() for path in original.rglob("*") if path.is_file()} == before
    assert (tmp_path / "again" / "predictions.npz").exists()
    with pytest.raises(UsageProblem, match="holds a run already"):
        reproduce(original, into=tmp_path / "again")


@pytest.mark.parametrize("name", ["best", "last"])
def test_one_bit_of_a_weight_is_found_and_named(name: str, copied: Path) -> None:
    kept = [checkpoint for kind, checkpoint in load_kept(copied / "checkpoints")[0] if kind == name]
    first = kept[0]
    weight = next(v for v in first.state["network"].values() if v.is_floating_point())
    weight.view(torch.int32).reshape(-1)[3] ^= 1
    save_checkpoint(copied / "checkpoints", name, Checkpoint(first.step, first.state, first.rows))
    found = reproduce(copied)
    assert found.difference is not None and found.difference.step == first.step
    assert f"{name}-{first.step:09d}" in found.difference.what and "1 of" in found.difference.what
    assert found.causes[0].startswith("No known cause")


def test_a_damaged_checkpoint_is_named_before_anything_is_trained(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "run", lambda *given, **named: pytest.fail("nothing is to be trained"))
    path = sorted((copied / "checkpoints").glob("best-*.safetensors"))[0]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    found = reproduce(copied)
    assert found.difference is not None and path.stem in found.difference.what


def test_a_row_of_the_history_is_found_and_training_stops_there(copied: Path, tmp_path: Path) -> None:
    rows = (copied / "history.jsonl").read_text().splitlines()
    changed = json.loads(rows[4])
    changed["numbers"]["loss"] = float(np.nextafter(changed["numbers"]["loss"], 9))
    rows[4] = json.dumps(changed)
    (copied / "history.jsonl").write_text("\n".join(rows) + "\n")
    found = reproduce(copied, into=tmp_path / "again")
    assert found.difference is not None and found.difference.step == 5 and "loss" in found.difference.what
    assert json.loads((tmp_path / "again" / "run.json").read_text())["outcome"] == "INTERRUPTED"
    assert not (tmp_path / "again" / "predictions.npz").exists()


@pytest.mark.parametrize("cut", [3, -2])
def test_rows_that_are_missing_are_found(cut: int, copied: Path) -> None:
    rows = (copied / "history.jsonl").read_text().splitlines()
    del rows[cut]
    (copied / "history.jsonl").write_text("\n".join(rows) + "\n")
    found = reproduce(copied)
    assert found.difference is not None and found.difference.step == (4 if cut == 3 else STEPS - 1)


def test_another_seed_is_found_and_named(copied: Path) -> None:
    path = copied / "experiment.toml"
    path.write_text(path.read_text().replace("[plan]", "[plan]").replace("\nseed = 0\n", "\nseed = 1\n"))
    found = reproduce(copied)
    assert found.difference is not None and found.difference.step == 1
    assert "seed in experiment.toml: 0 when the run began, 1 now" in found.causes


@pytest.mark.parametrize(
    ("name", "there"), [("threads", 7), ("torch", "1.0"), ("neocog", "0.0.1"), ("python", "3.0"), ("processor", "Z80")]
)
def test_what_is_different_here_is_named_where_bits_differ(
    name: str, there: Any, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(copied / "run.json", lambda facts: facts["sessions"].append({**facts["sessions"][-1], name: there}))
    edit(copied / "run.json", lambda facts: facts.update(best_step=10**6))
    facts = json.loads((copied / "run.json").read_text())
    experiment = module.open_run(copied).experiment()
    (cause,) = module.causes_of(facts, experiment)
    assert cause.startswith(f"{name}: {there} when it was trained, ")
    edit(copied / "run.json", lambda facts: facts["sessions"].pop())
    assert module.causes_of(json.loads((copied / "run.json").read_text()), experiment) == ()


def test_an_experiment_that_was_changed_elsewhere_is_named(copied: Path) -> None:
    path = copied / "experiment.toml"
    path.write_text(path.read_text().replace("evaluations = 3", "evaluations = 4"))
    causes = module.causes_of(json.loads((copied / "run.json").read_text()), module.open_run(copied).experiment())
    assert causes == ("experiment.toml is not what it was when the run began",)


@pytest.mark.parametrize("what", ["predictions", "scores"])
def test_what_comes_after_the_last_step_is_compared_too(what: str, copied: Path) -> None:
    if what == "scores":
        edit(copied / "run.json", lambda facts: facts["test_scores"].update(accuracy=0.123))
    else:
        with np.load(copied / "predictions.npz") as arrays:
            values = {name: arrays[name].copy() for name in arrays.files}
        name = next(key for key in values if key.startswith("test.") and values[key].dtype.kind == "f")
        values[name].reshape(len(values[name]), -1)[2, 0] += 1e-3
        buffer = io.BytesIO()
        np.savez(buffer, **values)
        (copied / "predictions.npz").write_bytes(buffer.getvalue())
    found = reproduce(copied)
    assert found.difference is not None and found.difference.step == STEPS
    assert ("test scores" if what == "scores" else "from item 2 on") in found.difference.what


def test_other_data_are_refused_before_training(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "run", lambda *given, **named: pytest.fail("nothing is to be trained"))
    edit(copied / "run.json", lambda facts: facts["data"].update(fingerprint="0" * 64))
    with pytest.raises(DataProblem) as caught:
        reproduce(copied)
    assert caught.value.code == "data-changed"


@pytest.mark.parametrize("step", [151, 157])
def test_a_run_that_was_interrupted_and_resumed_comes_out_the_same(step: int, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        trained(tmp_path / "run", 300, StopsAt(step))
    with pytest.raises(DataProblem) as caught:
        reproduce(tmp_path / "run")
    assert caught.value.code == "run-without-result"
    resume(tmp_path / "run")
    found = reproduce(tmp_path / "run")
    assert found.identical, found.sentence


def test_control_a_resumed_run_that_forgets_what_no_row_has_yet_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_last = Keeper.keep_last
    monkeypatch.setattr(Keeper, "keep_last", lambda self, pending=NONE_PENDING: keep_last(self))
    with pytest.raises(Interrupted):
        trained(tmp_path / "run", 300, StopsAt(151))
    resume(tmp_path / "run")
    found = reproduce(tmp_path / "run")
    assert found.difference is not None and found.difference.step == 153


def test_the_command_says_so_and_ends_otherwise(
    original: Path, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["reproduce", str(original), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["identical"] is True and document["difference"] is None
    edit(copied / "run.json", lambda facts: facts["test_scores"].update(accuracy=0.5))
    assert command(["reproduce", str(copied), "--json", "--quiet"]) == 65
    said = capsys.readouterr()
    assert json.loads(said.err)["code"] == "run-not-reproduced"
    assert json.loads(said.out)["difference"]["step"] == STEPS


def test_bits_count_and_not_values() -> None:
    assert (
        first_unlike({"a": [torch.tensor(float("nan")), (0.9, 0.99)]}, {"a": [torch.tensor(float("nan")), [0.9, 0.99]]})
        == ""
    )
    assert "was -0.0 and is 0.0" in first_unlike({"a": torch.tensor([1.0, -0.0])}, {"a": torch.tensor([1.0, 0.0])})
    assert "other parts: b" in first_unlike({"a": 1, "b": 2}, {"a": 1})
    assert first_unlike({"a": 1}, {"a": 1.0}) == "a was 1 and is 1.0"
    assert "float64" in first_unlike(torch.zeros(2), torch.zeros(2, dtype=torch.float64))
    assert first_unlike(torch.zeros(0), torch.zeros(0)) == ""
