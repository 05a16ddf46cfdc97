"""Random streams: named, exact anywhere, and random enough."""

import hashlib

import pytest
import torch
from scipy import stats

from neocog.core.seeds import generator, permutation, stream, uniforms

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
LARGEST_SEED = 2**63 - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def by_hand(key, item, draws):
    """The same numbers with Python's unbounded integers, cut to 64 bits."""
    start = mix((item * GOLDEN + key) & MASK)
    return [(mix((start + column * GOLDEN) & MASK) >> 40) / 2**24 for column in range(1, draws + 1)]


def evenly(numbers, cells=64):
    counts = torch.histc(numbers.double(), cells, 0, 1)
    return stats.chisquare(counts.numpy()).pvalue


def correlation(a, b):
    return float(torch.corrcoef(torch.stack([a.double(), b.double()]))[0, 1])


@pytest.mark.parametrize("key", [0, 1, 123456789, LARGEST_SEED, stream(3, "augment", 1)])
def test_uniforms_are_the_published_arithmetic(key):
    items = [0, 1, 2, 59_999, 2**31, 2**40 + 7]
    ours = uniforms(key, torch.tensor(items), 5)
    assert ours.dtype == torch.float32
    assert ours.double().tolist() == [by_hand(key, item, 5) for item in items]
    assert ours.double().tolist() != [by_hand(key ^ 1, item, 5) for item in items]


def test_splitmix64_gives_its_published_numbers():
    """Control of the reference itself: the first outputs of SplitMix64 from state 1234567 (Vigna's test vector)."""
    state, outputs = 1234567, []
    for _ in range(3):
        state = (state + GOLDEN) & MASK
        outputs.append(mix(state))
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_an_item_has_the_same_numbers_in_every_batch():
    items = torch.arange(1000)
    whole = uniforms(9, items, 6)
    order = torch.randperm(1000, generator=torch.Generator().manual_seed(0))
    assert torch.equal(uniforms(9, items[order], 6), whole[order])
    assert torch.equal(uniforms(9, items[17:18], 6), whole[17:18])
    assert torch.equal(uniforms(9, items.to(torch.int32), 3), whole[:, :3]), "more draws leave the first as they were"
    assert not torch.equal(uniforms(10, items, 6), whole)


def test_they_lie_from_0_to_just_under_1_in_steps_of_24_bits():
    numbers = uniforms(2, torch.arange(200_000), 4)
    assert numbers.min() >= 0 and numbers.max() < 1
    steps = numbers.double() * 2**24
    assert torch.equal(steps, steps.round()) and numbers.max() > 1 - 1e-4 and numbers.min() < 1e-4


@pytest.mark.parametrize("key", [0, 1, 2, stream(0, "augment", 0), stream(0, "augment", 1)])
def test_uniformity_over_items_and_over_draws(key):
    over_items = uniforms(key, torch.arange(100_000), 3)
    for column in range(3):
        assert evenly(over_items[:, column]) > 1e-4
    assert evenly(uniforms(key, torch.arange(3), 100_000).ravel()) > 1e-4
    assert evenly(over_items[:, 0] ** 1.1) < 1e-4, "control: the test sees a slight slope"


def test_uniformity_over_keys():
    keys = [stream(seed, "augment", epoch) for seed in range(40) for epoch in range(10)]
    numbers = torch.cat([uniforms(key, torch.arange(40), 2) for key in keys])
    assert evenly(numbers.ravel()) > 1e-4
    plain = torch.cat([uniforms(key, torch.arange(40), 2) for key in range(400)])
    assert evenly(plain.ravel()) > 1e-4


@pytest.mark.parametrize("power", [1, 2])
def test_neighbours_are_uncorrelated(power):
    """Items, draws and keys that lie side by side; four standard errors for 100,000 pairs."""
    items, limit = torch.arange(100_000), 4 / 100_000**0.5
    numbers = uniforms(5, items, 4) ** power
    assert abs(correlation(numbers[:-1, 0], numbers[1:, 0])) < limit
    for column in range(3):
        assert abs(correlation(numbers[:, column], numbers[:, column + 1])) < limit
        assert abs(correlation(numbers[:-1, column + 1], numbers[1:, column])) < limit, "no diagonal copies"
    assert abs(correlation(numbers[:, 0], uniforms(6, items, 1)[:, 0] ** power)) < limit
    following = uniforms(stream(0, "augment", 1), items, 1)[:, 0] ** power
    assert abs(correlation(uniforms(stream(0, "augment", 0), items, 1)[:, 0] ** power, following)) < limit
    assert correlation(numbers[:, 0], numbers[:, 0] + 0.02 * numbers[:, 1]) > limit


def test_pairs_fill_the_square_evenly():
    numbers = uniforms(11, torch.arange(200_000), 2)
    cells = (numbers * 16).long()
    counts = torch.bincount(cells[:, 0] * 16 + cells[:, 1], minlength=256)
    assert stats.chisquare(counts.numpy()).pvalue > 1e-4
    neighbours = cells[:-1, 0] * 16 + cells[1:, 0]
    assert stats.chisquare(torch.bincount(neighbours, minlength=256).numpy()).pvalue > 1e-4


def test_no_two_items_share_their_numbers():
    numbers = uniforms(0, torch.arange(100_000), 3)
    assert len(numbers.unique(dim=0)) == 100_000


def test_a_stream_is_named_by_its_seed_and_words():
    text = hashlib.blake2b(b"3/order/2", digest_size=8).digest()
    assert stream(3, "order", 2) == int.from_bytes(text, "big") >> 1
    names = {stream(seed, word, epoch) for seed in range(20) for word in ("order", "augment") for epoch in range(20)}
    assert len(names) == 800 and max(names) <= LARGEST_SEED and min(names) >= 0


def test_hashes_of_this_process_play_no_part():
    """Python's own hash of a text differs from process to process; these numbers were written down in another one."""
    assert stream(7, "x") == 8_991_541_814_357_695_911
    assert stream(7, "x") != stream(7, "y")


def test_permutations_are_complete_repeatable_and_apart():
    order = permutation(500, 3, "order", 1)
    assert torch.equal(order.sort().values, torch.arange(500))
    torch.rand(3)
    assert torch.equal(order, permutation(500, 3, "order", 1))
    assert not torch.equal(order, permutation(500, 3, "order", 2))
    assert not torch.equal(order, permutation(500, 4, "order", 1))


def test_a_generator_leaves_the_global_one_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    torch.rand(4, generator=generator(1, "a"))
    permutation(9, 1, "b")
    uniforms(1, torch.arange(3), 2)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.gpu
def test_a_gpu_gives_the_very_same_numbers():
    items = torch.arange(10_000)
    assert torch.equal(uniforms(5, items.cuda(), 7).cpu(), uniforms(5, items, 7))
