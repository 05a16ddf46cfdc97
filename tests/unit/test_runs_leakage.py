"""The leakage gate: what is looked for, told, kept, and scored without."""

import json
from dataclasses import replace

import numpy as np
import pytest

from image_files import opened
from neocog.core.errors import DataProblem
from neocog.core.progress import Silent
from neocog.data.open import DataChoice, from_arrays
from neocog.data.table_data import TableData
from neocog.runs.budget import Budget
from neocog.runs.leakage import load_leakage, look_for_copies, write_leakage
from neocog.runs.leakage_gate import gate
from neocog.runs.leakage_words import answer_sentence, further_sentences, repair_command, warnings_of
from photographs import KINDS, leaky_folder


def looked(folder, **options):
    choice = DataChoice(name=str(folder), **options)
    return look_for_copies(opened(folder, **options), choice, keep=False)


class Heard(Silent):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)


def test_every_kind_of_copy_in_the_test_part_is_found(tmp_path):
    found = looked(leaky_folder(tmp_path / "p", kinds=dict.fromkeys(KINDS, 2)))
    assert len(found.leaked()) == 10
    assert len(found.equal["test"]) == 2
    assert found.leaked("val") == ()
    assert found.answer == "no"
    assert answer_sentence(found).startswith("No: 10 images of the 18 in the test part")
    assert len(found.pictures) == 20
    assert looked(leaky_folder(tmp_path / "clean")).answer == "yes"  # the control


def test_two_labels_for_one_picture_are_told(tmp_path):
    found = looked(leaky_folder(tmp_path / "p", kinds={"equal": 1}, conflict=True))
    assert found.conflicts == 1 and found.pairs[0].conflict
    assert any("different labels" in line for line in further_sentences(found))
    assert not looked(leaky_folder(tmp_path / "q", kinds={"equal": 1})).conflicts


def test_small_images_are_not_looked_at_for_look_alikes(tmp_path):
    found = looked(leaky_folder(tmp_path / "p", kinds={"equal": 2, "cropped": 2}), size=28)
    assert len(found.leaked()) == 2
    assert "28 pixels a side" in found.near and "cannot be trusted" in found.near
    clean = looked(leaky_folder(tmp_path / "q"), size=28)
    assert clean.answer == "cannot be told" and "cannot be told" in answer_sentence(clean)


def test_it_is_kept_and_read_again(tmp_path):
    found = looked(leaky_folder(tmp_path / "p", kinds={"equal": 1, "resized": 1}))
    assert load_leakage(tmp_path) is None
    write_leakage(tmp_path, found)
    assert load_leakage(tmp_path) == found
    (tmp_path / "leakage.json").write_text("{}")
    with pytest.raises(DataProblem, match="cannot be read"):
        load_leakage(tmp_path)


def test_the_gate_warns_and_changes_nothing(tmp_path):
    folder = leaky_folder(tmp_path / "p", kinds={"equal": 1, "cropped": 1})
    heard, data = Heard(), opened(folder)
    before = data.fingerprint
    choice = DataChoice(name=str(folder))
    found = gate(data, choice, tmp_path / "c", budget=None, keep=False, progress=heard)
    assert data.fingerprint == before and not (tmp_path / "c").exists()
    assert heard.lines[0] == data.notes[0]
    said = heard.lines[len(data.notes) :]
    assert said[0].startswith("warning: the parts share images: 2 images of test")
    assert heard.lines[-1] == f"To divide anew: neocog compare {folder} --split-by-group duplicates"
    repaired = looked(folder, group_column="duplicates")
    assert repaired.answer == "yes" and repaired.grouped == "duplicates"
    assert warnings_of(repaired, repair_command(repaired, choice, "compare")) == []
    write_leakage(tmp_path / "c", found)
    again = Heard()
    assert gate(data, choice, tmp_path / "c", budget=None, keep=False, progress=again) == found
    assert again.lines == list(data.notes)


def test_a_budget_in_time_bounds_the_search(tmp_path):
    folder = leaky_folder(tmp_path / "p", kinds={"equal": 1, "cropped": 1})
    heard = Heard()
    budget = Budget("seconds", 1e-6)
    found = gate(
        opened(folder), DataChoice(name=str(folder)), tmp_path, budget=budget, verb="train", keep=False, progress=heard
    )
    assert len(found.leaked()) == 1
    assert "too long" in found.near
    assert any("were not looked for: it would have taken too long" in line for line in heard.lines)


