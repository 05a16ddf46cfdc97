"""Run the fenced blocks of a Markdown page as a reader would: in order, in an empty folder."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fences import Fence, fences
from neocog.cli.main import run

RUN = ("sh", "python")
SHOWN = ("text", "json", "toml", "html", "csv")


def run_page(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run every block that is to be run; return how many there were."""
    sit_down(folder, monkeypatch)
    blocks = [fence for fence in fences(page.read_text("utf-8")) if fence.language in RUN and not fence.not_run]
    names: dict[str, Any] = {"__name__": "__main__"}
    for fence in blocks:
        run_fence(fence, page.name, names)
    return len(blocks)


def sit_down(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be where a reader is: in that folder, with ``neocog`` at hand."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def run_fence(fence: Fence, page: str, names: dict[str, Any]) -> None:
    """Run one block; Python blocks of a page share their names."""
    if fence.language == "python":
        exec(compile("\n" * fence.line + fence.text, page, "exec"), names)
        return
    for line in fence.text.splitlines():
        code = run_line(line)
        assert code == 0, f"{page}, line {fence.line}: this ended with {code}:\n{line}"


def run_line(line: str) -> int:
    """A plain `neocog ...` is run in this process, where torch is imported already; anything else by bash."""
    if line.startswith("neocog ") and not set(line) & set("|>&;$`"):
        return run(shlex.split(line)[1:])
    return subprocess.run(["bash", "-euo", "pipefail", "-c", line], stdin=subprocess.DEVNULL, check=False).returncode


def make_photos(folder: Path, classes: tuple[str, ...] = ("cat", "dog"), each: int = 30) -> Path:
    """A small folder of class folders: bright squares, further left or further right."""
    random = np.random.default_rng(0)
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for i in range(each):
            pixels = random.integers(0, 60, (24, 24, 3), dtype=np.uint8)
            left = 2 + 10 * number + int(random.integers(0, 4))
            pixels[8:16, left : left + 8] += 180
            Image.fromarray(pixels).save(folder / name / f"{i:03}.png")
    return folder
