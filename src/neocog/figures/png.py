"""Arrays to PNG bytes."""

import struct
from io import BytesIO

import numpy as np
from jaxtyping import UInt8, UInt16
from PIL import Image as Pillow

PixelArray = UInt8[np.ndarray, "h w c"] | UInt16[np.ndarray, "h w c"]


def to_png(pixels: PixelArray, top: int | None = None) -> bytes:
    """An image of any number of channels as PNG bytes, 8 bits each.

    One channel becomes grey, three RGB, four RGBA. Of two channels the first is shown in grey, of five or more the
    first three as RGB.

    Args:
        pixels: height x width x channels, 8 or 16 bits.
        top: the value shown as full brightness; by default 255, or 65535 for 16 bits.
    """
    buffer = BytesIO()
    Pillow.fromarray(visible(pixels, top)).save(buffer, format="PNG", optimize=pixels.size <= 64 * 64 * 4)
    return buffer.getvalue()


def visible(pixels: PixelArray, top: int | None = None) -> np.ndarray:
    """The same image as Pillow takes it: 8 bits; h x w for grey, else h x w x 3 or 4."""
    white = top or (255 if pixels.dtype == np.uint8 else 65535)
    if white != 255:
        pixels = np.minimum(pixels.astype(np.float32) * (255 / white) + 0.5, 255).astype(np.uint8)
    channels = pixels.shape[2]
    if channels < 3:
        return np.ascontiguousarray(pixels[..., 0])
    return np.ascontiguousarray(pixels[..., :4] if channels == 4 else pixels[..., :3])


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height that PNG bytes declare."""
    if png[:8] != b"\x89PNG\r\n\x1a\n" or len(png) < 24:
        raise ValueError("these bytes are no PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height
