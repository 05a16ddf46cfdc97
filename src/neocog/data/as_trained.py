"""New images, made ready for a network that is trained already: its size, channels, depth and class map."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped

from neocog.core.errors import DataProblem, Problem, UsageProblem, raise_all
from neocog.core.options import near
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.images import ImageBatch, ImagePart
from neocog.data.preparation import Preparation, fit_to
from neocog.data.readers.choice import DataChoice
from neocog.data.readers.decode import SUFFIXES, decode, look
from neocog.data.readers.find import find
from neocog.data.readers.findings import KINDS, BadImage, Findings
from neocog.data.readers.pool import pool_arrays, pool_files
from neocog.data.readers.raw import ImageFiles

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_PER_8_BIT = 257


def read_image(path: Path, preparation: Preparation) -> Shaped[np.ndarray, "h w c"]:
    """One image file as a trained network takes it.

    Raises:
        UsageProblem: ``data-missing``.
        DataProblem: the file is no image that can be decoded.
    """
    if not path.is_file():
        raise missing(path)
    try:
        data = path.read_bytes()
        seen = look(data)
        size = max(preparation.height, preparation.width)
        pixels = decode(data, seen, size, seen.channels, deep=preparation.top > np.iinfo(np.uint8).max)
    except BadImage as bad:
        what = KINDS[bad.code].what.format(bad=1, total=1)
        raise DataProblem(bad.code, what, where=f"{path}: {bad.detail}", help="replace it, or leave it out") from bad
    except OSError as problem:
        raise DataProblem("data-file-unreadable", f"{path} cannot be read", where=str(problem.strerror)) from problem
    return as_trained(fit_to(pixels, (preparation.height, preparation.width))[None], preparation)[0]


def missing(path: Path) -> UsageProblem:
    """A path that a person named leads nowhere; with a near match from its folder."""
    names = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    meant = near(path.name, names)
    return UsageProblem(
        "data-missing",
        f"there is no file or folder {path}",
        where=str(path),
        help=f"did you mean `{path.parent / meant}`?" if meant else "check the path",
    )


def image_items(given: Any) -> Sequence[Any]:
    """Image files, those in folders too, or arrays of images: one element per image.

    Args:
        given: a path or an array, or several paths or arrays.

    Raises:
        UsageProblem: a path that is not there, or a folder without images; all of them at once.
    """
    if isinstance(given, np.ndarray):
        alone = given.ndim == 2 or (given.ndim == 3 and given.shape[-1] in (1, 3, 4))
        return [given] if alone else list(given)
    found: list[Any] = []
    problems: list[Problem] = []
    for item in [given] if isinstance(given, str | Path) else given:
        if not isinstance(item, str | Path):
            found.append(item)
            continue
        path = Path(item)
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


def image_batch(items: Sequence[Any], preparation: Preparation, device: str) -> ImageBatch:
    """Files or arrays, read and prepared for a trained network.

    Raises:
        DataProblem: an item is no image, or an array of another depth or number of channels.
    """
    pixels = np.stack([_one(item, preparation) for item in items])
    rows = torch.arange(len(pixels), device=device)
    return ImageBatch(preparation.normalise(torch.from_numpy(pixels).to(device)), rows, rows)


def _one(item: Any, preparation: Preparation) -> Shaped[np.ndarray, "h w c"]:
    if isinstance(item, str | Path):
        return read_image(Path(item), preparation)
    pixels = np.asarray(item)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    kind = np.uint8 if preparation.top == np.iinfo(np.uint8).max else np.uint16
    if pixels.ndim != 3 or pixels.shape[2] != preparation.channels or pixels.dtype != kind:
        raise DataProblem(
            "predict-array",
            f"an array of {pixels.dtype} with shape {pixels.shape} is no image for this network",
            help=f"give {np.dtype(kind)} arrays of height x width x {preparation.channels}",
        )
    return fit_to(pixels, (preparation.height, preparation.width))


def open_labelled(
    choice: DataChoice,
    classes: Sequence[str],
    preparation: Preparation,
    *,
    download: bool = False,
    keep: bool = True,
    progress: AbstractProgress = Silent(),
) -> ImagePart:
    """All labelled images of a data set, whatever part they are in, for a network with this class map.

    Raises:
        DataProblem: bad files, all at once; ``labels-unknown-class`` for a class that the network never saw.
    """
    choice = replace(choice, size=max(preparation.height, preparation.width))
    findings = Findings()
    raw = find(choice, findings, download=download, keep=keep, progress=progress)
    findings.total = max(len(raw.labels), 1)
    if isinstance(raw, ImageFiles):
        try:
            pool = pool_files(raw, choice, findings, keep=keep, largest=0, progress=progress)
        finally:
            raw.files.close()
    else:
        pool = pool_arrays(raw, choice, keep=keep, largest=0, progress=progress)
    findings.settle(skip_bad=choice.skip_bad)
    _refuse_unknown(pool.labels, classes)
    if not pool.labels:
        raise DataProblem("data-empty", "there is no labelled image", where=choice.name, help="check the folder")
    place = {name: number for number, name in enumerate(classes)}
    labels = np.array([place[label] for label in pool.labels], np.int64)
    return ImagePart(as_trained(pool.decoded.images, preparation), labels, pool.names, pool.metadata)


def as_trained(images: Shaped[np.ndarray, "n h w c"], preparation: Preparation) -> Shaped[np.ndarray, "n h w k"]:
    """Depth and channels as the network was trained on: colour becomes grey by BT.601, an alpha channel is dropped.

    Raises:
        DataProblem: ``data-channels`` where there is no such rule.
    """
    images = _of_depth(images, preparation.top)
    have, want = images.shape[-1], preparation.channels
    if have == want:
        return images
    if want == 1 and have in (3, 4):
        return np.rint(images[..., :3] @ np.array(_LUMA)).astype(images.dtype)[..., None]
    if want == 3 and have in (1, 4):
        return np.ascontiguousarray(np.repeat(images, 3, axis=-1) if have == 1 else images[..., :3])
    if want == 4 and have in (1, 3):
        colour = np.repeat(images, 3, axis=-1) if have == 1 else images
        return np.concatenate([colour, np.full_like(images[..., :1], preparation.top)], axis=-1)
    raise DataProblem(
        "data-channels",
        f"the network takes {want} channels, these images have {have}",
        help=f"give images with {want} channels",
    )


def _of_depth(images: np.ndarray, top: int) -> np.ndarray:
    deep = top > np.iinfo(np.uint8).max
    if deep and images.dtype == np.uint8:
        return images.astype(np.uint16) * np.uint16(_PER_8_BIT)
    if not deep and images.dtype == np.uint16:
        return np.rint(images / _PER_8_BIT).astype(np.uint8)
    return images


def _missing(path: Path) -> UsageProblem:
    siblings = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    meant = near(path.name, siblings)
    return UsageProblem(
        "data-missing",
        f"there is no file or folder {path}",
        where=str(path),
        help=f"did you mean `{path.parent / meant}`?" if meant else "check the path",
    )


def _refuse_unknown(labels: Sequence[str], classes: Sequence[str]) -> None:
    unknown = sorted(set(labels) - set(classes))
    if not unknown:
        return
    meant = near(unknown[0], classes)
    remedy = f"did you mean `{meant}`? rename it, or pass " if meant else "pass "
    raise DataProblem(
        "labels-unknown-class",
        "the data have a class that the model never saw",
        where=[f"{name} ({list(labels).count(name):,} images)   known: {', '.join(classes)}" for name in unknown],
        note="nothing was scored",
        help=f"{remedy}--ignore-class {unknown[0]}",
    )
