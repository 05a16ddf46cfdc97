"""Small image data for tests: folders, archives, tables and arrays of the same images."""

import csv
import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from neocog.core.errors import Problem, SeveralProblems
from neocog.data.open import DataChoice, open_images


def pixels(seed: int, height: int = 12, width: int = 12, channels: int = 3) -> np.ndarray:
    """An image with smooth colours, a different one for each seed."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 256, (4, 4, channels), dtype=np.uint8)
    planes = [
        Image.fromarray(small[:, :, c]).resize((width, height), Image.Resampling.BICUBIC) for c in range(channels)
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=2)


def encoded(image: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    """The bytes of an image file."""
    out = io.BytesIO()
    Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image).save(out, kind, **options)
    return out.getvalue()


def class_files(
    classes: Sequence[str] = ("bird", "cat"), each: int = 6, parts: Sequence[str] = ("",), suffix: str = ".png"
) -> dict[str, bytes]:
    """Relative paths and bytes of class folders."""
    kind = {".png": "PNG", ".jpg": "JPEG"}[suffix]
    files = {}
    for part in parts:
        for name in classes:
            for number in range(each):
                seed = len(files)
                files["/".join(filter(None, (part, name, f"{number:02}{suffix}")))] = encoded(pixels(seed), kind)
    return files


def write_folder(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write files under a folder."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def write_tar(path: Path, files: Mapping[str, bytes], mode: str = "w") -> Path:
    """Write files into a tar."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def write_table(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """Write a CSV."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def idx_bytes(array: np.ndarray, *, packed: bool = False) -> bytes:
    """An array of bytes as an IDX file."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(side.to_bytes(4, "big") for side in array.shape)
    data = head + array.astype(np.uint8).tobytes()
    return gzip.compress(data) if packed else data


def problems_of(call: Callable[[], object]) -> dict[str, Problem]:
    """The problems that a call raises, by code; none if it goes well."""
    try:
        call()
    except SeveralProblems as several:
        return {problem.code: problem for problem in several.problems}
    except Problem as problem:
        return {problem.code: problem}
    return {}


def opened(path, **options):
    return open_images(DataChoice(name=str(path), **options), keep=False)


def only(call, code, exit_code=65):
    found = problems_of(call)
    assert list(found) == [code]
    problem = found[code]
    assert problem.exit_code == exit_code
    assert problem.help and str(problem).startswith(f"error[{code}]: ")
    return problem


def npy_bytes(header: str, data: bytes = b"", version: int = 1) -> bytes:
    text = header.encode("latin1") + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text + data
