"""README.md: every command in it works as it stands; the two long ones are run by .ci/run."""

import re
from pathlib import Path

import pytest

from fences import Fence, fences, named
from pages import RUN, SHOWN, make_photos, run_fence, sit_down
from source_tree import ROOT

README = ROOT / "README.md"
SHORT = [fence for fence in fences(README.read_text("utf-8")) if fence.language in RUN and not fence.name]


def test_readme_has_a_command_to_try_and_one_to_test_and_each_is_one_line_with_its_own_environment() -> None:
    for name in ("try", "test"):
        line = named(README, name).text.strip()
        assert "\n" not in line
        assert line.startswith("python3 -m venv .venv && .venv/bin/pip install -e ")


def test_ci_runs_those_two_commands() -> None:
    text = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "for command in try test" in text
    assert 'tests/fences.py README.md "$command"' in text


@pytest.mark.parametrize("fence", SHORT, ids=lambda fence: f"line {fence.line}")
def test_readme_s_other_commands_work(fence: Fence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sit_down(tmp_path, monkeypatch)
    make_photos(tmp_path / "photos")
    run_fence(fence, "README.md", {"__name__": "__main__"})


def test_every_block_of_readme_is_run_or_is_output() -> None:
    assert [f.line for f in fences(README.read_text("utf-8")) if f.language not in (*RUN, *SHOWN)] == []


def test_every_page_that_readme_names_is_there() -> None:
    linked = re.findall(r"\]\(([^)#:]+)[^)]*\)", README.read_text("utf-8"))
    assert linked
    assert [name for name in linked if not (ROOT / name).exists()] == []
