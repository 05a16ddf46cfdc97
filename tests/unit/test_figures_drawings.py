"""Every figure: its SVG parses, its table holds the data, its alt text names the finding, and names stay text."""

import xml.etree.ElementTree as ET
from collections.abc import Callable

import numpy as np
import pytest

from neocog.figures.axes import Axis
from neocog.figures.confusion import confusion_matrix
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure, Picture
from neocog.figures.gallery import gallery
from neocog.figures.intervals import IntervalRow, interval_plot
from neocog.figures.numbers import percent, points
from neocog.figures.png import to_png
from neocog.figures.reliability import ConfidenceBin, reliability
from neocog.figures.scatter import ScatterPoint, pareto_front, scatter
from neocog.figures.standalone import save, standalone
from neocog.figures.verdicts import PairVerdict, verdict_matrix

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "]]>&lt;&amp;--><!--",
    "bell\x07 escape\x1b[31m bidi\u202egnp.exe",
    "lone \ud800 surrogate",
    "</title></svg><svg onload=alert(1)>",
]
PNG = to_png(np.arange(64, dtype=np.uint8).reshape(8, 8, 1))


def _intervals(name: str) -> Figure:
    rows = [IntervalRow(name, 0.981, 0.97, 0.99, (0.98, 0.982)), IntervalRow("mlp", 0.95, 0.93, 0.96)]
    return interval_plot("k", name, rows, Axis(name, percent, within=(0.0, 1.0)))


def _scatter(name: str) -> Figure:
    spots = [ScatterPoint(name, 1e5, 0.98, 0.97, 0.99), ScatterPoint("mlp", 2e5, 0.95)]
    return scatter("k", name, spots, Axis(name), Axis(name, percent))


def _curves(name: str) -> Figure:
    runs = [([0.0, 1.0, 2.0], [0.1, 0.5, 0.9]), ([0.0, 1.0, 2.0], [0.1, 0.6, 0.8])]
    return curves(
        "k", name, [Curve(name, runs), Curve("mlp", runs[:1])], Axis(name), Axis(name, percent), mark=(1.0, name)
    )


def _confusion(name: str) -> Figure:
    counts = np.array([[9, 1], [0, 10]])
    return confusion_matrix("k", name, counts, [name, "dog"], pictures={(0, 1): [Picture(PNG, name)]})


def _reliability(name: str) -> Figure:
    return reliability("k", name, [ConfidenceBin(0.2, 0.1, 0.0, 0.4, 5), ConfidenceBin(0.9, 0.8, 0.6, 0.9, 20)])


def _gallery(name: str) -> Figure:
    return gallery("k", name, [Picture(PNG, name), Picture(PNG, "dog")])


def _verdicts(name: str) -> Figure:
    pairs = [
        PairVerdict(name, "mlp", 0.021, 0.014, 0.028, "a"),
        PairVerdict("mlp", "linear", 0.001, -0.01, 0.012, "tie"),
    ]
    return verdict_matrix("k", name, [name, "mlp", "linear"], pairs)


MAKERS: list[Callable[[str], Figure]] = [
    _intervals, _scatter, _curves, _confusion, _reliability, _gallery, _verdicts,
]  # fmt: skip


def _alt(figure: Figure) -> str:
    return figure.alt.replace("\u00a0", " ")


def _rows(figure: Figure) -> list[tuple[str, ...]]:
    return [tuple(cell.replace("\u00a0", " ") for cell in row) for row in figure.table.rows]


def _skeleton(svg: str) -> list[tuple[str, tuple[str, ...]]]:
    """Tags and attribute names; how a text was cut to its room is left out."""
    return [(node.tag, tuple(sorted(node.attrib))) for node in ET.fromstring(svg).iter() if node.tag != "title"]


def _attributes(svg: str) -> set[str]:
    return {name for _, names in _skeleton(svg) for name in names}


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_text(make: Callable[[str], Figure], name: str) -> None:
    hostile, harmless = make(name), make("x" * len(name))
    tags = {tag for tag, _ in _skeleton(hostile.svg)}
    assert not tags & {"script", "img", "foreignObject"}
    turned = {"transform"}  # long names of columns are turned
    assert _attributes(hostile.svg) | turned == _attributes(harmless.svg) | turned
    hostile.svg.encode("utf-8")


def test_the_check_of_names_can_fail() -> None:
    assert "script" in {tag for tag, _ in _skeleton("<svg><text><script>alert(1)</script></text></svg>")}


@pytest.mark.parametrize("make", MAKERS)
def test_a_figure_is_an_image_or_a_group_with_words(make: Callable[[str], Figure]) -> None:
    figure = make("cat")
    root = ET.fromstring(figure.svg)
    assert root.tag == "svg"
    assert root.get("aria-label") == figure.alt != ""
    assert root.get("role") == ("group" if figure.galleries else "img")
    assert root.get("viewBox", "").split()[2] == "360"
    opened = {node.get("data-gallery") for node in root.iter() if node.get("data-gallery")}
    assert opened == set(figure.galleries)
    assert all(
        node.get("tabindex") == "0" and node.get("aria-label") for node in root.iter() if node.get("data-gallery")
    )
    assert all(len(row) == len(figure.table.columns) for row in figure.table.rows)
    assert not any("style" in node.attrib for node in root.iter()), "the page forbids inline styles"


def test_intervals_say_their_numbers() -> None:
    figure = _intervals("resnet")
    assert _rows(figure)[0] == ("resnet", "98.1 %", "97.0 %", "99.0 %", "98.0 %, 98.2 %")
    assert "resnet: 98.1 % (97.0 to 99.0)" in _alt(figure)


