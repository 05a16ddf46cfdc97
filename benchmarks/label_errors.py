"""Are planted label errors found? With 5 % planted on MNIST, at least 80 % of the first 500 suspects are planted.

``python benchmarks/label_errors.py --root DATA`` takes 20,000 images of MNIST, gives 5 % of them another label at
random, asks `neocog.runs.label_errors` which labels look wrong, and prints each figure, its bound, and pass or fail.
The control shuffles the probabilities between the images: what it suspects is planted about as often as any image. The
exit status is 1 where a bound is missed. ``--items 70000`` takes all of them, ``--budget`` and ``--network`` choose how
long and by whom they are looked at.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from neocog.core.seeds import stream
from neocog.data.family import PARTS
from neocog.data.images import ImageData
from neocog.data.open import DataChoice, from_arrays, open_images
from neocog.measures.label_errors import label_errors
from neocog.runs.folder import RunFolder
from neocog.runs.label_errors import FoundLabels, find_label_errors

FIRST, PLANTED = 500, 0.05
BOUND, CONTROL = 0.80, 0.10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", help="folder that holds MNIST's files, or the folder above")
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--network", default="simple-cnn")
    parser.add_argument("--budget", default="epochs=3", help="of each fold, or a time for all")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    data, wrong, labels = planted(asked.root, asked.items, asked.seed)
    began = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "labels"
        found = find_label_errors(data, asked.network, folds=asked.folds, budget=asked.budget, into=into)
        said = probabilities(found, len(labels))
    seconds = perf_counter() - began
    own = np.array(list(rows_by_name(data).values()))  # from places among all parts to rows of the arrays
    hits = float(wrong[own[found.errors.ranking[:FIRST]]].mean())
    shuffled = said[np.random.default_rng(stream(asked.seed, "control")).permutation(len(said))]
    by_chance = float(wrong[own[label_errors(shuffled, labels[own]).ranking[:FIRST]]].mean())
    suspected = own[found.errors.suspects]
    print(f"MNIST: {len(labels):,} images, {wrong.sum():,} planted; {asked.network}, {asked.budget}, {seconds:.0f} s")
    print(
        f"{len(suspected):,} suspects, {found.errors.estimated:,.0f} estimated; agreement {100 * found.agreement:.2f} %"
    )
    precision, recall = (100 * wrong[suspected].sum() / count for count in (max(1, len(suspected)), wrong.sum()))
    print(f"of all suspects {precision:.1f} % are planted; of all planted {recall:.1f} % are suspected")
    rows = [
        (f"of the first {FIRST} suspects planted", hits, f">= {100 * BOUND:.0f} %", hits >= BOUND),
        ("the same with shuffled probabilities", by_chance, f"<= {100 * CONTROL:.0f} %", by_chance <= CONTROL),
    ]
    for what, value, bound, held in rows:
        print(f"{what:45} {100 * value:5.1f} %   {bound:8} {'pass' if held else 'FAIL'}")
    return 0 if all(held for *_, held in rows) else 1


def planted(root: str | None, items: int, seed: int) -> tuple[ImageData, np.ndarray, np.ndarray]:
    """MNIST with some labels changed, which of them, and the labels as they are now, in the order of the arrays."""
    inside = Path(root) / "mnist" if root else None
    root = str(inside) if inside is not None and inside.is_dir() else root
    mnist = open_images(DataChoice(name="mnist", root=root), keep=False)
    images = np.concatenate([np.asarray(mnist.part(part).images) for part in PARTS])
    true = np.concatenate([np.asarray(mnist.part(part).labels) for part in PARTS])
    random = np.random.default_rng(stream(seed, "planted"))
    chosen = np.sort(random.permutation(len(true))[:items])
    images, true = images[chosen], true[chosen]
    wrong = np.zeros(len(true), bool)
    wrong[random.permutation(len(true))[: round(PLANTED * len(true))]] = True
    labels = np.where(wrong, (true + random.integers(1, 10, len(true))) % 10, true)
    return from_arrays(images, labels, name="mnist with planted errors"), wrong, labels


def rows_by_name(data: ImageData) -> dict[str, int]:
    """The row in the arrays of every item, in the order of the parts: `from_arrays` names them by their row."""
    names = [name for part in PARTS for name in data.part(part).names]
    return {name: int(name[name.index("[") + 1 : -1]) for name in names}


def probabilities(found: FoundLabels, items: int) -> np.ndarray:
    """What the folds said, each item once, in the order of the folds: only its spread matters to the control."""
    said = [RunFolder(found.folder / f"fold-{fold}").record("test")["probabilities"] for fold in range(found.folds)]
    whole = np.concatenate(said)
    assert len(whole) == items
    return whole


if __name__ == "__main__":
    sys.exit(main())
