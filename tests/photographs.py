"""Made-up photographs with shapes and texture, and copies of them as people make copies."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

KINDS = ("equal", "resized", "recompressed", "cropped", "brightened")


def photograph(seed: int, height: int = 96, width: int = 80) -> Image.Image:
    """Blurred noise of several widths: no two seeds look alike."""
    random = np.random.default_rng(seed)
    layers = [
        gaussian_filter(random.normal(size=(height, width, colours)), (sigma, sigma, 0)) * sigma
        for sigma, colours in ((2, 1), (5, 3), (12, 3))
    ]
    whole = sum(layers)
    whole = (whole - whole.min()) / (whole.max() - whole.min())
    return Image.fromarray((40 + 180 * whole).astype(np.uint8))


def copied(image: Image.Image, kind: str) -> Image.Image:
    """A copy as it is saved again."""
    width, height = image.size
    if kind == "resized":
        return image.resize((round(0.7 * width), round(0.7 * height)), Image.Resampling.BICUBIC)
    if kind == "cropped":
        return image.crop((round(0.04 * width), 0, width, height - round(0.05 * height)))
    if kind == "brightened":
        return image.point(lambda value: min(255, int(1.2 * value)))
    return image


def saved(image: Image.Image, kind: str = "equal") -> bytes:
    """The bytes of a file: PNG, or JPEG of a copy that was recompressed."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60) if kind == "recompressed" else image.save(out, "PNG")
    return out.getvalue()


def fitted(image: Image.Image, side: int = 64) -> np.ndarray:
    """As a data set holds it: within a square, with black margins."""
    from neocog.data.preparation import fit_to

    return fit_to(np.asarray(image), side)


def leaky_folder(
    root: Path, *, train: int = 12, kinds: Mapping[str, int] | None = None, conflict: bool = False
) -> Path:
    """Parts of two classes; of each kind, some test images are copies of training images, from the first on."""
    seed, number = 0, 0
    for part, each in (("train", 12), ("val", 4), ("test", 4)):
        for label in ("cat", "dog"):
            for _ in range(each):
                write(root / part / label / f"{chr(97 + seed % 26)}{seed:03}x.png", saved(photograph(seed)))
                seed += 1
    for kind, count in (kinds or {}).items():
        for _ in range(count):
            copy = saved(copied(photograph(number), kind), kind)
            label = "dog" if conflict else "cat"
            suffix = "jpg" if kind == "recompressed" else "png"
            write(root / "test" / label / f"copy{kind}{number}y.{suffix}", copy)
            number += 1
    return root


def write(path: Path, data: bytes) -> None:
    """A file in folders that need not be there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
