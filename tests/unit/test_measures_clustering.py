import numpy as np
import pytest

from neocog.measures import clustering


def test_all_in_one_cluster_is_no_division() -> None:
    assert clustering.silhouettes(np.eye(4, dtype=np.float32), np.zeros(4, np.int64)).tolist() == [-1.0] * 4


def test_an_item_alone_in_its_cluster_gets_nought() -> None:
    points = np.array([[0.0], [0.1], [9.0]])
    found = clustering.silhouettes(points, np.array([0, 0, 1]))
    assert found[2] == 0.0
    assert found[0] == pytest.approx((9.0 - 0.1) / 9.0)


def test_equal_points_in_two_clusters_get_nought() -> None:
    assert clustering.silhouettes(np.ones((4, 2)), np.array([0, 0, 1, 1])).tolist() == [0.0] * 4


def test_a_cluster_that_the_sample_misses_is_survived() -> None:
    points = np.linspace(0, 1, 100)[:, None]
    clusters = np.r_[np.zeros(50, np.int64), np.ones(49, np.int64), 2]
    found = clustering.silhouettes(points, clusters, references=10, seed=3)
    assert np.isfinite(found).all() and found.shape == (100,)


def test_matching_is_worked_by_hand() -> None:
    clusters = np.array([2, 2, 2, 0, 0, 1])
    labels = np.array([0, 0, 1, 1, 1, 0])
    assert clustering.matched_accuracy(clusters, labels) == pytest.approx(4 / 6)
    assert clustering.contingency(clusters, labels).tolist() == [[0, 2], [1, 0], [2, 1]]
    assert clustering.matched_accuracy(labels + 7, labels) == 1.0


def test_the_same_division_agrees_wholly_and_its_names_mean_nothing() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    renamed = np.array([5, 5, 3, 3, 4, 4])
    assert clustering.adjusted_rand(renamed, labels) == 1.0
    assert clustering.normalised_mutual_information(renamed, labels) == pytest.approx(1.0)
    assert clustering.normalised_mutual_information(np.zeros(6, np.int64), labels) == 0.0
    assert clustering.adjusted_rand(np.zeros(6, np.int64), labels) == 0.0


def test_main_axes_of_one_column() -> None:
    assert clustering.main_axes(np.array([[1.0], [3.0]])).tolist() == [[-1.0, 0.0], [1.0, 0.0]]
