"""Cases of clustering for the table: tiny images, and three kinds of rows."""

from typing import Any

import numpy as np

from neocog.data.images import ImageData
from neocog.data.table_data import Scaling, TableData, TablePart
from neocog.networks import NETWORKS
from neocog.tasks.cluster import Cluster
from neocog.testing import Case, case

ONE_PARAMETER = {"frozen": "its only parameter is the centroids, which no gradient moves"}
NO_HEART = {"heart": "what it learns towards moves with what it has learnt, so that no score must fall"}
NO_CHANCE = ("random",)  # after its start nothing is drawn


def clusters(seed: int, data: ImageData, **options: Any) -> Case:
    """k-means on images; a pass ends between two cuts."""
    asked = {"clusters": 5, **options}
    return case(seed, data, Cluster, NETWORKS["kmeans"], task_options=asked, batch_size=5)


def embedded(seed: int, data: ImageData) -> Case:
    """An autoencoder whose clusters begin early."""
    asked = {"clusters": 3, "refresh": 2, "pretraining": 0.2}
    small = {"widths": (32,), "code": 3}
    return case(seed, data, Cluster, NETWORKS["autoencoder"], network_options=small, task_options=asked)


def rows_of_a_table(seed: int) -> Case:
    """Mini-batches of a shuffled table."""
    kinds = np.arange(30) % 3
    centres = np.array([[9.0, 0.0, 0.0, 0.0], [0.0, 9.0, 0.0, 9.0], [0.0, 0.0, 9.0, 18.0]])
    values = np.random.default_rng(5).normal(0.0, 0.5, (30, 4)) + centres[kinds]
    part = TablePart(values, kinds, [f"#{row}" for row in range(30)])
    scaling = Scaling.measured(values, "standard")
    data = TableData("rows", ("a", "b", "c", "d"), ("x", "y", "z"), part, part, part, scaling, "rows")
    return case(seed, data, Cluster, NETWORKS["kmeans"], task_options={"clusters": 3, "method": "mini-batch"})
