import pytest
import torch

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Table, Vector
from neocog.measures.cost import macs
from neocog.networks.autoencoder import Autoencoder
from neocog.networks.kmeans import KMeans
from neocog.nn.centroids import Centroids, squared_distances


def test_distances_are_what_they_should_be() -> None:
    points, centroids = torch.randn(7, 5), torch.randn(3, 5)
    expected = (points[:, None] - centroids).square().sum(2)
    torch.testing.assert_close(squared_distances(points, centroids).float(), expected)


def test_distances_are_exact_whatever_the_precision_of_the_run() -> None:
    layer, points = Centroids(3, 64), 100 + torch.randn(4, 64)
    expected = layer(points)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(layer(points), expected)
        rough = torch.nn.functional.linear(points, layer.centroids.detach())
    assert rough.dtype == torch.bfloat16


def test_a_start_is_remembered_with_the_weights() -> None:
    layer, other = Centroids(2, 3), Centroids(2, 3)
    assert not layer.started
    layer.start(torch.ones(2, 3))
    other.load_state_dict(layer.state_dict())
    assert other.started and torch.equal(other.centroids, torch.ones(2, 3))


@pytest.mark.parametrize("takes", [Image(1, 6, 5), Table(30)], ids=str)
def test_networks_with_centroids_give_a_distance_for_each(takes: Image | Table) -> None:
    for network in (KMeans(takes, Vector(4)), Autoencoder(takes, Vector(4), widths=(20,), code=3)):
        items = torch.randn(5, *takes.axes)
        found = network(items)
        assert found.shape == (5, 4) and (found >= 0).all()
        torch.testing.assert_close(found, network.head(network.codes(items)))
        assert network.strides == {}
        with pytest.raises(UsageProblem, match="no feature maps"):
            network.features(items)


def test_their_cost_is_counted() -> None:
    assert macs(KMeans(Table(30), Vector(4)), Table(30)) == 120
    assert macs(Autoencoder(Table(30), Vector(4), widths=(20,), code=3), Table(30)) == 30 * 20 + 20 * 3 + 3 * 4


def test_an_autoencoder_is_its_own_mirror_image() -> None:
    network = Autoencoder(Table(30), Vector(4), widths=(20, 10), code=3)
    sizes = [layer.out_features for layer in network.modules() if isinstance(layer, torch.nn.Linear)]
    assert sizes == [20, 10, 3, 10, 20, 30]
    assert network.decode(network.codes(torch.randn(2, 30))).shape == (2, 30)
