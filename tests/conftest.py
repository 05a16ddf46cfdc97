"""What every test stands on: shapes checked by a type hook, a cache of its own, one thread, the development data."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

# Before torch is imported: threads are counted then, and commands started by tests inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from jaxtyping import install_import_hook

install_import_hook("neocog", "typehook.checked")

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a GPU or Chromium where there is none, with that reason."""
    for item in items:
        if item.get_closest_marker("browser") and CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium is installed"))
        if item.get_closest_marker("gpu") and not _has_gpu():
            item.add_marker(pytest.mark.skip(reason="no GPU"))


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Decoded images go to a folder of this session, never to the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("NEOCOG_CACHE")
    os.environ["NEOCOG_CACHE"] = str(folder)
    yield folder
    if before is None:
        del os.environ["NEOCOG_CACHE"]
    else:
        os.environ["NEOCOG_CACHE"] = before


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data sets (see CONTRIBUTING.md); tests that need it are skipped without it."""
    named = os.environ.get("NEOCOG_TEST_DATA")
    if not named:
        pytest.skip("NEOCOG_TEST_DATA does not name the folder of real data sets")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"NEOCOG_TEST_DATA names {folder}, which is no folder")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium, for playwright's ``executable_path``."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    return CHROMIUM
