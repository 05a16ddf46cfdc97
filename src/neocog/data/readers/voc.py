"""Pascal VOC: one XML file per image, and lists of the images of each part."""

from pathlib import PurePosixPath
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import numpy as np

from neocog.data.readers.annotated import Annotated, as_edges
from neocog.data.readers.decode import SUFFIXES
from neocog.data.readers.findings import BadImage, Findings
from neocog.data.readers.tree import AbstractTree, ImageIndex

MOST_BYTES: Final = 16 * 2**20
MOST_DEPTH, MOST_ELEMENTS = 32, 200_000
_EDGES = ("xmin", "ymin", "xmax", "ymax")
_LISTS = {"train": "train", "val": "val", "test": "test", "trainval": "train"}


def is_voc(names: tuple[str, ...]) -> bool:
    """Whether a tree looks like Pascal VOC: XML files in a folder ``Annotations``, or beside images."""
    xml = [name for name in names if name.lower().endswith(".xml")]
    images = any(name.lower().endswith(SUFFIXES) for name in names)
    return bool(xml) and images


def read_voc(tree: AbstractTree, findings: Findings) -> Annotated:
    """The images that have an XML file, with their boxes; lists under ``ImageSets/Main`` say in which part they are.

    Edges are taken as they are written. (VOC's own count from 1, those of most labelling tools from 0.) Objects marked
    as difficult are objects like any other.
    """
    found = [name for name in tree.names if name.lower().endswith(".xml")]
    inside = [name for name in found if "Annotations" in PurePosixPath(name).parts]
    written = {PurePosixPath(name).stem: name for name in inside or found}
    index = ImageIndex([name for name in tree.names if name.lower().endswith(SUFFIXES)])
    parts, notes = _parts(tree, findings)
    chosen = list(parts) if parts else list(written)
    rows: list[tuple[str, str, np.ndarray, list[str]]] = []
    for stem in chosen:
        if stem not in written:
            findings.add("annotation-missing", stem, "no XML file of that name")
            continue
        try:
            called, edges, labels = _objects(tree.read(written[stem], MOST_BYTES), written[stem], findings)
        except BadImage as problem:
            findings.add(_code(problem), written[stem], problem.detail)
            continue
        image = index.find(stem, "JPEGImages") or (index.find(called, "JPEGImages") if called else None)
        if image is None:
            findings.add("annotation-image-missing", written[stem], called or stem)
            continue
        rows.append((image, parts.get(stem, ""), edges, labels))
    if parts and len(written) > len(chosen):
        notes.append(f"{len(written) - len(chosen):,} annotated images are in no list and were left out.")
    return Annotated(
        tree,
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
        format="Pascal VOC",
        notes=tuple(notes),
    )


def parse_xml(data: bytes) -> Element:
    """An XML document without document type, entities or external parts, of bounded depth and size.

    Raises:
        BadImage: it is not well formed, or not of that kind.
    """
    builder, depth, count = TreeBuilder(), 0, 0
    parser = expat.ParserCreate()

    def refuse(*_: object) -> int:
        raise BadImage("annotation-unsafe", "it declares a document type or entities")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > MOST_DEPTH or count > MOST_ELEMENTS:
            raise BadImage("annotation-unsafe", "it is nested too deep or too long")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError, AssertionError) as problem:
        raise BadImage("annotation-unreadable", f"no XML: {problem}") from problem


def _objects(data: bytes, name: str, findings: Findings) -> tuple[str, np.ndarray, list[str]]:
    """What the image is called, the edges and the class of each of its objects."""
    root = parse_xml(data)
    if root.tag != "annotation":
        raise BadImage("annotation-unreadable", f"its first element is <{root.tag}>, not <annotation>")
    rows, labels = [], []
    for number, each in enumerate(root.iter("object"), 1):
        label = (each.findtext("name") or "").strip()
        box = each.find("bndbox")
        try:
            edges = [float(box.findtext(edge) or "") for edge in _EDGES] if box is not None else []
        except ValueError:
            edges = []
        if not label:
            findings.add("annotation-class-unknown", f"{name}, object {number}", "it has no name")
        elif len(edges) != 4 or not np.isfinite(edges).all():
            findings.add("annotation-box-malformed", f"{name}, object {number}")
        else:
            rows.append(edges)
            labels.append(label)
    return (root.findtext("filename") or "").strip(), as_edges(rows), labels


def _parts(tree: AbstractTree, findings: Findings) -> tuple[dict[str, str], list[str]]:
    """The part of each image that a list names."""
    lists = {
        PurePosixPath(name).stem: name
        for name in tree.names
        if "ImageSets" in PurePosixPath(name).parts and PurePosixPath(name).name in {f"{each}.txt" for each in _LISTS}
    }
    if "train" in lists or "val" in lists:
        lists.pop("trainval", None)
    found: dict[str, str] = {}
    for called, name in sorted(lists.items(), key=lambda pair: list(_LISTS).index(pair[0])):
        try:
            lines = tree.read(name, MOST_BYTES).decode("utf-8-sig").splitlines()
        except (BadImage, UnicodeDecodeError) as problem:
            findings.add("annotation-unreadable", name, str(problem))
            continue
        for stem in (line.split()[0] for line in lines if line.strip()):
            if stem in found and found[stem] != _LISTS[called]:
                findings.add("annotation-twice", stem, f"in {found[stem]} and in {_LISTS[called]}")
            else:
                found[stem] = _LISTS[called]
    return found, [f"The parts are those of the lists {', '.join(sorted(lists))}."] if found else []


def _code(problem: BadImage) -> str:
    return problem.code if problem.code.startswith("annotation-") else "annotation-unreadable"