def test_other_data_pass(tmp_path):
    table = object.__new__(TableData)
    assert gate(table, None, tmp_path, budget=None, verb="train", keep=False, progress=Silent()) is None


def test_the_command_repeats_what_was_asked_for(tmp_path):
    found = looked(leaky_folder(tmp_path / "p", kinds={"equal": 1}))
    choice = DataChoice(name="my photos", size=48, skip_bad=True, ignore_class=("a", "b"), val=0.2)
    command = repair_command(found, choice, "train")
    assert command == (
        "neocog train 'my photos' --size 48 --set data.val=0.2 --skip-bad --ignore-class a --ignore-class b "
        "--split-by-group duplicates"
    )
    assert "DataChoice(group_column='duplicates')" in repair_command(found, replace(choice, name="in memory"), "train")


@pytest.fixture(scope="module")
def leaky_comparison(tmp_path_factory):
    """Images of noise, whose class cannot be told but by heart: half of the test part is in train too."""
    from neocog import compare

    random = np.random.default_rng(0)
    images = random.integers(0, 256, (120, 8, 8), dtype=np.uint8)
    labels = np.arange(120) % 2
    fresh = random.integers(0, 256, (60, 8, 8), dtype=np.uint8)
    data = from_arrays(
        images, labels, test=(np.concatenate([images[:60], fresh]), np.concatenate([labels[:60], np.arange(60) % 2]))
    )
    folder = tmp_path_factory.mktemp("leaky") / "c"
    return compare(data, "mlp,linear", budget="epochs=30", seeds=2, into=folder, augment="none")


def test_scores_without_what_leaked_are_lower(leaky_comparison):
    from neocog.runs.clean_scores import clean_scores

    leakage = load_leakage(leaky_comparison.folder)
    assert 50 <= len(leakage.leaked()) <= 60
    clean = clean_scores(leaky_comparison, leakage.leaked())
    assert clean.items == 120 - len(leakage.leaked())
    mlp = next(each for each in clean.scores if each.label == "mlp")
    assert mlp.all_items - mlp.clean > 0.1
    assert mlp.interval.low <= mlp.clean <= mlp.interval.high
    assert mlp.clean == pytest.approx(mlp.interval.mean)
    assert clean_scores(leaky_comparison, ()) is None
    assert clean_scores(leaky_comparison, range(115)) is None
    by_hand = np.mean(
        [
            np.delete(leaky_comparison.task.item_scores(seed.record), list(leakage.leaked())).mean()
            for arm in leaky_comparison.arms
            if arm.label == "mlp"
            for seed in arm.finished
        ]
    )
    assert mlp.clean == pytest.approx(by_hand)


def test_the_report_the_json_and_the_terminal_tell_it(leaky_comparison):
    from neocog.cli.compare import as_json
    from neocog.cli.leakage import leakage_lines
    from neocog.cli.output import dumps
    from neocog.report.page import page

    text = page(leaky_comparison)
    assert "Was the test clean?" in text and 'id="leakage"' in text and "Copies, side by side" in text
    document = json.loads(dumps(as_json(leaky_comparison, leaky_comparison.folder / "report.html")))["leakage"]
    assert document["answer"] == "no"
    assert document["sentences"][0] in text
    assert len(document["without"]["scores"]) == 2
    (line,) = leakage_lines(leaky_comparison)
    assert document["sentences"][0] in line
    (leaky_comparison.folder / "leakage.json").rename(leaky_comparison.folder / "away.json")
    try:
        assert 'id="leakage"' not in page(leaky_comparison) and leakage_lines(leaky_comparison) == []
    finally:
        (leaky_comparison.folder / "away.json").rename(leaky_comparison.folder / "leakage.json")


def test_check_shows_the_pairs(tmp_path, monkeypatch, capsys):
    from neocog.cli.main import run

    folder = leaky_folder(tmp_path / "p", kinds={"equal": 1, "cropped": 1})
    monkeypatch.chdir(tmp_path)
    assert run(["check", str(folder), "--networks", "linear", "--no-cache", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["leakage"]["answer"] == "no" and len(document["leakage"]["pairs"]) == 2
    assert (tmp_path / document["pictures"]["copies"]).read_bytes().startswith(b"\x89PNG")
    assert run(["check", str(folder), "--networks", "linear", "--no-cache", "--split-by-group", "duplicates"]) == 0
    assert "Is the test clean? Yes" in capsys.readouterr().out
