"""The command line from a user's chair: check -> compare -> report -> predict -> evaluate, and train -> resume."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from neocog.cli.main import run
from neocog.networks import NETWORKS as ALL_NETWORKS

Neocog = Callable[..., tuple[int, str, str]]

CLASSES = ("bars", "checks", "plain")
NETWORKS = "linear,mlp[widths=16]"
QUICK = ("--networks", NETWORKS, "--budget", "steps=40", "--seeds", "2", "--no-cache", "--quiet")
"""Without the cache the runs share this process, so that nothing is imported twice."""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of 12x12 grey images that a linear model can tell apart."""
    folder = tmp_path_factory.mktemp("journey") / "photos"
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:12, :12]
    patterns = {"bars": columns % 4 < 2, "checks": (rows + columns) % 4 < 2, "plain": np.zeros((12, 12), bool)}
    for name, pattern in patterns.items():
        (folder / name).mkdir(parents=True)
        for number in range(40):
            noisy = 200 * pattern + random.integers(0, 55, (12, 12))
            Image.fromarray(noisy.astype(np.uint8)).save(folder / name / f"{number:02}.png")
    return folder


@pytest.fixture(scope="module")
def compared(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished comparison."""
    folder = tmp_path_factory.mktemp("compared") / "comparison"
    assert run(["compare", str(photos), *QUICK, "--into", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def trained(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    arguments = ["train", str(photos), "--network", "linear", "--budget", "epochs=20", "--no-cache", "--quiet"]
    assert run([*arguments, "--into", str(folder)]) == 0
    return folder


@pytest.fixture
def neocog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Neocog:
    """Run a command line in an empty folder: exit code, standard output, error stream."""
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()

    def called(*arguments: object) -> tuple[int, str, str]:
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


def test_check_shows_what_was_found_and_draws_it(neocog: Neocog, photos: Path, tmp_path: Path) -> None:
    code, out, err = neocog("check", photos, "--networks", "linear,lenet5", "--augment", "--no-cache")
    assert code == 0, err
    assert all(name in out for name in CLASSES) and "12x12" in out and "1x32x32" in out
    for picture in ("check-photos.png", "check-photos-augmented.png"):
        with Image.open(tmp_path / picture) as image:
            assert min(image.size) > 100


def test_check_for_machines(neocog: Neocog, photos: Path) -> None:
    code, out, _ = neocog("check", photos, "--json", "--no-cache", "--into", "seen.png", "--networks", "linear")
    found = json.loads(out)
    assert code == 0 and found["pictures"] == {"what the networks see": "seen.png"}
    assert sum(sum(part.values()) for part in found["data"]["counts"].values()) == 120
    assert found["networks"] == [
        {"network": "linear", "fits": True, "reason": "", "sees": "1x12x12", "parameters": 144 * 3 + 3}
    ]


def test_check_of_networks_that_take_none_of_it(neocog: Neocog, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (60, 3, 3), np.uint8)
    np.savez(tmp_path / "tiny.npz", images=images, labels=np.arange(60) % 2)
    code, _, err = neocog("compare", "tiny.npz", "--networks", "simple-cnn", "--no-cache")
    assert code == 2 and "error[networks-none-left]" in err, err


def test_compare_ends_its_first_screen_with_the_answer(neocog: Neocog, photos: Path, tmp_path: Path) -> None:
    code, out, err = neocog("compare", photos, *QUICK[:-1], "--into", "c")
    assert code == 0, err
    assert "linear" in out and "mlp[widths=16]" in out and "95 % interval" in out
    assert f"Report: {Path('c') / 'report.html'}" in out
    assert re.search(r"(beats|tie|cannot be told apart)", out.splitlines()[-1])
    assert "12x12" in err and "augmentation" in err.lower()


def test_compare_for_machines(neocog: Neocog, compared: Path, photos: Path) -> None:
    code, out, _ = neocog("compare", photos, *QUICK, "--into", compared, "--json")
    document = json.loads(out)
    assert code == 0
    assert set(document) >= {"data", "budget", "seeds", "leaderboard", "verdicts", "report", "runs"}
    assert (document["budget"], document["seeds"]) == ("steps=40", 2)
    rows = document["leaderboard"]
    keys = {"network", "label", "metric", "accuracy", "low", "high", "per_seed", "parameters", "macs", "train_seconds"}
    assert all(set(row) == keys | {"latency_ms"} for row in rows)
    assert [row["accuracy"] for row in rows] == sorted((row["accuracy"] for row in rows), reverse=True)
    assert all(0 <= row["low"] <= row["accuracy"] <= row["high"] <= 1 and len(row["per_seed"]) == 2 for row in rows)
    assert {row["network"] for row in rows} == {"linear", "mlp"}
    (verdict,) = document["verdicts"]
    tested = {"p_beats", "p_tie", "seeds_error", "items_error", "need", "sentence"}
    assert set(verdict) == {"a", "b", "difference", "low", "high", "answer"} | tested
    assert verdict["answer"] in ("a", "b", "tie", "unknown")
    assert Path(document["report"]).is_file() and len(document["runs"]) == 4


def test_a_finished_comparison_takes_one_more_seed(neocog: Neocog, compared: Path, tmp_path: Path) -> None:
    shutil.copytree(compared, tmp_path / "c")
    code, out, _ = neocog("compare", "--into", "c", "--seeds", "3", "--json", "--quiet", "--no-cache")
    document = json.loads(out)
    assert code == 0 and [len(row["per_seed"]) for row in document["leaderboard"]] == [3, 3]


def test_report_is_written_again(neocog: Neocog, compared: Path, tmp_path: Path) -> None:
    code, out, _ = neocog("report", compared, "--into", "again.html")
    assert code == 0 and "Report: again.html" in out
    assert "<!doctype html>" in (tmp_path / "again.html").read_text("utf-8")[:200].lower()


def test_predict_with_a_run_of_the_comparison(neocog: Neocog, compared: Path, photos: Path) -> None:
    best = next((compared / "arms").glob("*/seed-0"))
    code, out, _ = neocog("predict", best, photos / "bars", photos / "plain" / "00.png", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and len(lines) == 41
    assert all(set(line) == {"file", "label", "probability", "probabilities"} for line in lines)
    assert all(sum(line["probabilities"].values()) == pytest.approx(1, abs=1e-4) for line in lines)
    assert sum(line["label"] == "bars" for line in lines[:40]) > 30


def test_predict_names_every_file_that_is_no_image(neocog: Neocog, trained: Path, photos: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"no image")
    code, out, err = neocog("predict", trained, "a.png", photos / "plain" / "00.png", "b.png")
    assert code == 65 and len(out.splitlines()) == 1 and "a.png" in err and "b.png" in err and "Traceback" not in err
    code, _, err = neocog("predict", trained, photos / "plian")
    assert code == 2 and "error[data-missing]" in err and "plain" in err


def test_evaluate_on_new_data(neocog: Neocog, trained: Path, photos: Path) -> None:
    code, out, _ = neocog("evaluate", trained, photos, "--json", "--no-cache", "--quiet")
    document = json.loads(out)
    assert code == 0 and document["items"] == 120 and document["scores"]["accuracy"] > 0.8


def test_evaluate_on_classes_that_the_run_never_saw(
    neocog: Neocog, trained: Path, photos: Path, tmp_path: Path
) -> None:
    shutil.copytree(photos, tmp_path / "new")
    (tmp_path / "new" / "plain").rename(tmp_path / "new" / "plane")
    code, _, err = neocog("evaluate", trained, "new", "--no-cache")
    assert code == 65 and "error[labels-unknown-class]" in err and "plane" in err


def test_data_may_be_an_archive(neocog: Neocog, photos: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for path in sorted(photos.rglob("*.png")):
            archive.write(path, Path("photos") / path.relative_to(photos))
    code, out, _ = neocog("check", "photos.zip", "--json", "--no-cache", "--networks", "linear", "--quiet")
    assert code == 0 and json.loads(out)["data"]["classes"] == list(CLASSES)


def test_a_finished_run_is_not_trained_again(neocog: Neocog, trained: Path, photos: Path) -> None:
    code, out, _ = neocog("resume", trained, "--json")
    assert code == 0 and json.loads(out)["outcome"] == "done"
    code, _, err = neocog("train", photos, "--into", trained, "--no-cache", "--quiet")
    assert code == 2 and "error[run-exists]" in err and f"neocog resume {trained}" in err


def test_lr_find_draws_the_loss(neocog: Neocog, photos: Path, tmp_path: Path) -> None:
    arguments = ("lr-find", photos, "--network", "linear", "--steps", "30", "--no-cache", "--quiet", "--json")
    code, out, _ = neocog(*arguments)
    found = json.loads(out)
    assert code == 0 and min(found["rates"]) <= found["suggestion"] <= max(found["rates"])
    assert (tmp_path / found["picture"]).read_text("utf-8").startswith("<svg")


def test_summary_counts_layer_by_layer(neocog: Neocog) -> None:
    code, out, _ = neocog("summary", "mlp[widths=16]", "--json", "--no-cache", "--quiet")
    found = json.loads(out)
    assert code == 0 and found["parameters"] == sum(layer["parameters"] for layer in found["layers"])
    code, out, _ = neocog("summary", "lenet5", "--quiet", "--no-cache")
    assert code == 0 and "connections" in out and "multiply-adds" in out


def test_summary_draws_the_network(neocog: Neocog, tmp_path: Path) -> None:
    arguments = ("summary", "lenet5", "--no-cache", "--quiet", "--draw")
    code, out, _ = neocog(*arguments, "lenet5.svg")
    assert code == 0 and "Drawn into lenet5.svg" in out
    drawing = (tmp_path / "lenet5.svg").read_text("utf-8")
    assert drawing.startswith("<svg") and "6x28x28" in drawing
    code, _, err = neocog(*arguments, "lenet5.png")
    assert code == 2 and "error[draw-not-svg]" in err and "lenet5.svg" in err and not (tmp_path / "lenet5.png").exists()


def test_networks_are_listed_with_their_cost_and_one_by_one(neocog: Neocog) -> None:
    code, out, _ = neocog("networks", "--cost", "--json")
    found = {each["network"]: each for each in json.loads(out)}
    assert code == 0 and list(found) == list(ALL_NETWORKS)
    assert found["lenet5"]["parameters"] == 61_706
    assert (found["googlenet"]["parameters"], round(found["googlenet"]["macs"] / 1e9, 3)) == (6_624_904, 1.498)
    assert found["mlp"]["parameters"] is None
    code, out, _ = neocog("networks", "inception-v3")
    assert code == 0 and "23,834,568" in out and "3,326,696" in out and "stage5 32" in out and "stem" in out
    code, out, _ = neocog("networks", "resnet-imagenet[depth=50]", "--json")
    assert code == 0 and json.loads(out)["parameters"] == 25_557_032
    code, _, err = neocog("networks", "resnet50")
    assert code == 2 and "did you mean `resnet-imagenet[depth=50]`?" in err


@pytest.mark.parametrize("verb", ["networks", "datasets", "options", "cache"])
def test_look_ups(neocog: Neocog, verb: str) -> None:
    code, out, _ = neocog(verb)
    assert code == 0 and out.strip()
    code, out, _ = neocog(verb, "--json")
    assert code == 0 and json.loads(out)


def test_options_of_everything_with_a_name(neocog: Neocog) -> None:
    for name in ("resnet", "classify", "descent", "augment", "plan", "engine", "data"):
        code, out, _ = neocog("options", name, "--json")
        assert code == 0 and json.loads(out)[name], name
    assert "network.OPTION" in neocog("options", "resnet")[1]


def test_cache_is_shown_and_cleared(neocog: Neocog, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEOCOG_CACHE", str(Path.cwd() / "own"))
    assert neocog("check", photos, "--networks", "linear", "--quiet")[0] == 0
    code, out, _ = neocog("cache", "--json")
    held = json.loads(out)
    assert code == 0 and len(held["entries"]) == 1 and held["folder"].endswith("own")
    code, out, _ = neocog("cache", "--clear", "--json")
    assert code == 0 and json.loads(out)["entries"] == [] and json.loads(out)["freed"] == held["bytes"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_is_saved_and_goes_on(
    photos: Path, neocog: Neocog, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    command = [sys.executable, "-m", "neocog", "train", str(photos), "--network", "linear", "--into", "run"]
    process = subprocess.Popen(
        [*command, "--budget", "steps=200000", "--no-cache", "--set", "plan.evaluations=1000"],
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    begun = tmp_path / "run" / "checkpoints"
    while not list(begun.glob("last-*.json")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert "neocog resume run" in said and "Traceback" not in said
    facts = json.loads((tmp_path / "run" / "run.json").read_bytes())
    assert facts["outcome"] == "INTERRUPTED"


def test_machines_read_the_standard_output_of_a_real_process(photos: Path, trained: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "neocog", "predict", str(trained), str(photos / "plain" / "00.png"), "--json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and json.loads(done.stdout)["label"] in CLASSES
