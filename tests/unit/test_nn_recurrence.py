import pytest
import torch

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Series, Steps, Tokens, Vector
from neocog.measures.cost import macs
from neocog.networks.recurrent import Recurrent
from neocog.nn.recurrence import CELLS, Recurrence
from neocog.nn.sampling import sample


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_a_carried_state_makes_windows_one_sequence(cell: str, layers: int) -> None:
    torch.manual_seed(1)
    body = Recurrence(3, 5, layers=layers, cell=cell)
    x = torch.randn(4, 12, 3)
    whole, end = body(x)
    first, state = body(x[:, :7])
    second, last = body(x[:, 7:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(last, end)
    assert state.shape == (body.states, 4, 5)
    forgotten, _ = body(x[:, 7:])
    assert not torch.allclose(forgotten, second)


def test_an_lstm_is_its_equations() -> None:
    torch.manual_seed(2)
    body = Recurrence(3, 4, cell="lstm").double()
    x = torch.randn(2, 6, 3, dtype=torch.float64)
    w, u, b, c = (p.detach() for p in body.steps.parameters())
    hidden, cells = torch.zeros(2, 4, dtype=torch.float64), torch.zeros(2, 4, dtype=torch.float64)
    for step in range(6):
        i, f, g, o = (x[:, step] @ w.T + hidden @ u.T + b + c).chunk(4, 1)
        cells = torch.sigmoid(f) * cells + torch.sigmoid(i) * torch.tanh(g)
        hidden = torch.sigmoid(o) * torch.tanh(cells)
    outputs, state = body(x)
    torch.testing.assert_close(outputs[:, -1], hidden)
    torch.testing.assert_close(state, torch.stack([hidden, cells]))


def test_forget_gates_begin_open_and_steps_orthogonal() -> None:
    body = Recurrence(3, 4, cell="lstm")
    weights = dict(body.steps.named_parameters())
    assert (weights["bias_ih_l0"] + weights["bias_hh_l0"])[4:8].eq(1).all()
    torch.testing.assert_close(weights["weight_hh_l0"][:4] @ weights["weight_hh_l0"][:4].T, torch.eye(4))


def test_multiply_adds_are_those_of_the_equations() -> None:
    network = Recurrent(Tokens(11, 6), Steps(6, 11), width=5, embedding=3, layers=2, cell="gru")
    assert macs(network, network.takes) == 6 * 3 * 5 * (3 + 5 + 5 + 5) + 6 * 5 * 11


def test_it_reads_tokens_and_series_and_gives_steps_or_a_vector() -> None:
    tokens = torch.randint(0, 11, (2, 6))
    assert Recurrent(Tokens(11, 6), Steps(6, 11), width=5)(tokens).shape == (2, 6, 11)
    assert Recurrent(Tokens(11, 6), Vector(3), width=5)(tokens).shape == (2, 3)
    assert Recurrent(Series(6, 4), Vector(3), width=5)(torch.randn(2, 6, 4)).shape == (2, 3)
    with pytest.raises(UsageProblem, match="no feature maps"):
        Recurrent(Series(6, 4), Vector(3), width=5).features(torch.randn(2, 6, 4))


def test_other_shapes_are_refused_by_name() -> None:
    with pytest.raises((UsageProblem, TypeError)):
        Recurrent(Image(1, 8, 8), Vector(3))  # type: ignore[arg-type]


def test_draws_follow_the_probabilities() -> None:
    logits = torch.tensor([0.1, 0.5, 0.4]).log()
    random = torch.Generator().manual_seed(4)
    drawn = torch.stack([sample(logits, temperature=1.0, top_k=0, generator=random) for _ in range(4000)])
    shares = torch.bincount(drawn, minlength=3) / 4000
    torch.testing.assert_close(shares, torch.tensor([0.1, 0.5, 0.4]), atol=0.03, rtol=0)


def test_temperature_and_top_k_narrow_the_choice() -> None:
    logits = torch.tensor([0.0, 2.0, 1.0, -torch.inf])
    random = torch.Generator().manual_seed(4)

    def seen(temperature: float, top_k: int) -> set[int]:
        drawn = (sample(logits, temperature=temperature, top_k=top_k, generator=random) for _ in range(300))
        return {int(each) for each in drawn}

    assert seen(0.0, 0) == {1}
    assert seen(1.0, 1) == {1}
    assert seen(5.0, 2) == {1, 2}
    assert seen(5.0, 0) == {0, 1, 2}
    assert seen(0.05, 0) == {1}
