import torch

from neocog.core.seeds import generator
from neocog.core.shapes import Table, Vector
from neocog.data.table_data import TableBatch
from neocog.learners.centroid_start import best_of, lloyd, plus_plus
from neocog.learners.embedded_clustering import memberships, target_distribution
from neocog.learners.full_batch_kmeans import FullBatchKMeans
from neocog.learners.minibatch_kmeans import MiniBatchKMeans
from neocog.networks.kmeans import KMeans


def batch(*values: float) -> TableBatch:
    column = torch.tensor(values)[:, None]
    rows = torch.arange(len(values))
    return TableBatch(column, column, rows, rows)


def inputs(given: TableBatch) -> torch.Tensor:
    return given.values


def network_at(*places: float) -> KMeans:
    network = KMeans(Table(1), Vector(len(places)))
    network.head.start(torch.tensor(places)[:, None])
    return network


def start_of(*values: float):  # type: ignore[no-untyped-def]
    return lambda: torch.tensor(values)[:, None]


def centroids(learner: FullBatchKMeans | MiniBatchKMeans) -> list[float]:
    return learner.network.head.centroids[:, 0].tolist()


def test_full_batch_moves_at_the_end_of_the_pass_only() -> None:
    learner = FullBatchKMeans(network_at(0.0, 10.0), items=4, start=start_of(), inputs=inputs)
    loss = learner.step(batch(1.0, 9.0), 0.0)["loss"]
    assert (centroids(learner), loss.item()) == ([0.0, 10.0], 1.0)
    learner.step(batch(3.0, 7.0), 0.0)
    assert centroids(learner) == [2.0, 8.0]
    assert learner.parts()["pass"].state_dict()["seen"] == 0


def test_an_empty_cluster_gets_the_farthest_item() -> None:
    learner = FullBatchKMeans(network_at(0.0, 100.0), items=3, start=start_of(), inputs=inputs)
    learner.step(batch(1.0, 2.0, 6.0), 0.0)
    assert centroids(learner) == [1.5, 6.0]


def test_no_gradient_flows() -> None:
    learner = FullBatchKMeans(network_at(0.0, 10.0), items=2, start=start_of(), inputs=inputs)
    learner.step(batch(1.0, 9.0), 0.0)
    assert learner.network.head.centroids.grad is None


def test_the_first_step_starts_from_data() -> None:
    network = KMeans(Table(1), Vector(2))
    learner = MiniBatchKMeans(network, start=start_of(5.0, 5.0, 50.0, 50.0), inputs=inputs)
    learner.step(batch(5.0, 50.0), 0.0)
    assert sorted(centroids(learner)) == [5.0, 50.0]
    assert network.head.started


def test_a_mini_batch_centroid_is_the_mean_of_its_items() -> None:
    learner = MiniBatchKMeans(network_at(0.0, 10.0), start=start_of(), inputs=inputs)
    learner.step(batch(1.0, 3.0), 0.0)
    learner.step(batch(2.0, 4.0, 9.0), 0.0)
    assert centroids(learner) == [2.5, 9.0]


def test_a_cluster_that_gets_nothing_begins_anew() -> None:
    learner = MiniBatchKMeans(network_at(0.0, 1e6), start=start_of(), inputs=inputs)
    for _ in range(30):
        learner.step(batch(1.0, 2.0, 6.0), 0.0)
    assert max(centroids(learner)) < 10.0


def test_k_means_plus_plus_takes_points_that_are_there_and_apart() -> None:
    points = torch.cat([torch.full((50, 2), 0.0), torch.full((50, 2), 9.0), torch.full((1, 2), 500.0)])
    for seed in range(20):
        found = plus_plus(points, 3, generator(seed, "start"))
        assert sorted(found[:, 0].tolist()) == [0.0, 9.0, 500.0]
    assert plus_plus(points[:50], 3, generator(0, "start")).tolist() == [[0.0, 0.0]] * 3


def test_the_best_of_several_starts_is_no_worse_than_one() -> None:
    points = torch.randn(300, 2, generator=generator(0, "points"))
    key = generator(1, "start")
    one = lloyd(points, plus_plus(points, 12, generator(1, "start")))[1]
    assert lloyd(points, best_of(points, 12, key, starts=8), passes=0)[1] < one


def test_targets_are_worked_by_hand() -> None:
    found = memberships(torch.tensor([[0.0, 1.0], [3.0, 0.0]]))
    torch.testing.assert_close(found, torch.tensor([[2 / 3, 1 / 3], [0.2, 0.8]]))
    sharper = target_distribution(found)
    first = (4 / 9 / (13 / 15)) / (4 / 9 / (13 / 15) + 1 / 9 / (17 / 15))
    torch.testing.assert_close(sharper[0, 0], torch.tensor(first))
    torch.testing.assert_close(sharper.sum(1), torch.ones(2))
