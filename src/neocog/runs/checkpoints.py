"""Checkpoints: a learner's parts as one safetensors file and one JSON manifest with its SHA-256.

The manifest is written last, so a checkpoint exists only once both files are whole. It begins with a SHA-256 of its
own other bytes, so that no byte of either file can change unnoticed.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from neocog.core.durable import storage_problem, write_durably
from neocog.core.errors import DataProblem, TrainingProblem
from neocog.fit.history import Row

FORMAT = 1
KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """A nested state (dicts and lists of tensors, numbers, texts), the step it belongs to, and the rows so far."""

    step: int
    state: Mapping[str, Any]
    rows: tuple[Row, ...] = ()


def save_checkpoint(folder: Path, name: str, checkpoint: Checkpoint) -> None:
    """Write ``name-STEP``, read it back, then remove all but the newest two of that name, of steps up to this one.

    Raises:
        TrainingProblem: ``weights-not-finite``; nothing was written.
        StorageProblem: the disk is full or refuses; earlier checkpoints are untouched.
    """
    tensors: dict[str, Tensor] = {}
    structure = _pack(checkpoint.state, "", tensors)
    _refuse_not_finite(tensors, checkpoint.step)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise storage_problem(folder, problem) from problem
    # Copies: safetensors refuses tensors that share memory, as tied weights do.
    data = save(
        {key: tensor.detach().cpu().clone(memory_format=torch.contiguous_format) for key, tensor in tensors.items()}
    )
    manifest = {
        "format": FORMAT,
        "step": checkpoint.step,
        "sha256": hashlib.sha256(data).hexdigest(),
        "state": structure,
        "rows": [row.as_dict() for row in checkpoint.rows],
    }
    stem = f"{name}-{checkpoint.step:09d}"
    write_durably(folder / f"{stem}.safetensors", data)
    write_durably(folder / f"{stem}.json", _sealed(json.dumps(manifest).encode()[1:]))
    _read(folder, stem)
    _prune(folder, name, stem)


def load_newest(folder: Path, name: str) -> tuple[Checkpoint | None, list[str]]:
    """The newest whole checkpoint of that name, and a sentence for each damaged one."""
    damaged: list[str] = []
    for stem in reversed(_stems(folder, name)):
        try:
            return _read(folder, stem), damaged
        except DataProblem as problem:
            damaged.append(f"{problem.what}; the checkpoint before it is used")
    return None, damaged


def load_kept(folder: Path) -> tuple[list[tuple[str, Checkpoint]], list[str]]:
    """Every whole checkpoint, each with its name (``best`` or ``last``), and the stems of the damaged ones."""
    found, damaged = list[tuple[str, Checkpoint]](), list[str]()
    for path in sorted(folder.glob("*.json")):
        try:
            found.append((path.stem.rpartition("-")[0], _read(folder, path.stem)))
        except DataProblem:
            damaged.append(path.stem)
    return found, damaged


def _stems(folder: Path, name: str, suffix: str = ".json") -> list[str]:
    ours = re.compile(rf"{re.escape(name)}-\d{{9}}")
    return sorted(path.stem for path in folder.glob(f"*{suffix}") if ours.fullmatch(path.stem))


def _prune(folder: Path, name: str, newest: str) -> None:
    """Leave the newest two; what is later was damaged, or the run would have gone on from it."""
    kept = [stem for stem in _stems(folder, name) if stem <= newest][-KEPT:]
    for suffix in (".json", ".safetensors"):
        for stem in _stems(folder, name, suffix):
            if stem not in kept:
                (folder / f"{stem}{suffix}").unlink(missing_ok=True)


def _sealed(rest: bytes) -> bytes:
    """A JSON object, given without its first brace, behind the SHA-256 of what is given."""
    return b'{"seal": "' + hashlib.sha256(rest).hexdigest().encode() + b'", ' + rest


def _read(folder: Path, stem: str) -> Checkpoint:
    path = folder / f"{stem}.safetensors"
    try:
        sealed = (folder / f"{stem}.json").read_bytes()
        if _sealed(sealed[len(_sealed(b"")) :]) != sealed:
            raise ValueError("its manifest has changed")
        manifest = json.loads(sealed)
        data = path.read_bytes()
        if manifest["format"] != FORMAT or hashlib.sha256(data).hexdigest() != manifest["sha256"]:
            raise ValueError("its checksum differs")
        rows = tuple(Row(**row) for row in manifest["rows"])
        return Checkpoint(int(manifest["step"]), _unpack(manifest["state"], load(data)), rows)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as problem:
        raise DataProblem(
            "checkpoint-damaged",
            f"the checkpoint {stem} is damaged",
            where=f"{path}: {problem}",
            help="resume goes on from the one before, if there is one",
        ) from problem


def _pack(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    """JSON with each tensor replaced by the name under which it is stored; dict keys may be integers."""
    if isinstance(value, Tensor):
        while path in tensors:  # the key "a/b" beside the key "b" of "a"
            path += "'"
        tensors[path] = value
        return {"tensor": path}
    if isinstance(value, Mapping):
        return {"items": [[key, _pack(item, f"{path}/{key}", tensors)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"list": [_pack(item, f"{path}/{i}", tensors) for i, item in enumerate(value)]}
    return {"value": value}


def _unpack(packed: Any, tensors: Mapping[str, Tensor]) -> Any:
    ((kind, content),) = packed.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "items":
        return {key: _unpack(item, tensors) for key, item in content}
    if kind == "list":
        return [_unpack(item, tensors) for item in content]
    return content


def _refuse_not_finite(tensors: Mapping[str, Tensor], step: int) -> None:
    bad = [key for key, t in tensors.items() if t.is_floating_point() and not torch.isfinite(t).all()]
    if bad:
        raise TrainingProblem(
            "weights-not-finite",
            f"after step {step:,} a weight is no finite number",
            where=bad,
            note="nothing was saved; the last finite checkpoint is kept",
            help="lower the learning rate (--set descent.rate=...), or clip gradients (--set descent.clip=1)",
        )
