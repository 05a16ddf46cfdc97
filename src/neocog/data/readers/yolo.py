"""YOLO: one text file per image, a line per box: class, middle, width and height in shares of the image."""

import math
import re
from pathlib import PurePosixPath
from typing import Final

from neocog.data.readers.annotated import Annotated, as_edges
from neocog.data.readers.decode import SUFFIXES
from neocog.data.readers.findings import BadImage, Findings
from neocog.data.readers.raw import part_of
from neocog.data.readers.tree import AbstractTree

MOST_BYTES: Final = 16 * 2**20
_LISTS = ("classes.txt", "obj.names", "classes.names")
_ENTRY = re.compile(r"^(?:-\s+|(\d+)\s*:\s*)(.+)$")


def is_yolo(names: tuple[str, ...]) -> bool:
    """Whether a tree has text files under ``labels`` and images under ``images``."""
    labels = any(name.endswith(".txt") and "labels" in PurePosixPath(name).parts[:-1] for name in names)
    return labels and any(_is_image(name) for name in names)


def read_yolo(tree: AbstractTree, findings: Findings) -> Annotated:
    """All images under ``images``; those without a text file under ``labels`` show nothing that is to be found.

    Class names come from ``names`` in a YAML file or from ``classes.txt``; without them classes are called by their
    numbers. A folder called train, val or test, above or below, says in which part an image is. Lines with more than
    two points (segments) count as the box around them.
    """
    classes = _classes(tree, findings)
    images = {_stem(name, "images"): name for name in tree.names if _is_image(name)}
    texts = {
        _stem(name, "labels"): name
        for name in tree.names
        if name.endswith(".txt") and "labels" in PurePosixPath(name).parts[:-1]
    }
    for stem in sorted(texts.keys() - images.keys()):
        findings.add("annotation-image-missing", texts[stem], "no image of that name under images")
    edges, labels, seen = [], [], set[int]()
    for stem in images:
        rows, numbers = _lines(tree, texts[stem], classes, findings) if stem in texts else ([], [])
        seen.update(numbers)
        edges.append(as_edges(rows))
        labels.append([classes[number] if classes else str(number) for number in numbers])
    without = len(images.keys() - texts.keys())
    return Annotated(
        tree,
        list(images.values()),
        [_part(name) for name in images.values()],
        edges,
        labels,
        format="YOLO",
        shares=True,
        classes=classes or tuple(str(number) for number in sorted(seen)),
        notes=(f"{without:,} images have no text file: nothing is to be found in them.",) if without else (),
    )


def _lines(
    tree: AbstractTree, name: str, classes: tuple[str, ...], findings: Findings
) -> tuple[list[list[float]], list[int]]:
    try:
        lines = tree.read(name, MOST_BYTES).decode("utf-8-sig").splitlines()
    except (BadImage, UnicodeDecodeError) as problem:
        findings.add("annotation-unreadable", name, str(problem))
        return [], []
    rows, numbers = [], []
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields:
            continue
        where = f"{name}, line {number}"
        if not re.fullmatch(r"\d{1,6}", fields[0]) or (classes and int(fields[0]) >= len(classes)):
            findings.add("annotation-class-unknown", where, f"class {fields[0]}")
            continue
        try:
            values = [float(field) for field in fields[1:]]
        except ValueError:
            values = []
        if not (len(values) == 4 or (len(values) >= 6 and len(values) % 2 == 0)) or not all(map(math.isfinite, values)):
            findings.add("annotation-box-malformed", where)
            continue
        rows.append(_edges(values))
        numbers.append(int(fields[0]))
    return rows, numbers


def _edges(values: list[float]) -> list[float]:
    if len(values) > 4:
        return [min(values[0::2]), min(values[1::2]), max(values[0::2]), max(values[1::2])]
    x, y, w, h = values
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


def _classes(tree: AbstractTree, findings: Findings) -> tuple[str, ...]:
    """Names in the order of their numbers; empty where none are given."""
    for name in tree.names:
        listed = PurePosixPath(name).name in _LISTS
        if not listed and not name.endswith((".yaml", ".yml")):
            continue
        try:
            text = tree.read(name, MOST_BYTES).decode("utf-8-sig")
        except (BadImage, UnicodeDecodeError) as problem:
            findings.add("annotation-unreadable", name, str(problem))
            continue
        found = [line.strip() for line in text.splitlines() if line.strip()] if listed else names_in_yaml(text)
        if found:
            return tuple(found)
    return ()


def names_in_yaml(text: str) -> list[str]:
    """The entry ``names`` of a YAML file: a list in brackets, lines with dashes, or lines with numbers.

    Only this much of YAML is read; nothing in the file is ever executed.
    """
    lines = [line.split(" #")[0].rstrip() for line in text.splitlines()]
    start = next((row for row, line in enumerate(lines) if line.startswith("names:")), None)
    if start is None:
        return []
    beside = lines[start].removeprefix("names:").strip()
    if beside:
        inside = " ".join([beside, *lines[start + 1 :]]).partition("]")[0].lstrip("[")
        return [_bare(each) for each in inside.split(",") if each.strip()]
    found: dict[int, str] = {}
    for line in lines[start + 1 :]:
        entry = _ENTRY.match(line.strip())
        if line.strip() and entry is None:
            break
        if entry is not None:
            found[int(entry[1]) if entry[1] else len(found)] = _bare(entry[2])
    return [found.get(number, str(number)) for number in range(max(found) + 1)] if found and max(found) < 10**6 else []


def _bare(text: str) -> str:
    return text.strip().strip("'\"").strip()


def _is_image(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and "images" in PurePosixPath(name).parts[:-1]


def _stem(name: str, folder: str) -> str:
    """What an image and its text file share: the path without the folder's name and without the suffix."""
    path = PurePosixPath(name).with_suffix("")
    parts = list(path.parts)
    place = len(parts) - 1 - parts[::-1].index(folder)
    return "/".join([*parts[:place], *parts[place + 1 :]])


def _part(name: str) -> str:
    return next((part for each in PurePosixPath(name).parts[:-1] if (part := part_of(each))), "")
