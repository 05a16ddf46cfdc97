"""report/claims: a table of all claims first, then each with its hypothesis, its figures and its control."""

from html import unescape
from pathlib import Path

import pytest

from neocog.claims.effect import Effect
from neocog.claims.finding import Finding
from neocog.claims.run import run_claims
from neocog.report.claims import write_claims


def finding(name: str, effect: Effect, answer: str = "holds") -> Finding:
    return Finding(
        name=name,
        answer=answer,  # type: ignore[arg-type]
        effect=effect,
        control=Effect(0.001, -0.003, 0.005, "seeds", {"with": (0.9, 0.91), "without": (0.9, 0.909)}),
        title=f"The claim of {name}.",
        hypothesis="It is <b>above</b> 0.",
        condition="Where there is none.",
        source="A textbook",
        scale="digits",
        smallest=0.01,
        unit="points",
        data="digits",
        seconds=3.0,
        versions={},
    )


EFFECT = Effect(0.05, 0.03, 0.07, "seeds and test items", {"with": (0.95, 0.96), "without": (0.9, 0.91)})


def test_verdict_effect_and_control_of_each_are_in_the_table(tmp_path: Path) -> None:
    found = [finding("one", EFFECT), finding("two", EFFECT, "control failed")]
    text = unescape(write_claims(found, tmp_path / "report.html").read_text("utf-8"))
    table = text[text.index("<table>") : text.index("</table>")]
    for words in ("The claim of one.", "holds", "control failed", "5.0 points (3.0 to 7.0)", "shows no such effect"):
        assert words in table
    assert text.index('id="claims"') < text.index('id="one"') < text.index('id="two"')
    assert "Of 2 claims: 1 holds and 1 has a control that failed." in text


def test_the_hypothesis_stands_as_it_was_written_and_is_no_markup(tmp_path: Path) -> None:
    text = write_claims([finding("one", EFFECT)], tmp_path / "report.html").read_text("utf-8")
    assert "It is &lt;b&gt;above&lt;/b&gt; 0." in text
    assert "<b>above" not in text


def test_curves_are_drawn_where_there_are_any(tmp_path: Path) -> None:
    lines = {"mlp": ((0.0, 0.9), (1.0, 0.5))}
    with_lines = Effect(0.05, 0.03, 0.07, "seeds", EFFECT.sides, lines, "shift in pixels", "accuracy")
    for effect, number in ((EFFECT, 2), (with_lines, 3)):
        text = write_claims([finding("one", effect)], tmp_path / "report.html").read_text("utf-8")
        assert text.count("<figure id=") == number


@pytest.mark.parametrize("name", ["weight-sharing", "convolution-equivariance", "vanishing-gradients"])
def test_real_ones_can_be_written(name: str, tmp_path: Path) -> None:
    known = run_claims([name], into=tmp_path, quick=True)
    text = write_claims(known.found, tmp_path / "report.html").read_text("utf-8")
    assert known.found[0].title in unescape(text)
    assert "nan" not in text[text.index("<main>") : text.index("</main>")].lower()
