"""Measures of clusters against scikit-learn, and k-means against its Lloyd."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from sklearn import metrics
from sklearn.cluster import KMeans as Reference
from sklearn.datasets import load_digits

from neocog.core.seeds import generator, stream
from neocog.data.augment import Augmentation
from neocog.data.family import Batching
from neocog.data.table_data import Scaling, TableData, TablePart
from neocog.fit.descent import Descent
from neocog.fit.loop import fit
from neocog.fit.plan import Plan
from neocog.learners.centroid_start import drawn_generator, lloyd, plus_plus
from neocog.measures import clustering
from neocog.networks.kmeans import KMeans
from neocog.tasks.cluster import Cluster


def divisions() -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    random = np.random.default_rng(0)
    found = []
    for items, width, clusters in ((50, 3, 4), (200, 8, 7), (31, 1, 2), (120, 20, 30)):
        points = random.normal(size=(items, width)).astype(np.float32)
        found.append((points, random.integers(0, clusters, items), random.integers(0, 5, items)))
    return found


@pytest.mark.parametrize("points, clusters, labels", divisions())
def test_silhouettes_are_scikit_learns(points: np.ndarray, clusters: np.ndarray, labels: np.ndarray) -> None:
    np.testing.assert_allclose(
        clustering.silhouettes(points, clusters), metrics.silhouette_samples(points, clusters), atol=1e-6
    )


def test_silhouettes_on_a_sample_are_near_the_exact_ones() -> None:
    points = load_digits().data.astype(np.float32)
    clusters = load_digits().target
    exact = metrics.silhouette_samples(points, clusters)
    near = clustering.silhouettes(points, clusters, references=600, seed=1)
    assert near.shape == exact.shape
    assert abs(near.mean() - exact.mean()) < 0.005
    assert np.corrcoef(near, exact)[0, 1] > 0.98
    assert not np.array_equal(near, clustering.silhouettes(points, clusters, references=600, seed=2))


@pytest.mark.parametrize("points, clusters, labels", divisions())
def test_agreement_with_labels_is_scikit_learns(points: np.ndarray, clusters: np.ndarray, labels: np.ndarray) -> None:
    assert clustering.adjusted_rand(clusters, labels) == pytest.approx(metrics.adjusted_rand_score(labels, clusters))
    assert clustering.normalised_mutual_information(clusters, labels) == pytest.approx(
        metrics.normalized_mutual_info_score(labels, clusters)
    )


def test_two_main_axes_are_the_principal_components() -> None:
    from sklearn.decomposition import PCA

    points = load_digits().data.astype(np.float32)
    found, expected = clustering.main_axes(points), PCA(2, svd_solver="full").fit_transform(points)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-3)


def digits_table() -> TableData:
    values = load_digits().data  # whole numbers: moved a little, so that no two centroids are equally far
    values = values + np.random.default_rng(0).normal(0, 0.01, values.shape)
    part = TablePart(values, load_digits().target.astype(np.int64), [f"#{row}" for row in range(len(values))])
    columns = tuple(f"pixel {column}" for column in range(values.shape[1]))
    classes = tuple("0123456789")
    return TableData("digits", columns, classes, part, part, part, Scaling.measured(values, "none"), "digits")


def full_batch(passes: int, batch_size: int, seed: int = 3) -> tuple[Any, torch.Tensor, np.ndarray]:
    data = digits_table()
    task = Cluster.for_data(data, Descent(), clusters=10)
    network = KMeans(data.takes, task.gives(data))
    learner = task.learner(network)
    source = task.source(data, network, Batching(batch_size), Augmentation())
    points = torch.tensor(data.train.values.astype(np.float32))
    torch.manual_seed(stream(seed, "training"))
    start = plus_plus(points, 10, drawn_generator())
    torch.manual_seed(stream(seed, "training"))
    assert source.size is not None
    plan = Plan(source.size * passes, seed, source.size * passes)
    fit(learner, source, plan, evaluate=lambda network: {"score": 0.0})
    return network, start, points.numpy().copy()


def inertia(network: Any, points: np.ndarray) -> float:
    with torch.no_grad():
        return float(network(torch.tensor(points)).min(1).values.double().sum())


@pytest.mark.parametrize("passes, batch_size", [(1, 1797), (5, 400), (60, 1000)])
def test_full_batch_k_means_is_lloyds_algorithm(passes: int, batch_size: int) -> None:
    network, start, points = full_batch(passes, batch_size)
    expected = Reference(10, init=start.double().numpy(), n_init=1, max_iter=passes, tol=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that so few passes do not converge
        expected.fit(points.astype(np.float64))
    found = inertia(network, points)
    assert found == pytest.approx(expected.inertia_, rel=1e-6)
    if passes > 1:
        one, _, _ = full_batch(1, batch_size)
        assert inertia(one, points) > 1.005 * found


def test_lloyd_in_memory_ends_where_scikit_learn_ends() -> None:
    points = torch.from_numpy(load_digits().data)
    start = plus_plus(points, 10, generator(0, "start"))
    _, found = lloyd(points, start, passes=300)
    expected = Reference(10, init=start.numpy(), n_init=1, max_iter=300, tol=0.0).fit(points.numpy())
    assert found == pytest.approx(expected.inertia_, rel=1e-9)


def test_k_means_plus_plus_starts_as_low_as_scikit_learns() -> None:
    from sklearn.cluster import kmeans_plusplus

    points = torch.from_numpy(load_digits().data)
    ours, theirs = [], []
    for seed in range(20):
        ours.append(lloyd(points, plus_plus(points, 10, generator(seed, "start")), passes=0)[1])
        centres, _ = kmeans_plusplus(points.numpy(), 10, random_state=seed)
        theirs.append(lloyd(points, torch.from_numpy(centres), passes=0)[1])
        at_random = lloyd(points, points[torch.randperm(1797, generator=generator(seed, "random"))[:10]], passes=0)[1]
        assert at_random > min(ours)
    assert np.median(ours) == pytest.approx(np.median(theirs), rel=0.03)
