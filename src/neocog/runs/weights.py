"""Where the weights of a run come from before its first step: a file, another run, what others publish."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from torch import Tensor

from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import near
from neocog.core.shapes import Image, Shape
from neocog.data.family import AbstractData
from neocog.data.preparation import Preparation
from neocog.data.readers.tensors import CONVERSION, SAFETENSORS, read_tensors
from neocog.nn.low_rank import merged
from neocog.runs.checkpoints import load_newest
from neocog.runs.experiment import StartOptions
from neocog.runs.folder import open_run

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
_TRAINED_WITH_HALF = ("googlenet", "inception-v3")


@dataclass(frozen=True)
class Weights:
    """Weights by name, and what a run remembers of them: ``run`` is the folder of the run that made them, if one did.

    ``mean`` and ``std`` are per channel, as the images were prepared that the weights were trained on.
    """

    source: str
    tensors: Mapping[str, Tensor]
    sha256: str
    notes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    run: str = ""


def read_weights(start: StartOptions, network: str) -> Weights | None:
    """The weights that an experiment names; None if it names none.

    Raises:
        UsageProblem: they are not here, or nothing that is read; ``weights-not-here``, ``weights-unknown``.
        DataProblem: they are damaged; ``weights-changed`` if they are not those that the experiment was resolved with.
    """
    if not start.weights:
        return None
    found = _found(start, network)
    if start.sha256 and found.sha256 != start.sha256:
        raise DataProblem(
            "weights-changed",
            f"{start.weights} is not what it was when this run was planned",
            where=f"SHA-256 now {found.sha256[:12]}, then {start.sha256[:12]}",
            note="nothing was loaded",
            help="put the file back, or begin a new run",
        )
    return found


def resolved(start: StartOptions, network: str, takes: Shape) -> StartOptions:
    """The start with its file's SHA-256, and the mean and deviation that the images are to be prepared with."""
    weights = read_weights(start, network)
    mean, std = start.mean, start.std
    if isinstance(takes, Image) and not mean and not std and start.normalise != "data":
        if start.normalise == "imagenet":
            mean, std = IMAGENET
        elif weights is not None:
            mean, std = weights.mean, weights.std
        mean, std = _for_channels(mean, takes.channels), _for_channels(std, takes.channels)
    return replace(start, mean=mean, std=std, sha256=weights.sha256 if weights else "")


def as_expected(data: AbstractData, start: StartOptions) -> AbstractData:
    """The data, prepared as the weights expect; as they are where nothing is named, or they are no images."""
    preparation = getattr(data, "preparation", None)
    if not start.mean or not isinstance(preparation, Preparation):
        return data
    expected = replace(preparation, mean=start.mean, std=start.std)
    return data if expected == preparation else replace(cast(Any, data), preparation=expected)


def start_facts(start: StartOptions, weights: Weights | None, notes: Sequence[str]) -> dict[str, Any]:
    """What run.json says of the weights that a run began with."""
    if weights is None:
        return {"parents": []}
    parents = [{"run": weights.run, "sha256": weights.sha256}] if weights.run else []
    known = {"weights": start.weights, "sha256": weights.sha256, "notes": list(notes)}
    return {"start": known, "parents": parents}


def _found(start: StartOptions, network: str) -> Weights:
    kind, colon, name = start.weights.partition(":")
    mean, std = HALF if network in _TRAINED_WITH_HALF else IMAGENET
    if colon and kind in ("torchvision", "timm"):
        path = _torchvision_file(name, start.folder) if kind == "torchvision" else _timm_file(name, start.folder)
    elif Path(start.weights).is_dir():
        return _of_run(start.weights)
    else:
        path = Path(start.weights)
    stored = read_tensors(path)
    return Weights(start.weights, stored.tensors, stored.sha256, stored.notes, mean, std)


def _of_run(path: str) -> Weights:
    folder = open_run(path)
    best, _ = load_newest(folder.checkpoints, "best")
    if best is None:
        raise DataProblem(
            "run-without-weights",
            "this run has saved no weights yet",
            where=path,
            help=f"go on with `neocog resume {path}`",
        )
    file = folder.checkpoints / f"best-{best.step:09d}{SAFETENSORS}"
    preparation = folder.facts()["data"].get("preparation", {"mean": (), "std": ()})
    mean, std = (tuple(float(value) for value in preparation[name]) for name in ("mean", "std"))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    return Weights(path, merged(best.state["network"]), sha256, (), mean, std, run=path)


def _torchvision_file(name: str, folder: str) -> Path:
    """What torchvision publishes under that name, converted by the user."""
    from torchvision import models  # noqa: PLC0415 - importing torchvision takes seconds, and only this needs it

    try:
        chosen = models.get_weight(name) if "." in name else models.get_model_weights(name).DEFAULT
    except (ValueError, AttributeError, KeyError) as problem:
        meant = near(name, models.list_models())
        raise UsageProblem(
            "weights-unknown",
            f"torchvision publishes no weights called {name}",
            where=f"torchvision:{name}",
            help=f"did you mean `torchvision:{meant}`?" if meant else "name one of its networks, such as mobilenet_v2",
        ) from problem
    file = chosen.url.rsplit("/", 1)[-1]
    size = chosen.meta.get("_file_size", 0)
    digest = Path(file).stem.rsplit("-", 1)[-1]
    return _first_there(
        [Path(folder)] if folder else [_torch_cache()],
        [f"{Path(file).stem}{suffix}" for suffix in (SAFETENSORS, ".npz")],
        what=f"torchvision:{name}",
        note=f"torchvision publishes {chosen.url} ({size:.1f} MB, SHA-256 {digest}...), a pickle, which neocog neither "
        "fetches nor reads",
        remedy=f"fetch that file, save this as convert.py:\n\n{CONVERSION}\n"
        f"run: python convert.py {file} {Path(file).stem}{SAFETENSORS}",
    )


def _timm_file(name: str, folder: str) -> Path:
    caches = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface")) / "hub"
    places = sorted((caches / f"models--timm--{name}" / "snapshots").glob("*"))
    return _first_there(
        [Path(folder)] if folder else places or [caches / f"models--timm--{name}" / "snapshots"],
        [f"{name}{SAFETENSORS}", f"model{SAFETENSORS}"],
        what=f"timm:{name}",
        note=f"timm publishes https://huggingface.co/timm/{name}/resolve/main/model.safetensors, which is not fetched "
        "here: its size and SHA-256 are not known to neocog",
        remedy=f"fetch that file as {name}{SAFETENSORS}",
    )


def _first_there(folders: Sequence[Path], names: Sequence[str], *, what: str, note: str, remedy: str) -> Path:
    paths = [folder / name for folder in folders for name in names]
    there = next((path for path in paths if path.is_file()), None)
    if there is None:
        raise UsageProblem(
            "weights-not-here",
            f"the weights of {what} are not here",
            where=[f"looked for {path}" for path in paths],
            note=note,
            help=f"{remedy}\n\nput it into {folders[0]}, or name another folder with --set start.folder=FOLDER",
        )
    return there


def _torch_cache() -> Path:
    """Where torch keeps what it has fetched."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return Path(os.environ.get("TORCH_HOME", cache / "torch")) / "hub" / "checkpoints"


def _for_channels(values: tuple[float, ...], channels: int) -> tuple[float, ...]:
    """As many values as channels: their mean where the number differs."""
    if not values or len(values) == channels:
        return values
    return (sum(values) / len(values),) * channels
