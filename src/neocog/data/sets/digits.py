"""digits: 1,797 handwritten digits of 8 x 8 pixels, which come with scikit-learn; the default everywhere."""

import gzip
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

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
        table = _table()
        images = np.rint(table[:, :-1].reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)[..., None]
        labels = [str(int(label)) for label in table[:, -1]]
        names = [f"digits[{row}]" for row in range(len(labels))]
        return ImageArrays(images, names, labels, [""] * len(labels))

    def wanted(self) -> Sequence[str]:
        """Nothing is needed."""
        return ()


def _table() -> np.ndarray:
    """The file that ``sklearn.datasets.load_digits`` reads, without the seconds that importing scikit-learn takes."""
    found = find_spec("sklearn")
    assert found is not None and found.origin is not None, "scikit-learn is a dependency"
    with gzip.open(Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz", "rt") as file:
        return np.loadtxt(file, delimiter=",")


DIGITS = Digits()
