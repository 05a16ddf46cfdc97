"""``neocog predict``."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from neocog.cli.output import Output, dumps
from neocog.cli.shared import OutputFlags, TrustFlags
from neocog.core.errors import DataProblem, Problem, StorageProblem, UsageProblem, plain, raise_all

if TYPE_CHECKING:
    from neocog.runs.predictor import Predictor

CHUNK = 256


def predict(
    run: Annotated[str, Parameter(help="The folder of a run, or of a comparison: then its best run.")],
    images: Annotated[tuple[str, ...], Parameter(help="Image files, or folders of them.", consume_multiple=True)],
    /,
    *,
    trust: TrustFlags = TrustFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Name the class of images; with --json, one line for each."""
    out = Output(output)
    from neocog.runs.load import load

    files = _files(images)
    predictor = load(run, allow_modules=trust.allow_module)
    problems: list[Problem] = []
    for file, answer in _answers(predictor, files, problems):
        if out.json:
            print(dumps({"file": str(file), **answer}))
        else:
            print(f"{plain(str(file))}: {plain(answer['label'])} ({100 * answer['probability']:.1f} %)")
    raise_all(problems)


def _answers(
    predictor: "Predictor", files: list[Path], problems: list[Problem]
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every file that can be read, with its answer; the others' problems are collected."""
    for start in range(0, len(files), CHUNK):
        chunk = files[start : start + CHUNK]
        try:
            yield from zip(chunk, predictor.predict(chunk), strict=True)
        except (DataProblem, StorageProblem):
            for file in chunk:
                try:
                    yield file, predictor.predict([file])[0]
                except (DataProblem, StorageProblem) as problem:
                    problems.append(problem)


def _files(paths: tuple[str, ...]) -> list[Path]:
    from neocog.data.as_trained import missing
    from neocog.data.readers.decode import SUFFIXES

    found: list[Path] = []
    problems: list[Problem] = []
    for path in map(Path, paths):
        inside = (
            sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        )
        if not path.exists():
            problems.append(missing(path))
        elif not inside:
            problems.append(UsageProblem("images-missing", f"there is no image in {path}", where=str(path)))
        found += inside
    raise_all(problems)
    return found
