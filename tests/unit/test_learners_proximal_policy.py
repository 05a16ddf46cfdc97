import pytest
import torch

from neocog.learners.advantages import generalised_advantages
from neocog.learners.proximal_policy import clipped_objective


def advantages(ended: list[bool], cut: list[bool], *, trace: float = 0.5, discount: float = 0.9) -> list[float]:
    return generalised_advantages(
        torch.tensor([[1.0, 2.0, 3.0]]),
        torch.tensor([[10.0, 20.0, 30.0]]),
        torch.tensor([[20.0, 30.0, 40.0]]),
        torch.tensor([ended]),
        torch.tensor([cut]),
        discount=discount,
        trace=trace,
    )[0].tolist()


def test_advantages_are_worked_by_hand() -> None:
    errors = [1 + 18 - 10, 2 + 27 - 20, 3 + 36 - 30]
    last = errors[2]
    middle = errors[1] + 0.45 * last
    expected = [errors[0] + 0.45 * middle, middle, last]
    assert advantages([False] * 3, [False] * 3) == pytest.approx(expected)


def test_an_end_has_no_future_and_a_cut_has_one_that_is_not_seen() -> None:
    ended = advantages([False, True, False], [False] * 3)
    assert ended[1] == pytest.approx(2 - 20)
    assert ended[0] == pytest.approx(9 + 0.45 * (2 - 20))
    cut = advantages([False] * 3, [False, True, False])
    assert cut[1] == pytest.approx(2 + 27 - 20)


def test_with_full_trace_it_is_the_return_less_the_value() -> None:
    found = advantages([False, False, True], [False] * 3, trace=1.0, discount=1.0)
    assert found == pytest.approx([6 - 10, 5 - 20, 3 - 30])


def test_the_gradient_stops_beyond_the_clip_and_only_where_it_would_go_on() -> None:
    logs = torch.tensor([0.5, -0.5, 0.5, -0.5, 0.0], requires_grad=True)
    lowered, clipped = clipped_objective(logs, torch.tensor([1.0, 1.0, -1.0, -1.0, 1.0]), 0.2)
    lowered.backward()
    assert logs.grad is not None
    assert [bool(each) for each in logs.grad != 0] == [False, True, True, False, True]
    assert clipped.item() == pytest.approx(0.8)
