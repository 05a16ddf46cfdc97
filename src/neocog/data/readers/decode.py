"""From the bytes of an image file to pixels of one size, depth and number of channels."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from jaxtyping import Shaped
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from neocog.data.preparation import fit_to
from neocog.data.readers.findings import BadImage
from neocog.data.readers.jpeg import decode_fast, ends_early, is_jpeg, plain_header, shrink_while_decoding

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM")  # what may be decoded; anything else is refused
SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".gif", ".tif", ".tiff", ".webp"),
    *(".ppm", ".pgm", ".pbm", ".pnm"),
)
MOST_PIXELS = 100_000_000
MOST_BYTES = 512 * 2**20  # of one encoded file

_CHANNELS = {"1": 1, "L": 1, "I": 1, "RGB": 3, "RGBA": 4, "RGBX": 3, "LA": 4, "PA": 4, "La": 4, "RGBa": 4}
_PNG = b"\x89PNG\r\n\x1a\n"
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Seen:
    """What the header of an image says: upright height and width, channels, 16 bits or not, and how it is turned.

    ``orientation`` is EXIF's, 1 to 8; ``converted`` says what becomes of kinds that are not kept as they are.
    """

    height: int
    width: int
    channels: int
    deep: bool
    orientation: int = 1
    converted: str = ""


@contextmanager
def quiet_decoder() -> Iterator[None]:
    """Pillow's warnings stay unseen: what they say of is checked here and told as our problems."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL(\.|$)")
        warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
        yield


def look(data: bytes, *, first_frame: bool = False) -> Seen:
    """Read the header only.

    Raises:
        BadImage: empty, unknown, too large, animated, or of values without a known range.
    """
    plain = plain_header(data) if is_jpeg(data) and not ends_early(data) else None
    if plain is not None and plain[0] * plain[1] <= MOST_PIXELS:
        return Seen(*plain, deep=False)
    with _refusals(data), _opened(data) as image:
        height, width = image.height, image.width
        if height * width > MOST_PIXELS:
            raise BadImage("data-image-bomb", f"{width:,} x {height:,} pixels")
        if not first_frame and image.format != "MPO" and getattr(image, "is_animated", False):
            raise BadImage("data-image-animated", f"{getattr(image, 'n_frames', 'several')} frames")
        if image.mode == "F":
            raise BadImage("data-image-kind", "floating-point values")
        if is_jpeg(data) and ends_early(data):
            raise BadImage("data-image-truncated", _cut(data))
        orientation = _orientation(image)
        channels = _channels(image)
        deep = channels == 1 and image.mode.startswith("I")
        converted = _converted(image, data)
    upright = (width, height) if orientation >= 5 else (height, width)
    return Seen(*upright, channels, deep, orientation, converted)


def decode(
    data: bytes, seen: Seen, size: int, channels: int, *, deep: bool = False
) -> Shaped[np.ndarray, "size size channels"]:
    """Pixels within ``size`` x ``size``, upright, with that many channels, uint8 or (``deep``) uint16.

    Args:
        data: the encoded image.
        seen: what ``look`` said of it.
        size: pixels of either side.
        channels: at least those of the image; grey becomes RGB, an opaque alpha is added.
        deep: keep 16 bits; 8-bit values v become 257 v.

    Raises:
        BadImage: the file cannot be decoded, with the reason.
    """
    with _refusals(data):
        pixels = decode_fast(data, size) if is_jpeg(data) else None
        if pixels is None:
            with _opened(data) as image:
                shrink_while_decoding(image, size)
                image.load()
                pixels = _pixels(image)
    if pixels.shape[2] > channels or (pixels.dtype == np.uint16 and not deep):
        raise BadImage("data-image-damaged", "it changed while it was read")
    upright = np.ascontiguousarray(_upright(pixels, seen.orientation))
    return fit_to(_widened(upright, channels, deep), size)


@contextmanager
def _opened(data: bytes) -> Iterator[Pillow.Image]:
    with Pillow.open(BytesIO(data), formats=FORMATS) as image:
        yield image


@contextmanager
def _refusals(data: bytes) -> Iterator[None]:
    """Whatever the decoder raises says something of the file: it becomes a BadImage."""
    try:
        if not data:
            raise BadImage("data-image-empty", "")
        yield
    except (BadImage, MemoryError):
        raise
    except Pillow.DecompressionBombError as problem:
        raise BadImage("data-image-bomb", str(problem)) from problem
    except UnidentifiedImageError as problem:
        raise _unknown(data) from problem
    except Exception as problem:
        if "truncated" in str(problem).lower() or isinstance(problem, EOFError) or _lacks_end(data):
            raise BadImage("data-image-truncated", _cut(data)) from problem
        raise BadImage("data-image-damaged", str(problem) or type(problem).__name__) from problem


def _unknown(data: bytes) -> BadImage:
    if is_jpeg(data) or data.startswith((_PNG, b"GIF8", b"BM")):
        code = "data-image-truncated" if _lacks_end(data) else "data-image-damaged"
        return BadImage(code, _cut(data) if _lacks_end(data) else "its header cannot be read")
    return BadImage("data-image-unknown", f"begins with the bytes {data[:8].hex(' ')}")


def _lacks_end(data: bytes) -> bool:
    if is_jpeg(data):
        return ends_early(data)
    return data.startswith(_PNG) and b"IEND" not in data[-64:]


def _cut(data: bytes) -> str:
    missing = ", end-of-image marker missing" if _lacks_end(data) else ""
    return f"ends at byte {len(data):,}{missing}"


def _orientation(image: Pillow.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # an EXIF block that cannot be read says nothing of the pixels
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _channels(image: Pillow.Image) -> int:
    if image.mode == "P":
        return 4 if "transparency" in image.info else 3
    if image.mode.startswith("I;16"):
        return 1
    return _CHANNELS.get(image.mode, 3)


def _converted(image: Pillow.Image, data: bytes) -> str:
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV") and not (image.mode == "YCbCr" and is_jpeg(data)):
        return f"{image.mode} to RGB"
    if data.startswith(_PNG) and data[24:26] in (b"\x10\x02", b"\x10\x04", b"\x10\x06"):
        return "16-bit colour to 8 bits"
    return ""


def _pixels(image: Pillow.Image) -> np.ndarray:
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise BadImage("data-image-kind", f"32-bit values from {values.min():,} to {values.max():,}")
        return values.astype(np.uint16)[:, :, None]
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[_channels(image)]
    values = np.asarray(image if image.mode == mode else image.convert(mode))
    return values if values.ndim == 3 else values[:, :, None]


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels[::-1] if orientation in (3, 4, 7, 8) else pixels


def _widened(pixels: np.ndarray, channels: int, deep: bool) -> np.ndarray:
    if deep and pixels.dtype == np.uint8:
        pixels = pixels.astype(np.uint16) * np.uint16(257)
    if pixels.shape[2] == 1 and channels >= 3:
        pixels = np.repeat(pixels, 3, axis=2)
    if pixels.shape[2] == 3 and channels == 4:
        opaque = np.full((*pixels.shape[:2], 1), np.iinfo(pixels.dtype).max, pixels.dtype)
        pixels = np.concatenate([pixels, opaque], axis=2)
    return pixels
