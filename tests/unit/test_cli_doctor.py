"""cli/doctor: what is wrong, and how to mend it."""

import json

import pytest

from neocog.cli import doctor as subject
from neocog.cli.main import run


def test_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "All is well." in said and "torchvision" in said


def test_a_mismatched_torchvision_is_mended(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torchvision

    def fail(*arguments: object) -> None:
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(torchvision.ops, "nms", fail)
    assert run(["doctor", "--json"]) == 1
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert not found["torchvision"]["well"] and "--upgrade torch torchvision" in found["torchvision"]["mend"]
    problem = json.loads(said.err)
    assert problem["code"] == "installation-unwell" and problem["exit_code"] == 1


def test_a_look_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> subject.Finding:
        raise OSError("no disk")

    monkeypatch.setitem(subject.LOOKS, "cache", fail)
    assert run(["doctor"]) == 1
    assert "OSError: no disk" in capsys.readouterr().out


@pytest.mark.parametrize("folder", ["file-in-the-way"])
def test_a_cache_that_cannot_be_written(
    folder: str, tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEOCOG_CACHE", str(tmp_path))
    monkeypatch.setattr(subject.os, "access", lambda path, mode: False)
    assert "NEOCOG_CACHE" in subject.LOOKS["cache"]().mend
