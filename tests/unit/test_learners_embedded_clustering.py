"""EmbeddedClustering: what an autoencoder is to rebuild."""

import pytest
import torch
from torch import nn

from neocog.data.augment import Augmentation
from neocog.data.family import Batching
from neocog.networks.autoencoder import Autoencoder
from neocog.tasks.cluster import Cluster
from table import tiny_data


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_the_image_before_augmentation_is_rebuilt(shift: float) -> None:
    data = tiny_data()
    task = Cluster.for_data(data, Cluster.usual_descent, clusters=3)
    torch.manual_seed(0)
    network = task.assemble(Autoencoder(data.takes, task.gives(data), widths=(16,), code=2))
    assert isinstance(network, Autoencoder)
    learner = task.learner(network)
    batch = next(task.source(data, network, Batching(8), Augmentation(shift=shift)).batches(0, 0))
    whole = next(task.still(data, "train", Batching(len(data.train.labels))).batches(0, 0))
    with torch.no_grad():
        rebuilt = network.decode(network.codes(batch.images))
        original, moved = (
            nn.functional.mse_loss(rebuilt, items.flatten(1)).item()
            for items in (whole.images[batch.rows], batch.images)
        )
    assert learner.step(batch, 0.0)["reconstruction"].item() == pytest.approx(original, rel=1e-6)
    assert (moved == pytest.approx(original, rel=1e-6)) is (shift == 0.0)
