"""``neocog predict``."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from neocog.cli.output import Output, dumps
from neocog.cli.settings import options_from
from neocog.cli.shared import OutputFlags, TrustFlags
from neocog.core.errors import DataProblem, Problem, StorageProblem, plain, raise_all

if TYPE_CHECKING:
    from neocog.runs.predictor import Predictor
    from neocog.tasks.task import Answers

CHUNK = 256
TOLD = 4  # pictures that are named one by one


def predict(
    run: Annotated[str, Parameter(help="The folder of a run, or of a comparison: then its best run.")],
    inputs: Annotated[tuple[str, ...], Parameter(help="What is to be answered: image files, or folders of them.")] = (),
    /,
    *,
    into: Annotated[str | None, Parameter(help="Folder for the pictures of the answers, where there are some.")] = None,
    set: Annotated[
        tuple[str, ...], Parameter(name="--set", help="An option of the answer: NAME=VALUE; may be repeated.")
    ] = (),
    trust: TrustFlags = TrustFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Answer with a saved run, such as the class of images; with --json, one line for each."""
    out = Output(output)
    from neocog.core.durable import write_durably
    from neocog.runs.load import load

    predictor = load(run, allow_modules=trust.allow_module)
    items = predictor.task.items(inputs)
    options = options_from(set)
    _tell_calibration(out, predictor, options)
    problems: list[Problem] = []
    name = predictor.task.input
    for some, answers in _answers(predictor, items, options, problems):
        for item, value, words in zip(some, answers.values, answers.words, strict=True):
            named = {} if item is None else {name: str(item)}
            if out.json:
                print(dumps({**named, **value}))
            else:
                print(": ".join(plain(text) for text in (*named.values(), words)))
        for number, (picture, png) in enumerate(answers.pictures.items()):
            path = Path(into or ".") / picture
            path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, png)
            if number < TOLD:
                out.note(f"Picture: {path}")
        if len(answers.pictures) > TOLD:
            out.note(f"and {len(answers.pictures) - TOLD} more")
    raise_all(problems)


def _tell_calibration(out: Output, predictor: "Predictor", options: dict[str, str]) -> None:
    """Whether the probabilities are the network's own."""
    how = predictor.calibrated
    if how is not None:
        asked = "calibrated" in options
        out.note(how.sentence if asked else "Not calibrated, though it could be: --set calibrated=true")


def _answers(
    predictor: "Predictor", items: Sequence[Any], options: dict[str, str], problems: list[Problem]
) -> "Iterator[tuple[Sequence[Any], Answers]]":
    """Answers to every item that can be read, some at a time; the others' problems are collected."""
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        try:
            yield from _answered(predictor, chunk, options)
        except (DataProblem, StorageProblem):
            for item in chunk:
                try:
                    yield from _answered(predictor, [item], options)
                except (DataProblem, StorageProblem) as problem:
                    problems.append(problem)


def _answered(
    predictor: "Predictor", items: Sequence[Any], options: dict[str, str]
) -> "list[tuple[Sequence[Any], Answers]]":
    found, start = [], 0
    for answers in predictor.answers(items, **options):
        found.append((items[start : start + len(answers.values)], answers))
        start += len(answers.values)
    return found
