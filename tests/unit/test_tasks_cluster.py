"""Clustering through the front doors: train, predict, evaluate, compare; images and tables."""

from pathlib import Path

import numpy as np
import pytest

from neocog.core.errors import UsageProblem
from neocog.figures.axes import Axis
from neocog.figures.plane import plane
from neocog.figures.profiles import profiles
from neocog.runs.compare import compare
from neocog.runs.predictor import Predictor
from neocog.runs.train import evaluate, train
from pages import make_photos


def shop(folder: Path, rows: int = 90) -> Path:
    """Three kinds of customers."""
    random = np.random.default_rng(1)
    kinds = np.arange(rows) % 3
    centres = np.array([[0.0, 0.0, 5.0], [9.0, 1.0, 5.0], [0.0, 9.0, -5.0]])
    values = centres[kinds] + random.normal(size=(rows, 3))
    lines = [f"{a:.3f},{b:.3f},{c:.3f},kind {k}" for (a, b, c), k in zip(values, kinds, strict=True)]
    path = folder / "shop.csv"
    path.write_text("\n".join(["milk,bread,soap,kind", *lines]))
    return path


def trained(folder: Path, network: str = "kmeans", **more: object) -> Predictor:
    options = {"label_column": "kind", **more}
    own = options.pop("settings", {})
    settings = {"task.clusters": 3, "task.refresh": 5, "plan.batch_size": 16, **own}  # type: ignore[dict-item]
    return train(
        shop(folder), network, task="cluster", budget="epochs=12", into=folder / "run", settings=settings, **options
    )


@pytest.mark.parametrize(
    "network, settings",
    [
        ("kmeans", {}),
        ("kmeans", {"task.method": "mini-batch"}),
        ("autoencoder[widths=16,code=2]", {"task.space": "codes"}),
    ],
    ids=str,
)
def test_three_kinds_of_customers_are_found(tmp_path: Path, network: str, settings: dict[str, str]) -> None:
    run = trained(tmp_path, network, settings=settings)
    scores = run.facts["test_scores"]
    assert scores["matched_accuracy"] > 0.9 and scores["silhouette"] > 0.5
    assert scores["adjusted_rand"] > 0.8 and scores["clusters_used"] == 3
    answers = run.predict(tmp_path / "shop.csv")
    assert len(answers) == 90
    assert len({each["cluster"] for each in answers[:3]}) == 3
    assert all(0 <= each["margin"] <= 1 and each["cluster"] != each["next"] for each in answers)
    again = evaluate(tmp_path / "run", tmp_path / "shop.csv", label_column="kind")
    assert again["items"] == 90 and again["scores"]["matched_accuracy"] > 0.9


def test_labels_choose_nothing(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    run = trained(tmp_path)
    blind = trained(tmp_path / "other", label_column=None, ignore_columns=("kind",))
    assert "matched_accuracy" not in blind.facts["test_scores"]
    assert blind.facts["test_scores"]["silhouette"] == pytest.approx(run.facts["test_scores"]["silhouette"], abs=0.05)


def test_images_without_labels_are_divided(tmp_path: Path) -> None:
    make_photos(tmp_path / "photos", classes=("all",), each=40)
    run = train(
        tmp_path / "photos", task="cluster", budget="epochs=3", into=tmp_path / "run", settings={"task.clusters": 2}
    )
    scores = run.facts["test_scores"]
    assert set(scores) == {"silhouette", "inertia", "clusters_used"}
    assert run.predict(tmp_path / "photos")[0]["cluster"] in (0, 1)


def test_more_clusters_than_items_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        trained(tmp_path, settings={"task.clusters": 80})
    assert caught.value.code == "option-too-many-clusters"
    assert "80 clusters cannot be made of 63 training items" in caught.value.what


def test_a_network_without_centroids_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        trained(tmp_path, "mlp")
    assert "no centroids" in caught.value.what


def test_networks_are_compared_and_drawn(tmp_path: Path) -> None:
    found = compare(
        shop(tmp_path),
        ["kmeans", "autoencoder[widths=16,code=2]"],
        task="cluster",
        budget="epochs=6",
        seeds=2,
        into=tmp_path / "comparison",
        settings={"task.clusters": 3, "plan.batch_size": 16},
        label_column="kind",
    )
    assert {arm.label for arm in found.arms} == {"kmeans", "autoencoder[widths=16,code=2]"}
    page = found.report(tmp_path / "report.html")
    text = Path(page).read_text("utf-8")
    assert "first axis" in text and "soap" in text


def test_a_profile_says_what_is_high() -> None:
    values = np.array([[1.0, 5.0], [1.0, 6.0], [9.0, 5.0], [9.5, 6.0]])
    figure = profiles("k", "t", values, np.array([0, 0, 1, 1]), ["milk", "bread"])
    assert "group 0 (2) is low in milk" in figure.alt and "group 1 (2) is high in milk" in figure.alt
    assert figure.table.rows[1] == ("1", "2", "9.25", "5.5")


def test_a_plane_counts_its_groups() -> None:
    places = np.random.default_rng(0).normal(size=(1500, 2))
    figure = plane("k", "t", places, np.arange(1500) % 9, Axis("one"), Axis("two"))
    assert [row[:2] for row in figure.table.rows][:2] == [("0", "167"), ("1", "167")]
    assert "500 of them are drawn" in figure.alt
    assert figure.svg.count("<circle") + figure.svg.count("<polygon") == 500
