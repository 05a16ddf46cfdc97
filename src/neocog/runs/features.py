"""Features: where a body is frozen and nothing is augmented, what it gives is computed once per image."""

from typing import Any

import torch
from torch import Tensor, nn

from neocog.core.source import AbstractSource
from neocog.data.augment import Augmentation
from neocog.data.image_source import ImageSource
from neocog.fit.blocks import BACKBONE
from neocog.networks.network import AbstractNetwork
from neocog.runs.experiment import Experiment

MOST_BYTES = 2**31
_CLOSE = 1e-3  # of the largest output


class Body:
    """What a network gives its head: the last of its maps, in evaluation mode.

    Where the head begins with a mean over all pixels, that mean is taken here: it has fewer numbers to keep, and its
    own mean is itself.
    """

    def __init__(self, network: AbstractNetwork) -> None:
        self._network = network
        first = next(iter(network.head.children()), network.head)
        self._mean = first if isinstance(first, nn.AdaptiveAvgPool2d) and first.output_size in (1, (1, 1)) else None

    def __call__(self, images: Tensor) -> Tensor:
        """The maps that the head gets for these images."""
        training = self._network.training
        self._network.eval()
        try:
            last = list(self._network.features(images).values())[-1]
            return last if self._mean is None else self._mean(last)
        finally:
            self._network.train(training)


def body_of(experiment: Experiment, network: nn.Module, source: AbstractSource[Any]) -> Body | None:
    """The body whose features can be kept; None where it moves, images change, or the head needs more than its maps.

    That last is tried out, on two images. More than 2 GiB are not kept either.
    """
    descent, start = experiment.descent, experiment.start
    still = descent.freeze == BACKBONE and descent.unfreeze is None and not start.rank
    if not (still and start.cached and experiment.augment == Augmentation()):
        return None
    if not (isinstance(source, ImageSource) and isinstance(network, AbstractNetwork) and network.strides):
        return None
    body, training = Body(network), network.training
    with torch.no_grad():
        images = next(iter(source.as_it_is(2).batches(0, 0))).images
        kept = body(images)
        network.eval()
        whole, of_head = network(images), network.head(kept)
        network.train(training)
    same = whole.shape == of_head.shape and (whole - of_head).abs().max() <= _CLOSE * whole.abs().max()
    small = kept[0].numel() * kept.element_size() * len(source.labels) <= MOST_BYTES
    return body if same and small else None
