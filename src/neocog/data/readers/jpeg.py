"""JPEG decoding, scaled down as far as the target size allows; through simplejpeg where that is installed."""

from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image as Pillow

simplejpeg: Any
try:
    import simplejpeg
except ImportError:  # the extra `jpeg`; Pillow takes its place
    simplejpeg = None

_SCALES = (8, 4, 2)  # scales that libjpeg-turbo does fast


def is_jpeg(data: bytes) -> bool:
    """Whether the bytes begin as a JPEG does."""
    return data[:3] == b"\xff\xd8\xff"


def ends_early(data: bytes) -> bool:
    """Whether a JPEG lacks its end-of-image marker."""
    return data.rfind(b"\xff\xd9") < 0


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
        return simplejpeg.decode_jpeg(
            data,
            colorspace="GRAY" if space.lower() == "gray" else "RGB",
            min_height=-(-height // scale),
            min_width=-(-width // scale),
            min_factor=scale,
        )
    except ValueError:
        return None


def shrink_while_decoding(image: Pillow.Image, size: int) -> None:
    """The same for Pillow: let it decode smaller. Does nothing to other formats than JPEG."""
    scale = scale_for(image.height, image.width, size)
    if scale > 1:
        image.draft(image.mode, (max(1, image.width // scale), max(1, image.height // scale)))


def decoder() -> str:
    """The decoder and its version: part of a cache's key, for decoders differ in the last bit."""
    return f"pillow {Pillow.__version__}" + (f" simplejpeg {simplejpeg.__version__}" if simplejpeg else "")
