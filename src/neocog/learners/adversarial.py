"""Adversarial: a generator and a discriminator, each with an optimizer of its own, move against each other."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from neocog.data.draws import DrawBatch
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner, Stateful
from neocog.learners.one_loss import OptimizerState
from neocog.networks.gan import AbstractGAN

Scores = Float[Tensor, "n"]


class Sides(NamedTuple):
    """What each side lowers: ``discriminator(real, drawn)`` and ``generator(drawn)``, of the discriminator's scores."""

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]


def hinge(real: Scores, drawn: Scores) -> Float[Tensor, ""]:
    """Scores of real images below 1 and of drawn ones above -1.

    Source: Lim and Ye 2017, arXiv:1705.02894; Miyato et al. 2018, arXiv:1802.05957, equation 16.
    """
    return F.relu(1 - real).mean() + F.relu(1 + drawn).mean()


def hinge_generator(drawn: Scores) -> Float[Tensor, ""]:
    """The less real, the worse, without end: equation 17 of Miyato et al. 2018."""
    return -drawn.mean()


def logistic(real: Scores, drawn: Scores) -> Float[Tensor, ""]:
    """The log-loss of telling real from drawn; equation 1 of Goodfellow et al. 2014, arXiv:1406.2661."""
    return F.softplus(-real).mean() + F.softplus(drawn).mean()


def non_saturating(drawn: Scores) -> Float[Tensor, ""]:
    """Minus the logarithm of the probability of being taken for real: section 3 of Goodfellow et al. 2014."""
    return F.softplus(-drawn).mean()


GAMES: dict[str, Sides] = {
    "non-saturating": Sides(logistic, non_saturating),
    "hinge": Sides(hinge, hinge_generator),
}


@dataclass(frozen=True)
class Rules:
    """How the two sides play.

    Args:
        game: a name of ``GAMES``.
        penalty: weight of R1, half the squared slope of the discriminator's score at real images.
        penalty_every: steps from one R1 to the next, which weighs as many times more; 1 is every step.
        average: share of the generator's old average that stays, per step.
        rate: the discriminator's learning rate, in units of the generator's.
        betas: of Adam, where that is the optimizer: usual GANs want the first lower than elsewhere.
    """

    game: str = "non-saturating"
    penalty: float = 1.0
    penalty_every: int = 16
    average: float = 0.999
    rate: float = 1.0
    betas: tuple[float, float] = (0.5, 0.99)


