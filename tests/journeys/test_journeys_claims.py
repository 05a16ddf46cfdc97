"""neocog claims: list, measure, go on, report; and what it refuses."""

import json
from pathlib import Path

import pytest

from neocog.claims import CLAIMS
from neocog.cli.main import run


def test_from_the_list_to_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["claims", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["claim"] for each in listed] == list(CLAIMS)
    assert all(each["hypothesis"] and each["smallest"] > 0 for each in listed)

    asked = ["claims", "weight-sharing", "--into", str(tmp_path), "--json"]
    assert run(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["claims"][0]["answer"] == "holds"
    assert told["claims"][0]["effect"]["value"] > 1000 > told["claims"][0]["control"]["value"]
    assert told["conclusion"] == "Of 1 claim: 1 holds."
    assert Path(told["report"]).is_file()

    assert run([*asked, "vanishing-gradients"]) == 0
    heard = capsys.readouterr()
    assert "weight-sharing: known already" in heard.err
    assert len(json.loads(heard.out)["claims"]) == 2

    assert run(["report", str(tmp_path), "--into", str(tmp_path / "again.html")]) == 0
    assert "Of 2 claims: 2 hold." in capsys.readouterr().out
    assert CLAIMS["weight-sharing"].title in (tmp_path / "again.html").read_text("utf-8")


def test_what_it_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["claims", "weight-shearing", "--into", str(tmp_path)]) == 2
    assert "weight-sharing" in capsys.readouterr().err
    assert run(["claims", "weight-sharing", "--into", str(tmp_path), "--quick", "--quiet"]) == 0
    assert "mean nothing" in capsys.readouterr().out
    assert run(["claims", "vanishing-gradients", "--into", str(tmp_path)]) == 2
    assert "claims-other-data" in capsys.readouterr().err
