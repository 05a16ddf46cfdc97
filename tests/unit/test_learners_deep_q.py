import torch
from torch import nn

from neocog.data.environment_data import RolloutBatch
from neocog.fit.descent import Descent
from neocog.learners.deep_q import DeepQ, Memory, ValueOptions


def batch(*numbers: float, ended: bool = False, reward: float = 0.0) -> RolloutBatch:
    seen = torch.tensor([numbers], dtype=torch.float32)[..., None]
    count = len(numbers)
    return RolloutBatch(
        observations=seen,
        actions=torch.zeros(1, count, dtype=torch.long),
        rewards=torch.full((1, count), reward),
        nexts=seen + 1,
        ended=torch.full((1, count), ended),
        cut=torch.zeros(1, count, dtype=torch.bool),
    )


def kept(memory: Memory) -> list[float]:
    return memory.state_dict()["kept"]["observations"][:, 0].tolist()


def test_the_oldest_moves_are_forgotten_first() -> None:
    memory = Memory(5)
    memory.keep(batch(0, 1, 2))
    assert (memory.size, kept(memory)) == (3, [0, 1, 2])
    memory.keep(batch(3, 4, 5, 6))
    assert (memory.size, kept(memory)) == (5, [5, 6, 2, 3, 4])
    memory.keep(batch(7))
    assert kept(memory) == [5, 6, 7, 3, 4]
    memory.keep(batch(*range(10, 20)))
    assert sorted(kept(memory)) == [15, 16, 17, 18, 19]


def test_a_memory_comes_back_as_it_was() -> None:
    memory, other = Memory(4), Memory(4)
    memory.keep(batch(0, 1, 2, 3, 4, 5))
    other.load_state_dict(memory.state_dict())
    for each in (memory, other):
        each.keep(batch(9))
    assert kept(memory) == kept(other)


def learner(**options: float) -> DeepQ:
    torch.manual_seed(0)
    values = ValueOptions(minibatch=32, **options)  # type: ignore[arg-type]
    return DeepQ(nn.Linear(1, 2), descent=Descent(optimizer="adam", rate=0.05, schedule="constant"), options=values)


def test_the_value_of_a_last_move_is_its_reward() -> None:
    made = learner(reuse=64.0)
    for _ in range(20):
        made.step(batch(0.0, 1.0, 2.0, 3.0, ended=True, reward=0.7), 0.0)
    values = made.network(torch.tensor([[0.0], [3.0]]))[:, 0]
    torch.testing.assert_close(values, torch.full((2,), 0.7), atol=0.05, rtol=0)


def test_the_future_is_valued_by_the_network_as_it_was() -> None:
    made = learner(reuse=8.0, target=10**9)
    before = {name: value.clone() for name, value in made.parts()["target"].state_dict().items()}
    for _ in range(3):
        made.step(batch(0.0, 1.0, 2.0, 3.0), 0.0)
    after = made.parts()["target"].state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    often = learner(reuse=8.0, target=1)
    often.step(batch(0.0, 1.0, 2.0, 3.0), 0.0)
    for name, value in often.parts()["target"].state_dict().items():
        assert torch.equal(value, often.network.state_dict()[name])


def test_updates_follow_the_number_of_moves() -> None:
    made = learner(reuse=16.0)
    made.step(batch(0.0, 1.0, 2.0, 3.0), 0.0)
    assert made.parts()["memory"].state_dict()["updates"] == 2
