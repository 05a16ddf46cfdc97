import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from image_files import encoded, pixels
from neocog.data.preparation import fit_to
from neocog.data.readers import decode as decoding
from neocog.data.readers import jpeg
from neocog.data.readers.decode import Seen, decode, look
from neocog.data.readers.findings import BadImage


def photo(height=375, width=500):
    """Something like a photograph: smooth shapes, edges, some noise."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[:height, :width]
    base = 127 + 80 * np.sin(x / 37) * np.cos(y / 23) + 40 * ((x // 60 + y // 45) % 2)
    colours = np.stack([base, base * 0.7 + y / 5, 255 - base], axis=2) + random.normal(0, 4, (height, width, 3))
    return colours.clip(0, 255).astype(np.uint8)


def bad(data, **options):
    with pytest.raises(BadImage) as caught:
        seen = look(data, **options)
        decode(data, seen, 8, seen.channels, deep=seen.deep)
    return caught.value


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM"])
def test_lossless_formats_come_out_as_they_went_in(kind):
    image = pixels(1)
    if kind == "GIF":
        image = (image // 86) * 86  # few colours, so that the palette holds them
    data = encoded(image, kind, **({"lossless": True} if kind == "WEBP" else {}))
    seen = look(data)
    assert (seen.height, seen.width, seen.channels, seen.deep) == (12, 12, 3, False)
    np.testing.assert_array_equal(decode(data, seen, 12, 3), image)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_exif_orientation_is_applied(orientation, kind):
    image = Image.fromarray(pixels(5, 8, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, kind, exif=exif, **({"quality": 100, "subsampling": 0} if kind == "JPEG" else {}))
    data = out.getvalue()
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    seen = look(data)
    assert (seen.height, seen.width) == expected.shape[:2]
    found = decode(data, seen, 16, 3).astype(int)
    assert np.abs(found - fit_to(expected, 16)).max() <= (4 if kind == "JPEG" else 0)


def test_modes_and_what_becomes_of_them():
    grey = Image.fromarray(pixels(2, channels=1)[..., 0])
    cases = {
        "1": (grey.convert("1"), 1, "PNG"),
        "L": (grey, 1, "PNG"),
        "LA": (grey.convert("LA"), 4, "PNG"),
        "P": (Image.fromarray(pixels(2)).convert("P"), 3, "PNG"),
        "RGBA": (Image.fromarray(pixels(2, channels=4)), 4, "PNG"),
        "CMYK": (Image.fromarray(pixels(2)).convert("CMYK"), 3, "JPEG"),
        "CMYK tiff": (Image.fromarray(pixels(2)).convert("CMYK"), 3, "TIFF"),
    }
    for name, (image, channels, kind) in cases.items():
        out = io.BytesIO()
        image.save(out, kind)
        seen = look(out.getvalue())
        assert seen.channels == channels, name
        assert ("CMYK" in seen.converted) == name.startswith("CMYK")
        assert decode(out.getvalue(), seen, 12, channels).shape == (12, 12, channels)


def test_sixteen_bit_files():
    values = (np.arange(144, dtype=np.uint16) * 455).reshape(12, 12, 1)
    for kind in ("PNG", "TIFF"):
        data = encoded(values, kind)
        seen = look(data)
        assert seen.deep and seen.channels == 1
        np.testing.assert_array_equal(decode(data, seen, 12, 1, deep=True), values)


def test_sixteen_bit_colour_is_reduced_and_said():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([200, 9, 100, 9, 50, 9] * 8) for _ in range(8))
    head = struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    assert look(png).converted == "16-bit colour to 8 bits"
    assert decode(png, look(png), 8, 3)[0, 0].tolist() == [200, 100, 50]


def test_what_is_refused_and_how():
    frames = [Image.fromarray(pixels(seed)) for seed in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    animated = out.getvalue()
    assert bad(animated).code == "data-image-animated"
    assert look(animated, first_frame=True).channels == 3
    assert bad(b"").code == "data-image-empty"
    assert bad(b"hello, I am a text").code == "data-image-unknown"
    assert bad(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n").code == "data-image-unknown"
    out = io.BytesIO()
    Image.fromarray(np.ones((4, 4), np.float32)).save(out, "TIFF")
    assert bad(out.getvalue()).code == "data-image-kind"


def test_bombs_are_refused_before_decoding(monkeypatch):
    out = io.BytesIO()
    Image.new("1", (20_000, 5_001)).save(out, "PNG")
    with decoding.quiet_decoder():
        found = bad(out.getvalue())
    assert found.code == "data-image-bomb" and "20,000 x" not in found.detail.split(" x ")[1]
    huge = bytearray(encoded(pixels(1)))
    huge[16:24] = struct.pack(">II", 60_000, 60_000)
    huge[29:33] = struct.pack(">I", zlib.crc32(bytes(huge[12:29])))
    with decoding.quiet_decoder():
        assert bad(bytes(huge)).code == "data-image-bomb"


@pytest.mark.parametrize("fast", [True, False])
def test_truncated_files_are_named(fast, monkeypatch):
    if not fast:
        monkeypatch.setattr(jpeg, "simplejpeg", None)
    whole = encoded(photo(64, 64), "JPEG")
    for end in (len(whole) - 2, len(whole) // 2, 700):
        found = bad(whole[:end])
        assert found.code == "data-image-truncated" and f"{end:,}" in found.detail
    thumbnail_inside = whole[: len(whole) // 2] + b"\xff\xd9"
    assert bad(thumbnail_inside).code in ("data-image-truncated", "data-image-damaged") or fast
    png = encoded(photo(64, 64))
    assert bad(png[: len(png) // 2]).code == "data-image-truncated"


@pytest.mark.parametrize("size", [32, 64, 100, 224, 400])
def test_the_jpeg_path_against_pillow_at_full_quality(size, monkeypatch):
    data = encoded(photo(), "JPEG", quality=90)
    full = fit_to(np.asarray(Image.open(io.BytesIO(data))), size).astype(int)
    fast = decode(data, look(data), size, 3).astype(int)
    monkeypatch.setattr(jpeg, "simplejpeg", None)
    slow = decode(data, look(data), size, 3).astype(int)
    shifted = np.abs(np.roll(full, 1, axis=1) - full).mean()  # the control: the same picture, one pixel off
    for found in (fast, slow):
        away = np.abs(found - full)
        assert away.mean() < 2.0 and away.mean() < shifted / 2
        assert away.max() < 40


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(4, 512))
def test_scaling_never_falls_below_the_size(height, width, size):
    scale = jpeg.scale_for(height, width, size)
    longer = max(height, width)
    if scale > 1:
        assert -(-height // scale) >= round(height * size / longer)
        assert -(-width // scale) >= round(width * size / longer)
        assert -(-longer // scale) >= size
    if longer >= 16 * size:
        assert scale == 8


def test_the_short_header_agrees_with_pillow():
    for options in (
        {},
        {"progressive": True},
        {"quality": 30},
        {"subsampling": 0},
        {"dpi": (72, 72)},
        {"comment": b"x"},
    ):
        for channels in (1, 3):
            data = encoded(pixels(3, 20, 33, channels), "JPEG", **options)
            assert jpeg.plain_header(data) == (20, 33, channels)
            assert look(data) == Seen(20, 33, channels, False)
    exif = Image.Exif()
    exif[0x0112] = 6
    assert jpeg.plain_header(encoded(pixels(3, 20, 33), "JPEG", exif=exif)) is None
    out = io.BytesIO()
    Image.fromarray(pixels(2)).convert("CMYK").save(out, "JPEG")
    assert jpeg.plain_header(out.getvalue()) is None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"]), st.data())
def test_damaged_files_give_an_image_or_a_named_problem(kind, draw):
    data = bytearray(encoded(pixels(4), kind))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    data = bytes(data[: draw.draw(st.integers(0, len(data)))])
    with decoding.quiet_decoder():
        try:
            seen = look(data, first_frame=True)
            found = decode(data, seen, 8, seen.channels, deep=seen.deep)
        except BadImage as problem:
            assert problem.code.startswith("data-image-")
        else:
            assert found.shape == (8, 8, seen.channels)


@pytest.mark.parametrize("fast", [True, False])
def test_grey_jpegs_stay_grey_unless_colour_is_wanted(fast, monkeypatch):
    if not fast:
        monkeypatch.setattr(jpeg, "simplejpeg", None)
    data = encoded(pixels(3, channels=1), "JPEG")
    assert decode(data, look(data), 12, 1).shape == (12, 12, 1)
    colour = decode(data, look(data), 12, 3)
    np.testing.assert_array_equal(colour[..., 0], colour[..., 2])


def test_a_file_that_became_another_is_named():
    seen = look(encoded(pixels(3, channels=1)))
    with pytest.raises(BadImage, match="changed while it was read"):
        decode(encoded(pixels(3)), seen, 12, 1)


def test_the_decoder_is_named():
    assert "pillow" in jpeg.decoder()
    if jpeg.simplejpeg is not None:
        assert "simplejpeg" in jpeg.decoder()
