"""neocog/__init__: about 20 names, looked up when they are used."""

import sys
from subprocess import run

import pytest

import neocog

NAMES = [
    "Augmentation",
    "Comparison",
    "DataProblem",
    "FolderInUse",
    "Image",
    "ImageClassifier",
    "MissingExtra",
    "Predictor",
    "Problem",
    "StorageProblem",
    "TrainingProblem",
    "UsageProblem",
    "Vector",
    "compare",
    "evaluate",
    "from_arrays",
    "load",
    "open_images",
    "reproduce",
    "resume",
    "train",
]


def test_the_names_are_pinned() -> None:
    assert sorted(neocog.__all__) == NAMES
    assert set(NAMES) <= set(dir(neocog))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there(name: str) -> None:
    assert getattr(neocog, name).__name__ == name


def test_no_other_name() -> None:
    with pytest.raises(AttributeError):
        neocog.compar  # noqa: B018


def test_importing_it_imports_nothing_heavy() -> None:
    look = "sys.exit(len({'torch', 'numpy', 'cyclopts', 'sklearn'} & set(sys.modules)))"
    assert run([sys.executable, "-c", f"import sys, neocog; from neocog import Problem, Image; {look}"]).returncode == 0


def test_a_heavy_import_would_be_noticed() -> None:
    look = "sys.exit(len({'torch'} & set(sys.modules)))"
    assert run([sys.executable, "-c", f"import sys, neocog; neocog.Augmentation; {look}"]).returncode == 1
