"""cli/allocator: three calls, on glibc only."""

import ctypes
import os
import sys
from subprocess import run

import pytest

from neocog.cli import allocator

KEPT = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_")


class Library:
    """Takes what it is told, but no threshold above ``most``."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.calls: list[tuple[int, int]] = []

    def mallopt(self, name: int, value: int) -> int:
        self.calls.append((name, value))
        return int(name != -3 or value <= self.most)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {key: value for key, value in os.environ.items() if key not in KEPT})


def test_nothing_is_called_where_the_library_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator, "_is_glibc", lambda: False)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: pytest.fail("called"))
    assert allocator.keep_memory() is False
    assert not set(KEPT) & set(os.environ)


@pytest.mark.parametrize(("most", "thresholds"), [(1 << 30, [1 << 30]), (1 << 25, [1 << 30, 1 << 25])])
def test_three_settings_on_glibc(monkeypatch: pytest.MonkeyPatch, most: int, thresholds: list[int]) -> None:
    library = Library(most)
    monkeypatch.setattr(allocator, "_is_glibc", lambda: True)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    assert allocator.keep_memory() is True
    assert library.calls == [*((-3, size) for size in thresholds), (-1, (1 << 31) - 1), (-2, 64 << 20)]
    assert [os.environ[name] for name in KEPT] == [str(thresholds[-1]), str((1 << 31) - 1), str(64 << 20)]


@pytest.mark.skipif(not allocator._is_glibc(), reason="the C library is not glibc")
def test_glibc_takes_them_before_torch_is_imported() -> None:
    look = "sys.exit(not keep_memory() or 'torch' in sys.modules)"
    code = f"import sys; from neocog.cli.allocator import keep_memory; {look}"
    assert run([sys.executable, "-c", code]).returncode == 0
