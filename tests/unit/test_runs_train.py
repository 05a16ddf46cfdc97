"""train and resume: what a run folder remembers."""

import json
import signal
from pathlib import Path

import pytest

from image_files import class_files
from neocog.core.progress import Silent
from neocog.data import cache
from neocog.runs.compare import compare
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.stop import Interrupted
from neocog.runs.train import resume, train


class Stopping(Silent):
    """Asks the run to stop at its first step; what comes before (decoding) is let be."""

    training = False

    def start(self, what: str, total: float, unit: str) -> None:
        self.training = unit == "steps"

    def advance(self, done: float, score: str = "") -> None:
        if self.training:
            signal.raise_signal(signal.SIGTERM)


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEOCOG_CACHE", str(tmp_path / "cache"))
    for name, content in class_files(each=10).items():
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "photos"


@pytest.mark.parametrize("keep", [False, True])
def test_a_run_begun_without_the_cache_is_resumed_without_it(keep: bool, photos: Path, tmp_path: Path) -> None:
    """The control is the run that may use the cache: there, going on fills it again."""
    with pytest.raises(Interrupted):
        train(photos, "linear", budget="steps=4", into=tmp_path / "run", keep=keep, progress=Stopping())
    assert bool(cache.entries()) is keep
    cache.clear()
    assert resume(tmp_path / "run").facts["outcome"] == "DONE"
    assert bool(cache.entries()) is keep


def test_resume_may_be_asked_to_keep_nothing(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        train(photos, "linear", budget="steps=4", into=tmp_path / "run", progress=Stopping())
    cache.clear()
    resume(tmp_path / "run", keep=False)
    assert cache.entries() == []


def test_runs_of_an_older_neocog_say_nothing_and_are_resumed(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        train(photos, "linear", budget="steps=4", into=tmp_path / "run", progress=Stopping())
    path = tmp_path / "run" / "run.json"
    path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != "kept"}))
    assert resume(tmp_path / "run").facts["outcome"] == "DONE"


@pytest.mark.parametrize("processes", [1, 2])
def test_a_comparison_that_goes_on_without_the_cache_never_fills_it(
    processes: int, photos: Path, tmp_path: Path
) -> None:
    options = {"budget": "steps=4", "into": tmp_path / "c", "processes": processes}
    compare(photos, "linear", seeds=1, **options)
    cache.clear()
    compare(photos, "mlp[widths=8]", seeds=2, keep=False, **options)
    assert cache.entries() == []
    folder = ComparisonFolder(tmp_path / "c")
    assert not folder.facts().kept
    arms = folder.facts().arms
    kept = {(arm.network, seed): run.facts()["kept"] for arm in arms for seed, run in folder.runs(arm)}
    assert kept == {("linear", 0): True, ("linear", 1): False, ("mlp", 0): False, ("mlp", 1): False}
