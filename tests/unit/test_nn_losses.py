import pytest
import torch

from neocog.nn.losses import LOSSES

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, -0.3]], dtype=torch.float64)
LABELS = torch.tensor([0, 2])
SURE = torch.tensor([[50.0, -50, -50], [-50, -50, 50]], dtype=torch.float64)


@pytest.mark.parametrize("name", LOSSES)
def test_a_mean_over_items(name: str) -> None:
    loss = LOSSES[name]
    both = loss(LOGITS, LABELS)
    assert both.shape == ()
    each = [loss(LOGITS[i : i + 1], LABELS[i : i + 1]) for i in range(2)]
    torch.testing.assert_close(both, sum(each) / 2)


@pytest.mark.parametrize("name", LOSSES)
def test_nothing_to_lower_where_all_is_sure_and_right(name: str) -> None:
    assert LOSSES[name](SURE, LABELS).item() == pytest.approx(0, abs=1e-9)
    assert LOSSES[name](SURE, LABELS.flip(0)).item() > 1


@pytest.mark.parametrize("weights", [None, torch.tensor([1.0, 2.0, 5.0])])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("name", LOSSES)
def test_proportions_of_0_and_1_are_labels(name: str, smoothing: float, weights: torch.Tensor | None) -> None:
    shares = torch.nn.functional.one_hot(LABELS, 3).double()
    options = {"smoothing": smoothing, "weights": weights, "gamma": 1.5}
    torch.testing.assert_close(LOSSES[name](LOGITS, LABELS, shares, **options), LOSSES[name](LOGITS, LABELS, **options))


@pytest.mark.parametrize("name", ["cross-entropy", "binary-cross-entropy"])
def test_mixed_targets_mix_the_losses(name: str) -> None:
    # Both are linear in the target.
    loss, other = LOSSES[name], LABELS.flip(0)
    eye = torch.eye(3, dtype=torch.float64)
    mixed = 0.7 * eye[LABELS] + 0.3 * eye[other]
    torch.testing.assert_close(loss(LOGITS, LABELS, mixed), 0.7 * loss(LOGITS, LABELS) + 0.3 * loss(LOGITS, other))


@pytest.mark.parametrize("name", LOSSES)
def test_weights_move_the_mean_and_their_scale_does_not_matter(name: str) -> None:
    weights = torch.tensor([1.0, 1.0, 9.0], dtype=torch.float64)
    first, second = (LOSSES[name](LOGITS[i : i + 1], LABELS[i : i + 1]) for i in range(2))
    found = LOSSES[name](LOGITS, LABELS, weights=weights)
    torch.testing.assert_close(found, (first + 9 * second) / 10)
    torch.testing.assert_close(LOSSES[name](LOGITS, LABELS, weights=3 * weights), found)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("name", LOSSES)
def test_half_precision_is_summed_in_float32(name: str, dtype: torch.dtype) -> None:
    expected = torch.float64 if dtype == torch.float64 else torch.float32
    assert LOSSES[name](LOGITS.to(dtype), LABELS).dtype == expected


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("scale", [1.0, 1e4])
@pytest.mark.parametrize("name", LOSSES)
def test_gradients_stay_finite(name: str, scale: float, gamma: float) -> None:
    logits = (scale * LOGITS.float()).requires_grad_()
    LOSSES[name](logits, LABELS, smoothing=0.1, gamma=gamma).backward()
    assert logits.grad is not None and logits.grad.isfinite().all()
    assert logits.grad.any() or scale > 1  # far from the target, the squared error is flat
