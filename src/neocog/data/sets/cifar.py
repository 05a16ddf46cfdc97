"""cifar10 and cifar100: 50,000 + 10,000 colour images of 32 x 32 pixels, from the binary batches or .npz."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neocog.core.errors import DataProblem, StorageProblem
from neocog.data.readers.archive import open_tar
from neocog.data.readers.arrays import Labelled, join, read_npz_images
from neocog.data.readers.findings import UNCHANGED, Findings
from neocog.data.readers.raw import ImageArrays
from neocog.data.sets.download import Remote
from neocog.data.sets.known import AbstractKnownSet
from neocog.data.sets.mnist import named

_PIXELS = 3 * 32 * 32


class CifarSet(AbstractKnownSet):
    """A set in the binary form of CIFAR: records of labels (one byte each) and 3 x 32 x 32 pixels.

    Args:
        name: as a person types it.
        about: one line.
        classes: names in the order of the labels.
        remote: the .tar.gz of the binary form.
        inner: the folder within it.
        batches: the files of train and of test.
        labels: label bytes before each image; the last one is used.
    """

    def __init__(
        self,
        name: str,
        about: str,
        classes: tuple[str, ...],
        remote: Remote,
        inner: str,
        batches: dict[str, tuple[str, ...]],
        labels: int,
    ) -> None:
        self.name = name
        self.about = about
        self.classes = classes
        self.remotes = (remote,)
        self.inner = inner
        self.batches = batches
        self.labels = labels

    def present(self, folder: Path) -> bool:
        """The .tar.gz, its unpacked folder, the batches themselves, or NAME.npz."""
        return self._batches(folder) is not None or any(file.is_file() for file in self._single(folder))

    def read(self, folder: Path, findings: Findings) -> ImageArrays:
        """Train and test, without unpickling."""
        where = self._batches(folder)
        archive, npz = self._single(folder)
        if where is not None:
            data = {file: _bytes(where / file) for files in self.batches.values() for file in files}
        elif archive.is_file():
            data = self._from_archive(archive)
        else:
            return named(read_npz_images(npz, findings), self.classes)
        parts = [self._part(part, [data[file] for file in files], files) for part, files in self.batches.items()]
        return join(parts, findings, classes=self.classes, shown=self.name)

    def wanted(self) -> Sequence[str]:
        """The archive, its folder, or a .npz; the "python" form is a pickle and is not read."""
        first = next(iter(self.batches.values()))[0]
        return [
            f"{self.remotes[0].file} (the binary version; the python version is a pickle and is not read)",
            f"{self.inner}/{first} and the others",
            f"{self.name}.npz with x_train, y_train, x_test, y_test",
        ]

    def _batches(self, folder: Path) -> Path | None:
        files = [file for files in self.batches.values() for file in files]
        found = (place for place in (folder, folder / self.inner) if all((place / file).is_file() for file in files))
        return next(found, None)

    def _single(self, folder: Path) -> tuple[Path, Path]:
        return folder / self.remotes[0].file, folder / f"{self.name}.npz"

    def _from_archive(self, archive: Path) -> dict[str, bytes]:
        data, members = open_tar(archive)
        found = {
            member.name.rsplit("/", 1)[-1]: data[member.offset_data : member.offset_data + member.size]
            for member in members
            if member.isreg()
        }
        missing = [file for files in self.batches.values() for file in files if file not in found]
        if missing:
            raise _damaged(archive.name, f"it lacks {', '.join(missing)}")
        return found

    def _part(self, part: str, batches: Sequence[bytes], files: Sequence[str]) -> Labelled:
        width = self.labels + _PIXELS
        for batch, file in zip(batches, files):
            if len(batch) % width or not batch:
                raise _damaged(file, f"{len(batch):,} bytes are not a number of records of {width:,} bytes")
        records = np.concatenate([np.frombuffer(batch, np.uint8).reshape(-1, width) for batch in batches])
        images = records[:, self.labels :].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return Labelled(part, np.ascontiguousarray(images), records[:, self.labels - 1], {})


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        why = f"{path.name} cannot be read: {problem.strerror}"
        raise StorageProblem("data-file-unreadable", why, where=str(path), help="mend its permissions") from problem


def _damaged(file: str, why: str) -> DataProblem:
    return DataProblem(
        "data-cifar-damaged",
        f"{file} cannot be read: {why}",
        where=file,
        note=UNCHANGED,
        help="copy or download it again; it may have been cut off",
    )


_FINE = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle "
    "caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant "
    "flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man "
    "maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree "
    "plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper "
    "snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train "
    "trout tulip turtle wardrobe whale willow_tree wolf woman worm"
)

CIFAR10 = CifarSet(
    "cifar10",
    "60,000 colour photographs, 32x32, 10 classes (Krizhevsky 2009)",
    ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    Remote(
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        170052171,
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    ),
    "cifar-10-batches-bin",
    {"train": tuple(f"data_batch_{n}.bin" for n in range(1, 6)), "test": ("test_batch.bin",)},
    labels=1,
)
CIFAR100 = CifarSet(
    "cifar100",
    "60,000 colour photographs, 32x32, 100 classes (Krizhevsky 2009)",
    tuple(_FINE.split()),
    Remote(
        "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
        168513733,
        "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
    ),
    "cifar-100-binary",
    {"train": ("train.bin",), "test": ("test.bin",)},
    labels=2,
)
