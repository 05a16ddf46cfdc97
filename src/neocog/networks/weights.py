"""Weights from elsewhere into a network: names are mapped, a head of another size and other channels are adapted."""

from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor, nn

from neocog.core.errors import DataProblem
from neocog.core.shapes import Image, Shape

COUNTER = "num_batches_tracked"
"""A counter of batch norm that no result depends on: it may be missing, and surplus ones do not matter."""

_GREY, _COLOUR = 1, 3
_SAME_NETWORK = 0.5  # share of names that must fit


def load_weights(network: nn.Module, tensors: Mapping[str, Tensor], *, name: str, source: str) -> tuple[str, ...]:
    """Take over weights; all of them, or none where something does not fit.

    Names may be the network's own or those of its ``published`` mapping, with or without a common first part such as
    ``module.``. An output layer of another number of units keeps the weights that it has. Grey from colour: the first
    layer's weights are summed over the channels; colour from grey: divided among the three.

    Args:
        network: whose weights are replaced; in place.
        tensors: weights by name.
        name: what the network is called in messages.
        source: what the weights are called in messages.

    Returns:
        Sentences on what was adapted.

    Raises:
        DataProblem: ``weights-other-network``, where hardly a name fits; ``weights-do-not-fit``, with everything that
            is missing, surplus, misshapen or of another kind of number.
    """
    ours = {key: value for key, value in network.state_dict().items() if not key.endswith(COUNTER)}
    given = _named_as_ours(network, tensors, ours)
    _refuse_other_network(ours, given, tensors, name, source)
    adapted, notes = _adapted(network, ours, given)
    _refuse_misfits(ours, adapted, name, source)
    network.load_state_dict({**network.state_dict(), **{key: adapted[key] for key in ours}})
    return notes


def published_name(key: str, published: Mapping[str, str]) -> str:
    """What one of our parameters is called where weights are published."""
    fitting = [prefix for prefix in published if key == prefix or key.startswith(f"{prefix}.")]
    if not fitting:
        return key
    longest = max(fitting, key=len)
    return (published[longest] + key[len(longest) :]).lstrip(".")


def _named_as_ours(network: nn.Module, tensors: Mapping[str, Tensor], ours: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under our names, by the way of naming under which most of them fit; others keep their own."""
    published = cast(Mapping[str, str], getattr(network, "published", {}))
    kept = {key: value for key, value in tensors.items() if not key.endswith(COUNTER)}
    ways = []
    for given in (kept, _without_first_part(kept)):
        for theirs in ({key: key for key in ours}, {published_name(key, published): key for key in ours}):
            ways.append({theirs.get(key, key): value for key, value in given.items()})
    return max(ways, key=lambda way: len(way.keys() & ours.keys()))


def _without_first_part(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Without what all names begin with, such as ``module.``, where there is such a thing."""
    firsts = {key.partition(".")[0] for key in tensors}
    common = len(firsts) == 1 and all("." in key for key in tensors)
    return {key.partition(".")[2] if common else key: value for key, value in tensors.items()}


def _adapted(
    network: nn.Module, ours: Mapping[str, Tensor], given: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    adapted, notes = dict(given), []
    units, layers = _outputs(network, ours, given)
    for layer in layers:
        for key in (f"{layer}.weight", f"{layer}.bias"):
            if key in ours and key in given:
                adapted[key] = ours[key]
    if layers:
        there, here = units
        notes.append(f"The output layer of {there:,} units was replaced by one of {here:,}, drawn from the seed.")
    first = _first_layer(network)
    if first in ours and first in adapted:
        there, here = adapted[first].shape[1], ours[first].shape[1]
        if (there, here) == (_COLOUR, _GREY):
            adapted[first] = adapted[first].sum(1, keepdim=True)
            notes.append(f"{first} was made for colour: for grey images its weights are summed over the channels.")
        elif (there, here) == (_GREY, _COLOUR):
            adapted[first] = adapted[first].expand(-1, _COLOUR, -1, -1) / _COLOUR
            notes.append(f"{first} was made for grey images: its weights are divided among the three channels.")
    return adapted, tuple(notes)


def _outputs(
    network: nn.Module, ours: Mapping[str, Tensor], given: Mapping[str, Tensor]
) -> tuple[tuple[int, int], list[str]]:
    """Units there and here, and the layers to keep: the head's last one, and others that give as many classes."""
    head = [key for key in ours if key.startswith("head.") and key.endswith(".weight") and ours[key].ndim > 1]
    if not head or head[-1] not in given:
        return (0, 0), []
    there, here = given[head[-1]].shape[:1].numel(), len(ours[head[-1]])
    gives = getattr(network, "gives", None)
    if there == here or not isinstance(gives, Shape) or gives.size != here:
        return (there, here), []
    return (there, here), [
        key.removesuffix(".weight")
        for key, value in ours.items()
        if key.endswith(".weight")
        and key in given
        and value.ndim > 1
        and (len(value), given[key].shape[:1].numel()) == (here, there)
        and value.shape[1:] == given[key].shape[1:]
    ]


def _first_layer(network: nn.Module) -> str:
    """The weights that see the image's channels, if they are a convolution's; else nothing."""
    takes = getattr(network, "takes", None)
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            fits = isinstance(takes, Image) and module.in_channels == takes.channels and module.groups == 1
            return f"{name}.weight" if fits else ""
    return ""


def _refuse_other_network(
    ours: Mapping[str, Tensor], given: Mapping[str, Tensor], tensors: Mapping[str, Tensor], name: str, source: str
) -> None:
    fitting = len(ours.keys() & given.keys())
    if fitting < _SAME_NETWORK * max(1, len(ours)):
        raise DataProblem(
            "weights-other-network",
            f"the weights of {source} are of another network than {name}: {fitting} of {len(ours)} names fit",
            where=[f"there: {_some(list(tensors))}", f"{name}: {_some(list(ours))}"],
            note="nothing was loaded",
            help="name the network that they are of, with its options, such as resnet[depth=56]",
        )


def _refuse_misfits(ours: Mapping[str, Tensor], given: Mapping[str, Tensor], name: str, source: str) -> None:
    both = [key for key in ours if key in given]
    kinds = [key for key in both if not given[key].is_floating_point() and ours[key].is_floating_point()]
    shapes = [key for key in both if given[key].shape != ours[key].shape]
    groups = {
        "missing": [key for key in ours if key not in given],
        "surplus": [key for key in given if key not in ours],
        "of another shape": [f"{key} is {_sides(given[key])}, not {_sides(ours[key])}" for key in shapes],
        "no numbers with a fraction": [f"{key} ({str(given[key].dtype).removeprefix('torch.')})" for key in kinds],
    }
    where = [f"{what} ({len(keys)}): {', '.join(keys)}" for what, keys in groups.items() if keys]
    if where:
        raise DataProblem(
            "weights-do-not-fit",
            f"the weights of {source} do not fit {name}",
            where=where,
            note="nothing was loaded",
            help="give the options of the network that they are of (depth, width, version ...), and images of the size "
            "that it was trained on where a dense layer depends on it (--size)",
        )


def _sides(value: Tensor) -> str:
    return "x".join(map(str, value.shape)) or "a single number"


def _some(names: Sequence[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f", ... ({len(names)} in all)" if len(names) > most else "")
