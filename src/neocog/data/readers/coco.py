"""COCO: one JSON file per part, with images, categories and annotations."""

import json
import math
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from neocog.data.readers.annotated import Annotated, as_edges
from neocog.data.readers.decode import SUFFIXES
from neocog.data.readers.findings import BadImage, Findings
from neocog.data.readers.raw import TEST, TRAIN, VAL
from neocog.data.readers.tree import AbstractTree, ImageIndex

MOST_BYTES: Final = 2**30
_KEYS = ("images", "annotations", "categories")
_HEAD = 4096


def coco_files(names: tuple[str, ...]) -> list[str]:
    """The JSON files of a tree that hold boxes, by their names: ``instances_*`` where there are some."""
    found = [name for name in names if name.lower().endswith(".json")]
    instances = [name for name in found if PurePosixPath(name).name.startswith("instances")]
    return instances or found


def read_coco(
    tree: AbstractTree, files: list[str], findings: Findings, written: AbstractTree | None = None
) -> Annotated:
    """All images of one or several files; the part of a file is told by its name (``instances_train2017.json``).

    Images without annotations are kept: nothing is to be found in them. Crowd regions are left out and counted.

    Args:
        tree: where the images are.
        files: the JSON files, by name.
        findings: takes in what is wrong.
        written: where the JSON files are, if not among the images.
    """
    index = ImageIndex([name for name in tree.names if name.lower().endswith(SUFFIXES)])
    paths: dict[str, int] = {}
    parts: list[str] = []
    rows: list[list[list[float]]] = []
    labels: list[list[str]] = []
    classes: dict[str, None] = {}
    crowds = 0
    for name in files:
        try:
            content = _content(written or tree, name)
        except BadImage as problem:
            findings.add(problem.code, name, problem.detail)
            continue
        part = _part(name) if len(files) > 1 else ""
        names = _named(content["categories"], name, findings)
        classes |= dict.fromkeys(names.values())
        places: dict[Any, int] = {}
        for number, image in enumerate(content["images"], 1):
            place = _image(image, f"{name}, image {number}", index, _folder(name), findings)
            if place is None:
                continue
            if place in paths:
                findings.add("annotation-twice", place, f"again in {name}")
                continue
            places[image["id"]] = paths[place] = len(paths)
            parts.append(part)
            rows.append([])
            labels.append([])
        known = {image["id"] for image in content["images"] if _has_id(image)}
        for number, each in enumerate(content["annotations"], 1):
            where = f"{name}, annotation {number}"
            box = _box(each, where, names, known, findings)
            if box is None:
                continue
            if each.get("iscrowd"):
                crowds += 1
            elif each["image_id"] in places:
                rows[places[each["image_id"]]].append(box)
                labels[places[each["image_id"]]].append(names[each["category_id"]])
    notes = (f"{crowds:,} crowd regions were left out.",) if crowds else ()
    edges = [as_edges(each) for each in rows]
    return Annotated(tree, list(paths), parts, edges, labels, "COCO", classes=tuple(classes), notes=notes)


def _content(tree: AbstractTree, name: str) -> dict[str, Any]:
    try:
        content = json.loads(tree.read(name, MOST_BYTES))
    except (ValueError, RecursionError) as problem:
        raise BadImage("annotation-unreadable", f"no JSON: {problem}") from problem
    except BadImage as problem:
        code = problem.code if problem.code.startswith("annotation-") else "annotation-unreadable"
        raise BadImage(code, problem.detail) from problem
    if not isinstance(content, dict) or not all(isinstance(content.get(key), list) for key in _KEYS):
        raise BadImage("annotation-unreadable", f"it lacks one of the lists {', '.join(_KEYS)}")
    return content


def _named(categories: list[Any], name: str, findings: Findings) -> dict[Any, str]:
    """The name of each category, by id, in the order of ids."""
    found: dict[Any, str] = {}
    for number, each in enumerate(categories, 1):
        if _has_id(each) and isinstance(each.get("name"), str) and each["name"].strip():
            found[each["id"]] = each["name"].strip()
        else:
            findings.add("annotation-class-unknown", f"{name}, category {number}", "it has no id or no name")
    return dict(sorted(found.items(), key=lambda pair: (str(type(pair[0])), pair[0])))


def _image(image: Any, where: str, index: ImageIndex, folder: str, findings: Findings) -> str | None:
    if not _has_id(image) or not isinstance(image.get("file_name"), str):
        findings.add("annotation-unreadable", where, "it has no id or no file_name")
        return None
    found = index.find(image["file_name"], folder)
    if found is None:
        findings.add("annotation-image-missing", where, image["file_name"])
    return found


def _box(each: Any, where: str, names: Mapping[Any, str], known: set[Any], findings: Findings) -> list[float] | None:
    """Edges of an annotation, from its corner and size."""
    if not isinstance(each, dict):
        findings.add("annotation-unreadable", where, "it is no object")
        return None
    if not _hashable(each.get("category_id")) or each.get("category_id") not in names:
        findings.add("annotation-class-unknown", where, f"category {each.get('category_id')}")
        return None
    if not _hashable(each.get("image_id")) or each.get("image_id") not in known:
        findings.add("annotation-image-missing", where, f"image {each.get('image_id')}")
        return None
    box = each.get("bbox")
    if not (isinstance(box, list) and len(box) == 4 and all(_is_number(value) for value in box)):
        findings.add("annotation-box-malformed", where)
        return None
    x, y, w, h = (float(value) for value in box)
    return [x, y, x + w, y + h]


def _is_number(value: Any) -> bool:
    """A finite number; whole numbers of a thousand digits are none."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _has_id(each: Any) -> bool:
    return isinstance(each, dict) and each.get("id") is not None and _hashable(each["id"])


def _hashable(value: Any) -> bool:
    return isinstance(value, int | str)


def _folder(name: str) -> str:
    """The folder that images of this file are usually in: ``train2017`` for ``instances_train2017.json``."""
    return PurePosixPath(name).stem.rsplit("_", 1)[-1]


def _part(name: str) -> str:
    folded = name.lower()
    for part, words in (("train", TRAIN), ("val", VAL), ("test", TEST)):
        if any(word in folded for word in words):
            return part
    return ""