def test_differences_draw_the_margin_only_when_there_is_one() -> None:
    rows = [IntervalRow("a beats b", 0.02, 0.01, 0.03)]
    with_margin = interval_plot("d", "Pairs", rows, Axis("points", points), zero=0.0, margin=0.005)
    without = interval_plot("d", "Pairs", rows, Axis("points", points), zero=0.0)
    assert 'class="margin"' in with_margin.svg
    assert 'class="margin"' not in without.svg
    assert "+2.0 (+1.0 to +3.0)" in with_margin.alt


def test_values_that_are_no_numbers_are_left_out_of_the_drawing() -> None:
    nan = float("nan")
    figure = interval_plot("k", "One run", [IntervalRow("mlp", 0.9, nan, nan, (0.9, nan))], Axis("accuracy"))
    assert "nan" not in figure.svg
    assert figure.table.rows[0][2] == "–"
    drawn = scatter("k", "t", [ScatterPoint("a", nan, 0.9), ScatterPoint("b", 0.0, 0.9)], Axis("x"), Axis("y"))
    assert "nan" not in drawn.svg


def test_pareto_front() -> None:
    assert pareto_front([1, 2, 3, 4], [0.5, 0.9, 0.8, 0.95]) == [0, 1, 3]
    assert pareto_front([1, 1], [0.5, 0.5]) == [0, 1]
    assert pareto_front([1, 2], [0.5, 0.4], higher_is_better=False) == [0, 1]
    assert pareto_front([], []) == []


def test_the_scatter_names_its_front() -> None:
    figure = _scatter("cnn")
    assert "On the front" in figure.alt and "cnn" in figure.alt
    assert [row[3] for row in figure.table.rows] == ["yes", "no"]


def test_the_band_spans_the_runs() -> None:
    figure = _curves("cnn")
    last = [row for row in _rows(figure) if row[0] == "cnn"][-1]
    assert last == ("cnn", "2", "85.0 %", "80.0 %", "90.0 %")
    assert "cnn 85.0 %" in _alt(figure)


def test_runs_without_common_places_are_drawn_one_by_one() -> None:
    line = Curve("cnn", [([0.0, 1.0], [0.1, 0.2]), ([0.5, 1.5], [0.1, 0.2])])
    assert curves("k", "t", [line], Axis("x"), Axis("y")).svg.count('class="thin"') == 2


def test_the_confusion_table_is_the_matrix() -> None:
    figure = _confusion("cat")
    assert _rows(figure) == [("cat", "9", "1"), ("dog", "0", "10")]
    assert "cat for dog (once)" in figure.alt and "19 of 20 (95.0 %)" in _alt(figure)
    assert list(figure.galleries) == ["k-0-1"]


def test_many_classes_are_gathered_and_nothing_is_lost() -> None:
    counts = np.diag(np.full(30, 50)) + np.eye(30, k=1, dtype=int) * np.arange(30)[:, None]
    figure = confusion_matrix("k", "t", counts, [f"class {i}" for i in range(30)])
    shown = "".join(ET.fromstring(figure.svg).itertext())
    assert shown.count("50") >= 12
    assert "all others" in figure.svg
    assert _rows(figure)[0] == ("class 28", "class 29", "28", "35.9 %")


def test_reliability_says_which_way_it_errs() -> None:
    figure = _reliability("mlp")
    assert _rows(figure)[0] == ("20.0 %", "10.0 %", "0.0 %", "40.0 %", "5")
    assert "76.0 % sure and 66.0 % right: too sure of itself" in _alt(figure)
    assert "(expected calibration error) is 10.0 points" in figure.alt
    modest = reliability("k", "t", [ConfidenceBin(0.7, 0.73, 0.5, 0.9, 30)])
    assert "a little not sure enough" in modest.alt
    assert reliability("k", "t", []).alt == "There are no answers to judge."


def test_verdicts_put_the_better_one_first() -> None:
    pairs = [
        PairVerdict("mlp", "cnn", -0.021, -0.028, -0.014, "b"),
        PairVerdict("a", "b", 0.01, -0.01, 0.03, "unknown"),
    ]
    figure = verdict_matrix("k", "t", ["cnn", "mlp", "a", "b"], pairs)
    assert figure.table.rows == [
        ("cnn beats mlp", "+2.1", "+1.4", "+2.8"),
        ("a and b cannot be told apart yet", "+1.0", "−1.0", "+3.0"),
    ]
    assert "cnn beats mlp: +2.1 points (+1.4 to +2.8)." in figure.alt
    assert figure.svg.count(">beats<") == figure.svg.count(">loses<") == 1


def test_long_labels_take_more_lines_and_lose_nothing() -> None:
    name = "resnet[depth=110,shortcut=false] or mlp[widths=256+128+64,dropout=0.25]: cannot tell"
    figure = interval_plot("k", "t", [IntervalRow(name, 0.9, 0.8, 1.0)], Axis("x", percent))
    words = [node.text or "" for node in ET.fromstring(figure.svg).iter("text") if "strong" in node.get("class", "")]
    assert len(words) >= 2 and "".join(words).replace(" ", "") == name.replace(" ", "")


def test_a_standalone_file_is_complete(tmp_path) -> None:
    figure = _gallery("cat")
    root = ET.fromstring(standalone(figure))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.find("{http://www.w3.org/2000/svg}style") is not None
    path = save(figure, tmp_path / "figure.svg")
    assert path.read_text(encoding="utf-8") == standalone(figure)
