"""ImageClassifier among scikit-learn's tools."""

import os
import pickle
import sys
from subprocess import run
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from neocog import ImageClassifier, UsageProblem
from neocog.core.errors import DataProblem, TrainingProblem
from neocog.data.split import Split, split_rows
from neocog.fit.history import Outcome

IN_A_PROCESS_OF_ITS_OWN = "check_array_api_input"  # it needs SCIPY_ARRAY_API=1 before scipy is imported
CHECKS = [check for _, check in estimator_checks_generator(ImageClassifier(random_state=0))]
SMALL = "mlp[widths=16]"


def name_of(check: Any) -> str:
    return str(getattr(check, "func", check).__name__)


def tiny(items: int = 40, side: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Bright upper or lower halves in noise, n x side x side, uint8, with words for labels."""
    random = np.random.default_rng(seed)
    X = random.integers(0, 80, (items, side, side), dtype=np.uint8)
    upper = np.arange(items) % 2 == 0
    X[upper, : side // 2] += 150
    X[~upper, side // 2 :] += 150
    return X, np.where(upper, "upper", "lower")


@pytest.mark.parametrize("check", [c for c in CHECKS if name_of(c) != IN_A_PROCESS_OF_ITS_OWN], ids=name_of)
def test_scikit_learn_s_own_checks_without_an_exception(check: Any) -> None:
    check(ImageClassifier(random_state=0))


def test_scikit_learn_s_check_of_array_namespaces() -> None:
    code = (
        "from sklearn.utils.estimator_checks import estimator_checks_generator as checks\n"
        "from neocog import ImageClassifier\n"
        "model = ImageClassifier(random_state=0)\n"
        f"[each(model) for _, each in checks(model) if each.func.__name__ == '{IN_A_PROCESS_OF_ITS_OWN}']"
    )
    done = run([sys.executable, "-c", code], env=os.environ | {"SCIPY_ARRAY_API": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_digits_better_than_a_linear_model() -> None:
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=500, stratify=y, random_state=0)
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(X_train, y_train)
    model = ImageClassifier("mlp", image_shape=(8, 8), settings={"descent.rate": 3e-3}, random_state=0)
    accuracy = model.fit(X_train, y_train).score(X_test, y_test)
    assert accuracy > max(0.97, linear.score(X_test, y_test))
    assert accuracy == (model.predict(X_test) == y_test).mean()


def test_pipeline_cross_validation_and_grid_search() -> None:
    X, y = tiny()
    flat = X.reshape(len(X), -1).astype(float)
    pipeline = make_pipeline(MinMaxScaler(), ImageClassifier(SMALL, image_shape=(6, 6), random_state=0))
    assert cross_val_score(pipeline, flat, y, cv=3).mean() == 1.0
    grid = {"network": ["linear", SMALL], "settings": [None, {"descent.rate": 1e-9}]}
    search = GridSearchCV(ImageClassifier(budget="steps=40", random_state=0), grid, cv=2).fit(X, y)
    assert search.best_score_ == 1.0
    assert search.best_params_["settings"] is None
    assert search.predict(X).tolist() == y.tolist()


def test_a_grid_search_of_networks_with_a_setting_that_one_lacks_says_so() -> None:
    X, y = tiny()
    with pytest.raises(UsageProblem, match="linear has no option `widths`"):
        ImageClassifier("linear", settings={"network.widths": "8"}).fit(X, y)


def test_images_and_rows_are_the_same_to_it() -> None:
    X, y = tiny()
    images = ImageClassifier(budget="steps=20", random_state=1).fit(X, y)
    planes = ImageClassifier(budget="steps=20", random_state=1).fit(X[..., None], y)
    rows = ImageClassifier(budget="steps=20", random_state=1, image_shape=(6, 6)).fit(X.reshape(len(X), -1), y)
    listed = ImageClassifier(budget="steps=20", random_state=1, image_shape=[6, 6, 1]).fit(X.reshape(len(X), -1), y)
    expected = images.predict_proba(X)
    assert images.image_shape_ == (6, 6, 1)
    for model, given in ((planes, X[..., None]), (rows, X.reshape(len(X), -1)), (listed, X.reshape(len(X), -1))):
        assert np.array_equal(model.predict_proba(given), expected)
        assert str(model.experiment_.network).startswith("simple-cnn")
    assert np.array_equal(images.predict_proba(X[..., None]), expected)


def test_images_of_three_channels() -> None:
    X, y = tiny()
    colour = np.stack([X, np.zeros_like(X), 255 - X], axis=3)
    model = ImageClassifier(random_state=0, budget="steps=40", augment="default").fit(colour, y)
    assert model.image_shape_ == (6, 6, 3)
    assert model.score(colour, y) == 1.0
    rows = ImageClassifier(random_state=0, budget="steps=40", augment="default", image_shape=(6, 6, 3))
    flat = colour.reshape(len(X), -1)
    assert np.array_equal(rows.fit(flat, y).predict_proba(flat), model.predict_proba(colour))


def test_which_network_is_taken_where_none_is_named() -> None:
    X, y = tiny()
    short = ImageClassifier(budget="steps=1")
    assert short.fit(X, y).experiment_.network.name == "simple-cnn"
    assert short.fit(X.reshape(len(X), -1), y).experiment_.network.name == "mlp"
    assert short.fit(X[:, :3], y).experiment_.network.name == "mlp"


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_unsigned_whole_numbers_are_pixels(kind: type) -> None:
    X, y = tiny()
    model = ImageClassifier(SMALL, budget="steps=2").fit(X.astype(kind), y)
    assert model.experiment_.plan.steps == 2
    assert model._range.pixels(X.astype(kind), (6, 6, 1)).dtype == kind
    assert model._preparation.top == np.iinfo(kind).max


def test_other_numbers_go_from_the_training_range_to_16_bits_and_are_clipped() -> None:
    X = np.array([[-1.0, 0.0, 3.0], [0.0, 1.0, -1.0]])
    model = ImageClassifier(SMALL, budget="steps=1").fit(X, [0, 1])
    pixels = model._range.pixels(np.array([[-9.0, 1.0, 9.0]]), (1, 3, 1))
    assert pixels.dtype == np.uint16
    assert pixels.ravel().tolist() == [0, 32768, 65535]
    assert np.array_equal(model.predict_proba([[-9.0, 1.0, 9.0]]), model.predict_proba([[-1.0, 1.0, 3.0]]))


def test_the_widest_range_of_floats() -> None:
    X = np.array([[-1.5e308, 0.0], [0.0, 1.5e308]])
    model = ImageClassifier(SMALL, random_state=0).fit(X, [0, 1])
    assert model._range.pixels(X, (1, 2, 1)).ravel().tolist() == [0, 32768, 32768, 65535]


def test_fitted_on_bytes_and_asked_with_floats() -> None:
    X, y = tiny()
    model = ImageClassifier(budget="steps=20", random_state=0).fit(X, y)
    assert np.array_equal(model.predict_proba(X.astype(float)), model.predict_proba(X))


def test_with_enough_rows_a_tenth_chooses_the_checkpoint() -> None:
    X, y = tiny(200)
    many = ImageClassifier(SMALL, random_state=0, settings={"plan.evaluations": 5}).fit(X, y)
    assert len([row for row in many.history_.rows if row.scores]) == 5
    assert many.experiment_.plan.steps == 20 * (180 // 16)
    few = ImageClassifier(SMALL, random_state=0).fit(X[:199], y[:199])
    assert not any(row.scores for row in few.history_.rows)
    assert few.history_.outcome is Outcome.DONE


def test_the_best_weights_are_kept_not_the_last() -> None:
    """A rate so high that the score falls again: what is kept has the best score that was seen."""
    X, y = load_digits(return_X_y=True)
    settings = {"descent.optimizer": "sgd", "descent.rate": 0.8, "descent.schedule": "constant"}
    model = ImageClassifier(SMALL, image_shape=(8, 8), settings=settings, random_state=0).fit(X[:400], y[:400])
    scores = [row.scores["accuracy"] for row in model.history_.rows if row.scores]
    assert scores[-1] < max(scores)
    _, val, _ = split_rows(y[:400], None, Split(val=0.1, test=0.0))
    assert model.score(X[val], y[val]) == pytest.approx(max(scores))


def test_patience_ends_the_training() -> None:
    X, y = tiny(200)
    model = ImageClassifier(SMALL, random_state=0, budget="steps=400", settings={"plan.patience": 3}).fit(X, y)
    assert model.history_.outcome is Outcome.STOPPED_EARLY
    assert model.history_.rows[-1].step < 400


def test_random_state_decides_and_nothing_global_moves() -> None:
    X, y = tiny()
    flat = X.reshape(len(X), -1)

    def said(state: Any) -> np.ndarray:
        return ImageClassifier(SMALL, budget="steps=5", random_state=state).fit(flat, y).predict_proba(flat)

    before = np.random.get_state()[1].copy(), torch.get_rng_state(), torch.get_num_threads()  # noqa: NPY002
    first = said(3)
    said(None)
    assert np.array_equal(before[0], np.random.get_state()[1])  # noqa: NPY002
    assert torch.equal(before[1], torch.get_rng_state())
    assert torch.get_num_threads() == before[2]
    assert not torch.are_deterministic_algorithms_enabled()
    assert np.array_equal(first, said(3))
    assert np.array_equal(first, said(np.int64(3)))
    assert not np.array_equal(first, said(4))
    assert not np.array_equal(said(None), said(None))
    twice = np.random.RandomState(0), np.random.RandomState(0)
    assert np.array_equal(said(twice[0]), said(twice[1]))


def test_it_pickles_and_clones() -> None:
    X, y = tiny()
    model = ImageClassifier(budget="steps=5", random_state=0, settings={"plan.average": 0.5}).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    assert not hasattr(clone(model), "classes_")
    assert clone(model).get_params() == model.get_params()


@pytest.mark.gpu
def test_trained_on_a_gpu_it_is_pickled_for_any_machine() -> None:
    X, y = tiny()
    model = ImageClassifier(budget="steps=40", random_state=0, device="cuda").fit(X, y)
    assert next(model.network_.parameters()).device.type == "cuda"
    again = pickle.loads(pickle.dumps(model))
    assert next(again.network_.parameters()).device.type == "cpu"
    assert next(model.network_.parameters()).device.type == "cuda"
    np.testing.assert_allclose(again.predict_proba(X), model.predict_proba(X), atol=1e-3)


@pytest.mark.parametrize("image_shape", [(6, 7), (6, 6, 2), (6,), (6, 6, 1, 1), (-6, -6), (6.0, 6.0), ()])
def test_a_shape_that_does_not_fit_is_refused(image_shape: Any) -> None:
    X, y = tiny()
    with pytest.raises(UsageProblem) as caught:
        ImageClassifier(image_shape=image_shape).fit(X.reshape(len(X), -1), y)
    assert isinstance(caught.value, ValueError)
    assert caught.value.code == "image-shape"
    with pytest.raises(UsageProblem, match="image_shape"):
        ImageClassifier(image_shape=image_shape).fit(X, y)


def test_other_images_in_prediction_are_refused() -> None:
    X, y = tiny()
    model = ImageClassifier(SMALL, budget="steps=1").fit(X, y)
    with pytest.raises(UsageProblem, match="6 x 5 x 1"):
        model.predict(X[:, :, :5])
    with pytest.raises(ValueError, match="5 features"):
        model.predict(X[:, :5])
    with pytest.raises(UsageProblem, match="5 axes"):
        ImageClassifier().fit(X[:, :, :, None, None], y)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(bad: float) -> None:
    X, y = tiny()
    planted = X.astype(float)
    planted[3, 2, 1] = bad
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        ImageClassifier(SMALL).fit(planted, y)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        ImageClassifier(SMALL, budget="steps=1").fit(X, y).predict(planted)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"network": "simple-cn"}, "name-unknown"),
        ({"network": "resnet[depht=8]"}, "option-unknown"),
        ({"budget": "epochs=0"}, "budget-zero"),
        ({"budget": "fast"}, "budget-malformed"),
        ({"budget": "30s"}, "budget-timed"),
        ({"device": "tpu"}, "option-value"),
        ({"augment": "twirl=1"}, "option-unknown"),
        ({"settings": {"descent.rat": 1}}, "option-unknown"),
        ({"settings": {"descnt.rate": 1}}, "setting-unknown"),
        ({"random_state": -1}, "option-value"),
        ({"network": "lenet5", "settings": {"network.variant": "1997"}}, "option-value"),
    ],
)
def test_a_bad_option_is_refused_when_it_is_fitted(options: dict[str, Any], code: str) -> None:
    X, y = tiny()
    with pytest.raises(UsageProblem) as caught:
        ImageClassifier(**options).fit(X, y)
    assert caught.value.code == code


def test_one_class_no_fit_and_a_loss_that_is_no_number() -> None:
    X, y = tiny()
    with pytest.raises(DataProblem, match="1 class"):
        ImageClassifier(SMALL).fit(X, ["upper"] * len(X))
    with pytest.raises(NotFittedError):
        ImageClassifier(SMALL).predict(X)
    with pytest.raises(TrainingProblem, match="smaller"):
        settings = {"descent.rate": 1e30, "descent.optimizer": "sgd"}
        ImageClassifier(SMALL, settings=settings, random_state=0).fit(X, y)
