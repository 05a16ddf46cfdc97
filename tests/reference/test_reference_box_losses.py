"""Focal loss, generalised IoU and suppression beside torchvision's."""

import torch
from torchvision.ops import batched_nms, generalized_box_iou, sigmoid_focal_loss

from neocog.nn.box_losses import generalised_iou, sigmoid_focal
from neocog.nn.suppression import surest


def boxes(count: int, seed: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    start = torch.rand(count, 2, generator=random) * 40
    return torch.cat([start, start + 1 + torch.rand(count, 2, generator=random) * 20], dim=1)


def test_focal_loss() -> None:
    random = torch.Generator().manual_seed(0)
    logits = 4 * torch.randn(50, 7, generator=random)
    targets = (torch.rand(50, 7, generator=random) < 0.2).float()
    for alpha, gamma in ((0.25, 2.0), (0.5, 0.0), (0.9, 1.5)):
        expected = sigmoid_focal_loss(logits, targets, alpha=alpha, gamma=gamma)
        torch.testing.assert_close(sigmoid_focal(logits, targets, alpha=alpha, gamma=gamma), expected)


def test_generalised_iou() -> None:
    a, b = boxes(60, 1), boxes(60, 2)
    torch.testing.assert_close(generalised_iou(a, b), generalized_box_iou(a, b).diagonal())
    torch.testing.assert_close(generalised_iou(a, a), torch.ones(60))


def test_generalised_iou_has_gradients_where_boxes_do_not_meet() -> None:
    a = torch.tensor([[0.0, 0, 1, 1]], requires_grad=True)
    generalised_iou(a, torch.tensor([[5.0, 5, 6, 6]])).sum().backward()
    assert a.grad is not None and a.grad.abs().sum() > 0


def test_suppression() -> None:
    random = torch.Generator().manual_seed(3)
    for seed in range(20):
        some = boxes(80, seed)
        scores, labels = torch.rand(80, generator=random), torch.randint(0, 3, (80,), generator=random)
        expected = batched_nms(some, scores, labels, 0.4)
        assert surest(some, scores, labels, overlap=0.4, most=1000).tolist() == expected.tolist()
        assert surest(some, scores, labels, overlap=0.4, most=5).tolist() == expected[:5].tolist()


def test_suppression_of_nothing() -> None:
    none = torch.zeros(0, 4)
    assert surest(none, torch.zeros(0), torch.zeros(0, dtype=torch.long), overlap=0.5, most=5).tolist() == []
