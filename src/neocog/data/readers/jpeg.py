"""JPEG decoding, scaled down as far as the target size allows; through simplejpeg where that is installed."""

from types import ModuleType

import numpy as np
import PIL
import torch
from jaxtyping import UInt8
from PIL import Image as Pillow

simplejpeg: ModuleType | None
try:
    import simplejpeg as _simplejpeg

    simplejpeg = _simplejpeg
except ImportError:  # the extra `jpeg`; Pillow takes its place
    simplejpeg = None

_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive
_EXTRA = (0xE0, 0xE1, 0xE2, 0xEE)  # may hold EXIF, several pictures, another colour space
_PASSED = (*_EXTRA, 0xDB, 0xC4, 0xDD, 0xED, 0xFE)
_SCALES = (8, 4, 2)  # scales that libjpeg-turbo does fast


def is_jpeg(data: bytes) -> bool:
    """Whether the bytes begin as a JPEG does."""
    return data[:3] == b"\xff\xd8\xff"


def ends_early(data: bytes) -> bool:
    """Whether a JPEG lacks its end-of-image marker."""
    return data.rfind(b"\xff\xd9") < 0


def plain_header(data: bytes) -> tuple[int, int, int] | None:
    """Height, width and channels (1 or 3) of a plain JPEG; None where there is more to know (EXIF, CMYK, damage).

    It reads the markers up to the frame header, which takes a tenth of the time that Pillow takes to open a file.
    """
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker in _FRAMES:
            height, width = (int.from_bytes(data[place + k : place + k + 2], "big") for k in (5, 7))
            plain = data[place + 4] == 8 and height and width and data[place + 9] in (1, 3)
            return (height, width, data[place + 9]) if plain else None
        if length < 2 or marker not in _PASSED or (marker in _EXTRA and data[place + 4 : place + 8] != b"JFIF"):
            return None
        place += 2 + length
    return None


def scale_for(height: int, width: int, size: int) -> int:
    """By how much (1, 2, 4 or 8) an image may be decoded smaller without falling below its fitted size."""
    longer = max(height, width)
    inner = (max(1, round(height * size / longer)), max(1, round(width * size / longer)))
    fits = (s for s in _SCALES if -(-height // s) >= inner[0] and -(-width // s) >= inner[1])
    return next(fits, 1)


def decode_fast(data: bytes, size: int) -> UInt8[np.ndarray, "h w c"] | None:
    """Grey or RGB pixels, not smaller than ``size`` needs; None where Pillow has to do it (or to say what is wrong)."""
    if simplejpeg is None:
        return None
    try:
        height, width, space, _ = simplejpeg.decode_jpeg_header(data)
        if space not in ("Gray", "GRAY", "YCbCr", "YUV", "RGB"):
            return None
        scale = scale_for(height, width, size)
        colour = "GRAY" if space.lower() == "gray" else "RGB"
        smallest = {"min_height": -(-height // scale), "min_width": -(-width // scale), "min_factor": scale}
        pixels: np.ndarray = simplejpeg.decode_jpeg(data, colorspace=colour, **smallest)
        return pixels
    except ValueError:
        return None


def shrink_while_decoding(image: Pillow.Image, size: int) -> None:
    """The same for Pillow: let it decode smaller. Does nothing to other formats than JPEG."""
    scale = scale_for(image.height, image.width, size)
    if scale > 1:
        image.draft(image.mode, (max(1, image.width // scale), max(1, image.height // scale)))


def decoder() -> str:
    """What decodes and resizes, with versions: part of a cache's key, for they differ in the last bit."""
    faster = f" simplejpeg {simplejpeg.__version__}" if simplejpeg else ""
    return f"pillow {PIL.__version__}{faster} torch {torch.__version__}"
