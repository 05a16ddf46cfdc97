"""Trained networks on perturbed items: the intact score is the comparison's own, and known curves come out."""

import json
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest

from comparison_example import example
from neocog.cli.main import run
from neocog.core.errors import DataProblem, Problem, SeveralProblems, UsageProblem
from neocog.core.progress import Silent
from neocog.data.preparation import Preparation
from neocog.report import page
from neocog.runs.compare import compare
from neocog.runs.comparison import Comparison
from neocog.runs.perturbed_runs import Probe, measure
from neocog.runs.results import load_comparison
from neocog.runs.sensitivity import asked_levels, load_sensitivity, out_of_date, refuse_task, sensitivity
from neocog.runs.sensitivity_summary import summed_up
from neocog.tasks import TASKS
from neocog.tasks.classify import Classify
from sensitivity_example import Brightest, Sided, blobs, known


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("sensitivity") / "compared"
    settings = {"descent.rate": 0.05}
    return compare("digits", "linear,simple-cnn", budget="steps=60", seeds=2, into=folder, settings=settings)


def curves_of(*names: str) -> dict[str, dict[str, list[float]]]:
    data = blobs()
    runs = [known({"brightest": Brightest(), "sided": Sided()}[name], name, data) for name in names]
    probe = Probe(data, {"shift": (1.0, 2.0, 4.0), "contrast": (0.1, 0.5)}, 40, 0)
    found = summed_up(probe, runs, measure(probe, runs, None, Silent()), example(), notes=(), seconds=0.0)
    return {
        network.label: {change: [s.mean for s in result.scores] for change, result in network.changes.items()}
        for network in found.networks
    }


def test_known_invariances_come_out() -> None:
    """The blob leaves the frame to no side within 2 pixels; at 4, one way in four, it is partly still there."""
    found = curves_of("brightest", "sided")
    assert found["brightest"]["shift"] == [1, 1, 1, 1]
    assert found["brightest"]["contrast"] == [1, 1, 0.5]
    assert found["sided"]["contrast"] == [1, 1, 1]
    assert found["sided"]["shift"][0] == 1 and found["sided"]["shift"][3] == pytest.approx(0.75)


def test_verdicts_judge_areas_and_sentences_name_the_weakness() -> None:
    data = blobs()
    runs = [known(Brightest(), "brightest", data), known(Sided(), "sided", data)]
    probe = Probe(data, {"shift": (4.0,), "contrast": (0.1, 0.5)}, 40, 0)
    found = summed_up(probe, runs, measure(probe, runs, None, Silent()), example(), notes=(), seconds=0.0)
    by = {verdict.change: verdict for verdict in found.verdicts}
    assert (by["shift"].answer, by["contrast"].answer) == ("a", "b")
    assert by["contrast"].difference == pytest.approx(-0.2)  # trapezoid over 0 to 0.5: 0.4 / 2 * 0.5 / 0.5
    first, second = (network.sentence for network in found.networks)
    assert first.startswith("brightest loses half of what it knows above chance at a loss of 30 % of the contrast")
    assert second.startswith("sided loses half") and "at a shift of" in second
    kept = {network.label: network.changes["shift"].kept for network in found.networks}
    assert kept["brightest"].mean == pytest.approx(1) and kept["sided"].mean == pytest.approx(0.875)
    assert [network.maps for network in found.networks] == [(), ()]


def test_level_0_is_the_comparison_s_own_score(trained: Comparison) -> None:
    found = sensitivity(trained.folder, perturb="shift=1,noise=0.2")
    assert found.items == found.test_items == 359 and found.notes == ()
    own = {arm.label: [seed.scores["accuracy"] for seed in arm.finished] for arm in trained.ranked}
    assert {network.label for network in found.networks} == set(own)
    for network in found.networks:
        for change in network.changes.values():
            assert list(change.per_seed[0]) == pytest.approx(own[network.label], abs=1e-12)
            assert change.same[0].mean == 1 and change.distance[0] == 0
            assert change.scores[1].mean < change.scores[0].mean and change.distance[1] > 0
    maps = {network.label: network.maps for network in found.networks}
    assert maps["linear"] == () and maps["simple-cnn"][0].largest is not None
    assert maps["simple-cnn"][0].largest <= 1e-5
    assert load_sensitivity(trained.folder) == found
    assert out_of_date(found, load_comparison(trained.folder)) == ""
    assert "sensitivity" in out_of_date(replace(found, networks=found.networks[:1]), trained)


