"""Tiny versions of the recipes of texts and series: what they promise to give is what they state."""

import gzip
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from source_tree import recipe_of


def test_shakespeare_gives_what_it_states(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "tinyshakespeare.txt").write_text("ROMEO: To be, or not to be: that is the question.\n" * 160)
    module = recipe_of("shakespeare")
    found = module.recipe(tmp_path, tmp_path / "run", budget="steps=2", network="recurrent[width=8]")
    assert module.STATED.keys() <= found.keys()
    assert (tmp_path / "run" / "sample.txt").read_text().startswith("ROMEO:")


def test_etth1_gives_what_it_states(tmp_path: Path) -> None:
    (tmp_path / "timeseries").mkdir()
    hours = (datetime(2016, 7, 1) + timedelta(hours=hour) for hour in range(20 * 30 * 24 + 5))
    rows = [f"{time},1,{20 + np.sin(place / 4):.3f}" for place, time in enumerate(hours)]
    (tmp_path / "timeseries" / "ETTh1.csv.gz").write_bytes(gzip.compress("\n".join(["date,HUFL,OT", *rows]).encode()))
    module = recipe_of("etth1")
    found = module.recipe(tmp_path, tmp_path / "run", budget="steps=2", networks=("linear",))
    assert {"linear_mase", "linear_coverage", "mase_seasonal_naive", "seasons_coverage"} <= found.keys()
    assert {name for name in module.STATED if name.startswith(("linear", "mase"))} <= found.keys()


def test_airline_gives_what_it_states(tmp_path: Path) -> None:
    (tmp_path / "timeseries").mkdir()
    rows = [f'"{1949 + month // 12}-{month % 12 + 1:02d}",{100 + month + month % 12}' for month in range(144)]
    (tmp_path / "timeseries" / "airline_passengers.csv").write_text("\n".join(['"Month","Passengers"', *rows]))
    module = recipe_of("airline")
    found = module.recipe(tmp_path, tmp_path / "run", budget="steps=2", networks=("linear",))
    assert {"linear_mase", "mase_last_value"} <= found.keys()
    assert {name for name in module.STATED if name.startswith(("linear", "mase"))} <= found.keys()
