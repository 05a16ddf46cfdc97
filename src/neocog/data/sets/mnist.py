"""mnist, fashion-mnist and kmnist: 60,000 + 10,000 grey images of 28 x 28 pixels each, as idx files or .npz."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from neocog.data.readers.arrays import Labelled, join, read_npz_images
from neocog.data.readers.findings import Findings
from neocog.data.readers.idx import idx_folder, read_idx_folder
from neocog.data.readers.npy import read_npz
from neocog.data.readers.raw import ImageArrays
from neocog.data.sets.download import Remote
from neocog.data.sets.known import AbstractKnownSet

FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


class IdxSet(AbstractKnownSet):
    """A set in the files and shapes of MNIST.

    Args:
        name: as a person types it.
        about: one line.
        classes: names in the order of the labels.
        home: URL before the names of the four files.
        sums: size and SHA-256 of each, in the order of ``FILES``.
    """

    def __init__(
        self, name: str, about: str, classes: tuple[str, ...], home: str, sums: Sequence[tuple[int, str]]
    ) -> None:
        self.name = name
        self.about = about
        self.classes = classes
        self.remotes = tuple(Remote(home + file, size, digest) for file, (size, digest) in zip(FILES, sums))

    def present(self, folder: Path) -> bool:
        """Train and test as idx files, or one of the .npz forms."""
        return {"train", "test"} <= set(idx_folder(folder)) or bool(self._npz(folder))

    def read(self, folder: Path, findings: Findings) -> ImageArrays:
        """From idx files, NAME.npz (x_train, y_train, x_test, y_test) or NAME-train-imgs.npz and its three siblings."""
        if {"train", "test"} <= set(idx_folder(folder)):
            return read_idx_folder(folder, findings, classes=self.classes)
        files = self._npz(folder)
        if len(files) == 1:
            found = read_npz_images(files[0], findings)
            return named(found, self.classes)
        arrays = [next(iter(read_npz(file).values())).read() for file in files]
        pairs = zip(("train", "test"), arrays[::2], arrays[1::2])
        parts = [Labelled(part, images, labels, {}) for part, images, labels in pairs]
        return join(parts, findings, classes=self.classes, shown=self.name)

    def wanted(self) -> Sequence[str]:
        """The idx files, plain or .gz, or one .npz."""
        return [f"{', '.join(FILES)} (also without .gz)", f"{self.name}.npz"]

    def _npz(self, folder: Path) -> list[Path]:
        single = folder / f"{self.name}.npz"
        four = [folder / f"{self.name}-{part}-{kind}.npz" for part in ("train", "test") for kind in ("imgs", "labels")]
        if single.is_file():
            return [single]
        return four if all(file.is_file() for file in four) else []


def named(found: ImageArrays, classes: tuple[str, ...]) -> ImageArrays:
    """Arrays whose labels are numbers, with the names of the classes."""
    if found.classes is not None:
        return found
    names = {str(number): name for number, name in enumerate(classes)}
    labels = [names.get(label, label) for label in found.labels]
    return replace(found, labels=labels, classes=classes)


MNIST = IdxSet(
    "mnist",
    "70,000 handwritten digits, 28x28 grey, 10 classes (LeCun, Cortes, Burges)",
    tuple("0123456789"),
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    (
        (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ),
)
FASHION_MNIST = IdxSet(
    "fashion-mnist",
    "70,000 pieces of clothing, 28x28 grey, 10 classes (Xiao, Rasul, Vollgraf 2017)",
    ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    (
        (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
)
KMNIST = IdxSet(
    "kmnist",
    "70,000 cursive Japanese characters, 28x28 grey, 10 classes (Clanuwat et al. 2018)",
    ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    (
        (18165135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
        (29497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
        (3041136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
        (5120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
    ),
)
