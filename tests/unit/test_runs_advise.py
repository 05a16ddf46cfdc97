"""Advice on data: what more of them would bring, and which labels look wrong."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neocog.cli.main import run
from neocog.core.errors import UsageProblem
from neocog.measures.power_law import Gain
from neocog.report.advice import write_advice
from neocog.report.sizes import size_figure, write_sizes
from neocog.runs.advise import Advice, advise, geometric_sizes
from neocog.runs.growth import growths
from neocog.runs.label_errors import Suspect

SUSPECT = Suspect(0, "a.png", "train", "0", "1", 0.01, 0.98)
SETTINGS = {"descent.rate": 0.05}


@pytest.fixture(scope="module")
def advice(tmp_path_factory: pytest.TempPathFactory) -> Advice:
    folder = tmp_path_factory.mktemp("advice")
    random = np.random.default_rng(0)
    labels = np.arange(400) % 4
    images = random.integers(0, 150, (400, 8, 8)).astype(np.uint8)
    for row in range(2):
        images[np.arange(400), 2 * labels + row] += 50
    np.savez(folder / "own.npz", images=images, labels=labels)
    how = {"augment": "none", "settings": SETTINGS, "seeds": 2, "processes": 1}
    return advise(str(folder / "own.npz"), "linear", budget="steps=60", into=folder / "advice", **how)


def test_it_says_what_more_images_would_bring(advice: Advice) -> None:
    assert [point.size for point in advice.curve.points] == ["8", "23", "all"]
    law = advice.growth.law
    assert law is not None and law.largest == advice.curve.points[-1].items
    assert law.doubling.low <= law.doubling.gain <= law.doubling.high
    assert "linear: doubling the data: +" in advice.growth.sentence and "4 times the data: +" in advice.growth.sentence
    assert advice.sentences[0] == advice.what_to_do


def test_the_law_is_followed_four_times_in_the_figure(advice: Advice, tmp_path: Path) -> None:
    figure = size_figure(advice.curve)
    assert 'class="beyond"' in str(figure.svg)
    (row,) = (row for row in figure.table.rows if row[0] == "linear, expected")
    assert float(row[1]) == pytest.approx(4 * advice.curve.points[-1].per_class, abs=1)
    text = write_sizes(advice.curve, tmp_path / "sizes.html").read_text("utf-8")
    assert "doubling the data" in text
    two = replace(advice.curve, points=advice.curve.points[1:])
    assert 'class="beyond"' not in str(size_figure(two).svg)
    (alone,) = growths(two)
    assert alone.law is None and "it cannot be told what more data would bring" in alone.sentence


def test_the_page_answers_in_words(advice: Advice, tmp_path: Path) -> None:
    text = write_advice(advice, tmp_path / "advice.html").read_text("utf-8")
    for key in ("advice", "growth", "labels", "label-method"):
        assert f'id="{key}"' in text
    assert "What would help most?" in text and "Nothing was changed" in text


def test_what_to_do_follows_from_what_was_found(advice: Advice) -> None:
    law = advice.growth.law
    assert law is not None

    def told(low: float, high: float, suspects: int) -> str:
        grown = replace(advice.growth, law=replace(law, gains=(Gain(2, low, low, high), Gain(4, low, low, high))))
        labels = replace(advice.labels, suspects=(SUSPECT,) * suspects, items=400)
        return replace(advice, growth=grown, labels=labels).what_to_do

    assert advice.labels.agreement > 0.8
    assert told(0.01, 0.02, 40).startswith("Look at the suspected labels first")
    assert told(0.01, 0.02, 1) == "The labels look right. More images like these are worth collecting."
    assert "would bring little" in told(0.0, 0.002, 1)
    assert "cannot be told yet" in told(0.0, 0.02, 1)
    weak = replace(advice, labels=replace(advice.labels, agreement=0.4))
    assert weak.what_to_do.startswith("linear is too weak to judge these labels.")


def test_it_goes_on_with_what_is_there(advice: Advice, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: object, **named: object) -> None:
        raise AssertionError("nothing is left to train")

    monkeypatch.setattr("neocog.runs.label_errors.run", never)
    monkeypatch.setattr("neocog.runs.train_arms.run", never)
    again = advise(None, "linear", into=advice.folder, augment="none", settings=SETTINGS, seeds=2, processes=1)
    assert again.sentences == advice.sentences


@pytest.mark.parametrize(("images", "sizes"), [(1000, "37,111,333,all"), (126, "5,14,42,all"), (16, "4,8,all")])
def test_sizes_grow_geometrically(images: float, sizes: str) -> None:
    assert geometric_sizes(images) == sizes


def test_too_few_images_are_refused() -> None:
    with pytest.raises(UsageProblem) as caught:
        geometric_sizes(12)
    assert caught.value.code == "advice-few-images"


def test_on_the_command_line(advice: Advice, capsys: pytest.CaptureFixture[str]) -> None:
    own = str(advice.folder.parent / "own.npz")
    command = ["advise", own, "--network", "linear", "--into", str(advice.folder), "--seeds", "2", "--augment", "none"]
    assert run([*command, "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["advice"] == list(advice.sentences) and Path(told["report"]).is_file()
    assert told["growth"]["law"]["gains"][0]["times"] == 2
