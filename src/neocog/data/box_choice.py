"""BoxChoice: which images with boxes, read and divided how; plain values only."""

from dataclasses import dataclass
from typing import Annotated

from neocog.core.rules import AtLeast, Between, OneOf
from neocog.data.split import Split


@dataclass(frozen=True, kw_only=True)
class BoxChoice:
    """Which images with boxes, read and divided how."""

    name: Annotated[str, "A built-in name, a folder or a .zip with annotations, or a COCO .json."] = "digit-scenes"
    format: Annotated[str, OneOf("auto", "voc", "coco", "yolo"), "How the boxes are written; auto: looked for."] = (
        "auto"
    )
    size: Annotated[int | None, Between(16, 2048), "Pixels of the longer side; none: the median, at most 256."] = None
    root: Annotated[str | None, "Folder of the images, where a COCO .json lies elsewhere."] = None
    val: Annotated[float, Between(0, 0.9), "Fraction kept for choosing, where there is no validation part."] = 0.1
    test: Annotated[float, Between(0, 0.9), "Fraction kept for the final score, where there is no test part."] = 0.2
    split_seed: Annotated[int, AtLeast(0), "Which random split; independent of the seeds of the runs."] = 0
    skip_bad: Annotated[bool, "Leave bad files and boxes out, and report them, instead of stopping."] = False
    ignore_class: Annotated[tuple[str, ...], "Classes to leave out; their images are kept."] = ()

    @property
    def split(self) -> Split:
        """How missing parts are made."""
        return Split(val=self.val, test=self.test, seed=self.split_seed)
