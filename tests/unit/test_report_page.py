"""The report: what it says, what it holds, and that nothing in it can become code."""

import json
import re
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pytest

from comparison_example import example
from hostile import PAYLOADS, hostile_comparison
from neocog.figures.figure import Figure, Picture, Table
from neocog.figures.png import size_of, to_png
from neocog.report import page, rendering, write
from neocog.report.embedding import as_json, galleries

ORDER = ["verdict", "scores", "pairs", "cost", "learning", "answers", "saw", "method", "limits", "failures"]


class _Outline(HTMLParser):
    """Tags with their attribute names in order, the ids, and all text outside style and script."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self._inside not in ("style", "script"):
            self.words.append(data)


def outline(text: str) -> _Outline:
    return _Outline(text)


def words(text: str) -> str:
    """The text of a page, as it is read."""
    return re.sub(r"\s+", " ", "".join(outline(text).words).replace("\u00a0", " "))


@pytest.fixture(scope="module")
def report() -> str:
    return page(example())


@pytest.fixture(scope="module")
def harmless() -> str:
    return page(hostile_comparison("x" * 20))


def test_sections_come_in_order(report: str) -> None:
    found = [value for tag, name, value in outline(report).attributes if tag == "section" and name == "id"]
    assert found == ORDER
    anchors = {value[1:] for tag, name, value in outline(report).attributes if tag == "a" and name == "href"}
    assert anchors <= set(found)


def test_a_reader_finds_the_five_answers(report: str) -> None:
    comparison, said = example(), words(report)
    first = said[said.index("Use simple-cnn") : said.index("Accuracy, with intervals Means")]
    assert "Use simple-cnn, the best on validation: it beats lenet5, mlp and linear" in first, "which"
    assert "simple-cnn beats mlp by 4.1 points (2.3 to 5.8)" in first, "by how much, and how sure"
    assert "97.8 % 95 % interval 95.9 to 98.8" in first, "how good"
    assert "0.31 ms for one item" in first and "5.2 s per run; it has 47k parameters" in first, "what it costs"
    assert "Most often mistaken: digit 0 for digit 1" in first, "where it fails"
    for untested in ("shifted, rotated, noisy", "learning rate", "split", "my.module:Wide has no result"):
        assert untested in first, "what was not tested"
    assert comparison.sentence in said


def test_every_verdict_stands_with_the_numbers_that_decided_it(report: str) -> None:
    said = words(report).replace("+", "").replace("−", "-")
    for verdict in example().verdicts:
        sign = 1 if verdict.difference >= 0 else -1
        low, high = sorted([100 * sign * verdict.low, 100 * sign * verdict.high])
        assert f"{100 * sign * verdict.difference:.1f} ({low:.1f} to {high:.1f})" in said, verdict


def test_the_leaderboard_holds_every_score_and_cost(report: str) -> None:
    said = words(report)
    for column in ("balanced accuracy", "macro F1", "log-loss", "calibration error", "multiply-adds per item"):
        assert column in said
    for count in ("272,474", "46,954", "61,706", "650"):
        assert count in said


def test_failures_skips_and_notes_are_told() -> None:
    said = words(page(example(skipped={"cat/7.png": "ends at byte 12"})))
    for told in ("cat/7.png", "ends at byte 12", "1 file left out", "mlp, seed 3: The memory did not suffice"):
        assert told in said
    assert "the median of the longer sides" in said and "2.15.0" in said


def test_a_comparison_without_any_result_has_a_report() -> None:
    whole = example()
    none = replace(whole, arms=whole.failed, verdicts=(), sentence="")
    said = words(page(none))
    assert "No network has a result" in said and "my.module:Wide: The loss stopped being a number" in said


def test_one_network_alone_has_a_report() -> None:
    said = words(page(example(networks=["resnet"])))
    assert "Only resnet has a result: there is nothing to compare it with" in said
    assert "Every pair" not in said


def test_one_seed_is_called_one_seed() -> None:
    said = words(page(example(seeds=1)))
    assert "with one run each, nothing is known of how much a result depends on chance" in said


def test_the_best_on_validation_is_used_even_if_another_beats_it() -> None:
    whole = example()
    first, *others, lost = whole.arms
    swapped = [replace(seed, val_scores={"accuracy": 0.999}) for seed in others[2].seeds]
    arms = (first, *others[:2], replace(others[2], seeds=tuple(swapped)), *others[3:], lost)
    said = words(page(replace(whole, arms=arms)))
    assert "No clear choice: mlp or" in said and "before you choose" in said


def test_the_policy_names_the_one_style_and_the_one_script(report: str) -> None:
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', report)
    assert policy and report.index("Content-Security-Policy") < report.index("charset"), "before any other content"
    allowed = policy[1].replace("&#39;", "'")
    (style,) = re.findall(r"<style>(.*?)</style>", report, re.S)
    (script,) = re.findall(r"<script>(.*?)</script>", report, re.S)
    for kind, text in (("style-src", style), ("script-src", script)):
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in allowed
    assert allowed.startswith("default-src 'none'; img-src data:")


def test_nothing_is_loaded_and_nothing_is_inline(report: str) -> None:
    found = outline(report)
    assert not re.search(r"(https?:)?//[a-z]", re.sub(r"<script type.*?</script>", "", report, flags=re.S))
    assert not [a for a in found.attributes if a[1] == "style" or a[1].startswith("on")]
    links = {value[:5] for tag, name, value in found.attributes if name in ("src", "href") and tag != "a"}
    assert links == {"data:"}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_changes_no_structure(payload: str, harmless: str) -> None:
    hostile = page(hostile_comparison(payload))
    assert _bones(hostile) == _bones(harmless)
    hostile.encode("utf-8")


def test_the_check_of_structure_fails_without_escaping(harmless: str, monkeypatch: pytest.MonkeyPatch) -> None:
    payload = PAYLOADS[4]
    monkeypatch.setattr(rendering.environment(), "autoescape", False)
    rendering.environment().cache.clear()
    try:
        assert _bones(page(hostile_comparison(payload))) != _bones(harmless)
    finally:
        monkeypatch.undo()
        rendering.environment().cache.clear()


def _bones(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The structure outside drawings, where a longer name may take another line; in them, which kinds of tags occur."""
    bare = re.sub(r"<svg.*?</svg>", "<svg></svg>", text, flags=re.S)
    drawn = {tag for tag, _ in outline(text).tags} - {tag for tag, _ in outline(bare).tags}
    return [*outline(bare).tags, *sorted((tag, ()) for tag in drawn - {"title"})]


