"""Class folders: which file is an image of which class and part, from paths alone; for folders and archives alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from neocog.core.errors import DataProblem
from neocog.data.readers.classes import class_order
from neocog.data.readers.decode import SUFFIXES
from neocog.data.readers.findings import UNCHANGED, Findings
from neocog.data.readers.raw import part_of

Path = tuple[str, ...]

_LITTER = ("__macosx", "thumbs.db", "desktop.ini")
_PART_ORDER = ("train", "val", "test", "")


@dataclass(frozen=True)
class ClassFolders:
    """The images among some paths, in their order: part, class, name; and what was left out, with the reason."""

    paths: tuple[Path, ...]
    labels: tuple[str, ...]
    parts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


def arrange(files: Iterable[Path], folders: Iterable[Path], findings: Findings, *, shown: str) -> ClassFolders:
    """Read classes and parts from paths.

    ``cat/1.jpg`` is a cat; ``train/cat/1.jpg`` is one of the train part; ``cat/more/1.jpg`` is a cat too. A folder
    around all of that is passed over. Hidden files, litter of operating systems, files that are no images by their
    name and files outside class folders are left out.

    Args:
        files: all files, as parts of their paths from the top.
        folders: all folders, so that empty classes are noticed.
        findings: told of empty class folders.
        shown: what the data are called in messages.

    Raises:
        DataProblem: ``data-empty`` (no image at all), ``data-no-classes`` (images, but no class folders),
            ``data-no-train`` (parts, but no train).
    """
    all_files = list(files)
    visible = [path for path in all_files if not _is_litter(path)]
    images = [path for path in visible if _is_image(path)]
    if not images:
        raise _empty(len(all_files), shown)
    wrapper = _wrapper(images)
    images, kept_folders = _unwrapped(images, wrapper), _unwrapped((f for f in folders if not _is_litter(f)), wrapper)
    split = _has_parts(images)
    depth = 3 if split else 2
    placed = [path for path in images if len(path) >= depth and (not split or part_of(path[0]))]
    if not placed:
        raise _no_classes(images, shown)
    if split and not any(part_of(path[0]) == "train" for path in placed):
        raise DataProblem(
            "data-no-train",
            f"{shown} has parts, but no train part",
            where=sorted({path[0] for path in placed}),
            note=UNCHANGED,
            help="name the folder with the training images `train`",
        )
    _find_empty_classes(placed, kept_folders, split, findings)
    rows = sorted(placed, key=lambda path: _order(path, split))
    left_out = _left_out(visible, set(placed), wrapper, split)
    return ClassFolders(
        paths=tuple(wrapper + path for path in rows),
        labels=tuple(path[depth - 2] for path in rows),
        parts=tuple((part_of(path[0]) or "") if split else "" for path in rows),
        notes=_notes(len(all_files) - len(visible), left_out),
        left_out=left_out,
    )


def _is_litter(path: Path) -> bool:
    return any(name.startswith(".") or name.lower() in _LITTER for name in path)


def _is_image(path: Path) -> bool:
    return path[-1].lower().endswith(SUFFIXES)


def _wrapper(images: list[Path]) -> Path:
    """Folders that only hold the folder which holds the classes or parts."""
    wrapper: Path = ()
    while True:
        depth = len(wrapper)
        first = {path[depth] for path in images}
        if len(first) > 1 or any(len(path) < depth + 3 for path in images) or part_of(next(iter(first))):
            return wrapper
        wrapper += (first.pop(),)


def _unwrapped(paths: Iterable[Path], wrapper: Path) -> list[Path]:
    depth = len(wrapper)
    return [path[depth:] for path in paths if path[:depth] == wrapper and len(path) > depth]


def _has_parts(images: list[Path]) -> bool:
    """Whether the top folders are parts; a class that is called train holds its images directly."""
    named = {path[0]: part_of(path[0]) for path in images if len(path) >= 3}
    flat = {path[0] for path in images if len(path) == 2}
    parts = {part for name, part in named.items() if part and name not in flat}
    return "train" in parts or (bool(parts) and all(named.values()) and not flat)


def _find_empty_classes(placed: list[Path], folders: list[Path], split: bool, findings: Findings) -> None:
    depth = 2 if split else 1
    full = {path[:depth] for path in placed}
    for folder in sorted({path for path in folders if len(path) == depth} - full):
        if not split or part_of(folder[0]):
            findings.add("data-class-empty", "/".join(folder) + "/")


def _order(path: Path, split: bool) -> tuple[object, ...]:
    part = (part_of(path[0]) or "") if split else ""
    label = path[1] if split else path[0]
    return _PART_ORDER.index(part), *class_order(label), path


def _left_out(visible: list[Path], placed: set[Path], wrapper: Path, split: bool) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for path in visible:
        inner = path[len(wrapper) :] if path[: len(wrapper)] == wrapper else ()
        if not _is_image(path):
            reasons["/".join(path)] = "not an image by its name"
        elif inner not in placed:
            reasons["/".join(path)] = "outside the class folders" + (" of train, val and test" if split else "")
    return reasons


def _notes(hidden: int, left_out: Mapping[str, str]) -> tuple[str, ...]:
    notes = [f"{hidden:,} hidden files were passed over."] if hidden else []
    counts: dict[str, int] = {}
    for reason in left_out.values():
        counts[reason] = counts.get(reason, 0) + 1
    return tuple(
        notes
        + [
            f"{count:,} file{' was' if count == 1 else 's were'} left out: {reason}."
            for reason, count in counts.items()
        ]
    )


def _empty(files: int, shown: str) -> DataProblem:
    return DataProblem(
        "data-empty",
        f"{shown} holds no image" + (f" among its {files:,} files" if files else ""),
        where=shown,
        note=f"images are files that end in {', '.join(SUFFIXES)}",
        help="give a folder that holds one folder of images per class",
    )


def _no_classes(images: list[Path], shown: str) -> DataProblem:
    return DataProblem(
        "data-no-classes",
        f"{shown} holds {len(images):,} images, but no class folders: the classes cannot be known",
        where=["/".join(path) for path in sorted(images)[:3]],
        note=UNCHANGED,
        help="put the images of each class into a folder of its name, or give a CSV with a path and a label column",
    )
