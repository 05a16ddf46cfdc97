"""How to go on after an interruption that let a run save itself."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def says_how_to_go_on(command: Callable[[Path], str]) -> Iterator[None]:
    """Put a sentence with the command that goes on into an interruption that knows its run folder.

    Args:
        command: from the run folder to the arguments of `neocog`.
    """
    try:
        yield
    except KeyboardInterrupt as interrupt:
        folder = getattr(interrupt, "folder", None)
        if folder is not None:
            interrupt.help = f"everything is saved; go on with `neocog {command(Path(folder.path))}`"  # type: ignore[attr-defined]
        raise


def resume_run(folder: Path) -> str:
    """For a run of its own."""
    return f"resume {shlex.quote(str(folder))}"


def compare_into(folder: Path, flags: Sequence[str] = ()) -> str:
    """For a run of a comparison, whose folder is FOLDER/arms/NETWORK/seed-N, or of one of its controls.

    Args:
        folder: of the run.
        flags: that the folder does not keep.
    """
    comparison = folder.parents[2]
    if comparison.parent.name == "controls":
        comparison = comparison.parents[1]
    return " ".join([f"compare --into {shlex.quote(str(comparison))}", *flags])