def test_json_cannot_end_its_script() -> None:
    for payload in PAYLOADS[:-1]:
        text = str(as_json({payload: [payload]}))
        assert not re.search("[<>&\u2028\u2029]", text)
        assert json.loads(text) == {payload: [payload]}


def _figure(pictures: dict[str, list[Picture]]) -> Figure:
    return Figure("k", "t", "<svg></svg>", "a", Table((), ()), pictures)


def test_galleries_share_the_room_and_say_what_is_missing() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    pictures = [Picture(to_png(pixels), f"picture {i}") for i, pixels in enumerate(noise)]
    figure = _figure({"a": pictures[:20], "b": pictures[20:], "same": pictures[:20]})
    whole, tight = galleries([figure], 10**7), galleries([figure], 60_000)
    assert (whole.shown, whole.left_out) == (60, 0)
    assert len(json.loads(whole.json)["images"]) == 40, "each image is stored once"
    assert len(tight.json) < 60_000 + 500 and 0 < tight.left_out < 60
    told = json.loads(tight.json)["galleries"]
    assert len(told["a"]["pictures"]) >= 6 and len(told["b"]["pictures"]) >= 6, "the room is shared"
    assert re.match(r"\d+ of 20 images", told["a"]["note"])


def test_the_file_stays_below_five_megabytes(tmp_path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (360, 128, 128, 3), dtype=np.uint8)
    big = {i: to_png(pixels) for i, pixels in enumerate(noise)}
    assert sum(map(len, big.values())) > 10_000_000
    path = write(example(pictures=big), tmp_path / "report.html")
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_size <= 5_000_000
    assert "images were left out of its galleries" in words(text)
    assert "images were left out of its galleries" not in words(page(example()))


def test_the_same_comparison_gives_the_same_bytes(report: str) -> None:
    assert page(example()) == report


def test_pictures_are_pngs(report: str) -> None:
    data = json.loads(re.search(r'id="galleries">(.*?)</script>', report, re.S)[1])
    assert data["images"] and size_of(b64decode(data["images"][0])) == (8, 8)
