"""Which format annotations are in, and their reading."""

from pathlib import Path
from zipfile import is_zipfile

from neocog.core.errors import DataProblem, Problem, UsageProblem
from neocog.data.box_choice import BoxChoice
from neocog.data.readers.annotated import Annotated
from neocog.data.readers.coco import coco_files, read_coco
from neocog.data.readers.findings import UNCHANGED, Findings
from neocog.data.readers.tree import AbstractTree, FolderTree, open_tree
from neocog.data.readers.voc import is_voc, read_voc
from neocog.data.readers.yolo import is_yolo, read_yolo

_JSON = ".json"
# Where annotations usually are in a folder; it is not searched through, for it may hold millions of images.
_USUAL = ("Annotations/*.xml", "*/Annotations/*.xml", "labels/*.txt", "labels/*/*.txt", "*/labels/*.txt")


def read_annotations(choice: BoxChoice, findings: Findings) -> Annotated:
    """The images and boxes of a folder, a zip or a JSON file; the images' tree stays open.

    Raises:
        UsageProblem: ``data-missing``.
        DataProblem: ``boxes-no-annotations``, where none of the three formats is there.
    """
    path = Path(choice.name).expanduser()
    if path.suffix.lower() == _JSON and path.is_file():
        return read_coco(FolderTree(_images_of(path, choice)), [path.name], findings, written=FolderTree(path.parent))
    tree = open_tree(path)
    try:
        kind = format_of(tree.names) if choice.format == "auto" else choice.format
        if kind == "voc":
            return read_voc(tree, findings)
        if kind == "yolo":
            return read_yolo(tree, findings)
        if kind == "coco" and coco_files(tree.names):
            return read_coco(tree, coco_files(tree.names), findings)
        raise _nothing(tree, choice)
    except BaseException:
        tree.close()
        raise


def format_of(names: tuple[str, ...]) -> str | None:
    """What the files of a tree look like: voc, yolo, coco, or None."""
    if is_voc(names):
        return "voc"
    if is_yolo(names):
        return "yolo"
    return "coco" if coco_files(names) else None


def claims_boxes(name: str) -> bool:
    """Whether this is a folder or a zip that has Pascal VOC or YOLO annotations in their usual folders."""
    path = Path(name).expanduser()
    try:
        if path.is_dir():
            return any(next(path.glob(pattern), None) is not None for pattern in _USUAL)
        if not (path.is_file() and is_zipfile(path)):
            return False
        with open_tree(path) as tree:
            return any("/Annotations/" in f"/{each}" and each.endswith(".xml") for each in tree.names) or is_yolo(
                tree.names
            )
    except (OSError, ValueError, Problem):
        return False


def _images_of(path: Path, choice: BoxChoice) -> Path:
    """The folder of the images: as named, else around the JSON file, or around its folder ``annotations``."""
    if choice.root is None:
        return path.absolute().parent.parent if path.absolute().parent.name == "annotations" else path.absolute().parent
    root = Path(choice.root).expanduser()
    if not root.is_dir():
        raise UsageProblem("data-missing", f"there is no folder {root}", where=str(root), help="check --root")
    return root


def _nothing(tree: AbstractTree, choice: BoxChoice) -> DataProblem:
    wanted = "" if choice.format == "auto" else f" {choice.format}"
    return DataProblem(
        "boxes-no-annotations",
        f"there are no{wanted} annotations of boxes in {tree.shown}",
        where=f"{len(tree.names):,} files were looked at",
        note=UNCHANGED,
        help="give Pascal VOC (Annotations/*.xml), YOLO (images/ and labels/) or COCO (a .json file)",
    )
