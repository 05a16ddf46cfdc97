"""docs/: every block is run, every link leads somewhere, every table is what the code says, and the site builds."""

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fences import fences
from image_files import idx_bytes
from pages import RUN, SHOWN, make_photos, run_page
from source_tree import ROOT

PAGES = sorted((ROOT / "docs").rglob("*.md"))
WITH_BLOCKS = [
    page for page in PAGES if any(f.language in RUN and not f.not_run for f in fences(page.read_text("utf-8")))
]
NOT_RUN = {"keras.md": 1}
"""How many blocks of a page are shown and not run; each says why beside itself."""


def page_id(page: Path) -> str:
    return page.relative_to(ROOT / "docs").as_posix()


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=page_id)
def test_every_block_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if page.name == "own-data.md":
        make_own_data(tmp_path)
    if page.name == "add-a-task.md":
        make_module(page, tmp_path, monkeypatch)
    assert run_page(page, tmp_path, monkeypatch) > 0


def test_every_block_is_run_or_is_output() -> None:
    blocks = [(page.name, fence) for page in PAGES for fence in fences(page.read_text("utf-8"))]
    assert [(name, fence.line) for name, fence in blocks if fence.language not in (*RUN, *SHOWN)] == []
    shown = [name for name, fence in blocks if fence.not_run]
    assert {name: shown.count(name) for name in shown} == NOT_RUN


def test_every_command_in_a_table_of_own_data_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from neocog.cli.main import run

    make_own_data(tmp_path)
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "how-to" / "own-data.md").read_text("utf-8")
    commands = re.findall(r"^\|.*\| `neocog ([^`]+)` \|$", text, re.MULTILINE)
    assert len(commands) == 6
    assert [command for command in commands if run(command.split()) != 0] == []


def make_module(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's first block, saved as it says."""
    first = next(fence for fence in fences(page.read_text("utf-8")) if fence.language == "python")
    (folder / "reading.py").write_text(first.text, "utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def make_own_data(folder: Path) -> None:
    """What docs/how-to/own-data.md speaks of."""
    photos = make_photos(folder / "photos")
    for part in ("train", "val", "test"):
        make_photos(folder / "divided" / part, each=12)
    shutil.make_archive(str(folder / "photos"), "zip", photos)
    for name, columns in (("photos.csv", ["path", "label"]), ("birds.csv", ["file", "species", "place"])):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(columns)
            for i, path in enumerate(sorted(photos.rglob("*.png"))):
                row = [path.relative_to(folder).as_posix(), path.parent.name, f"place {i % 15}"]
                rows.writerow(row[: len(columns)])
    images = np.random.default_rng(0).integers(0, 256, (60, 12, 12), dtype=np.uint8)
    labels = (np.arange(60) % 2).astype(np.uint8)
    np.savez(folder / "arrays.npz", images=images, labels=labels)
    for part in ("train", "t10k"):
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        prose = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", prose):
            if not (page.parent / target).exists():
                broken.append(f"{page_id(page)}: {target}")
    assert broken == []


def test_the_tables_are_what_the_code_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import docs_tables

    assert docs_tables.stale() == []
    monkeypatch.setattr(docs_tables, "REFERENCE", tmp_path)
    (tmp_path / "errors.md").write_text("# Error codes\n")
    assert "errors.md" in docs_tables.stale()


def test_every_page_is_in_the_navigation() -> None:
    text = (ROOT / "zensical.toml").read_text("utf-8")
    assert [page_id(page) for page in PAGES if f'"{page_id(page)}"' not in text] == []
    named = re.findall(r'"([\w/-]+\.md)"', text)
    assert [name for name in named if not (ROOT / "docs" / name).exists()] == []


def test_every_public_name_is_in_the_reference() -> None:
    import neocog

    text = (ROOT / "docs" / "reference" / "python.md").read_text("utf-8")
    assert sorted(re.findall(r"^::: neocog\.(\w+)$", text, re.MULTILINE)) == sorted(neocog.__all__)


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    command = [str(Path(sys.executable).parent / "zensical"), "build", "--strict"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "site" / "reference" / "python.html").read_text("utf-8")
    assert "image_shape" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//[^"]+\.(?:js|css|woff2?)"', page)