class Adversarial(AbstractLearner[DrawBatch]):
    """One update of the discriminator, then one of the generator on the same draws.

    ``network`` is a copy whose generator is the exponential moving average (EMA) of the trained one, running
    statistics included; its discriminator is the trained one. The average starts up as in ``Averaged``.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, algorithm 1 with k = 1; Mescheder et al. 2018, arXiv:1801.04406,
    equation 9, for R1; Karras et al. 2020, arXiv:1912.04958, section 3.1, for making it every few steps; Yazici et
    al. 2019, arXiv:1806.04498, for the average. We differ: both sides see the same draws, so that an image is drawn
    once a step.

    Args:
        network: both sides; their parameters are moved.
        descent: optimizer, rate, schedule and clipping of each.
        rules: the game.
    """

    def __init__(self, network: AbstractGAN, descent: Descent, rules: Rules) -> None:
        self._live = network
        self._sides = GAMES[rules.game]
        self._rules = rules
        self._descent = descent
        self._discriminator = nn.ModuleList([network.body, network.head])
        self._optimizers = {
            "generator": self._optimizer(network.generator),
            "discriminator": self._optimizer(self._discriminator),
        }
        self._counter = _Counter()
        self._average = copy.deepcopy(network).requires_grad_(False)
        self._average.body, self._average.head = network.body, network.head
        self.network: nn.Module = self._average

    def step(self, batch: DrawBatch, progress: float) -> Mapping[str, Tensor]:
        """One update of each; gives "loss" (the generator's), "discriminator", "penalty" and "told_apart"."""
        if not self._live.training:
            self._live.train()
        count = self._counter.advance()
        self._set_rates(progress)
        drawn = self._live.generate(batch.noise, batch.asked)
        numbers = self._move_discriminator(batch, drawn.detach(), count)
        loss = self._sides.generator(self._scores(drawn, batch.asked))
        self._move("generator", loss, self._live.generator)
        self._average_in(count)
        return {"loss": loss.detach(), **numbers}

    def parts(self) -> Mapping[str, Stateful]:
        """Both sides, both optimizers, the average and the counter; noise comes with the batches."""
        optimizers = {f"{side}_optimizer": OptimizerState(each) for side, each in self._optimizers.items()}
        average = self._average.generator
        return {"network": self._live, **optimizers, "average": average, "counter": self._counter}

    def _move_discriminator(self, batch: DrawBatch, drawn: Tensor, count: int) -> dict[str, Tensor]:
        both = self._scores(torch.cat([batch.images, drawn]), torch.cat([batch.labels, batch.asked]))
        real, fake = both.split([batch.size, batch.size])
        loss = self._sides.discriminator(real, fake)
        penalty = self._penalty(batch) if self._penalises(count) else torch.zeros_like(loss)
        self._move("discriminator", loss + penalty, self._discriminator)
        with torch.no_grad():
            told = ((real > 0).float().mean() + (fake < 0).float().mean()) / 2
        return {"discriminator": loss.detach(), "penalty": penalty.detach(), "told_apart": told}

    def _penalises(self, count: int) -> bool:
        return self._rules.penalty > 0 and (count - 1) % self._rules.penalty_every == 0

    def _penalty(self, batch: DrawBatch) -> Tensor:
        images = batch.images.detach().requires_grad_(True)
        scores = self._of_label(self._live.forward(images), batch.labels)  # what is compiled has one derivative
        (slopes,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
        squared = slopes.float().square().sum((1, 2, 3)).mean()
        return self._rules.penalty_every * self._rules.penalty / 2 * squared

    def _scores(self, images: Float[Tensor, "n c h w"], labels: Int[Tensor, "n"]) -> Scores:
        return self._of_label(self._live(images), labels)

    @staticmethod
    def _of_label(scores: Float[Tensor, "n k"], labels: Int[Tensor, "n"]) -> Scores:
        scores = scores.float()
        return scores[:, 0] if scores.shape[1] == 1 else scores.gather(1, labels[:, None])[:, 0]

    def _move(self, side: str, loss: Tensor, module: nn.Module) -> None:
        # only this side's gradients are computed
        moved = [parameter for parameter in module.parameters() if parameter.requires_grad]
        if not moved:
            return
        optimizer = self._optimizers[side]
        optimizer.zero_grad(set_to_none=True)
        loss.backward(inputs=moved)
        self._descent.clip_gradients(module)
        optimizer.step()

    def _optimizer(self, module: nn.Module) -> torch.optim.Optimizer:
        optimizer = self._descent.optimizer_for(module)
        for group in optimizer.param_groups:
            if "betas" in group:
                group["betas"] = self._rules.betas
        return optimizer

    def _set_rates(self, progress: float) -> None:
        for side, optimizer in self._optimizers.items():
            rate = self._descent.set_rate(optimizer, progress)
            for group in optimizer.param_groups if side == "discriminator" else ():
                group["lr"] = rate * self._rules.rate

    def _average_in(self, count: int) -> None:
        share = 1.0 - min(self._rules.average, (1 + count) / (10 + count))
        mean, now = self._average.generator.state_dict(), self._live.generator.state_dict()
        with torch.no_grad():
            for name, value in now.items():
                if value.is_floating_point():
                    mean[name].lerp_(value, share)
                else:
                    mean[name].copy_(value)


class _Counter:
    """Counts steps."""

    def __init__(self) -> None:
        self.count = 0

    def advance(self) -> int:
        self.count += 1
        return self.count

    def state_dict(self) -> dict[str, Any]:
        return {"count": self.count}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.count = state_dict["count"]
