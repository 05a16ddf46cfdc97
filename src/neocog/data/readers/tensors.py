"""Weights in files: safetensors and .npz are read, pickles never are."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from neocog.core.errors import DataProblem, StorageProblem, UsageProblem
from neocog.data.as_trained import missing
from neocog.data.readers.npy import read_npz

SAFETENSORS, NPZ = ".safetensors", ".npz"
_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"
_PICKLED = (".pt", ".pth", ".th", ".bin", ".ckpt", ".pkl", ".pickle", ".tar")
CONVERSION = """\
import sys
import torch
from safetensors.torch import save_file

found = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
found = found.get("state_dict", found) if isinstance(found, dict) else found
save_file({name: value.clone().contiguous() for name, value in found.items() if torch.is_tensor(value)}, sys.argv[2])
"""
"""A script of its own, for a person to run: it turns a pickle of torch's into safetensors. We never run it."""


@dataclass(frozen=True)
class StoredTensors:
    """What a file of weights holds: tensors by name, its SHA-256, and sentences on what was converted."""

    tensors: Mapping[str, Tensor]
    sha256: str
    notes: tuple[str, ...] = ()


def read_tensors(path: Path) -> StoredTensors:
    """The tensors of a .safetensors or .npz file; those of fewer bits than float32 are widened, and that is said.

    Raises:
        UsageProblem: ``data-missing``; ``weights-pickled``, with a script that converts the file; ``weights-format``.
        DataProblem: ``weights-damaged``, ``weights-dtype``, ``weights-file-not-finite``; what ``read_npz`` raises.
        StorageProblem: the file cannot be read.
    """
    if not path.is_file():
        raise missing(path)
    try:
        with path.open("rb") as file:
            first = file.read(len(_ZIP))
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise StorageProblem("weights-unreadable", f"{path} cannot be read", where=str(problem.strerror)) from problem
    if path.suffix.lower() in _PICKLED or first.startswith(_PICKLE):
        raise pickled(path)
    if path.suffix.lower() == SAFETENSORS:
        tensors = _from_safetensors(path)
    elif path.suffix.lower() == NPZ:
        tensors = _from_npz(path)
    else:
        raise UsageProblem(
            "weights-format",
            f"{path.name} is no file of weights that can be read",
            where=str(path),
            help="give a .safetensors or .npz file, or the folder of a run",
        )
    _refuse_not_finite(path, tensors)
    widened, notes = _widened(tensors)
    return StoredTensors(widened, sha256, notes)


def pickled(path: Path | str) -> UsageProblem:
    """Weights that only unpickling could read, with the script that converts them."""
    name = Path(path).name
    return UsageProblem(
        "weights-pickled",
        f"{name} is a pickle: reading it could run code that somebody put into it, so it is never read",
        where=str(path),
        note="nothing was read",
        help=f"if you trust it, save this as convert.py:\n\n{CONVERSION}\n"
        f"then run: python convert.py {path} {Path(path).with_suffix(SAFETENSORS).name}",
    )


def _from_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load(path.read_bytes())
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, MemoryError) as problem:
        raise DataProblem(
            "weights-damaged",
            f"{path.name} is cut off, or is no safetensors file",
            where=f"{path}: {problem}",
            note="nothing was loaded",
            help="copy or convert it again",
        ) from problem


def _from_npz(path: Path) -> dict[str, Tensor]:
    arrays = {name: stored.read() for name, stored in read_npz(path).items()}
    odd = [f"{name}: {array.dtype}" for name, array in arrays.items() if array.dtype.kind not in "fiub"]
    if odd:
        raise DataProblem(
            "weights-dtype",
            f"{len(odd)} arrays of {path.name} are no numbers",
            where=odd,
            note="nothing was loaded",
            help="save numbers only, such as float32",
        )
    return {name: torch.from_numpy(_native(array)) for name, array in arrays.items()}


def _native(array: np.ndarray) -> np.ndarray:
    """In this machine's byte order, and of a type that torch has."""
    kind = {"u2": "i4", "u4": "i8", "u8": "i8"}.get(array.dtype.str[1:], array.dtype.newbyteorder("="))
    return np.array(array, dtype=kind, order="C")


def _refuse_not_finite(path: Path, tensors: Mapping[str, Tensor]) -> None:
    bad = [name for name, value in tensors.items() if value.is_floating_point() and not torch.isfinite(value).all()]
    if bad:
        raise DataProblem(
            "weights-file-not-finite",
            f"{len(bad)} tensors of {path.name} hold NaN or infinity",
            where=[f"{path}: {name}" for name in bad],
            note="nothing was loaded",
            help="use another file of these weights",
        )


def _widened(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    others = {value.dtype for value in tensors.values() if value.is_floating_point()} - {torch.float32}
    found = {name: value.float() if value.dtype in others else value for name, value in tensors.items()}
    notes = tuple(
        f"{sum(value.dtype == kind for value in tensors.values()):,} tensors of {str(kind).removeprefix('torch.')} "
        "were turned into float32."
        for kind in sorted(others, key=str)
    )
    return found, notes