def test_another_answer_to_intact_items_would_be_noticed(trained: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    standardise = Preparation.standardise
    monkeypatch.setattr(Preparation, "standardise", lambda self, images: -standardise(self, images))
    found = sensitivity(trained.folder, perturb="shift=1", items=50)
    assert any("are not those given when the runs were scored" in note for note in found.notes)


def test_a_draw_is_said_and_is_the_same_again(trained: Comparison) -> None:
    few, again = (sensitivity(trained.folder, perturb="noise=0.2,occlusion=0.3", items=100) for _ in range(2))
    assert few.items == 100 and "100 of the 359 test items" in few.notes[0]
    assert [n.changes for n in few.networks] == [n.changes for n in again.networks]
    other = sensitivity(trained.folder, perturb="noise=0.2,occlusion=0.3", items=100, seed=1)
    assert [n.changes for n in few.networks] != [n.changes for n in other.networks]


def test_it_stops_in_time_with_what_it_has(trained: Comparison) -> None:
    begun = perf_counter()
    found = sensitivity(trained.folder, perturb="shift", seconds=0.5)
    assert 2 <= found.items < 359 or perf_counter() - begun < 0.5
    if found.items < 359:
        assert "within the time that was left" in found.notes[0]


def test_the_report_says_it_first(trained: Comparison) -> None:
    (trained.folder / "sensitivity.json").unlink(missing_ok=True)
    assert "What breaks it" not in page(load_comparison(trained.folder))
    found = sensitivity(trained.folder, perturb="shift=1,jpeg=10", items=60)
    text = page(load_comparison(trained.folder))
    section = text[text.index('<section id="sensitivity"') :]
    assert section.index(found.networks[0].sentence) < section.index("figure-sensitivity-shift")
    assert section.index("figure-sensitivity-shift") < section.index("figure-strip-shift")
    assert section.index("figure-strip-shift") < section.index("figure-sensitivity-jpeg")
    assert "Equivariance of the maps, measured" in section and "Areas under the curves" in section
    assert len(text.encode()) < 5_000_000


def test_a_run_of_its_own_can_be_asked(trained: Comparison) -> None:
    folder = trained.ranked[0].finished[0].folder
    found = sensitivity(folder, perturb="blur=1", items=30)
    assert len(found.networks) == 1 and found.verdicts == ()
    assert (folder / "sensitivity.json").exists()


def test_from_the_command_line(trained: Comparison, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(trained.folder)
    assert run(["sensitivity", place, "--perturb", "shift=1", "--items", "40", "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["items"] == 40 and "pictures" not in found["tried"][0]
    assert run(["sensitivity", place, "--perturb", "shift=1", "--items", "40", "--quiet"]) == 0
    assert found["networks"][0]["sentence"] in capsys.readouterr().out
    assert run(["report", place, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sensitivity"]["items"] == 40


def test_compare_measures_it_too(tmp_path: Path) -> None:
    folder = tmp_path / "compared"
    compare("digits", "linear", budget="steps=5", seeds=1, into=folder, sensitivity=True, size=8)
    found = load_sensitivity(folder)
    assert found is not None and found.items == 359 and len(found.tried) == 8


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("shfit", "name-unknown", "did you mean `shift`?"),
        ("noise=0", "option-value", "noise"),
        ("jpeg=200", "option-value", "jpeg"),
        ("shift,,noise", "name-malformed", ""),
        ("shift=", "sensitivity-levels", "shift=0.04+0.08"),
    ],
)
def test_what_is_refused(text: str, code: str, words: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        asked_levels(text)
    assert caught.value.code == code and words in str(caught.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SeveralProblems) as caught:
        asked_levels("shfit,nosie")
    assert len(caught.value.problems) == 2


def test_levels_that_are_right_are_taken() -> None:
    assert asked_levels("shift=1+2, noise") == {"shift": (1.0, 2.0), "noise": (0.05, 0.1, 0.2, 0.3)}
    assert len(asked_levels(None)) == 8


@pytest.mark.parametrize(("arguments", "code"), [({}, "comparison-missing"), ({"items": 1}, "sensitivity-items")])
def test_a_folder_that_holds_nothing_and_too_few_items(tmp_path: Path, arguments: dict[str, int], code: str) -> None:
    with pytest.raises(Problem) as caught:
        sensitivity(tmp_path, **arguments)
    assert caught.value.code == code


def test_only_tasks_with_images_of_one_class_can_be_asked() -> None:
    with pytest.raises(UsageProblem, match="cannot be asked") as caught:
        refuse_task(TASKS["language"])
    assert "classify" in str(caught.value)
    refuse_task(Classify)


def test_a_damaged_file_is_told(trained: Comparison, tmp_path: Path) -> None:
    (tmp_path / "sensitivity.json").write_text('{"format": 1, "items": 3}')
    with pytest.raises(DataProblem, match="cannot be read"):
        load_sensitivity(tmp_path)
    assert load_sensitivity(tmp_path / "nothing") is None
