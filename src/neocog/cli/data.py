"""DATA as the flags describe it, opened, and described in words."""

from typing import TYPE_CHECKING, Any

from neocog.cli.output import Output
from neocog.cli.settings import data_settings_from
from neocog.cli.shared import DataFlags
from neocog.core.options import parse

if TYPE_CHECKING:
    from neocog.data.images import ImageData
    from neocog.data.open import DataChoice

IMBALANCE = 10
FEW_TEST_IMAGES = 100


def data_options(flags: DataFlags) -> dict[str, Any]:
    """The flags, and those of ``--set data.*``, as options of ``DataChoice``; what was not given is left out.

    Raises:
        UsageProblem: an unknown option, or a value that cannot be.
    """
    from neocog.data.open import DataChoice

    values: dict[str, Any] = {
        "size": flags.size,
        "root": flags.root,
        "skip_bad": flags.skip_bad,
        "ignore_class": flags.ignore_class,
    }
    given = {key: value for key, value in values.items() if value is not None and value is not False and value != ()}
    return parse(DataChoice, {**given, **data_settings_from(flags.set)}, name="data")


def opened(name: str, flags: DataFlags, out: Output, device: str = "auto") -> "tuple[DataChoice, ImageData]":
    """The data, decoded, and the choice that led to them."""
    from neocog.runs.setup import open_data

    return open_data(
        name,
        data_options(flags),
        device=device,
        download=flags.download,
        keep=not flags.no_cache,
        progress=out.progress(),
    )


def counts(data: "ImageData") -> dict[str, dict[str, int]]:
    """Number of images by part and class."""
    import numpy as np

    parts = {"train": data.train, "val": data.val, "test": data.test}
    counted = {part: np.bincount(np.asarray(each.labels), minlength=len(data.classes)) for part, each in parts.items()}
    return {part: dict(zip(data.classes, map(int, numbers), strict=True)) for part, numbers in counted.items()}


def as_json(data: "ImageData") -> dict[str, Any]:
    """What ``--json`` says of the data."""
    parts = (data.train, data.val, data.test)
    return {
        "name": data.name,
        "image": {"channels": data.takes.channels, "height": data.takes.height, "width": data.takes.width},
        "bits": 8 * data.train.images.dtype.itemsize,
        "classes": data.classes,
        "counts": counts(data),
        "bytes": sum(part.images.nbytes for part in parts),
        "fingerprint": data.fingerprint,
        "skipped": data.skipped,
        "notes": data.notes,
        "warnings": warnings(data),
    }


def warnings(data: "ImageData") -> list[str]:
    """What the person should know before trusting a score on these data."""
    found = []
    by_class = counts(data)["train"]
    rare, common = min(by_class, key=lambda name: by_class[name]), max(by_class, key=lambda name: by_class[name])
    if by_class[common] >= IMBALANCE * by_class[rare]:
        found.append(
            f"the classes are unequal: {by_class[common]:,} training images of {common}, {by_class[rare]:,} of {rare}; "
            "look at the balanced accuracy too, or weigh classes with --set task.balance=true"
        )
    if len(data.test) < FEW_TEST_IMAGES:
        found.append(f"the test part has {len(data.test)} images only: small differences cannot be told")
    return found
