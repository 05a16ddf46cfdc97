"""digits: 1,797 handwritten digits of 8 x 8 pixels, which come with scikit-learn; the default everywhere."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from neocog.data.readers.findings import Findings
from neocog.data.readers.raw import ImageArrays
from neocog.data.sets.download import Remote
from neocog.data.sets.known import AbstractKnownSet


class Digits(AbstractKnownSet):
    """Source: the test part of the UCI set "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998).

    Its 17 grey levels 0 to 16 are spread over 0 to 255.
    """

    name = "digits"
    about = "1,797 handwritten digits, 8x8 grey, 10 classes; comes with scikit-learn, no download"
    remotes: tuple[Remote, ...] = ()

    def present(self, folder: Path) -> bool:
        """Always."""
        return True

    def read(self, folder: Path, findings: Findings) -> ImageArrays:
        """All of them, in one part."""
        bunch = load_digits()
        images = np.rint(bunch.images * (255 / 16)).astype(np.uint8)[..., None]
        labels = [str(label) for label in bunch.target.tolist()]
        names = [f"digits[{row}]" for row in range(len(labels))]
        return ImageArrays(images, names, labels, [""] * len(labels))

    def wanted(self) -> Sequence[str]:
        """Nothing is needed."""
        return ()


DIGITS = Digits()
