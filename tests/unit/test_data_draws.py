"""Draws beside images: pure functions of seed, pass and row."""

import numpy as np
import pytest
import torch
from scipy import stats

from neocog.core.seeds import stream, uniforms
from neocog.data.draws import DrawSource, normal
from neocog.data.image_source import ImageSource
from neocog.data.images import ImagePart
from neocog.data.preparation import Preparation


def source(batch: int, shares: tuple[float, ...] = (0.5, 0.3, 0.2), items: int = 20) -> DrawSource:
    pixels = np.random.default_rng(0).integers(0, 255, (items, 8, 8, 1), dtype=np.uint8)
    part = ImagePart(pixels, np.arange(items) % 3, [str(row) for row in range(items)])
    images = ImageSource(part, Preparation.measured(pixels), batch_size=batch, shuffle=False)
    return DrawSource(images, 6, shares, "judge")


def test_the_same_pass_draws_the_same_and_another_draws_others() -> None:
    made = source(5)
    first, again, later, other = (
        torch.cat([batch.noise for batch in made.batches(*which)]) for which in ((0, 1), (0, 1), (1, 1), (0, 2))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, later) and not torch.equal(first, other)
    assert made.size == 4


def test_a_draw_does_not_depend_on_its_batch_and_the_judge_goes_along() -> None:
    small, (large,) = list(source(5).batches(0, 0)), source(20).batches(0, 0)
    assert torch.equal(torch.cat([batch.noise for batch in small]), large.noise)
    assert torch.equal(torch.cat([batch.asked for batch in small]), large.asked)
    one = large.select(torch.tensor([7]))
    assert one.judge == "judge" and one.size == 1
    assert torch.equal(one.noise[0], large.noise[7])


def test_classes_are_asked_for_by_their_shares() -> None:
    (batch,) = source(20_000, items=20_000).batches(0, 0)
    shares = np.bincount(batch.asked.numpy(), minlength=3) / batch.size
    assert shares == pytest.approx([0.5, 0.3, 0.2], abs=0.015)
    (alone,) = source(20, (1.0,)).batches(0, 0)
    assert not alone.asked.any()


def test_noise_is_standard_normal_and_never_infinite() -> None:
    drawn = uniforms(stream(0, "x"), torch.arange(5000), 4)
    noise = normal(drawn).numpy().ravel()
    assert stats.kstest(noise, "norm").pvalue > 0.01
    assert stats.kstest(noise * 1.1, "norm").pvalue < 0.001
    ends = normal(torch.tensor([[0.0, 1 - 2.0**-24]]))
    assert torch.isfinite(ends).all() and float(ends.sum()) == pytest.approx(0, abs=1e-6)


def test_truncated_noise_is_normal_within_its_bounds() -> None:
    noise = normal(uniforms(stream(0, "x"), torch.arange(5000), 4), within=0.7).numpy().ravel()
    assert abs(noise).max() <= 0.7
    assert stats.kstest(noise, stats.truncnorm(-0.7, 0.7).cdf).pvalue > 0.01
